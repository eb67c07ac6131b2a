"""The hours in which staff read, as staff set them (`services.content`), for what people are told and for the pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, time
from typing import Any, Final

from bot.conversation.hours import Hours

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEK: Final = "week"
"""The name under which the hours of the week are kept."""


def hours(weeks: Mapping[str, Mapping[str, Any]], holidays: Iterable[str]) -> Hours | None:
    """The hours as they are kept; None as long as staff have told none."""
    week = weeks.get(WEEK, {})
    if not any(week.get(day) for day in DAYS):
        return None
    spans = tuple(
        tuple((time.fromisoformat(begins), time.fromisoformat(ends)) for begins, ends in week.get(day, ()))
        for day in DAYS
    )
    return Hours(spans, frozenset(map(date.fromisoformat, holidays)))
