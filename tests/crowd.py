"""People for the tests of broadcasts, put straight into the tables, and what the rules say of them in plain Python."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert

from bot.store.case_tables import CaseFile
from bot.store.database import Database, Tx
from bot.store.statements import Statement
from bot.store.tables import (
    Broadcast,
    BroadcastText,
    Campaign,
    Contact,
    ContactDay,
    ContactTag,
    Escalation,
    Membership,
    Permit,
)

NOW = 1_793_000_000_000
DAY = 86_400_000
CODE, OTHER = "KYA12", "PP7"
BROADCAST = (NOW << 22) + 4_321


@dataclass
class Person:
    """One contact and what hangs on it. `joined` is when they said yes to the campaign; `open_case` and `case_age`:
    days since an emergency was opened, and whether it is open still. `with_staff`: their case is open, or was."""

    id: int
    sealed: bytes | None = b"sealed"
    language: str | None = "km"
    country: str | None = "KH"
    network: str | None = None
    province: str | None = None
    district: str | None = None
    destination: str | None = None
    school: str | None = None
    opted_out_at: int | None = None
    blocked_at: int | None = None
    dead_at: int | None = None
    seen_at: int = NOW
    texted_before_at: int | None = None
    joined: int | None = NOW - 10 * DAY
    other: bool = False
    tags: frozenset[str] = frozenset()
    departure: date | None = None
    case_age: int | None = None
    case_kind: str = "emergency"
    open_case: bool = False
    with_staff: str | None = None
    permitted: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def reason(self) -> str | None:
        """The first rule that leaves them out."""
        emergency = self.case_kind == "emergency" and self.case_age is not None
        rules = {
            "erased": self.sealed is None,
            "stopped": self.opted_out_at is not None,
            "blocked": self.blocked_at is not None,
            "dead": self.dead_at is not None,
            "no_consent": self.joined is None,
            "emergency": emergency and (self.open_case or (self.case_age or 0) < 30) and self.permitted != "granted",
            "case": self.with_staff == "open" and self.permitted != "granted",
            "silent": self.seen_at < NOW - 180 * DAY,
            "cap": self.texted_before_at is not None and self.texted_before_at > NOW - 7 * DAY,
        }
        return next((name for name, holds in rules.items() if holds), None)

    def text(self, texts: Sequence[str]) -> str:
        """The language they are texted in."""
        return next(each for each in (self.language, "km", "km_Latn", "en") if each in texts)

    def fits(self, **wanted: Any) -> bool:
        """Whether every filter of an audience fits them."""
        own = {
            "provinces": self.province,
            "districts": self.district,
            "destinations": self.destination,
            "languages": self.language or "km",
            "countries": self.country or "ZZ",
            "networks": self.network,
            "schools": self.school,
        }
        lists = all(own[name] in values for name, values in wanted.items() if name in own)
        tags = self.tags & set(wanted.get("tags", self.tags)) or "tags" not in wanted
        joined = self.joined if self.joined is not None else -1
        return bool(
            lists
            and tags
            and not self.tags & set(wanted.get("not_tags", ()))
            and ("campaigns" not in wanted or self._member(wanted["campaigns"]))
            and ("joined_after" not in wanted or joined >= wanted["joined_after"])
            and ("joined_before" not in wanted or 0 <= joined < wanted["joined_before"])
            and ("day" not in wanted or (self.departure and wanted["day"] == ("departure", str(self.departure))))
        )

    def _member(self, codes: Iterable[str]) -> bool:
        return (CODE in codes and self.joined is not None) or (OTHER in codes and self.other)


def anybody(chance: random.Random, row: int) -> Person:
    """Somebody about whom anything may be so."""
    seldom = lambda value: value if chance.random() < 0.08 else None  # noqa: E731
    return Person(
        id=row,
        sealed=None if chance.random() < 0.05 else b"sealed",
        language=chance.choice(["km", "km", "km_Latn", "en", None]),
        country=chance.choice(["KH", "KH", "TH", "MY", None]),
        network=chance.choice(["smart", "metfone", None]),
        province=chance.choice(["17", "14", "03", None]),
        district=chance.choice(["1710", "1402", None]),
        destination=chance.choice(["TH", "KR", None]),
        school=chance.choice(["Wat Bo", None]),
        opted_out_at=seldom(5),
        blocked_at=seldom(5),
        dead_at=seldom(5),
        seen_at=NOW - chance.choice([0, 0, 0, 179, 181]) * DAY,
        texted_before_at=chance.choice([None, None, NOW - 6 * DAY, NOW - 8 * DAY]),
        joined=chance.choice([None, NOW - DAY, NOW - 20 * DAY, NOW - 40 * DAY]),
        other=chance.random() < 0.3,
        tags=frozenset(chance.sample(["nurse", "teacher", "group a"], chance.randrange(3))),
        departure=chance.choice([None, date(2026, 12, 31), date(2026, 12, 31) + timedelta(days=1)]),
        case_age=chance.choice([None, None, 1, 29, 31]),
        case_kind=chance.choice(["emergency", "person"]),
        open_case=chance.random() < 0.5,
        with_staff=chance.choice([None, None, None, "open", "closed"]),
        permitted=chance.choice([None, "asked", "granted"]),
    )


def _add(tx: Tx, table: Any, **values: Any) -> None:
    tx.run(Statement(lambda _: insert(table), columns=tuple(values)), **values)


def campaigns(database: Database) -> None:
    """The campaign of the broadcasts, and another."""
    for code in (CODE, OTHER):
        database.write(
            lambda tx, code=code: _add(tx, Campaign, code=code, name=code, phase="before", created_at=0)  # type: ignore[misc]
        )


def broadcast(database: Database, row: int = BROADCAST, texts: Mapping[str, int] | None = None, **more: Any) -> None:
    """A broadcast to the campaign, with words of so many parts in each language."""
    values = {"request": str(row), "campaign": CODE, "title": "News", "channel": "twilio", "author": "Sok"}
    times = {"created_at": NOW, "starts_at": NOW, "ends_at": NOW + DAY}

    def work(tx: Tx) -> None:
        _add(tx, Broadcast, **{"id": row, **values, "state": 30, "audience": "{}", "counts": "{}", **times, **more})
        for number, (language, parts) in enumerate((texts or {"km": 2}).items()):
            words = {"broadcast_id": row, "language": language, "text_sealed": b"words", "parts": parts, "opens": None}
            _add(tx, BroadcastText, id=row + number, **words)

    database.write(work)


def settle(database: Database, people: Iterable[Person], permits: int = BROADCAST) -> None:
    """Put people into the tables; their permits are for the broadcast `permits`."""

    def work(tx: Tx) -> None:
        for person in people:
            _settle(tx, person, permits)

    database.write(work)


def _settle(tx: Tx, person: Person, permits: int) -> None:
    names = ("language", "country", "network", "province", "district", "destination", "school", "opted_out_at")
    names += ("blocked_at", "dead_at", "seen_at", "texted_before_at")
    told = {name: getattr(person, name) for name in names}
    key = b"key" + person.id.to_bytes(8)
    _add(tx, Contact, id=person.id, number_key=key, number_sealed=person.sealed, created_at=0, **told, **person.extra)
    joined = {CODE: person.joined, OTHER: NOW if person.other else None}
    for code, at in joined.items():
        if at is not None:
            said = {"channel": "twilio", "language": "km", "question": "abc", "joined_at": at, "how": "sms"}
            _add(tx, Membership, contact_id=person.id, code=code, **said)
    for tag in person.tags:
        _add(tx, ContactTag, contact_id=person.id, tag=tag)
    if person.departure:
        _add(tx, ContactDay, contact_id=person.id, kind="departure", day=str(person.departure))
    if person.case_age is not None:
        opened = NOW - person.case_age * DAY
        closed = None if person.open_case else opened + 1
        case = {"kind": person.case_kind, "opened_at": opened, "closed_at": closed}
        _add(tx, Escalation, id=person.id, contact_id=person.id, **case)
    if person.with_staff:
        closed = None if person.with_staff == "open" else NOW - DAY
        case = {"kind": "person", "opened_at": NOW - 2 * DAY, "news_at": NOW - DAY, "closed_at": closed, "alerts": 0}
        _add(tx, CaseFile, id=person.id, contact_id=person.id, **case)
    if person.permitted:
        granted = "Dara" if person.permitted == "granted" else None
        said = {"reason": "she asks for it", "asked_by": "Sok", "granted_by": granted, "at": NOW}
        _add(tx, Permit, broadcast_id=permits, contact_id=person.id, **said)
