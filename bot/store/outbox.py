"""The outbox in SQL: which texts are due, who holds them, and how each of them ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
    union_all,
    update,
)

from bot.store.database import Tx
from bot.store.erasure import FORGET_DAYS, FORGET_MEMBERSHIPS
from bot.store.lists import listed, numbers
from bot.store.stages import Stage
from bot.store.state import State
from bot.store.statements import Statement
from bot.store.tables import Broadcast, BroadcastText, Contact, Inbound, Outbound
from bot.store.typed import aliased

PRIORITIES = (0, 1, 2)


class Waiting(NamedTuple):
    """A text that waits, as it is kept; of a text nobody asked for also what its person wants now."""

    id: int
    priority: int
    due_at: int
    created_at: int
    expires_at: int | None
    parts: int
    begin: int
    attempts: int
    repeats: int
    text_sealed: bytes | None
    to_sealed: bytes | None
    contact_id: int | None
    broadcast_text_id: int | None
    number_sealed: bytes | None
    opted_out_at: int | None
    blocked_at: int | None
    dead_at: int | None
    country: str | None
    destination: str | None


_OF_CONTACT = frozenset({"number_sealed", "opted_out_at", "blocked_at", "dead_at", "country", "destination"})


def number(state: State) -> ColumnElement[int]:
    """A state written into the statement itself."""
    return literal_column(str(int(state)), type_=Integer)


OPEN = Outbound.state < number(State.UNKNOWN)
"""Not settled: as the index over such rows says it."""


def being(state: State) -> ColumnElement[bool]:
    """Written so that both databases see that the index will do."""
    return and_(Outbound.state == number(state), OPEN)


def among(key: Any) -> ColumnElement[bool]:
    """Whether a key is one of `ids`, which are `listed`."""
    found: ColumnElement[bool] = key.in_(numbers("ids"))
    return found


AMONG = among(Outbound.id)
CHANNEL = Outbound.channel == bindparam("of_channel")
ROW = Outbound.id == bindparam("row")
HELD = and_(Outbound.owner == bindparam("holder"), Outbound.lease_until == bindparam("lease"))
FREE: dict[str, Any] = {"owner": null(), "lease_until": null()}
_OPTED_OUT = exists().where(
    Contact.id == Outbound.contact_id,
    or_(Contact.opted_out_at.is_not(None), Contact.blocked_at.is_not(None), Contact.number_sealed.is_(None)),
)
_HALTED = exists().where(
    BroadcastText.id == Outbound.broadcast_text_id,
    Broadcast.id == BroadcastText.broadcast_id,
    Broadcast.state >= literal_column(str(int(Stage.PAUSED))),
)
_OURS = or_(Outbound.state == number(State.CLAIMED), Outbound.state == number(State.POSTING))


FOREVER: ColumnElement[int] = literal_column(str(1 << 62))


def _waiting(where: ColumnElement[bool]) -> Select[Any]:
    """The oldest rows of a kind, with their people; rows that another process holds at this moment are left out."""
    columns = [getattr(Contact if name in _OF_CONTACT else Outbound, name) for name in Waiting._fields]
    return (
        select(*columns)
        .select_from(Outbound)
        .outerjoin(Contact, Contact.id == Outbound.contact_id)
        .where(where)
        .order_by(Outbound.priority, Outbound.due_at)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(skip_locked=True, of=Outbound)
    )


def among_open(state: State, priority: ColumnElement[int], until: ColumnElement[int] = FOREVER) -> ColumnElement[bool]:
    """Of a channel: said by all four columns of the index, or SQLite looks at every row that is not settled."""
    return and_(CHANNEL, being(state), Outbound.priority == priority, Outbound.due_at <= until)


def waiting(state: State, priorities: tuple[int, ...], until: ColumnElement[int], *more: ColumnElement[bool]) -> Any:
    """One search of the index for each priority: what is to be tried again later is not waded through."""
    each = [
        _waiting(and_(among_open(state, literal_column(str(priority)), until), *more)).subquery(f"p{priority}")
        for priority in priorities
    ]
    return union_all(*(select(one) for one in each)).limit(bindparam("most", type_=Integer))


_DUE = Statement(lambda _: waiting(State.QUEUED, PRIORITIES, bindparam("now")))
_URGENT = Statement(lambda _: waiting(State.QUEUED, PRIORITIES[:1], bindparam("now")))
_TAKE = Statement(
    lambda _: (
        update(Outbound)
        .where(AMONG)
        .values(
            state=bindparam("taken"),
            owner=bindparam("holder"),
            lease_until=bindparam("lease"),
            attempts=Outbound.attempts + bindparam("more", type_=Integer),
        )
    )
)
_END_MANY = Statement(
    lambda _: (
        update(Outbound).where(AMONG).values(state=bindparam("ended"), to_sealed=null(), cause=bindparam("why"), **FREE)
    )
)
_BEGIN = Statement(
    lambda _: (
        update(Outbound)
        .where(ROW, HELD, Outbound.state == number(State.CLAIMED), ~_OPTED_OUT, ~_HALTED)
        .values(state=number(State.POSTING), attempts=Outbound.attempts + literal_column("1"))
    )
)
_SUPPRESS = Statement(
    lambda _: (
        update(Outbound)
        .where(ROW, HELD, _OURS, _OPTED_OUT)
        .values(state=number(State.SUPPRESSED), to_sealed=null(), **FREE)
    )
)
_STILL = Statement(lambda _: select(Outbound.id).where(ROW, HELD, being(State.POSTING), ~_OPTED_OUT, ~_HALTED))


_ACCEPTED: dict[str, Any] = {
    "state": case((Outbound.state < number(State.ACCEPTED), number(State.ACCEPTED)), else_=Outbound.state),
    "to_sealed": null(),
    **FREE,
}


def _accept() -> Any:
    """A gateway that names two texts alike names only the first."""
    other = aliased(Outbound)
    named_before = exists().where(other.provider_key == bindparam("key"))
    name = case((and_(Outbound.provider_key.is_(None), ~named_before), bindparam("key")), else_=Outbound.provider_key)
    return update(Outbound).where(ROW).values(provider_key=name, **_ACCEPTED)


ACCEPT = Statement(lambda _: _accept())
"""The gateway has it: true whoever holds the row now. Wants `row` and `key`."""
ACCEPT_MANY = Statement(lambda _: update(Outbound).where(AMONG).values(_ACCEPTED))
"""The same of several to which the gateway gave no name. Wants `ids`."""

AGAIN = Statement(
    lambda _: (
        update(Outbound)
        .where(ROW, HELD, _OURS)
        .values(
            state=bindparam("next_state"),
            channel=bindparam("to_channel"),
            due_at=bindparam("due"),
            begin=bindparam("part"),
            repeats=Outbound.repeats - bindparam("fewer", type_=Integer),
            cause=bindparam("why"),
            **FREE,
        )
    )
)
"""It is not over yet. Wants `row`, `holder`, `lease`, `next_state`, `to_channel`, `due`, `part`, `fewer`,
`why`."""

END = Statement(
    lambda _: (
        update(Outbound)
        .where(ROW, HELD, _OURS)
        .values(state=bindparam("ended"), to_sealed=null(), cause=bindparam("why"), **FREE)
    )
)
"""It is over. Wants `row`, `holder`, `lease`, `ended`, `why`."""

_PERSON = Statement(
    lambda _: (
        select(func.coalesce(Outbound.contact_id, Inbound.contact_id))
        .select_from(Outbound)
        .outerjoin(Inbound, Inbound.id == Outbound.inbound_id)
        .where(ROW)
    )
)
_OPT_OUT = Statement(
    lambda _: (
        update(Contact)
        .where(Contact.id == bindparam("person"))
        .values(opted_out_at=func.coalesce(Contact.opted_out_at, bindparam("at")))
    )
)

_DIES = Statement(
    lambda _: (
        update(Contact)
        .where(Contact.id.in_(select(Outbound.contact_id).where(ROW)))
        .values(dead_at=func.coalesce(Contact.dead_at, bindparam("at")))
    )
)

_PUT_OFF = Statement(lambda _: update(Outbound).where(ROW).values(due_at=bindparam("due")))
_RELEASE = Statement(
    lambda _: (
        update(Outbound)
        .where(ROW, HELD, _OURS)
        .values(
            state=number(State.QUEUED),
            attempts=case(
                (Outbound.state == number(State.POSTING), Outbound.attempts - literal_column("1")),
                else_=Outbound.attempts,
            ),
            **FREE,
        )
    )
)


def due(tx: Tx, channel: str, now: int, most: int, *, urgent: bool) -> list[Waiting]:
    """What is to go now, the most urgent first; nobody else is given the same rows until the commit."""
    found = tx.all(_URGENT if urgent else _DUE, of_channel=channel, now=now, most=most)
    return sorted(map(Waiting._make, found), key=_order)


def _order(row: Waiting) -> tuple[int, int, int]:
    return row.priority, row.due_at, row.id


def take(tx: Tx, rows: Iterable[int], state: State, holder: int, lease: int) -> None:
    """Hold rows that are due until `lease`. One that is on its way at once is counted as handed over."""
    more = 1 if state is State.POSTING else 0
    tx.put(_TAKE, ids=listed(rows), taken=int(state), holder=holder, lease=lease, more=more)


def end(tx: Tx, rows: Sequence[int], state: State, why: str | None = None) -> None:
    """Rows that come to their end without having been handed over."""
    if rows:
        tx.run(_END_MANY, ids=listed(rows), ended=int(state), why=why)


def put_off(tx: Tx, row: int, due_at: int) -> None:
    """A row that was due waits longer."""
    tx.run(_PUT_OFF, row=row, due=due_at)


def begin(tx: Tx, row: int, holder: int, lease: int) -> bool:
    """From claimed to on its way; False if somebody else has it, its person wants it no more, or staff stopped it."""
    return tx.run(_BEGIN, row=row, holder=holder, lease=lease) == 1


def suppress(tx: Tx, row: int, holder: int, lease: int) -> bool:
    """End a held text that its person wants no more; whether that is so."""
    return tx.run(_SUPPRESS, row=row, holder=holder, lease=lease) == 1


def still(tx: Tx, row: int, holder: int, lease: int) -> bool:
    """Whether a text that was claimed as on its way still is, and is still wanted."""
    return tx.one(_STILL, row=row, holder=holder, lease=lease) is not None


def release(tx: Tx, row: int, holder: int, lease: int) -> None:
    """Give back what was not handed over."""
    tx.put(_RELEASE, row=row, holder=holder, lease=lease)


def dies(tx: Tx, row: int, now: int) -> None:
    """The network knows no such number: its person is not sent what they did not ask for any more."""
    tx.run(_DIES, row=row, at=now)


def opt_out(tx: Tx, row: int, now: int) -> None:
    """The person of a text wants nothing more, as their gateway knows: the same as if they had said STOP here."""
    found = tx.one(_PERSON, row=row)
    if found is not None and found[0] is not None:
        tx.run(_OPT_OUT, person=found[0], at=now)
        tx.run(FORGET_MEMBERSHIPS, person=found[0])
        tx.run(FORGET_DAYS, person=found[0])
