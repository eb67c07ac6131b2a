"""Background work of a serving process: every hour, forget what is too old."""

from __future__ import annotations

import threading
from dataclasses import asdict
from typing import Final

from bot.log import failure, log
from bot.services import privacy
from bot.services.service import Service
from bot.store.errors import StoreError

HOUR: Final = 3600.0
FIRST: Final = 60.0
"""Seconds: not at once, so that a start is quick; not late, so that a box switched on for an hour a day purges."""


class Housekeeping:
    """The hourly purge. `start` runs it beside a server, `run` in the foreground."""

    def __init__(self, service: Service, every: float = HOUR, first: float = FIRST) -> None:
        self._service = service
        self._every = every
        self._first = first
        self._stop = threading.Event()

    def start(self) -> None:
        """Run in a thread that ends with the process: a purge cut off is taken up by the next one."""
        threading.Thread(target=self.run, name="housekeeping", daemon=True).start()

    def stop(self) -> None:
        """End before the next purge."""
        self._stop.set()

    def run(self) -> None:
        """Purge until stopped."""
        pause = self._first
        while not self._stop.wait(pause):
            purge(self._service)
            pause = self._every


def purge(service: Service) -> None:
    """One purge; what keeps it from being done is logged, and the next hour tries again."""
    try:
        log.info("purged", **asdict(privacy.purge(service)))
    except privacy.ClockDoubted:
        log.error("not purged: the clock jumped by more than a day; check it, then run `phlov purge --confirm-clock`")
    except StoreError as error:
        failure("not purged", error)
