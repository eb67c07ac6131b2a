"""Texts that found no answer: which they were, and their sealed words while those are kept."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import bindparam, delete, select

from bot.store.database import Tx
from bot.store.statements import Statement
from bot.store.tables import Inbound, Unmatched

MOST = 5_000
"""So many are looked through at once, the newest."""

ADD = Statement(lambda insert: insert(Unmatched))
FORGET = Statement(lambda _: delete(Unmatched).where(Unmatched.inbound_id == bindparam("row")))
_SINCE = Statement(
    lambda _: (
        select(Unmatched.inbound_id, Unmatched.at, Inbound.contact_id, Inbound.text_sealed)
        .join(Inbound, Inbound.id == Unmatched.inbound_id)
        .where(Unmatched.at >= bindparam("since"), Inbound.text_sealed.is_not(None))
        .order_by(Unmatched.inbound_id.desc())
        .limit(bindparam("rows"))
    )
)


class Lost(NamedTuple):
    """One of them. `contact_id` only tells whether two are from the same person."""

    inbound_id: int
    at: int
    contact_id: int | None
    text_sealed: bytes


def since(tx: Tx, at: int, most: int = MOST) -> list[Lost]:
    """Those that came at `at` or later, newest first."""
    return [Lost._make(row) for row in tx.all(_SINCE, since=at, rows=most)]
