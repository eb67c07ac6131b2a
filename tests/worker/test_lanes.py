"""Texts go out once, the most urgent first, whatever gateways and databases do."""

import threading
import time
from itertools import pairwise

import pytest
from village import PATIENCE, Asked, Village, refuses, takes

from bot.protocol import SendError, Sent
from bot.services import outbox
from bot.services.breaker import FIRST
from bot.services.budgets import Budgets
from bot.services.outbox import Wish
from bot.store.errors import Busy
from bot.worker import Worker
from bot.worker.house import House
from bot.worker.jobs import queue
from bot.worker.lanes import BATCH, Lane

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize("kind", [Village, Asked])
def test_each_text_goes_out_once(start, come, states, becomes, kind):
    village = kind(lanes=3)
    house = start(village)
    words = [f"text {n}" for n in range(40)]
    come(house, *words)
    village.wait(40)
    becomes(states, {"ACCEPTED": 40})
    assert sorted(village.texts) == sorted(f"answer to {each}" for each in words)
    becomes(lambda: house.in_flight, set())
    assert house.counts.outcomes["sent"] == 40


def test_a_text_is_sent_when_it_is_called_for_not_at_the_next_look(start, come):
    village = Village()
    house = start(village, poll=60.0)
    village_is_quiet(house)
    came = time.monotonic()
    come(house, "HELP", "hello")
    village.wait(2)
    assert time.monotonic() - came < 20


def village_is_quiet(house):
    """All lanes have looked once and wait."""
    for bells in (house.bells.urgent, house.bells.usual):
        for bell in bells.values():
            until = time.monotonic() + PATIENCE
            while not bell._condition._waiters:
                assert time.monotonic() < until
                time.sleep(0.005)


def test_a_text_nobody_called_for_is_found(start, come, service):
    village = Village()
    house = start(village)
    come(House(service, house.channels, house.counts, house.pulse, house.bells), "hello")  # another process
    village.wait(1)


def test_an_emergency_overtakes_whatever_else_is_on_its_way(start, come):
    """All lanes of a slow gateway are busy, and more waits: there is one lane that only emergencies use."""
    free = threading.Event()

    def script(text, nth):
        if text.priority:
            assert free.wait(PATIENCE)
        return takes(text, nth)

    village = Village(script=script, lanes=2, timeout=30.0)
    house = start(village)
    come(house, *(f"text {n}" for n in range(10)))
    village.wait(2)
    came = time.monotonic()
    come(house, "HELP")
    assert [text.priority for text in village.wait(3)] == [1, 1, 0]
    assert time.monotonic() - came < 20
    free.set()
    village.wait(11)


@pytest.fixture
def hurry(monkeypatch):
    """Pauses of gateways are short."""
    for cause in FIRST:
        monkeypatch.setitem(FIRST, cause, 0.2)


def test_a_gateway_without_a_line_is_left_alone_and_used_again(start, come, states, becomes, hurry):
    """The Internet of a box is gone for a while: what needs it waits, and goes in order when it is back."""
    village = Village(script=refuses("network"))
    house = start(village)
    words = [f"text {n:02}" for n in range(30)]
    come(house, *words)
    village.wait(3)
    times = [at for at, _ in village.handed]
    assert len(times) == 3
    assert all(later - earlier > 0.15 for earlier, later in pairwise(times)), "one text, after ever longer pauses"
    found = states()
    assert (found["QUEUED"] + found["POSTING"], found["QUEUED"] >= 29) == (30, True)
    tried = len(village.handed)
    village.script = takes
    becomes(states, {"ACCEPTED": 30})
    assert len(village.handed) == tried + 30
    assert village.texts[-30:] == [f"answer to {each}" for each in words]


def test_emergencies_go_another_way_at_once_and_nothing_else_does(start, come, states, becomes):
    village, twilio = Village(script=refuses("credit")), Village("twilio")
    house = start(village, twilio)
    come(house, "hello")
    village.wait(1)
    becomes(states, {"QUEUED": 1})  # refused, and with it the gateway is paused
    came = time.monotonic()
    come(house, "HELP", "HELP ME")
    assert {text.text for text in twilio.wait(2)} == {"answer to HELP", "answer to HELP ME"}
    assert time.monotonic() - came < 20
    becomes(states, {"QUEUED": 1, "ACCEPTED": 2})
    assert village.texts == ["answer to hello"]


