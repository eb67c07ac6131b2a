"""Is the house ready, and do emergency answers get out? For `/readyz` and for whoever looks after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Lock
from time import monotonic
from typing import Final, NamedTuple

from bot.channels import Condition
from bot.services.gateways import PROBLEMS, paused
from bot.services.service import Service
from bot.store import census, gateways, outlook
from bot.store.errors import StoreError

LATELY = 60.0
"""Seconds after a text was not kept in which only a text that is kept shows that all is well: a disk that has room for
the small write of a probe may still have none for the next text."""
LATE: Final = 60_000
"""Milliseconds for which an emergency answer may wait."""
AWAY: Final = 120.0
"""Seconds without a word from a gateway whose texts are fetched."""


def problem(service: Service) -> str | None:
    """Why no text could be taken and kept now; None if one could."""
    database = service.database
    failed_at = database.failed_at
    if failed_at is not None and monotonic() - failed_at < LATELY:
        return "a text could not be kept less than a minute ago"
    try:
        schema_current = database.read(census.schema_current)
        database.write(census.nothing if failed_at is None else partial(census.something, service.now()))
    except StoreError as error:
        return str(error)
    return None if schema_current else "the database has another schema; run: phlov migrate"


class Fetching(NamedTuple):
    """How a gateway fares whose texts are fetched: when it last could be asked, and what is wrong since."""

    at: float
    problem: str | None = None


class Pulse:
    """What the threads of one process that fetch from gateways and watch them have seen last."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._fetched: dict[str, Fetching] = {}
        self._conditions: dict[str, Condition] = {}

    def fetched(self, channel: str) -> None:
        """It was asked for what is new, and answered. To be said once at the start, too."""
        with self._lock:
            self._fetched[channel] = Fetching(self._clock())

    def missed(self, channel: str, problem: str) -> None:
        """It did not answer, or what it had could not be kept."""
        with self._lock:
            before = self._fetched.get(channel)
            self._fetched[channel] = Fetching(before.at if before else self._clock(), problem)

    def seen(self, channel: str, condition: Condition) -> None:
        """How a gateway says it is."""
        with self._lock:
            self._conditions[channel] = condition

    def away(self) -> list[str]:
        """A line for each gateway of which nothing was heard for too long, whether it is away or the thread is dead."""
        with self._lock:
            now, fetched = self._clock(), sorted(self._fetched.items())
        return [
            f"{name}: nothing was fetched for {now - each.at:.0f} s: {each.problem or 'its thread is silent'}"
            for name, each in fetched
            if now - each.at > AWAY
        ]

    def conditions(self) -> Mapping[str, Condition]:
        """The latest of each gateway that says how it is."""
        with self._lock:
            return dict(self._conditions)


@dataclass(frozen=True, slots=True)
class Report:
    """`broken`: why somebody in danger may go without an answer. `warnings`: what staff should see to."""

    broken: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def lines(self) -> str:
        """As a page of text."""
        first = self.broken or ("ready",)
        return "".join(f"{line}\n" for line in (*first, *(f"warning: {line}" for line in self.warnings)))


def look(service: Service, route: Sequence[str] = (), pulse: Pulse | None = None) -> Report:
    """Look now. `route`: gateways that can send; `pulse`: of this process, if it fetches and watches."""
    wrong = problem(service)
    if wrong is not None:
        return Report((wrong,))
    now = service.now()
    try:
        oldest = service.database.read(outlook.oldest_emergency)
        known = service.database.read(gateways.every)
        exhausted = service.database.read(lambda tx: service.budgets.exhausted(tx, now))
        used_up = service.database.read(lambda tx: service.budgets.used_up(tx, now))
    except StoreError as error:
        return Report((str(error),))
    broken = ["the budget of the day is used up, also what emergency answers have for themselves"] if used_up else []
    if oldest is not None and now - oldest > LATE:
        broken.append(f"an emergency answer has waited for {(now - oldest) // 1000} s")
    dead = {name for name, each in pulse.conditions().items() if each.dead} if pulse else set()
    if route and all(name in dead or (name in known and _down(known[name], now)) for name in route):
        broken.append("no gateway takes emergency answers now: " + ", ".join(route))
    if pulse is not None:
        broken += pulse.away()
    spent = ["the budget of the day is spent: only emergency answers go"] if exhausted and not used_up else []
    return Report(tuple(broken), (*spent, *_lines(known, now)))


def waits(service: Service, channel: str, *, urgent: bool) -> bool:
    """Whether a text is to go by a channel now; an emergency if `urgent`. Writes nothing. Raises `StoreError`."""
    now = service.now()
    return service.database.read(lambda tx: outlook.due(tx, channel, now, urgent=urgent))


def pauses(service: Service) -> list[tuple[str, bool]]:
    """Each gateway that ever was in trouble, and whether it is left alone now. Raises `StoreError`."""
    now = service.now()
    return [(name, paused(each, now)) for name, each in sorted(service.database.read(gateways.every).items())]


def _down(condition: gateways.Condition, now: int) -> bool:
    """A gateway that only wants fewer texts is not down."""
    return paused(condition, now) and condition.problem != PROBLEMS["throttled"]


def _lines(known: Mapping[str, gateways.Condition], now: int) -> list[str]:
    lines = []
    for name, each in sorted(known.items()):
        if each.problem is None:
            continue
        left = f"; tried again in {(each.paused_until - now) // 1000} s" if paused(each, now) else ""
        lines.append(f"{name}: {each.problem}{left}")
    return lines
