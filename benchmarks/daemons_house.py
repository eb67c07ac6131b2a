"""A `phlov run` behind a real daemon, whose outbox is filled and whose rows are counted from outside."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.contacts import number
from benchmarks.daemons_tests import NO_TWILIO, House, unasked
from benchmarks.fill import fill
from bot.services.service import Service
from bot.store.opening import open_store
from bot.store.state import State

PATIENCE = 90.0
TEXT = ("សួស្តី! ទូរស័ព្ទជំនួយ 1280។ " * 5)[:130]
"""Khmer, of two parts: 67 UTF-16 units and the rest."""


class Behind:
    """One Phlov. People are those of `benchmarks.contacts`, by their place."""

    def __init__(self, folder: Path, channel: str, settings: Mapping[str, str], port: int | None = None) -> None:
        folder.mkdir(parents=True)
        self.house = House(
            folder, {**NO_TWILIO, "PHLOV_PUBLIC_URL": "", **settings}, **({"port": port} if port else {})
        )
        self._channel = channel

    @contextmanager
    def running(self, people: int) -> Iterator[None]:
        """From its first answer on, with so many people who have written before; killed at the end."""
        fill({"PHLOV_DATA_DIR": str(self.house.data)}, map(number, range(people)))
        store = open_store(self.house.url, self.house.data)
        self._service = Service(store.database, store.vault, None, None, lambda: datetime.now(UTC))  # type: ignore[arg-type]
        try:
            with self.house.running():
                yield
        finally:
            store.database.close()

    def queue(self, numbers: Sequence[str]) -> None:
        """One text of two parts for each of them, in one commit; the lanes find it when they look."""
        queued = unasked.queue(self._service, self._channel, TEXT, numbers)
        if queued != len(numbers):
            raise RuntimeError(f"{queued} of {len(numbers)} texts were queued")

    def inbound(self) -> int:
        return self._count("SELECT count(*) FROM inbound")

    def parts(self) -> int:
        """All parts of all texts there ever were in the outbox."""
        return self._count("SELECT coalesce(sum(parts), 0) FROM outbound")

    def open(self) -> int:
        """Texts that wait or are on their way to the gateway."""
        return self._count(f"SELECT count(*) FROM outbound WHERE state < {int(State.UNKNOWN)}")

    def unreported(self) -> int:
        """Texts of which it is not known that the phone has them."""
        return self._count(f"SELECT count(*) FROM outbound WHERE state < {int(State.DELIVERED)}")

    def _count(self, query: str) -> int:
        with closing(sqlite3.connect(f"{self.house.file.as_uri()}?mode=ro", 10, uri=True)) as database:
            return int(database.execute(query).fetchone()[0])


def wait(holds: Callable[[], object], what: str, within: float = PATIENCE) -> float:
    """When it came true, to 20 ms, by the monotonic clock."""
    until = time.monotonic() + within
    while not holds():
        if time.monotonic() > until:
            raise RuntimeError(f"not within {within:.0f} s: {what}")
        time.sleep(0.02)
    return time.monotonic()


def pace(times: Sequence[float], each: int = 1) -> float:
    """Texts a second between the first and the last of so many moments, `each` of them to a text."""
    span = max(times) - min(times)
    return (len(times) - 1) / each / span if span else float("inf")
