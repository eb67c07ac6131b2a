"""When somebody of staff reads: what is promised to who asks for a person, and never more than that (H8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

AHEAD: Final = timedelta(hours=7)
"""How far the clocks of Cambodia are ahead of UTC, all year."""

ASK: Final = "system.human"
"""What who asks for a person is told as long as nobody promises anything. The others are said in its place."""
OPEN, TODAY, TOMORROW, LATER = (f"{ASK}_{name}" for name in ("open", "today", "tomorrow", "later"))
TALK, NIGHT = f"{ASK}_talk", f"{ASK}_night"
"""Whom else one can call: at the hours of offices, and at any hour."""
FARTHEST: Final = 60
"""Days. What is further away is not promised."""

Span = tuple[time, time]
"""From when until when, by the clocks of Cambodia."""
Fills = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Hours:
    """The times when staff read, for each day of the week from Monday on, and the days when they do not."""

    week: tuple[tuple[Span, ...], ...]
    holidays: frozenset[date] = frozenset()

    def on(self, day: date) -> tuple[Span, ...]:
        """When they read on a day."""
        return () if day in self.holidays else self.week[day.weekday()]


@dataclass(frozen=True, slots=True)
class Stands:
    """How it stands at a moment: somebody reads `until` a time of today, or else from a time `at` of a `day` on."""

    until: time | None
    day: date
    at: time | None


def stands(hours: Hours | None, now: datetime) -> Stands | None:
    """How it stands at an instant (aware); None if nothing is promised."""
    if hours is None:
        return None
    here = now + AHEAD
    today, clock = here.date(), here.time().replace(tzinfo=None)
    for begins, ends in hours.on(today):
        if begins <= clock < ends:
            return Stands(ends, today, None)
    for ahead in range(FARTHEST):
        day = today + timedelta(days=ahead)
        for begins, _ in hours.on(day):
            if ahead or begins > clock:
                return Stands(None, day, begins)
    return None


def said(hours: Hours | None, now: datetime) -> tuple[str, Fills]:
    """The state that who asks for a person is told now, with what is filled in."""
    found = stands(hours, now)
    if found is None:
        return ASK, ()
    if found.until is not None:
        return OPEN, (("until", _clock(found.until)), ("talk", TALK))
    begins = found.at or time()
    fills: Fills = (("from", _clock(begins)), ("night", NIGHT))
    away = (found.day - (now + AHEAD).date()).days
    if away > 1:
        return LATER, (("day", f"{found.day.day}/{found.day.month}"), *fills)
    return TOMORROW if away else TODAY, fills


def _clock(at: time) -> str:
    """As short as people write it."""
    return f"{at.hour}:{at.minute:02}"
