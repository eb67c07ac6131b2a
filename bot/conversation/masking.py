"""Take out of a text what could tell who wrote it or whom it is about, before anybody but its receiver reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.content.lexicon import Lexicon
from bot.text.khmer import clean, digits, fold

NUMBER = "#"
NAME = "*"
ADDRESS = "@"

_ADDRESS = re.compile(r"\S+@\S+|https?:\S+|www\.\S+|\b[\w-]+\.(?:com|org|net|me|info|gov|kh|th)\b\S*|(?<!\S)@\w+")
_NUMBER = re.compile(
    r"[(+]?\d(?:[ ./()-]{0,2}\d){7,}"
    r"|(?:\+|(?<!\d)(?<!\d[ ,.])0)\d?(?:[ ,./()-]{0,2}\d){5,}"
    r"|[A-Za-z]{0,3}\d{5,}[A-Za-z]{0,2}"
)
"""Eight digits however they are set apart, fewer from + or 0 on, five in a row: of a phone, a paper or a birthday.

Sums of money are left, as 500, 2800 or 15,000.
"""

# Words before a name: "my name is", chmuoh, neak srey, and in Khmer script chhmuoh and the titles lok, neak srey.
_CUE = re.compile(
    r"\b(?:name(?:d|s)?(?: is)?|called|mrs?|ms|miss|madam|chh?m(?:uo|ou|o|u)[sh]?|chh?muoh|lok|neak sre[iy])\b[ .:]*",
    re.IGNORECASE,
)
_CUE_KHMER = re.compile(
    "(?:\u1788\u17d2\u1798\u17c4\u17c7(?:\u1790\u17b6)?|\u179b\u17c4\u1780(?:\u179f\u17d2\u179a\u17b8)?"
    "|\u17a2\u17d2\u1793\u1780\u179f\u17d2\u179a\u17b8)[ :]*(?P<name>[\u1780-\u17d3]+(?: [\u1780-\u17d3]{1,9}(?= |$))?)"
)
_WORD = re.compile("[A-Za-z]+")
_AFTER_CUE = 2
"""So many words after such a word are taken for the name."""


_MADE: dict[int, tuple[Lexicon, Mask]] = {}


def mask(lexicon: Lexicon) -> Mask:
    """The mask of a vocabulary. The last is kept: making it takes longer than covering a page of texts."""
    known = _MADE.get(id(lexicon))
    if known is None:
        known = lexicon, Mask(lexicon)
        _MADE.clear()
        _MADE[id(lexicon)] = known
    return known[1]


class Mask:
    """Knows by the vocabulary which words are no names."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._known = frozenset(word for form in _forms(lexicon) for word in fold(form).split())
        self._common = frozenset(fold(word) for word in lexicon.common)

    def cover(self, text: str) -> str:
        """The text on one line, with signs in place of numbers, addresses and what looks like a name.

        A name is known by the words before it, or by a capital letter in the middle of a sentence. Others stay.
        """
        text = " ".join(digits(clean(text)).split())
        text = _ADDRESS.sub(ADDRESS, text)
        text = _NUMBER.sub(NUMBER, text)
        text = _CUE_KHMER.sub(lambda found: found[0][: found.start("name") - found.start()] + NAME, text)
        return self._without_names(text)

    def _without_names(self, text: str) -> str:
        cues = list(_CUE.finditer(text))
        named = {start for cue in cues for start in self._named_after(text, cue.end())}
        before = {cue.start() for cue in cues}
        shouted = text.upper() == text

        def cover(word: re.Match[str]) -> str:
            if word.start() in named:
                return NAME
            first = not _WORD.search(text[: word.start()]) or text[: word.start()].rstrip()[-1:] in (".", "!", "?")
            proper = word[0].istitle() and len(word[0]) > 1 and not (first or shouted or word.start() in before)
            return NAME if proper and fold(word[0]) not in self._known else word[0]

        return re.sub(rf"\{NAME}(?: \{NAME})+", NAME, _WORD.sub(cover, text))

    def _named_after(self, text: str, end: int) -> Iterator[int]:
        """Where the words of the name begin that follow at `end`, up to a word of grammar."""
        for count, word in enumerate(_WORD.finditer(text, end)):
            if count == _AFTER_CUE or text[end : word.start()].strip() or fold(word[0]) in self._common:
                return
            yield word.start()
            end = word.end()


def _forms(lexicon: Lexicon) -> Iterator[str]:
    """Every form that the vocabulary holds in Latin letters."""
    for words in (*lexicon.sets.values(), *lexicon.whole.values(), lexicon.common):
        yield from (*words.latn, *words.en)
    for place in lexicon.places:
        yield from (form for form in (*place.words, *place.people, *place.money) if form.isascii())
    yield from (form for form in lexicon.polite if form.isascii())
