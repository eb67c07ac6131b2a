"""PostgreSQL: the same work in four round trips, one message of a person at a time (an advisory lock on the number)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from time import monotonic
from typing import Any

import psycopg
from psycopg import errors
from psycopg.pq import ExecStatus
from psycopg.types.numeric import Int8Dumper
from sqlalchemy import URL, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.store.database import WAIT, Row, T, Tx
from bot.store.errors import Busy, StoreError, Unwritten
from bot.store.ids import Ids, last_id
from bot.store.statements import Compiled, Statement

TRIES = 3
AGAIN = (errors.UniqueViolation, errors.SerializationFailure, errors.DeadlockDetected)
"""Somebody else was first; on the next try the work sees what they did."""


class PostgresTx:
    """A transaction on a PostgreSQL connection. What is `put` waits, and is then done in one statement."""

    shards = 64
    one_writer = False

    def __init__(self, connection: psycopg.Connection[Row]) -> None:
        self._connection = connection
        self._execute = connection.execute
        self._put: list[tuple[Compiled, Mapping[str, Any]]] = []

    def alone(self, key: bytes) -> None:
        """The lock is a statement of its own: the next one sees what was committed while this one waited."""
        self._execute(b"SELECT pg_advisory_xact_lock(%d)" % int.from_bytes(key[:8], signed=True))

    def one(self, statement: Statement, **values: Any) -> Row | None:
        compiled = statement.postgres
        return self._execute(compiled.query, compiled.listed(values)).fetchone()

    def all(self, statement: Statement, **values: Any) -> list[Row]:
        compiled = statement.postgres
        return self._execute(compiled.query, compiled.listed(values)).fetchall()

    def run(self, statement: Statement, **values: Any) -> int:
        compiled = statement.postgres
        return self._execute(compiled.query, compiled.listed(values)).rowcount

    def put(self, statement: Statement, **values: Any) -> None:
        self._put.append((statement.postgres, values))

    def put_many(self, statement: Statement, values: Sequence[Mapping[str, Any]]) -> None:
        self._put += [(statement.postgres, each) for each in values]

    def run_many(self, statement: Statement, values: Sequence[Mapping[str, Any]]) -> None:
        if not values:
            return
        together = statement.postgres_rows
        if together is not None:
            rows = json.dumps(values, ensure_ascii=False, default=bytes.hex)
            self._execute(together.query, together.listed({"rows": rows}))
        else:
            compiled = statement.postgres
            with self._connection.cursor() as cursor:
                cursor.executemany(compiled.query, list(map(compiled.listed, values)))

    def flush(self) -> None:
        """Do all that was put."""
        if not self._put:
            return
        query = _together(tuple(compiled for compiled, _ in self._put))
        values = [value for compiled, named in self._put for value in compiled.listed(named)]
        self._put.clear()
        self._execute(query, values)


@lru_cache(maxsize=256)
def _together(statements: tuple[Compiled, ...]) -> bytes:
    """Several writes as one statement. Their foreign keys are checked when all are done."""
    *others, last = (statement.query for statement in statements)
    if not others:
        return last
    return b"WITH " + b", ".join(b"w%d AS (%b)" % (n, query) for n, query in enumerate(others)) + b" " + last


class Postgres:
    """A PostgreSQL database as a `Database`; at most `connections` at once."""

    def __init__(self, url: URL, connections: int = 16) -> None:
        self._engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            pool_size=connections,
            max_overflow=0,
            pool_timeout=WAIT,
            pool_reset_on_return=None,
            connect_args={"autocommit": True, "connect_timeout": int(WAIT)},
        )
        event.listen(self._engine, "connect", _prepare)
        self.failed_at: float | None = None
        self._ids = Ids(self.read(last_id))

    def write(self, work: Callable[[Tx], T], lock_key: bytes | None = None, *, lasting: bool = True) -> T:
        begin = b"BEGIN" if lasting else b"BEGIN; SET LOCAL synchronous_commit = off"
        if lock_key is not None:
            begin += b"; SELECT pg_advisory_xact_lock(%d)" % int.from_bytes(lock_key[:8], signed=True)
        try:
            result = self._tried(work, begin)
        except (psycopg.Error, DBAPIError, PoolTimeout) as error:
            self.failed_at = monotonic()
            raise _named(error) from error
        self.failed_at = None
        return result

    def _tried(self, work: Callable[[Tx], T], begin: bytes) -> T:
        for _ in range(TRIES - 1):
            try:
                return self._once(work, begin)
            except AGAIN:
                continue
        return self._once(work, begin)

    def _once(self, work: Callable[[Tx], T], begin: bytes) -> T:
        with self._begun(begin) as connection:
            tx = PostgresTx(connection)
            result = work(tx)
            tx.flush()
            said = _say(connection, b"COMMIT")
            if said != b"COMMIT":
                raise Unwritten("PostgreSQL undid the work: a statement in it had failed")
            return result

    @contextmanager
    def _begun(self, begin: bytes) -> Iterator[psycopg.Connection[Row]]:
        """A connection in a transaction. One that died while it lay idle is replaced: nothing was begun on it."""
        pooled = self._engine.raw_connection()
        connection: psycopg.Connection[Row] = pooled.driver_connection  # type: ignore[assignment]
        try:
            try:
                _say(connection, begin)
            except psycopg.DatabaseError:
                if not connection.broken:
                    raise
                pooled.invalidate()
                self._engine.dispose()
                pooled = self._engine.raw_connection()
                connection = pooled.driver_connection  # type: ignore[assignment]
                _say(connection, begin)
            yield connection
        finally:
            if connection.broken:
                pooled.invalidate()
            else:
                connection.rollback()  # sends nothing after a commit
                pooled.close()

    def read(self, work: Callable[[Tx], T]) -> T:
        try:
            with self._begun(b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") as connection:
                return work(PostgresTx(connection))
        except (psycopg.Error, DBAPIError, PoolTimeout) as error:
            raise _named(error) from error

    def new_id(self, now: int, count: int = 1) -> int:
        return self._ids.new(now, count)

    def scrub(self) -> None:
        """PostgreSQL's own vacuum frees what deleted rows left; it writes no zeros over it."""

    def reserve(self) -> None:
        """PostgreSQL keeps files of its log ready by itself."""

    def facts(self) -> Mapping[str, str]:
        with self._begun(b"BEGIN") as connection:
            return {"database": f"PostgreSQL {connection.info.server_version // 10000}"}

    def close(self) -> None:
        self._engine.dispose()


def _say(connection: psycopg.Connection[Row], command: bytes) -> bytes | None:
    """A command without values, by the shortest way; several may be joined by semicolons. What the server called it."""
    result = connection.pgconn.exec_(command)
    if result.status == ExecStatus.FATAL_ERROR:
        raise errors.error_from_result(result, connection.info.encoding)
    return result.command_status


def _prepare(connection: psycopg.Connection[Row], _: object) -> None:
    """One integer type, so that a prepared statement fits every value; no lost commits; no endless waits."""
    connection.adapters.register_dumper(int, Int8Dumper)
    connection.execute("SELECT set_config('lock_timeout', %s, false)", [f"{int(WAIT * 1000)}ms"])
    if connection.execute("SHOW synchronous_commit").fetchone() == ("off",):
        connection.execute("SET synchronous_commit = on")


def _named(error: Exception) -> StoreError:
    """A driver's error as one of ours."""
    if isinstance(error, StoreError):
        return error
    if isinstance(error, errors.LockNotAvailable | PoolTimeout):
        return Busy("PostgreSQL was held by others for too long")
    return Unwritten(f"PostgreSQL refused: {str(error).splitlines()[0] if str(error) else type(error).__name__}")
