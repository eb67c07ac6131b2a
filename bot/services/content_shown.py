"""Every text as a phone shows it: in each language as SMS and on USSD screens, and found by its words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from bot.check.readers import fills
from bot.content.book import HOME, LANGUAGES, Book, Language, State
from bot.content.template import PLACE
from bot.conversation import screens
from bot.conversation.registry import EMPTY
from bot.conversation.screens import Phone
from bot.conversation.session import Session, View
from bot.protocol import Display
from bot.services import content
from bot.services.service import Service
from bot.text.khmer import fold
from bot.text.sms import Encoding, segments

LONGEST_QUERY = 60


class Found(NamedTuple):
    """A state: its id, its topic, and how it begins, in each language."""

    id: str
    topic: str
    begins: dict[Language, str]


class Page(NamedTuple):
    """One answer: the parts of the SMS, what they cost in units, and the same on USSD screens."""

    parts: tuple[str, ...]
    encoding: Encoding
    units: int
    screens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A state in one language, for a phone in one country about another (or the same)."""

    language: Language
    pages: tuple[Page, ...]


def find(service: Service, words: str, after: str = "", limit: int = 50) -> list[Found]:
    """The states whose id, topic or texts hold these words, in the order of their ids; the first of them after one."""
    wanted = fold(words[:LONGEST_QUERY]).split()
    book = service.book
    matching = (found for found, said in _index(book) if found.id > after and all(word in said for word in wanted))
    return list(islice(matching, limit))


def countries(service: Service, state: State) -> list[str]:
    """The countries of phones and of questions for which a state may say something else."""
    if state.place:
        return [state.place]
    return list(dict.fromkeys([HOME, *state.by_country, *service.book.countries]))


def shown(service: Service, name: str, here: str | None, there: str | None) -> list[Shown]:
    """A state as it is said to a phone `here` about a country `there`. Raises `KeyError` for a state there is not."""
    state = service.book.states[name]
    return [_shown(service, state, language, state.place or here, there) for language in LANGUAGES]


def _shown(service: Service, state: State, language: Language, here: str | None, there: str | None) -> Shown:
    book, today = service.book, content.today(service)
    given = next(fills(state), ())
    phone = Phone(book, service.reader, service.clock(), EMPTY, Display())
    pages = []
    for page in range(book.page_count(state.id, here if state.scope == "here" else there)):
        text, bare = (
            book.answer(state.id, language, here=here, there=there, today=today, page=page, fills=given, bare=on_screen)
            for on_screen in (False, True)
        )
        session = Session(language, True, state.id, page, there, home=here, view=View(text=bare))
        size = segments(text)
        drawn = tuple(each.text for each in screens.drawn(phone, session))
        pages.append(Page(size.parts, size.encoding, size.units, drawn))
    return Shown(language, tuple(pages))


@lru_cache(maxsize=1)
def _index(book: Book) -> tuple[tuple[Found, str], ...]:
    """Every state with all that can be looked for in it."""
    return tuple((_found(book, state), _words(book, state)) for _, state in sorted(book.states.items()))


def _found(book: Book, state: State) -> Found:
    begins = {each: PLACE.sub("…", book.words(state.id, state.pages[0], each)) for each in LANGUAGES}
    return Found(state.id, state.topic, begins)


def _words(book: Book, state: State) -> str:
    pages: Iterable[str] = (page for pages in (state.pages, *state.by_country.values()) for page in pages)
    said = [book.words(state.id, page, language) for page in pages for language in LANGUAGES]
    said += [book.label(choice, language) for choice in state.choices for language in LANGUAGES]
    return "\n".join((state.id, state.topic, *map(fold, said)))
