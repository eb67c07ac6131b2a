"""People as staff see them: looked up by number, by what is known of them, one by one; never their number itself."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple, TypeVar

from bot.content.book import LANGUAGES, Book
from bot.phone import parse
from bot.services import campaigns, faces, privacy
from bot.services.audit import About, Event, note
from bot.services.contacts_cells import read_tags
from bot.services.service import Service
from bot.store import contacts, erasure
from bot.store import people as store
from bot.store.database import Tx
from bot.store.people import Consented, Contacted, Found
from bot.store.state import SETTLED, State

T = TypeVar("T")

PAGE: Final = 50
NEWEST: Final = sys.maxsize
CASES: Final = 20
WAITS, LEFT_OUT = "queued", "excluded"
_ENDED: Final[Mapping[State, str]] = {
    State.UNKNOWN: "unknown",
    State.ACCEPTED: "sent",
    State.SENT: "sent",
    State.FAILED: "failed",
    State.UNDELIVERED: "failed",
    State.DELIVERED: "delivered",
    State.READ: "delivered",
}


class Unknown(Exception):
    """Nobody is known by this id: perhaps they were forgotten meanwhile."""


class Line(NamedTuple):
    """Somebody in a list."""

    person: Found
    masked: str
    tags: tuple[str, ...]


class Page(NamedTuple):
    """Some people, the newest first. `older`: before whom to go on; None if there is nobody more."""

    lines: list[Line]
    older: int | None


class Given(NamedTuple):
    """A broadcast somebody is a recipient of. `outcome` as the pages of broadcasts call it."""

    id: int
    title: str
    at: int
    outcome: str


class Case(NamedTuple):
    """That staff had something to do for somebody."""

    id: int
    kind: str
    opened_at: int
    closed_at: int | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class Person:
    """All that is known of somebody, but for the number. Who is `erased` is only somebody who wants nothing."""

    known: Contacted
    masked: str
    tags: tuple[str, ...]
    days: tuple[tuple[str, str], ...]
    consents: tuple[Consented, ...]
    broadcasts: tuple[Given, ...]
    cases: tuple[Case, ...]

    @property
    def id(self) -> int:
        return self.known.id

    @property
    def erased(self) -> bool:
        return self.known.number_sealed is None


def page(service: Service, wanted: Mapping[str, str], before: int = NEWEST, limit: int = PAGE) -> Page:
    """People whom all of `wanted` fits: a tag, a campaign, a destination, a province. Raises `StoreError`."""

    def work(tx: Tx) -> Page:
        found, older = store.page(tx, wanted, before, limit)
        tags: dict[int, list[str]] = {}
        for person, tag in contacts.tags(tx, [each.id for each in found]):
            tags.setdefault(person, []).append(tag)
        lines = [Line(each, _masked(service, each.id, each.number_sealed), _all(tags, each.id)) for each in found]
        return Page(lines, older)

    return service.database.read(work)


def find(service: Service, number: str, by: str) -> int | None:
    """Who has this number; noted, whether anybody has. Raises `NotAPhone` and `StoreError`."""
    key = service.vault.number_key(parse(number).e164)

    def work(tx: Tx) -> int | None:
        person = erasure.person(tx, key)
        about = None if person is None else About("contact", person)
        note(service, tx, Event.CONTACT_SOUGHT, by, about=about, found=person is not None)
        return person

    return service.database.write(work)


def person(service: Service, contact_id: int) -> Person | None:
    """What is known of somebody. Whoever shows it takes `look`. Raises `StoreError`."""
    return service.database.read(partial(_person, service, contact_id))


def look(service: Service, contact_id: int, by: str) -> Person | None:
    """The same, and a note that it was looked at. Raises `StoreError`."""

    def work(tx: Tx) -> Person | None:
        found = _person(service, contact_id, tx)
        if found is not None:
            note(service, tx, Event.CONTACT_READ, by, about=About("contact", contact_id))
        return found

    return service.database.write(work)


def block(service: Service, contact_id: int, *, blocked: bool, by: str) -> None:
    """Keep everything nobody asked for from somebody, or no more. Raises `Unknown` and `StoreError`."""
    event = Event.CONTACT_BLOCKED if blocked else Event.CONTACT_UNBLOCKED

    def work(tx: Tx) -> None:
        if not store.block(tx, contact_id, service.now() if blocked else None):
            raise Unknown
        note(service, tx, event, by, about=About("contact", contact_id))

    _alone(service, contact_id, work)


def tag(service: Service, contact_id: int, add: Sequence[str], remove: Sequence[str], by: str) -> None:
    """Put tags on somebody and take others off. Raises `Unread`, `Unknown` and `StoreError`."""
    wanted, unwanted = read_tags(add), read_tags(remove)

    def work(tx: Tx) -> None:
        known = store.one(tx, contact_id)
        if known is None or known.number_sealed is None:
            raise Unknown
        tx.run_many(contacts.UNTAG, [{"of": contact_id, "tag": each} for each in unwanted])
        tx.run_many(contacts.TAG, [{"contact_id": contact_id, "tag": each} for each in wanted])
        about = About("contact", contact_id)
        note(service, tx, Event.CONTACT_TAGGED, by, about=about, added=len(wanted), removed=len(unwanted))

    _alone(service, contact_id, work)


def erase(service: Service, contact_id: int, by: str) -> None:
    """Leave nothing of somebody but that they want nothing. Raises `Unknown` and `StoreError`."""
    privacy.erase_key(service, _key(service, contact_id), by)


def _key(service: Service, contact_id: int) -> bytes:
    known = service.database.read(lambda tx: store.one(tx, contact_id))
    if known is None:
        raise Unknown
    return known.number_key


def asked(book: Book, consent: Consented) -> str | None:
    """The words somebody said yes to; None if they are not those of the texts any more, and nobody wrote them down."""
    if consent.words is not None:
        return consent.words
    state = book.states.get(campaigns.QUESTION)
    for language in LANGUAGES if state else ():
        if state and campaigns.question(book, language) == consent.question:
            return book.words(campaigns.QUESTION, state.pages[0], language).replace("{fill:campaign}", consent.name)
    return None


def _alone(service: Service, contact_id: int, work: Callable[[Tx], T]) -> T:
    """While nothing else is done with this number."""
    return service.database.write(work, _key(service, contact_id))


def _person(service: Service, contact_id: int, tx: Tx) -> Person | None:
    known = store.one(tx, contact_id)
    if known is None:
        return None
    return Person(
        known,
        _masked(service, contact_id, known.number_sealed),
        tuple(tag for _, tag in contacts.tags(tx, [contact_id])),
        tuple((kind, day) for _, kind, day in contacts.days(tx, [contact_id])),
        tuple(store.consents(tx, contact_id)),
        tuple(_given(*row) for row in store.broadcasts(tx, contact_id)),
        tuple(Case._make(row) for row in store.cases(tx, contact_id, CASES)),
    )


def _given(broadcast: int, title: str, at: int, state: int | None) -> Given:
    if not state or State.QUEUED <= state < SETTLED:
        return Given(broadcast, title, at, WAITS)
    ended = _ENDED.get(State(state)) if state in set(State) else None
    return Given(broadcast, title, at, ended or LEFT_OUT)


def _masked(service: Service, contact_id: int, sealed: bytes | None) -> str:
    return faces.masked(service.vault.open(sealed, "number", contact_id).decode() if sealed else None)


def _all(tags: Mapping[int, list[str]], contact_id: int) -> tuple[str, ...]:
    return tuple(tags.get(contact_id, ()))
