"""Which country a text is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.content.lexicon import Place, Words
from bot.conversation.hearing import Heard

HOME = "KH"
_KINDS = {"words": 3.0, "people": 1.5, "money": 1.0, "sums": 1.0}
_TOWARDS, _AWAY, _HOME = 1.0, -0.5, -2.0


def sets(places: Iterable[Place]) -> dict[str, Words]:
    """The words of the places as sets for the ear, named `TH:words`, `TH:people`, `TH:money`, `TH:sums`."""
    return {f"{place.code}:{kind}": Words(*_scripts(getattr(place, kind))) for place in places for kind in _KINDS}


def _scripts(words: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    khmer = tuple(word for word in words if not word.isascii())
    return khmer, (), tuple(word for word in words if word.isascii())


def country(heard: Heard) -> str | None:
    """The ISO code of the country meant, or None.

    A foreign country goes before home, a place before a people or a coin, "in" and "to" before "from", what is said
    first before what is said later.
    """
    found = [
        (_sure(heard.at, name, start), -start, name[:2])
        for name, spans in heard.at.items()
        if name[2:3] == ":"
        for start, _ in spans
        if name[3:] != "sums" or any(0 <= start - end <= 1 for _, end in heard.at.get("NUMBER", ()))
    ]
    return max(found)[2] if found else None


def _sure(at: Mapping[str, list[tuple[int, int]]], name: str, start: int) -> float:
    sure = _KINDS[name[3:]]
    if name[:2] == HOME:
        sure += _HOME
    if any(start - 2 <= end <= start for _, end in at.get("TOWARDS", ())):
        sure += _TOWARDS
    elif any(start - 2 <= end <= start for _, end in at.get("AWAY", ())):
        sure += _AWAY
    return sure
