"""Texts of the catalog as a broadcast sends them: with a last line that says who it is from, and how to stop."""

from __future__ import annotations

import re
from datetime import date
from typing import Final, NamedTuple

from bot.content.book import Book, Language
from bot.content.series import END
from bot.text.khmer import fold

_NAMED: Final = re.compile(r"\bSTOP\b")
"""How the English catalog writes a word to send: in capitals. "Stop and call" tells nobody how to end these texts."""


class Said(NamedTuple):
    """A text of the catalog: what it says, and the line that is put after it; "" if it names STOP by itself."""

    words: str
    end: str

    @property
    def whole(self) -> str:
        """What is sent, counted, shown and paid."""
        return f"{self.words}\n{self.end}" if self.end else self.words


def said(book: Book, state: str, language: Language, *, here: str | None, today: date) -> Said:
    """A text of the catalog as phones in `here` get it unasked."""
    english = book.answer(state, "en", here=here, there=None, today=today)
    words = book.answer(state, language, here=here, there=None, today=today)
    named = _NAMED.search(english) is not None and tells_how_to_end(book, words)
    return Said(words, "" if named else last_line(book, language))


def last_line(book: Book, language: Language) -> str:
    """The line itself."""
    return book.words(END, book.states[END].pages[0], language)


def tells_how_to_end(book: Book, words: str) -> bool:
    """Whether a word that stops all broadcasts stands by itself in a text, as where somebody is told to send it."""
    folded, stop = f" {fold(words)} ", book.lexicon.whole["stop"]
    return any(f" {fold(word)} " in folded for word in ("stop", *stop.latn, *stop.km))
