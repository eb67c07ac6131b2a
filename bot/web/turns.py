"""Who answers texts and who draws a page take turns in one interpreter."""

from __future__ import annotations

import sys
from threading import Lock
from types import TracebackType
from typing import Final

SHORT: Final = 0.001
"""Seconds a page may keep the interpreter from somebody who texts."""


class Turns:
    """While a page is drawn, turns are short: an answer to a text comes back for its next step many times, and would
    each time wait for as long as a turn lasts. Otherwise they stay long, which is quicker for all."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._pages = 0
        self._usual = 0.0

    def __enter__(self) -> None:
        with self._lock:
            if not self._pages:
                self._usual = sys.getswitchinterval()
                sys.setswitchinterval(min(SHORT, self._usual))
            self._pages += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._pages -= 1
            if not self._pages:
                sys.setswitchinterval(self._usual)
