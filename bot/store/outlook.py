"""Looks at the outbox that change nothing and cost next to nothing: does anything wait, and for how long?"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, and_, bindparam, func, literal_column, select, union_all

from bot.store.database import Tx
from bot.store.outbox import CHANNEL, PRIORITIES, being
from bot.store.state import State
from bot.store.statements import Statement
from bot.store.tables import Outbound

_NOW: Any = bindparam("now", type_=BigInteger)


def _due(priorities: tuple[int, ...]) -> Any:
    """One search of the index for each priority."""
    here = and_(CHANNEL, being(State.QUEUED), Outbound.due_at <= _NOW)
    each = [
        select(
            select(Outbound.id).where(here, Outbound.priority == literal_column(str(one))).limit(1).subquery(f"p{one}")
        )
        for one in priorities
    ]
    return union_all(*each).limit(1)


_ANY = Statement(lambda _: _due(PRIORITIES))
_URGENT = Statement(lambda _: _due(PRIORITIES[:1]))
_OLDEST = Statement(
    lambda _: select(func.min(Outbound.due_at)).where(being(State.QUEUED), Outbound.priority == literal_column("0"))
)


def due(tx: Tx, channel: str, now: int, *, urgent: bool) -> bool:
    """Whether a text is to go by a channel now. `urgent`: an emergency answer."""
    return tx.one(_URGENT if urgent else _ANY, of_channel=channel, now=now) is not None


def oldest_emergency(tx: Tx) -> int | None:
    """When the emergency answer that waits longest was due; None if none waits."""
    row = tx.one(_OLDEST)
    return row[0] if row else None
