"""Is every Khmer word a word? A dictionary tool and `messages/words.yaml`, the list of what it does not hold, say so.

The tool comes with the development tools only (two seconds to load, and its data are for noncommercial use).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from bot.check.problem import Problem
from bot.content.catalogs import read_catalog
from bot.content.faults import Faults
from bot.content.loader import LOCALE, MESSAGES, po_path
from bot.content.nodes import read_block
from bot.content.review import read_review
from bot.content.template import PLACE

if TYPE_CHECKING:
    from khmer_segmenter import KhmerSegmenter

LANGUAGE = "km"
KINDS = ("places", "people", "loanwords", "spoken", "joined")
"""The lists of `words.yaml`, by why a dictionary does not hold their words."""
MISSING = "The spelling was not checked, the Khmer dictionary is not installed: make lint installs it."
GUESSES = 2

_RUN = re.compile("[\u1780-\u17d3\u17dd]+")
_SHORT = re.compile(r"(?:[\u1780-\u17a2]\.){2,}")
"""An abbreviation by first letters."""
_SIGN = "[\u17b6-\u17d3\u17dd]"
_LONE = re.compile("[\u1780-\u17a2]")
"""A letter alone: what a misspelling leaves over when its other part happens to be a word."""


def spelling(messages: Path = MESSAGES, locale: Path = LOCALE) -> list[Problem]:
    """Every word of the Khmer catalog that nobody knows, where it stands. One warning where the tool is missing."""
    if dictionary() is None:
        return [Problem("warning", _name(locale), MISSING)]
    faults = Faults()
    reviewed = reviewed_words(messages, faults)
    catalog = read_catalog(po_path(locale, LANGUAGE), _name(locale), faults)
    refused = [Problem("error", *fault.split(": ", 1)) for fault in faults.found]
    return [
        *refused,
        *(Problem("error", said.where, what) for said in catalog.values() for what in _faults(said.text, reviewed)),
    ]


def _name(locale: Path) -> str:
    """The catalog as it is named in problems."""
    return po_path(locale, LANGUAGE).relative_to(locale.parent).as_posix()


def reviewed_words(messages: Path, faults: Faults) -> frozenset[str]:
    """The words of `words.yaml`, each in one list only and of Khmer letters only."""
    name = f"{messages.name}/words.yaml"
    block = read_block(messages / "words.yaml", name, faults)
    if block is None:
        return frozenset()
    block.only("review", *KINDS)
    read_review(block.inner("review"))
    found: set[str] = set()
    for kind in KINDS:
        for where, word in block.placed(kind):
            if word in found or not _RUN.fullmatch(word):
                faults.add(where, f"{word!r} comes twice, or is not one word of Khmer letters")
            found.add(word)
    return frozenset(found)


def _faults(text: str, reviewed: frozenset[str]) -> Iterator[str]:
    for run in dict.fromkeys(_RUN.findall(_SHORT.sub(" ", PLACE.sub(" ", text)))):
        yield from (f"{word!r} is no known Khmer word{guess}." for word, guess in unknown(run, reviewed))


@lru_cache(maxsize=4096)
def unknown(run: str, reviewed: frozenset[str]) -> tuple[tuple[str, str], ...]:
    """The parts of unspaced Khmer that are no words, each with guesses at what was meant ("" for none).

    A reviewed word stands where what is before and behind it makes better sense without it.
    """
    best = _unknown(run)
    for start, end in _places(run, reviewed) if best else ():
        rest = (*unknown(run[:start], reviewed), *unknown(run[end:], reviewed))
        best = min(best, rest, key=len)
    return best


def _places(run: str, words: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Where one of these words stands whole: no vowel or other sign behind it belongs to its last letter."""
    for word in sorted(words):
        yield from (match.span() for match in re.finditer(f"{word}(?!{_SIGN})", run))


def _unknown(run: str) -> tuple[tuple[str, str], ...]:
    """What the dictionary alone says."""
    tool = dictionary()
    if tool is None or not run:
        return ()
    found = tool.analyze_text(run, profile="document", normalize=False)
    guesses = {(spot.start, spot.end): spot.suggestions for spot in found.diagnostics}
    wrong = {(word.start, word.end) for word in found.tokens if not word.spelling_valid or _LONE.fullmatch(word.text)}
    return tuple(
        (run[start:end], _perhaps([guess.text for guess in guesses.get((start, end), ())]))
        for start, end in sorted(wrong | guesses.keys())
    )


def _perhaps(guesses: list[str]) -> str:
    return f" (perhaps {' or '.join(guesses[:GUESSES])})" if guesses else ""


@cache
def dictionary() -> KhmerSegmenter | None:
    """The dictionary tool, None where it is not installed."""
    try:
        from khmer_segmenter import KhmerSegmenter  # noqa: PLC0415  only for this check
    except ImportError:
        return None
    return KhmerSegmenter()
