"""AGENCY name: is a company on the list of licensed agencies? No answer says that it is good."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from hashlib import sha256
from typing import Final

from bot.content.book import Book, Language
from bot.conversation.directory import Directory, Speller
from bot.conversation.orders import GIVES_WAY, Order
from bot.conversation.registry import Agency, Registry
from bot.conversation.session import Session, Turn
from bot.conversation.talk import Fills, Talk, arrive
from bot.text.cluster import clusters

NAME = 40
"""Characters of a name told alone; the states' `fills` allow for these sizes."""
NAME_IN_ROW = 32
PLACES = 20
LICENCE = 13
SENT_BY_STATE = "KR"
"""Where no company may recruit for: the topic itself says so."""
TOPIC = "agency_check"
CERTAIN = 0.9
ANYTHING = 2.0
"""What may be a name is taken for something else only with this certainty; the text around it may mean anything."""


class AgencyCheck:
    """Looks a name up. `given`: the agencies shown last, by a fingerprint that is good for this list only."""

    name: Final = "agency"

    def begin(self, talk: Talk, session: Session, rest: str) -> Turn | None:
        """What the list says of a name; without a name the question for it, if there is a list to look into."""
        name = _speller(talk.book).asked(rest)
        if name is None:
            listed = directory(talk.book, talk.registry).find(rest).agency
            return _tell(talk, session._replace(tool=self.name), listed) if listed else None
        place = talk.reader.country(rest)
        if place and (place == SENT_BY_STATE or _only_place(talk, rest)):
            return arrive(talk, session._replace(country=place), talk.book.states[talk.book.topics[TOPIC]])
        session = session._replace(tool=self.name, given=())
        if name:
            return self._search(talk, session, name)
        return arrive(talk, session, talk.book.states["agency.ask"]) if talk.registry.agencies else None

    def answer(self, talk: Talk, session: Session) -> Turn | None:
        """The name that was asked for, or the number of the one that is meant."""
        if session.state == "agency.maybe" and (number := talk.reader.number(talk.text)) is not None:
            return self._choose(talk, session, number)
        if session.state not in ("agency.ask", "agency.maybe", "agency.unknown"):
            return None
        name = _speller(talk.book).asked(talk.text)
        if not name:
            return None
        turn = self._search(talk, session._replace(given=()), name)
        if turn.session.state != "agency.unknown":
            return turn
        return turn if session.state == "agency.ask" and not _means_else(talk, talk.text) else None

    def again(self, talk: Talk, session: Session) -> Turn | None:
        """What was said last, in the language of now."""
        known = {_print(agency): agency for agency in talk.registry.agencies}
        shown = tuple(known[each] for each in session.given if each in known)
        if session.state is None or len(shown) < len(session.given):
            return None
        return _show(talk, session, session.state, shown)

    def _search(self, talk: Talk, session: Session, name: str) -> Turn:
        registry = talk.registry
        if not registry.agencies:
            return arrive(talk, session, talk.book.states["agency.no_list"])
        found = directory(talk.book, registry).find(name)
        if found.agency:
            return _tell(talk, session, found.agency)
        return _show(talk, session, "agency.maybe" if found.maybe else "agency.unknown", found.maybe)

    def _choose(self, talk: Talk, session: Session, number: int) -> Turn | None:
        """The agency of this number; the number after the last means none of them."""
        if number == len(session.given) + 1:
            return _show(talk, session, "agency.unknown", ())
        if not 1 <= number <= len(session.given):
            return self.again(talk, session)
        wanted = session.given[number - 1]
        agency = next((each for each in talk.registry.agencies if _print(each) == wanted), None)
        return _tell(talk, session, agency) if agency else None


def name_order(talk: Talk) -> Order | None:
    """An order for this tool that only sounds like another topic, as `AGENCY golden bridge` does."""
    order = talk.reader.order(talk.text, ANYTHING)
    if order is None or order.name != AgencyCheck.name or not _speller(talk.book).asked(order.rest):
        return None
    return None if _means_else(talk, order.rest) else order


