"""What staff saw and took in a month, person by person: for whoever looks after the privacy of those who text (H25)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Final, NamedTuple

from bot.services import audit
from bot.services.audit import Event, Noted
from bot.services.service import Service
from bot.store import audit as store
from bot.store.database import Tx
from bot.store.times import milliseconds

HERE: Final = timezone(timedelta(hours=7))
"""Months are those of Cambodia."""
SHOWN: Final = 200
"""So many single looks are told with their reasons; the audit has all."""


class Kind(StrEnum):
    """What is counted."""

    CAME = "came"
    FAILED = "failed"
    READ = "read"
    """A person or a case was looked at, or a number looked for."""
    REVEALED = "revealed"
    """A number was shown."""
    EXPORTED = "exported"
    ERASED = "erased"
    CHANGED = "changed"
    """All else that was done."""


KINDS: Final[Mapping[Event, Kind | None]] = {
    Event.LOGIN: Kind.CAME,
    Event.LOGIN_FAILED: Kind.FAILED,
    Event.CONTACT_READ: Kind.READ,
    Event.CONTACT_SOUGHT: Kind.READ,
    Event.CASE_READ: Kind.READ,
    Event.UNMATCHED_READ: Kind.READ,
    Event.CONTACT_REVEALED: Kind.REVEALED,
    Event.CONTACTS_EXPORTED: Kind.EXPORTED,
    Event.CONTACT_ERASED: Kind.ERASED,
    Event.LOGOUT: None,
    Event.PROVED: None,
    Event.CONTACTS_WRITTEN: None,
}
"""Those of another kind than `CHANGED`; None: they only end what is counted already."""
TOLD: Final = frozenset({Kind.REVEALED, Kind.EXPORTED})
"""Of these each is told, with the reason that was given."""


class Person(NamedTuple):
    """Somebody of staff, None if nobody knows who; and how often they did what. `known`: they came in by a password,
    and did not only say their name at a shell."""

    name: str | None
    known: bool
    counts: Mapping[Kind, int]


class Report(NamedTuple):
    """A month. `looks`: the newest of those that are told one by one."""

    month: date
    people: Sequence[Person]
    looks: Sequence[Noted]

    @property
    def whole(self) -> Mapping[Kind, int]:
        """What all did together."""
        summed: Counter[Kind] = Counter()
        for person in self.people:
            summed.update(person.counts)
        return summed


def month_of(service: Service) -> date:
    """The month it is now, by its first day."""
    return service.clock().astimezone(HERE).date().replace(day=1)


def before(month: date) -> date:
    """The month before."""
    return (month - timedelta(days=1)).replace(day=1)


def after(month: date) -> date:
    """The month that follows."""
    return (month + timedelta(days=31)).replace(day=1)


def report(service: Service, month: date) -> Report:
    """Count a month, given by its first day. Raises `StoreError`."""
    told = [event for event, kind in KINDS.items() if kind in TOLD]

    def work(tx: Tx) -> tuple[list[store.Counted], list[store.Row]]:
        begin, end = _since(tx, month), _since(tx, after(month))
        return store.counts(tx, begin, end), store.newest_of(tx, told, begin, end, SHOWN)

    counted, rows = service.database.read(work)
    return Report(month, _people(counted), [audit.read(service.vault, row) for row in rows])


def _since(tx: Tx, month: date) -> int:
    """The number of the first row of a month."""
    return store.first_since(tx, milliseconds(datetime(month.year, month.month, 1, tzinfo=HERE).astimezone(UTC)))


def _people(counted: Sequence[store.Counted]) -> list[Person]:
    """Everybody who did anything, by name; what nobody knows who did comes last."""
    people: dict[tuple[str | None, bool], Counter[Kind]] = {}
    for each in counted:
        kind = KINDS.get(Event(each.act), Kind.CHANGED) if each.act in set(Event) else Kind.CHANGED
        if kind is not None:
            people.setdefault((each.who, bool(each.known)), Counter())[kind] += each.rows
    return [
        Person(name, known, people[name, known])
        for name, known in sorted(people, key=lambda each: (each[0] is None, each[0] or "", not each[1]))
    ]
