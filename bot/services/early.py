"""Reports that came before the text they speak of was known by its gateway's name, in memory only."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock
from typing import Final

MOST: Final = 1_000


class Early:
    """So that a text settled a moment later is moved on at once; what is lost here the next reconciliation finds."""

    def __init__(self) -> None:
        self._keys: OrderedDict[bytes, None] = OrderedDict()
        self._lock = Lock()

    def keep(self, key: bytes) -> None:
        """A report came of a name that nobody knows yet."""
        with self._lock:
            self._keys[key] = None
            if len(self._keys) > MOST:
                self._keys.popitem(last=False)

    def take(self, keys: Iterable[bytes | None]) -> bool:
        """Whether a report of one of these has come before; it is forgotten then."""
        if not self._keys:
            return False
        with self._lock:
            found = [key for key in keys if key is not None and key in self._keys]
            for key in found:
                del self._keys[key]
        return bool(found)
