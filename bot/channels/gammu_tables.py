"""SMSD's own tables, which are its wire: the few statements that Phlov needs, for SQLite and for PostgreSQL.

Columns are always named, so that versions 17 and 18 of the schema do equally well; names are quoted, as PostgreSQL
keeps their capitals. Times are written by the database in its local time and whole seconds: SMSD compares with local
time, and with microseconds version 1.42 loses the row or dies. No transaction lasts longer than its statements.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, Final, NamedTuple, TypeVar

from bot.channels import gammu_sql as sql
from bot.protocol import SendError

T = TypeVar("T")
Params = dict[str, Any]

VERSIONS: Final = (17, 18)
WAIT: Final = 30.0
"""Seconds to wait for whoever holds the database; SMSD's own transactions are short."""
OURS: Final = "phlov:"
"""Begins the `CreatorID` of our rows; the id of the text follows."""


class Arrived(NamedTuple):
    """A row of `inbox`: one part as it came, or a whole text in the row of its first part."""

    id: int
    phone: str
    sender: str
    at: str
    udh: str
    text: str
    decoded: str
    kind: int


class Piece(NamedTuple):
    """One part of a text as SMSD is given it."""

    text: str
    udh: str
    coding: str


class Queued(NamedTuple):
    """A text that still is in SMSD's `outbox`. `picked`: a modem has been given it, or was when SMSD died. `failed`: it
    was refused, and SMSD sleeps on it (`retrytimeout`) before it says so in `sentitems`; or SMSD was killed with it in
    its hands, has started anew, and would send it once more after a minute (much later, if the clock has gone back)."""

    id: int
    phone: str
    picked: bool
    failed: bool


class Gone(NamedTuple):
    """A part in `sentitems`: what came of it, `age` seconds ago. `code`: the modem's, `error`: the network's."""

    creator: str
    id: int
    position: int
    udh: str
    status: str
    code: int
    error: int
    age: float


class Phone(NamedTuple):
    """A modem as SMSD last saw it, `age` seconds away: after now, if the clock has gone back. `waiting`: texts in
    the outbox that name it."""

    id: str
    sends: bool
    age: float
    signal: int
    battery: int
    network: str
    waiting: int


class Damage(NamedTuple):
    """What SMSD cannot deal with: rows whose time has microseconds, and rows longer than one SMS."""

    split_seconds: int
    over_long: int


class Away(SendError):
    """SMSD's database cannot be used; nothing was written by what was asked of it."""

    def __init__(self, why: str) -> None:
        super().__init__(f"gammu: SMSD's database: {why}", retry=True, sent="no", cause="network")


