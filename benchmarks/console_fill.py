"""A house that has been busy for long: a million people, five million texts, cases, broadcasts and an audit."""

from __future__ import annotations

import json
import random
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice, pairwise
from typing import Any, Final

from sqlalchemy import Table, bindparam, select, update

from benchmarks import audience
from benchmarks.audience_idle import expand
from bot.content.book import TOPICS
from bot.services import audit
from bot.services.audience import Audience
from bot.services.service import Service
from bot.store.case_tables import CaseFile, CaseNote, DailyOutcome
from bot.store.database import Tx
from bot.store.ids import RANDOM_BITS
from bot.store.stages import Stage
from bot.store.state import State
from bot.store.statements import Statement
from bot.store.tables import (
    Broadcast,
    BroadcastResult,
    Contact,
    DailyCount,
    Escalation,
    Inbound,
    Outbound,
    Unmatched,
)
from bot.store.times import DAY

PAGE: Final = 5_000
DAYS: Final = 6
"""All the texts came in these last days: what is older is emptied."""
CASES_DAYS: Final = 28
KINDS: Final = {"emergency": 5, "person": 40, "unanswered": 55}
OUTCOMES: Final = ("helped", "referred", "no_answer", "lapsed")
SAID: Final = ("ថៅកែមិនបើកប្រាក់ខែ", "my boss keeps my passport", "ខ្ញុំចង់ទៅធ្វើការនៅថៃ", "HELP", "1", "chuoy knhom pong")
ANSWERED: Final = "Your passport is yours. Nobody may keep it from you. Ask the embassy: it is free of charge."

ESCALATED: Final = ("id", "contact_id", "kind", "opened_at", "closed_at")
HANDED_IN: Final = Statement(lambda _: update(Broadcast).where(Broadcast.id == bindparam("row")), columns=("counts",))

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Size:
    """How much there is."""

    contacts: int = 1_000_000
    texts: int = 5_000_000
    cases: int = 50_000
    open: int = 2_000
    broadcasts: int = 200
    acts: int = 100_000

    def part(self, share: float) -> Size:
        """The same, smaller."""
        return Size(*(max(1, int(getattr(self, name) * share)) for name in self.__dataclass_fields__))


