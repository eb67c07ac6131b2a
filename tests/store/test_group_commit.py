"""One commit for all who wait, and nobody answered before it or hurt by another's mistake."""

import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from bot.store import Busy, Unusable, Unwritten, marks
from bot.store.files import FileLock, claim_run
from bot.store.sqlite import BATCH, Sqlite


def put(name, value=1):
    return lambda tx: marks.put(tx, name, value)


def get(database, name):
    return database.read(lambda tx: marks.get(tx, name))


@contextmanager
def held(sqlite):
    """Somebody's work lasts until the block ends; what is asked meanwhile waits."""
    begun, go = threading.Event(), threading.Event()

    def slow(tx):
        begun.set()
        go.wait(60)

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(sqlite.write, slow)
        begun.wait(60)
        try:
            yield
        finally:
            go.set()
        first.result(60)


def waiting(sqlite, works) -> list[Future]:
    """All works asked for at once, each in its thread, waiting in this order."""
    pool = ThreadPoolExecutor(len(works))
    futures = []
    for work in works:
        futures.append(pool.submit(sqlite.write, work))
        while len(sqlite._queue) < len(futures):
            time.sleep(0.001)
    pool.shutdown(wait=False)
    return futures


def traced(sqlite) -> list[str]:
    said: list[str] = []
    sqlite._writer.set_trace_callback(lambda text: said.append(text.split()[0]))
    return said


def test_those_who_wait_together_share_one_commit(sqlite):
    with held(sqlite):
        said = traced(sqlite)
        futures = waiting(sqlite, [put(f"m{n}") for n in range(20)])
    for future in futures:
        future.result(60)
    assert said.count("COMMIT") == 2  # of the one that was held, and of the twenty
    assert said.count("SAVEPOINT") == 0
    assert all(get(sqlite, f"m{n}") for n in range(20))


def test_a_batch_is_bounded_and_the_next_one_follows(sqlite):
    with held(sqlite):
        said = traced(sqlite)
        futures = waiting(sqlite, [put(f"m{n}") for n in range(BATCH + 3)])
    for future in futures:
        future.result(60)
    assert said.count("COMMIT") == 3


def test_a_failing_work_takes_nobody_with_it(sqlite):
    def breaks(tx):
        marks.put(tx, "half", 1)
        raise LookupError("mine alone")

    with held(sqlite):
        futures = waiting(sqlite, [put("a"), breaks, put("b")])
    futures[0].result(5)
    futures[2].result(5)
    with pytest.raises(LookupError, match="mine alone"):
        futures[1].result(5)
    assert (get(sqlite, "a"), get(sqlite, "half"), get(sqlite, "b")) == (1, None, 1)
    assert sqlite.failed_at is None


def test_a_work_that_fails_alone_leaves_nothing(sqlite):
    def breaks(tx):
        marks.put(tx, "half", 1)
        raise LookupError

    with pytest.raises(LookupError):
        sqlite.write(breaks)
    assert get(sqlite, "half") is None
    assert sqlite.write(put("after")) is None


def refuse_commits(sqlite):
    def allowed(action, what, *_):
        return sqlite3.SQLITE_DENY if (action, what) == (sqlite3.SQLITE_TRANSACTION, "COMMIT") else sqlite3.SQLITE_OK

    sqlite._writer.set_authorizer(allowed)


def test_a_failed_commit_fails_for_all_and_keeps_nothing(sqlite):
    with pytest.raises(Unwritten), held(sqlite):  # the held work is of the first batch, and fails too
        futures = waiting(sqlite, [put(f"m{n}") for n in range(5)])
        refuse_commits(sqlite)
    for future in futures:
        with pytest.raises(Unwritten):
            future.result(60)
    assert sqlite.failed_at is not None
    sqlite._writer.set_authorizer(None)
    assert [get(sqlite, f"m{n}") for n in range(5)] == [None] * 5
    sqlite.write(put("after"))
    assert sqlite.failed_at is None


def test_a_full_disk_is_said_and_healed(sqlite):
    pages = sqlite._writer.execute("PRAGMA page_count").fetchone()[0]
    sqlite._writer.execute(f"PRAGMA max_page_count={pages}")

    def much(tx):
        for n in range(2000):
            marks.put(tx, f"m{n}", n)

    with pytest.raises(Unwritten, match="full"):
        sqlite.write(much)
    assert sqlite.failed_at is not None
    sqlite._writer.execute("PRAGMA max_page_count=1000000")
    sqlite.write(much)
    assert sqlite.failed_at is None


def test_a_lock_of_a_few_moments_is_waited_for(sqlite, path):
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(sqlite.write, put("m"))
        time.sleep(0.3)
        assert not future.done()
        other.execute("ROLLBACK")
        other.close()
        future.result(60)


def test_a_lock_that_stays_is_busy_for_all_who_wait(sqlite, path):
    assert sqlite._writer.execute("PRAGMA busy_timeout").fetchone() == (5000,)
    sqlite._writer.execute("PRAGMA busy_timeout=500")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    tried = traced(sqlite)
    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(sqlite.write, put("m")) for _ in range(8)]
        errors = [future.exception(60) for future in futures]
    assert {type(error) for error in errors} == {Busy}
    assert tried.count("BEGIN") < 3, "nobody waits for the others' waits"
    other.execute("ROLLBACK")
    other.close()
    sqlite.write(put("m"))


