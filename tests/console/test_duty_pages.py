"""The page of who is on duty and when staff read: what it shows, what its forms do, and whose they are."""

from __future__ import annotations

import re

import pytest
from visiting import Visitor, taken_in

from bot.config import Settings
from bot.console.site import create
from bot.services import content, duty, opening, outbox
from bot.services.content import Kind
from bot.services.outbox import Wish
from bot.services.roles import Role

HOME = "/console/duty"
NUMBER = "012345678"
NOON = "8-12 13:00–17.30"
SETTINGS = Settings(
    smsgate_url="https://gate.example.org",
    smsgate_user="a",
    smsgate_password="b",
    public_url="https://phlov.example.org",
)


@pytest.fixture
def site(service):
    return create(service, SETTINGS)


@pytest.fixture
def admin(come) -> Visitor:
    visitor = come("Dara", Role.ADMIN)
    visitor.get(f"{HOME}?lang=en")
    return visitor


def added(admin: Visitor, service, number: str = NUMBER) -> int:
    answer = admin.send(f"{HOME}/add", owner="Dara", number=number, language="en")
    assert answer.status_code == 303, answer.text
    return duty.phones(service)[-1].id


def test_an_empty_house_is_told_what_to_do_first(admin):
    page = admin.get(f"{HOME}?lang=en").text
    assert "No phone is told yet" in page
    assert "No hours are told" in page
    assert "We cannot say when" in page


def test_a_phone_is_added_tried_and_shown_masked(admin, service):
    phone = added(admin, service)
    page = admin.get(HOME).text
    assert "+855 •••••78" in page
    assert re.search("12345678|12 345 678", page) is None
    assert "on duty</span>" in page
    assert admin.send(f"{HOME}/change", phone=str(phone), what="test").status_code == 303
    (held,) = outbox.claim(service, 7, Wish("smsgate", 10, posting=True))
    assert held.outbound.recipient == "+85512345678"
    assert "https://phlov.example.org/console/" in held.outbound.text


def test_what_is_wrong_with_a_phone_is_said(admin, service):
    added(admin, service)
    twice = admin.send(f"{HOME}/add", owner="Dara", number=NUMBER, language="en")
    assert (twice.status_code, "on duty already" in twice.text) == (400, True)
    strange = admin.send(f"{HOME}/add", owner="Nobody", number="012345679", language="en")
    assert "may answer cases" in strange.text
    assert "012345679" not in strange.text
    assert "no phone number" in admin.send(f"{HOME}/add", owner="Dara", number="12", language="en").text
    elsewhere = admin.send(f"{HOME}/add", owner="Dara", number="012345679", language="en", channel="twilio")
    assert "gateway that is set up" in elsewhere.text
    assert admin.send(f"{HOME}/change", phone="9" * 30, what="off").status_code == 400
    assert len(duty.phones(service)) == 1


def test_turns_and_rests(admin, service):
    one, two = added(admin, service), added(admin, service, "012345670")
    admin.send(f"{HOME}/change", phone=str(two), what="earlier")
    admin.send(f"{HOME}/change", phone=str(one), what="off")
    assert [(each.id, each.off) for each in duty.phones(service)] == [(two, False), (one, True)]
    assert "not now</span>" in admin.get(HOME).text
    admin.send(f"{HOME}/change", phone=str(one), what="on")
    admin.send(f"{HOME}/change", phone=str(two), what="remove")
    assert [(each.id, each.off) for each in duty.phones(service)] == [(one, False)]


def test_hours_are_kept_as_they_were_written_and_told_at_once(admin, service):
    assert admin.send(f"{HOME}/hours", mon=NOON, sun="០៩:០០-24:00").status_code == 303
    week = content.current(service, Kind.HOURS)[opening.WEEK]
    assert week == {"mon": [["08:00", "12:00"], ["13:00", "17:30"]], "sun": [["09:00", "23:59"]]}
    page = admin.get(HOME).text
    assert 'value="8:00-12:00, 13:00-17:30"' in page
    assert 'value="9:00-24:00"' in page
    assert "today until 12:00." in page  # it is Monday, five past ten


WRONG = ("8", "8-", "12-8", "8-12 11-13", "25-26", "8:61-9", "1-2 3-4 5-6 7-8 9-10", "soon")


def test_hours_that_nobody_understands_are_given_back(admin, service):
    for wrong in WRONG:
        answer = admin.send(f"{HOME}/hours", mon="8-12", tue=wrong)
        assert answer.status_code == 400
        assert "look at these days: Tuesday." in answer.text
        assert f'value="{wrong}"' in answer.text
    assert content.current(service, Kind.HOURS) == {}


def test_two_who_change_the_hours_do_not_undo_each_other(admin, service):
    content.save(service, Kind.HOURS, opening.WEEK, {"tue": [["08:00", "12:00"]]}, "Sophea")
    answer = admin.send(f"{HOME}/hours", mon="8-12", upon="0")
    assert answer.status_code == 409
    assert "Somebody else has just changed this" in answer.text
    assert list(content.current(service, Kind.HOURS)[opening.WEEK]) == ["tue"]


def test_holidays(admin, service):
    first, called = "2026-11-23", "<b>Water</b> festival"
    assert admin.send(f"{HOME}/holiday", day=first, until="2026-11-25", called=called).status_code == 303
    page = admin.get(HOME).text
    assert page.count("<bdi>&lt;b&gt;Water&lt;/b&gt; festival</bdi>") == 3
    assert "23/11/2026" in page
    assert admin.send(f"{HOME}/holiday/end", day="2026-11-24").status_code == 303
    assert sorted(content.current(service, Kind.HOLIDAY)) == ["2026-11-23", "2026-11-25"]
    early, late = ("2026-11-01", ""), ("9999-12-31", "")
    for day, until in (early, late, ("2026-11-23", "2027-11-23"), ("soon", ""), ("2026-12-02", "2026-12-01")):
        assert admin.send(f"{HOME}/holiday", day=day, until=until).status_code == 400
    assert admin.send(f"{HOME}/holiday/end", day="2026-12-24").status_code == 400
    assert len(content.current(service, Kind.HOLIDAY)) == 2


def test_each_sees_the_forms_that_are_theirs(site, service, admin):
    added(admin, service)
    forms = {
        Role.CASEWORKER: set(),
        Role.EDITOR: {"hours", "holiday"},
        Role.ADMIN: {"hours", "holiday", "add", "change"},
    }
    for role, own in forms.items():
        visitor = Visitor(site)
        visitor.come(service, taken_in(service, role.value, role))
        page = visitor.get(f"{HOME}?lang=en").text
        assert set(re.findall(f'action="{HOME}/([a-z]+)"', page)) == own
        assert "+855 •••••78" in page
    assert "On duty" not in Visitor(site).get("/console/login?lang=en").text
