"""What all processes know of a gateway: pauses, one probe after trouble, and a rate that they share."""

from itertools import count

import pytest

from bot.channels import Traits
from bot.protocol import SendError, Sent
from bot.services.breaker import HOUR, Breaker
from bot.services.gateways import EMERGENCY, Gateway
from bot.store import gateways

NOW = 1_790_000_000_000
NETWORK = SendError("away", retry=True, sent="no", cause="network")
CREDIT = SendError("empty", retry=True, sent="no", cause="credit")


class Process:
    """A gateway as one process sees it, each step in a transaction of its own."""

    def __init__(self, database, **traits):
        self.database = database
        self.seconds = 0.0
        self.gateway = Gateway("kannel", Traits(**traits), Breaker(lambda: self.seconds))

    def ask(self, now, wanted=10, there=100, urgent=False):
        """The gate, with as many texts claimed through it as wait there."""

        def work(tx):
            gate = self.gateway.gate(tx, now, wanted, urgent=urgent)
            self.gateway.taken(tx, now, min(gate.room, there), gate)
            return gate

        return self.database.write(work)

    def fail(self, now, error, probed=False):
        self.seconds = now / 1000
        trouble = self.gateway.told(error)
        if trouble is not None:
            self.database.write(lambda tx: self.gateway.fails(tx, now, trouble, probed=probed))
        return trouble is not None

    def take(self, now, probed=False):
        self.gateway.told(Sent("name"))
        self.database.write(lambda tx: self.gateway.works(tx, now, probed=probed))


@pytest.fixture
def process(database):
    return lambda **traits: Process(database, **traits)


@pytest.fixture
def row(database):
    return lambda: database.read(lambda tx: gateways.get(tx, "kannel"))


def test_a_gateway_nobody_complained_of_is_open_and_costs_no_write(process, row):
    assert process().ask(NOW).room == 10
    assert row().changed_at == 0, "there is no row"


def test_a_pause_is_one_for_all_processes_and_ends(process, row):
    one, two = process(), process()
    assert one.fail(NOW, NETWORK)
    assert "network" in row().problem
    for each in (one, two):
        gate = each.ask(NOW + 1000)
        assert (gate.room, gate.paused, gate.wait) == (0, True, 4.0)
    assert two.ask(NOW + 5000).probe


def test_after_a_pause_one_text_goes_and_the_others_wait_for_it(process, row):
    one, two = process(timeout=10.0), process(timeout=10.0)
    one.fail(NOW, NETWORK)
    assert one.ask(NOW + 5000, there=0).probe, "nothing waited: nothing was tried"
    gate = two.ask(NOW + 5000)
    assert (gate.room, gate.probe) == (1, True)
    assert one.ask(NOW + 5001).room == 0
    two.take(NOW + 5100, probed=True)
    assert row()[:3] == (0, 0, None)
    assert one.ask(NOW + 5200).room == 10


def test_a_probe_that_never_comes_back_is_followed_by_another(process):
    one = process(timeout=10.0)
    one.fail(NOW, NETWORK)
    one.ask(NOW + 5000)
    assert one.ask(NOW + 19_999).room == 0
    assert one.ask(NOW + 20_000).probe


def test_a_probe_that_fails_begins_the_next_pause_now(process, row):
    one = process(timeout=10.0)
    one.fail(NOW, NETWORK)
    one.ask(NOW + 5000)
    one.fail(NOW + 5100, NETWORK, probed=True)
    assert row().paused_until == NOW + 15_100


def test_a_text_taken_before_the_trouble_does_not_end_it(process, row):
    one = process()
    one.fail(NOW, SendError("slow down", retry=True, sent="no", cause="throttled", after=60))
    process().take(NOW + 10)
    assert row().paused_until == NOW + 60_000
    process().take(NOW + 60_000)
    assert row().paused_until == 0


def test_an_emergency_with_nowhere_to_go_tries_a_long_pause_every_half_minute(process, row):
    one = process(timeout=5.0)
    one.fail(NOW, CREDIT)
    end = row().paused_until
    assert end == NOW + 300_000
    assert one.ask(NOW + EMERGENCY - 1, urgent=True).room == 0
    assert one.ask(NOW + EMERGENCY).room == 0, "others wait"
    gate = one.ask(NOW + EMERGENCY, urgent=True)
    assert (gate.room, gate.probe) == (1, True)
    assert row().paused_until == end, "and go on waiting"
    one.fail(NOW + EMERGENCY + 100, CREDIT)
    assert one.ask(NOW + EMERGENCY + 200, urgent=True).room == 0
    assert one.ask(NOW + 2 * EMERGENCY, urgent=True).room == 1
    one.take(NOW + 2 * EMERGENCY + 100, probed=True)
    assert one.ask(NOW + 2 * EMERGENCY + 200).room == 10


def test_a_clock_that_went_back_leaves_no_gateway_paused_for_hours(process, row):
    one = process(rate=2.0)
    one.ask(NOW)
    one.fail(NOW, NETWORK)
    earlier = NOW - round(HOUR * 1000) * 3
    assert one.ask(earlier).room == 1
    one.take(earlier, probed=True)
    assert one.ask(earlier).room >= 1


def test_processes_share_one_rate(process):
    """Three processes that ask all the time give 5 texts a second between them, and one second's worth at the start."""
    three = [process(rate=5.0) for _ in range(3)]
    given = {}
    for step, now in zip(count(), range(NOW, NOW + 10_000, 20), strict=False):
        given[now] = three[step % 3].ask(now, 4).room
    assert sum(given.values()) == 5 + 10 * 5 - 1
    times = [now for now, room in given.items() for _ in range(room)]
    assert all(times[n + 10] - times[n] >= 1000 for n in range(len(times) - 10)), "10 in any second at most"


def test_emergencies_wait_for_no_rate_and_borrow_from_it(process):
    one = process(rate=1.0)
    assert one.ask(NOW).room == 1
    assert one.ask(NOW).room == 0
    assert one.ask(NOW, 3, urgent=True).room == 3
    assert one.ask(NOW).wait == 4.0
    assert one.ask(NOW + 4000).room == 1


def test_what_staff_are_told_does_not_hide_a_pause(database, process, row):
    database.write(lambda tx: gateways.note(tx, "kannel", "the signal is weak", NOW))
    assert row().problem == "the signal is weak"
    assert process().ask(NOW).room == 10
    one = process()
    one.fail(NOW, NETWORK)
    database.write(lambda tx: gateways.note(tx, "kannel", None, NOW))
    assert "network" in row().problem
    one.take(NOW + 5000)
    assert row().problem is None
    assert database.read(gateways.every).keys() == {"kannel"}
