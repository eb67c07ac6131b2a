"""Misspelled words in Latin letters: the known word that is one slip away."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

LEAST_NEAR = 4
"""Words no longer than this may only have a letter doubled."""

RECENT = 512
"""So many words are remembered with the word they were meant to be: few make up most of what people write."""

_FAR = 9
_DOUBLED = re.compile(r"(.)\1+")


class Mender:
    """Knows words, and finds them when they are written with one slip."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words: set[str] = set()
        self._near: dict[str, str | tuple[str, ...]] = {}
        for word in words:
            self.learn(word)
        self.mend = lru_cache(maxsize=RECENT)(self._mended)

    def learn(self, word: str) -> None:
        if word in self._words:
            return
        self._words.add(word)
        self._put("=" + once(word), word)
        if len(word) > LEAST_NEAR:
            for key in shorter(word):
                self._put(key, word)

    def _mended(self, word: str) -> str | None:
        """The known word with a letter too many, too few, another, doubled, or two swapped; None if there is none."""
        single = once(word)
        keys = shorter(word) if len(word) >= LEAST_NEAR else ()
        near = {other for key in ("=" + single, *keys) for other in self._get(key)} - {word}
        best = min(((*_distance(word, single, other), other) for other in near), default=None)
        return best[-1] if best and best[0] < _FAR else None

    def _get(self, key: str) -> tuple[str, ...]:
        found = self._near.get(key, ())
        return (found,) if isinstance(found, str) else found

    def _put(self, key: str, word: str) -> None:
        # nearly every key leads to one word: without a tuple round it the index takes a third less memory
        found = self._get(key)
        self._near[key] = (*found, word) if found else word


def once(word: str) -> str:
    """The word without doubled letters."""
    return _DOUBLED.sub(r"\1", word)


def shorter(word: str) -> set[str]:
    """The word, and the word with each of its letters left out."""
    return {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}


def _distance(word: str, single: str, other: str) -> tuple[int, int]:
    """How far a known word is from a misspelled one: (0 to _FAR, difference in length); _FAR is another word."""
    longer = abs(len(word) - len(other))
    if once(other) == single:
        return (0, longer)
    if sorted(word) == sorted(other) and word[0] == other[0]:
        return (1, longer)
    if word[0] != other[0] and len(word) < 7:
        return (_FAR, longer)
    if longer == 1:
        return (2, longer)
    return (3, longer) if len(word) > 5 or word[-1] == other[-1] else (_FAR, longer)
