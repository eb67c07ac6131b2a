"""Orders: texts that begin with a command word and may carry arguments, such as LOAN 500 18 12 or QUIZ KYA12."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from bot.content.lexicon import Words
from bot.text.khmer import RECENT, clean, fold

TOPICS: Mapping[str, str] = {
    "agency": "agency_check",
    "cover": "greeting",
    "depart": "checklist",
    "join": "start",
    "loan": "loans",
    "offer": "job_offer",
    "quiz": "quiz",
}
"""The topic an order is counted and reported as."""

GIVES_WAY = frozenset({"agency_check", "country", "legal_route", "none"})
"""Topics a name may sound like: an order that sounds like any other is no order,"""

MEANT = 0.65
"""if it sounds so with this certainty."""

SURE = frozenset({"depart"})
"""Orders that nothing but numbers follows: no sentence reads like that."""

LONGEST = 80
"""Characters of the longest order; a longer text tells a story."""

_SHAPES = {
    "agency": re.compile(".*"),
    "cover": re.compile(""),
    "depart": re.compile("[0-9][0-9 ]{0,11}"),
    "join": re.compile("[a-z]{1,12} ?[0-9]{0,6}"),
    "loan": re.compile("(?=.*[0-9]).*|[^ ]+"),
    "offer": re.compile(""),
    "quiz": re.compile("(?:[a-z]{1,12} ?[0-9]{0,6})?"),
}
"""What may follow the word, folded; the tool itself says whether it means anything."""

_SIGNS = "[\u17b6-\u17d3]"


class Order(NamedTuple):
    """The tool that is called, and what follows the word, as it was written but without polite words at the end."""

    name: str
    rest: str


class Orders:
    """Knows the words of each tool. `polite` finds polite words at the ends of a folded text."""

    def __init__(self, words: Mapping[str, Words], polite: re.Pattern[str]) -> None:
        self._names = {fold(word): name for name, each in words.items() for word in each}
        self._word = _any_of(self._names)
        self._polite = polite
        self.read = lru_cache(maxsize=RECENT)(self._read)

    def _read(self, text: str) -> Order | None:
        """The order a text is; None for any other text."""
        plain = fold(text)
        polite = self._polite.match(plain)
        if len(plain) > LONGEST or not self._word.match(plain, polite.end() if polite else 0):
            return None  # as nearly all texts
        begin, end = self._bare(plain)
        word = self._word.match(plain, begin, end)
        if word is None:
            return None
        name = self._names[word[0]]
        if not _SHAPES[name].fullmatch(plain[word.end() : end].strip()):
            return None
        text = clean(text)
        rest = text[_length(text, plain[: word.end()]) : _length(text, plain[:end])]
        return Order(name, rest.strip(" \n:;,"))

    def _bare(self, plain: str) -> tuple[int, int]:
        """Where the text begins and ends without the polite words round it."""
        begin, end = 0, len(plain)
        for polite in self._polite.finditer(plain):
            if polite.start() == 0:
                begin = polite.end()
            elif polite.end() == len(plain):
                end = polite.start()
        return begin, end


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """Any of these words, the longest that fits; a letter or a Khmer sign behind it makes it another word."""
    longest_first = sorted(words, key=len, reverse=True)
    latin = "|".join(re.escape(word) for word in longest_first if word.isascii()) or "(?!)"
    khmer = "|".join(re.escape(word) for word in longest_first if not word.isascii()) or "(?!)"
    return re.compile(f"(?:{latin})(?![a-z])|(?:{khmer})(?!{_SIGNS})")


def _length(text: str, head: str) -> int:
    """How much of `text` folds to `head`, the beginning of its folded form, in which the point of 1.5 is lost."""
    ends = (end for end in range(1, len(text) + 1) if fold.__wrapped__(text[:end]) == head)
    return next(ends, len(text))
