"""What a text costs as SMS: alphabet, units and parts by 3GPP TS 23.038 and TS 23.040."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Literal, TypedDict

from bot.text.cut import Rooms, cut

Encoding = Literal["GSM-7", "UCS-2"]

_BASIC = frozenset(
    "@\u00a3$\u00a5\u00e8\u00e9\u00f9\u00ec\u00f2\u00c7\n\u00d8\u00f8\r\u00c5\u00e5"
    "\u0394_\u03a6\u0393\u039b\u03a9\u03a0\u03a8\u03a3\u0398\u039e\u00c6\u00e6\u00df\u00c9"
    " !\"#\u00a4%&'()*+,-./0123456789:;<=>?"
    "\u00a1ABCDEFGHIJKLMNOPQRSTUVWXYZ\u00c4\u00d6\u00d1\u00dc\u00a7"
    "\u00bfabcdefghijklmnopqrstuvwxyz\u00e4\u00f6\u00f1\u00fc\u00e0"
)
"""TS 23.038 table 6.2.1, less ESC: that septet is the way to the extension table and no character of a text."""
_EXTENSION = frozenset("^{}\\[~]|\u20ac\f")
"""TS 23.038 table 6.2.1.1: two septets each. National shift tables are not used; many phones lack them."""
_GSM7 = _BASIC | _EXTENSION

_ROOMS: dict[Encoding, Rooms] = {"GSM-7": Rooms(160, 153, 153, 153), "UCS-2": Rooms(70, 67, 67, 67)}
"""140 octets, less 6 in each of several parts for the header with an 8-bit reference (TS 23.040, 9.2.3.24.1)."""


@dataclass(frozen=True, slots=True)
class Segments:
    """`units` are septets or UTF-16 code units of the whole text, headers not counted. Empty text is one empty part."""

    encoding: Encoding
    units: int
    parts: tuple[str, ...]


class Description(TypedDict):
    """What `phlov segments` prints."""

    encoding: Encoding
    units: int
    parts: list[str]


def measure(text: str) -> tuple[Encoding, Sequence[int]]:
    """The alphabet that `text` needs, and the units of each of its beginnings: `[i]` of the first `i` characters."""
    used = set(text)
    if used <= _GSM7:
        double = used & _EXTENSION
        encoding: Encoding = "GSM-7"
    else:
        double = {char for char in used if char > "\uffff"}
        encoding = "UCS-2"
    if not double:
        return encoding, range(len(text) + 1)
    return encoding, list(accumulate((2 if char in double else 1 for char in text), initial=0))


@lru_cache(maxsize=1024)
def segments(text: str) -> Segments:
    """How `text` goes out. The parts joined are the text; where it is cut is the rule of `bot.text.cut`."""
    encoding, ends = measure(text)
    return Segments(encoding, ends[-1], cut(text, ends, _ROOMS[encoding]))


def forcing(text: str) -> list[tuple[int, str]]:
    """The characters that GSM-7 lacks, each with its index: those that make the text UCS-2."""
    return [(index, char) for index, char in enumerate(text) if char not in _GSM7]


def describe(text: str) -> Description:
    """`segments(text)` as plain values for JSON."""
    found = segments(text)
    return {"encoding": found.encoding, "units": found.units, "parts": list(found.parts)}
