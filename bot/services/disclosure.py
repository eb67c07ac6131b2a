"""Counts that may be shown: none under five people, and none that can be found by taking others away (H17, D3).

What is promised of every table here, and of all tables that are shown of the same people together: for each cell that
is hidden as under five, every number from 0 to 4 is possible for whoever sees all the rest and knows which cells are
hidden as small and which to protect them. That is not hoped for but shown, cell by cell, by other worlds: the same
people spread otherwise, so that all that is shown stays as it is while the cell has the other number. Where no such
world is found more cells are hidden, in the end the whole table.

A 0 inside a table is hidden like 1 to 4: "nobody of this village" tells of each of them. Only a 0 of the whole
audience is shown, which tells of nobody in particular.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Final, NamedTuple

SMALL: Final = 5
"""Cells under this are hidden."""
LEAST: Final = 20
"""A group of fewer people has no counts at all: it is put together with others."""
OTHER: Final = "*"
"""The category of all that were put together."""
BEYOND: Final = 1 << 62

Key = tuple[str, ...]
"""A kind of people: one category for each dimension."""
Cell = tuple[str, str]


class Figure(NamedTuple):
    """What is shown of a count: it lies between `low` and `high`; `high` is None where nothing more is told."""

    low: int
    high: int | None

    @property
    def exact(self) -> int | None:
        """The count itself, if it is shown."""
        return self.low if self.low == self.high else None

    @property
    def small(self) -> bool:
        """Whether it is hidden as under five."""
        return self.high == SMALL - 1 and self.low < self.high


def shown(count: int) -> Figure:
    """A count that may be shown."""
    return Figure(count, count)


def merged(counts: Mapping[str, int], least: int = LEAST) -> dict[str, str]:
    """What each category is called so that none has fewer than `least` people: itself, or `OTHER`."""
    order = sorted((name for name, count in counts.items() if count), key=lambda name: (counts[name], name))
    together = [name for name in order if counts[name] < least]
    for name in order[len(together) :]:
        if not together or sum(counts[each] for each in together) >= least:
            break
        together.append(name)
    return {name: OTHER if name in together else name for name in order}


class Summary(NamedTuple):
    """One row of counts with its total shown. `together` are the categories whose sum alone is certain."""

    figures: Mapping[str, Figure]
    together: frozenset[str]


def summary(counts: Mapping[str, int]) -> Summary:
    """Counts of a whole audience, whose sum is known to everybody.

    If one that is large must be hidden too, it is the first of the mapping: not one that its size would give away.
    """
    small = [name for name, count in counts.items() if 0 < count < SMALL]
    spare = [name for name, count in counts.items() if count >= SMALL]
    large: list[str] = []
    while small and not _hide_each_other([counts[name] for name in small], [counts[name] for name in large]):
        if not spare:
            return Summary(dict.fromkeys(counts, Figure(0, None)), frozenset((*small, *large)))
        large.append(spare.pop(0))
    together = sum(counts[name] for name in (*small, *large))
    figures = {name: shown(count) for name, count in counts.items()}
    figures |= dict.fromkeys(small, Figure(1, SMALL - 1))
    alone = Figure(max(SMALL, together - (SMALL - 1) * len(small)), together - len(small))
    figures |= dict.fromkeys(large, alone if len(large) == 1 else Figure(SMALL, None))
    return Summary(figures, frozenset((*small, *large)))


def certain(counts: Mapping[str, int]) -> bool:
    """Whether small counts hide each other, with the sum of all known and without hiding a large one."""
    small = [count for count in counts.values() if 0 < count < SMALL]
    return not small or _hide_each_other(small, [])


def _hide_each_other(small: Sequence[int], large: Sequence[int]) -> bool:
    """Whether each of the small ones may be anything from 1 to 4 for who knows the sum of all, and that 0 is shown."""
    total, others, most = sum(small) + sum(large), len(small) - 1, SMALL - 1
    return total - most >= others + SMALL * len(large) and (bool(large) or total - 1 <= most * others)


def protect(
    base: Mapping[Key, int],
    tables: Iterable[tuple[int, int]],
    *,
    pinned: Mapping[Key, int] | None = None,
    free: frozenset[str] = frozenset(),
) -> dict[tuple[int, int], dict[Cell, Figure] | None]:
    """What may be shown of tables of two dimensions each, all about the same people; None of a table that cannot be.

    The sums over one dimension are taken to be shown, and to be large enough for it (`merged`). `pinned` people are
    known from elsewhere: no other world may move them. Nothing is shown of `free` columns.
    """
    return {table: _Table(base, table, pinned or {}, free).figures() for table in tables}


def range_of(figures: Iterable[Figure], total: int) -> Figure:
    """What the row itself tells of its one count that is hidden though it is large."""
    known, small = 0, 0
    for figure in figures:
        known += figure.exact or 0
        small += figure.small
    return Figure(max(SMALL, total - known - (SMALL - 1) * small), total - known)


@dataclass(frozen=True, slots=True)
class _Step:
    """One person more or less in a cell."""

    cell: Cell
    by: int


@dataclass(slots=True)
class _World:
    """How the people could be spread: what the table would say, and in which slices of the other dimensions."""

    sums: dict[Cell, int]
    slices: dict[Key, dict[Cell, int]]


@dataclass(slots=True)
class _Table:
    """A table of two dimensions while it is looked for what must be hidden. `hidden` has the bounds everybody knows."""

    base: Mapping[Key, int]
    axes: tuple[int, int]
    pinned: Mapping[Key, int]
    free: frozenset[str]
    world: _World = field(init=False)
    hidden: dict[Cell, tuple[int, int]] = field(init=False)
    rows: list[str] = field(init=False)
    columns: list[str] = field(init=False)

    def __post_init__(self) -> None:
        first, second = self.axes
        self.rows = sorted({key[first] for key, count in self.base.items() if count})
        self.columns = sorted({key[second] for key, count in self.base.items() if count})
        empty = {(row, column): 0 for row in self.rows for column in self.columns}
        self.world = _World(dict(empty), {})
        for key, count in self.base.items():
            if count:
                cell, rest = (key[first], key[second]), self._rest(key)
                self.world.sums[cell] += count
                movable = self.world.slices.setdefault(rest, dict(empty))
                movable[cell] += max(0, count - self.pinned.get(key, 0))
        self.hidden = {}
        for cell, count in self.world.sums.items():
            if cell[1] in self.free:
                self.hidden[cell] = (0, BEYOND)
            elif count < SMALL:
                self.hidden[cell] = (0, SMALL - 1)

    def _rest(self, key: Key) -> Key:
        return tuple(part for axis, part in enumerate(key) if axis not in self.axes)

    def figures(self) -> dict[Cell, Figure] | None:
        """Every cell as it may be shown."""
        small = [cell for cell in self.hidden if cell[1] not in self.free]
        if not all(self._possible(cell) for cell in sorted(small)):
            return None
        found = {cell: shown(count) for cell, count in self.world.sums.items() if cell[1] not in self.free}
        found |= dict.fromkeys(small, Figure(0, SMALL - 1))
        for row in self.rows:
            large = [cell for cell, (low, _) in self.hidden.items() if cell[0] == row and low]
            told = [figure for cell, figure in found.items() if cell[0] == row and cell not in large]
            alone = len(large) == 1 and not self.free
            total = sum(count for cell, count in self.world.sums.items() if cell[0] == row)
            found |= dict.fromkeys(large, range_of(told, total) if alone else Figure(SMALL, None))
        return found

    def _possible(self, cell: Cell) -> bool:
        """Whether a hidden cell can be brought to each number under five; hides what is needed for it."""
        count = self.world.sums[cell]
        return self._moved(cell, 1, SMALL - 1 - count) and self._moved(cell, -1, count)

    def _moved(self, cell: Cell, step: int, times: int) -> bool:
        sums = dict(self.world.sums)
        other = _World(sums, {rest: dict(each) for rest, each in self.world.slices.items()}) if times else self.world
        for _ in range(times):
            ways = ((self._way(cell, step, other.sums, each), rest) for rest, each in other.slices.items())
            possible = [(way[0], rest, way[1]) for way, rest in ways if way is not None]
            if not possible:
                return False
            _, rest, steps = min(possible, key=lambda way: way[:2])
            for each in steps:
                other.sums[each.cell] += each.by
                other.slices[rest][each.cell] += each.by
                self.hidden.setdefault(each.cell, (SMALL, BEYOND))
        return True

    def _way(
        self, cell: Cell, step: int, sums: Mapping[Cell, int], here: Mapping[Cell, int]
    ) -> tuple[float, list[_Step]] | None:
        """The cheapest round of one person more, one less, one more ... through a cell: all sums stay as they are.

        Within one slice of the other dimensions it leaves every other table as it is, too. It leads from the cell's row
        to its column by turns along a row (one less) and along a column (one more).
        """
        if not self._may(cell, step, sums, here):
            return None
        start, goal = (0, cell[0]), (1, cell[1])
        costs = {start: 0.0}
        came: dict[tuple[int, str], tuple[tuple[int, str], _Step]] = {}
        queue = [(0.0, start)]
        while queue:
            cost, node = heappop(queue)
            if node == goal:
                break
            if cost > costs[node]:
                continue
            for following, move in self._turns(node, step):
                if move.cell == cell or not self._may(move.cell, move.by, sums, here):
                    continue
                total = cost + self._price(move.cell)
                if total < costs.get(following, BEYOND):
                    costs[following] = total
                    came[following] = (node, move)
                    heappush(queue, (total, following))
        if goal not in came:
            return None
        return costs[goal], [_Step(cell, step), *_back(came, goal)]

    def _turns(self, node: tuple[int, str], step: int) -> Iterator[tuple[tuple[int, str], _Step]]:
        """Along a row to any column with one less, along a column to any row with one more."""
        side, name = node
        if side == 0:
            yield from (((1, column), _Step((name, column), -step)) for column in self.columns)
        else:
            yield from (((0, row), _Step((row, name), step)) for row in self.rows)

    def _may(self, cell: Cell, step: int, sums: Mapping[Cell, int], here: Mapping[Cell, int]) -> bool:
        low, high = self.hidden.get(cell, (SMALL, BEYOND))
        return low <= sums[cell] + step <= high and here[cell] + step >= 0

    def _price(self, cell: Cell) -> float:
        """What it costs to hide a cell: as few as can be, and none too small to be of help."""
        if cell in self.hidden:
            return 0.0
        return 1.0 if self.world.sums[cell] >= 2 * SMALL - 1 else 1.5


def _back(came: Mapping[tuple[int, str], tuple[tuple[int, str], _Step]], goal: tuple[int, str]) -> Iterator[_Step]:
    node = goal
    while node in came:
        node, move = came[node]
        yield move
