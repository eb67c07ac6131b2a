"""The names that staff go by: two that are written alike are the same person's."""

from __future__ import annotations

from bot.text.khmer import fold


def folded(name: str) -> str:
    """What names are compared by: without blanks, capitals and other ways of writing the same."""
    return fold(name).replace(" ", "")
