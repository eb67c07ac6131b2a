"""Rows of the outbox that nobody holds any more, whose outcome is not known, or that are to go another way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Integer,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    null,
    or_,
    select,
    update,
)

from bot.store.database import Tx
from bot.store.lists import listed
from bot.store.outbox import (
    AMONG,
    FOREVER,
    FREE,
    HELD,
    OPEN,
    PRIORITIES,
    ROW,
    Waiting,
    among_open,
    being,
    number,
    waiting,
)
from bot.store.state import State
from bot.store.statements import Statement
from bot.store.tables import Outbound

HELD_STATES = (State.CLAIMED, State.POSTING, State.UNSURE)

_NOW: BindParameter[int] = bindparam("now", type_=BigInteger)
_OVER = or_(Outbound.lease_until <= _NOW, Outbound.lease_until > bindparam("absurd"))
"""A lease that ended, or that only a clock that was wrong can have written."""

_TRIED_AT = case(
    (Outbound.lease_until - bindparam("lease_time") < _NOW, Outbound.lease_until - bindparam("lease_time")), else_=_NOW
)
"""A lease begins when a text is handed over: since then nobody knows."""


def _freed(state: State, lost: ColumnElement[bool]) -> Statement:
    """What was claimed has not gone; what was on its way may have."""
    values: dict[str, Any] = {
        State.CLAIMED: {"state": number(State.QUEUED)},
        State.POSTING: {"state": number(State.UNSURE), "due_at": _TRIED_AT},
        State.UNSURE: {},
    }[state]
    return Statement(lambda _: update(Outbound).where(being(state), lost).values(**values, **FREE))


_NOT_MINE = and_(Outbound.owner.is_not(None), Outbound.owner != bindparam("holder"))
_RECOVER = tuple(_freed(state, _NOT_MINE) for state in HELD_STATES)
_EXPIRE = tuple(_freed(state, and_(_OVER, ~AMONG)) for state in HELD_STATES)

_FIND_UNSURE = Statement(
    lambda _: waiting(State.UNSURE, PRIORITIES, FOREVER, or_(Outbound.lease_until.is_(None), _OVER))
)
_HOLD = Statement(
    lambda _: update(Outbound).where(AMONG).values(owner=bindparam("holder"), lease_until=bindparam("lease"))
)
_DECIDE = Statement(
    lambda _: (
        update(Outbound)
        .where(ROW, HELD, being(State.UNSURE))
        .values(
            state=bindparam("next_state"),
            channel=bindparam("to_channel"),
            begin=bindparam("part"),
            due_at=bindparam("due"),
            repeats=Outbound.repeats - bindparam("fewer", type_=Integer),
            owner=null(),
            lease_until=bindparam("until"),
        )
    )
)
_GIVE_UP = Statement(
    lambda _: (
        update(Outbound)
        .where(ROW, HELD, being(State.UNSURE))
        .values(state=bindparam("ended"), to_sealed=null(), **FREE)
    )
)
_ELSEWHERE: dict[str, Any] = {
    "channel": bindparam("to_channel"),
    "due_at": _NOW,
    "begin": literal_column("0"),
}
_MOVE_HELD = Statement(
    lambda _: (
        update(Outbound).where(ROW, HELD, being(State.CLAIMED)).values(state=number(State.QUEUED), **_ELSEWHERE, **FREE)
    )
)
_MOVE_WAITING = Statement(
    lambda _: update(Outbound).where(among_open(State.QUEUED, bindparam("of_priority"))).values(**_ELSEWHERE)
)
_LATER = or_(
    Outbound.due_at > bindparam("latest"), and_(Outbound.due_at > _NOW, Outbound.created_at > bindparam("soon"))
)
_UNSTRAND = Statement(
    lambda _: (
        update(Outbound)
        .where(being(State.QUEUED), _LATER, or_(Outbound.contact_id.is_(None), Outbound.attempts > literal_column("0")))
        .values(due_at=_NOW)
    )
)
_BY: BindParameter[int] = bindparam("by", type_=BigInteger)
_BEFORE = Outbound.created_at <= bindparam("before", type_=BigInteger)
_SHIFT = Statement(
    lambda _: (
        update(Outbound)
        .where(OPEN, Outbound.contact_id.is_(None), _BEFORE)
        .values(
            {name: getattr(Outbound, name) + bindparam("by", type_=BigInteger) for name in ("due_at", "expires_at")}
        )
    )
)
_SHIFT_LEASES = Statement(
    lambda _: (
        update(Outbound)
        .where(OPEN, Outbound.owner.is_(None), Outbound.lease_until.is_not(None), _BEFORE)
        .values(lease_until=Outbound.lease_until + _BY)
    )
)
_OVERDUE = {
    State.QUEUED: State.EXPIRED,
    State.UNSURE: State.UNKNOWN,
}
_END_OVERDUE = tuple(
    Statement(
        lambda _, state=state, ended=ended: (  # type: ignore[misc]
            update(Outbound)
            .where(being(state), Outbound.expires_at <= bindparam("before"))
            .values(state=number(ended), to_sealed=null(), **FREE)
            .returning(Outbound.channel)
        )
    )
    for state, ended in _OVERDUE.items()
)
_DEPTH = Statement(
    lambda _: (
        select(Outbound.channel, Outbound.state, Outbound.priority, func.count(), func.min(Outbound.due_at))
        .where(OPEN)
        .group_by(Outbound.channel, Outbound.state, Outbound.priority)
    )
)


def recover(tx: Tx, holder: int, now: int, lease_time: int) -> int:
    """Free what other owners hold; how many rows."""
    times = {"now": now, "lease_time": lease_time}
    return sum(tx.run(each, holder=holder, **times) for each in _RECOVER)


def expire(tx: Tx, spared: Iterable[int], now: int, lease_time: int, longest: int) -> int:
    """Free what is held beyond its lease, except what is `spared`; how many rows."""
    ids = listed(spared)
    times = {"now": now, "lease_time": lease_time, "absurd": now + longest}
    return sum(tx.run(each, ids=ids, **times) for each in _EXPIRE)


def unsure(tx: Tx, channel: str, now: int, longest: int, most: int) -> list[Waiting]:
    """Texts of which nobody knows whether they went, and whose time to look has come."""
    found = tx.all(_FIND_UNSURE, of_channel=channel, now=now, absurd=now + longest, most=most)
    return [Waiting._make(row) for row in found]


def hold(tx: Tx, rows: Iterable[int], holder: int, lease: int) -> None:
    """Nobody else is to decide about these until `lease`."""
    tx.run(_HOLD, ids=listed(rows), holder=holder, lease=lease)


def decide(tx: Tx, row: int, holder: int, lease: int, **new: Any) -> bool:
    """Move a text on whose outcome was unknown, if it is still held; wants `next_state`, `due`, `fewer`, `until`,
    `to_channel` and `part`."""
    return tx.run(_DECIDE, row=row, holder=holder, lease=lease, **new) == 1


def give_up(tx: Tx, row: int, holder: int, lease: int, state: State) -> bool:
    """End a text whose outcome was unknown, if it is still held."""
    return tx.run(_GIVE_UP, row=row, holder=holder, lease=lease, ended=int(state)) == 1


def move_held(tx: Tx, row: int, holder: int, lease: int, *, to: str, now: int) -> bool:
    """A claimed text goes by another channel, from its first part."""
    return tx.run(_MOVE_HELD, row=row, holder=holder, lease=lease, to_channel=to, now=now) == 1


def move_waiting(tx: Tx, of: str, channel: str, priority: int, now: int) -> int:
    """All texts of a priority that wait for one channel go by another; how many."""
    return tx.run(_MOVE_WAITING, of_channel=of, to_channel=channel, of_priority=priority, now=now)


def unstrand(tx: Tx, now: int, longest: int, apart: int) -> int:
    """Make due what only a clock that was wrong can have put off so far; how many rows.

    The clocks of two machines are never as far as `apart` from each other.
    """
    return tx.run(_UNSTRAND, now=now, latest=now + longest, soon=now + apart)


def shift(tx: Tx, by: int, before: int | None = None) -> None:
    """Move all times of replies that wait, by as much as the clock was moved; only of those made `before`."""
    latest = (1 << 62) if before is None else before
    tx.run(_SHIFT, by=by, before=latest)
    tx.run(_SHIFT_LEASES, by=by, before=latest)


def end_overdue(tx: Tx, now: int, long_ago: int) -> Counter[tuple[str, State]]:
    """End what waits beyond its time, and what nobody could say of for long; how many rows, by channel and end."""
    ended: Counter[tuple[str, State]] = Counter()
    for (_, state), statement, before in zip(_OVERDUE.items(), _END_OVERDUE, (now, long_ago), strict=True):
        ended.update((channel, state) for (channel,) in tx.all(statement, before=before))
    return ended


def depth(tx: Tx) -> list[tuple[str, int, int, int, int]]:
    """Channel, state, priority, how many, and when the first of them was due; of all that is not settled."""
    return [(channel, state, priority, count, due) for channel, state, priority, count, due in tx.all(_DEPTH)]
