"""Whom a text that nobody asked for may reach."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from bot.store.database import Tx
from bot.store.messages import WAIT_OUTBOUND as ADD
from bot.store.statements import Statement
from bot.store.tables import Contact

__all__ = ["ADD", "reachable"]

_REACHABLE = Statement(
    lambda _: select(Contact.id).where(
        Contact.number_key == bindparam("sought"),
        Contact.opted_out_at.is_(None),
        Contact.number_sealed.is_not(None),
    )
)


def reachable(tx: Tx, number_key: bytes) -> int | None:
    """The contact with this number, if it is known and has not opted out."""
    row = tx.one(_REACHABLE, sought=number_key)
    return row[0] if row else None
