"""SQLite connections that only read: several people look at pages at once, and none waits for another's long one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock, Semaphore
from typing import Final

MOST: Final = 4
"""Connections of a process at most; who comes while all of them read waits for one."""

CACHE: Final = 4_000
"""KiB of pages that each keeps."""


class Readers:
    """Connections are made when they are needed, and kept: opening one takes longer than most looks take."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._places = Semaphore(MOST)
        self._mutex = Lock()
        self._made: list[sqlite3.Connection] = []
        self._idle: list[sqlite3.Connection] = []

    @contextmanager
    def one(self) -> Iterator[sqlite3.Connection]:
        """A connection that nobody else uses meanwhile; the one used last, whose pages are at hand."""
        with self._places:
            with self._mutex:
                connection = self._idle.pop() if self._idle else None
            connection = connection or self._make()
            try:
                yield connection
            finally:
                with self._mutex:
                    self._idle.append(connection)

    def _make(self) -> sqlite3.Connection:
        connection = self._connect()
        connection.execute("PRAGMA query_only=ON")
        connection.execute(f"PRAGMA cache_size=-{CACHE}")
        with self._mutex:
            self._made.append(connection)
        return connection

    def close(self) -> None:
        """Give them back; nobody reads any more."""
        for connection in self._made:
            connection.close()
