"""A report as one page to print: what the sheets tell, drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.printing.report import Block, Columns, Line, Piece, View
from bot.services.disclosure import SMALL, Figure
from bot.services.report_sheets import Sheet, Words, between, clock, day, first, share, sheets
from bot.services.reporting import ARRIVED, GONE, LATER, LOST, STOPPED, Quiz, Report, Table

PHASES: Final = ("before", "after")
ORDER: Final = (ARRIVED, GONE, LOST, LATER)
MOST: Final = 6
"""Lines of a small table on the page; all of them are in the files."""
TITLES: Final = 3
HOUR: Final = 3_600_000
HEADED: Final = 3
"""As many lines the heading of a table takes,"""
DRAWN: Final = 6
"""the bars over time,"""
DENSE: Final = 32
"""and a side of the page in letters of the usual size."""
LONGEST: Final = 72
"""Hours that are drawn, from the first one on."""


def view(words: Words, report: Report) -> View:
    """What stands on the page. It shows no count that `sheets` does not tell."""
    say = words.say
    found = {sheet.name: sheet for sheet in sheets(words, report)}
    tables = {table.axis: table for table in report.tables}
    left = [_table(words, tables[axis], found[axis]) for axis in ("province",) if axis in tables]
    right: list[Block] = []
    time = _time(words, report)
    more = [_table(words, tables[axis], found[axis]) for axis in ("language", "channel") if axis in tables]
    for block in (*more, *_small(report, found)):
        shorter = right if _height(right) + (DRAWN if time else 0) <= _height(left) else left
        shorter.append(block)
    notes = [say("note_small"), *([say("note_open")] if report.open else [])]
    return View(
        title=say("title"),
        heading=say("campaign"),
        subtitles=(*_titles(report), say("made")),
        tiles=tuple(_tiles(words, report)),
        outcome=Block(say("outcomes"), (), (Line("", (), _bar(report.outcomes, report.people)),), barred=True),
        left=tuple(left),
        right=tuple(right),
        time=time,
        legend=tuple(_legend(words, report)),
        notes=tuple(notes),
        dense=max(_height(left), _height(right) + (DRAWN if time else 0)) > DENSE,
    )


def _height(blocks: list[Block]) -> float:
    """In lines, near enough."""
    return sum(HEADED + len(block.lines) for block in blocks)


def _titles(report: Report) -> tuple[str, ...]:
    named = [f"{day(starts_at)}: {title}" for title, starts_at in report.titles]
    return tuple(named) if len(named) <= TITLES else (*named[: TITLES - 1], f"... ({len(named)})")


def _tiles(words: Words, report: Report) -> list[tuple[str, str]]:
    say = words.say
    tiles = [(say("people"), f"{report.people:,}")]
    certain = report.outcomes[ARRIVED].exact != 0
    name = ARRIVED if certain else GONE
    tiles.append((say(name), share(report.outcomes[name], report.people)))
    tiles.append((say(STOPPED), share(report.stopped, report.people)))
    if report.spent:
        tiles.append((say("spent"), between(*report.spent)))
    return tiles


def _legend(words: Words, report: Report) -> list[tuple[str, str]]:
    names = []
    for name in ORDER:
        figure = report.outcomes[name]
        if figure.exact != 0:
            kind = name if figure.low >= SMALL else "hidden"
            names.append((kind, f"{words.say(name)}: {share(figure, report.people)}"))
    return names


def _bar(figures: Mapping[str, Figure], people: int) -> tuple[Piece, ...]:
    """The bar of a row: each outcome as wide as is certain, and what nobody is told in grey."""
    pieces: list[Piece] = []
    start, grey = 0.0, 100.0
    for name, figure in sorted(figures.items(), key=lambda item: _place(item[0])):
        kind = name if name in ORDER else name.split("+")[0]
        sure = 0 if figure.small or figure.high is None else figure.low
        width = round(100 * sure / people, 2)
        if width and name != STOPPED:
            pieces.append(Piece(kind, round(start, 2), width))
            start += width
            grey -= width
    if grey > 0.1:
        pieces.append(Piece("hidden", round(start, 2), round(grey, 2)))
    return tuple(pieces)


def _place(name: str) -> int:
    parts = name.split("+")
    return min((ORDER.index(part) for part in parts if part in ORDER), default=len(ORDER))


def _table(words: Words, table: Table, sheet: Sheet) -> Block:
    drawn = any(name != STOPPED for name in table.columns)
    most = max(row.people for row in table.rows)
    lines = []
    for row, values in zip(table.rows, sheet.rows, strict=True):
        outcomes = {name: figure for name, figure in row.figures.items() if name != STOPPED}
        bar = _bar(outcomes, row.people) if drawn else (Piece("one", 0, round(100 * row.people / most, 2)),)
        lines.append(Line(str(values[0]), tuple(map(_spoken, values[1:])), bar))
    return Block(words.say(table.axis), ("", *sheet.head[1:]), tuple(lines), barred=True)


def _spoken(value: str | int) -> str:
    return f"{value:,}" if isinstance(value, int) else value


def _small(report: Report, found: Mapping[str, Sheet]) -> list[Block]:
    """Answers, quiz, cost and who was left out before."""
    blocks = []
    if "answers" in found:
        sheet = found["answers"]
        bars = [_one(figure, report.answered) for _, figure in first(report.answers)]
        blocks.append(_plain(sheet, bars))
    blocks += (_plain(found[f"answers_{table.axis}"], []) for table in report.answers_by)
    if "quiz" in found:
        blocks.append(_quiz(report.quiz, found["quiz"]))
    blocks += (_plain(found[name], []) for name in ("cost", "excluded") if name in found)
    return blocks


def _plain(sheet: Sheet, bars: list[tuple[Piece, ...]]) -> Block:
    lines = [Line(str(row[0]), tuple(map(_spoken, row[1:]))) for row in sheet.rows[:MOST]]
    if bars:
        lines = [Line(line.name, line.values, bar) for line, bar in zip(lines, bars, strict=False)]
    return Block(sheet.title, ("", *sheet.head[1:]), tuple(lines), barred=bool(bars))


def _one(figure: Figure, of: int, kind: str = "one") -> tuple[Piece, ...]:
    if figure.small or figure.high is None or not of:
        return ()
    return (Piece(kind, 0, round(100 * figure.low / of, 2)),)


def _quiz(quiz: tuple[Quiz, ...], sheet: Sheet) -> Block:
    """Two bars for each question: before the events, and after them below."""
    lines = []
    for each, row in zip(quiz[:MOST], sheet.rows, strict=False):
        before, after = (_one(*side, kind=kind) if side else () for kind, side in zip(PHASES, each[1:], strict=True))
        lines.append(Line(str(row[0]), tuple(map(str, row[1:])), before, after))
    return Block(sheet.title, ("", *sheet.head[1:]), tuple(lines), barred=True)


def _time(words: Words, report: Report) -> Columns | None:
    if not report.hours:
        return None
    begun = min(report.hours)
    last = min(max(report.hours), begun + (LONGEST - 1) * HOUR)
    tenths = [report.hours.get(hour, 0) for hour in range(begun, last + HOUR, HOUR)]
    most = max(*tenths, 1)
    labels = (clock(begun),) if begun == last else (clock(begun), clock(last))
    return Columns(words.say("hours"), tuple(round(100 * each / most, 1) for each in tenths), labels)