class Fill:
    """Puts it into an empty house, always the same but for the seals."""

    def __init__(self, service: Service, size: Size) -> None:
        self.service = service
        self.size = size
        self.now = service.now()
        self.chance = random.Random(7)
        self.people = array("q")

    def whole(self) -> None:
        """Everything."""
        audience.fill(self.service.database, self.service.vault, self.size.contacts)
        rows = self.service.database.read(lambda tx: tx.all(Statement(lambda _: select(Contact.id))))
        self.people = array("q", (row[0] for row in rows))
        self.chance.shuffle(self.people)
        self._texts()
        self._cases()
        self._counts()
        self._broadcasts()
        self._acts()

    def _put(self, table: type[Any], rows: Iterator[Row]) -> None:
        kept: Table = table.__table__
        waiting, statement = iter(rows), Statement(lambda insert: insert(kept))
        empty = dict.fromkeys(kept.columns.keys())
        while page := [{**empty, **row} for row in islice(waiting, PAGE)]:
            self.service.database.write(partial(_added, statement=statement, rows=page), lasting=False)

    def _seal(self, text: str, purpose: str, row: int) -> bytes:
        return self.service.vault.seal(text.encode(), purpose, row)

    def _texts(self) -> None:
        """One in five is of somebody who has, or had, a case."""
        count = self.size.texts // 2
        step = DAYS * DAY / count
        turns = [(round(self.now - DAYS * DAY + step * turn), self._writer(turn)) for turn in range(count)]
        ids = [at << RANDOM_BITS | (turn & 0x3FFF) << 8 for turn, (at, _) in enumerate(turns)]
        self._put(Inbound, map(self._inbound, ids, turns))
        self._put(Outbound, map(self._outbound, ids, turns))
        self._put(Unmatched, ({"inbound_id": row, "at": row >> RANDOM_BITS} for row in ids[-self.size.cases // 10 :]))

    def _writer(self, turn: int) -> int:
        some = self.size.cases if turn % 5 == 0 else len(self.people)
        return self.people[self.chance.randrange(min(some, len(self.people)))]

    def _inbound(self, row: int, turn: tuple[int, int]) -> Row:
        return {
            "id": row, "provider_key": row.to_bytes(8), "contact_id": turn[1], "channel": "twilio", "medium": "sms",
            "text_sealed": self._seal(SAID[row % len(SAID)], "inbound", row), "received_at": turn[0],
        }  # fmt: skip

    def _outbound(self, row: int, turn: tuple[int, int]) -> Row:
        return {
            "id": row + 1, "inbound_id": row, "channel": "twilio", "parts": 1, "priority": 1, "created_at": turn[0],
            "text_sealed": self._seal(ANSWERED, "outbound", row + 1), "state": int(State.DELIVERED), "attempts": 1,
            "repeats": 0, "begin": 0,
        }  # fmt: skip

    def _cases(self) -> None:
        """The first of the people have them; the first of these still wait."""
        cases = [self._case(number) for number in range(min(self.size.cases, len(self.people)))]
        self._put(CaseFile, iter(cases))
        self._put(CaseNote, (note for case in cases for note in self._notes(case)))
        asked = (case for case in cases if case["kind"] != "unanswered")
        self._put(Escalation, ({name: case[name] for name in ESCALATED} for case in asked))

    def _case(self, number: int) -> Row:
        waits = number < self.size.open
        at = self.now - self.chance.randrange(DAYS * DAY if waits else CASES_DAYS * DAY)
        return {
            "id": at << RANDOM_BITS | number, "contact_id": self.people[number], "opened_at": at, "news_at": at,
            "kind": self.chance.choices(list(KINDS), list(KINDS.values()))[0], "alerts": 0,
            "acknowledged_at": at + 60_000 if self.chance.random() < 0.7 or not waits else None,
            "closed_at": None if waits else min(self.now, at + DAY),
            "outcome": None if waits else self.chance.choice(OUTCOMES),
        }  # fmt: skip

    def _notes(self, case: Row) -> Iterator[Row]:
        for number in range(2):
            row = case["id"] + (number << 17)
            yield {
                "id": row, "case_id": case["id"], "staff_id": None, "at": case["opened_at"], "kind": "note",
                "text_sealed": self._seal("She called back in the evening.", "note", row),
            }  # fmt: skip

    def _counts(self) -> None:
        today = datetime.now(UTC).date()
        days = [(today - timedelta(days=number)).isoformat() for number in range(CASES_DAYS)]
        keys = [(country, language) for country in ("KH", "TH", "MY", "KR", "JP", "VN") for language in ("km", "en")]
        counts = (
            {"day": day, "country": country, "language": language, "topic": topic, "shard": 0, "texts": 40}
            for day in days for country, language in keys for topic in sorted(TOPICS)
        )  # fmt: skip
        self._put(DailyCount, counts)
        outcomes = (
            {"day": day, "channel": channel, "outcome": outcome, "shard": 0, "texts": 4_000}
            for day in days for channel in ("twilio", "kannel") for outcome in ("delivered", "failed", "unknown")
        )  # fmt: skip
        self._put(DailyOutcome, outcomes)

    def _broadcasts(self) -> None:
        """One is held in the middle, written down for everybody; those before are over, those after not begun."""
        store, vault = self.service.database, self.service.vault
        made = [audience.broadcast(store, vault, number, Stage.DONE) for number in range(self.size.broadcasts)]
        cells = (
            {"broadcast_id": row, "province": f"{province:02d}", "language": language, "channel": "twilio",
             "country": "KH", "network": "smart", "outcome": outcome, "recipients": 70, "parts": 140}
            for row in made for province in range(1, 26) for language in ("km", "en")
            for outcome in ("delivered", "failed", "unknown")
        )  # fmt: skip
        self._put(BroadcastResult, cells)
        store.write(
            lambda tx: [tx.run(audience.CLOSE, row=row, state=int(Stage.DONE), closed_at=self.now) for row in made]
        )
        last = audience.broadcast(store, vault, self.size.broadcasts, Stage.PAUSED)
        fresh = not store.read(lambda tx: tx.one_writer)
        people = expand(store, Audience().sought(audience.CODE, self.now, last), fresh=fresh)
        counts = json.dumps({"recipients": people, "excluded": {"stopped": self.size.contacts - people}})
        store.write(lambda tx: tx.run(HANDED_IN, row=last, counts=counts))
        for number, stage in enumerate((Stage.DRAFT, Stage.WAITING), self.size.broadcasts + 1):
            audience.broadcast(store, vault, number, stage)

    def _acts(self) -> None:
        """In the course of the last months."""
        pages = list(pairwise([*range(0, self.size.acts, PAGE), self.size.acts]))
        for number, (first, after) in enumerate(pages):
            at = datetime.now(UTC) - timedelta(days=300 * (len(pages) - number) / len(pages))
            service = replace(self.service, clock=lambda at=at: at)  # type: ignore[misc]
            service.database.write(partial(self._noted, service, first, after))

    def _noted(self, service: Service, first: int, after: int, tx: Tx) -> None:
        for number in range(first, after):
            name = f"Helper {chr(97 + number % 7)}"
            about = audit.About("contact", self.people[number % len(self.people)])
            audit.note(service, tx, audit.Event.CONTACT_READ, name, about=about)


def _added(tx: Tx, statement: Statement, rows: Sequence[Row]) -> None:
    tx.run_many(statement, rows)


def fill(service: Service, size: Size) -> None:
    """Make a house busy. Takes some minutes for the whole size."""
    Fill(service, size).whole()
