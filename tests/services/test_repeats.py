"""A broadcast that comes again: what is stopped or paused is not followed by the same a week later."""

from datetime import UTC, datetime

import pytest
from campaigning import OTHER, Office

from bot.services import broadcasts, conductor, repeats
from bot.services.broadcasts import HOUSE, Repeat
from bot.store import broadcasts as store
from bot.store.stages import Stage
from bot.store.times import DAY

DAYTIME = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)


@pytest.fixture
def office(service, clock, monkeypatch) -> Office:
    monkeypatch.setattr(conductor, "WATCH", 0)
    clock.time = DAYTIME
    made = Office(service)
    made.people(60)
    return made


def weekly(office):
    """The first of three."""
    return office.scheduled(repeats=Repeat(7, office.now() + 15 * DAY), request="weekly")


def named(office, request):
    known = office.service.database.read(lambda tx: store.asked_for(tx, request))
    return known and known.id


def test_cancelling_one_that_has_begun_stops_those_that_follow(office, clock):
    made = weekly(office)
    office.rounds(most=1)
    second = named(office, "weekly:2")
    assert office.stage(second) is Stage.SCHEDULED
    for _ in range(2):
        broadcasts.cancel(office.service, made, OTHER)
    assert office.stage(made) is office.stage(second) is Stage.CANCELLED
    assert [each for each in office.acts(second) if each[1] == "cancel"] == [(OTHER, "cancel")]
    clock.forward(days=7)
    office.rounds()
    clock.forward(days=7)
    office.rounds()
    assert (named(office, "weekly:3"), office.send()) == (None, [])


@pytest.mark.parametrize("state", ["paused", "waiting"])
def test_also_one_that_is_paused_or_waits_for_somebody(office, state):
    made = weekly(office)
    office.rounds(most=1)
    second = named(office, "weekly:2")
    if state == "paused":
        broadcasts.pause(office.service, second, OTHER, "a holiday")
    else:
        office.service.database.write(lambda tx: store.change(tx, second, state=int(Stage.WAITING)))
    broadcasts.cancel(office.service, made, OTHER)
    assert office.stage(second) is Stage.CANCELLED


def test_other_broadcasts_and_those_before_it_go_on(office, clock):
    first, other = weekly(office), office.scheduled(request="monthly", repeats=Repeat(7, office.now() + 15 * DAY))
    office.rounds(most=1)
    broadcasts.cancel(office.service, named(office, "weekly:2"), OTHER)
    assert office.stage(named(office, "monthly:2")) is Stage.SCHEDULED
    office.all_through(other, clock)
    office.all_through(first, clock)
    assert office.stage(first) is office.stage(other) is Stage.DONE
    clock.forward(days=7)
    office.rounds()
    assert named(office, "weekly:3") is None


def test_one_that_is_made_in_the_moment_of_the_cancel_is_cancelled_too(office):
    made = weekly(office)
    before = broadcasts.get(office.service, made)
    broadcasts.cancel(office.service, made, OTHER)
    repeats.follow(office.service, before)
    assert office.stage(named(office, "weekly:2")) is Stage.CANCELLED


def test_one_that_the_house_cancelled_for_want_of_people_comes_again(office):
    made = weekly(office)
    before = broadcasts.get(office.service, made)
    broadcasts.cancel(office.service, made, HOUSE)
    repeats.follow(office.service, before)
    assert office.stage(named(office, "weekly:2")) is Stage.SCHEDULED


@pytest.mark.parametrize("expired", [False, True])
def test_what_follows_one_that_is_paused_waits_for_somebody(office, clock, expired):
    made = weekly(office)
    office.rounds(most=2)
    broadcasts.pause(office.service, made, HOUSE, "12.0 % of 50 said STOP")
    second = named(office, "weekly:2")
    if not expired:  # it takes longer than a week
        office.service.database.write(lambda tx: store.change(tx, made, ends_at=office.now() + 9 * DAY))
    clock.forward(days=7, minutes=1)
    office.rounds()
    assert office.stage(made) is (Stage.EXPIRED if expired else Stage.PAUSED)
    known = broadcasts.get(office.service, second)
    assert (known.state, known.paused_from, known.expanded_to) == (Stage.PAUSED, Stage.SCHEDULED, None)
    assert "the one before it" in known.paused_why
    assert named(office, "weekly:3") is None
    broadcasts.resume(office.service, second, OTHER)
    office.all_through(second, clock)
    assert (office.stage(second), len(office.heard)) == (Stage.DONE, 60)
    assert office.stage(named(office, "weekly:3")) is Stage.SCHEDULED


def test_what_follows_one_that_went_on_does_not_wait(office, clock):
    made = weekly(office)
    office.rounds(most=2)
    broadcasts.pause(office.service, made, HOUSE, "12.0 % of 50 said STOP")
    broadcasts.resume(office.service, made, OTHER)
    office.all_through(made, clock)
    clock.forward(days=7)
    second = named(office, "weekly:2")
    office.all_through(second, clock)
    assert office.stage(second) is Stage.DONE
