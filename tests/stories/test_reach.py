"""Real texts lead to every text of every state in every language; what is said on the way fits and quotes nobody.

The walk asks as a phone does: it sends command words, orders and numbers of menus to the engine, turns every page with
MORE, and does so from every country that makes a difference. What was said is noted where the Book looks words up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from functools import cache
from statistics import median
from typing import NamedTuple

import pytest
from stories.stage import words

from bot.check.readers import fills, spots
from bot.content.book import LANGUAGES, Book, Language
from bot.conversation.asked import answered
from bot.conversation.engine import step
from bot.conversation.hours import Hours
from bot.conversation.registry import Agency, Campaign, Registry
from bot.conversation.screens import Entry, Phone, answer, press, withheld
from bot.conversation.session import Session
from bot.protocol import Display
from bot.text.sms import segments

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
BOOK, READER = words()
CANARY = "Zqxvwplk"
LISTED = Registry(
    (
        Agency("Angkor Sample Co., Ltd.", "អង្គរ សំណាក", "001", ("KR",)),
        Agency("Angkor Second Co., Ltd.", status="suspended"),
        Agency("Mekong Third Co., Ltd.", status="ended"),
    ),
    "ministry",
    date(2026, 10, 1),
    {code: Campaign(code, code, phase) for code, phase in (("KYA12", "before"), ("KYA13", "after"))},
    {"departure": frozenset({"KYA12"})},
    frozenset({"KYA12"}),
)
EVERY_DAY, ONE_DAY = ((time(8), time(17)),), ((time(14), time(17)),)
HOURS = (
    Hours((EVERY_DAY,) * 7),
    Hours((ONE_DAY,) * 7),
    Hours((ONE_DAY,) * 7, frozenset({date(2026, 11, 22)})),
    Hours((ONE_DAY, *[()] * 6), frozenset({date(2026, 11, 23)})),
)
"""At ten in the morning of a Sunday somebody reads; or today, tomorrow, or a week later on."""
UNLISTED = Registry(series={"departure": frozenset({"KYA12"})})
"""Nothing but a campaign that is not the person's."""
ARGUMENTS = {
    "agency": ("", "Angkor", "Angkor Sample", "Angkor Second", "Mekong Third", CANARY),
    "depart": ("15 1", "31 12 27", "32 1"),
    "join": ("", "KYA12", "KYA13", "ZZ99"),
    "loan": (
        "",
        "500 18 12",
        "500 24 12",
        "500 1.5 12",
        "500 18% year 12",
        "500 9 12",
        "500 1.5% month 12",
        "2000000 riel 18 12",
        "9 9",
        "0 0 0",
    ),
    "quiz": ("", "KYA12", "KYA13", "ZZ99"),
}
"""What may follow the word of a tool; others are called by the word alone."""
LOST = ("qwzx", "plgrmf vbnt", "...")
"""Texts that say nothing; two in a row get a way out."""
GUESSED = ("please delete everything you know of me",)
"""Texts that are understood without a command word."""
FALLBACK = "system.this_country"
"""Stands for the name of a country without a card; said only while a text names such a one."""
ALSO = ("qwzx", "1", "yes", "no", "0", CANARY)
"""What is tried in an open tool and after every command."""
UNKNOWN = "DE"
"""A country of which the texts know nothing."""


class Page(NamedTuple):
    """A page of a state."""

    state: str
    number: int


