"""Single cells of lists: days, tags, what was said yes to; and what is shown of a cell that is not understood."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from hashlib import sha256
from typing import Final, NamedTuple

from bot.services.contacts_file import LONGEST_CELL
from bot.text.khmer import clean, fold

LONGEST_TAG: Final = 40
LONGEST_NAME: Final = 60
LONGEST_WORDING: Final = 500
MOST_TAGS: Final = 10
NUMBERED: Final = 8
"""A word with so many digits may be a phone number: no tag is, for tags stand in addresses of pages."""
VALID: Final = timedelta(days=180)
"""A consent that is older has to be asked for again (H9)."""
DIGITS: Final = str.maketrans("\u17e0\u17e1\u17e2\u17e3\u17e4\u17e5\u17e6\u17e7\u17e8\u17e9", "0123456789")
DIGIT: Final = re.compile("[0-9]")
YEAR: Final = 4

_DAY = re.compile(r"([0-9]{1,4})[-/. ]([0-9]{1,2})[-/. ]([0-9]{1,4})(?:[T ][0-9:.]{4,15})?")


class Unread(ValueError):
    """A cell says nothing that is understood. The text says why, and quotes no number."""


def check_consent(on: date, given_by: str, wording: str, today: date) -> None:
    """Raises `Unread` for a consent that nobody can have given, or that does not hold any more."""
    if on > today:
        raise Unread("is of a day that has not come yet")
    if today - on > VALID:
        raise Unread(f"is older than {VALID.days} days and has to be asked for again")
    if len(given_by) > LONGEST_NAME or len(wording) > LONGEST_WORDING:
        raise Unread(f"has a name longer than {LONGEST_NAME} or words longer than {LONGEST_WORDING} characters")


class Consent(NamedTuple):
    """Somebody's yes to the texts of a campaign; `question` is the fingerprint of the words that were said yes to.

    `at`: the beginning of that day, in milliseconds since 1970.
    """

    code: str
    how: str
    given_by: str
    at: int
    question: str
    language: str


class Refused(NamedTuple):
    """Somebody's no to the texts of a campaign; `at` is as in a consent, None where no day is told."""

    code: str
    at: int | None


def fingerprint(words: str) -> str:
    """Of the words somebody said yes to; as `campaigns.question` makes it."""
    return sha256(words.encode()).hexdigest()[:16]


def read_tags(given: Iterable[str]) -> tuple[str, ...]:
    """Tags as they are kept: folded, each once, in order. Raises `Unread`."""
    tags = tuple(sorted({tag for each in given if (tag := fold(each))}))
    if len(tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in tags):
        raise Unread(f"are more than {MOST_TAGS} tags, or one is longer than {LONGEST_TAG} characters")
    if any(numbered(tag) for tag in tags):
        raise Unread("hold a number")
    return tags


def numbered(word: str) -> bool:
    """Whether a word may be the phone number of somebody."""
    return sum(map(str.isdigit, word)) >= NUMBERED


def read_day(cell: str) -> date:
    """A day as 2026-12-31 or 31/12/2026; a day of the month is before its month, as in Cambodia. Raises `Unread`."""
    found = _DAY.fullmatch(cell.strip().translate(DIGITS))
    if found is None:
        raise Unread("is no day; write it as 2026-12-31 or 31/12/2026")
    first, month, last = found.groups()
    year, day = (first, last) if len(first) == YEAR else (last, first)
    if len(year) != YEAR or len(day) > 2:
        raise Unread("is a day without a whole year; write it as 2026-12-31 or 31/12/2026")
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise Unread("is no day there is (the day comes before the month)") from None


def ending(raw: str) -> str:
    """The last three digits, by which staff find the row again and nobody finds the person."""
    return "".join(DIGIT.findall(raw.translate(DIGITS))[-3:])


def line(text: str) -> str:
    return " ".join(clean(text).split())


def short(cell: str) -> str:
    if len(cell) > LONGEST_CELL:
        raise Unread(f"is longer than {LONGEST_CELL} characters")
    return cell


def quoted(cell: str) -> str:
    """What was written, if it is no number, in whatever digits, that slipped into another column."""
    text = line(cell)[:30]
    return "" if not text or sum(map(str.isnumeric, text)) > 2 else f" ({text})"
