"""How many contacts are looked at in one transaction, so that nobody who texts waits for a broadcast."""

from __future__ import annotations

from time import monotonic, sleep
from typing import Final

from bot.store import audience
from bot.store.database import Tx
from bot.store.ids import last_inbound, made_at

ALONE: Final = audience.PAGE
"""While nobody texts: 40 ms on SQLite."""
SHARED: Final = 1_000
"""While somebody does: 5 ms, which is hardly longer than the disk takes for their own text."""
LATELY: Final = 2_000
"""Milliseconds since the last text in which another is to be expected."""
REST: Final = 1.0
"""So many times as long as such a page took, the database is left to others."""


def texting(tx: Tx, now: int) -> bool:
    """Whether somebody texted a moment ago, whichever process took it."""
    return made_at(last_inbound(tx)) >= now - LATELY


class Pages:
    """Pages one after the other: how large the next may be, and a rest after one that others had to share."""

    def __init__(self) -> None:
        self._began = 0.0
        self._shared = False

    def most(self, tx: Tx, now: int) -> int:
        """How many contacts to look at now, in this transaction."""
        self._began, self._shared = monotonic(), texting(tx, now)
        return SHARED if self._shared else ALONE

    def rest(self) -> None:
        """To be called when the page is on the disk."""
        if self._shared:
            sleep((monotonic() - self._began) * REST)
