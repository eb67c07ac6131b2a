"""Ids only grow, whatever the clock and however many threads ask."""

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from bot.store.ids import Ids


@given(st.lists(st.tuples(st.integers(0, 2**40), st.integers(1, 20)), min_size=2))
def test_ids_grow_though_the_clock_goes_back(asked):
    ids = Ids()
    last = 0
    for now, count in asked:
        first = ids.new(now, count)
        assert last < first < 2**63
        last = first + count - 1


def test_no_id_is_given_twice():
    ids = Ids()
    with ThreadPoolExecutor(8) as pool:
        given_out = list(pool.map(lambda _: ids.new(1), range(5000)))
    assert len(set(given_out)) == 5000


def test_a_house_goes_on_from_its_last_id():
    assert Ids(after=2**62).new(0) == 2**62 + 1
