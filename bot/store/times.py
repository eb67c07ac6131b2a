"""Times as they are kept: milliseconds since 1970."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

DAY: Final = 86_400_000


def milliseconds(at: datetime) -> int:
    """Milliseconds since 1970 of an aware time."""
    return round(at.timestamp() * 1000)


@lru_cache(maxsize=64)  # the texts of a broadcast share their end
def moment(at: int) -> datetime:
    """The aware time (UTC) of milliseconds since 1970."""
    return datetime.fromtimestamp(at / 1000, UTC)


def day(at: int) -> int:
    """The beginning of the day (UTC), where no more is to be known."""
    return at - at % DAY