def test_who_comes_while_it_is_known_to_be_held_waits_briefly(sqlite, path):
    sqlite._writer.execute("PRAGMA busy_timeout=50")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(Busy):
        sqlite.write(put("m"))
    assert sqlite._writer.execute("PRAGMA busy_timeout").fetchone() == (500,)
    with pytest.raises(Busy):
        sqlite.write(put("m"))
    other.execute("ROLLBACK")
    other.close()
    sqlite.write(put("m"))
    assert sqlite._writer.execute("PRAGMA busy_timeout").fetchone() == (5000,)


def test_another_process_of_the_house_is_waited_for(sqlite, path):
    other = FileLock(path.with_name("phlov.db.lock"), 0)
    with ThreadPoolExecutor(1) as pool:
        with other:
            future = pool.submit(sqlite.write, put("m"))
            time.sleep(0.2)
            assert not future.done()
        future.result(60)
    sqlite._lock.wait = 0.2
    with other, pytest.raises(Busy):
        sqlite.write(put("m"))
    other.close()


def test_two_openings_of_one_file_write_in_turn(sqlite, path):
    second = Sqlite(path)

    def add(tx):
        marks.put(tx, "sum", (marks.get(tx, "sum") or 0) + 1)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: (sqlite, second)[n % 2].write(add), range(200)))
    assert get(sqlite, "sum") == 200
    second.close()


LOOK = "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute('SELECT max(value) FROM mark').fetchone()[0])"


def test_another_program_that_comes_and_goes_sees_all_and_harms_nothing(sqlite, path):
    for n in range(1, 4):
        sqlite.write(put("m", n))
        seen = subprocess.run(
            [sys.executable, "-c", LOOK, path], capture_output=True, text=True, check=True, timeout=30
        )
        assert seen.stdout.strip() == str(n)
        assert path.with_name("phlov.db-wal").exists(), "the other took itself for the last one"


def test_a_reader_sees_one_moment_and_stops_nobody(sqlite):
    def look(tx):
        before = marks.get(tx, "m")
        sqlite.write(put("m", 2))
        return before, marks.get(tx, "m")

    sqlite.write(put("m", 1))
    assert sqlite.read(look) == (1, 1)
    assert get(sqlite, "m") == 2
    with pytest.raises(Unwritten):
        sqlite.read(put("m", 3))


def test_the_pragmas_are_those_that_lose_nothing(sqlite):
    asked = {
        name: sqlite._writer.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
    }
    assert asked == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}


def synced(sqlite) -> int:
    return sqlite._writer.execute("PRAGMA synchronous").fetchone()[0]


def test_what_must_last_waits_for_the_disk_after_what_need_not(sqlite):
    seen = []
    for lasting in (False, True, False, True):
        sqlite.write(put("m"), lasting=lasting)
        seen.append(synced(sqlite))
    assert seen == [1, 2, 1, 2]


def test_a_batch_waits_for_the_disk_if_any_of_it_must_last(sqlite):
    sqlite.write(put("first"), lasting=False)
    with ThreadPoolExecutor(2) as pool, held(sqlite):
        for n in range(2):
            pool.submit(sqlite.write, put(f"m{n}"), lasting=n == 1)
            while len(sqlite._queue) <= n:
                time.sleep(0.001)
    assert (get(sqlite, "m0"), get(sqlite, "m1"), synced(sqlite)) == (1, 1, 2)


def test_nothing_is_taken_to_last_that_the_database_refused_to_wait_for(sqlite):
    def refuse(action, name, *_):
        return sqlite3.SQLITE_DENY if (action, name) == (sqlite3.SQLITE_PRAGMA, "synchronous") else sqlite3.SQLITE_OK

    sqlite.write(put("m"), lasting=False)
    sqlite._writer.set_authorizer(refuse)
    with pytest.raises(Unwritten):
        sqlite.write(put("m", 2))
    sqlite._writer.set_authorizer(None)
    sqlite.write(put("m", 3))
    assert (get(sqlite, "m"), synced(sqlite)) == (3, 2)


def test_the_wal_does_not_grow_without_end(sqlite, path):
    for n in range(3000):
        sqlite.write(put(f"m{n}", n))
    assert path.with_name("phlov.db-wal").stat().st_size <= 64 << 20
    sqlite.scrub()
    assert path.with_name("phlov.db-wal").stat().st_size == 0


def test_only_the_owner_may_read_the_files(sqlite, path):
    sqlite.write(put("m"))
    assert {file.stat().st_mode & 0o777 for file in path.parent.glob("phlov.db*")} == {0o600}


def test_one_run_at_a_time(path):
    claim = claim_run(path)
    with pytest.raises(Unusable, match="already runs"):
        claim_run(path)
    claim.close()
    claim_run(path).close()
