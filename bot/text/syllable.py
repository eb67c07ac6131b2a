"""One spelling for one Khmer syllable, however its signs were typed.

The order is that of the Unicode Standard, chapter 16.4 (base, robat or register shifter, subscripts, vowel, signs),
with subscript RO after other subscripts. Signs that look the same on a phone are written the same way.
"""

from __future__ import annotations

import re

_LETTER = "\u1780-\u17b3"
_ROBAT = "\u17cc"
_SHIFTERS = "\u17c9\u17ca"
_VOWELS = "\u17b6-\u17c5"
_ABOVE = "\u17b7-\u17ba\u17be"
_SIGNS = "\u17c6-\u17c8\u17cb\u17cd-\u17d1\u17d3"
_COENG = "\u17d2"
_COENG_RO = "\u17d2\u179a"
_U, _AA, _E, _OE, _OO, _II, _NIKAHIT = "\u17bb", "\u17b6", "\u17c1", "\u17be", "\u17c4", "\u17b8", "\u17c6"
_MUUSIKATOAN, _TRIISAP = "\u17c9", "\u17ca"

_PIECES = re.compile(f"{_COENG}[{_LETTER}]|[{_VOWELS}{_SHIFTERS}{_ROBAT}{_SIGNS}{_COENG}]")
_SYLLABLE = re.compile(
    f"([{_LETTER}]?)((?:{_COENG}[{_LETTER}]|[{_VOWELS}{_SHIFTERS}{_ROBAT}{_SIGNS}{_COENG}])+)",
)
_ODD = re.compile(
    f"[{_VOWELS}][{_VOWELS}{_SHIFTERS}{_ROBAT}{_COENG}]"
    f"|[{_SIGNS}][{_SIGNS}{_VOWELS}{_SHIFTERS}{_ROBAT}{_COENG}]"
    f"|[{_SHIFTERS}{_ROBAT}][{_SHIFTERS}{_ROBAT}]"
    f"|{_COENG}(?:[^{_LETTER}]|$|\u178a|.[{_SHIFTERS}{_ROBAT}]|(.){_COENG}\\1|\u179a{_COENG}|\u1799{_OO})"
    f"|{_MUUSIKATOAN}(?:{_COENG}.)*(?:[{_ABOVE}]|{_AA}{_NIKAHIT})"
)
"""Whatever `order` would change; most texts hold none of it, and looking costs less than sorting."""

_SUBSCRIPT, _VOWEL, _SIGN = 3, 5, 6
_RANKS = {_ROBAT: 1, _MUUSIKATOAN: 2, _TRIISAP: 2, _COENG_RO: 4}
_RANKS |= {chr(code): _VOWEL for code in range(0x17B6, 0x17C6)}
_LOW_SERIES = frozenset("\u1784\u1789\u1794\u1798\u1799\u179a\u179c")
"""Letters whose register is shifted by muusikatoan rather than triisap."""


def order(text: str) -> str:
    """`text` with every Khmer syllable in its one canonical spelling; a coeng without a letter is dropped."""
    if _ODD.search(text) is None:
        return text
    return _SYLLABLE.sub(_respell, text)


def _respell(match: re.Match[str]) -> str:
    if _ODD.search(match[0]) is None:
        return match[0]
    base, tail = match.groups()
    pieces = dict.fromkeys(
        _PIECES.findall(tail.replace("\u17d2\u178a", "\u17d2\u178f"))
    )  # subscripts DA and TA look alike
    pieces.pop(_COENG, None)
    _join_vowels(pieces)
    _settle_register(base, pieces)
    ordered = "".join(sorted(pieces, key=_rank))
    if base == "\u17a2" and ordered.startswith("\u17d2\u1799\u17c4"):
        return f"\u17a2\u17c4\u1799{ordered[3:]}"  # "give": written with a subscript YO or with a whole one
    return base + ordered


def _rank(piece: str) -> tuple[int, str]:
    """Subscripts other than RO keep the order they were typed in; that order is read aloud."""
    rank = _RANKS.get(piece)
    if rank is None:
        return (_SUBSCRIPT, "") if len(piece) == 2 else (_SIGN, piece)
    return rank, piece


def _join_vowels(pieces: dict[str, None]) -> None:
    """A vowel drawn on two sides may have been typed as two vowels."""
    for second, whole in ((_II, _OE), (_AA, _OO)):
        if _E in pieces and second in pieces:
            del pieces[_E], pieces[second]
            pieces[whole] = None


def _settle_register(base: str, pieces: dict[str, None]) -> None:
    """One of the two register shifters for both where a high vowel makes them look alike."""
    _lift_vowel(base, pieces)
    high = any(piece in "\u17b7\u17b8\u17b9\u17ba\u17be" for piece in pieces) or (_AA in pieces and _NIKAHIT in pieces)
    if high and _MUUSIKATOAN in pieces:
        del pieces[_MUUSIKATOAN]
        pieces[_TRIISAP] = None


def _lift_vowel(base: str, pieces: dict[str, None]) -> None:
    """Under a high vowel both register shifters are drawn like the vowel U, and people type that vowel instead."""
    if _U in pieces and any(piece in _RANKS and _RANKS[piece] == _VOWEL and piece != _U for piece in pieces):
        del pieces[_U]
        if _MUUSIKATOAN not in pieces and _TRIISAP not in pieces:
            pieces[_MUUSIKATOAN if base in _LOW_SERIES else _TRIISAP] = None


def mistyped(text: str) -> list[tuple[str, str]]:
    """Syllables that a phone may show wrong, or that nobody finds: each as it is typed, and as it should be.

    Signs before what they belong behind, vowels typed in two pieces or for a register shifter, signs typed twice, a
    subscript sign without its letter; signs that no letter bears, for which there is no better typing (""). Spellings
    that dictionaries differ in (subscript DA or TA, which shifter, in which order) are none of these.
    """
    found = {}
    for match in _SYLLABLE.finditer(text):
        base, tail = match.groups()
        pieces = dict.fromkeys(_PIECES.findall(tail))
        pieces.pop(_COENG, None)
        _join_vowels(pieces)
        _lift_vowel(base, pieces)
        written = base + "".join(sorted(pieces, key=_place)) if base else ""
        if written != match[0]:
            found[match[0]] = written
    return list(found.items())


def _place(piece: str) -> int:
    """What shapes the letter comes first, then its vowel, then what stands over or behind both."""
    rank = _rank(piece)[0]
    return rank if rank >= _VOWEL else 0
