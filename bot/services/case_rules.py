"""What holds for cases: how long things last, and why something is refused."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from bot.store.cases import Outcome
from bot.store.times import DAY

MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE
LOCK: Final = 5 * MINUTE
"""So long nobody else answers; who goes on writing takes it again."""
ANSWERED: Final = 3 * DAY
"""After a reply the next word is the person's: for so long the case waits for it, then for us again."""
LONGEST_WAIT: Final = 30
"""Days."""
STOPPED: Final = 72 * HOUR
"""So long after their own last text somebody who said STOP may still be answered, if they asked (H11): they are in
danger, or have texted again since. STOP alone asks for nothing."""
LIFE: Final = 24 * HOUR
"""A reply of staff that could not be sent by then is not sent any more: they see it, and say it again."""
LAPSE: Final = 7 * DAY
"""Unanswered texts and loops that nobody took on in that time end by themselves."""
SHORTEST_REASON: Final = 10
REVEALS: Final = 30
"""Numbers that one of staff may see within an hour."""
LONGEST_NOTE: Final = 2_000
LONGEST_NAME: Final = 60
DIGITS: Final = 6
"""A name with so many digits may hold a number of somebody."""
BY_THE_HOUSE: Final = frozenset({Outcome.LAPSED, Outcome.ERASED})
"""Nobody closes a case with these."""


class Why(StrEnum):
    """Why something was refused; pages have the words."""

    GONE = "gone"
    """There is no such case or person any more, or no number of them."""
    CLOSED = "closed"
    OPEN = "open"
    """It is open already."""
    ANOTHER = "another"
    """Another case of this person is open."""
    LOCKED = "locked"
    """Somebody else is answering."""
    NEWS = "news"
    """The person has texted since the page was drawn on which this was asked for."""
    FAULTY = "faulty"
    """The reply cannot go as it is; its draft says why."""
    EMPTY = "empty"
    LONG = "long"
    NUMBER = "number"
    """It may hold somebody's number."""
    NOBODY = "nobody"
    """Nobody of staff who may work on cases is called so."""
    REASON = "reason"
    """A reason is needed, in a few words."""
    OFTEN = "often"
    DAYS = "days"


class Refused(Exception):
    """It was not done. `who` is answering, `until` when, where that is why."""

    def __init__(self, why: Why, who: str | None = None, until: int = 0) -> None:
        super().__init__(why)
        self.why = why
        self.who = who
        self.until = until
