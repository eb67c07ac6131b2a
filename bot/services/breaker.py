"""When to leave a gateway alone, and for how long: what one process learns from the texts it hands over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock
from time import monotonic
from typing import Final

from bot.protocol import Cause, SendError

FAILURES: Final = 5
"""So many failures running, none of them a text's own fault, open the circuit."""
HOUR: Final = 3600.0
FIRST: Final[Mapping[Cause, float]] = {"throttled": 5, "network": 5, "credit": 300, "config": 60, "unknown": 30}
LONGEST: Final[Mapping[Cause, float]] = {"throttled": 300, "network": 60, "credit": 900, "config": 900, "unknown": 300}
"""Seconds. Each pause is twice as long as the one before, until a text is taken. A line or a SIM that works again is to
be noticed within a minute; money and passwords are put right by people, who take longer."""
TEXTS_OWN: Final = frozenset({"opted_out", "bad_number", "blocked", "unreachable", "too_long", "expired"})
"""Causes of one text only: a gateway that says so is at work."""


class Breaker:
    """One gateway as one process sees it. Safe to use from any thread."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._running = 0
        self._pauses = 0
        self._until = 0.0

    @property
    def open(self) -> bool:
        """Whether the latest that is known of the gateway is a failure of its own."""
        return self._pauses > 0

    def took(self) -> None:
        """The gateway took a text, or refused it for the text's own sake."""
        if not (self._running or self._pauses or self._until):
            return
        with self._lock:
            self._running = self._pauses = 0
            self._until = 0.0

    def failed(self, error: SendError) -> float | None:
        """A text was not taken: seconds for which the gateway is to be left alone, None if it is not (again)."""
        if error.cause in TEXTS_OWN:
            self.took()
            return None
        with self._lock:
            self._running += 1
            if error.cause == "unknown" and self._running < FAILURES and not self._pauses:
                return None
            return self._pause(error)

    def _pause(self, error: SendError) -> float | None:
        """Twice as long as the last one. Texts that were under way when it began do not make it longer."""
        now = self._clock()
        if now < self._until:
            return None
        if error.after is not None:
            pause = min(max(error.after, 1.0), HOUR)
        else:
            pause = min(FIRST[error.cause] * 2.0 ** min(self._pauses, 16), LONGEST[error.cause])
        self._pauses += 1
        self._until = now + pause
        return pause
