"""The booklet: A5 pages with how to ask, numbers by country, answers and stories."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.printing.cards import cards
from bot.printing.edition import HOME, Edition
from bot.printing.page import render


@dataclass(frozen=True, slots=True)
class Section:
    """An answer or a story: its name and its pages."""

    title: str
    pages: tuple[str, ...]


def booklet(edition: Edition) -> str:
    """The booklet as HTML."""
    paper = edition.book.paper
    told: set[str] = set()
    return render(
        "booklet",
        edition,
        words=[(edition.say("print/send", word.send), edition.say("print/means", word.means)) for word in paper.words],
        menu=[edition.book.label(choice, edition.language) for choice in edition.book.states["menu.main"].choices],
        cards=cards(edition),
        advice=list(_advice(edition)),
        notices=edition.notices(*(edition.book.states[name].topic for name in (*paper.before, *paper.away))),
        before=list(_answers(edition, paper.before, HOME, told)),
        away=list(_answers(edition, paper.away, edition.country, told)),
        stories=[Section(edition.title(name), tuple(edition.answers(name, here=HOME))) for name in paper.stories],
    )


def _advice(edition: Edition) -> Iterator[Section]:
    """What the cards of the two countries say besides numbers; nothing in an edition for all countries."""
    for code in (HOME, edition.country) if edition.country else ():
        card, *others = edition.answers(f"countries.{code}", here=HOME)
        yield Section(card.partition("\n")[0], tuple(others))


def _answers(edition: Edition, names: Iterable[str], here: str | None, told: set[str]) -> Iterator[Section]:
    """Answers as read `here`. A page that several answers share is printed once."""
    for name in names:
        first, *others = edition.answers(name, here=here)
        fresh = [page for page in dict.fromkeys(others) if page not in told]
        told.update(fresh)
        yield Section(edition.title(name), (first, *fresh))
