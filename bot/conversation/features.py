"""What the classifier looks at: pieces of a text by letter and by sound, the words heard in it, the rules' verdict."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from bot.content.book import Language
from bot.conversation.hearing import Heard
from bot.conversation.sounds import sound

LONGEST = 600
"""Letters of a text that are looked at: its beginning and its end. An SMS of four parts has no more."""

MOST_POINTS = 9
KHMER_SIZES = (2, 4)
LATIN_SIZES = (3, 4)

_KHMER = re.compile("[\u1780-\u17d3]+")
_WORDS = re.compile("[a-z]+|[0-9]+")


def features(plain: str, language: Language | None, heard: Heard, topics: Sequence[tuple[str, float]]) -> set[str]:
    """The features of a folded text, each a kind (one letter) and a piece.

    Khmer is cut without its spaces, which mean nothing. Words in Latin letters keep their edges; those of a Khmer text
    are also taken by sound, without theirs, since `tver ka` and `tveukar` are one.
    """
    if len(plain) > LONGEST:
        plain = f"{plain[: LONGEST // 2]} {plain[-LONGEST // 2 :]}"
    found: set[str] = set()
    khmer = "".join(_KHMER.findall(plain))
    if khmer:
        found.update(pieces("k", khmer, KHMER_SIZES))
    words = _WORDS.findall(plain)
    if words:
        _add_latin(found, words, "l" if language == "km_Latn" else "e")
    found.update(f"S{name}" for name in heard.at if ":" not in name)
    found.update(_verdict(topics))
    return found


def pieces(kind: str, text: str, sizes: Iterable[int]) -> list[str]:
    """Every run of letters of these lengths."""
    length = len(text) + 1
    return [kind + text[begin : begin + size] for size in sizes for begin in range(length - size)]


def _add_latin(found: set[str], words: Sequence[str], kind: str) -> None:
    sounds = []
    for word in words:
        if word.isdigit():
            found.add(f"#{min(len(word), 7)}")
            continue
        sounded = sound(word)
        sounds.append(sounded)
        found.add("w" + word)
        found.add("s" + sounded)
        found.update(pieces(kind, f"<{word}>", LATIN_SIZES))
    found.update([f"b{first} {then}" for first, then in pairwise(words)])
    found.update([f"c{first} {then}" for first, then in pairwise(sounds)])


def _verdict(topics: Sequence[tuple[str, float]]) -> Iterator[str]:
    """What the rules would say, and how surely."""
    if not topics:
        yield "T"
        return
    topic, points = topics[0][0].split(" ")[0], topics[0][1]
    yield f"T{topic}"
    yield f"T{topic} {min(int(points), MOST_POINTS)}"
    if len(topics) > 1:
        yield f"U{topics[1][0].split(' ')[0]}"
