"""Where to cut a long text: into as few pieces as can be, then at the places that hurt a reader least."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import NamedTuple

from bot.text.cluster import clusters, starts

_DIGIT = "[0-9\u17e0-\u17e9]"
_LINE = "[ \u200b]*[\r\n][\r\n \u200b]*"
_SENTENCE = (
    "\u17d4\u179b\u17d4[ \u200b]*|[\u17d4\u17d5]+[ \u200b]*"  # et cetera is written between two full stops
    f"|(?<!\n{_DIGIT})(?<!\n{_DIGIT}{_DIGIT})[.!?\u2026]+[\"')\u201d\u2019]*[ \u200b]+"  # "1. Thailand" is one thing
)
_PHRASE = (
    f"(?<![ \u200b])(?<!\n{_DIGIT}\\.)(?<!\n{_DIGIT}{_DIGIT}\\.)"
    f"(?:(?<!{_DIGIT})(?<!\\))[ \u200b]+|[ \u200b]+(?![0-9\u17e0-\u17e9( \u200b]))"  # "023 880 881" is one thing
)
_BREAK = re.compile(f"(?=[ \u200b\r\n.!?\u2026\u17d4\u17d5])(?:({_LINE})|({_SENTENCE})|({_PHRASE}))")
_HURTS = {1: 0, 2: 1, 3: 3}
"""How much a cut hurts a reader after a line, a sentence, a phrase; then before a syllable or a cluster, in a word."""
_SYLLABLE_HURTS, _CLUSTER_HURTS, _WORD_HURTS = 30, 40, 60
_GLUED = re.compile("[0-9A-Za-z\u17e0-\u17e9]{2}|.[\u17d4-\u17d7\u17da.,!?;:)\u201d ]", re.DOTALL)
_SYLLABLE = re.compile("[\u1780-\u17b3][\u17b6-\u17d3]")
_PIECE_HURTS = 10
"""One more piece hurts less than a torn word, and more than any cut after a phrase, where pieces cost nothing else."""
_EMPTY_HURTS = 4
"""There an empty piece hurts more than a cut after a phrase; one with some room left, in proportion to it."""
_BEAM = 8
_LOOK_BACK = 20
"""Characters given up at most for the end of a word where there is no break to cut at."""


class Rooms(NamedTuple):
    """The units that fit in a text left whole, and in the first, a middle and the last of several pieces."""

    whole: int
    first: int
    middle: int
    last: int


def cut(text: str, ends: Sequence[int], rooms: Rooms, *, spare: int = 0) -> tuple[str, ...]:
    """`text` in pieces; joining them gives it back. `ends[i]` are the units of the first `i` characters.

    The rule: the fewest pieces that fit; among those, the cuts that together hurt least: after a line, else a
    sentence, else a phrase (no space inside a number), else before a Khmer syllable, else before any cluster, else
    inside a Latin word or a number; where equal, the later cut. The eight best beginnings are followed at each step.
    No piece starts inside a cluster unless that one cluster is larger than a piece. Up to `spare` pieces more than the
    fewest are made where that saves words from being torn; pieces are then not left half empty for a better place.
    """
    if ends[-1] <= rooms.whole:
        return (text,)
    may: Callable[[int], bool] = partial(starts, text)
    latest = _latest(ends, rooms, may)
    if latest is None:
        may = _starts_or_inside_giants(text, ends, min(rooms))
        latest = _latest(ends, rooms, may)
    if latest is None:
        raise ValueError(f"no text can be cut into pieces of {min(rooms)} units")
    empty = _EMPTY_HURTS if spare else 0
    counts = range(len(latest), len(latest) + spare + 1)
    found = [_places(text, ends, _earliest(ends, rooms, count, may), rooms, may, empty=empty) for count in counts]
    _, places = min(found, key=lambda one: one[0] + len(one[1]) * _PIECE_HURTS)
    return tuple(text[start:end] for start, end in pairwise([0, *places, len(text)]))


def _places(
    text: str,
    ends: Sequence[int],
    earliest: Sequence[int],
    rooms: Rooms,
    may: Callable[[int], bool],
    *,
    empty: int,
) -> tuple[int, tuple[int, ...]]:
    """The cuts, none before its `earliest`, that hurt least, and how much; `empty` is what an empty piece hurts."""
    breaks = [(match.end(), _HURTS[match.lastindex or 3]) for match in _BREAK.finditer(text)]
    begun: list[tuple[int, tuple[int, ...]]] = [(0, ())]
    for floor in earliest:
        longer: dict[int, tuple[int, tuple[int, ...]]] = {}
        for hurt, cuts in begun:
            start, room = (cuts[-1], rooms.middle) if cuts else (0, rooms.first)
            reach = _reach(ends, start, room, may)
            for place, more in _options(text, breaks, max(floor, start + 1), reach, may):
                now = hurt + more + empty * (ends[reach] - ends[place]) // room
                if place not in longer or now < longer[place][0]:
                    longer[place] = now, (*cuts, place)
        begun = sorted(longer.values(), key=_hurt_then_late)[:_BEAM]
    return begun[0]


def _hurt_then_late(begun: tuple[int, tuple[int, ...]]) -> tuple[int, int]:
    return begun[0], -begun[1][-1]


def _latest(ends: Sequence[int], rooms: Rooms, may: Callable[[int], bool]) -> list[int] | None:
    """Cuts with every piece filled from the front: this tells the fewest pieces."""
    places: list[int] = []
    start, room = 0, rooms.first
    while not places or ends[-1] - ends[start] > rooms.last:
        reached = _reach(ends, start, room, may)
        if reached == start:
            return None
        places.append(reached)
        start, room = reached, rooms.middle
    return places


def _earliest(ends: Sequence[int], rooms: Rooms, count: int, may: Callable[[int], bool]) -> list[int]:
    """Cuts with every piece filled from the back: no cut may come before these or the rest has no room."""
    places: list[int] = []
    end, room = len(ends) - 1, rooms.last
    for _ in range(count):
        start = bisect_left(ends, ends[end] - room)
        while not may(start):  # ends at the latest where `_latest` cut
            start += 1
        places.append(start)
        end, room = start, rooms.middle
    return places[::-1]


def _reach(ends: Sequence[int], start: int, room: int, may: Callable[[int], bool]) -> int:
    """The last place within `room` units of `start` where the text may be cut; `start` itself if there is none."""
    place = bisect_right(ends, ends[start] + room) - 1
    while place > start and not may(place):
        place -= 1
    return place


def _options(
    text: str, breaks: list[tuple[int, int]], floor: int, reach: int, may: Callable[[int], bool]
) -> list[tuple[int, int]]:
    """Places from `floor` to `reach` with how much a cut there hurts: all breaks or, where there is none, one other."""
    near = breaks[bisect_left(breaks, (floor, 0)) : bisect_left(breaks, (reach + 1, 0))]
    if found := [option for option in near if may(option[0])]:
        return found
    best = (_WORD_HURTS + 1, reach)
    for place in range(reach, max(floor, reach - _LOOK_BACK) - 1, -1):
        hurt = _hurt_without_break(text, place)
        if hurt < best[0] and may(place):
            best = (hurt, place)
            if hurt == _SYLLABLE_HURTS:
                break
    return [(best[1], best[0])]


def _hurt_without_break(text: str, place: int) -> int:
    if _GLUED.match(text, place - 1):
        return _WORD_HURTS
    return _SYLLABLE_HURTS if _SYLLABLE.match(text, place) else _CLUSTER_HURTS


def _starts_or_inside_giants(text: str, ends: Sequence[int], room: int) -> Callable[[int], bool]:
    """The last resort: a cluster with no room in any piece may be cut between its characters."""
    allowed: set[int] = set()
    start = 0
    for cluster in clusters(text):
        end = start + len(cluster)
        allowed.update(range(start, end) if ends[end] - ends[start] > room else (start,))
        start = end
    return allowed.__contains__
