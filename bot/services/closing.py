"""The end of a broadcast: nobody whose turn has not come gets it any more; 72 hours later it is counted and closed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from time import monotonic
from typing import Final

from bot.services import broadcasts, outcomes
from bot.services.broadcasts import HOUSE, become
from bot.services.outcomes import Spot
from bot.services.retry import HOUR
from bot.services.service import Service
from bot.services.where import Where
from bot.store import broadcasts as store
from bot.store import leaving, marks, release, results
from bot.store.broadcasts import Happened, Known
from bot.store.database import Tx
from bot.store.recipients import Place
from bot.store.stages import Stage
from bot.store.state import State
from bot.store.waves import WAVES

QUEUED: Final = 200
"""So many texts that wait are ended in one transaction,"""
PLANNED: Final = 2000
"""and so many recipients whose turn has not come."""
SLICE: Final = 0.5
"""Seconds that one broadcast may take of a round."""
GRACE: Final = 72 * HOUR
"""So long after its end reports and STOPs still count for a broadcast."""
ENDS: Final[Mapping[Stage, State]] = {Stage.CANCELLED: State.CANCELLED, Stage.EXPIRED: State.EXPIRED}


class Closing:
    """What the rounds of one process do with broadcasts that are over."""

    def __init__(self, service: Service, where: Where) -> None:
        self._service = service
        self._where = where

    def wind_up(self, known: Known, now: int) -> None:
        """End what waits; when all is known that can be, count and close it. Raises `StoreError`."""
        ended = ENDS.get(Stage(known.state))
        if ended is not None and not self._ended(known, ended):
            return
        read = self._service.database.read
        over, given, open_ = read(partial(_state, known.id))
        if now < (over or now) + GRACE and (open_ or given):
            return
        if read(lambda tx: results.head(tx, known.id)) is not None:
            counted, people = results.tally(read, known.id), read(partial(audience_of, known.id))
            broadcasts.step(self._service, known.id, partial(self._close, counted, people))

    def _ended(self, known: Known, state: State) -> bool:
        """End what waits, for as long as a round may take; whether nothing is left."""
        until = monotonic() + SLICE
        through = self._where.through(known.id)
        countries = self._service.database.read(lambda tx: self._where.countries(tx, known.id))
        for place in (Place(known.id, country, wave) for wave in range(WAVES) for country in countries):
            after: int | None = 0
            while after is not None and (place.country, place.wave) not in through:
                if monotonic() >= until:
                    return False
                after = broadcasts.step(self._service, known.id, partial(_end_planned, place, after, state))
            through.add((place.country, place.wave))
        while monotonic() < until:
            if broadcasts.step(self._service, known.id, partial(self._end_queued, state)) < QUEUED:
                return True
        return False

    def _end_queued(self, state: State, tx: Tx, known: Known) -> int:
        texts = release.end_queued(tx, known.id, state, QUEUED)
        outcomes.ended(tx, Spot(self._service.now(), known.channel), state, texts)
        return texts

    def _close(self, counted: results.Tally, people: int, tx: Tx, known: Known) -> None:
        if known.closed_at is not None:
            return
        store.change(tx, known.id, counts=json.dumps({"expanded": people, **json.loads(known.counts)}))
        if not results.keep(tx, known.id, counted):
            store.change(tx, known.id, counts=known.counts)
            return  # somebody was erased meanwhile: the next round counts again
        marks.drop(tx, marks.PACE.format(known.id))
        leaving.judged(tx, known.id)
        marks.drop(tx, marks.EXPANDER.format(known.id))
        now = self._service.now()
        become(self._service, tx, known, Stage(known.state), Happened(now, HOUSE, "close", None), closed_at=now)


def audience_of(broadcast: int, tx: Tx) -> int:
    """How many people are or were its recipients."""
    head = results.head(tx, broadcast)
    return sum(results.sums(tx, head).outcomes.values()) if head else 0


def _state(broadcast: int, tx: Tx) -> tuple[int | None, bool, bool]:
    """When it was over, whether anything was ever sent of it, and whether anything is still on its way."""
    ends = [found[1] for act in ("cancel", "expire", "done") if (found := store.last(tx, broadcast, act))]
    return max(ends, default=None), release.any_text(tx, broadcast), release.on_its_way(tx, broadcast)


def _end_planned(place: Place, after: int, state: State, tx: Tx, _: Known) -> int | None:
    return release.end_planned(tx, place, after, PLANNED, state)
