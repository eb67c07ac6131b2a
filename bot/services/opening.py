"""The hours in which staff read, as staff set them (`services.content`), for what people are told and for the pages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from typing import Any, Final

from bot.conversation.hours import Hours

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEK: Final = "week"
"""The name under which the hours of the week are kept."""
LAST: Final = "23:59"
"""The end of a day, as it is kept."""
MOST: Final = 4
"""So often staff may come and go in a day."""
_SPAN: Final = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?-(\d{1,2})(?:[:.h](\d{2}))?")

Spans = list[list[str]]
"""The hours of a day, as they are kept: [["08:00", "12:00"], ["13:00", "17:00"]]."""


class BadHours(ValueError):
    """Nobody knows what hours these are."""


def hours(weeks: Mapping[str, Mapping[str, Any]], holidays: Iterable[str]) -> Hours | None:
    """The hours as they are kept; None as long as staff have told none, or none that can be read."""
    week = weeks.get(WEEK, {})
    if not any(week.get(day) for day in DAYS):
        return None
    try:
        spans = tuple(
            tuple((time.fromisoformat(begins), time.fromisoformat(ends)) for begins, ends in week.get(day, ()))
            for day in DAYS
        )
        return Hours(spans, frozenset(map(date.fromisoformat, holidays)))
    except (TypeError, ValueError):  # of another version: then nobody promises anything
        return None


def read(written: str) -> Spans:
    """The hours of a day as somebody writes them: `8-12, 13:00-17:30`, in any digits; nothing where nobody reads.

    Raises `BadHours`.
    """
    plain = unicodedata.normalize("NFKC", written)
    plain = "".join(str(unicodedata.digit(sign, sign)) for sign in plain)
    plain = re.sub(r"\s*[-\u2010-\u2015]\s*", "-", plain.strip())
    spans = [_span(each) for each in re.split(r"[\s,;]+", plain) if each]
    times = [at for span in spans for at in span]
    if len(spans) > MOST or times != sorted(set(times)):
        raise BadHours("each time must be later than the one before")
    return spans


def written(spans: Sequence[Sequence[str]]) -> str:
    """The hours of a day as staff read them."""
    return ", ".join("-".join(_shown(at) for at in span) for span in spans)


def _shown(at: str) -> str:
    return "24:00" if at == LAST else at.removeprefix("0")


def _span(written: str) -> list[str]:
    found = _SPAN.fullmatch(written)
    if found is None:
        raise BadHours("hours are written as 8:00-12:00")
    return [_time(found[1], found[2]), _time(found[3], found[4])]


def _time(hour: str, minute: str | None) -> str:
    if int(hour) == 24 and not int(minute or 0):
        return LAST
    try:
        return time(int(hour), int(minute or 0)).isoformat("minutes")
    except ValueError:
        raise BadHours("there is no such time") from None
