"""Background work: texts go out and are fetched, the outbox is kept in order, and what is too old is forgotten."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, Final

from bot.channels import Polled
from bot.log import failure
from bot.services.clock import since_boot
from bot.store.errors import StoreError
from bot.worker.chores import ALERTS, FIRST, HOUR, ROUND, SERIES, Alerting, Conducting, Order, Watch, follow, purge
from bot.worker.collecting import Collector
from bot.worker.house import House
from bot.worker.jobs import STOP_WITHIN as STOP_JOBS
from bot.worker.jobs import Every, Jobs, own
from bot.worker.lanes import Lane
from bot.worker.lists import Lists

if TYPE_CHECKING:
    from huey.api import Huey

__all__ = ["STOP_WITHIN", "Worker", "purge"]

SECOND: Final = 1
LISTS: Final = 2
"""Seconds between two looks for lists that staff gave."""
STOP_WITHIN: Final = 9.0
"""Seconds that lanes have to finish the text they are at; what goes on longer is looked into at the next start."""


class Worker:
    """All threads of one process: lanes and a collector for each gateway, and the jobs.

    `alone`: no other process works on this database. `every`: seconds between two rounds of order.
    `uptime`: seconds since the machine was switched on.
    """

    def __init__(
        self, house: House, huey: Huey, *, alone: bool, every: float = ROUND, uptime: Callable[[], float] = since_boot
    ) -> None:
        self._house = house
        self._order = Order(house, alone=alone, uptime=uptime)
        self._watch = Watch(house)
        self._threads = [self._thread(name, work) for name, work in self._works()]
        rounds = {
            "order": (Every(every), self._order.round),
            "watch": (Every(every), self._watch.round),
            "purge": (Every(HOUR, FIRST), lambda: purge(house.service)),
            "series": (Every(SERIES, FIRST), lambda: follow(house.service)),
        }
        # Where several processes share a queue, a job may run in any of them; these are each one's own.
        self.jobs = Jobs(huey, rounds if alone else {}, house.bells.ring)
        self._rounds = [] if alone else [Jobs(own(), rounds, house.bells.ring)]
        # Broadcasts and alerts are looked after by every process, and wait for no gateway that does not answer.
        conduct = {
            "conduct": (Every(SECOND), Conducting(house).round),
            "alert": (Every(ALERTS), Alerting(house).round),
        }
        self._rounds.append(Jobs(own(), conduct, house.bells.ring, tick=SECOND))
        # A list of people may take minutes, and nothing else waits for it.
        lists = {"lists": (Every(LISTS), Lists(house).round)}
        self._rounds.append(Jobs(own(), lists, house.bells.ring, tick=SECOND))

    def _works(self) -> list[tuple[str, Callable[[], None]]]:
        works: list[tuple[str, Callable[[], None]]] = []
        for name, channel in self._house.channels.items():
            works.append((f"{name} urgent", Lane(self._house, channel, urgent=True).run))
            works += [
                (f"{name} {lane}", Lane(self._house, channel, first=lane == 0).run)
                for lane in range(max(channel.traits.lanes, 1))
            ]
            if isinstance(channel, Polled):
                works.append((f"{name} fetching", Collector(self._house, channel, channel).run))
        return works

    def _thread(self, name: str, work: Callable[[], None]) -> threading.Thread:
        """One that ends with the process at the latest."""
        return threading.Thread(target=work, name=name, daemon=True)

    def start(self) -> None:
        """Take back what a crash left, and begin."""
        try:
            self._order.restore()
            self._house.service.database.reserve()
        except StoreError as error:
            failure("not taken back yet", error)
        for thread in self._threads:
            thread.start()
        self.jobs.start()
        for rounds in self._rounds:
            rounds.start()

    def stop(self, within: float = STOP_WITHIN) -> bool:
        """Finish the text that each lane is at, give back what it holds; whether all did in time."""
        until = monotonic() + within
        self._house.stopping.set()
        self._house.bells.ring_all()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(until - monotonic(), 0.0))
        self.jobs.stop(max(min(until - monotonic(), STOP_JOBS), 0.0))
        for rounds in self._rounds:
            rounds.stop(max(min(until - monotonic(), STOP_JOBS), 0.0))
        return not any(thread.is_alive() for thread in self._threads)
