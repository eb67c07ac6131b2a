"""Does every line to choose, and every last word of a call, have room on the smallest USSD screen?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from bot.check.problem import Problem
from bot.check.readers import forms, spots
from bot.content.book import LANGUAGES, Book, Language
from bot.text.screens import Sizes
from bot.text.sms import measure

SMALLEST: Final = Sizes(gsm7=100, ucs2=70)
"""The least that the settings allow."""
LAST_WORDS: Final = ("stop", "erase")
"""Topics whose answer ends a call: there is no key to a second screen."""
KEYS: Final = ("more", "back")


def screens(book: Book, today: date) -> Iterator[Problem]:
    """What screens cannot be made of."""
    for language in LANGUAGES:
        below = [
            f"0 {book.words(state.id, state.pages[0], language)}"
            for name in KEYS
            if (state := book.states.get(f"system.key_{name}"))
        ]
        yield from _labels(book, language, below)
        yield from _last_words(book, language, today)


def _labels(book: Book, language: Language, below: list[str]) -> Iterator[Problem]:
    for state in book.states.values():
        for choice in state.choices:
            label = book.label(choice, language)
            if not _fits("\n".join([f"8 {label}", *below])):
                what = f"{state.id} in {language}: the line {label!r} has no room on a USSD screen."
                yield Problem("error", state.where, what)


def _last_words(book: Book, language: Language, today: date) -> Iterator[Problem]:
    everywhere = spots(book)
    for topic in LAST_WORDS:
        state = book.states.get(book.topics.get(topic, ""))
        texts = (
            [text for page in forms(book, state, language, everywhere, today).values() for text in page]
            if state
            else []
        )
        if state and not all(map(_fits, texts)):
            what = f"{state.id} in {language}: does not fit on one USSD screen, and the call ends with it."
            yield Problem("error", state.where, what)


def _fits(text: str) -> bool:
    encoding, ends = measure(text)
    return ends[-1] <= (SMALLEST.gsm7 if encoding == "GSM-7" else SMALLEST.ucs2)
