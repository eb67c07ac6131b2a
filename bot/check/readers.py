"""Who gets which words: every reader that makes a difference, and every form of an answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import product
from typing import NamedTuple

from bot.content.book import Book, Language, State


class Reader(NamedTuple):
    """Where the phone is, and which country is asked about; None for an unknown place and for no country."""

    here: str | None
    there: str | None

    def __str__(self) -> str:
        return f"somebody in {self.here or 'an unknown place'} asking about {self.there or 'no country'}"


def spots(book: Book) -> list[str | None]:
    """Every country that makes a difference to a text, and None for an unknown one."""
    variants = {code for state in book.states.values() for code in state.by_country}
    ledger = {line.country for line in book.helplines.values()}
    return [None, *sorted(variants | ledger | set(book.countries))]


def readers(state: State, everywhere: list[str | None]) -> Iterator[Reader]:
    """Whom the engine gives the text: one `here` is about the country named in the talk, if any is."""
    for here in everywhere:
        for there in everywhere if state.scope == "there" else (None, here):
            yield Reader(here, there)


def first_page(state: State, reader: Reader) -> str:
    """The English of the first page this reader gets."""
    here = state.place or reader.here
    return state.pages_for(here if state.scope == "here" else reader.there)[0]


def forms(
    book: Book, state: State, language: Language, everywhere: list[str | None], today: date
) -> dict[int, dict[str, Reader]]:
    """Every form of every page, with the first reader who gets it."""
    found: dict[int, dict[str, Reader]] = {}
    for reader in readers(state, everywhere):
        here, there = reader
        for page in range(book.page_count(state.id, here if state.scope == "here" else there)):
            for given in fills(state):
                text = book.answer(state.id, language, here=here, there=there, today=today, page=page, fills=given)
                found.setdefault(page, {}).setdefault(text, reader)
    return found


def fills(state: State) -> Iterator[tuple[tuple[str, str], ...]]:
    """Every way a tool may fill in the text: the widest computed text, and each of the states it may name."""
    yield from product(
        *([(name, value) for value in fill.states or (fill.example,)] for name, fill in state.fills.items())
    )
