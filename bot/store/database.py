"""What every floor above may do with a database, whichever it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from bot.store.statements import Statement

T = TypeVar("T")
Row = tuple[Any, ...]

WAIT = 5.0
"""Seconds to wait for a database that somebody else holds, before `Busy`."""


class Tx(Protocol):
    """One transaction. Values are given by name; rows come back as plain tuples."""

    @property
    def shards(self) -> int:
        """Over how many rows a count that everybody raises is to be spread."""

    @property
    def one_writer(self) -> bool:
        """Whether everybody else who writes waits until this transaction is over."""

    def alone(self, key: bytes) -> None:
        """Until the commit nobody else is past this with the same key, and what they did shows. Waits for them.

        Never before the `lock_key` of the work, so that two cannot wait for each other.
        """

    def one(self, statement: Statement, **values: Any) -> Row | None:
        """The first row, or None."""

    def all(self, statement: Statement, **values: Any) -> list[Row]:
        """Every row."""

    def run(self, statement: Statement, **values: Any) -> int:
        """Do it now; how many rows it touched."""

    def put(self, statement: Statement, **values: Any) -> None:
        """Do it before the commit: no later statement of this transaction may depend on it, nor touch the same row.

        PostgreSQL does all of them in one round trip.
        """

    def put_many(self, statement: Statement, values: Sequence[Mapping[str, Any]]) -> None:
        """`put` for each of the values."""

    def run_many(self, statement: Statement, values: Sequence[Mapping[str, Any]]) -> None:
        """Do it now for each of the values: for hundreds of rows. Of an insert no two may be of the same key."""


class Database(Protocol):
    """A database that is open. Safe to use from any thread."""

    def write(self, work: Callable[[Tx], T], lock_key: bytes | None = None, *, lasting: bool = True) -> T:
        """Run `work` in one transaction; what it gives back is given back once the commit is on the disk.

        Raises what `work` raises, or a `StoreError`; then nothing is kept. `work` may be run more than once
        and must do nothing but use its `Tx`. Works with the same `lock_key` never overlap.

        What is not `lasting` is on the disk a little later, but before anything that is committed after it: a power
        cut may undo it with all that followed. For work that begins again where it was, and tells nobody it is done.
        """

    def read(self, work: Callable[[Tx], T]) -> T:
        """Run `work` on one unchanging view of the data; it waits for no writer."""

    def new_id(self, now: int, count: int = 1) -> int:
        """An id for a new row, or the first of `count` that follow each other; `now` in milliseconds since 1970."""

    def scrub(self) -> None:
        """Overwrite what deleted rows left behind, as far as the database can."""

    def reserve(self) -> None:
        """For a process that stays: make room on the disk beforehand where that makes commits quicker.

        Raises `StoreError`; nothing depends on it.
        """

    def facts(self) -> Mapping[str, str]:
        """What it is, in words for whoever looks after it."""

    @property
    def failed_at(self) -> float | None:
        """When the last commit did not go through, by the monotonic clock; None if it did."""

    def close(self) -> None:
        """Give everything back."""
