"""What staff see first: what needs somebody now, and what came in the last weeks. No person can be told from it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Final, NamedTuple

from bot.check.numbers import LIFE
from bot.content.book import TOPICS, Book, Helpline
from bot.services.gateways import paused
from bot.services.hours import HOME
from bot.services.outcomes import TROUBLE, Outcome
from bot.services.service import Service
from bot.store import broadcasts, gateways, outcomes, overview
from bot.store.database import Tx
from bot.store.outcomes import Counted
from bot.store.overview import MOST, Count, Day, Open
from bot.store.stages import OVER, Stage
from bot.store.times import DAY

__all__ = [
    "LATE", "MOST", "WEEKS", "Broadcast", "Channel", "Count", "Day", "Health", "Now", "Open", "Weeks", "Work", "now",
    "weeks",
]  # fmt: skip

HOUR: Final = 3_600_000
WEEKS: Final = 4
LOST: Final = "none"
"""The topic of texts that found no answer."""
LINES: Final = 8
"""Lines of a plot; what is less is added up."""
LATE: Final = HOUR
"""Milliseconds after which somebody in an emergency has waited too long for a person."""


class Channel(NamedTuple):
    """A gateway in trouble: what is wrong in a line, since when, and whether nothing is given to it now."""

    name: str
    problem: str
    since: int
    paused: bool


class Broadcast(NamedTuple):
    """A broadcast that is not over. `people` is what it was handed in for, None before that."""

    id: int
    title: str
    stage: Stage
    starts_at: int
    people: int | None
    paused_why: str | None


@dataclass(frozen=True, slots=True)
class Now:
    """What somebody has to see to. `unmatched` is at most `MOST` + 1."""

    cases: Sequence[Open]
    unmatched: int
    channels: Sequence[Channel]
    unchecked: Sequence[Helpline]
    broadcasts: Sequence[Broadcast]
    failed: bool

    def waiting(self, kind: str) -> Open | None:
        """Those who wait for one thing."""
        return next((each for each in self.cases if each.kind == kind), None)


class Work(NamedTuple):
    """What a gateway did on a day: texts it took, and times it did not do what it was asked to."""

    went: int
    trouble: int


class Health(NamedTuple):
    """How a gateway worked on each of the days, and on all together."""

    name: str
    days: Sequence[Work]
    whole: Work


@dataclass(frozen=True, slots=True)
class Weeks:
    """Texts of the last weeks. Every day is there, also one without texts. `outcomes`: what became of ours."""

    days: Sequence[Day]
    topics: Sequence[Count]
    languages: Sequence[Count]
    countries: Sequence[Count]
    outcomes: Sequence[Count]
    health: Sequence[Health]

    @property
    def texts(self) -> int:
        """All of them."""
        return sum(day.texts for day in self.days)


def now(service: Service) -> Now:
    """Look on one unchanging view of the data. Raises `StoreError`."""
    at = service.now()
    found = service.database.read(partial(_now, at))
    cases, unmatched, known, unclosed = found
    channels = [
        Channel(name, each.problem, each.changed_at, paused(each, at))
        for name, each in sorted(known.items())
        if each.problem is not None
    ]
    return Now(
        cases=cases,
        unmatched=unmatched,
        channels=channels,
        unchecked=unchecked(service.book, datetime.fromtimestamp(at / 1000, UTC).date()),
        broadcasts=[_told(each) for each in unclosed if Stage.DRAFT < each.state < OVER],
        failed=service.database.failed_at is not None,
    )


def _now(at: int, tx: Tx) -> tuple[list[Open], int, dict[str, gateways.Condition], list[broadcasts.Known]]:
    cases = overview.open_cases(tx, at, at - HOUR, at - DAY)
    return cases, overview.unmatched(tx), gateways.every(tx), broadcasts.unclosed(tx)


def _told(known: broadcasts.Known) -> Broadcast:
    people = json.loads(known.counts).get("recipients")
    return Broadcast(known.id, known.title, Stage(known.state), known.starts_at, people, known.paused_why)


def unchecked(book: Book, today: date) -> list[Helpline]:
    """The numbers that are given to people and that nobody called for too long; those of home first."""
    stale = [
        line
        for line in book.helplines.values()
        if line.enabled and line.instead is None and (line.checked_on is None or today - line.checked_on > LIFE)
    ]
    return sorted(stale, key=lambda line: (line.country != HOME, line.country, line.name))


def weeks(service: Service) -> Weeks:
    """The counts of the last `WEEKS`, today included, by the days of UTC. Raises `StoreError`."""
    today = service.clock().date()
    first = today - timedelta(days=7 * WEEKS - 1)
    topics = sorted(TOPICS)

    def work(tx: Tx) -> tuple[list[Day], list[Count], list[Count], list[Count], list[Counted]]:
        days = overview.days(tx, first.isoformat(), topics, LOST)
        by_topic, by_language, by_country = (
            overview.counts(tx, what, first.isoformat(), topics) for what in ("topic", "language", "country")
        )
        return days, by_topic, by_language, by_country, outcomes.since(tx, first.isoformat())

    days, by_topic, by_language, by_country, ended = service.database.read(work)
    known = {day.day: day for day in days}
    names = [(first + timedelta(days=number)).isoformat() for number in range(7 * WEEKS)]
    every = [known.get(name, Day(name, 0, 0)) for name in names]
    return Weeks(every, _most(by_topic), by_language, _most(by_country), _outcomes(ended), _health(ended, names))


def _outcomes(ended: Sequence[Counted]) -> list[Count]:
    """All of each kind, in the order in which they are told."""
    texts: Counter[str] = Counter()
    for each in ended:
        texts[each.outcome] += each.texts
    return [Count(outcome, texts[outcome]) for outcome in Outcome if texts[outcome]]


def _health(ended: Sequence[Counted], names: Sequence[str]) -> list[Health]:
    """Every gateway that was given anything on one of these days."""
    went: Counter[tuple[str, str]] = Counter()
    trouble: Counter[tuple[str, str]] = Counter()
    for each in ended:
        if each.outcome == Outcome.WENT:
            went[each.channel, each.day] += each.texts
        elif each.outcome in TROUBLE:
            trouble[each.channel, each.day] += each.texts
    found = []
    for channel in sorted({channel for channel, _ in (*went, *trouble)}):
        days = [Work(went[channel, day], trouble[channel, day]) for day in names]
        found.append(Health(channel, days, Work(sum(day.went for day in days), sum(day.trouble for day in days))))
    return found


def _most(found: Sequence[Count]) -> list[Count]:
    """The first lines, and one for the others together."""
    if len(found) <= LINES:
        return list(found)
    rest = sum(each.texts for each in found[LINES - 1 :])
    return [*found[: LINES - 1], Count("*", rest)]
