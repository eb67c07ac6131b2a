"""Whether anything has happened in this process that may end a text between its claim and its POST."""

from __future__ import annotations

from itertools import count


class Changes:
    """Counts STOP, ERASE and delivery reports, before they are committed. Safe to use from any thread."""

    def __init__(self) -> None:
        self._next = count(1)
        self.latest = 0

    def note(self) -> None:
        """Something of the kind is about to be committed."""
        self.latest = next(self._next)
