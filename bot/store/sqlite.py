"""SQLite: one writer connection, and one commit for all who wait for it (performance.md, decision 1).

Every commit is on the disk before anybody is answered (WAL, synchronous=FULL). A lock file keeps the processes of
one house from writing or checkpointing together: SQLite 3.7.0 to 3.51.2 can lose data then (the WAL-reset bug).
"""

from __future__ import annotations

import os
import sqlite3
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Lock
from time import monotonic
from types import TracebackType
from typing import Any, Generic

from bot.log import failure
from bot.store.database import WAIT, Row, T, Tx
from bot.store.errors import Busy, StoreError, Unwritten
from bot.store.files import FileLock, fill, sync_directory, write_again
from bot.store.ids import Ids, last_id
from bot.store.readers import Readers
from bot.store.statements import Statement

BATCH = 64
"""So many works share one commit at most; the first of them waits for all."""

BRIEF = 0.5
"""Seconds to wait once somebody was seen to hold the database: those who queue behind one another must not add up."""

WAL_PAGES = 4000
PAGE = 4096 + 24
"""Bytes of a page and its head in the WAL."""

BEHIND = 40
"""After so many commits that did not wait for the disk they are written back from the WAL, by themselves and in a few
milliseconds: not all at once, in the commit of somebody who waits for an answer."""

PRAGMAS = (
    f"PRAGMA busy_timeout={int(WAIT * 1000)}",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    f"PRAGMA wal_autocheckpoint={WAL_PAGES}",  # 16 MB: fewer, larger write-backs
    "PRAGMA journal_size_limit=67108864",  # the WAL file shrinks to 64 MB after a reader held it open
    "PRAGMA cache_size=-16000",
    "PRAGMA temp_store=MEMORY",
)


class SqliteTx:
    """A transaction on a SQLite connection."""

    shards = 1
    one_writer = True

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._execute = connection.execute
        self._execute_many = connection.executemany

    def alone(self, key: bytes) -> None:
        """There is one writer anyway."""

    def one(self, statement: Statement, **values: Any) -> Row | None:
        compiled = statement.sqlite
        row: Row | None = self._execute(compiled.text, compiled.named(values)).fetchone()
        return row

    def all(self, statement: Statement, **values: Any) -> list[Row]:
        compiled = statement.sqlite
        return self._execute(compiled.text, compiled.named(values)).fetchall()

    def run(self, statement: Statement, **values: Any) -> int:
        compiled = statement.sqlite
        return self._execute(compiled.text, compiled.named(values)).rowcount

    def put(self, statement: Statement, **values: Any) -> None:
        compiled = statement.sqlite
        self._execute(compiled.text, compiled.named(values))

    def put_many(self, statement: Statement, values: Sequence[Mapping[str, Any]]) -> None:
        compiled = statement.sqlite
        self._execute_many(compiled.text, map(compiled.named, values))

    run_many = put_many


class _Waiting(Generic[T]):
    """A work and the thread that waits for it. As a context it keeps the error of its work for that thread."""

    __slots__ = ("answered", "done", "error", "lasting", "result", "wake", "work")

    def __init__(self, work: Callable[[Tx], T], *, lasting: bool) -> None:
        self.work = work
        self.lasting = lasting
        self.wake = Lock()
        self.wake.acquire()
        self.done = False
        self.answered: list[_Waiting[Any]] = []
        self.result: T | None = None
        self.error: BaseException | None = None

    def __enter__(self) -> None:
        self.error = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self.error = error
        return True

    def outcome(self) -> T:
        """To be called in the waiting thread."""
        if self.error is None:
            return self.result  # type: ignore[return-value]
        if isinstance(self.error, sqlite3.Error):
            raise _named(self.error) from self.error
        if isinstance(self.error, StoreError):
            raise type(self.error)(str(self.error)) from self.error  # threads do not share one traceback
        raise self.error


