"""Nobody can find a hidden count: judged by trying every world that agrees with all that is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import EVERY, possible

from bot.services.disclosure import OTHER, Figure, Key, certain, merged, protect, summary

Bounds = Mapping[tuple[int, ...], tuple[int, int | None]]
"""For the places of some kinds of people: between what their sum lies."""


def axes(*sizes: int) -> list[Key]:
    return list(
        product(*([f"{axis}{place}" for place in range(size)] for axis, size in zip("abc", sizes, strict=False)))
    )


def seen(base: Mapping[Key, int], kinds: list[Key], tables: Mapping[tuple[int, int], Mapping[tuple[str, str], Figure]]):
    """All that a reader of the report knows: every sum over one dimension, and what the tables show."""
    bounds = []
    for axis in range(len(kinds[0])):
        for name in {kind[axis] for kind in kinds}:
            some = frozenset(place for place, kind in enumerate(kinds) if kind[axis] == name)
            total = sum(base[kinds[place]] for place in some)
            bounds.append((some, total, total))
    for (first, second), cells in tables.items():
        for cell, figure in cells.items():
            bounds.append((members(kinds, (first, second), cell), figure.low, figure.high))
    return bounds


def members(kinds: list[Key], table: tuple[int, int], cell: tuple[str, str]) -> frozenset[int]:
    return frozenset(place for place, kind in enumerate(kinds) if (kind[table[0]], kind[table[1]]) == cell)


def judge(base: Mapping[Key, int], tables: Sequence[tuple[int, int]]) -> int:
    """Every small cell may be anything from 0 to 4 for who sees all tables together; how many are hidden so."""
    kinds = sorted(base)
    told = {table: cells for table, cells in protect(base, tables).items() if cells is not None}
    bounds = seen(base, kinds, told)
    hidden = 0
    for table, cells in told.items():
        for cell, figure in cells.items():
            count = sum(base[kinds[place]] for place in members(kinds, table, cell))
            assert figure.low <= count and (figure.high is None or count <= figure.high)
            assert figure.small == (count < 5)
            if figure.small:
                hidden += 1
                assert possible(len(kinds), bounds, members(kinds, table, cell)) == EVERY, (table, cell)
    return hidden


def filled(kinds: list[Key], counts: Sequence[int]) -> dict[Key, int]:
    return dict(zip(kinds, counts, strict=True))


FEW = st.sampled_from([0, 0, 1, 2, 3, 4, 5, 6, 9, 14])


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([(2, 2), (2, 3), (3, 3), (4, 2)]), st.data())
def test_no_hidden_cell_of_one_table_can_be_found(sizes, data):
    kinds = axes(*sizes)
    judge(filled(kinds, data.draw(st.lists(FEW, min_size=len(kinds), max_size=len(kinds)))), [(0, 1)])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([0, 1, 2, 3, 5, 7]), min_size=8, max_size=8))
def test_no_hidden_cell_can_be_found_from_the_other_tables_of_the_same_people(counts):
    judge(filled(axes(2, 2, 2), counts), [(0, 1), (0, 2), (1, 2)])


def test_three_tables_of_the_same_people_are_shown_with_few_cells_hidden():
    base = filled(axes(2, 2, 2), [40, 2, 30, 12, 35, 14, 9, 20])
    told = protect(base, [(0, 1), (0, 2), (1, 2)])
    assert all(cells is not None and all(figure.exact for figure in cells.values()) for cells in told.values())
    base = filled(axes(2, 2, 2), [11, 2, 9, 1, 8, 9, 7, 9])
    assert judge(base, [(0, 1), (0, 2), (1, 2)]) == 1


def test_the_judge_finds_what_is_hidden_badly():
    """A small cell alone in its row: whoever takes the others from the total has it."""
    kinds = axes(2, 2)
    base = filled(kinds, [3, 20, 17, 30])
    bad = {(0, 1): {(kind[0], kind[1]): Figure(count, count) for kind, count in base.items()}}
    bad[0, 1]["a0", "b0"] = Figure(0, 4)
    cell = members(kinds, (0, 1), ("a0", "b0"))
    assert possible(4, seen(base, kinds, bad), cell) == {3}


def test_a_table_with_nothing_small_is_shown_whole():
    base = filled(axes(2, 2), [10, 20, 30, 40])
    assert protect(base, [(0, 1)])[0, 1] == {key: Figure(count, count) for key, count in base.items()}


def test_a_zero_in_a_table_is_hidden_like_other_small_counts():
    told = protect(filled(axes(2, 2), [0, 40, 30, 30]), [(0, 1)])[0, 1]
    assert told["a0", "b0"] == Figure(0, 4)
    assert told["a0", "b1"] == Figure(36, 40)


def test_a_table_that_cannot_be_shown_is_not():
    assert protect(filled(axes(2, 2), [1, 5, 5, 5]), [(0, 1)])[0, 1] is None


def test_people_who_are_known_from_elsewhere_are_not_moved():
    base = filled(axes(2, 2), [2, 30, 30, 30])
    pinned = {key: count for key, count in base.items()}
    assert protect(base, [(0, 1)])[0, 1] is not None
    assert protect(base, [(0, 1)], pinned=pinned)[0, 1] is None


def test_a_column_that_is_not_shown_hides_without_a_mark():
    base = {("a0", "stopped"): 2, ("a0", "rest"): 40, ("a1", "stopped"): 9, ("a1", "rest"): 40}
    base |= {("a2", "stopped"): 30, ("a2", "rest"): 40}
    told = protect(base, [(0, 1)], free=frozenset({"rest"}))[0, 1]
    assert set(told) == {("a0", "stopped"), ("a1", "stopped"), ("a2", "stopped")}
    assert told["a0", "stopped"].small
    assert sorted(figure.exact is None for figure in told.values()) == [False, True, True]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([0, 0, 1, 2, 3, 4, 5, 6, 8, 12, 40]), min_size=2, max_size=5))
def test_no_small_count_of_a_whole_audience_can_be_found(counts):
    named = {f"c{place}": count for place, count in enumerate(counts)}
    told = summary(named).figures
    total = sum(counts)
    bounds = [(frozenset(range(len(counts))), total, total)]
    bounds += [(frozenset({place}), *told[f"c{place}"]) for place in range(len(counts))]
    for place, count in enumerate(counts):
        figure = told[f"c{place}"]
        assert figure.low <= count and (figure.high is None or count <= figure.high)
        assert figure.exact is None or count == 0 or count >= 5
        if figure.small:
            assert possible(len(counts), bounds, frozenset({place})) == {1, 2, 3, 4}


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=5))
def test_small_counts_that_hide_each_other_do(counts):
    total = sum(counts)
    bounds = [(frozenset(range(len(counts))), total, total)]
    bounds += [(frozenset({place}), 1, 4) for place in range(len(counts))]
    each = [possible(len(counts), bounds, frozenset({place})) for place in range(len(counts))]
    assert certain(dict(enumerate(counts))) == all(found == {1, 2, 3, 4} for found in each)


@pytest.mark.parametrize(
    ("counts", "together"),
    [
        ({"a": 30, "b": 25}, set()),
        ({"a": 30, "b": 25, "c": 3}, {"b", "c"}),
        ({"a": 300, "b": 250, "c": 15, "d": 9}, {"c", "d"}),
        ({"a": 7, "b": 3}, {"a", "b"}),
    ],
)
def test_groups_of_fewer_than_twenty_are_put_together(counts, together):
    names = merged(counts)
    assert {name for name, called in names.items() if called == OTHER} == together
