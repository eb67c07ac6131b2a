"""Whom a text that nobody asked for may reach."""

from __future__ import annotations

from sqlalchemy import bindparam, exists, literal_column, select

from bot.store.database import Tx
from bot.store.messages import WAIT_OUTBOUND as ADD
from bot.store.statements import Statement
from bot.store.tables import Contact, Outbound

__all__ = ["ADD", "reachable"]

_HAS_IT = exists().where(
    Outbound.contact_id == Contact.id,
    Outbound.priority == literal_column("2"),
    Outbound.created_at == bindparam("begun"),
)
_REACHABLE = Statement(
    lambda _: select(Contact.id).where(
        Contact.number_key == bindparam("sought"),
        Contact.opted_out_at.is_(None),
        Contact.number_sealed.is_not(None),
        ~_HAS_IT,
    )
)


def reachable(tx: Tx, number_key: bytes, begun: int | None = None) -> int | None:
    """The contact with this number, if it is known, has not opted out and was not given the broadcast begun then."""
    row = tx.one(_REACHABLE, sought=number_key, begun=begun)
    return row[0] if row else None