def test_an_emergency_that_finds_its_gateway_dead_goes_the_other_way(start, come, states, becomes):
    village, twilio = Village(script=refuses("network")), Village("twilio")
    house = start(village, twilio)
    came = time.monotonic()
    come(house, "HELP")
    twilio.wait(1)
    assert time.monotonic() - came < 20
    becomes(states, {"ACCEPTED": 1})


def test_with_every_gateway_away_an_emergency_waits_for_the_first_that_is_back(start, come, hurry):
    village, twilio = Village(script=refuses("network")), Village("twilio", refuses("network"))
    house = start(village, twilio)
    come(house, "HELP")
    village.wait(1)
    twilio.wait(1)
    twilio.script = takes
    with twilio.changed:
        assert twilio.changed.wait_for(lambda: len(twilio.handed) >= 2, PATIENCE)
    tried = len(village.handed)
    assert all(text.text == "answer to HELP" for _, text in village.handed + twilio.handed)
    time.sleep(0.3)
    assert (len(village.handed), len(twilio.handed)) == (tried, 2) or len(village.handed) == tried


def test_a_rate_is_kept_by_all_lanes(start, come):
    village = Village(lanes=4, rate=20.0)
    house = start(village)
    come(house, *(f"text {n}" for n in range(50)))
    village.wait(50)
    times = sorted(at for at, _ in village.handed)
    assert all(times[n + 41] - times[n] > 0.9 for n in range(len(times) - 41))
    assert times[-1] - times[0] > 1.2


def test_a_mistake_in_a_gateways_file_ends_no_lane(start, come, states, becomes):
    def script(text, nth):
        if text.text.endswith("odd"):
            raise ZeroDivisionError("words of a person")
        return takes(text, nth)

    village = Village(script=script)
    house = start(village)
    come(house, "odd", "even")
    village.wait(2)
    becomes(states, {"UNSURE": 1, "ACCEPTED": 1})


class Flaky:
    """A database that refuses when told to: a real one, behind a door."""

    def __init__(self, database):
        self._database = database
        self.refuses = lambda: False

    def write(self, work, lock_key=None):
        if self.refuses():
            raise Busy("another process holds the database")
        return self._database.write(work, lock_key)

    def __getattr__(self, name):
        return getattr(self._database, name)


@on_sqlite
def test_what_was_sent_while_the_database_refused_is_written_down_later(database, start, come, states, becomes, capsys):
    flaky = Flaky(database)
    village = Village()
    house = start(village, database=flaky)

    def script(text, nth):
        flaky.refuses = lambda: threading.current_thread().name.startswith("village")
        return takes(text, nth)

    village.script = script
    come(house, "hello")
    village.wait(1)
    time.sleep(1.2)
    assert states() == {"POSTING": 1}
    flaky.refuses = lambda: False
    village.script = takes
    becomes(states, {"ACCEPTED": 1})
    assert len(village.handed) == 1


@on_sqlite
def test_texts_that_cannot_be_given_back_are_not_forgotten(database, house, come, states):
    """A gateway fails in the middle of a batch and the database right after: leases still end."""
    flaky = Flaky(database)
    village = Asked(script=refuses("network"))
    made = house(village, database=flaky)
    come(made, "one", "two", "three")
    lane = Lane(made, village)
    held = lane._next()
    give_back = lane._give_back

    def refusing(kept):
        flaky.refuses = lambda: True
        give_back(kept)
        flaky.refuses = lambda: False

    lane._give_back = refusing
    assert lane._deliver(held) == []
    assert states() == {"QUEUED": 1, "POSTING": 2}
    assert made.in_flight == set()


@on_sqlite
def test_a_lane_goes_on_when_the_database_does(database, start, come):
    flaky = Flaky(database)
    village = Village()
    house = start(village, database=flaky)
    come(house, "one")
    village.wait(1)
    flaky.refuses = lambda: threading.current_thread().name.startswith("village")
    come(house, "two")
    time.sleep(0.8)
    assert len(village.handed) == 1
    flaky.refuses = lambda: False
    village.wait(2)


