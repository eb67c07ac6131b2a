"""A person who is to be forgotten leaves the broadcasts they were in; the sums stay right (I6)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, delete, func, literal_column, select

from bot.store import stages
from bot.store.database import Tx
from bot.store.stages import Left
from bot.store.state import SETTLED, State
from bot.store.statements import Insert, Statement
from bot.store.tables import Broadcast, BroadcastResult, Contact, Outbound, Permit, Recipient
from bot.store.waves import COUNTRY, UNKNOWN_COUNTRY, wave

_KEY = (Recipient.broadcast_id, Recipient.country, Recipient.wave)
_GIVEN = 1
_EMPTY: ColumnElement[str] = literal_column("''")
AT_THE_PLACE = and_(
    Recipient.country.in_([COUNTRY, literal_column(f"'{UNKNOWN_COUNTRY}'")]),
    Recipient.wave == wave(Contact.id, Broadcast.id),
    Recipient.contact_id == Contact.id,
    Recipient.broadcast_id == Broadcast.id + literal_column("0"),
)
"""Where a contact is a recipient of a broadcast: all of the key, whose index then finds it. A country may have become
known since. The sum keeps SQLite from looking through all recipients for those of a broadcast."""

_PLACES = Statement(
    lambda _: (
        select(
            *_KEY,
            Broadcast.closed_at,
            func.coalesce(Recipient.province, _EMPTY),
            Recipient.language,
            func.coalesce(Outbound.channel, Broadcast.channel),
            func.coalesce(Recipient.network, _EMPTY),
            Recipient.parts,
            case((Recipient.state == literal_column(str(_GIVEN)), Outbound.state), else_=Recipient.state),
        )
        .select_from(Contact)
        .join(Broadcast, literal_column("1=1"))
        .join(Recipient, AT_THE_PLACE)
        .outerjoin(Outbound, Outbound.id == Recipient.outbound_id)
        .where(Contact.id == bindparam("person"))
        .order_by(Broadcast.id)
        .with_for_update(read=True, of=Broadcast)  # nobody closes one between the count and the commit
    )
)
_LEAVE = Statement(
    lambda _: delete(Recipient).where(
        Recipient.broadcast_id == bindparam("broadcast"),
        Recipient.country == bindparam("of_country"),
        Recipient.wave == bindparam("of_wave"),
        Recipient.contact_id == bindparam("person"),
    )
)
_FORGET_PERMITS = Statement(lambda _: delete(Permit).where(Permit.contact_id == bindparam("person")))


def _count(insert: Insert) -> Any:
    new = insert(BroadcastResult)
    more = {name: getattr(BroadcastResult, name) + new.excluded[name] for name in ("recipients", "parts")}
    return new.on_conflict_do_update(index_elements=list(BroadcastResult.__table__.primary_key), set_=more)


_COUNT = Statement(_count)


def leave(tx: Tx, contact_id: int) -> None:
    """Delete a person's rows in broadcasts. In those that are not closed, what became of them is counted first.

    To be done while the contact still has its country, and its texts their states.
    """
    for broadcast, country, of_wave, closed_at, province, language, channel, network, parts, state in tx.all(
        _PLACES, person=contact_id
    ):
        if closed_at is None:
            tx.run(
                _COUNT,
                broadcast_id=broadcast,
                province=province,
                language=language,
                channel=channel,
                country=country,
                network=network,
                outcome=_outcome(state),
                recipients=1,
                parts=parts,
            )
        tx.run(_LEAVE, broadcast=broadcast, of_country=country, of_wave=of_wave, person=contact_id)
    tx.run(_FORGET_PERMITS, person=contact_id)


def _outcome(state: int | None) -> str:
    """What became of somebody who is forgotten now: a text that may be on its way counts as one nobody knows of."""
    if state is None or state in (State.POSTING, State.UNSURE):
        return State.UNKNOWN.name.lower()
    return stages.outcome(state) if state >= SETTLED else Left.ERASED.name.lower()
