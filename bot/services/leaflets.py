"""Texts of broadcasts in the outbox: their words, and whether they may go at this moment."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from bot.services import hours, outcomes
from bot.services.clock import doubted, jumped
from bot.services.outcomes import Spot
from bot.services.retry import MINUTE
from bot.services.service import Service
from bot.store import leaflets, outbox
from bot.store.crypto import Unsealable, Vault
from bot.store.database import Tx
from bot.store.outbox import Waiting
from bot.store.stages import OVER, Stage
from bot.store.state import State
from bot.store.times import milliseconds, moment

LATER: Final = 5 * MINUTE
"""When a text of a broadcast that is paused is looked at again; who lets it go on makes it due at once."""
MORNING: Final = 10 * MINUTE
"""Over so long the texts that waited for the morning are spread."""


class Leaflet(NamedTuple):
    """The words of a broadcast in one language, None if they do not open; and how far it is."""

    words: str | None
    stage: int


def read(tx: Tx, vault: Vault, rows: Iterable[Waiting]) -> Mapping[int, Leaflet]:
    """The leaflets of these rows by id; asks nothing if none of them is of a broadcast."""
    texts = {row.broadcast_text_id for row in rows if row.broadcast_text_id is not None}
    found = leaflets.find(tx, texts) if texts else {}
    return {text: Leaflet(_words(vault, text, each.text_sealed), each.stage) for text, each in found.items()}


def _words(vault: Vault, text: int, sealed: bytes) -> str | None:
    try:
        return vault.open(sealed, "broadcast", text).decode()
    except (Unsealable, UnicodeDecodeError):
        return None


def words(row: Waiting, known: Mapping[int, Leaflet]) -> str:
    """The words of a row that keeps none itself. Raises `Unsealable`."""
    leaflet = known.get(row.broadcast_text_id or 0)
    if leaflet is None or leaflet.words is None:
        raise Unsealable("a text that waits has no words")
    return leaflet.words


def may_go(
    tx: Tx, service: Service, rows: Sequence[Waiting], known: Mapping[int, Leaflet], spot: Spot
) -> list[Waiting]:
    """Rows of a channel that may go now. Those of a broadcast that is over end; so do those to somebody whom staff have
    blocked, whose number is dead, who has taken their consent back, has an open case with staff, or called for help
    since their turn came: rows may have waited for days. What is paused, or is for somebody for whom it is night, waits
    longer; if the clock cannot be right all of them do."""
    now = spot.now
    if not known:
        return list(rows)
    ended = [row.id for row in rows if _stage(row, known) >= OVER]
    outcomes.end(tx, spot, ended, State.CANCELLED)
    unwanted = _unwanted(tx, [row for row in rows if row.broadcast_text_id is not None and row.id not in ended])
    outcomes.end(tx, spot, unwanted, State.SUPPRESSED)
    ended += unwanted
    if doubted(tx, now) or jumped(service):
        later = {row.id: now + LATER for row in rows if row.broadcast_text_id is not None}
    else:
        later = {row.id: due for row in rows if (due := _due(row, known, now)) > now}
    for row in later.keys() - set(ended):
        outbox.put_off(tx, row, later[row])
    return [row for row in rows if row.id not in later and row.id not in ended]


def _unwanted(tx: Tx, rows: Sequence[Waiting]) -> list[int]:
    """Texts that are not for their people any more."""
    unwanted = leaflets.unwanted(tx, [row.id for row in rows])
    return [row.id for row in rows if row.blocked_at is not None or row.dead_at is not None or row.id in unwanted]


def _stage(row: Waiting, known: Mapping[int, Leaflet]) -> int:
    leaflet = known.get(row.broadcast_text_id or 0)
    return leaflet.stage if leaflet else 0


def _due(row: Waiting, known: Mapping[int, Leaflet], now: int) -> int:
    """When a row is to be looked at again; `now` if it may go."""
    if row.broadcast_text_id is None:
        return now
    if _stage(row, known) == Stage.PAUSED:
        return now + LATER
    opens = milliseconds(hours.opens(row.country, row.destination, moment(now)))
    return now if opens <= now else opens + round(random.random() * MORNING)  # noqa: S311 - jitter
