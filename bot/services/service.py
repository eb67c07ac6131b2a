"""The parts every service works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from bot.content.book import Book
from bot.conversation.understand import Reader
from bot.services.guards import Forgotten
from bot.services.registry import Shelf
from bot.store.crypto import Vault
from bot.store.database import Database
from bot.store.times import milliseconds


@dataclass(frozen=True, slots=True)
class Service:
    """One house. `clock` gives aware UTC; `own_numbers` are E.164; `paced` is off where no machine texts."""

    database: Database
    vault: Vault
    book: Book
    reader: Reader
    clock: Callable[[], datetime]
    own_numbers: frozenset[str] = frozenset()
    paced: bool = True
    forgotten: Forgotten = field(default_factory=Forgotten)
    shelf: Shelf = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "shelf", Shelf(self.database))

    def now(self) -> int:
        """Milliseconds since 1970."""
        return milliseconds(self.clock())
