"""Emergency answers that did not arrive, and their copies that go another way."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Integer, bindparam, literal_column, or_, select, update

from bot.store.database import Tx
from bot.store.messages import WAIT_OUTBOUND
from bot.store.outbox import ROW, number
from bot.store.state import State
from bot.store.statements import Statement
from bot.store.tables import Contact, Inbound, Outbound


class Lost(NamedTuple):
    """An emergency answer that its gateway says did not arrive, and whose it was."""

    id: int
    inbound_id: int
    text_sealed: bytes
    parts: int
    expires_at: int
    contact_id: int
    number_sealed: bytes


_LOST = Statement(
    lambda _: (
        select(
            Outbound.id,
            Outbound.inbound_id,
            Outbound.text_sealed,
            Outbound.parts,
            Outbound.expires_at,
            Contact.id,
            Contact.number_sealed,
        )
        .join(Inbound, Inbound.id == Outbound.inbound_id)
        .join(Contact, Contact.id == Inbound.contact_id)
        .where(
            or_(Outbound.provider_key == bindparam("key"), Outbound.id == bindparam("row")),
            Outbound.channel == bindparam("of_channel"),
            Outbound.priority == literal_column("0"),
            Outbound.repeats > literal_column("0"),
            Outbound.expires_at > bindparam("now"),
            or_(Outbound.state == number(State.FAILED), Outbound.state == number(State.UNDELIVERED)),
            Outbound.text_sealed.is_not(None),
            Contact.number_sealed.is_not(None),
        )
    )
)
_USED = Statement(
    lambda _: (
        update(Outbound)
        .where(ROW, Outbound.repeats > literal_column("0"))
        .values(repeats=Outbound.repeats - bindparam("fewer", type_=Integer))
    )
)


def lost(tx: Tx, channel: str, key: bytes, row: int, now: int) -> Lost | None:
    """The emergency answer reported on, if it did not arrive, may be repeated and is still of use."""
    found = tx.one(_LOST, of_channel=channel, key=key, row=row, now=now)
    return Lost._make(found) if found else None


def repeat(tx: Tx, row: int, **copy: object) -> bool:
    """Put a copy in the outbox; it uses up one repetition. False if there is none left."""
    if not tx.run(_USED, row=row, fewer=1):
        return False
    tx.run(WAIT_OUTBOUND, **copy)
    return True
