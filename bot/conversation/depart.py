"""DEPART 15 1: the day a person leaves, to which the texts of a series are timed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from bot.conversation.session import Session, Turn
from bot.conversation.talk import Talk, arrive, here
from bot.text.khmer import fold

KIND: Final = "departure"
FARTHEST: Final = timedelta(days=300)
"""Of a day and a month, the next such day is meant; one that far away was meant to be over."""

_NUMBERS = re.compile("[0-9]+")


class Depart:
    """Only for members of a campaign for which a series with such a day runs: others are told to join, if that is of
    use to them. It asks nothing, so it is never open."""

    name: Final = "depart"

    def begin(self, talk: Talk, session: Session, rest: str) -> Turn | None:
        """What will be sent and how it ends; or why it cannot be."""
        session = session._replace(tool=self.name, given=())
        counting = _counting(talk)
        if not counting & talk.registry.joined:
            refused = "depart.none" if talk.registry.joined or not counting else "depart.members"
            return arrive(talk, session, talk.book.states[refused])
        day = as_day(rest, talk.now)
        if day is None:
            return arrive(talk, session, talk.book.states["depart.when"])
        shown = f"{day.day}/{day.month}/{day.year}"
        turn = arrive(talk, session._replace(given=(shown,)), talk.book.states["depart.noted"], fills=(("day", shown),))
        return replace(turn, days=((KIND, day),))

    def answer(self, talk: Talk, session: Session) -> Turn | None:  # noqa: ARG002
        """It asks nothing."""
        return None

    def again(self, talk: Talk, session: Session) -> Turn | None:
        """The confirmation in another language."""
        if session.state != "depart.noted":
            return None
        return arrive(talk, session, talk.book.states["depart.noted"], fills=(("day", "".join(session.given[:1])),))


def _counting(talk: Talk) -> frozenset[str]:
    """The campaigns for which a series runs that counts from the day."""
    kinds = {name: series.kinds for name, series in talk.book.series.items()}
    runs = (codes for name, codes in talk.registry.series.items() if KIND in kinds.get(name, ()))
    return frozenset().union(*runs)


def as_day(text: str, now: datetime) -> date | None:
    """The day of `15 1`, `15/1/2027` or Khmer digits; None for one that is over, too far away, or none at all."""
    given = [int(number) for number in _NUMBERS.findall(fold(text))]
    today = here(now)
    if len(given) == 2:
        days = (_day(given[0], given[1], year) for year in (today.year, today.year + 1))
        found = next((day for day in days if day and day >= today), None)
    else:
        found = _day(given[0], given[1], _century(given[2])) if len(given) == 3 else None
    return found if found and today <= found <= today + FARTHEST else None


def _day(day: int, month: int, year: int) -> date | None:
    try:
        return date(year, month, day)
    except (ValueError, OverflowError):
        return None


def _century(year: int) -> int:
    return year + 2000 if year < 100 else year
