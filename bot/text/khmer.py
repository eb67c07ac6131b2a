"""Khmer text as people really type it: one form to compare by, digits, clusters, and what is cleaned at the edge."""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import category, decimal, is_normalized, normalize

from bot.text.cluster import clusters
from bot.text.edge import clean
from bot.text.syllable import order

__all__ = ["clean", "clusters", "digits", "fold", "has_khmer"]

RECENT = 64
"""So many texts are remembered, in memory only, while they are answered: each is folded several times in a row."""

_KHMER = re.compile("[\u1780-\u17ff\u19e0-\u19ff]")
_DIGITS = {code: str(code - 0x17E0) for code in range(0x17E0, 0x17EA)}
_MARK = "['`\u2018\u2019\u201b\u2032\u02b9\u02bb\u02bc\u02c8]"
_APOSTROPHE = re.compile(f"{_MARK}(?<=[a-z].){_MARK}*(?=[a-z])")  # the mark first: that is what the engine looks for
_SPACES = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f\x85"
_IGNORED = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f"


class _Form(dict[int, int | str | None]):
    """What each code point becomes in the comparison form, worked out when first met."""

    def __missing__(self, code: int) -> int | str | None:
        form = _form(code)
        if code < 0x3000:  # a hostile text must not fill the memory with rare characters
            self[code] = form
        return form


def _form(code: int) -> int | str | None:
    char = chr(code)
    kind = category(char)
    if char in _SPACES:
        return " "
    if char in _IGNORED or kind in {"Cc", "Cf", "Cs", "Me"} or 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF:
        return None
    if kind == "Nd":
        return str(decimal(char))
    if kind == "Sc" or kind[0] in "LMN":
        return code
    return " "


_FORM = _Form(
    {
        0x02BC: " ",  # a letter by category, an apostrophe by use
        0x17A3: 0x17A2,  # deprecated letters, by the notes of the Unicode code chart
        0x17A4: "\u17a2\u17b6",
        0x17A8: "\u17a7\u1780",
        0x17B1: "\u17a2\u17c4",  # QOO, in both shapes, is as often spelled with the vowel OO
        0x17B2: "\u17a2\u17c4",
        0x17D8: " \u179b ",  # et cetera, otherwise written with two full stops
        0x17DD: 0x17D1,
        0x1F198: " sos ",
    }
)
_ASCII = {code: _FORM[code] for code in range(128)}


@lru_cache(maxsize=RECENT)
def fold(text: str) -> str:
    """The form in which two texts that read the same are equal; idempotent.

    NFKC, no case, no zero-width, bidirectional or control characters, Khmer signs in canonical order, digits of any
    script as ASCII, punctuation and symbols (but currency signs) as one space, no space at the ends. Apostrophes
    inside Latin words are dropped.
    """
    if text.isascii():
        return " ".join(_APOSTROPHE.sub("", text.lower()).translate(_ASCII).split())
    text = normalize("NFKC", text.replace("\u00b4", "'")).casefold()
    text = normalize("NFKC", text)  # without its case a letter such as U+01F0 is in two pieces
    text = order(_APOSTROPHE.sub("", text).translate(_FORM))
    text = " ".join(text.split())
    return text if is_normalized("NFKC", text) else fold(text)


def digits(text: str) -> str:
    """`text` with Khmer digits as ASCII digits and nothing else changed."""
    return text if text.isascii() else text.translate(_DIGITS)


def has_khmer(text: str) -> bool:
    """Whether any character of `text` is in the Khmer blocks."""
    return not text.isascii() and _KHMER.search(text) is not None
