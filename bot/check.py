"""Is the content sound? What the loader cannot refuse alone: sizes, translations, reach, dates and safe wording."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from bot.content.book import LANGUAGES, TOPICS, Book, Language, State
from bot.content.ledger import numbers
from bot.content.template import PLACE, places
from bot.text.khmer import fold, has_khmer
from bot.text.sms import forcing, segments

LIFE = timedelta(days=180)
"""How long a number counts as checked (design §5, H24)."""
NOTICE_WARNING = timedelta(days=14)
PREVIEW = 30
"""Characters of a text that a locked phone shows (H1)."""
FIRST_NUMBER = 70
"""UTF-16 units within which the first number of an emergency answer ends (H2)."""
ACTIONS = {"more", "back"}
"""Topics that turn the page of another answer and say nothing themselves."""
ADDRESS = re.compile(r"https?:|www\.|\.(?:com|org|net|gov|kh|th)\b", re.IGNORECASE)
YEARS = re.compile(r"(?:19|20)\d\d ?- ?(?:19|20)\d\d")
LONGEST_AMOUNT = 6
"""Digits of the longest sum of money a text names; a number with more is taken for a phone number."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend, `where` as `file:line` or the id of a ledger entry. Only errors make content unfit."""

    level: Literal["error", "warning"]
    where: str
    what: str


def check(book: Book, *, today: date, strict: bool = False) -> list[Problem]:
    """Every problem of the content on the day `today`; with `strict` a number not checked for 180 days is an error."""
    return [
        *_sizes(book, today),
        *_emergency(book, today),
        *_topics(book),
        *_reach(book),
        *_translations(book),
        *_literal_numbers(book),
        *_local_numbers(book),
        *_notices(book, today),
        *_ledger(book, today, "error" if strict else "warning"),
    ]


def spots(book: Book) -> list[str | None]:
    """Every country that makes a difference to a text, and None for an unknown one."""
    variants = {code for state in book.states.values() for code in state.by_country}
    ledger = {line.country for line in book.helplines.values()}
    return [None, *sorted(variants | ledger | set(book.countries))]


def _sizes(book: Book, today: date) -> Iterator[Problem]:
    """Every page fits its budget for every reader in every language."""
    everywhere = spots(book)
    for state in book.states.values():
        readers = [(here, there) for here in everywhere for there in _theres(state, here, everywhere)]
        for language in LANGUAGES:
            for page, forms in _forms(book, state, language, readers, today).items():
                parts, sms, reader = max(
                    (len(segments(text).parts), segments(text).units, forms[text]) for text in forms
                )
                if parts > state.budget:
                    what = f"page {page + 1} takes {parts} SMS ({sms} units), {state.budget} allowed, for {reader}"
                    yield Problem("error", state.where, f"{state.id} in {language}: {what}.")


def _forms(
    book: Book, state: State, language: Language, readers: list[tuple[str | None, str | None]], today: date
) -> dict[int, dict[str, str]]:
    """Every form of every page, with the first reader who gets it."""
    found: dict[int, dict[str, str]] = {}
    for here, there in readers:
        for page in range(book.page_count(state.id, here if state.scope == "here" else there)):
            text = book.answer(state.id, language, here=here, there=there, today=today, page=page)
            reader = f"somebody in {here or 'an unknown place'} asking about {there or 'no country'}"
            found.setdefault(page, {}).setdefault(text, reader)
    return found


def _theres(state: State, here: str | None, everywhere: list[str | None]) -> list[str | None]:
    """Whom the engine gives the text: one `here` is about the country named in the talk, if any is."""
    return everywhere if state.scope == "there" else [None, here]


def _emergency(book: Book, today: date) -> Iterator[Problem]:
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
    found = list(_dialable(book, state, language, here))
    if len(segments(text).parts) != 1:
        yield "more than one SMS"
    if len(set(found)) < 2:
        yield "fewer than two numbers that can be dialled there"
    elif units(text[: text.index(found[0]) + len(found[0])]) > FIRST_NUMBER:
        yield f"the first number does not end within the first {FIRST_NUMBER} units"
    if ADDRESS.search(text):
        yield "a web address is no help in an emergency"


def _dialable(book: Book, state: State, language: Language, here: str | None) -> Iterator[str]:
    """The numbers of a page that work where the reader is; in an unknown place those of any country it names."""
    for kind, name in places(book.words(state.id, state.pages_for(here)[0], language)):
        if kind == "call":
            yield book.dial(book.call(name, here), here)
        elif kind == "tel":
            yield book.dial(book.helplines[name], here)
        elif kind == "local" and here in (book.helplines[name].country, None):
            yield book.helplines[name].local or ""


