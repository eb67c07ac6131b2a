"""Whether the wall clock can be believed: at night nobody is to be texted because a box thinks that it is day."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from bot.services.retry import MINUTE
from bot.store import marks
from bot.store.database import Tx
from bot.store.times import DAY, milliseconds

EARLIEST: Final = milliseconds(datetime(2026, 1, 1, tzinfo=UTC))
"""Phlov is younger than any earlier time: a box without a battery begins at such a one until somebody sets it."""
BACKWARD: Final = MINUTE
"""So far behind what was seen before it is still the same clock, put right."""


def doubted(tx: Tx, now: int) -> bool:
    """Whether nothing of a broadcast may go by this clock.

    It is before anything was made, it is earlier than when broadcasts were looked after last, or it is more than a day
    away from the last purge: then somebody has to look at it (`phlov purge --confirm-clock`).
    """
    if now < EARLIEST:
        return True
    seen = marks.clock(tx)
    conducted, purged = seen.get(marks.CONDUCTED_AT), seen.get(marks.PURGED_AT)
    if conducted is not None and now < conducted - BACKWARD:
        return True
    return purged is not None and abs(now - purged) > DAY
