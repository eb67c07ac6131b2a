"""Where one written character ends and the next begins: Khmer syllables, combining marks, emoji."""

from __future__ import annotations

import re
from itertools import pairwise
from unicodedata import category

_COENG = "\u17d2"
_JOINERS = "\u200b\u200c\u200d"
_ZWJ = "\u200d"
_INSIDE = re.compile(
    "[\u0e33\u0eb3\u1160-\u11ff\ud7b0-\ud7fb\uff9e\uff9f\u200c\u200d\udc00-\udfff"
    "\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
)
"""Not marks by category, yet never first: Thai and Lao AM, Hangul vowels and finals, joiners, skin tones, tags."""


def starts(text: str, index: int) -> bool:
    """Whether a cluster starts at `index`, so that `text` may be cut there. Both ends of a text are such places.

    Stricter than UAX #29: a subscript stays with its letter, a mark is never first even after a control character.
    """
    if index <= 0 or index >= len(text):
        return True
    here, before = text[index], text[index - 1]
    if here < "\u0300":
        return not (here == "\n" and before == "\r")
    if category(here)[0] == "M" or _INSIDE.match(here):
        return False
    if "\u1780" <= here <= "\u17b3" or here == "\u200b":
        return not text[max(0, index - 8) : index].rstrip(_JOINERS).endswith(_COENG)
    if before == _ZWJ:
        return False
    return not (_is_flag_letter(here) and _flag_letters_before(text, index) % 2)


def clusters(text: str) -> list[str]:
    """The written characters of `text`; joining them gives it back."""
    places = [index for index in range(len(text)) if starts(text, index)]
    return [text[start:end] for start, end in pairwise([*places, len(text)])]


def _is_flag_letter(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _flag_letters_before(text: str, index: int) -> int:
    start = index
    while start and _is_flag_letter(text[start - 1]):
        start -= 1
    return index - start
