"""A case as staff see it, and the one way in which it is changed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from bot.services.audit import About
from bot.services.case_rules import Refused, Why
from bot.services.faces import masked
from bot.services.names import folded
from bot.services.service import Service
from bot.store import case_talk as talk
from bot.store import cases as store
from bot.store import staff
from bot.store.cases import Kind, Known, Outcome
from bot.store.crypto import Unsealable, Vault
from bot.store.database import T, Tx


class Done(StrEnum):
    """What was done about a case."""

    NOTE = "note"
    REPLY = "reply"
    REFER = "refer"
    ASSIGN = "assign"
    WAIT = "wait"
    CLOSE = "close"
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True)
class Case:
    """A case, without anything that was said in it. `masked` stands for the number; `locked_by` is somebody who is
    answering at this moment. `key` is where a page of its list goes on after it."""

    id: int
    contact_id: int
    kind: Kind
    opened_at: int
    news_at: int
    acknowledged_at: int | None
    assigned: str | None
    locked_by: str | None
    locked_until: int | None
    waits_until: int | None
    closed_at: int | None
    outcome: Outcome | None
    referred: str | None
    masked: str
    country: str | None
    language: str | None
    province: str | None
    opted_out: bool
    blocked: bool = False
    reachable: bool = True
    alerts: int = 0
    key: str = ""

    @property
    def answering(self) -> bool:
        """Whether somebody is answering at this moment."""
        return self.locked_by is not None


class Act(NamedTuple):
    """What is done about a case, and by whom of staff, so far as that is known."""

    kind: Done
    staff_id: int | None
    word: str | None = None
    text: str | None = None
    outbound_id: int | None = None


def shown(vault: Vault, known: Known, now: int, key: str = "") -> Case:
    """A case as staff see it."""
    locked = known.locked_until is not None and known.locked_until > now and known.holder is not None
    return Case(
        id=known.id,
        contact_id=known.contact_id,
        kind=Kind(known.kind),
        opened_at=known.opened_at,
        news_at=known.news_at,
        acknowledged_at=known.acknowledged_at,
        assigned=known.owner,
        locked_by=known.holder if locked else None,
        locked_until=known.locked_until if locked else None,
        waits_until=known.waits_until if known.waits_until is not None and known.waits_until > now else None,
        closed_at=known.closed_at,
        outcome=Outcome(known.outcome) if known.outcome else None,
        referred=known.referred,
        masked=masked(number(vault, known)),
        country=known.country,
        language=known.language,
        province=known.province,
        opted_out=known.opted_out_at is not None,
        blocked=known.blocked_at is not None,
        reachable=known.number_sealed is not None and known.dead_at is None,
        alerts=known.alerts,
        key=key,
    )


def number(vault: Vault, known: Known) -> str | None:
    """The number of the person of a case; None if it is not kept, or does not open."""
    if known.number_sealed is None:
        return None
    with suppress(Unsealable):
        return vault.open(known.number_sealed, "number", known.contact_id).decode()
    return None


def about(case_id: int) -> About:
    """How the audit names it."""
    return About("case", case_id)


def change(service: Service, case_id: int, work: Callable[[Tx, Known], T]) -> T:
    """Do something with a case while no text of its person comes in. Raises `Refused` and `StoreError`."""
    known = service.database.read(lambda tx: store.get(tx, case_id))
    if known is None:
        raise Refused(Why.GONE)

    def step(tx: Tx) -> T:
        now = store.get(tx, case_id)
        if now is None:
            raise Refused(Why.GONE)
        return work(tx, now)

    return service.database.write(step, known.number_key)


def change_open(service: Service, case_id: int, work: Callable[[Tx, Known], T]) -> T:
    """The same with one that is open, else `Refused`."""

    def step(tx: Tx, known: Known) -> T:
        if known.closed_at is not None:
            raise Refused(Why.CLOSED)
        return work(tx, known)

    return change(service, case_id, step)


def unread(known: Known, seen: int | None) -> None:
    """Raises `Refused` if the person has texted since `seen`, the last news that somebody of staff had before them:
    nobody closes, puts off or answers what they have not read. None: they say nothing about that."""
    if seen is not None and known.news_at != seen:
        raise Refused(Why.NEWS)


def keep(service: Service, tx: Tx, case_id: int, act: Act) -> None:
    """Write down what was done."""
    now = service.now()
    row = service.database.new_id(now)
    sealed = service.vault.seal(act.text.encode(), "note", row) if act.text is not None else None
    talk.add_note(tx, talk.Note(row, now, act.kind, act.word, sealed, act.outbound_id, None), case_id, act.staff_id)


def account(tx: Tx, by: str) -> int | None:
    """Whose name it is."""
    known = staff.called(tx, folded(by))
    return known.id if known else None