@dataclass
class Walk:
    """One phone in one country, spoken to in one language; `roams`: it also asks about every country of a menu."""

    language: Language
    home: str | None
    registry: Registry = field(default_factory=Registry)
    roams: bool = False
    book: Book = field(default_factory=lambda: replace(BOOK))  # its answers must not come from another walk's cache
    seen: set[tuple[object, ...]] = field(default_factory=set)

    def send(self, session: Session, text: str) -> Session:
        turn = step(self.book, READER, session, text, NOW, registry=self.registry)
        return turn.session._replace(home=self.home, opted_out=False)

    def start(self) -> Session:
        return Session(language=self.language, pinned=True, home=self.home, at=NOW)

    def commands(self) -> Iterator[str]:
        """The first word of every command and every order, with what may follow."""
        lexicon = self.book.lexicon
        yield from (next(iter(found)) for name, found in lexicon.whole.items() if not name.startswith("language "))
        for name, found in lexicon.orders.items():
            yield from (f"{next(iter(found))} {rest}".strip() for rest in ARGUMENTS.get(name, ("",)))

    def everything(self) -> None:
        """From every command down every menu and every tool."""
        for text in (*LOST, *GUESSED, *self.commands()):
            self.send(self.start()._replace(opted_out=True), text)
            session = self.send(self.start(), text)
            self.down([session])
            self.down([self.send(session, also) for also in ALSO])

    def down(self, sessions: Iterable[Session]) -> None:
        """On from these answers, wherever the walk was not before."""
        ends = [(session, "") for session in sessions]
        while ends := [end for end in ends if self.is_new(*end)]:
            ends = [self.on(*end, text) for end in ends for text in self.onward(end[0])]

    def on(self, session: Session, answers: str, text: str) -> tuple[Session, str]:
        """Where the text leads, and the numbers that the open tool was sent so far."""
        after = self.send(session, text)
        return after, answers + text if after.tool == session.tool and text.isdecimal() else ""

    def is_new(self, session: Session, answers: str) -> bool:
        """Different answers to a tool lead to different ends: rows of one, and at home of two numbers are tried."""
        place = (session.state, session.page, session.country, session.given)
        if place in self.seen or (session.tool and len(set(answers)) > 1 + self.roams):
            return False
        self.seen.add(place)
        return True

    def onward(self, session: Session) -> Iterator[str]:
        state = self.book.states.get(session.state or "")
        if state:
            yield "more"
            choices = enumerate(state.choices, 1)
            yield from (str(number) for number, choice in choices if self.roams or choice.country is None)
        if session.tool and not session.given:
            yield from ALSO


@cache
def walked() -> tuple[frozenset[tuple[str, str, Language]], dict[Language, dict[str, Page]]]:
    """(state or choice, English text, language) of everything said; the finished texts, each with its page."""
    found: set[tuple[str, str, Language]] = set()
    look_up, answer = Book.words, Book.answer

    def noted(book: Book, context: str, text: str, language: Language) -> str:
        found.add((context, text, language))
        return look_up(book, context, text, language)

    def answered(book: Book, state_id: str, language: Language, **place: object) -> str:
        text = answer(book, state_id, language, **place)
        texts[language][text] = Page(state_id, int(str(place.get("page", 0))))
        return text

    differing = {code for state in BOOK.states.values() for code in state.by_country}
    texts: dict[Language, dict[str, Page]] = {language: {} for language in LANGUAGES}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Book, "words", noted)
        patch.setattr(Book, "answer", answered)
        for language in LANGUAGES:
            for registry in (UNLISTED, LISTED):
                Walk(language, "KH", registry, roams=registry is LISTED).everything()
            nothing = Walk(language, "KH")
            nothing.send(nothing.start(), "depart 15 1")
            for country in (None, UNKNOWN, *sorted(differing)):
                abroad(language, country)
                for hours in HOURS:
                    asks_for_a_person(language, country, Registry(hours=hours))
            called(language)
            sent(language)
    return frozenset(found), texts


def abroad(language: Language, country: str | None) -> None:
    """From a phone of that country; and from any phone about that country, named in a text."""
    walk = Walk(language, country)
    walk.down([walk.send(walk.start(), "menu")])
    walk.down([walk.send(walk.send(walk.start(), text), text) for text in LOST])
    if country:
        walk = Walk(language, country)
        named = walk.send(walk.start(), f"work in {name_of(country)}")
        walk.down([walk.send(named, "menu")])


def asks_for_a_person(language: Language, country: str | None, registry: Registry) -> None:
    """Where one of staff reads at some hours."""
    walk = Walk(language, country, registry)
    walk.send(walk.send(walk.start(), "person"), "back")


