"""What a claim asks of the broadcasts whose texts it has found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import and_, exists, literal_column, or_, select

from bot.store.case_tables import CaseFile
from bot.store.database import Tx
from bot.store.lists import listed
from bot.store.outbox import AMONG, among
from bot.store.statements import Statement
from bot.store.tables import Broadcast, BroadcastText, Escalation, Membership, Outbound, Permit


class Leaflet(NamedTuple):
    """The words that all rows of one `broadcast_text` share, and how far their broadcast is."""

    text_sealed: bytes
    stage: int


_FIND = Statement(
    lambda _: (
        select(BroadcastText.id, BroadcastText.text_sealed, Broadcast.state)
        .join(Broadcast, Broadcast.id == BroadcastText.broadcast_id)
        .where(among(BroadcastText.id))
    )
)


_PERMITTED = exists().where(
    Permit.contact_id == Outbound.contact_id,
    Permit.broadcast_id == BroadcastText.broadcast_id,
    Permit.granted_by.is_not(None),
)
_IN_DANGER = exists().where(
    Escalation.contact_id == Outbound.contact_id,
    Escalation.kind == literal_column("'emergency'"),
    or_(Escalation.closed_at.is_(None), Escalation.opened_at >= Outbound.created_at),
)
_WITH_STAFF = exists().where(CaseFile.contact_id == Outbound.contact_id, CaseFile.closed_at.is_(None))
_AGREED = exists().where(Membership.contact_id == Outbound.contact_id, Membership.code == Broadcast.campaign)
_UNWANTED = Statement(
    lambda _: (
        select(Outbound.id)
        .join(BroadcastText, BroadcastText.id == Outbound.broadcast_text_id)
        .join(Broadcast, Broadcast.id == BroadcastText.broadcast_id)
        .where(AMONG, or_(~_AGREED, and_(or_(_IN_DANGER, _WITH_STAFF), ~_PERMITTED)))
    )
)


def unwanted(tx: Tx, rows: Iterable[int]) -> set[int]:
    """Those of these texts whose people have taken their consent back; or have an open case with staff, or called for
    help since theirs were written, or still need it, unless two of staff let them have it. Who called before and is
    safe was left out when their turn came."""
    return {row for (row,) in tx.all(_UNWANTED, ids=listed(rows))}


def find(tx: Tx, texts: Iterable[int]) -> Mapping[int, Leaflet]:
    """Leaflets by their ids."""
    return {row: Leaflet(sealed, stage) for row, sealed, stage in tx.all(_FIND, ids=listed(texts))}
