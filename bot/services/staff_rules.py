"""What holds for accounts of staff: how long things last, what a password must be, and why something is refused."""

from __future__ import annotations

from enum import StrEnum
from typing import Final
from unicodedata import normalize

from bot.services.broadcasts import staff
from bot.services.names import folded
from bot.store.times import DAY
from bot.text.khmer import clean

MINUTE: Final = 60_000
WELCOME_LASTS: Final = 3 * DAY
SESSION_LASTS: Final = 12 * 60 * MINUTE
IDLE: Final = 60 * MINUTE
FRESH_FOR: Final = 5 * MINUTE
SHORTEST: Final = 10
LONGEST: Final = 200
LONGEST_NAME: Final = 40
KINDS: Final = 5
"""So many different characters a password has at least."""
LEAST_OF_A_NAME: Final = 4
"""A shorter name is in many a good password."""
DIGITS: Final = 6
"""A name with so many digits may hold a number of somebody."""


class Why(StrEnum):
    """Why something was refused; pages and commands have the words."""

    WRONG = "wrong"
    WAIT = "wait"
    BUSY = "busy"
    OUT = "out"
    BAD_NAME = "bad_name"
    TAKEN = "taken"
    UNKNOWN = "unknown"
    SHORT = "short"
    PLAIN = "plain"
    BAD_WELCOME = "bad_welcome"
    BAD_CODE = "bad_code"
    LAST_ADMIN = "last_admin"
    NEEDED = "needed"


class Refused(Exception):
    """It was not done. `wait`: milliseconds after which it may be tried again, where that is known."""

    def __init__(self, why: Why, wait: int = 0) -> None:
        super().__init__(why)
        self.why = why
        self.wait = wait


def check_name(name: str) -> str:
    """The name as it is kept. Raises `Refused` for one that nobody of staff can have."""
    kept = " ".join(clean(name).split())
    if not staff(kept) or len(kept) > LONGEST_NAME or sum(map(str.isdigit, kept)) >= DIGITS:
        raise Refused(Why.BAD_NAME)
    return kept


def typed(password: str) -> str:
    """A password, the same whichever keyboard it was typed on."""
    return normalize("NFKC", password)


def check_password(password: str, name: str) -> str:
    """The password as it is hashed. Raises `Refused` for one that is soon guessed."""
    kept = typed(password)
    if not SHORTEST <= len(kept) <= LONGEST:
        raise Refused(Why.SHORT)
    own = folded(name)
    named = len(own) >= LEAST_OF_A_NAME and own in kept.casefold()
    if named or len(set(kept)) < KINDS or "".join(filter(str.isalnum, kept)).isdigit():
        raise Refused(Why.PLAIN)
    return kept
