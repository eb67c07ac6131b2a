"""The report on all broadcasts of a campaign: sums of what the report on each of them tells, and nothing else.

Whoever lays it beside the reports on the single broadcasts, and takes one from the other, finds only what those tell
themselves. So nothing is counted here: what one of them hides is hidden in the sum, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeVar

from bot.services.disclosure import LEAST, OTHER, Figure, shown
from bot.services.prices import Price
from bot.services.report_money import Cost
from bot.services.reporting import AXES, Report, Row, Table, TooFew, report
from bot.services.results import Results

Line = TypeVar("Line")

NOBODY: Final = shown(0)


def of(results: Results) -> Report:
    """The report on some results, of one broadcast or of a campaign. Raises `TooFew`.

    Of a campaign the closed broadcasts are told. Those to fewer than 20 people are told together, as if they were one.
    """
    if not results.each:
        return report(results)
    told = _units(results.each)
    if not told:
        raise TooFew(f"nothing of it is told before a broadcast, or several to {LEAST} people together, is closed")
    reports = [report(each) for each in told]
    return reports[0] if len(reports) == 1 else _sum(reports)


def _units(each: Sequence[Results]) -> list[Results]:
    """What a report tells as one, for ever: a later one has the same, and perhaps others of 20 people or more.

    So who takes an older report from a newer one has a report again. Small broadcasts wait, in the order in which they
    were closed, until there are 20 people together; one that comes later never joins those that were told.
    """
    closed = sorted(
        (one for one in each if not one.open), key=lambda one: (one.heads[0].closed_at or 0, one.heads[0].id)
    )
    found, small = [], list[Results]()
    for one in closed:
        if one.people >= LEAST:
            found.append(one)
            continue
        small.append(one)
        if sum(few.people for few in small) >= LEAST:
            found.append(_pooled(small))
            small = []
    return found


def _pooled(small: Sequence[Results]) -> Results:
    return replace(
        small[0],
        heads=tuple(head for each in small for head in each.heads),
        cells=tuple(cell for each in small for cell in each.cells),
        answers=tuple(answer for each in small for answer in each.answers),
        hours={},
    )


def _sum(reports: Sequence[Report]) -> Report:
    first = reports[0]
    answered = [each for each in reports if each.answered]
    return Report(
        campaign=first.campaign,
        titles=tuple(title for each in reports for title in each.titles),
        people=sum(each.people for each in reports),
        open=False,
        outcomes=_figures([each.outcomes for each in reports]),
        details=_figures([each.details for each in reports]) if all(each.details for each in reports) else {},
        excluded={},
        stopped=_added(each.stopped for each in reports),
        tables=tuple(_tables([each.tables for each in reports])),
        crossed=None,
        answers=_figures([each.answers for each in answered]),
        answered=sum(each.answered for each in answered),
        answers_by=tuple(_tables([each.answers_by for each in answered])) if answered else (),
        quiz=first.quiz,
        costs=_costs([each.costs for each in reports]),
        spent=_spent([each.spent for each in reports]),
        hours={},
    )


def _added(figures: Iterable[Figure]) -> Figure:
    """Between the sums of the bounds; where one has none above, the sum has none."""
    low, high = 0, 0
    for figure in figures:
        if figure.high is None:
            return Figure(0, None)
        low, high = low + figure.low, high + figure.high
    return Figure(low, high)


def _figures(parts: Sequence[Mapping[str, Figure]]) -> dict[str, Figure]:
    names = dict.fromkeys(name for each in parts for name in each)
    return {name: _added(each.get(name, NOBODY) for each in parts) for name in names}


def _tables(parts: Sequence[Sequence[Table]]) -> Iterable[Table]:
    """By each axis by which every broadcast is told; what one of them tells only with others is among them here."""
    for axis in AXES:
        found = [table for each in parts for table in each if table.axis == axis]
        if len(found) < len(parts):
            continue
        columns = tuple(name for name in found[0].columns if all(name in each.columns for each in found))
        rows = _rows([(row.name, row) for each in found for row in each.rows], len(found))
        if len(rows) > 1:
            yield Table(axis, columns, tuple(_row(name, each, columns) for name, each in rows.items()))


def _row(name: str, rows: Sequence[Row], columns: Iterable[str]) -> Row:
    told = {
        column: _added(row.figures[column] for row in rows)
        for column in columns
        if all(column in row.figures for row in rows)
    }
    return Row(name, sum(row.people for row in rows), told)


def _rows(named: Sequence[tuple[str, Line]], times: int) -> dict[str, list[Line]]:
    """Lines by their names, those first that every table has; all the others are together."""
    names = [name for name, _ in named]
    by: dict[str, list[Line]] = {}
    for name, line in named:
        by.setdefault(name if names.count(name) == times else OTHER, []).append(line)
    return {name: by[name] for name in sorted(by, key=lambda name: name == OTHER)}


def _costs(parts: Sequence[Sequence[Cost]]) -> tuple[Cost, ...]:
    if not all(parts):
        return ()
    rows = _rows([(f"{line.country} {line.network}".strip(), line) for each in parts for line in each], len(parts))
    return tuple(_cost(name, lines) for name, lines in rows.items())


def _cost(name: str, lines: Sequence[Cost]) -> Cost:
    country, _, network = name.partition(" ")
    prices: set[Price | None] = {line.price for line in lines}
    return Cost(country, network, sum(line.people for line in lines), prices.pop() if len(prices) == 1 else None)


def _spent(parts: Sequence[tuple[Price, Price] | None]) -> tuple[Price, Price] | None:
    known = [each for each in parts if each is not None]
    if len(known) < len(parts) or len({each[0].currency for each in known}) != 1:
        return None
    low, high = (_total([each[side] for each in known]) for side in (0, 1))
    return low, high


def _total(prices: Sequence[Price]) -> Price:
    return Price(sum((each.amount for each in prices[1:]), prices[0].amount), prices[0].currency)
