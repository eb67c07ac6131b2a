"""Texts that staff send to themselves before a broadcast: rows of the outbox that belong to no contact."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, func, select

from bot.store.database import Tx
from bot.store.lists import listed, numbers
from bot.store.state import State
from bot.store.statements import Statement
from bot.store.tables import Contact, Outbound

_STOPPED = Statement(
    lambda _: select(Contact.id).where(Contact.number_key == bindparam("sought"), Contact.opted_out_at.is_not(None))
)
_STATES = Statement(
    lambda _: select(Outbound.state, func.count()).where(Outbound.id.in_(numbers("ids"))).group_by(Outbound.state)
)


def stopped(tx: Tx, number_key: bytes) -> bool:
    """Whether nothing unasked may go to this number."""
    return tx.one(_STOPPED, sought=number_key) is not None


def states(tx: Tx, rows: Iterable[int]) -> dict[State, int]:
    """How many of these rows are in which state."""
    return {State(state): count for state, count in tx.all(_STATES, ids=listed(rows))}