class Tables:
    """One SMSD database. Safe in any thread: connections are lent for one transaction and kept for the next."""

    def __init__(self, address: str) -> None:
        self._file = Path(address.removeprefix("sqlite:///")) if address.startswith("sqlite:///") else None
        self._address = address.replace("postgresql+psycopg://", "postgresql://", 1)
        self._idle: list[Any] = []
        self._lock = Lock()

    def version(self) -> int:
        """The schema's version."""
        return int(self._read(sql.VERSION)[0][0])

    def arrived(self, limit: int) -> list[Arrived]:
        """What came in and was not taken, in the order SMSD wrote it."""
        rows = self._read(sql.ARRIVED, no=self._truth(False), most=limit)
        return [Arrived(*row) for row in rows]

    def forget(self, rows: Sequence[int]) -> None:
        """Received rows that are kept elsewhere now: nothing of them stays."""
        self._write(lambda do: [do(sql.FORGET_ARRIVED, {"row": row}) for row in rows])

    def queued(self, creator: str) -> Queued | None:
        """Our text in SMSD's outbox."""
        rows = self._read(sql.QUEUED, creator=creator)
        return Queued(int(rows[0][0]), rows[0][1], bool(rows[0][2]), bool(rows[0][3])) if rows else None

    def gone(self, creator: str) -> list[Gone]:
        """The parts of our text that SMSD has done with."""
        return [Gone(*row) for row in self._read(sql.GONE, creator=creator)]

    def reported(self) -> list[Gone]:
        """All our parts that SMSD has done with, text by text."""
        return [Gone(*row) for row in self._read(sql.REPORTED, ours=OURS + "%")]

    def put(
        self, creator: str, recipient: str, pieces: Sequence[Piece], *, phone: str, priority: int, validity: int
    ) -> None:
        """A text into SMSD's outbox, all of its parts or none."""
        first = {
            "recipient": recipient,
            "creator": creator,
            "phone": phone,
            "priority": priority,
            "validity": validity,
            "several": self._truth(len(pieces) > 1),
            **pieces[0]._asdict(),
        }

        def work(do: Do) -> None:
            if do(sql.QUEUED, {"creator": creator}):
                return
            row = do(sql.PUT, first)[0][0]
            for position, piece in enumerate(pieces[1:], 2):
                do(sql.PUT_MORE, {"row": row, "position": position, **piece._asdict()})

        self._write(work)

    def withdraw(self, row: int) -> bool:
        """Take a text out of SMSD's outbox, unless a modem has been given it."""

        def work(do: Do) -> bool:
            if not do(sql.WITHDRAW, {"row": row}):
                return False
            do(sql.DROP_MORE, {"row": row})
            return True

        return self._write(work)

    def take_back(self, row: int, unsure: Collection[int]) -> int:
        """Take a text that was refused out of SMSD's outbox; the modem's code for the first part that did not go.

        If the code is one of `unsure`, a mark is left in `sentitems`, as SMSD would have left it: nobody knows.
        """

        def work(do: Do) -> int:
            codes = do(sql.CODES, {"row": row, "went": "SendingOK%"})
            code = int(codes[0][0]) if codes else -1
            if code in unsure:
                do(sql.MARK, {"row": row, "code": code})
            do(sql.DROP, {"row": row})
            do(sql.DROP_MORE, {"row": row})
            return code

        return self._write(work)

    def move(self, row: int, phone: str) -> None:
        """Let another modem have a text that none has been given."""
        self._write(lambda do: do(sql.MOVE, {"row": row, "phone": phone}))

    def settle(self, creator: str, refused: Sequence[str]) -> None:
        """Forget the parts that did not go, so that they may be given again; those that went stay."""
        self._write(lambda do: [do(sql.FORGET_PART, {"creator": creator, "status": status}) for status in refused])

    def blank(self, creator: str) -> None:
        """Forget the words of a text that has gone; SMSD needs the rest of the row for its delivery report."""
        self._write(lambda do: do(sql.BLANK, {"creator": creator}))

    def forget_sent(self, creator: str) -> None:
        """Forget a text that nothing more will be heard of."""
        self._write(lambda do: do(sql.FORGET_SENT, {"creator": creator}))

    def forget_old(self, days: int) -> None:
        """Forget sent texts of ours whose report never came."""
        self._write(lambda do: do(sql.FORGET_OLD, {"ours": OURS + "%", "days": days}))

    def scrub(self) -> None:
        """Empty SQLite's write-ahead log, where deleted rows live on until it is written over."""
        if self._file is not None:
            self._read("PRAGMA wal_checkpoint(TRUNCATE)")

    def phones(self) -> list[Phone]:
        """Every modem that SMSD knows, the one with the fewest texts waiting first."""
        rows = self._read(sql.PHONES)
        return [Phone(row[0], _true(row[1]), abs(float(row[2])), *row[3:]) for row in rows]

    def damage(self) -> Damage:
        """Rows that SMSD would lose or die of, and rows that it would send cut."""
        if self._file is None:
            return Damage(0, self._read(sql.OVER_LONG)[0][0])
        return Damage(self._read(sql.SPLIT_SECONDS)[0][0], self._read(sql.OVER_LONG)[0][0])

    def mend(self) -> None:
        """Cut the microseconds off, and drop what SMSD half wrote of such a row before it died."""
        if self._file is not None:
            self._write(lambda do: (do(sql.DROP_HALF, {}), do(sql.CUT_SECONDS, {})))

    def journal(self) -> str:
        """How SQLite keeps its journal (`wal` is right); empty on PostgreSQL."""
        return str(self._read("PRAGMA journal_mode")[0][0]) if self._file else ""

    def close(self) -> None:
        """Give the connections back."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _truth(self, value: bool) -> object:
        """SMSD keeps truth as words on SQLite, as truth on PostgreSQL."""
        return value if self._file is None else str(value).lower()

    def _read(self, statement: str, **values: Any) -> list[Any]:
        """One look, which keeps nobody waiting (SMSD sleeps for a second whenever it meets a lock)."""
        with self._lent() as connection:
            do = _doing_sqlite(connection) if self._file else _doing_postgres(connection)
            return do(statement, values)

    def _write(self, work: Callable[[Do], T]) -> T:
        """Run `work` in one transaction; raises `Away` if the database cannot be used: nothing was done then."""
        with self._lent() as connection:
            return _sqlite(connection, work) if self._file else _postgres(connection, work)

    @contextmanager
    def _lent(self) -> Iterator[Any]:
        failures = _failures(self._file is None)
        try:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            connection = connection or self._connect()
            try:
                yield connection
            except BaseException:
                connection.close()
                raise
        except failures as error:
            # The words of a database error may hold the values of a row.
            raise Away(type(error).__name__) from None
        with self._lock:
            self._idle.append(connection)

    def _connect(self) -> Any:
        if self._file is None:
            import psycopg  # noqa: PLC0415 - a box with SQLite does not pay for it

            return psycopg.connect(self._address, autocommit=True, connect_timeout=10)
        # Not made if it is not there: SMSD would find a database without tables.
        address = f"{self._file.absolute().as_uri()}?mode=rw"
        connection = sqlite3.connect(address, WAIT, uri=True, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA secure_delete = ON")
        return connection


Do = Callable[[str, Params], list[Any]]


def _failures(postgres: bool) -> tuple[type[Exception], ...]:
    if postgres:
        import psycopg  # noqa: PLC0415

        return (psycopg.Error,)
    return (sqlite3.Error,)


def _sqlite(connection: sqlite3.Connection, work: Callable[[Do], T]) -> T:
    # IMMEDIATE: a transaction that turns from reading to writing half-way would fail at once, not wait.
    connection.execute("BEGIN IMMEDIATE")
    try:
        done = work(_doing_sqlite(connection))
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    return done


def _postgres(connection: Any, work: Callable[[Do], T]) -> T:
    with connection.transaction():
        return work(_doing_postgres(connection))


def _doing_sqlite(connection: sqlite3.Connection) -> Do:
    return lambda statement, values: connection.execute(sql.for_sqlite(statement), values).fetchall()


def _doing_postgres(connection: Any) -> Do:
    def do(statement: str, values: Params) -> list[Any]:
        cursor = connection.execute(sql.for_postgres(statement), values)
        return cursor.fetchall() if cursor.description else []

    return do


def _true(stored: object) -> bool:
    return stored is True or str(stored).lower() in ("true", "yes")
