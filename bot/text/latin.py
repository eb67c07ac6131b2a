"""Khmer in Latin letters has no spelling: the skeleton is what the spellings of one word have in common."""

from __future__ import annotations

import re
from itertools import groupby

_PIECE = re.compile(
    "ngh?|nh|nj|gn|ny(?=[aeou])|n"
    "|t?chh?|jh?|tj|zh|kh|ck|[kgqx]|c"
    "|th|tt|t|dh?|ph|bp|[pf]|bh?|sh|[sz]|mm|m|ll|l|rr|r|[vw](?=[aeiouy])|h|y(?=[aeou])"
    "|[aeiou]+[yvw]?(?![aeiou])|[aeiou]+|[yvw]"
)
_SIGNS = {
    **dict.fromkeys(("ng", "ngh"), "g"),
    **dict.fromkeys(("n", "nh", "nj", "gn", "ny"), "n"),
    **dict.fromkeys(("ch", "chh", "tch", "tchh", "j", "jh", "tj", "zh"), "c"),
    **dict.fromkeys(("k", "kh", "ck", "g", "q", "x", "c"), "k"),
    **dict.fromkeys(("t", "th", "tt"), "t"),
    **dict.fromkeys(("d", "dh"), "d"),
    **dict.fromkeys(("p", "ph", "bp", "f"), "p"),
    **dict.fromkeys(("b", "bh"), "b"),
    **dict.fromkeys(("s", "sh", "z"), "s"),
    **dict.fromkeys(("m", "mm"), "m"),
    **dict.fromkeys(("l", "ll"), "l"),
    **dict.fromkeys(("r", "rr"), "r"),
    **dict.fromkeys(("v", "w"), "v"),
    "y": "y",
    "h": "h",
}
_FINAL = {"b": "p", "d": "t"}
_VOWELS = frozenset("AEO")
_FRONT, _BACK = frozenset("eiy"), frozenset("ouvw")
_GLIDES = frozenset("vwy")
_BEFORE_R = frozenset("aeiouy")


def skeleton(word: str) -> str:
    """What stays of a folded word when spelling variants are taken away; '' for what is not in the letters a-z.

    Consonants in classes (chh, ch, j; kh, k, g; ph, p, f; th, t; v, w; nh, ny, n), doubled ones once, b and d at the
    end as p and t, R and H dropped unless a vowel follows. Of the vowels, in three classes A, E, O, the one a word
    starts with stays and the last one, which words of four or more consonants lose too: unstressed vowels vary most.
    """
    signs = [sign for sign, _ in groupby(_signs(word))]
    if sum(sign.islower() for sign in signs) > 3:
        keep = -1
    else:
        keep = max((place for place, sign in enumerate(signs) if sign in _VOWELS), default=-1)
    return "".join(sign for place, sign in enumerate(signs) if sign not in _VOWELS or place in {0, keep})


def _signs(word: str) -> list[str]:
    pieces = _PIECE.findall(word) if word.isascii() and word.isalpha() else []
    found: list[str] = []
    for place, piece in enumerate(pieces):
        following = pieces[place + 1] if place + 1 < len(pieces) else ""
        sign = _consonant(piece, following)
        if sign is None or (piece in _GLIDES and not following and place):
            found.extend(_vowel(piece))
        elif sign not in {"r", "h"} or following[:1] in _BEFORE_R or not place:
            found.append(sign if following else _FINAL.get(sign, sign))
    return found


def _consonant(piece: str, following: str) -> str | None:
    """The class of a consonant; None for a run of vowels."""
    if piece == "n" and _SIGNS.get(following) == "k":
        return "g"
    if piece == "c" and following[:1] in {"e", "i", "y"}:
        return "s"
    return _SIGNS.get(piece)


def _vowel(run: str) -> str:
    """The class of a run of vowels, and the glide it may end in."""
    glide = "y" if len(run) > 1 and run[-1] in "yi" and run[0] in "aou" else ""
    run = run[:-1] if glide else run
    if not _FRONT.isdisjoint(run):
        return "E" + glide
    return ("A" if _BACK.isdisjoint(run) else "O") + glide
