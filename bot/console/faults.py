"""What is wrong with a list of people, said in the language of the page: services say it in English, for commands."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from bot.console.visit import console, say
from bot.content.template import PLACE

AREA: Final = "faults."


def told(english: str) -> str:
    """The same in the language of the page; as it was, if nobody wrote it down for pages."""
    for name, pattern in _patterns():
        if found := pattern.fullmatch(english):
            fills = found.groupdict()
            return say(name, **fills | ({"why": told(fills["why"])} if "why" in fills else {}))
    return english


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """What each sentence of `messages/console/faults.yaml` looks like; the longest first."""
    english = console().words.texts["en"]
    ours = [name for name in english if name.startswith(AREA)]
    longest_first = sorted(ours, key=lambda name: -len(english[name]))
    return tuple((name, re.compile(_pattern(english[name]), re.DOTALL)) for name in longest_first)


def _pattern(text: str) -> str:
    parts: list[str] = []
    end = 0
    for place in PLACE.finditer(text):
        parts += (re.escape(text[end : place.start()]), f"(?P<{place[2]}>.*?)")
        end = place.end()
    return "".join(parts) + re.escape(text[end:])
