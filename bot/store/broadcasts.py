"""Broadcasts as rows: what is known of each, its words, what was done with it, and whom it may reach by exception."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import BigInteger, BindParameter, Text, and_, bindparam, delete, func, select, update

from bot.store.database import Tx
from bot.store.ids import RANDOM_BITS
from bot.store.stages import OVER
from bot.store.statements import Statement
from bot.store.tables import Broadcast, BroadcastEvent, BroadcastText, Contact, Permit


class Known(NamedTuple):
    """A broadcast, as it is kept."""

    id: int
    request: str
    campaign: str
    title: str
    channel: str
    author: str
    approver: str | None
    state: int
    audience: str
    counts: str
    pace: int | None
    created_at: int
    starts_at: int
    ends_at: int
    expanded_to: int | None
    wave: int
    canary_until: int | None
    paused_from: int | None
    paused_why: str | None
    repeats: str | None
    origin: str | None
    closed_at: int | None


class Words(NamedTuple):
    """The words of a broadcast in one language, sealed."""

    id: int
    language: str
    text_sealed: bytes
    parts: int
    opens: str | None


class Asked(NamedTuple):
    """A permit that somebody asked for. Whoever was erased has no number."""

    contact_id: int
    reason: str
    asked_by: str
    granted_by: str | None
    number_sealed: bytes | None


class Happened(NamedTuple):
    """What somebody, or the house itself, did with a broadcast."""

    at: int
    who: str
    act: str
    detail: str | None


_THIS: BindParameter[int] = bindparam("broadcast", type_=BigInteger)
_ALL = select(*(getattr(Broadcast, name) for name in Known._fields))

ADD = Statement(lambda insert: insert(Broadcast), columns=Known._fields)
ADD_WORDS = Statement(lambda insert: insert(BroadcastText), columns=("broadcast_id", *Words._fields))
ADD_EVENT = Statement(lambda insert: insert(BroadcastEvent))
_GET = Statement(lambda _: _ALL.where(Broadcast.id == _THIS))
_BY_REQUEST = Statement(lambda _: _ALL.where(Broadcast.request == bindparam("named")))
_OPEN = Statement(lambda _: _ALL.where(Broadcast.closed_at.is_(None)).order_by(Broadcast.starts_at, Broadcast.id))
_LATEST = Statement(lambda _: _ALL.order_by(Broadcast.id.desc()).limit(bindparam("most")))
_MADE = _ALL.where(Broadcast.id < bindparam("before", type_=BigInteger)).order_by(Broadcast.id.desc())
_STILL = Statement(lambda _: _MADE.where(Broadcast.state < int(OVER)).limit(bindparam("most")))
_OVER = Statement(lambda _: _MADE.where(Broadcast.state >= int(OVER)).limit(bindparam("most")))
_WORDS = Statement(
    lambda _: (
        select(*(getattr(BroadcastText, name) for name in Words._fields))
        .where(BroadcastText.broadcast_id == _THIS)
        .order_by(BroadcastText.language)
    )
)
_DROP_WORDS = Statement(lambda _: delete(BroadcastText).where(BroadcastText.broadcast_id == _THIS))
_EVENTS = Statement(
    lambda _: (
        select(*(getattr(BroadcastEvent, name) for name in Happened._fields))
        .where(BroadcastEvent.broadcast_id == _THIS)
        .order_by(BroadcastEvent.id)
    )
)


def get(tx: Tx, broadcast: int) -> Known | None:
    """A broadcast."""
    row = tx.one(_GET, broadcast=broadcast)
    return Known._make(row) if row else None


def asked_for(tx: Tx, request: str) -> Known | None:
    """The broadcast that was made for a request."""
    row = tx.one(_BY_REQUEST, named=request)
    return Known._make(row) if row else None


def unclosed(tx: Tx) -> list[Known]:
    """Every broadcast that is not closed, the first to begin first."""
    return [Known._make(row) for row in tx.all(_OPEN)]


def latest(tx: Tx, most: int = 500) -> list[Known]:
    """The newest broadcasts, closed or not, the newest first."""
    return [Known._make(row) for row in tx.all(_LATEST, most=most)]


def page(tx: Tx, before: int, most: int, *, over: bool) -> list[Known]:
    """Those of which nothing goes any more, or the others: the newest made before an id first."""
    return [Known._make(row) for row in tx.all(_OVER if over else _STILL, before=before, most=most)]


def texts(tx: Tx, broadcast: int) -> list[Words]:
    """Its words."""
    return [Words._make(row) for row in tx.all(_WORDS, broadcast=broadcast)]


def drop_words(tx: Tx, broadcast: int) -> None:
    """Take the words of a draft out: others come in their place, under ids of their own."""
    tx.run(_DROP_WORDS, broadcast=broadcast)


def history(tx: Tx, broadcast: int) -> list[Happened]:
    """What was done with it, in the order it was done."""
    return [Happened._make(row) for row in tx.all(_EVENTS, broadcast=broadcast)]


_LATELY = Statement(
    lambda _: (
        select(func.count())
        .select_from(BroadcastEvent)
        .where(
            BroadcastEvent.id >= bindparam("first", type_=BigInteger),
            BroadcastEvent.at > bindparam("since", type_=BigInteger),
            BroadcastEvent.act == bindparam("done", type_=Text),
            BroadcastEvent.who == bindparam("by", type_=Text),
        )
    )
)


def lately(tx: Tx, by: str, act: str, since: int) -> int:
    """How often somebody did this with any broadcast since then. Ids are in the order of time: older rows are not
    looked at."""
    row = tx.one(_LATELY, first=since << RANDOM_BITS, since=since, done=act, by=by)
    return int(row[0]) if row else 0


_LAST = Statement(
    lambda _: (
        select(BroadcastEvent.who, BroadcastEvent.at)
        .where(BroadcastEvent.broadcast_id == _THIS, BroadcastEvent.act == bindparam("done", type_=Text))
        .order_by(BroadcastEvent.id.desc())
        .limit(1)
    )
)


def last(tx: Tx, broadcast: int, act: str) -> tuple[str, int] | None:
    """Who did this last, and when; None if nobody ever did."""
    row = tx.one(_LAST, broadcast=broadcast, done=act)
    return (row[0], row[1]) if row else None


_CHANGES: dict[frozenset[str], Statement] = {}


def change(tx: Tx, broadcast: int, **new: Any) -> None:
    """Set these columns of a broadcast."""
    names = frozenset(new)
    if names not in _CHANGES:
        _CHANGES[names] = Statement(lambda _: update(Broadcast).where(Broadcast.id == _THIS), tuple(sorted(new)))
    tx.run(_CHANGES[names], broadcast=broadcast, **new)


_PERMIT = and_(Permit.broadcast_id == _THIS, Permit.contact_id == bindparam("person", type_=BigInteger))
ADD_PERMIT = Statement(
    lambda insert: insert(Permit), columns=("broadcast_id", "contact_id", "reason", "asked_by", "at")
)
_GET_PERMIT = Statement(lambda _: select(Permit.asked_by, Permit.granted_by).where(_PERMIT))
_PERMITS = Statement(
    lambda _: (
        select(Permit.contact_id, Permit.reason, Permit.asked_by, Permit.granted_by, Contact.number_sealed)
        .join(Contact, Contact.id == Permit.contact_id)
        .where(Permit.broadcast_id == _THIS)
        .order_by(Permit.contact_id)
        .limit(bindparam("most"))
    )
)
_GRANT = Statement(lambda _: update(Permit).where(_PERMIT, Permit.granted_by.is_(None)), columns=("granted_by", "at"))


def permit(tx: Tx, broadcast: int, person: int) -> tuple[str, str | None] | None:
    """Who asked for a permit for this person, and who granted it; None if nobody asked."""
    row = tx.one(_GET_PERMIT, broadcast=broadcast, person=person)
    return (row[0], row[1]) if row else None


def permits(tx: Tx, broadcast: int, most: int) -> list[Asked]:
    """For whom somebody asked."""
    return [Asked._make(row) for row in tx.all(_PERMITS, broadcast=broadcast, most=most)]


def grant(tx: Tx, broadcast: int, person: int, by: str, now: int) -> None:
    """A second of staff agrees."""
    tx.run(_GRANT, broadcast=broadcast, person=person, granted_by=by, at=now)
