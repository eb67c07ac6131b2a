"""Several read at once, on a view of their own each, over few connections; none of them can write."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.store import Unwritten, marks
from bot.store.readers import MOST


def put(name, value):
    return lambda tx: marks.put(tx, name, value)


def test_as_many_read_at_once_as_there_are_connections(sqlite):
    together = threading.Barrier(MOST, timeout=60)
    with ThreadPoolExecutor(MOST) as pool:
        futures = [pool.submit(sqlite.read, lambda _: together.wait()) for _ in range(MOST)]
        assert sorted(future.result(60) for future in futures) == list(range(MOST))


def test_who_comes_later_waits_and_no_further_connection_is_made(sqlite):
    go, begun = threading.Event(), threading.Semaphore(0)

    def slow(_):
        begun.release()
        assert go.wait(60)

    with ThreadPoolExecutor(3 * MOST) as pool:
        futures = [pool.submit(sqlite.read, slow) for _ in range(3 * MOST)]
        for _ in range(MOST):
            assert begun.acquire(timeout=60)
        assert not begun.acquire(timeout=0.1)
        go.set()
        for future in futures:
            future.result(60)
    assert len(sqlite._readers._made) == len(sqlite._readers._idle) == MOST


def test_one_after_the_other_needs_one_connection(sqlite):
    for _ in range(20):
        sqlite.read(lambda tx: marks.get(tx, "m"))
    assert len(sqlite._readers._made) == 1


def test_each_sees_what_was_there_when_it_began(sqlite):
    sqlite.write(put("m", 1))

    def twice(tx):
        before = marks.get(tx, "m")
        sqlite.write(put("m", 2))
        return before, marks.get(tx, "m"), sqlite.read(lambda other: marks.get(other, "m"))

    assert sqlite.read(twice) == (1, 1, 2)
    assert sqlite.read(lambda tx: marks.get(tx, "m")) == 2


def test_nobody_writes_where_one_reads(sqlite):
    for _ in range(2 * MOST):
        with pytest.raises(Unwritten):
            sqlite.read(put("m", 1))
        assert sqlite.read(lambda tx: marks.get(tx, "m")) is None


def test_what_breaks_while_reading_keeps_no_connection(sqlite):
    def breaks(tx):
        marks.get(tx, "m")
        raise LookupError("mine alone")

    for _ in range(2 * MOST):
        with pytest.raises(LookupError, match="mine alone"):
            sqlite.read(breaks)
    assert not sqlite._readers._made[0].in_transaction
    assert len(sqlite._readers._made) == 1


def test_a_connection_that_cannot_be_made_is_told_and_tried_again(sqlite, monkeypatch):
    def refused():
        raise sqlite3.OperationalError("unable to open database file")

    taken = sqlite._readers._idle.pop()
    with monkeypatch.context() as patch:
        patch.setattr(sqlite._readers, "_connect", refused)
        for _ in range(2 * MOST):
            with pytest.raises(Unwritten):
                sqlite.read(lambda tx: marks.get(tx, "m"))
    assert sqlite.read(lambda tx: marks.get(tx, "m")) is None
    sqlite._readers._idle.append(taken)
