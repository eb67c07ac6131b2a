"""What must never be seen in the outbox, counted."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, or_, select

from bot.store.database import Tx
from bot.store.outbox import OPEN, being, number
from bot.store.state import State
from bot.store.statements import Statement
from bot.store.tables import Contact, Outbound

_HANDED = or_(Outbound.state == number(State.CLAIMED), Outbound.state == number(State.POSTING))
_STATES = Outbound.state.in_([number(state) for state in State])
_WANTED_NO_MORE = exists().where(Contact.id == Outbound.contact_id, Contact.opted_out_at < bindparam("long_ago"))

BROKEN: dict[str, ColumnElement[bool]] = {
    "a state nobody knows": ~_STATES,
    "waits without a time": and_(OPEN, Outbound.due_at.is_(None)),
    "waits without a number": and_(OPEN, Outbound.to_sealed.is_(None), Outbound.contact_id.is_(None)),
    "waits though somebody holds it": and_(being(State.QUEUED), Outbound.lease_until.is_not(None)),
    "held without a lease": and_(_HANDED, OPEN, Outbound.lease_until.is_(None)),
    "held longer than two leases (I7)": and_(_HANDED, OPEN, Outbound.lease_until < bindparam("long_ago")),
    "on its way to somebody who said STOP (I4)": and_(_HANDED, OPEN, _WANTED_NO_MORE),
    "over, but still with a number": and_(~OPEN, Outbound.to_sealed.is_not(None)),
    "over, but still held": and_(~OPEN, or_(Outbound.owner.is_not(None), Outbound.lease_until.is_not(None))),
}


def _counts() -> dict[str, Statement]:
    def counting(broken: ColumnElement[bool]) -> Statement:
        return Statement(lambda _: select(func.count()).select_from(Outbound).where(broken))

    return {name: counting(broken) for name, broken in BROKEN.items()}


_COUNTS = _counts()


def broken(tx: Tx, long_ago: int) -> dict[str, int]:
    """How many rows break each rule; nothing for a rule that holds. `long_ago`: when leases must have ended."""
    counted = {name: tx.one(statement, long_ago=long_ago) for name, statement in _COUNTS.items()}
    return {name: row[0] for name, row in counted.items() if row is not None and row[0]}
