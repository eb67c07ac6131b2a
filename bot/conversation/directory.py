"""Find an agency in the list by its name as people write it: either script, other spellings, parts left out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from math import log
from typing import NamedTuple

from bot.content.agencies import AgencyWords
from bot.conversation.registry import Agency
from bot.conversation.sounds import bones, loosen, rough, sound
from bot.text.khmer import fold

SURE = 0.93
LIKELY = 0.62
APART = 0.04
"""A name is found if it is this much nearer than the next one."""
MOST = 3
LOOKED_AT = 24
"""So many names that share most letters are compared in full."""
LEAST_FRAME = 3
"""Fewer consonants are no name to know an agency by, in another spelling."""

_TOKENS = re.compile("[\u1780-\u17d3]+|[0-9a-z]+")
_FRAME = str.maketrans(
    {
        **dict.fromkeys("\u1780\u1781\u1782\u1783", "k"),
        "\u1784": "q",
        **dict.fromkeys("\u1785\u1786\u1787\u1788", "c"),
        **dict.fromkeys("\u1789\u178e\u1793", "n"),
        **dict.fromkeys("\u178a\u178b\u178c\u178d\u178f\u1790\u1791\u1792", "t"),
        **dict.fromkeys("\u1794\u1795\u1796\u1797", "p"),
        "\u1798": "m",
        "\u1799": "y",
        "\u179a": "r",
        "\u179b": "l",
        "\u179c": "v",
        **dict.fromkeys("\u179d\u179e\u179f", "s"),
        "\u17a0": "h",
        "\u17a2": None,
    }
)
_SILENT = re.compile("r(?![aeiouy]|$)|r$|h$|y$")


class Spelling(NamedTuple):
    """What a name is compared by: its own words, all of them as one, that by its sound, and the consonants of that."""

    words: tuple[str, ...]
    joined: str
    sounded: str
    frame: str


class Finding(NamedTuple):
    """What a search gave: the agency that is meant, or else those that may be, best first."""

    agency: Agency | None
    maybe: tuple[Agency, ...] = ()


class Speller:
    """Brings names into the form in which they are compared: without the words that every company's name has."""

    def __init__(self, words: AgencyWords) -> None:
        generic = [fold(word) for word in words.generic]
        self._generic = frozenset(word for each in generic for word in each.split() if word.isascii())
        self._khmer = _any_of(word for word in generic if not word.isascii())
        asking = [fold(word) for word in words.asking]
        self._asking = frozenset(word for each in asking for word in each.split() if word.isascii())
        khmer = _any_of(word for word in asking if not word.isascii()).pattern
        self._asked = re.compile(f"^(?:{khmer})+|(?:{khmer})+$")
        sentence = [fold(word) for word in words.sentence]
        self._sentence = frozenset(word for word in sentence if word.isascii())
        told = _any_of(word for word in sentence if not word.isascii()).pattern
        self._told = re.compile(f"(?<!\u17d2)(?:{told})(?![\u17b6-\u17d3])")

    def spell(self, name: str) -> Spelling:
        """A name as it is compared; of a name of nothing but such words all are kept."""
        tokens = list(_tokens(name))
        own = [rest for token in tokens if (rest := self._own(token))]
        return _spelling(tuple(own or tokens))

    def asked(self, text: str) -> str | None:
        """The name a text gives; empty if it gives none, None if it tells or asks something else."""
        tokens = list(_tokens(text))
        if any(token in self._sentence or self._told.search(token) for token in tokens):
            return None
        words = [rest for token in tokens if token not in self._asking and (rest := self._asked.sub("", token))]
        while words and words[0] in self._generic and len(words) > 1:
            words.pop(0)
        if not any(self._own(word) for word in words) and len(words) < 2:
            return ""
        return " ".join(words)

    def _own(self, token: str) -> str:
        """What is left of a word; nothing of one that every name has."""
        if token.isascii():
            return "" if token in self._generic else token
        return self._khmer.sub("", token)