def called(language: Language) -> None:
    """A phone that dials: every line of the first screen, an answer by SMS, one too many, and a call that broke."""
    book = replace(BOOK)
    phone = Phone(book, READER, NOW, LISTED, Display(), sms=True)
    begun = answer(phone, Session(language=language, pinned=True, home="KH"), Entry("first", "")).session
    for line in range(1, 10):
        press(phone, begun, str(line))
    costs = press(phone, begun, "costs").session
    for keys in (["00"], ["0"], [*"9" * 12, *"110"]):
        session = costs
        for key in keys:
            turn = press(phone, session, key)
            session = turn.session
            if turn.by_sms:
                withheld(phone, turn)
    answer(phone, costs, Entry("second", ""))


def sent(language: Language) -> None:
    """A phone that gets every text that is sent unasked, and answers each question with each of its lines."""
    book = replace(BOOK)
    session = Session(language=language, pinned=True, home="KH")
    for state in book.states.values():
        if state.id.startswith(("broadcasts.", "duty.")):
            (filled,) = fills(state)
            book.answer(state.id, language, here=None, there=None, today=NOW.date(), fills=filled)
        for line in range(len(state.choices) if state.asks else 0):
            text = str(line + 1)
            assert answered(book, READER, session, text, NOW, question=state.id, asked_at=NOW)


def name_of(country: str) -> str:
    """A word by which the country is known."""
    return next((place.words[0] for place in BOOK.lexicon.places if place.code == country), country)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_every_state_is_reached(language: Language) -> None:
    found, _ = walked()
    assert sorted(wanted() - {(context, text) for context, text, said in found if said == language}) == []


def wanted() -> set[tuple[str, str]]:
    """Every page, variant and choice of every state."""
    return {
        (context, text)
        for state in BOOK.states.values()
        if state.id != FALLBACK
        for context, text in (
            *((state.id, page) for pages in (state.pages, *state.by_country.values()) for page in pages),
            *((choice.context, choice.label) for choice in state.choices),
        )
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_is_within_its_budget(language: Language) -> None:
    _, texts = walked()
    budgets = {text: BOOK.states[page.state].budget for text, page in texts[language].items()}
    assert [text for text, budget in budgets.items() if len(segments(text).parts) > budget] == []


def test_the_median_khmer_answer_is_two_segments_at_most() -> None:
    """Each page counts once, by the median of its forms; so does each state by its first page."""
    _, texts = walked()
    parts: dict[Page, list[int]] = {}
    for text, page in texts["km"].items():
        parts.setdefault(page, []).append(len(segments(text).parts))
    assert median(median(forms) for forms in parts.values()) <= 2
    assert median(median(forms) for page, forms in parts.items() if page.number == 0) <= 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_emergency_answer_is_one_segment_everywhere(language: Language) -> None:
    for country in spots(BOOK):
        turn = step(BOOK, READER, Session(language=language, pinned=True, home=country, at=NOW), "SOS", NOW)
        assert turn.replies[0].emergency
        assert len(segments(turn.replies[0].text).parts) == 1


@pytest.mark.parametrize("state", sorted(BOOK.states))
def test_nobody_is_quoted(state: str) -> None:
    """Neither a text that is not understood nor what follows the word of a tool is ever said back."""
    orders = (f"{next(iter(found))} {CANARY}" for found in BOOK.lexicon.orders.values())
    for text in (CANARY, f"my name is {CANARY}", *orders):
        session = Session(language="en", pinned=True, home="KH", state=state, at=NOW)
        turn = step(BOOK, READER, session, text, NOW, registry=LISTED)
        assert not [reply for reply in turn.replies if CANARY.casefold() in reply.text.casefold()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_is_quoted_in_an_open_tool(language: Language) -> None:
    _, texts = walked()
    assert [text for text in texts[language] if CANARY.casefold() in text.casefold()] == []
