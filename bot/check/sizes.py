"""Does every answer fit its segments, and is the usual Khmer answer worth its price?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from statistics import median_low
from typing import NamedTuple

from bot.check.problem import Problem
from bot.check.readers import Reader, forms, spots
from bot.content.book import LANGUAGES, Book, Language, State
from bot.text.sms import segments

USUAL = 2
"""Segments of the median Khmer answer, at most."""


def sizes(book: Book, today: date) -> Iterator[Problem]:
    """Every page fits its budget for every reader in every language."""
    for found in too_long(book, today, book.states.values(), spots(book)):
        yield Problem("error", found.state.where, str(found))


class TooLong(NamedTuple):
    """A page that takes more parts than its state may."""

    state: State
    language: Language
    page: int
    text: str
    reader: Reader

    def __str__(self) -> str:
        cost = segments(self.text)
        size = f"{len(cost.parts)} SMS ({cost.units} units), {self.state.budget} allowed"
        return f"{self.state.id} in {self.language}: page {self.page + 1} takes {size}, for {self.reader}."


def too_long(book: Book, today: date, states: Iterable[State], everywhere: list[str | None]) -> Iterator[TooLong]:
    """The pages of these states that do not fit their budget for readers in these places, in any language."""
    for state in states:
        for language in LANGUAGES:
            for page, texts in forms(book, state, language, everywhere, today).items():
                if max(len(segments(text).parts) for text in texts) > state.budget:
                    longest = max(texts, key=lambda text: segments(text).units)
                    yield TooLong(state, language, page, longest, texts[longest])


def median(book: Book, today: date) -> Iterator[Problem]:
    """The usual Khmer answer is worth its price. Each page counts once, however many forms it has."""
    usual = _usual(book, today)
    if usual > USUAL:
        yield Problem("error", "locale/km", f"The median Khmer answer takes {usual} SMS, {USUAL} allowed.")


def _usual(book: Book, today: date) -> int:
    everywhere = spots(book)
    pages = [
        median_low(len(segments(text).parts) for text in texts)
        for state in book.states.values()
        if all((state.id, page) in book.catalogs["km"] for page in state.pages)  # not yet translated: another problem
        for texts in forms(book, state, "km", everywhere, today).values()
    ]
    return median_low(pages) if pages else 0
