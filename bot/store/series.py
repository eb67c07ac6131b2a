"""Series of texts that run for a campaign, and whether a step of one is for anybody on a day."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import bindparam, literal_column, select, update

from bot.store.database import Tx
from bot.store.statements import Insert, Statement
from bot.store.tables import Broadcast, ContactDay, Membership, Series


class Running(NamedTuple):
    """A series of a campaign. Without an `approver` it waits for one; with `ended_at` it is over."""

    name: str
    campaign: str
    channel: str
    author: str
    approver: str | None
    fingerprint: str
    begun_at: int
    ended_at: int | None


def _start(insert: Insert) -> Any:
    new = insert(Series)
    again = ("channel", "author", "approver", "fingerprint", "begun_at", "ended_at")
    changed = {name: new.excluded[name] for name in again}
    return new.on_conflict_do_update(index_elements=[Series.name, Series.campaign], set_=changed)


_THIS = (Series.name == bindparam("series"), Series.campaign == bindparam("code"))
_START = Statement(_start, columns=Running._fields)
_ALL = Statement(lambda _: select(*(getattr(Series, name) for name in Running._fields)).order_by(Series.begun_at))
_APPROVE = Statement(lambda _: update(Series).where(*_THIS), columns=("approver",))
_END = Statement(lambda _: update(Series).where(*_THIS, Series.ended_at.is_(None)), columns=("ended_at",))
_OPEN = Statement(
    lambda _: select(Broadcast.id).where(
        Broadcast.closed_at.is_(None), Broadcast.origin >= bindparam("begins"), Broadcast.origin < bindparam("beyond")
    )
)
_JOINED = Statement(
    lambda _: (
        select(literal_column("1"))
        .where(
            Membership.code == bindparam("code"),
            Membership.joined_at >= bindparam("since"),
            Membership.joined_at < bindparam("until"),
        )
        .limit(1)
    )
)
_DAY = Statement(
    lambda _: (
        select(literal_column("1"))
        .join_from(ContactDay, Membership, Membership.contact_id == ContactDay.contact_id)
        .where(
            ContactDay.kind == bindparam("kind"),
            ContactDay.day == bindparam("day"),
            Membership.code == bindparam("code"),
        )
        .limit(1)
    )
)


def start(tx: Tx, running: Running) -> None:
    """Keep a series; one of this name and campaign becomes this one."""
    tx.run(_START, **running._asdict())


def approve(tx: Tx, name: str, code: str, approver: str) -> None:
    """Somebody else agrees."""
    tx.run(_APPROVE, series=name, code=code, approver=approver)


def end(tx: Tx, name: str, code: str, now: int) -> bool:
    """Whether it was not over yet."""
    return tx.run(_END, series=name, code=code, ended_at=now) > 0


def every(tx: Tx) -> list[Running]:
    """Every series, over or not, in the order in which they began."""
    return [Running._make(row) for row in tx.all(_ALL)]


def open_broadcasts(tx: Tx, origin: str) -> list[int]:
    """The broadcasts that are not closed whose origin begins so."""
    return [row for (row,) in tx.all(_OPEN, begins=origin, beyond=origin[:-1] + chr(ord(origin[-1]) + 1))]


def anybody_joined(tx: Tx, code: str, since: int, until: int) -> bool:
    """Whether anybody joined a campaign in that time."""
    return tx.one(_JOINED, code=code, since=since, until=until) is not None


def anybody_named(tx: Tx, code: str, kind: str, day: str) -> bool:
    """Whether any member of a campaign named this day."""
    return tx.one(_DAY, code=code, kind=kind, day=day) is not None
