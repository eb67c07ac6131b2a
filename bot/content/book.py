"""The frozen Book: everything the bot says and knows, checked once when it is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

Language = Literal["km", "km_Latn", "en"]
LANGUAGES: tuple[Language, ...] = ("km", "km_Latn", "en")

Scope = Literal["here", "there"]
"""Whose country an answer is about: `here`, where the sender's phone is; `there`, the country asked about."""


@dataclass(frozen=True, slots=True)
class Helpline:
    """One number of the ledger (`messages/helplines.yaml`). `country` is ISO 3166 alpha-2; `local` is as dialled there."""

    id: str
    name: str
    category: str
    country: str
    local: str | None
    e164: str | None
    languages: tuple[str, ...]
    khmer: str
    hours: str
    toll_free: str
    sources: tuple[str, ...]
    source_date: str | None
    confidence: str
    bot_use: Literal["ok", "verify_first"]
    checked_on: date | None

    @property
    def enabled(self) -> bool:
        """Emergency services are never withheld; `verify_first` waits for a check date (design §5)."""
        emergency = self.category.startswith("emergency_")
        return self.local is not None and (emergency or self.bot_use == "ok" or self.checked_on is not None)


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a numbered menu. `aliases` are words besides the label that choose it."""

    label: str
    go: str
    aliases: tuple[str, ...] = ()
    country: str | None = None
    language: Language | None = None


@dataclass(frozen=True, slots=True)
class State:
    """One thing the bot says. English source text; `pages[0]` first, the others after MORE.

    `by_country` holds other first pages where the law or the numbers of a country differ. `sensitive` states are
    forgotten after 15 minutes (design §4). `facts` are ids of the facts the text states.
    """

    id: str
    topic: str
    pages: tuple[str, ...]
    by_country: Mapping[str, tuple[str, ...]]
    choices: tuple[Choice, ...]
    facts: tuple[str, ...]
    sensitive: bool
    scope: Scope
    budget: int
    hints: bool


@dataclass(frozen=True, slots=True)
class Notice:
    """A dated situation notice, said first where its topics and countries apply and `valid_until` has not passed."""

    id: str
    say: str
    topics: frozenset[str]
    countries: frozenset[str]
    valid_until: date
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Country:
    """A country with a help card. `words` find it in a text (names, towns, currencies), in all scripts."""

    code: str
    name: str
    calling_code: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Keyword:
    """A word or phrase that leads to a topic. `whole`: only when it is the whole text."""

    phrase: str
    topic: str
    whole: bool


class Unsound(Exception):
    """The content may not be served. The text says file, line and reason, one problem a line."""
