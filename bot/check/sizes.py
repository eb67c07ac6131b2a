"""Does every answer fit its segments, and is the usual Khmer answer worth its price?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from statistics import median_high

from bot.check.problem import Problem
from bot.check.readers import Reader, forms, spots
from bot.content.book import LANGUAGES, Book, Language, State
from bot.text.sms import segments

USUAL = 2
"""Segments of the median Khmer answer."""


def sizes(book: Book, today: date) -> Iterator[Problem]:
    """Every page fits its budget for every reader in every language."""
    everywhere = spots(book)
    khmer: list[int] = []
    for state in book.states.values():
        for language in LANGUAGES:
            for page, texts in forms(book, state, language, everywhere, today).items():
                counts = {text: len(segments(text).parts) for text in texts}
                khmer += counts.values() if language == "km" else ()
                if max(counts.values()) > state.budget:
                    yield _too_long(state, language, page, texts)
    if khmer and median_high(khmer) > USUAL:
        yield Problem("error", "locale/km", f"The median Khmer answer takes {median_high(khmer)} SMS, {USUAL} allowed.")


def _too_long(state: State, language: Language, page: int, texts: dict[str, Reader]) -> Problem:
    text = max(texts, key=lambda text: segments(text).units)
    cost = segments(text)
    size = f"{len(cost.parts)} SMS ({cost.units} units), {state.budget} allowed"
    return Problem("error", state.where, f"{state.id} in {language}: page {page + 1} takes {size}, for {texts[text]}.")
