"""A phone that is nobody's: how a talk would go by SMS and on USSD, from a number of some country. All of it in memory.

What was written is kept by whoever plays, sealed; from that the talk is had anew each time. So nothing of it needs a
place here, and what is played is always what the house would say now.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from bot.content.book import Language
from bot.conversation import screens
from bot.conversation.engine import step
from bot.conversation.registry import Registry
from bot.conversation.screens import Entry, Phone
from bot.conversation.session import Reply, Session, Turn
from bot.protocol import Display
from bot.services.service import Service
from bot.store.crypto import Unsealable
from bot.store.times import moment
from bot.text.khmer import clean
from bot.text.sms import Encoding, measure, segments

Way = Literal["sms", "ussd", "dial"]
"""How something is entered: as a text, into a USSD screen, or by calling the USSD number."""

MOST: Final = 20
"""Entries of one talk."""
LONGEST: Final = 200
"""Characters of an entry: twenty of them go back and forth with each page."""
LASTS: Final = 3_600_000
"""Milliseconds after which a talk that was left lying cannot be gone on with."""
LANGUAGES: Final[tuple[Language, ...]] = ("km", "km_Latn", "en")


class Stale(Exception):
    """What was sent is no talk of this session of staff, or too old a one."""


class Wrote(NamedTuple):
    """One entry, at an instant (ms)."""

    way: Way
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Talk:
    """Whose phone is played, and what was entered on it. Without a language it is answered as it writes."""

    country: str
    language: Language | None
    at: int
    wrote: tuple[Wrote, ...] = ()

    @property
    def left(self) -> int:
        """How much may still be entered."""
        return max(0, MOST - len(self.wrote))


class Cost(NamedTuple):
    """Between which sums something costs; networks of one country may differ."""

    least: Decimal
    most: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One text or screen, and its size. `room`: the units that a screen has; `ends`: the call is over with it."""

    text: str
    language: Language
    encoding: Encoding
    units: int
    parts: int = 1
    room: int = 0
    ends: bool = False
    costs: tuple[Cost, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """What was entered, None if nothing was, and what came back."""

    wrote: Shown | None
    answers: tuple[Shown, ...]


@dataclass(slots=True)
class Played:
    """A talk as it went: on either phone, and whether a USSD screen is open now. `parts` came by SMS."""

    sms: list[Line] = field(default_factory=list)
    ussd: list[Line] = field(default_factory=list)
    calling: bool = False
    parts: int = 0
    costs: tuple[Cost, ...] = ()


@dataclass(slots=True)
class _Person:
    """What the house would know of whoever plays."""

    sms: Session
    ussd: Session
    spoken: Language | None
    opted_out: bool = False
    joined: frozenset[str] = frozenset()


def begin(service: Service, country: str, language: Language | None = None) -> Talk:
    """A talk in which nothing was said. Raises `ValueError` for a country that has no help card."""
    if country not in service.book.countries or not (language is None or language in LANGUAGES):
        raise ValueError("no such phone")
    return Talk(country, language, service.now())


def enter(service: Service, talk: Talk, way: Way, text: str) -> Talk:
    """The talk with one more entry; as it was, if there is nothing to enter or it has been long enough."""
    written = "" if way == "dial" else clean(text)[:LONGEST]
    if not talk.left or (way != "dial" and not written):
        return talk
    now = service.now()
    return replace(talk, at=now, wrote=(*talk.wrote, Wrote(way, written, now)))


def seal(service: Service, talk: Talk, bound: str) -> str:
    """The talk for a form of the page; it opens only for the session of staff that it is `bound` to."""
    kept = [talk.country, talk.language, talk.at, talk.wrote]
    said = json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(service.vault.seal(said, f"simulator {bound}", 0)).decode()


def unseal(service: Service, sealed: str, bound: str) -> Talk:
    """The talk that was sealed. Raises `Stale`."""
    try:
        said = service.vault.open(base64.urlsafe_b64decode(sealed), f"simulator {bound}", 0)
    except (Unsealable, binascii.Error, ValueError):
        raise Stale from None
    country, language, at, wrote = json.loads(said)
    if abs(service.now() - at) > LASTS or country not in service.book.countries:
        raise Stale
    return Talk(country, language, at, tuple(Wrote(*each) for each in wrote))


def play(service: Service, talk: Talk) -> Played:
    """Have the talk. Reads which agencies and campaigns there are, and writes nothing."""
    registry = service.shelf.current()
    new = Session(talk.language, talk.language is not None, home=talk.country)
    person, played = _Person(new, new, talk.language), Played()
    for wrote in talk.wrote:
        known = replace(registry, joined=person.joined)
        if wrote.way == "sms":
            _texted(service, known, person, played, wrote)
        else:
            _pressed(service, known, person, played, wrote)
    played.parts = sum(answer.parts for line in played.sms for answer in line.answers)
    played.costs = costs(service, talk.country, played.parts)
    return played


def costs(service: Service, country: str, parts: int) -> tuple[Cost, ...]:
    """What so many parts to a number of a country cost, for each currency; nothing if staff gave no price."""
    found: dict[str, list[Decimal]] = {}
    for (place, _), price in service.prices.parts.items():
        if place == country:
            found.setdefault(price.currency, []).append(price.amount * parts)
    return tuple(Cost(min(sums), max(sums), currency) for currency, sums in sorted(found.items()))


def _texted(service: Service, registry: Registry, person: _Person, played: Played, wrote: Wrote) -> None:
    session = person.sms._replace(opted_out=person.opted_out)
    turn = step(service.book, service.reader, session, wrote.text, moment(wrote.at), registry=registry)
    person.sms = turn.session
    _remember(person, turn)
    played.sms.append(Line(_own(service, wrote.text, turn.session), _texts(service, turn.replies, turn.session)))


def _pressed(service: Service, registry: Registry, person: _Person, played: Played, wrote: Wrote) -> None:
    """One step of a call. Where no screen is open, anything entered calls anew."""
    new = wrote.way == "dial" or not played.calling
    session = person.ussd._replace(opted_out=person.opted_out)
    if new and person.spoken and person.spoken != session.language:
        session = session._replace(language=person.spoken, pinned=False)
    display = Display()
    phone = Phone(service.book, service.reader, moment(wrote.at), registry, display, service.sms_channel is not None)
    turn = screens.answer(phone, session, Entry("simulator", "" if new else wrote.text, new))
    person.ussd = turn.session
    _remember(person, turn)
    shown = tuple(_screen(reply, turn.session, display) for reply in turn.replies)
    played.calling = not any(screen.ends for screen in shown)
    played.ussd.append(Line(None if new else _own(service, wrote.text, turn.session), shown))
    if turn.by_sms:
        played.sms.append(Line(None, _texts(service, (turn.by_sms,), turn.session)))


def _remember(person: _Person, turn: Turn) -> None:
    """What the house would keep about the person beside the talk."""
    person.spoken = turn.session.language or person.spoken
    if "opt_out" in turn.acts:
        person.opted_out, person.joined = True, frozenset()
    if "opt_in" in turn.acts:
        person.opted_out = False
    if turn.joins and not person.opted_out:
        person.joined |= {turn.joins}
    if "erase" in turn.acts:
        new = Session(home=turn.session.home)
        person.sms, person.ussd, person.spoken = new, new, None
        person.opted_out, person.joined = True, frozenset()


def _texts(service: Service, replies: Iterable[Reply], session: Session) -> tuple[Shown, ...]:
    found = (_sized(reply.text, session.language or "km") for reply in replies)
    return tuple(replace(each, costs=costs(service, session.home or "", each.parts)) for each in found)


def _own(service: Service, text: str, session: Session) -> Shown:
    return _sized(text, service.reader.language(text) or session.language or "km")


def _sized(text: str, language: Language) -> Shown:
    size = segments(text)
    return Shown(text, language, size.encoding, size.units, len(size.parts))


def _screen(reply: Reply, session: Session, display: Display) -> Shown:
    encoding, ends = measure(reply.text)
    room = display.gsm7 if encoding == "GSM-7" else display.ucs2
    return Shown(reply.text, session.language or "km", encoding, ends[-1], room=room, ends=reply.ends)