class Directory:
    """The names of a list, ready to be searched. Made once per list."""

    def __init__(self, agencies: Iterable[Agency], speller: Speller) -> None:
        self._speller = speller
        self._names: list[tuple[Agency, Spelling]] = []
        for agency in agencies:
            for name in dict.fromkeys(filter(None, (agency.name_en, agency.name_km))):
                self._names.append((agency, speller.spell(name)))
        self._by_licence = _licences(agency for agency, _ in self._names)
        self._rare = _rarity(spelling.words for _, spelling in self._names)
        self._by_piece: dict[str, list[int]] = {}
        for place, (_, spelling) in enumerate(self._names):
            for piece in _pieces(spelling):
                self._by_piece.setdefault(piece, []).append(place)

    def find(self, name: str) -> Finding:
        """The agency of this name or licence number, or up to three that may be meant."""
        if (licensed := self._by_licence.get(_squeezed(name))) is not None:
            return Finding(licensed)
        sought = self._speller.spell(name)
        points: dict[Agency, float] = {}
        for place in self._near(sought):
            agency, spelling = self._names[place]
            points[agency] = max(points.get(agency, 0.0), self._likeness(sought, spelling))
        ranked = sorted(points.items(), key=lambda pair: (-pair[1], pair[0].name_en))
        if not ranked or ranked[0][1] < LIKELY:
            return Finding(None)
        second = ranked[1][1] if len(ranked) > 1 else 0.0
        if ranked[0][1] >= SURE and ranked[0][1] - second >= APART:
            return Finding(ranked[0][0])
        return Finding(None, tuple(agency for agency, each in ranked[:MOST] if each >= LIKELY))

    def _near(self, sought: Spelling) -> list[int]:
        """Where the names stand that share most with the one sought."""
        shared = Counter(place for piece in _pieces(sought) for place in self._by_piece.get(piece, ()))
        return [place for place, _ in shared.most_common(LOOKED_AT)]

    def _likeness(self, one: Spelling, other: Spelling) -> float:
        """From 0 to 1. Only a name that reads or sounds the same is above `SURE`."""
        if one.joined == other.joined:
            return 1.0
        letters = min(len(one.frame), len(other.frame))
        if letters >= LEAST_FRAME and one.sounded == other.sounded:
            return 0.97
        best = max(0.9 * _alike(one.joined, other.joined), self._by_words(one.words, other.words))
        if letters > LEAST_FRAME and one.joined.isascii() != other.joined.isascii():
            best = max(best, 0.9 * _alike(one.frame, other.frame))
        return best

    def _by_words(self, sought: tuple[str, ...], name: tuple[str, ...]) -> float:
        """How much of what was asked for is in the name, and a little for how much of the name was asked for."""
        wanted = sum(self._rare(word) for word in sought)
        met = sum(self._rare(word) * max(_alike_words(word, each) for each in name) for word in sought)
        whole = sum(self._rare(word) for word in name)
        said = sum(self._rare(word) * max(_alike_words(word, each) for each in sought) for word in name)
        return 0.92 * (0.8 * met / wanted + 0.2 * said / whole)


def _licences(agencies: Iterable[Agency]) -> dict[str, Agency]:
    """By licence number, where no other has the same and it is long enough not to be part of a name."""
    found: dict[str, list[Agency]] = {}
    for agency in dict.fromkeys(agencies):
        number = _squeezed(agency.licence)
        if sum(sign.isdigit() for sign in number) >= 3:
            found.setdefault(number, []).append(agency)
    return {number: each[0] for number, each in found.items() if len(each) == 1}


def _squeezed(text: str) -> str:
    return "".join(_TOKENS.findall(fold(text)))


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """Khmer words, which nothing keeps apart from their neighbours; the longest first."""
    longest_first = sorted({word.replace(" ", "") for word in words}, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)) or "(?!)")


def _tokens(name: str) -> Iterator[str]:
    """Words in Latin letters and runs of Khmer; single letters are put together (T & P, C.D.M.)."""
    letters = ""
    for token in _TOKENS.findall(fold(name)):
        if len(token) == 1 and token.isascii() == (letters or token).isascii():
            letters += token
            continue
        if letters:
            yield letters
            letters = ""
        yield token
    if letters:
        yield letters


def _spelling(words: tuple[str, ...]) -> Spelling:
    sounds = [sound(word) if word.isascii() else loosen(word) for word in words]
    frames = [
        rough(each) if word.isascii() else _SILENT.sub("", bones(each).translate(_FRAME))
        for word, each in zip(words, sounds, strict=True)
    ]
    return Spelling(words, "".join(words), "".join(sounds), "".join(frames))


def _pieces(spelling: Spelling) -> set[str]:
    """Pairs of letters and of consonants, by which names that may be alike are found."""
    joined, frame = f"^{spelling.joined}$", f"^{spelling.frame}$".upper()
    pairs = {joined[at : at + 2] for at in range(len(joined) - 1)}
    return pairs | {frame[at : at + 2] for at in range(len(frame) - 1)}


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio() if one and other else 0.0


def _alike_words(one: str, other: str) -> float:
    if one == other:
        return 1.0
    if one.isascii() and other.isascii() and min(len(one), len(other)) >= 3 and sound(one) == sound(other):
        return 0.97
    alike = _alike(one, other)
    return alike if alike >= 0.7 else 0.0


@dataclass(frozen=True, slots=True)
class _Rarity:
    """How much a word tells: one that many names have tells little."""

    counts: Counter[str]
    names: int

    def __call__(self, word: str) -> float:
        return log(1 + self.names / (1 + self.counts[word])) + 0.1


def _rarity(names: Iterable[tuple[str, ...]]) -> _Rarity:
    found = list(names)
    return _Rarity(Counter(word for words in found for word in set(words)), len(found))
