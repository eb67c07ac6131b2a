"""Texts and reports are fetched, kept, and only then taken from their gateway; one that is odd holds nobody up."""

import threading
from datetime import UTC, datetime

import pytest
from village import Fetched

from bot.protocol import DeliveryReport, Inbound, SendError
from bot.store.errors import Busy
from bot.worker.collecting import Collector


def text(words, number="+85512345678", name=None):
    return Inbound("village", number, words, name or f"n {words}", datetime.now(UTC))


def test_what_is_fetched_is_answered_through_the_outbox(start, becomes, states):
    village = Fetched()
    house = start(village)
    village.put(text("hello"), text("HELP", "+66812345678"))
    assert sorted(village.wait(2), key=lambda each: each.priority)[0].text == "answer to HELP"
    village.until(lambda: not village.box)
    becomes(states, {"ACCEPTED": 2})
    assert house.counts.outcomes["fetched answered"] == 2


def test_reports_are_kept(start, come, becomes, states):
    village = Fetched()
    house = start(village)
    come(house, "hello")
    (sent,) = village.wait(1)
    becomes(states, {"ACCEPTED": 1})
    village.put(DeliveryReport("village", f"{sent.id}.1", "delivered"))
    village.until(lambda: not village.box)
    becomes(states, {"DELIVERED": 1})


def test_one_that_breaks_the_talk_waits_and_the_others_do_not(start, becomes, capsys):
    village = Fetched()
    house = start(village)
    village.put(text("BREAK"), text("hello", "+85512345679"))
    village.wait(1)
    village.until(lambda: [each.text for each in village.box] == ["BREAK"])
    looks = village.looks
    village.until(lambda: village.looks > looks + 3)
    becomes(lambda: house.counts.outcomes["fetched spoilt"], 1)
    assert village.texts == ["answer to hello"]


def test_the_same_text_fetched_twice_is_one(start, becomes, states):
    class Forgetful(Fetched):
        """Forgets that it was told."""

        forgets = 2

        def taken(self, event):
            if self.forgets:
                self.forgets -= 1
                return
            super().taken(event)

    village = Forgetful()
    house = start(village)
    village.put(text("hello"))
    village.until(lambda: not village.box)
    becomes(states, {"ACCEPTED": 1})
    assert house.counts.outcomes["fetched duplicate"] == 2


def test_a_gateway_that_is_away_is_asked_again_and_health_knows(house):
    village = Fetched()
    made = house(village)
    collector = Collector(made, village, village)
    village.away = SendError("its database cannot be read", retry=True, sent="no", cause="network")
    assert not collector._round()
    assert made.pulse._fetched["village"].problem == "its database cannot be read"
    village.away = ZeroDivisionError("words of a person")
    assert not collector._round()
    assert made.pulse._fetched["village"].problem == "ZeroDivisionError", "never its words"
    village.away = None
    assert collector._round()
    assert made.pulse._fetched["village"].problem is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_could_not_be_kept_is_not_taken(house, database, monkeypatch, states):
    village = Fetched()
    made = house(village)
    collector = Collector(made, village, village)
    village.put(text("hello"))
    write = type(database).write

    def busy(*_):
        raise Busy("another process holds the database")

    monkeypatch.setattr(type(database), "write", busy)
    assert not collector._round()
    assert len(village.box) == 1
    monkeypatch.setattr(type(database), "write", write)
    assert collector._round()
    assert (village.box, states()) == ([], {"QUEUED": 1})


def test_it_stops_between_two_events(house):
    village = Fetched()
    made = house(village)
    collector = Collector(made, village, village)
    made.stopping.set()
    village.put(text("hello"))
    collector._round()
    assert len(village.box) == 1
    thread = threading.Thread(target=collector.run)
    thread.start()
    thread.join(5)
    assert not thread.is_alive()
