"""What a broadcast will cost and when everybody has it, before anybody is asked to send it.

The cost is that of everybody who gets the text now: people by country and network, times the parts of the text in their
language, times the price. `BroadcastResult` is grouped in the same way, so that the two can be compared to the cent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil, inf
from typing import Final, NamedTuple, Protocol

from bot.services import hours
from bot.services.budgets import Budgets
from bot.services.judging import SAMPLE
from bot.services.prices import Price, Prices, Total, total
from bot.store.recipients import chosen

STEP: Final = timedelta(minutes=5)
MINUTE: Final = timedelta(minutes=1)
HORIZON: Final = timedelta(days=60)
"""Farther nobody plans."""
WAVES: Final = 20
"""One of so many goes first, and is watched."""
BY_DAY: Final = "quiet hours"
BY_PACE: Final = "the pace"
BY_RATE: Final = "the gateway"
BY_BUDGET: Final = "the budget"


class People(Protocol):
    """So many people of one kind, as the preview of an audience counts them."""

    @property
    def country(self) -> str | None: ...

    @property
    def network(self) -> str | None: ...

    @property
    def language(self) -> str | None: ...

    @property
    def people(self) -> int: ...


class Line(NamedTuple):
    """What the texts in one language to one network cost; `parts` of all of them together. No cost: no price known."""

    country: str
    network: str
    language: str
    people: int
    parts: int
    cost: Price | None


@dataclass(frozen=True, slots=True)
class Cost:
    """The lines, dearest parts first, and their sum."""

    lines: tuple[Line, ...]

    @property
    def people(self) -> int:
        """How many people get the text."""
        return sum(line.people for line in self.lines)

    @property
    def parts(self) -> int:
        """How many parts all the texts have."""
        return sum(line.parts for line in self.lines)

    @property
    def total(self) -> Total:
        """The sum, by currency."""
        return total((line.cost, line.parts) for line in self.lines)


def cost(prices: Prices, groups: Iterable[People], parts: Mapping[str, int]) -> Cost:
    """What it costs to send the texts (their parts by language) to these people."""
    counted: dict[tuple[str, str, str], int] = {}
    for group in groups:
        key = (group.country or hours.UNKNOWN, group.network or "", chosen(group.language, parts))
        counted[key] = counted.get(key, 0) + group.people
    lines = []
    for (country, network, language), people in counted.items():
        of_all = people * parts[language]
        lines.append(Line(country, network, language, people, of_all, prices.cost(country, network, of_all)))
    return Cost(tuple(sorted(lines, key=lambda line: (-line.parts, line[:3]))))


@dataclass(frozen=True, slots=True)
class Course:
    """How texts go out: `rate` texts a second (None: as many as the gateway takes), at most `pace` an hour.

    `watched`: so long the first of 20 waves is watched before the others go. `spent`: parts of today's budgets that are
    gone already, by country and in all ("").
    """

    begins: datetime
    ends: datetime
    rate: float | None = None
    pace: int | None = None
    watched: timedelta = timedelta(0)
    budgets: Budgets = field(default_factory=Budgets)
    spent: Mapping[str, int] | None = None


class Schedule(NamedTuple):
    """When the first and the last text go, None if none do; how many people it is too late for when the broadcast
    ends; and what it has to wait for."""

    first: datetime | None
    last: datetime | None
    late: int
    waits: frozenset[str]


def schedule(cost: Cost, course: Course) -> Schedule:
    """When everybody has the text, as near as can be told: that a gateway fails or replies overtake is not foreseen."""
    run = _Run(cost, course)
    now = course.begins
    until = min(course.ends, course.begins + HORIZON)
    while run.left and now < until:
        step = min(STEP, until - now)
        run.step(now, step)
        now += step
    return Schedule(run.first, run.last, run.left, frozenset(run.waits))


class _Run:
    """A broadcast played through in steps of some minutes."""

    def __init__(self, cost: Cost, course: Course) -> None:
        self._course = course
        self._queues: dict[str, list[list[int]]] = {}
        for line in cost.lines:
            self._queues.setdefault(line.country, []).append([line.parts // line.people, line.people])
        self.left = cost.people
        self._canary = max(ceil(cost.people / WAVES), SAMPLE) if course.watched else 0
        self._watched_until: datetime | None = None
        self._allowance = 0.0
        self._limit = inf
        self._spent = dict(course.spent or {})
        self._day = course.begins.date()
        self.first: datetime | None = None
        self.last: datetime | None = None
        self.waits: set[str] = set()

    def step(self, now: datetime, length: timedelta) -> None:
        """What goes from `now` on for so long."""
        if now.date() != self._day:
            self._day, self._spent = now.date(), {}
        waiting = [country for country, queue in self._queues.items() if queue]
        awake = [country for country in waiting if hours.awake(country, None, now)]
        if len(awake) < len(waiting):
            self.waits.add(BY_DAY)
        room = self._room(now, length)
        if not awake:
            self._allowance = 0.0  # nobody saves up texts for the morning
        before = self.left
        awake.sort(key=lambda country: sum(people for _, people in self._queues[country]))
        for place, country in enumerate(awake):
            gone = self._send(country, -(-room // (len(awake) - place)))
            room -= gone
            self.left -= gone
        if before > self.left:
            self._went(before - self.left, now, length)

    def _room(self, now: datetime, length: timedelta) -> int:
        """Texts that may go in this step."""
        seconds = length.total_seconds()
        by_rate = inf if self._course.rate is None else self._course.rate * seconds
        by_pace = inf if self._course.pace is None else self._course.pace * seconds / 3600
        limit = self._limit = min(by_rate, by_pace)
        if limit < self.left:
            self.waits.add(BY_PACE if by_pace <= by_rate else BY_RATE)
        self._allowance = min(self._allowance, 1.0) + min(limit, self.left)
        room = int(self._allowance)
        if self._canary > 0:
            room = min(room, self._canary)
        elif self._watched_until is not None and now < self._watched_until:
            room = 0
        return room

    def _send(self, country: str, most: int) -> int:
        """Up to so many texts to one country."""
        gone = 0
        queue = self._queues[country]
        while queue and gone < most:
            parts, people = queue[0]
            count = min(people, most - gone, self._affordable(country, parts))
            if not count:
                self.waits.add(BY_BUDGET)
                break
            for key in ("", country):
                self._spent[key] = self._spent.get(key, 0) + count * parts
            queue[0][1] -= count
            if not queue[0][1]:
                queue.pop(0)
            gone += count
        return gone

    def _affordable(self, country: str, parts: int) -> int:
        """How many texts of so many parts today's budgets still bear."""
        limits = {"": self._course.budgets.total, country: self._course.budgets.a_day(country)}
        rooms = [(limit - self._spent.get(key, 0)) // parts for key, limit in limits.items() if limit is not None]
        return max(min(rooms, default=self.left), 0)

    def _went(self, count: int, began: datetime, length: timedelta) -> None:
        taken = min(max(length * min(count / self._limit, 1.0), MINUTE), length)
        at = began + taken
        self._allowance -= count
        self.first = self.first or began
        self.last = at
        if self._canary > 0:
            self._canary -= count
            if self._canary <= 0:
                self._watched_until = at + self._course.watched
