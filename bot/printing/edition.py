"""One edition: for whom, about which country, and the texts with everything filled in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from re import Match

from bot.content.book import Book, Language
from bot.content.paper import Line
from bot.content.template import PLACE

HOME = "KH"
"""Where a print is made and read first."""


def written(number: str) -> str:
    """A number or code as it is dialled or typed."""
    return number


@dataclass(frozen=True, slots=True)
class Edition:
    """`country` is the other country it is about, `code` a campaign people may join, `number` what they text.

    `looked_over` is the day the texts were drafted, or `read` by a native speaker.
    """

    book: Book
    language: Language
    today: date
    looked_over: date
    read: bool = False
    country: str | None = None
    code: str | None = None
    number: str | None = None

    def text(self, name: str, day: date | None = None) -> str:
        """A single text of the paper."""
        return self.say("print", self.book.paper.texts[name], day=day)

    def lines(self, context: str, lines: Iterable[Line], tell: Callable[[str], str] = written) -> Iterator[str]:
        """Those lines for which everything is given. `tell` writes numbers and codes."""
        given = {"country": self.country, "code": self.code, "number": self.number, None: True}
        yield from (self.say(context, line.say, tell=tell) for line in lines if given[line.needs])

    def say(self, context: str, text: str, *, day: date | None = None, tell: Callable[[str], str] = written) -> str:
        """A text in the language of the edition, filled in."""

        def put(place: Match[str]) -> str:
            return self._put(place[1], place[2], day or self.today, tell)

        return PLACE.sub(put, self.book.words(context, text, self.language))

    def answer(self, state_id: str, *, here: str | None, page: int = 0) -> str:
        """A page of an answer, without its notices and the hint how to get the next one."""
        book, language = self.book, self.language
        text = book.answer(state_id, language, here=here, there=self.country, today=self.today, page=page)
        hint = book.words("system.hint_more", book.states["system.hint_more"].pages[0], language)
        for notice in self.notices(book.states[state_id].topic):
            text = text.removeprefix(notice).lstrip("\n")
        return text.removesuffix(hint).rstrip("\n")

    def answers(self, state_id: str, *, here: str | None) -> Iterator[str]:
        """All pages of an answer."""
        state = self.book.states[state_id]
        count = self.book.page_count(state_id, here if state.scope == "here" else self.country)
        yield from (self.answer(state_id, here=here, page=page) for page in range(count))

    def title(self, state_id: str) -> str:
        """What the menus call a state, which is also a word to send for it; empty where no menu names it."""
        choices = (choice for state in self.book.states.values() for choice in state.choices if choice.go == state_id)
        choice = next(choices, None)
        return self.book.label(choice, self.language) if choice else ""

    def notices(self, *topics: str) -> list[str]:
        """What is in force today on any of these topics in the edition's country."""
        return [
            self.say(f"notice/{notice.id}", notice.say)
            for notice in self.book.notices
            if any(notice.applies(topic, self.country, self.today) for topic in topics)
        ]

    def _put(self, kind: str, name: str, day: date, tell: Callable[[str], str]) -> str:
        book, place = self.book, self.country or HOME
        if kind == "country":
            return book.country_name(place, self.language)
        if kind == "fill":
            return self._given(name, day, tell)
        if kind == "tel":
            return tell(book.dial(book.helplines[name], HOME))
        if kind == "local":
            return tell(book.helplines[name].local or "")
        line = book.call(name, place)
        if kind == "call":
            return tell(book.dial(line, place))
        return book.role_label(name if name in line.roles else next(iter((*line.roles, name))), self.language)

    def _given(self, name: str, day: date, tell: Callable[[str], str]) -> str:
        if name == "day":
            return day.strftime("%d-%m-%Y")
        return tell((self.code if name == "code" else self.number) or "")
