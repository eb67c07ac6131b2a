"""What words have in common that sound alike: the looser forms by which misspelled words are still found."""

from __future__ import annotations

import re
from functools import lru_cache

RECENT = 512
"""So many words are remembered with their sound: few words make up most of what people write."""

# Signs that people leave out, add or swap: see `loosen`.
_LOOSE = str.maketrans(
    {
        **dict.fromkeys("\u17d2\u17cb\u17c9\u17ca\u17cd\u17cc\u17cf\u17ce\u17d0\u17c7\u17c8\u17d1", None),
        **dict.fromkeys("\u17b7\u17b9\u17ba", "\u17b8"),  # short and long I, Y
        **dict.fromkeys("\u17bb\u17bd", "\u17bc"),  # U, UA
        **dict.fromkeys("\u17c2\u17c3", "\u17c1"),  # AE, AI
        "\u17bf": "\u17be",  # YA
        "\u17c5": "\u17c4",  # AU
        "\u178e": "\u1793",  # NNO, NO
        "\u17a1": "\u179b",  # LA, LO
        "\u178b": "\u1790",
        "\u17a5": "\u17a2\u17b8",
        "\u17a6": "\u17a2\u17b8",
        "\u17a7": "\u17a2\u17bc",
        "\u17a9": "\u17a2\u17bc",
        "\u17aa": "\u17a2\u17bc",
        "\u17af": "\u17a2\u17c1",
        "\u17b0": "\u17a2\u17c1",
    }
)
_VOWELS = dict.fromkeys([*range(0x17B6, 0x17D4)], None)

_PIECES = re.compile(
    "chh|ch|jh|j|c(?=[eiy])|sh|kh|gh|[kgqcx]|ng|nh|ny|gn|n|th|dh|tt|[td]|ph|bh|[pbf]|w(?=[aeiou])|v|[sz]|"
    "ll|l|rr|r(?=[aeiouy])|r|mm|m|h(?=[aeiou])|h|[aeiou][aeiouyw]*|y(?=[aeou])|[yw]"
)
_CONSONANTS = {
    **dict.fromkeys(("chh", "ch", "jh", "j"), "c"),
    **dict.fromkeys(("c", "kh", "gh", "k", "g", "q", "x"), "k"),
    **dict.fromkeys(("nh", "ny", "gn", "n"), "n"),
    "ng": "q",
    **dict.fromkeys(("th", "dh", "tt", "t", "d"), "t"),
    **dict.fromkeys(("ph", "bh", "p", "b", "f"), "p"),
    **dict.fromkeys(("sh", "s", "z"), "s"),
    "w": "v", "v": "v", "ll": "l", "l": "l", "rr": "r", "r": "r", "mm": "m", "m": "m",
}  # fmt: skip


def loosen(folded: str) -> str:
    """Khmer by what is heard: without subscript marks and shifters, long and short vowels as one, N and L each one."""
    return folded.translate(_LOOSE).replace("\u17bc\u17c6", "\u17c6")


def bones(loose: str) -> str:
    """The consonants of loosened Khmer."""
    return loose.translate(_VOWELS)


@lru_cache(maxsize=RECENT)
def sound(word: str) -> str:
    """A Khmer word in Latin letters (a-z only) by what is heard; vowels are upper case.

    Aspiration, voice, doubling, final R and H and the shades of vowels vanish: thver, tver, tveu -> tvE; pnher -> pnE.
    """
    pieces = _PIECES.findall(word)
    found: list[str] = []
    for place, piece in enumerate(pieces):
        sign = _CONSONANTS.get(piece)
        if sign is None:
            sign = _vowel(piece, pieces[place + 1] if place + 1 < len(pieces) else "")
        elif sign == "r" and (place + 1 == len(pieces) or pieces[place + 1][0] not in "aeiouy"):
            continue
        if sign and not (found and found[-1] == sign):
            found.append(sign)
    return "".join(found)


def _vowel(piece: str, after: str) -> str:
    """The shade of a run of vowels: A, E, O or the glide of luy, or nothing for a silent H."""
    if piece[0] == "h":
        return "h" if after and after[0] in "aeiou" else ""
    if piece == "y" and after:
        return "y"
    if piece[0] in "ou" and piece[-1] in "yi":
        return "Y"
    if piece in ("ae", "ai", "ay") or piece[0] in "eiy":
        return "A" if piece.startswith("ea") else "E"
    return "O" if piece[0] in "ouw" or piece in ("ao", "au", "aw") else "A"


def rough(sounded: str) -> str:
    """Only the consonants of a sounded word."""
    return "".join(sign for sign in sounded if sign.islower())
