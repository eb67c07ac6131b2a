"""What staff look after on pages, and the words in which they are told what is wrong with a change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from bot.content.book import Book
from bot.content.layers import Layers


class Kind(StrEnum):
    """What staff look after."""

    HELPLINE = "helpline"
    NOTICE = "notice"
    CANNED = "canned"
    HOURS = "hours"
    HOLIDAY = "holiday"


class Why(StrEnum):
    """What is wrong; pages say it in the language of who reads (`content.why.*`)."""

    EMPTY = "empty"
    SHAPE = "shape"
    NAME = "name"
    LONG = "long"
    SOURCE = "source"
    DAY = "day"
    FUTURE = "future"
    PAST = "past"
    FAR = "far"
    TOPIC = "topic"
    COUNTRY = "country"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    LOCAL = "local"
    E164 = "e164"
    ABROAD = "abroad"
    EMERGENCY = "emergency"
    NAMED = "named"
    INSTEAD = "instead"
    UNTRIED = "untried"
    DIAL = "dial"
    WHO = "who"
    PLACES = "places"
    KHMER = "khmer"
    DEAR = "dear"
    STRANGE = "strange"
    ALARMING = "alarming"
    LINK = "link"
    UNITS = "units"
    PARTS = "parts"
    TOO_LONG = "too_long"
    UNSOUND = "unsound"
    HOURS = "hours"
    OTHERS = "others"
    NEWEST = "newest"


class Fault(NamedTuple):
    """What is wrong, with what the words about it need."""

    why: Why
    fills: Mapping[str, Any] = {}


class BadContent(ValueError):
    """What was to be laid over the files cannot be. Nothing was changed."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(", ".join(fault.why for fault in self.faults))


class Ground(NamedTuple):
    """What a change is laid on: the texts of the files, what was laid over them, the two together, and the day."""

    files: Book
    layers: Layers
    book: Book
    today: date


Value = Mapping[str, Any]


class Writer(NamedTuple):
    """Who of staff changes something, over the version that they saw (0: none)."""

    by: str
    staff_id: int | None
    upon: int
