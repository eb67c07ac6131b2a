"""What staff saw and took in a month is told person by person, on both databases (H25)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bot.services import access_report, audit
from bot.services.access_report import KINDS, Kind
from bot.services.audit import About, Event
from bot.store.times import DAY

NOVEMBER = date(2026, 11, 1)


def note(service, event, by, why=None, **detail):
    service.database.write(lambda tx: audit.note(service, tx, event, by, about=About("contact", 7), why=why, **detail))


def told(report):
    return {person.name: {str(kind): count for kind, count in person.counts.items()} for person in report.people}


def test_a_house_where_nobody_did_anything(service):
    found = access_report.report(service, NOVEMBER)
    assert (found.people, found.looks, found.whole) == ([], [], {})


def test_everybody_is_told_with_what_they_did(service):
    for _ in range(3):
        note(service, Event.CONTACT_READ, "Sokha")
    note(service, Event.CONTACTS_EXPORTED, "Sokha", "for the yearly report", people=12)
    note(service, Event.CONTACTS_WRITTEN, "Sokha", people=12)
    note(service, Event.LOGIN, "Dara")
    note(service, Event.STAFF_ADDED, "Dara")
    note(service, Event.LOGIN_FAILED, None)
    found = access_report.report(service, NOVEMBER)
    assert told(found) == {"Dara": {"came": 1, "changed": 1}, "Sokha": {"read": 3, "exported": 1}, None: {"failed": 1}}
    assert found.whole[Kind.READ] == 3
    assert [(look.who, look.event, look.why) for look in found.looks] == [
        ("Sokha", "contacts.exported", "for the yearly report")
    ]


def test_months_begin_and_end_by_the_clocks_of_cambodia(service, clock):
    for at in (
        datetime(2026, 10, 31, 16, 59, 59, tzinfo=UTC),
        datetime(2026, 10, 31, 17, 0, tzinfo=UTC),
        datetime(2026, 11, 20, tzinfo=UTC),
        datetime(2026, 11, 30, 16, 59, 59, tzinfo=UTC),
        datetime(2026, 11, 30, 17, 0, tzinfo=UTC),
        datetime(2026, 12, 30, tzinfo=UTC),
    ):
        clock.time = at
        note(service, Event.CONTACT_READ, "Sokha")
    assert access_report.month_of(service) == date(2026, 12, 1)
    reads = [access_report.report(service, date(2026, month, 1)).whole[Kind.READ] for month in (9, 10, 11, 12)]
    assert reads == [0, 1, 3, 2]


def test_what_is_left_of_a_month_is_told_after_a_purge(service, clock):
    for day in (1, 2, 20, 21):
        clock.time = datetime(2026, 11, day, 5, tzinfo=UTC)
        note(service, Event.CONTACT_READ, "Sokha")
    audit.purge(service, service.now() - 10 * DAY)
    assert access_report.report(service, NOVEMBER).whole[Kind.READ] == 2


@pytest.mark.parametrize(("month", "earlier", "later"), [(1, (2025, 12), (2026, 2)), (12, (2026, 11), (2027, 1))])
def test_the_months_around_a_month(month, earlier, later):
    asked = date(2026, month, 1)
    assert access_report.before(asked) == date(*earlier, 1)
    assert access_report.after(asked) == date(*later, 1)


def test_whatever_reads_or_takes_is_told_as_such():
    """A new event that shows people to staff needs its line in the report."""
    looks = ("reveal", "read", "sought", "export", "erased")
    missing = [event for event in Event if any(word in event for word in looks) and event not in KINDS]
    assert missing == []