@lru_cache(maxsize=2)
def directory(book: Book, registry: Registry) -> Directory:
    """The list of a registry, ready to be searched. The one before is kept: some may still ask it."""
    return Directory(registry.agencies, _speller(book))


@lru_cache(maxsize=2)
def _speller(book: Book) -> Speller:
    return Speller(book.lexicon.agencies)


def _only_place(talk: Talk, rest: str) -> bool:
    """Whether nothing but a country is named: that asks which agencies there are."""
    heard = talk.reader.plain(rest)
    return heard is not None and heard.topic == "country"


def _means_else(talk: Talk, name: str) -> bool:
    """Whether what is to be a name surely is about something else."""
    heard = talk.reader.plain(name)
    return heard is not None and heard.topic not in GIVES_WAY and heard.confidence >= CERTAIN


def _tell(talk: Talk, session: Session, agency: Agency) -> Turn:
    """The agency that is meant."""
    return _show(talk, session, "agency.found" if agency.status == "licensed" else "agency.stopped", (agency,))


def _show(talk: Talk, session: Session, state: str, agencies: tuple[Agency, ...]) -> Turn:
    """One of the answers, with the agencies it names."""
    session = session._replace(given=tuple(map(_print, agencies)))
    language = session.language or "km"
    every = {
        "agency": agencies and describe(talk.book, agencies[0], language),
        "date": _day(talk.registry.agencies_date),
        "names": "\n".join(f"{at}. {row}" for at, row in enumerate(_rows(agencies, language), 1)),
        "none": str(len(agencies) + 1),
    }
    wanted = talk.book.states[state].fills
    fills: Fills = tuple((name, text) for name, text in every.items() if name in wanted and isinstance(text, str))
    return arrive(talk, session, talk.book.states[state], fills=fills)


def describe(book: Book, agency: Agency, language: Language) -> str:
    """The name as the list writes it, with its licence number and countries in brackets where the list has them."""
    name = _named(agency, language, NAME)
    places = [book.country_name(code, language) if code in book.countries else code for code in agency.countries]
    known = [_cut(agency.licence, LICENCE), _joined(places)]
    about = "; ".join(filter(None, known))
    return f"{name} ({about})" if about else name


def _joined(places: list[str]) -> str:
    """As many of the places as there is room for, and how many more there are."""
    shown = len(places)
    while shown > 1 and len(", ".join(places[:shown])) > PLACES - (3 if shown < len(places) else 0):
        shown -= 1
    more = f" +{len(places) - shown}" if shown < len(places) else ""
    return _cut(", ".join(places[:shown]), PLACES - len(more)) + more


def _rows(agencies: tuple[Agency, ...], language: Language) -> Iterator[str]:
    """Their names; where two read the same, with what tells them apart: one may have a licence and one have lost it."""
    names = [_named(each, language, NAME_IN_ROW) for each in agencies]
    for agency, name in zip(agencies, names, strict=True):
        apart = _cut(agency.licence or ", ".join(agency.countries), LICENCE) if names.count(name) > 1 else ""
        yield f"{_named(agency, language, NAME_IN_ROW - len(apart) - 3)} ({apart})" if apart else name


def _named(agency: Agency, language: Language, most: int) -> str:
    """The name in the reader's script, if the list has it."""
    first, second = (agency.name_km, agency.name_en) if language == "km" else (agency.name_en, agency.name_km)
    return _cut(first or second, most)


def _cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    kept = ""
    for cluster in clusters(text):
        if len(kept) + len(cluster) > most - 2:
            break
        kept += cluster
    return f"{kept.rstrip()}.."


def _print(agency: Agency) -> str:
    """What an agency is remembered by between two texts."""
    return sha256(repr(agency).encode()).hexdigest()[:8]


def _day(day: date | None) -> str:
    return f"{day.day}/{day.month}/{day.year}" if day else "?"
