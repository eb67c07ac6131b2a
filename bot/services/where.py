"""Where the people of a broadcast are, as the rounds of one process remember it, so that they need not look again."""

from __future__ import annotations

from bot.store import recipients
from bot.store.database import Tx


class Where:
    """Of each broadcast its countries, and the places (country, wave) where nobody is left whose turn has not come."""

    def __init__(self) -> None:
        self._through: dict[int, set[tuple[str, int]]] = {}
        self._countries: dict[int, tuple[str, ...]] = {}

    @property
    def remembered(self) -> set[int]:
        """The broadcasts of which anything is remembered."""
        return {*self._through, *self._countries}

    def through(self, broadcast: int) -> set[tuple[str, int]]:
        """The places that are through; whoever has seen another to be so adds it."""
        return self._through.setdefault(broadcast, set())

    def countries(self, tx: Tx, broadcast: int) -> tuple[str, ...]:
        """The countries of its people; looked for once."""
        if broadcast not in self._countries:
            self._countries[broadcast] = tuple(recipients.countries(tx, broadcast))
        return self._countries[broadcast]

    def seen(self, broadcast: int) -> tuple[str, ...]:
        """The countries of its people, if they were looked for."""
        return self._countries.get(broadcast, ())

    def forget(self, broadcast: int) -> None:
        """It is closed."""
        self._through.pop(broadcast, None)
        self._countries.pop(broadcast, None)