def units(text: str) -> int:
    """UTF-16 code units, the measure of a text in Khmer."""
    return len(text.encode("utf-16-le")) // 2


def _topics(book: Book) -> Iterator[Problem]:
    for topic in sorted(TOPICS - ACTIONS - set(book.topics)):
        yield Problem("error", "messages/states", f"The topic {topic} has no state to begin with.")


def _reach(book: Book) -> Iterator[Problem]:
    """Every state can be reached: from a topic, as a help card, by the engine itself (system), or from a menu."""
    todo = [*book.topics.values(), *(name for name in book.states if name.startswith(("system.", "countries.")))]
    reached: set[str] = set()
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            todo += [choice.go for choice in book.states[name].choices]
    for state in book.states.values():
        if state.id not in reached:
            yield Problem("error", state.where, f"Nothing leads to {state.id}.")


def _translations(book: Book) -> Iterator[Problem]:
    """Every text is there in both Khmer spellings, each in its own script; Latin spellings cost no Unicode SMS."""
    languages = {choice.label for state in book.states.values() for choice in state.choices if choice.language}
    for context, text in dict.fromkeys(book.texts()):
        for language in LANGUAGES:
            said = book.catalogs[language].get((context, text), text if language == "en" else None)
            fault = "is not translated" if said is None else _script_fault(said, language, named=text in languages)
            if fault:
                yield Problem("error", where(book, context), f"{context} in {language}: {text[:40]!r} {fault}.")


def where(book: Book, context: str) -> str:
    """`file:line` of the state or notice a context belongs to."""
    name = context.removesuffix("/choice")
    if name in book.states:
        return book.states[name].where
    return next((notice.where for notice in book.notices if name == f"notice/{notice.id}"), f"messages ({context})")


def _script_fault(said: str, language: Language, *, named: bool) -> str | None:
    """`named`: the label of a language, which may be written in that language's own script."""
    words = PLACE.sub("", said)
    if language != "km":
        foreign = forcing(words)
        return f"holds {foreign[0][1]!r}, which makes the SMS dearer (no GSM-7 sign)" if foreign else None
    needs = any(sign.isalpha() for sign in words) and not named
    return "holds no Khmer" if needs and not has_khmer(words) else None


def _literal_numbers(book: Book) -> Iterator[Problem]:
    """Numbers to call come from the ledger only, so that one change there changes every text."""
    ledger = {digits for line in book.helplines.values() for digits in numbers(f"{line.local} , {line.e164}")}
    for context, text in dict.fromkeys(book.texts()):
        for language in LANGUAGES:
            said = YEARS.sub("", PLACE.sub(" , ", book.words(context, text, language)))
            for number in numbers(said):
                if len(number) > LONGEST_AMOUNT or number in ledger:
                    what = f"{context} in {language}: {number} looks like a phone number; use a placeholder."
                    yield Problem("error", where(book, context), what)


def _local_numbers(book: Book) -> Iterator[Problem]:
    """A number as dialled inside a country is told together with the name of that country."""
    for state in book.states.values():
        for page in (page for pages in (state.pages, *state.by_country.values()) for page in pages):
            for code, name in ((book.helplines[name].country, name) for kind, name in places(page) if kind == "local"):
                country = book.countries[code].name if code in book.countries else code
                if code != state.place and country not in page and "{country}" not in page:
                    what = f"{state.id} gives {{local:{name}}} without naming {country}."
                    yield Problem("error", state.where, what)


def _notices(book: Book, today: date) -> Iterator[Problem]:
    alarming = [fold(word) for word in sorted(book.alarming)]
    for notice in book.notices:
        if notice.valid_until < today:
            yield Problem("error", notice.where, f"The notice {notice.id} has expired on {notice.valid_until}.")
        elif notice.valid_until - today <= NOTICE_WARNING:
            yield Problem("warning", notice.where, f"The notice {notice.id} expires on {notice.valid_until}.")
        for language in LANGUAGES:
            preview = fold(book.words(f"notice/{notice.id}", notice.say, language)[:PREVIEW])
            for word in alarming:
                if word in preview:
                    what = f"The notice {notice.id} in {language} begins with the alarming word {word!r}."
                    yield Problem("error", notice.where, what)


def _ledger(book: Book, today: date, level: Literal["error", "warning"]) -> Iterator[Problem]:
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
