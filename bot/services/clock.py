"""Whether the wall clock can be believed: at night nobody is to be texted because a box thinks that it is day."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from bot.services.retry import MINUTE
from bot.services.service import Service
from bot.store import marks
from bot.store.database import Tx
from bot.store.times import DAY, milliseconds

EARLIEST: Final = milliseconds(datetime(2026, 1, 1, tzinfo=UTC))
"""Phlov is younger than any earlier time: a box without a battery begins at such a one until somebody sets it."""
BACKWARD: Final = MINUTE
"""So far behind what was seen before it is still the same clock, put right."""

JUMP: Final = MINUTE
"""A clock that was set by less than that is the same clock, put right."""
DOUBT: Final = 5 * MINUTE
"""After a jump, and after the machine was switched on, nothing is believed for so long: it may be put right yet."""


def doubted(tx: Tx, now: int) -> bool:
    """Whether nothing of a broadcast may go by this clock.

    It is before anything was made, it was set, or its machine switched on, a moment ago, it is earlier than when
    broadcasts were looked after last, or it is more than a day away from the last purge: then somebody has to look at
    it (`phlov purge --confirm-clock`).
    """
    if now < EARLIEST:
        return True
    seen = marks.clock(tx)
    until = seen.get(marks.DOUBTED_UNTIL)
    if until is not None and now < until <= now + DOUBT:  # one that is further away was set by a clock put right since
        return True
    conducted, purged = seen.get(marks.CONDUCTED_AT), seen.get(marks.PURGED_AT)
    if conducted is not None and now < conducted - BACKWARD:
        return True
    return purged is not None and abs(now - purged) > DAY


def since_boot() -> float:
    """Seconds since the machine was switched on, those in which it slept among them."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def booted(service: Service, uptime: Callable[[], float]) -> None:
    """To be called before anything is claimed: a machine that was switched on a moment ago may think that it is day.

    A server that is started again on a machine that has been up is not held up. Raises `StoreError`.
    """
    left = DOUBT - round(uptime() * 1000)
    if left > 0:
        _doubt(service, left)


class Watch:
    """Sees that the wall clock was set, by one that nobody sets: `uptime`, which goes on while the machine sleeps."""

    def __init__(self, service: Service, uptime: Callable[[], float]) -> None:
        self._service = service
        self._uptime = uptime
        service.steady.saw(uptime, service.now())

    def look(self) -> None:
        """If it was, every process doubts it for a while, whoever claims. Raises `StoreError`."""
        if jumped(self._service):
            _doubt(self._service, DOUBT)
        self._service.steady.saw(self._uptime, self._service.now())


def jumped(service: Service) -> bool:
    """Whether the wall clock was set since this process looked last: then whoever claims need not wait for the next
    look to doubt it."""
    return abs(service.steady.moved(service.now())) >= JUMP


def _doubt(service: Service, how_long: int) -> None:
    until = service.now() + how_long
    service.database.write(lambda tx: marks.put(tx, marks.DOUBTED_UNTIL, until))
