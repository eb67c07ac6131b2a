"""Plots as shapes: places and sizes for the templates to draw. Their colours are the style's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from bot.services.overview import Count, Day, Health

WIDE: Final = 560
HIGH: Final = 140
LOW: Final = 28
SMALL: Final = 5
"""Fewer than so many texts are not told exactly: a count of few may tell who."""


class Column(NamedTuple):
    """A day: where it stands, how high it is, and how much of that, from the bottom, found no answer."""

    x: float
    width: float
    height: float
    lost: float
    day: Day


class Bar(NamedTuple):
    """A line of a plot, as wide as its share (percent of the longest)."""

    label: str
    width: float
    texts: str


def columns(days: Sequence[Day]) -> list[Column]:
    """A column for each day."""
    most = max((_drawn(day.texts) for day in days), default=0) or 1
    step = WIDE / max(1, len(days))
    return [
        Column(
            round(number * step + step * 0.12, 1),
            round(step * 0.76, 1),
            round(HIGH * _drawn(day.texts) / most, 1),
            round(HIGH * min(_drawn(day.lost), _drawn(day.texts)) / most, 1),
            day,
        )
        for number, day in enumerate(days)
    ]


class Strip(NamedTuple):
    """A gateway over the days: each day it was given texts is as high as any other, and `lost` of it was trouble."""

    name: str
    columns: Sequence[Span]
    went: str
    trouble: str


class Span(NamedTuple):
    """A day of a strip."""

    x: float
    width: float
    lost: float


def strips(health: Sequence[Health]) -> list[Strip]:
    """A strip for each gateway."""
    return [Strip(each.name, _spans(each), told(each.whole.went), told(each.whole.trouble)) for each in health]


def _spans(health: Health) -> list[Span]:
    step = WIDE / max(1, len(health.days))
    return [
        Span(
            round(number * step + step * 0.12, 1),
            round(step * 0.76, 1),
            round(LOW * day.trouble / (day.went + day.trouble), 1),
        )
        for number, day in enumerate(health.days)
        if day.went + day.trouble
    ]


def bars(counts: Sequence[Count], label: Callable[[str], str]) -> list[Bar]:
    """A line for each count."""
    most = max((_drawn(each.texts) for each in counts), default=0) or 1
    return [Bar(label(each.word), round(100 * _drawn(each.texts) / most, 1), told(each.texts)) for each in counts]


def _drawn(texts: int) -> int:
    """A count as it may be drawn: a shape can be measured, and must tell no more than `told` does."""
    return max(texts, SMALL) if texts else 0


def told(texts: int) -> str:
    """A count as it may be told."""
    return f"{texts:,}" if texts >= SMALL or texts == 0 else f"<{SMALL}"
