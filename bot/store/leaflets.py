"""What a claim asks of the broadcasts whose texts it has found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import select

from bot.store.database import Tx
from bot.store.lists import listed
from bot.store.outbox import among
from bot.store.statements import Statement
from bot.store.tables import Broadcast, BroadcastText


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


def find(tx: Tx, texts: Iterable[int]) -> Mapping[int, Leaflet]:
    """Leaflets by their ids."""
    return {row: Leaflet(sealed, stage) for row, sealed, stage in tx.all(_FIND, ids=listed(texts))}
