"""Who must not be texted is not: what has grown, a canary of those who happen to be awake, who is in danger by now."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from campaigning import AUTHOR, OTHER, Office
from sqlalchemy import update

from bot.services import broadcasts, conductor, permits
from bot.services.broadcasts import BadBroadcast, Window
from bot.store import contacts
from bot.store.stages import Stage
from bot.store.statements import Statement
from bot.store.tables import Escalation
from bot.store.times import DAY

DAYTIME = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
"""Ten in the morning in Phnom Penh."""
HOUR = 3_600_000


@pytest.fixture
def office(service) -> Office:
    return Office(service)


@pytest.fixture
def unwatched(monkeypatch):
    """The canary is judged at once."""
    monkeypatch.setattr(conductor, "WATCH", 0)
    monkeypatch.setattr(conductor, "LOOK", 0.0)


def test_what_has_grown_since_it_was_handed_in_waits_for_a_second_person(office, clock, unwatched):
    office.people(50)
    now = office.now()
    made = office.scheduled(window=Window(now + HOUR, now + 5 * HOUR))
    assert office.stage(made) is Stage.SCHEDULED
    office.people(100)
    clock.forward(hours=1)
    office.rounds()
    assert office.stage(made) is Stage.WAITING
    assert (office.texts(), office.recipients(made)) == ([], 150)
    with pytest.raises(BadBroadcast, match="cannot approve"):
        broadcasts.approve(office.service, made, AUTHOR)
    broadcasts.approve(office.service, made, OTHER)
    office.people(5)
    office.all_through(made, clock)
    assert office.stage(made) is Stage.DONE
    assert len(office.heard) == len(set(office.heard)) == 155, "a few more need nobody"


def test_what_somebody_agreed_to_and_grew_is_asked_about_again(office, clock, unwatched):
    office.people(150)
    now = office.now()
    made = office.scheduled(window=Window(now + HOUR, now + 5 * HOUR))
    office.people(150)
    clock.forward(hours=1)
    office.rounds()
    assert office.stage(made) is Stage.WAITING
    assert office.texts() == []
    assert broadcasts.get(office.service, made).approver is None
    broadcasts.approve(office.service, made, OTHER)
    office.all_through(made, clock)
    assert len(set(office.heard)) == 300


@pytest.mark.parametrize("nobody", ["", "  "])
def test_nobody_approves_nothing(office, nobody):
    office.people(150)
    made = broadcasts.create(office.service, office.draft())
    broadcasts.submit(office.service, made, AUTHOR)
    with pytest.raises(BadBroadcast, match="say who"):
        broadcasts.approve(office.service, made, nobody)
    assert office.stage(made) is Stage.WAITING


def test_a_few_who_are_awake_are_no_canary_for_those_who_sleep(office, clock, unwatched):
    """At six in the morning in Phnom Penh it is eight in Seoul: those few are not who the others are judged by."""
    office.people(1000)
    office.people(3, "KR")
    clock.time = DAYTIME.replace(hour=23)
    now = office.now()
    made = office.scheduled(window=Window(now, now + 3 * DAY))
    office.rounds()
    clock.forward(seconds=20)
    office.send()
    office.rounds()
    assert office.stage(made) is Stage.CANARY
    assert len(office.heard) <= 3
    clock.time = DAYTIME.replace(day=3)
    office.rounds(lambda: office.queued() > 0)
    canary = office.queued()
    assert office.stage(made) is Stage.CANARY
    assert 20 <= canary <= 90
    office.all_through(made, clock)
    assert len(set(office.heard)) == 1003


@pytest.mark.parametrize("late", ["alarm", "alarm over", "case", "blocked_at", "dead_at", "no"])
def test_who_must_not_have_it_by_the_morning_does_not_get_it(office, clock, unwatched, late):
    """Texts that wait in the outbox since the evening, or for the end of a pause."""
    people = office.people(60)
    clock.time = DAYTIME.replace(hour=12, minute=59)
    now = office.now()
    office.scheduled(window=Window(now, now + 2 * DAY))
    office.rounds(lambda: office.queued() == 60)
    clock.forward(minutes=2)
    assert office.send() == []
    if late.startswith("alarm"):
        office.alarm(people[7], office.now())
    elif late == "case":
        office.case(people[7], "unanswered")
    elif late == "no":
        said = {"of": people[7], "left": "KYA12"}
        office.service.database.write(lambda tx: tx.run(contacts.LEAVE, **said))
    else:
        office.tell(people[7:8], **{late: office.now()})
    if late == "alarm over":
        clock.forward(hours=1)
        over = Statement(lambda _: update(Escalation).values(closed_at=office.now()))
        office.service.database.write(lambda tx: tx.run(over))
    clock.time = DAYTIME.replace(day=3)
    office.send()
    assert len(office.heard) == 59
    assert office.number(7) not in office.heard
    assert office.sound()


def test_who_talks_with_staff_gets_nothing_until_that_is_over(office, clock, unwatched):
    people = office.people(62)
    office.case(people[7])
    for _ in range(2):
        made = office.scheduled()
        office.all_through(made, clock)
        assert office.sound()
        office.close_cases()
    assert Counter(office.heard)[office.number(7)] == 1
    assert len(office.heard) == 61 + 62


@pytest.mark.parametrize("kind", ["alarm", "case", "both"])
def test_an_exception_holds_until_the_text_goes(office, clock, unwatched, kind):
    people = office.people(60)
    clock.time = DAYTIME.replace(hour=12, minute=59)
    now = office.now()
    if kind != "case":
        office.alarm(people[7], now)
    if kind != "alarm":
        office.case(people[7])
    made = broadcasts.create(office.service, office.draft(window=Window(now, now + 2 * DAY)))
    permits.ask(office.service, made, office.number(7), AUTHOR, "she asked us to")
    permits.grant(office.service, made, office.number(7), OTHER)
    broadcasts.submit(office.service, made, AUTHOR)
    office.rounds(lambda: office.queued() == 60)
    clock.time = DAYTIME.replace(day=3)
    office.send()
    assert len(office.heard) == 60


def test_two_broadcasts_at_one_moment_do_not_both_give_somebody_their_last_of_the_week(office, clock, unwatched):
    people = office.people(100)
    for _ in range(2):
        office.scheduled()
    office.rounds(most=2)
    office.tell(people, texted_at=office.now() - DAY)
    gate = Barrier(2)
    first, second = (known.id for known in broadcasts.listed(office.service))

    def release(made):
        one = office.another()
        gate.wait()
        for _ in range(60):
            one._release(broadcasts.get(office.service, made))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(release, (first, second)))
    office.rounds()
    given = Counter(contact for contact, _ in office.texts())
    assert given == Counter(people)
