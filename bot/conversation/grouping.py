"""Put together texts that say much the same, however each is spelled."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from math import log

from bot.conversation.sounds import loosen, sound
from bot.text.khmer import fold

ALIKE = 0.5
"""Two texts are alike if they share so much of their pieces (Dice's measure)."""
OFTEN = 400
"""A piece of more groups than this tells nothing and is passed over."""

_TOKENS = re.compile("(?P<km>[\u1780-\u17d3]+)|(?P<word>[a-z]+)")
_CLUSTER = re.compile("[\u1780-\u17b5](?:\u17d2[\u1780-\u17b5]|[\u17b6-\u17d1\u17d3])*")


def groups(texts: Iterable[str]) -> list[list[int]]:
    """The places of the texts, grouped; each text joins the group whose first text is most like it.

    A piece counts the less, the more of the texts have it: many are "I want to go".
    """
    cut = [pieces(text) for text in texts]
    often = Counter(piece for own in cut for piece in own)
    weight = {piece: log(1 + len(cut) / max(2, count)) for piece, count in often.items()}
    found: list[list[int]] = []
    sums: list[float] = []
    holders: dict[str, list[int]] = {}
    for place, own in enumerate(cut):
        whole = sum(weight[piece] for piece in own)
        group, likeness = _nearest(own, whole, weight, sums, holders)
        if likeness >= ALIKE:
            found[group].append(place)
            continue
        for piece in own:
            holders.setdefault(piece, []).append(len(found))
        found.append([place])
        sums.append(whole)
    return found


def _nearest(
    own: frozenset[str], whole: float, weight: dict[str, float], sums: list[float], holders: dict[str, list[int]]
) -> tuple[int, float]:
    """The group most like a text, the newest of several, and how like it is."""
    shared: defaultdict[int, float] = defaultdict(float)
    for piece in own:
        at = holders.get(piece, ())
        if len(at) <= OFTEN:
            for group in at:
                shared[group] += weight[piece]
    likeness = {group: 2 * common / (whole + sums[group]) for group, common in shared.items()}
    group = max(likeness, key=lambda each: (likeness[each], -each), default=0)
    return group, likeness.get(group, 0.0)


def pieces(text: str) -> frozenset[str]:
    """Pairs of Khmer clusters by what is heard, and three signs each of Latin words by their sound."""
    cut: set[str] = set()
    for match in _TOKENS.finditer(fold(text)):
        if match["km"]:
            heard = ["<", *map(loosen, _CLUSTER.findall(match["km"])), ">"]
            cut.update("".join(heard[at : at + 2]) for at in range(1, len(heard) - 2) or range(len(heard) - 1))
        else:
            sounded = f"<{sound(match['word']) or match['word']}>"
            cut.update(sounded[at : at + 3] for at in range(max(1, len(sounded) - 2)))
    return frozenset(cut)
