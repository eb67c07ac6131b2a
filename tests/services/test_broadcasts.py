"""The life of a broadcast: nobody sends to many alone, and asking twice is asking once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from campaigning import AUTHOR, HOUR, OTHER, Office

from bot.services import broadcasts, permits
from bot.services.broadcasts import ALONE, FEWEST, BadBroadcast, Repeat, Window, Words
from bot.store.stages import Stage


@pytest.fixture
def office(service) -> Office:
    return Office(service)


def made(office: Office, **more: object) -> int:
    return broadcasts.create(office.service, office.draft(**more))


def test_a_small_one_needs_nobody_else(office):
    office.people(ALONE)
    one = made(office)
    assert office.stage(one) is Stage.DRAFT
    assert broadcasts.submit(office.service, one, AUTHOR) is Stage.SCHEDULED
    assert office.acts(one) == [(AUTHOR, "create"), (AUTHOR, "submit")]


def test_a_large_one_needs_somebody_else(office):
    office.people(ALONE + 1)
    one = made(office)
    assert broadcasts.submit(office.service, one, AUTHOR) is Stage.WAITING
    for author in (AUTHOR, "sokha", " SOKHA ", "So kha", "SＯKHA"):
        with pytest.raises(BadBroadcast, match="whoever wrote it cannot approve it"):
            broadcasts.approve(office.service, one, author)
    assert office.stage(one) is Stage.WAITING
    broadcasts.approve(office.service, one, OTHER)
    broadcasts.approve(office.service, one, "Bopha")
    known = broadcasts.get(office.service, one)
    assert (known.state, known.approver) == (Stage.SCHEDULED, OTHER)
    assert office.acts(one)[2:] == [(OTHER, "approve")]


def test_a_draft_cannot_be_approved(office):
    one = made(office)
    with pytest.raises(BadBroadcast, match="it is draft"):
        broadcasts.approve(office.service, one, OTHER)


def test_nothing_is_sent_to_a_handful(office):
    people = office.people(FEWEST)
    office.tell(people[:1], opted_out_at=office.now())
    one = made(office)
    with pytest.raises(BadBroadcast, match="19 people"):
        broadcasts.submit(office.service, one, AUTHOR)
    step = made(office, origin="series:departure:KYA12:1")
    assert broadcasts.submit(office.service, step, AUTHOR) is Stage.SCHEDULED


def test_who_is_asked_twice_at_once_makes_one(office):
    office.people(30)
    draft = office.draft(request="the same click")
    with ThreadPoolExecutor(8) as pool:
        ids = {each.result() for each in [pool.submit(broadcasts.create, office.service, draft) for _ in range(8)]}
        assert len(ids) == 1
        (one,) = ids
        asked = [pool.submit(broadcasts.submit, office.service, one, AUTHOR) for _ in range(8)]
        assert {each.result() for each in asked} == {Stage.SCHEDULED}
    assert broadcasts.create(office.service, replace(draft, title="Another")) == one
    assert office.acts(one) == [(AUTHOR, "create"), (AUTHOR, "submit")]
    assert [known.id for known in broadcasts.listed(office.service)] == [one]


def test_each_step_twice_is_once(office):
    office.people(30)
    one = office.scheduled()
    for _ in range(2):
        broadcasts.pause(office.service, one, AUTHOR, "a mistake in the text")
    known = broadcasts.get(office.service, one)
    assert (known.state, known.paused_from, known.paused_why) == (
        Stage.PAUSED,
        Stage.SCHEDULED,
        "a mistake in the text",
    )
    for _ in range(2):
        broadcasts.resume(office.service, one, OTHER)
    known = broadcasts.get(office.service, one)
    assert (known.state, known.paused_from, known.paused_why) == (Stage.SCHEDULED, None, None)
    for _ in range(2):
        broadcasts.cancel(office.service, one, OTHER)
    assert broadcasts.submit(office.service, one, AUTHOR) is Stage.CANCELLED
    acts = [(AUTHOR, "create"), (AUTHOR, "submit"), (AUTHOR, "pause"), (OTHER, "resume"), (OTHER, "cancel")]
    assert office.acts(one) == acts


def test_from_a_wrong_stage_every_step_is_refused_in_a_sentence(office):
    office.people(30)
    draft, over = made(office), office.scheduled()
    broadcasts.cancel(office.service, over, AUTHOR)
    window = Window(office.now() + HOUR, office.now() + 9 * HOUR)
    for one, word in ((draft, "draft"), (over, "cancelled")):
        with pytest.raises(BadBroadcast, match=f"it is {word}"):
            broadcasts.pause(office.service, one, AUTHOR, "why not")
        with pytest.raises(BadBroadcast, match=f"it is {word}"):
            broadcasts.resume(office.service, one, AUTHOR)
    with pytest.raises(BadBroadcast, match="it is cancelled"):
        broadcasts.schedule(office.service, over, AUTHOR, window)
    with pytest.raises(BadBroadcast, match="no such broadcast"):
        broadcasts.cancel(office.service, 5, AUTHOR)
    assert office.acts(draft) == [(AUTHOR, "create")]


def test_another_time(office):
    office.people(30)
    one = office.scheduled()
    window = Window(office.now() + HOUR, office.now() + 9 * HOUR)
    for _ in range(2):
        broadcasts.schedule(office.service, one, OTHER, window)
    known = broadcasts.get(office.service, one)
    assert (known.starts_at, known.ends_at, known.state) == (*window, Stage.SCHEDULED)
    assert office.acts(one)[2:] == [(OTHER, "schedule")]


def test_who_agreed_agreed_to_its_time(office):
    office.people(130)
    one = office.scheduled()
    later = [Window(office.now() + hours * HOUR, office.now() + 9 * HOUR) for hours in (1, 2, 3)]
    broadcasts.schedule(office.service, one, OTHER, later[0])
    assert broadcasts.get(office.service, one).approver == OTHER
    for who, window in ((AUTHOR, later[1]), ("Bopha", later[2])):
        broadcasts.schedule(office.service, one, who, window)
        known = broadcasts.get(office.service, one)
        assert (known.state, known.approver, known.starts_at) == (Stage.WAITING, None, window.starts_at)
        broadcasts.approve(office.service, one, OTHER)


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ({"texts": {}}, "no words"),
        ({"texts": {"en": Words(" ")}}, "no words"),
        ({"title": " "}, "a title has"),
        ({"title": "x" * 81}, "a title has"),
        ({"author": "  "}, "the name of"),
        ({"request": ""}, "of what was asked for"),
        ({"campaign": "NONE1"}, "no campaign"),
        ({"pace": 0}, "a pace"),
        ({"repeats": Repeat(0, 0)}, "once a day"),
        ({"approver": "sokha"}, "cannot approve"),
        ({"window": Window(5, 4)}, "ends? before"),
        ({"window": Window(5, 6)}, "ends? before"),
        ({"window": Window(1 << 41, (1 << 41) + 1)}, "an hour"),
        ({"window": Window(1 << 41, (1 << 41) + 22 * 24 * HOUR)}, "21 days"),
    ],
)
def test_what_cannot_be_is_refused(office, more, line):
    with pytest.raises(BadBroadcast, match=line):
        made(office, **more)
    assert broadcasts.listed(office.service) == []


def test_one_whose_time_is_over_is_not_handed_in(office, clock):
    office.people(30)
    one = made(office)
    clock.forward(hours=9)
    with pytest.raises(BadBroadcast, match="its end is over"):
        broadcasts.submit(office.service, one, AUTHOR)


def test_an_exception_for_one_person_takes_two_of_staff(office):
    people = office.people(30)
    office.alarm(people[0], office.now())
    one, number = made(office), office.number(0)
    with pytest.raises(BadBroadcast, match="nobody has asked"):
        permits.grant(office.service, one, number, OTHER)
    with pytest.raises(BadBroadcast, match="a reason"):
        permits.ask(office.service, one, number, AUTHOR, " ")
    with pytest.raises(BadBroadcast, match="nobody with this number"):
        permits.ask(office.service, one, "+85512999999", AUTHOR, "asked for it by phone")
    for _ in range(2):
        permits.ask(office.service, one, number, AUTHOR, "asked for it by phone")
    with pytest.raises(BadBroadcast, match="cannot grant it"):
        permits.grant(office.service, one, number, "SOKHA")
    for _ in range(2):
        permits.grant(office.service, one, number, OTHER)
    assert office.acts(one) == [(AUTHOR, "create"), (AUTHOR, "ask"), (OTHER, "grant")]
    broadcasts.submit(office.service, one, AUTHOR)
    office.rounds(lambda: office.recipients(one) > 0)
    assert office.recipients(one) == 30
    with pytest.raises(BadBroadcast, match="its recipients are settled"):
        permits.ask(office.service, one, number, AUTHOR, "too late")


def test_without_both_they_are_left_out(office):
    people = office.people(30)
    office.alarm(people[0], office.now())
    one = made(office)
    permits.ask(office.service, one, office.number(0), AUTHOR, "asked for it by phone")
    broadcasts.submit(office.service, one, AUTHOR)
    office.rounds(lambda: office.recipients(one) > 0)
    assert office.recipients(one) == 29


@pytest.mark.parametrize("name", ["phlov", " PHLOV ", "Ph lov"])
def test_nobody_of_staff_is_called_as_the_house_is(office, name):
    office.people(150)
    with pytest.raises(BadBroadcast, match="own name"):
        broadcasts.create(office.service, office.draft(author=name))
    with pytest.raises(BadBroadcast, match="own name"):
        broadcasts.create(office.service, office.draft(approver=name))
    made = broadcasts.create(office.service, office.draft())
    broadcasts.submit(office.service, made, AUTHOR)
    with pytest.raises(BadBroadcast, match="by itself"):
        broadcasts.approve(office.service, made, name)
    assert office.stage(made) is Stage.WAITING
