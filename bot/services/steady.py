"""Whether the wall clock was set since this process looked at it last, told by one that nobody sets."""

from __future__ import annotations

from collections.abc import Callable


class Steady:
    """What `clock.Watch` saw last; where nothing watches, nothing was set. Safe to use from any thread."""

    def __init__(self) -> None:
        self._seen: tuple[Callable[[], float], int] | None = None

    def saw(self, uptime: Callable[[], float], now: int) -> None:
        """The wall clock says `now` where `uptime` says what it says."""
        self._seen = (uptime, now - round(uptime() * 1000))

    def moved(self, now: int) -> int:
        """By how many milliseconds the wall clock, which says `now`, was set since."""
        if self._seen is None:
            return 0
        uptime, offset = self._seen
        return now - round(uptime() * 1000) - offset
