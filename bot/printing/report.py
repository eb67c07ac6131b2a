"""The report on a broadcast: one A4 page with bars drawn here, for whoever pays for the texts."""

from __future__ import annotations

from dataclasses import dataclass

from bot.printing.edition import Edition
from bot.printing.page import render


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a bar: where it begins and how wide it is, in percent of the whole; `kind` gives its colour."""

    kind: str
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table: its name, its values, and perhaps a bar behind the name, or two bars to compare."""

    name: str
    values: tuple[str, ...]
    bar: tuple[Piece, ...] = ()
    second: tuple[Piece, ...] | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A table. `barred` says whether its lines have bars."""

    title: str
    head: tuple[str, ...]
    lines: tuple[Line, ...]
    barred: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    """Upright bars over time: a height in percent of the highest for each hour; labels stand under some of them."""

    title: str
    heights: tuple[float, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class View:
    """Everything on the page, in words. `tiles` are the few numbers that count, `legend` the colours of the bars;
    a `dense` page has small letters, so that it stays one."""

    title: str
    heading: str
    subtitles: tuple[str, ...]
    tiles: tuple[tuple[str, str], ...]
    outcome: Block
    left: tuple[Block, ...]
    right: tuple[Block, ...]
    time: Columns | None
    legend: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    dense: bool = False


def report(edition: Edition, view: View) -> str:
    """The page as HTML."""
    return render("report", edition, view=view)
