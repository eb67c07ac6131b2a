"""Phlov broken on purpose, to show that the tests of this folder can fail."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable
from datetime import time as dtime

from bot.services import clock, conductor, hours, outbox, recovery, retry
from bot.store import sqlite
from bot.store.crypto import Vault
from bot.store.state import State
from bot.worker import Worker, house, jobs, lanes

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


def in_a_hurry() -> None:
    """Nothing is broken, but what is done after a minute is done after seconds."""
    retry.SECOND_TRY = 10_000
    Worker.__init__.__kwdefaults__["every"] = 1.0


def short_leases() -> None:
    """Nothing is broken: leases of a second, for a gateway that answers at once, looked at twice a second."""
    retry.SECOND_TRY = 3000
    jobs.TICK, jobs.IDLE = 1, 0.2
    Worker.__init__.__kwdefaults__["every"] = 0.5
    house.House.lease_of = lambda *_: 1.0
    lanes.fits = lambda deadline, _: time.monotonic() + 0.3 <= deadline


def day_and_night() -> None:
    """Nothing is broken, but broadcasts go at any hour, and their canary is watched for a second."""
    in_a_hurry()
    hours.OPENS, hours.CLOSES = dtime.min, dtime.max
    conductor.WATCH, conductor.LOOK = 1000, 1.0
    clock.DOUBT = 0  # however short ago this machine was switched on


def day_and_night_with_short_leases() -> None:
    """The same, and what a process held that was killed is free after three seconds."""
    day_and_night()
    house.House.lease_of = lambda *_: 3.0
    lanes.fits = lambda deadline, _: time.monotonic() + 1 <= deadline


def give_what_was_on_its_way_again() -> None:
    """Broadcasts at any hour, and whatever was claimed when the process died waits again."""
    day_and_night()
    recovery._decided = lambda held, verdict, now: recovery._New(State.QUEUED, now)


def no_fence() -> None:
    """A worker that was stopped goes on where it was, whatever its lease says."""
    short_leases()
    lanes.fits = lambda *_: True
    outbox.begin = lambda *_: True
    recovery._decided = lambda held, verdict, now: recovery._New(State.QUEUED, now)


def leave_what_a_crash_left() -> None:
    """What was claimed when the process died stays so."""
    recovery.recover = recovery.expire_leases = lambda *_, **__: 0


def send_again_what_was_on_its_way() -> None:
    """Whatever was claimed when the process died waits again, as if nothing of it could have left the house."""
    in_a_hurry()
    recovery._decided = lambda held, verdict, now: recovery._New(State.QUEUED, now)


MUTANTS = {
    "in a hurry": in_a_hurry,
    "short leases": short_leases,
    "no fence": no_fence,
    "day and night": day_and_night,
    "day and night, short leases": day_and_night_with_short_leases,
    "give what was on its way again": give_what_was_on_its_way_again,
    "leave what a crash left": leave_what_a_crash_left,
    "send again what was on its way": send_again_what_was_on_its_way,
    "answer before commit": answer_before_commit,
    "forget at restart": forget_at_restart,
    "forget at once": forget_at_once,
    "swallow failed commits": swallow_failed_commits,
    "NORMAL": sync("NORMAL"),
    "OFF": sync("OFF"),
}
