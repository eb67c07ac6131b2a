"""Is the content sound? What the loader cannot refuse alone: sizes, translations, reach, dates and safe wording."""

from __future__ import annotations

from datetime import date

from bot.check.numbers import emergency, ledger, literal, local, told
from bot.check.problem import Problem
from bot.check.reach import learned, reach, topics
from bot.check.screens import screens
from bot.check.sizes import median, sizes
from bot.check.wording import notices, previews, translations
from bot.content.book import Book

__all__ = ["Problem", "check"]


def check(book: Book, *, today: date, strict: bool = False) -> list[Problem]:
    """Every problem of the content on the day `today`; with `strict` a number not checked for 180 days is an error.

    Its spelling is another matter: see `bot.check.spelling`.
    """
    return [
        *sizes(book, today),
        *median(book, today),
        *screens(book, today),
        *emergency(book, today),
        *topics(book),
        *reach(book),
        *learned(book),
        *translations(book),
        *told(book),
        *literal(book),
        *local(book),
        *notices(book, today),
        *previews(book, today),
        *ledger(book, today, "error" if strict else "warning"),
    ]
