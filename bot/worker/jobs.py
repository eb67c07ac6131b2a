"""Huey: the jobs that come round, and the wake-up call from a process that took a text to one that sends it.

Jobs are never the truth, the outbox is: a queue that is lost or empty only makes texts wait for the next look at it.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from bot.log import failure

if TYPE_CHECKING:
    from datetime import datetime

    from huey.api import Huey

NAME: Final = "phlov"
FILE: Final = "jobs.db"
TICK: Final = 5
"""Seconds between two looks at what is to come round; a divisor of 60, wants Huey."""
IDLE: Final = 5.0
"""Seconds between two looks at an empty queue in SQLite, where nobody calls: jobs that come round can wait for it."""
GATHER: Final = 0.05
"""Seconds in which wake-up calls for one gateway become one."""
MOST_CALLS: Final = 100
"""So many that nobody has heard yet are enough, however long no worker runs."""
TRIES: Final = 5
STOP_WITHIN: Final = 2.0
"""Seconds; Huey looks that often whether it is to stop."""


class CannotQueue(Exception):
    """There is no queue for the jobs. One clear line."""


class Every:
    """Comes round every so many seconds, first after `first`, by a clock that nobody sets."""

    def __init__(self, seconds: float, first: float = 0.0) -> None:
        self._seconds = seconds
        self._next = monotonic() + first

    def __call__(self, _: datetime) -> bool:
        """Whether it is time."""
        now = monotonic()
        if now < self._next:
            return False
        self._next = now + self._seconds
        return True


def queue(url: str, data_dir: Path) -> Huey:
    """The queue at `url`: `postgresql://…`, `redis://…`, or a file in the data directory for a SQLite house.

    Raises `CannotQueue`.
    """
    kind = url.partition(":")[0].partition("+")[0]
    made: Huey
    try:
        huey, serializer = _library(kind), _serializer()
        if kind == "postgresql":
            dsn = url.replace("postgresql+psycopg:", "postgresql:", 1)
            made = _patiently(lambda: huey.PostgresHuey(NAME, False, serializer=serializer, dsn=dsn, table_prefix=NAME))
        elif kind.startswith("redis"):
            made = huey.RedisHuey(NAME, False, serializer=serializer, url=url)
        else:
            made = _embedded(huey, data_dir, serializer=serializer)
    except Exception as error:  # noqa: BLE001 - each storage has its own drivers' errors
        raise CannotQueue(f"there is no queue for jobs ({type(error).__name__}); see PHLOV_JOBS_URL") from None
    return made


_LIGHT: Final = {"fsync": False, "journal_mode": "memory", "cache_mb": 1}
"""Nothing of it need outlive the process, so an idle box with an SD card need not write for its sake."""


def _embedded(library: Any, data_dir: Path, **more: Any) -> Huey:
    """A file; where none can be written (a full disk) the memory will do: the house must answer all the same."""
    made: Huey
    try:
        made = library.SqliteHuey(NAME, False, filename=_fresh(data_dir), **_LIGHT, **more)
    except Exception as error:  # noqa: BLE001 - of the file system or of SQLite
        failure("jobs are kept in memory", error)
        made = library.MemoryHuey(NAME, False, **more)
    return made


def _fresh(data_dir: Path) -> str:
    """An empty file: one that a power cut has spoilt is worth less."""
    file = data_dir / FILE
    file.unlink(missing_ok=True)
    os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    return str(file)


def own() -> Huey:
    """A queue of this process alone, for what only it can do: look at its gateways, bring its texts back to order."""
    made: Huey = _library("memory").MemoryHuey(NAME, False)
    return made


def _library(kind: str) -> Any:
    """Huey; where PostgreSQL is not used without its driver, which it would load."""
    hidden = "psycopg" not in sys.modules
    if hidden:
        sys.modules["psycopg"] = None  # type: ignore[assignment]
    try:
        library, storage = import_module("huey"), import_module("huey.storage")
    finally:
        if hidden:
            del sys.modules["psycopg"]
    if kind == "postgresql":
        storage.psycopg = import_module("psycopg")  # type: ignore[attr-defined]
    return library


def _serializer() -> Any:
    """Jobs as JSON: Huey's own pickles would let whoever writes to a shared queue run anything here."""
    from huey.registry import Message  # noqa: PLC0415
    from huey.serializer import Serializer  # noqa: PLC0415

    class Plain(Serializer):
        """Names and words only; a job here holds nothing else."""

        def _serialize(self, data: Any) -> bytes:
            return json.dumps(list(data)).encode()

        def _deserialize(self, data: bytes) -> Any:
            return Message(*json.loads(bytes(data)))

    return Plain()  # type: ignore[no-untyped-call]


