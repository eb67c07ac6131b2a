"""Counts of very many are kept for a while, and counted anew behind the back of who asks."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.services import counted
from bot.services.counted import MOST, Counted
from bot.store.errors import Busy


@pytest.fixture
def now(monkeypatch):
    """The seconds that have gone, moved by hand."""

    class Now:
        at = 100.0

        def __call__(self) -> float:
            return self.at

    found = Now()
    monkeypatch.setattr(counted, "monotonic", found)
    return found


def taking(now, seconds, value):
    def count():
        now.at += seconds
        return value

    return count


def until(condition):
    ends = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.001)


def test_what_took_long_is_kept_twenty_times_as_long(now):
    kept = Counted()
    assert kept.get("a", taking(now, 0.5, 1)) == 1
    now.at += 9.9
    assert kept.get("a", taking(now, 0.5, 2)) == 1
    assert kept.get("b", taking(now, 0, 3)) == 3
    now.at += 0.2
    assert kept.get("a", taking(now, 0.5, 4)) == 1, "nobody waits who could be told something"
    until(lambda: kept.get("a", taking(now, 0, 5)) == 4)


def test_only_one_counts_anew(now):
    kept, go, counts = Counted(), threading.Event(), []

    def slow():
        counts.append(1)
        assert go.wait(60)
        now.at += 1
        return 2

    assert kept.get("a", taking(now, 1, 1)) == 1
    now.at += 1000
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: kept.get("a", slow), range(50))) == {1}
    until(lambda: counts)
    go.set()
    until(lambda: kept.get("a", slow) == 2)
    assert len(counts) == 1


def test_the_first_who_come_together_wait_for_one_count(now):
    kept, go, counts = Counted(), threading.Event(), []

    def slow():
        counts.append(1)
        assert go.wait(60)
        now.at += 1
        return 1

    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(kept.get, "a", slow) for _ in range(8)]
        until(lambda: counts)
        go.set()
        assert {future.result(60) for future in futures} == {1}
    assert len(counts) == 1
    assert not kept._first


def test_what_goes_wrong_is_told_to_the_first_and_forgotten_of_the_others(now):
    kept = Counted()

    def broken():
        raise Busy("somebody holds it")

    with pytest.raises(Busy):
        kept.get("a", broken)
    assert kept.get("a", taking(now, 1, 1)) == 1
    now.at += 1000
    assert kept.get("a", broken) == 1
    until(lambda: "a" not in kept._kept)
    assert kept.get("a", taking(now, 1, 2)) == 2


def test_few_are_kept(now):
    kept = Counted()
    for number in range(3 * MOST):
        kept.get(number, taking(now, 1, number))
    assert len(kept._kept) == MOST
    assert kept.get(3 * MOST - 1, taking(now, 1, "new")) == 3 * MOST - 1
    assert kept.get(0, taking(now, 1, "new")) == "new"
