"""Phlov broken on purpose, to show that the tests of this folder can fail."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable

from bot.store import sqlite
from bot.store.crypto import Vault

PAUSE = 0.1


def answer_before_commit() -> None:
    """What is asked for is done at once and committed up to a tenth of a second later, as in a queue in memory."""

    def write(self: sqlite.Sqlite, work: Callable, lock_key: int | None = None) -> object:
        with self._mutex:
            if not self._writer.in_transaction:
                self._writer.execute("BEGIN IMMEDIATE")
                threading.Thread(target=commit, args=(self,), daemon=True).start()
            return work(self._tx)

    def commit(self: sqlite.Sqlite) -> None:
        time.sleep(PAUSE)
        with self._mutex:
            self._writer.execute("COMMIT")

    sqlite.Sqlite.write = write


def forget_at_restart() -> None:
    """A text is known again only as long as the process lives, as with a list of seen ids in memory."""
    boot = os.urandom(8).hex()
    known = Vault.provider_key
    Vault.provider_key = lambda self, channel, provider_id: known(self, channel, provider_id + boot)


def forget_at_once() -> None:
    """No copy is known for one."""
    Vault.provider_key = lambda self, channel, provider_id: os.urandom(16)


def swallow_failed_commits() -> None:
    """A commit that failed counts as done."""

    def _commit(self: sqlite.Sqlite, batch: list, leader: object) -> None:
        with self._lock:
            self._writer.execute("BEGIN IMMEDIATE")
            self._work(batch)
            try:
                self._writer.execute("COMMIT")
            except sqlite3.Error:
                self._writer.execute("ROLLBACK") if self._writer.in_transaction else None

    sqlite.Sqlite._commit = _commit


def sync(level: str) -> Callable[[], None]:
    """`PRAGMA synchronous` at another level than the shipped one."""

    def mutate() -> None:
        sqlite.PRAGMAS = tuple(pragma.replace("synchronous=FULL", f"synchronous={level}") for pragma in sqlite.PRAGMAS)

    return mutate


MUTANTS = {
    "answer before commit": answer_before_commit,
    "forget at restart": forget_at_restart,
    "forget at once": forget_at_once,
    "swallow failed commits": swallow_failed_commits,
    "NORMAL": sync("NORMAL"),
    "OFF": sync("OFF"),
}