def _patiently(make: Callable[[], Huey]) -> Huey:
    """PostgreSQL refuses one of two processes that make the same table at the same moment."""
    for _ in range(TRIES - 1):
        with suppress(Exception):
            return make()
        threading.Event().wait(0.2)
    return make()


class Jobs:
    """The jobs of one process. `rounds`: what comes round, by name; `wake`: what is done when a gateway's name comes.

    `serving` processes that send nothing only call (`consume` is False). `tick`: seconds between two looks at what is
    to come round.
    """

    def __init__(
        self,
        huey: Huey,
        rounds: Mapping[str, tuple[Every, Callable[[], None]]],
        wake: Callable[[str], None],
        *,
        consume: bool = True,
        tick: int = TICK,
    ) -> None:
        self._huey = huey
        self._wake = huey.task(name="wake")(wake)
        for name, (when, work) in rounds.items():
            huey.periodic_task(_unless_full(huey, when), name=name)(_guarded(name, work))
        huey.on_shutdown()(_closing(huey))
        self._consumer = _consumer(huey, tick) if consume else None
        self._caller = threading.Thread(target=self._calls, name="wake-up calls", daemon=True)
        self._called: set[str] = set()
        self._bell = threading.Event()
        self._stopped = threading.Event()

    def start(self) -> None:
        """Work in threads that end with the process. No signal handler is touched."""
        if self._consumer is not None:
            self._consumer.start()
        self._caller.start()

    def stop(self, within: float = STOP_WITHIN) -> None:
        """Begin nothing more. What runs longer is not waited for: another round will do it."""
        self._stopped.set()
        self._bell.set()
        threads = [self._caller]
        if self._consumer is not None:
            self._consumer.stop_flag.set()
            threads += [self._consumer.scheduler, *(thread for _, thread in self._consumer.worker_threads)]
        until = monotonic() + within
        for thread in threads:
            if thread.is_alive():
                thread.join(max(until - monotonic(), 0.0))
        if not any(thread.is_alive() for thread in threads):
            self._huey.storage.close()

    def call(self, channel: str) -> None:
        """Let some process look for texts for this gateway. Never waits, and many calls at once are one."""
        self._called.add(channel)
        self._bell.set()

    def _calls(self) -> None:
        while not self._stopped.is_set():
            self._bell.wait()
            self._bell.clear()
            while self._called and not self._stopped.is_set():
                channel = self._called.pop()
                try:
                    if self._huey.pending_count() < MOST_CALLS:
                        self._wake(channel)
                except Exception as error:  # noqa: BLE001 - whatever the storage raises: the text is found without a call
                    failure("not called", error)
            self._stopped.wait(GATHER)


def _closing(huey: Huey) -> Callable[[], object]:
    """Gives back what the storage opened for the thread that calls it."""

    def close() -> object:
        return huey.storage.close()

    return close


def _unless_full(huey: Huey, when: Every) -> Callable[[datetime], bool]:
    """Whether it is time, and what came round before has been done: rounds that take longer than their pause, as where
    gateways are away for days, do not pile up before the purge."""

    def due(at: datetime) -> bool:
        with suppress(Exception):  # whatever the storage raises would end Huey's thread
            if huey.pending_count() >= MOST_CALLS:
                return False
        return when(at)

    return due


def _guarded(name: str, work: Callable[[], None]) -> Callable[[], None]:
    """A job whose mistakes are logged without their words."""

    def job() -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - the next round comes
            failure(f"{name} failed", error)

    return job


def _consumer(huey: Huey, tick: int) -> Any:
    """Huey's consumer as threads of this process, which has its own signal handlers."""
    from huey.consumer import Consumer, Scheduler  # noqa: PLC0415

    class Often(Scheduler):
        """Huey looks once a minute at what is to come round."""

        periodic_task_seconds = tick

    class Beside(Consumer):
        """Beside a server."""

        scheduler_class = Often

        def _set_signal_handlers(self) -> None:
            """The server has its own."""

    return Beside(  # type: ignore[no-untyped-call]
        huey,
        workers=1,
        initial_delay=min(tick / 5, 0.5),
        backoff=2.0,
        max_delay=min(tick, IDLE),
        scheduler_interval=tick,
    )
