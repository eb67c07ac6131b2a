"""The whole way: a person joins, names a day, says yes to being asked, is asked in time, and answers."""

from datetime import UTC, datetime, timedelta

import pytest
from campaigning import CHANNEL, Office
from sqlalchemy import select
from stories.stage import words

from bot.protocol import Inbound, Response
from bot.services import inbox, series
from bot.services.service import Service
from bot.store.crypto import Vault
from bot.store.statements import Statement
from bot.store.tables import BroadcastAnswer, ContactDay

NUMBER = "+85512345678"
NOON = datetime(2026, 11, 22, 5, tzinfo=UTC)


@pytest.fixture
def office(database, clock):
    clock.time = NOON
    book, reader = words()
    made = Office(Service(database, Vault(bytes(32)), book, reader, clock, paced=False))
    series.start(made.service, "departure", "KYA12", channel=CHANNEL, by="Bopha")
    series.approve(made.service, "departure", "KYA12", "Dara")
    return made


def test_from_joining_to_the_answer(office, clock):
    def say(text):
        say.count += 1
        clock.forward(seconds=1)
        sent = Inbound("twilio", NUMBER, text, f"SM{say.count}", clock())
        received = inbox.receive(office.service, sent, lambda *_: Response(200, b""))
        return "|".join(each.text for each in received.replies)

    def day(number, hour, minute=0):
        """It is that time of November in Cambodia; what is sent in the next minutes."""
        clock.time = datetime(2026, 11, number, hour, minute, tzinfo=UTC) - timedelta(hours=7)
        series.round(office.service)
        for _ in range(12):
            office.conductor.round()
            clock.forward(seconds=15)
            if went := office.send():
                return went
        return []

    say.count = 0
    for text in ("english", "JOIN KYA12", "yes"):
        say(text)
    assert "26/11/2026" in say("DEPART 26 11")
    assert day(24, 9) == [], "nobody is invited to name a day who has named it"
    assert day(25, 9) == [NUMBER], "the eve"
    assert day(25, 10) == []
    assert "two days" in say("2")
    assert rows(office, ContactDay.kind, ContactDay.day) == [("ask_evening", "2026-11-27"), ("departure", "2026-11-26")]
    assert day(27, 9) == day(27, 16, 50) == [], "not before the evening"
    assert day(27, 17, 1) == [NUMBER]
    assert "Danger now" in say("3")
    assert rows(office, BroadcastAnswer.answer) == [("Not good",), ("Yes, in the evening",)]
    assert office.sound()
    say("STOP")
    assert rows(office, ContactDay.kind) == []
    assert day(30, 9) == []


def rows(office, *columns):
    wanted = Statement(lambda _: select(*columns))
    return sorted(office.service.database.read(lambda tx: tx.all(wanted)))
