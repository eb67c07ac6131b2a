"""Helpline cards: the numbers that the card of a country tells, as dialled there, and who has tried them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bot.content.ledger import DIGITS, numbers
from bot.printing.edition import HOME, Edition


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a card. Without a number it is a remark; `called` is the day of the test call, if there was one."""

    number: str
    text: str
    called: date | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """The card of one country."""

    title: str
    entries: tuple[Entry, ...]


def cards(edition: Edition) -> list[Card]:
    """The card of home, and of the edition's country; of all countries where it has none."""
    codes = [HOME, *((edition.country,) if edition.country else edition.book.countries)]
    return [_card(edition, code) for code in dict.fromkeys(codes)]


def _card(edition: Edition, code: str) -> Card:
    title, *lines = edition.book.answer(
        f"countries.{code}", edition.language, here=HOME, there=code, today=edition.today
    ).split("\n")
    hint = edition.book.states["system.hint_more"].pages[0]
    said = [line for line in lines if line != edition.book.words("system.hint_more", hint, edition.language)]
    known = dict(_dialable(edition, code))
    return Card(title.rstrip(":\u17d6 "), tuple(_entry(line, known) for line in said))


def _dialable(edition: Edition, code: str) -> Iterator[tuple[str, date | None]]:
    """Every number that works there, with the day since which all lines behind it are known to answer."""
    days: dict[str, list[date | None]] = {}
    for line in edition.book.helplines.values():
        number = line.local if line.country == code else line.e164
        if line.enabled and number:
            days.setdefault(next(numbers(number)), []).append(line.checked_on)
    for number, called in days.items():
        yield number, None if None in called else min(day for day in called if day)


def _entry(line: str, known: dict[str, date | None]) -> Entry:
    for match in DIGITS.finditer(line):
        number = next(numbers(match[0]))
        if number in known:
            before, after = line[: match.start()].rstrip(), line[match.end() :].lstrip()
            return Entry(match[0], f"{before} {after}".strip(), known[number])
    return Entry("", line)