def test_a_lane_that_slept_beyond_its_lease_posts_nothing(house, come, states):
    """What K4 does with SIGSTOP, at the worst moment: claimed, not yet posted (test_paused.py has the signal)."""
    village = Asked()
    made = house(village, lease=0.0)
    come(made, *(f"text {n}" for n in range(3)))
    lane = Lane(made, village)
    held = [each._replace(deadline=time.monotonic() + 0.5) for each in lane._next()]
    assert len(held) == 3
    assert lane._deliver(held[:2]) == []
    assert village.handed == []
    assert states() == {"QUEUED": 2, "POSTING": 1} or states() == {"QUEUED": 3}


def test_nobody_posts_what_another_process_took_over(house, come, service):
    village = Asked()
    made = house(village)
    come(made, "hello")
    (held,) = outbox.claim(made.service, 7, Wish("village", 1, False, lease=3.0))
    other = held._replace(lease=held.lease - 1)
    assert not outbox.begin(made.service, 7, other)


def test_stopping_finishes_the_text_in_hand_and_gives_the_rest_back(house, come, states, tmp_path):

    free = threading.Event()

    def script(text, nth):
        assert free.wait(PATIENCE)
        return takes(text, nth)

    village = Asked(script=script, timeout=30.0)
    made = house(village)
    come(made, *(f"text {n}" for n in range(BATCH + 2)))
    worker = Worker(made, queue("sqlite", tmp_path), alone=False)
    worker.start()
    village.wait(1)
    assert states() == {"POSTING": BATCH, "QUEUED": 2}
    threading.Timer(0.2, free.set).start()
    began = time.monotonic()
    assert worker.stop()
    assert time.monotonic() - began < 20
    assert states() == {"ACCEPTED": 1, "QUEUED": BATCH + 1}
    assert len(village.handed) == 1


def test_a_gateway_that_never_answers_does_not_keep_the_house_from_stopping(house, come, tmp_path):

    free = threading.Event()
    village = Village(script=lambda text, nth: free.wait(PATIENCE) and takes(text, nth))
    made = house(village)
    come(made, "hello")
    worker = Worker(made, queue("sqlite", tmp_path), alone=False)
    worker.start()
    village.wait(1)
    began = time.monotonic()
    assert not worker.stop(within=0.3)
    assert time.monotonic() - began < 20
    free.set()
    assert worker.stop()


def test_batches_are_as_long_as_half_a_second(house):
    lane = Lane(house(Asked()), Asked())
    assert lane._wish().most == BATCH
    lane._pace = 0.1
    assert lane._wish().most == 5
    lane._pace = 3.0
    assert lane._wish().most == 1
    assert Lane(house(Village()), Village())._wish().most == 1, "a crash leaves one text in doubt, not ten"


def test_budgets_hold_for_all_lanes_of_all_processes(database, database_url, start, come, becomes, states):
    """F4: 60 replies and 12 emergencies against 30 parts: 30 and the reserve of 6, not one more."""

    budgets = Budgets(30, None, frozenset({"KH"}))
    village = Village(lanes=3)
    first = start(village, budgets=budgets)
    if database_url.startswith("postgresql"):
        start(village, budgets=budgets, beside=True)
    come(first, *(f"text {n}" for n in range(60)))
    village.wait(30)
    come(first, *(f"HELP {n}" for n in range(12)))
    village.wait(36)
    becomes(lambda: states()["QUEUED"], 36)
    becomes(lambda: states()["POSTING"], 0)
    time.sleep(0.3)
    given = [text.priority for _, text in village.handed]
    assert (given.count(1), given.count(0)) == (30, 6)


def test_a_text_a_gateway_did_not_take_costs_nothing(start, come, hurry):

    village = Village(script=refuses("network"))
    house = start(village, budgets=Budgets(2, None, frozenset({"KH"})))
    come(house, "one", "two")
    village.wait(3)
    village.script = takes
    with village.changed:
        assert village.changed.wait_for(lambda: {"answer to one", "answer to two"} <= set(village.texts), PATIENCE)


def test_one_dead_phone_does_not_hold_up_the_others(start, come, becomes, states):
    def script(text, nth):
        if text.text.endswith("dead"):
            raise SendError("not reached", retry=True, sent="no", cause="unreachable")
        return Sent(None)

    village = Village(script=script)
    house = start(village)
    come(house, "dead", *(f"text {n}" for n in range(10)))
    becomes(states, {"QUEUED": 1, "ACCEPTED": 10})
