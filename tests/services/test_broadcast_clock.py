"""A clock that was just set, or whose machine was just switched on, is believed by no round and no claim."""

from datetime import UTC, datetime

import pytest
from campaigning import HOUR, Office

from bot.services import clock as clocks
from bot.services import conductor, privacy
from bot.services.broadcasts import Window
from bot.services.conductor import Conductor
from bot.store.stages import Stage
from bot.store.times import DAY

DAYTIME = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)


@pytest.fixture
def office(service, clock, monkeypatch) -> Office:
    monkeypatch.setattr(conductor, "WATCH", 0)
    clock.time = DAYTIME
    return Office(service)


@pytest.fixture
def up(office):
    """A clock that nobody sets, beside the one of the house."""
    up = [10_000.0]
    office.conductor = Conductor(office.service, {}, uptime=lambda: up[0])
    return up


def later(clock, up, seconds):
    clock.forward(seconds=seconds)
    up[0] += seconds


def waiting(office, many=60):
    """A broadcast whose texts wait in the outbox."""
    office.people(many)
    now = office.now()
    made = office.scheduled(window=Window(now - HOUR, now + 10 * DAY))
    office.rounds(lambda: office.queued() == many)
    assert office.queued() == many
    return made


def test_a_clock_that_jumps_is_not_believed_at_once_by_the_rounds(office, clock, up):
    office.people(60)
    clock.time = DAYTIME.replace(hour=14)
    office.conductor = Conductor(office.service, {}, uptime=lambda: up[0])
    now = office.now()
    made = office.scheduled(window=Window(now - HOUR, now + 10 * DAY))
    clock.forward(hours=14)
    office.rounds()
    later(clock, up, 299)
    office.rounds()
    assert office.stage(made) is Stage.SCHEDULED
    later(clock, up, 2)
    office.rounds()
    assert office.stage(made) is Stage.RUNNING


def test_nor_by_the_claim_of_any_process(office, clock, up):
    waiting(office)
    clock.forward(hours=2)
    office.conductor.round()
    assert office.send() == []
    later(clock, up, 200)
    office.conductor.round()
    assert office.send() == []
    later(clock, up, 700)
    office.conductor.round()
    assert len(office.send()) == 60


@pytest.mark.parametrize("hours", [2, -2])
def test_a_claim_sees_a_jump_before_the_next_round_does(office, clock, up, hours):
    """Ten in the morning in Phnom Penh: two hours more or less are day as well, but nobody can know."""
    waiting(office)
    later(clock, up, 20)
    office.conductor.round()
    clock.forward(hours=hours)
    assert office.send() == []
    later(clock, up, 0.9)
    assert office.send() == []
    office.conductor.round()
    later(clock, up, 700)
    assert len(office.send()) == (60 if hours > 0 else 0)


def test_a_claim_lets_a_clock_be_put_right_by_seconds(office, clock, up):
    waiting(office)
    later(clock, up, 20)
    clock.forward(seconds=59)
    assert len(office.send()) == 60


def test_one_that_is_put_back_again_is_doubted_no_longer_than_any(office, clock, up):
    """A doubt that began in a wrong future is not waited for until then."""
    waiting(office)
    clock.forward(hours=2)
    office.conductor.round()
    clock.forward(hours=-2)
    office.conductor.round()
    assert office.send() == []
    later(clock, up, 700)
    office.conductor.round()
    assert len(office.send()) == 60


def test_jumps_are_seen_while_there_is_no_broadcast_and_hold_up_none_that_comes_much_later(office, clock, up):
    clock.forward(hours=2)
    office.conductor.round()
    later(clock, up, 400)
    waiting(office)


@pytest.mark.parametrize(("uptime", "waits"), [(30.0, True), (290.0, False), (301.0, False), (86_400.0, False)])
def test_a_machine_that_was_switched_on_a_moment_ago_waits(office, clock, uptime, waits):
    waiting(office)
    clocks.booted(office.service, lambda: uptime)
    clock.forward(seconds=20)
    assert (office.send() == []) is waits
    clock.forward(seconds=560)
    office.send()
    assert len(office.heard) == 60


def test_who_confirms_the_clock_ends_the_doubt(office, clock):
    made = waiting(office)
    clocks.booted(office.service, lambda: 0.0)
    privacy.purge(office.service, confirmed=True)
    clock.forward(seconds=20)
    assert len(office.send()) == 60
    assert office.stage(made) is Stage.RUNNING