class Sqlite:
    """A SQLite file as a `Database`."""

    def __init__(self, path: Path) -> None:
        self._lock = FileLock(path.with_name(path.name + ".lock"), WAIT)
        with self._lock:
            self._writer = connect(path)
        self._tx = SqliteTx(self._writer)
        self._readers = Readers(partial(connect, path))
        self._mutex = Lock()
        self._queue: deque[_Waiting[Any]] = deque()
        self._led = False
        self._scrub = False
        self._reserve = False
        self._syncs = True
        self._behind = 0
        self._unsure = False
        self._wal = path.with_name(path.name + "-wal")
        self.failed_at: float | None = None
        self._ids = Ids(self.read(last_id))

    def write(self, work: Callable[[Tx], T], lock_key: bytes | None = None, *, lasting: bool = True) -> T:  # noqa: ARG002 - one writer anyway
        waiting = _Waiting(work, lasting=lasting)
        with self._mutex:
            self._queue.append(waiting)
            lead, self._led = not self._led, True
        if not lead:
            waiting.wake.acquire()
            if waiting.done:
                return waiting.outcome()
        self._lead(waiting)
        return waiting.outcome()

    def _lead(self, leader: _Waiting[Any]) -> None:
        """Commit for all who wait now; then answer them and hand the lead to the first of those who came since.

        Those who are answered are woken by the next leader, when its works are done: they go on while it waits for the
        disk, and do not take the interpreter from it before (a third more texts a second on a slow disk).
        """
        with self._mutex:
            batch = [self._queue.popleft() for _ in range(min(BATCH, len(self._queue)))]
        try:
            self._commit(batch, leader)
        finally:
            _wake(leader)
            batch.remove(leader)
            for waiting in batch:
                waiting.done = True
            with self._mutex:
                following = self._queue[0] if self._queue else None
                self._led = following is not None
            (following or leader).answered = batch
            if following:
                following.wake.release()
            else:
                _wake(leader)

    def _commit(self, batch: list[_Waiting[Any]], leader: _Waiting[Any]) -> None:
        """One transaction for the whole batch. Whatever goes wrong with it goes wrong for everyone in it."""
        done = False
        try:
            if not self._lock.take():
                _wake(leader)  # another process holds the database: who is answered does not wait for it
            with self._lock:
                try:
                    self._sync(lasting=any(waiting.lasting for waiting in batch))
                    self._writer.execute("BEGIN IMMEDIATE")
                    self._make_sure()
                    kept = self._work(batch)
                    _wake(leader)
                    if kept:
                        self._writer.execute("COMMIT")
                    done = True
                    self._write_back()
                    self._wait(WAIT)
                    refused = any(isinstance(waiting.error, sqlite3.Error) for waiting in batch)
                    self.failed_at = monotonic() if refused else None
                    if self._scrub:
                        self._checkpoint()
                    if self._reserve:
                        self._make_room()
                finally:
                    if self._writer.in_transaction:
                        self._writer.execute("ROLLBACK")
        except (sqlite3.Error, StoreError) as error:
            self.failed_at = monotonic()
            self._unsure = self._unsure or getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_IOERR
            for waiting in batch:
                waiting.error = error
            self._refuse_others(error)
        finally:
            if not done:
                for waiting in batch:
                    waiting.error = waiting.error or Unwritten("the database stopped in the middle")

    def _sync(self, *, lasting: bool) -> None:
        """Whether the next commit waits for the disk. In the WAL nothing comes before what was written earlier."""
        if self._syncs != lasting:
            self._syncs = False  # until it is known to: whoever is answered next must not rely on one that was refused
            self._writer.execute(f"PRAGMA synchronous={'FULL' if lasting else 'NORMAL'}")
            self._writer.execute(f"PRAGMA wal_autocheckpoint={WAL_PAGES if lasting else 0}").fetchall()
            self._syncs = lasting

    def _write_back(self) -> None:
        """Write back what did not wait for the disk. A commit would do it, too, but not say that a sync failed."""
        if not self._syncs:
            self._behind += 1
        if self._behind >= BEHIND and not self._syncs:
            self._behind = 0
            self._writer.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def _make_sure(self) -> None:
        """A sync that failed was perhaps to cover work before it, too, which did not wait for the disk."""
        if not self._unsure:
            return
        try:
            write_again(self._wal)
        except OSError as error:
            raise Unwritten(f"the disk does not keep what is written: {error.strerror}") from error
        self._unsure = False

    def _wait(self, seconds: float) -> None:
        """How long the next batch waits for a database that is held."""
        if self._lock.wait != seconds:
            self._lock.wait = seconds
            self._writer.execute(f"PRAGMA busy_timeout={int(seconds * 1000)}")

    def _work(self, batch: list[_Waiting[Any]]) -> bool:
        """Run the works; whether there is anything to commit. Alone in savepoints only once one of them has failed."""
        for waiting in batch:
            with waiting:
                waiting.result = waiting.work(self._tx)
            if waiting.error:
                break
        else:
            return True
        if len(batch) == 1:
            return False
        self._writer.execute("ROLLBACK")
        self._writer.execute("BEGIN IMMEDIATE")
        for waiting in batch:
            self._writer.execute("SAVEPOINT work")
            with waiting:
                waiting.result = waiting.work(self._tx)
            if waiting.error:
                self._writer.execute("ROLLBACK TO work")
            self._writer.execute("RELEASE work")
        return True

    def _refuse_others(self, error: Exception) -> None:
        """Who came while a batch waited in vain has waited with it: nobody waits twice the time."""
        if not isinstance(_named(error), Busy):
            return
        self._wait(BRIEF)
        with self._mutex:
            others = list(self._queue)
            self._queue.clear()
        for waiting in others:
            waiting.error = error
            waiting.done = True
            waiting.wake.release()

    def read(self, work: Callable[[Tx], T]) -> T:
        try:
            with self._readers.one() as reader:
                try:
                    reader.execute("BEGIN")
                    return work(SqliteTx(reader))
                finally:
                    if reader.in_transaction:
                        reader.execute("ROLLBACK")
        except sqlite3.Error as error:
            raise _named(error) from error

    def new_id(self, now: int, count: int = 1) -> int:
        return self._ids.new(now, count)

    def scrub(self) -> None:
        """Write the WAL back into the file and empty it; what deleted rows held is then zeros (secure_delete)."""
        self._scrub = True
        self.write(_nothing)

    def _checkpoint(self) -> None:
        """On the writer, under its lock. A reader in the way is not waited for: the next scrub will do."""
        self._scrub = False
        self._writer.execute("PRAGMA busy_timeout=0")
        self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        self._writer.execute(PRAGMAS[0])

    def reserve(self) -> None:
        """Give the WAL its whole place on the disk at once.

        To sync a file that has grown, the file system must also write down that it has: until the WAL is used for the
        second time a commit takes half as long again. Without room for it everything goes on as before.
        """
        self._reserve = True
        self.write(_nothing)

    def _make_room(self) -> None:
        """Zeros for an empty WAL, while neither we nor another program can write to it."""
        self._reserve = False
        self._checkpoint()
        self._writer.execute("BEGIN IMMEDIATE")
        try:
            if self._wal.stat().st_size == 0:
                fill(self._wal, WAL_PAGES * PAGE)
        except OSError as error:
            failure("no room reserved", error)
        self._writer.execute("ROLLBACK")

    def facts(self) -> Mapping[str, str]:
        version = sqlite3.sqlite_version_info
        bug = (3, 7, 0) <= version < (3, 51, 3)
        return {
            "database": f"SQLite {sqlite3.sqlite_version}",
            "wal_reset_bug": "present, kept away by one writer and a lock file" if bug else "absent",
        }

    def close(self) -> None:
        self._readers.close()
        with self._lock:
            self._writer.close()
        self._lock.close()


def connect(path: Path) -> sqlite3.Connection:
    """A connection with the pragmas all of them share. A new file is readable by its owner only."""
    with suppress(FileExistsError):
        # Never open and close a file that is there: POSIX would drop every lock this process holds on it, and another
        # program that comes and goes would take itself for the last one and delete the WAL under our hands.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        sync_directory(path.parent)
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
    for pragma in PRAGMAS:
        connection.execute(pragma).fetchall()
    return connection


def _wake(leader: _Waiting[Any]) -> None:
    """Let those go on whom the batch before has answered."""
    for waiting in leader.answered:
        waiting.wake.release()
    leader.answered = []


def _nothing(_: Tx) -> None:
    """An empty transaction."""


def _named(error: Exception) -> StoreError:
    """A driver's error as one of ours."""
    if isinstance(error, StoreError):
        return error
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Busy("another process holds the database")
    return Unwritten(f"SQLite refused: {error}")
