"""Does every answer fit its segments, and is the usual Khmer answer worth its price?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from statistics import median_low

from bot.check.problem import Problem
from bot.check.readers import Reader, forms, spots
from bot.content.book import LANGUAGES, Book, Language, State
from bot.text.sms import segments

USUAL = 2
"""Segments of the median Khmer answer, at most."""


def sizes(book: Book, today: date) -> Iterator[Problem]:
    """Every page fits its budget for every reader in every language."""
    everywhere = spots(book)
    for state in book.states.values():
        for language in LANGUAGES:
            for page, texts in forms(book, state, language, everywhere, today).items():
                counts = {text: len(segments(text).parts) for text in texts}
                if max(counts.values()) > state.budget:
                    yield _too_long(state, language, page, texts)


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


def _too_long(state: State, language: Language, page: int, texts: dict[str, Reader]) -> Problem:
    text = max(texts, key=lambda text: segments(text).units)
    cost = segments(text)
    size = f"{len(cost.parts)} SMS ({cost.units} units), {state.budget} allowed"
    return Problem("error", state.where, f"{state.id} in {language}: page {page + 1} takes {size}, for {texts[text]}.")
