"""The parts every service works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, cast

from bot.content.book import Book
from bot.conversation.understand import Reader
from bot.services.asking import Questions
from bot.services.budgets import Budgets
from bot.services.changes import Changes
from bot.services.counted import Counted
from bot.services.early import Early
from bot.services.guards import Forgotten, Rescued
from bot.services.prices import Prices
from bot.services.registry import Shelf
from bot.services.steady import Steady
from bot.store.crypto import Vault
from bot.store.database import Database
from bot.store.times import milliseconds


def _nobody(_: str) -> None:
    """Nothing is to be done, and there is no other."""


def _none(_: str) -> bool:
    """There is none."""
    return False


@dataclass(frozen=True, slots=True)
class Service:
    """One house. `files` are the texts as they lie in the files; `clock` gives aware UTC; `own_numbers` are E.164;
    `paced` is off where no machine texts.

    `wake` is told of a channel in whose outbox something has been put, after the commit. `instead` names the channel
    that takes over the emergency answers of another, if there is one now; `besides` says whether there may be one
    later. `sms_channel` sends what was chosen on a USSD
    screen to be sent by SMS; without one it is not offered. `budgets` bound the answers that leave with a response.
    `prices` are what staff said a part costs, `questions` what the texts of broadcasts ask. `steady` sees that
    the clock was set; `counted` keeps counts of very many rows. `door`: by which staff come to it; at the `console`
    they have shown who they are, at the `shell` they say so.
    """

    database: Database
    vault: Vault
    files: Book
    reader: Reader
    clock: Callable[[], datetime]
    own_numbers: frozenset[str] = frozenset()
    paced: bool = True
    forgotten: Forgotten = field(default_factory=Forgotten)
    early: Early = field(default_factory=Early)
    changes: Changes = field(default_factory=Changes)
    counted: Counted = field(default_factory=Counted)
    wake: Callable[[str], None] = _nobody
    instead: Callable[[str], str | None] = _nobody
    besides: Callable[[str], bool] = _none
    rescued: Rescued = field(default_factory=Rescued)
    sms_channel: str | None = None
    budgets: Budgets = field(default_factory=Budgets)
    prices: Prices = field(default_factory=Prices)
    questions: Questions = field(default_factory=Questions)
    steady: Steady = field(default_factory=Steady)
    door: Literal["shell", "console"] = "shell"
    shelf: Shelf = field(default=cast(Shelf, None), repr=False)

    def __post_init__(self) -> None:
        if self.shelf is None or not self.shelf.keeps(self.database, self.files):
            object.__setattr__(self, "shelf", Shelf(self.database, files=self.files))

    @property
    def book(self) -> Book:
        """The texts as people are told them: the files, and what staff laid over them."""
        return self.shelf.book

    def now(self) -> int:
        """Milliseconds since 1970."""
        return milliseconds(self.clock())
