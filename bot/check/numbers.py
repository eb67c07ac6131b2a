"""Can everybody dial what they are told, does it come from the ledger, and has somebody tried it?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from bot.check.problem import Level, Problem, where
from bot.check.readers import Reader, first_page, readers, spots
from bot.content.book import HOME, LANGUAGES, Book, Language, State
from bot.content.ledger import DIGITS, numbers
from bot.content.template import PLACE, places
from bot.text.sms import segments

LIFE = timedelta(days=180)
"""How long a number counts as checked (design §5, H24)."""
FIRST_NUMBER = 70
"""UTF-16 units within which the first number of an emergency answer ends (H2)."""
ADDRESS = re.compile(r"https?:|www\.|\.(?:com|org|net|gov|kh|th)\b", re.IGNORECASE)
YEARS = re.compile(r"(?:19|20)\d\d ?- ?(?:19|20)\d\d")
LONGEST_AMOUNT = 6
"""Digits of the longest sum of money a text names; a number with more is taken for a phone number."""
LONGEST_SUM = 3
"""Digits of the longest of several sums in a row."""


def units(text: str) -> int:
    """UTF-16 code units, the measure of a text in Khmer."""
    return len(text.encode("utf-16-le")) // 2


def emergency(book: Book, today: date) -> Iterator[Problem]:
    """An emergency answer is one SMS with two numbers that work there, the first of them early, and no web address."""
    for state in book.states.values():
        if state.topic == "sos":
            for language in LANGUAGES:
                for here in spots(book):
                    text = book.answer(state.id, language, here=here, there=here, today=today)
                    yield from (
                        Problem(
                            "error", state.where, f"{state.id} in {language} for {here or 'an unknown place'}: {what}."
                        )
                        for what in _emergency_faults(book, state, language, here, text)
                    )


def _emergency_faults(book: Book, state: State, language: Language, here: str | None, text: str) -> Iterator[str]:
    found = list(_dialable(book, book.words(state.id, state.pages_for(here)[0], language), here))
    if len(segments(text).parts) != 1:
        yield "more than one SMS"
    if len(set(found)) < 2:
        yield "fewer than two numbers that can be dialled there"
    elif units(text[: text.index(found[0]) + len(found[0])]) > FIRST_NUMBER:
        yield f"the first number does not end within the first {FIRST_NUMBER} units"
    if ADDRESS.search(text):
        yield "a web address is no help in an emergency"


def _dialable(book: Book, text: str, here: str | None) -> Iterator[str]:
    """The numbers of a text that work where the reader is; in an unknown place those of any country it names."""
    for kind, name in places(text):
        if kind == "call":
            yield book.dial(book.call(name, here), here)
        elif kind == "tel":
            yield book.dial(book.helplines[name], here)
        elif kind == "local" and here in (book.helplines[name].country, None):
            yield book.helplines[name].local or ""


def told(book: Book) -> Iterator[Problem]:
    """Every answer tells every reader a number on its first page; commands and menus need none.

    Translations keep the placeholders of the English (the loader sees to it), so one language stands for all.
    """
    everywhere = spots(book)
    for state in book.states.values():
        if not is_answer(state):
            continue
        without = {
            reader.here or "an unknown place" for reader in readers(state, everywhere) if not _has(book, state, reader)
        }
        if without:
            what = f"{state.id} tells no number to call to somebody in {', '.join(sorted(without))}."
            yield Problem("error", state.where, what)


def is_answer(state: State) -> bool:
    """Whether a state answers a question: no command, no menu, no step of a tool."""
    return state.id.startswith(("topics.", "countries.")) or state.topic in ("sos", "helplines")


def _has(book: Book, state: State, reader: Reader) -> bool:
    """Whether the page holds a number that works where the reader is. An answer about a place to go to may instead
    hold one that works there or at home: to a phone abroad the book then says that the family can call.

    `{call}` and `{tel}` work wherever they are read; `{local}` is told with the name of its country (see `local`).
    """
    page, here = first_page(state, reader), state.place or reader.here
    if any(_dialable(book, page, here or HOME)):
        return True
    found = {book.helplines[name].country for kind, name in places(page) if kind == "local"}
    return state.scope == "there" and bool(found & {reader.there, HOME})


def literal(book: Book) -> Iterator[Problem]:
    """Numbers to call come from the ledger only, so that one change there changes every text."""
    ledger = {digits for line in book.helplines.values() for digits in numbers(f"{line.local} , {line.e164}")}
    for context, text in dict.fromkeys(book.texts()):
        for language in LANGUAGES:
            said = YEARS.sub("", PLACE.sub(" , ", book.words(context, text, language)))
            for match in DIGITS.finditer(said):
                number = next(numbers(match[0]))
                if number in ledger or (len(number) > LONGEST_AMOUNT and not _is_sums(match[0])):
                    what = f"{context} in {language}: {number} looks like a phone number; use a placeholder."
                    yield Problem("error", where(book, context), what)


def _is_sums(written: str) -> bool:
    """Several short sums in a row, as after LOAN; a phone number begins with 0 or + or has a longer group."""
    return written[0] not in "+0\u17e0" and all(len(group) <= LONGEST_SUM for group in written.split(" "))


def local(book: Book) -> Iterator[Problem]:
    """A number as dialled inside a country is told together with the name of that country."""
    for state in book.states.values():
        for page in (page for pages in (state.pages, *state.by_country.values()) for page in pages):
            for code, name in ((book.helplines[name].country, name) for kind, name in places(page) if kind == "local"):
                country = book.countries[code].name if code in book.countries else code
                if code != state.place and country not in page and "{country}" not in page:
                    what = f"{state.id} gives {{local:{name}}} without naming {country}."
                    yield Problem("error", state.where, what)


def ledger(book: Book, today: date, level: Level) -> Iterator[Problem]:
    """Every number that may be given was checked by a person in the last 180 days."""
    for line in book.helplines.values():
        if not line.enabled:
            continue
        if line.checked_on is None:
            yield Problem(level, line.id, f"{line.name} ({line.country}) was never checked by a test call.")
        elif line.checked_on > today:
            yield Problem("error", line.id, f"{line.name} ({line.country}) has a check date in the future.")
        elif today - line.checked_on > LIFE:
            what = f"{line.name} ({line.country}) was last checked on {line.checked_on}, more than 180 days ago."
            yield Problem(level, line.id, what)
