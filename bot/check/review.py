"""How far has all this been looked over by people? Nothing here claims more than was done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from bot.check.problem import Problem
from bot.content.book import Book, Language
from bot.content.review import Review, fingerprint

Reviews = Mapping[Language, Review]


def reviewed(book: Book, reviews: Reviews, today: date) -> list[Problem]:
    """What the reviews say that cannot be, or does not hold any more."""
    return [problem for language, review in reviews.items() for problem in _faults(book, language, review, today)]


def _faults(book: Book, language: Language, review: Review, today: date) -> Iterator[Problem]:
    where = "messages/review.yaml"
    if review.on > today:
        yield Problem("error", where, f"{language} was looked over in the future, on {review.on}.")
    if changed(book, language, review):
        what = f"the texts in {language} have changed since they were read on {review.on}"
        yield Problem("warning", where, f"{what}; when read again, enter texts: {fingerprint(book, language)}")


def changed(book: Book, language: Language, review: Review) -> bool:
    """Whether what was read is not what is said now; drafted texts may change freely."""
    return review.state == "read" and review.texts != fingerprint(book, language)


def summary(book: Book, reviews: Reviews) -> str:
    """One line on the state of every catalog and of the numbers."""
    told: dict[str, list[str]] = {}
    for language, review in reviews.items():
        told.setdefault(_state(book, language, review), []).append(language)
    catalogs = (f"{', '.join(languages)}: {state}" for state, languages in told.items())
    return "; ".join((*catalogs, _numbers(book)))


def _state(book: Book, language: Language, review: Review) -> str:
    if review.state == "drafted":
        return f"drafted {review.on}, not read by a native speaker"
    read = f"read {review.on} by a native speaker ({review.by})"
    return f"drafted again: changed since {read}" if changed(book, language, review) else read


def _numbers(book: Book) -> str:
    given = [line for line in book.helplines.values() if line.enabled]
    return f"{sum(line.review == 'test-called' for line in given)} of {len(given)} numbers test-called"
