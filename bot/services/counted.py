"""Counts of very many rows, kept for a while: whoever looks again need not wait until all are counted once more."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock, Thread
from time import monotonic
from typing import Any, Final, TypeVar

from bot.log import failure
from bot.store.errors import StoreError

T = TypeVar("T")
SHARE: Final = 20
"""A count is kept for so many times as long as counting took: pages that ask for it often take this share of a core."""
MOST: Final = 64
"""Counts that are kept at most."""


@dataclass
class _Count:
    value: Any
    until: float
    again: bool = False


class Counted:
    """What was counted lately, in this process. Safe to use from any thread."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, _Count] = {}
        self._first: dict[Hashable, Lock] = {}
        self._lock = Lock()

    def get(self, key: Hashable, count: Callable[[], T]) -> T:
        """What `count` gave a while ago; once that is too old it is counted anew meanwhile, for those who come later.

        Only who asks before there is any waits for it, and is told what goes wrong; then, too, it is counted once.
        """
        if (kept := self._kept.get(key)) is None:
            with self._lock:
                first = self._first.setdefault(key, Lock())
            with first:
                held = self._kept.get(key)
                return self._count(key, count) if held is None else held.value
        with self._lock:
            due = not kept.again and monotonic() >= kept.until
            kept.again = kept.again or due
        if due:
            Thread(target=self._later, args=(key, count), daemon=True).start()
        value: T = kept.value
        return value

    def _count(self, key: Hashable, count: Callable[[], T]) -> T:
        began = monotonic()
        value = count()
        ended = monotonic()
        with self._lock:
            self._kept.pop(key, None)
            self._first.pop(key, None)
            while len(self._kept) >= MOST:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = _Count(value, ended + SHARE * (ended - began))
        return value

    def _later(self, key: Hashable, count: Callable[[], object]) -> None:
        try:
            self._count(key, count)
        except StoreError as error:
            failure("not counted", error)
            with self._lock:
                self._kept.pop(key, None)
