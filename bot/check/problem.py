"""What a check finds, and where it is to be mended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.content.book import Book

Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend, `where` as `file:line` or the id of a ledger entry. Only errors make content unfit."""

    level: Level
    where: str
    what: str


def where(book: Book, context: str) -> str:
    """`file:line` of the state or notice a context belongs to."""
    name = context.removesuffix("/choice")
    if name in book.states:
        return book.states[name].where
    return next((notice.where for notice in book.notices if name == f"notice/{notice.id}"), f"messages ({context})")
