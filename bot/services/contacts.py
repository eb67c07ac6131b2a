"""Lists of people come in: looked through first, then page by page, so that a list that stopped halfway goes on."""

from __future__ import annotations

import json
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from bot.content.contact_words import key
from bot.phone import parse
from bot.services.agency_list import EAST
from bot.services.contacts_cells import ending, read_tags
from bot.services.contacts_file import Source, look_through
from bot.services.contacts_rows import Asked, Columns, Consent, Fault, Person, Reader, find_columns
from bot.services.service import Service
from bot.store import contacts as store
from bot.store.database import Tx
from bot.store.times import day

PAGE: Final = 500
"""Rows that come in together: some milliseconds, so that nobody who texts meanwhile waits for long."""
BLOCK: Final = 100 * PAGE
"""So many rows are put in the order of their keys first: a page then touches a hundredth of the index over the keys,
not all of it, which halves what an import writes."""
BREATH: Final = 0.006
"""Seconds between two pages at the end, when there is nothing left to read: whoever waits for the database gets it."""
CHANNEL: Final = "import"
"""Stands where the gateway of a consent by text would."""
DEPARTURE: Final = "departure"
AGAIN: Final = "is in an earlier row already"
STOPPED: Final = "has said STOP or ERASE; only START from this phone changes that"

_TOLD = ("language", "province", "district", "destination", "school")

Tell = Callable[[Fault], None]


class Elsewhere(Exception):
    """Somebody else takes the same file in at this moment."""


class Counts(Counter[str]):
    """How many rows are `new`, `changed`, `known` as they are, `repeated` in the file, `stopped` or `wrong`; together
    `rows`. `joined`: new consents; `silent`: people taken in without one; `unread`: cells not understood."""


@dataclass(frozen=True, slots=True)
class PeopleList:
    """One file and how it is to be read. `fingerprint` is of both."""

    source: Source
    columns: Columns
    asked: Asked
    reader: Reader
    fingerprint: str


def open_list(service: Service, path: Path, asked: Asked, sheet: str | None = None) -> PeopleList:
    """Look through a file once and find its columns; nothing is written. Raises `BadFile`, `Unread` and `OSError`."""
    source = look_through(path, sheet)
    columns = find_columns(source)
    known = _countries(service)
    reader = Reader(columns, asked, lambda cell: known.get(key(cell)))
    told = f"{source.digest}\n{sheet}\n{asked.told()}\n{BLOCK}/{PAGE}"  # what decides the order of the rows
    return PeopleList(source, columns, asked, reader, sha256(told.encode()).hexdigest())


def _countries(service: Service) -> Mapping[str, str]:
    """Countries by their names and larger towns, exactly as `messages/places.yaml` and `countries.yaml` have them.

    What a text might mean is guessed at; a list is not.
    """
    places = {key(word): place.code for place in service.book.lexicon.places for word in place.words}
    return places | {key(country.name): code for code, country in service.book.countries.items()}


def today(service: Service) -> date:
    """The day it is in Cambodia, where lists are written."""
    return (service.clock() + EAST).date()


def campaigns(service: Service) -> frozenset[str]:
    """The codes of all campaigns. Raises `StoreError`."""
    return service.database.read(store.campaigns)


def begun(service: Service, people: PeopleList) -> store.Begun | None:
    """How far this list has come, if it was begun before. Raises `StoreError`."""
    return service.database.read(lambda tx: store.begun(tx, people.fingerprint))


def forget(service: Service, people: PeopleList) -> None:
    """Let a list that is in come in again. Raises `StoreError`."""
    service.database.write(lambda tx: store.forget(tx, people.fingerprint))


def preview(service: Service, people: PeopleList, tell: Tell) -> Counts:
    """What would become of the rows of a list; nothing is written. Raises `BadFile` and `StoreError`."""
    counts, told = Counts(), _Telling(tell)
    for page in _in_order(_read(service, people)):
        plan = service.database.read(lambda tx, page=page: _plan(service, tx, page))  # type: ignore[misc]
        counts.update(page.counts + plan.counts)
        told.of(page, plan)
    return counts


def take_in(service: Service, people: PeopleList, author: str, tell: Tell, step: Callable[[int], None]) -> Counts:
    """Take a list in, or the rest of it; `step` is told how many rows are in. What is in already stays as it is.

    Raises `BadFile` (rows before it may be in), `Elsewhere` and `StoreError`; the same call goes on afterwards.
    """
    write, now = service.database.write, service.now()
    write(lambda tx: store.begin(tx, people.fingerprint, author, now))
    state = begun(service, people) or store.Begun(0, None, "{}")
    done, counts, told = state.done, Counts(json.loads(state.report)), _Telling(tell)
    if state.finished_at is not None:
        return counts
    for page in _in_order(_read(service, people)):
        if page.upto <= done:  # it came in before the import was interrupted
            plan = service.database.read(lambda tx, page=page: _plan(service, tx, page))  # type: ignore[misc]
        else:
            plan, counts = write(_Taking(service, people, page, done, counts))
            done = page.upto
            step(done)
        told.of(page, plan)
    finished = store.Begun(done, service.now(), json.dumps(counts))
    if not write(lambda tx: store.advance(tx, people.fingerprint, done, finished)):
        raise Elsewhere
    return counts


class _Telling:
    """Tells the faults of a block in the order of its rows."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._faults: list[Fault] = []

    def of(self, page: _Page, plan: _Plan) -> None:
        self._faults += (*page.faults, *plan.faults)
        if page.ends:
            for fault in sorted(self._faults):
                self._tell(fault)
            self._faults.clear()


class _Row(NamedTuple):
    """A person with the key and the network of the number, and the row of the list."""

    key: bytes
    number: int
    person: Person
    network: str | None


class _Page(NamedTuple):
    """Rows that come in together, without those that say nothing or say it again. The first page of a block has the
    faults of the whole block; the last one `ends` it. `upto`: so many rows of the list are in with it."""

    rows: list[_Row]
    faults: list[Fault]
    counts: Counts
    upto: int
    ends: bool = False


def _read(service: Service, people: PeopleList) -> Iterator[_Page]:
    """The pages in the order of the file."""
    rows = islice(people.source.rows(), people.columns.first_row - 1, None)
    read, key, network = people.reader.read, service.vault.number_key, _networks(service)
    seen: set[int] = set()
    upto = 0
    while page := list(islice(rows, PAGE)):
        found: list[_Row] = []
        faults: list[Fault] = []
        empty = 0
        for row in page:
            if not any(row.cells):
                empty += 1
                continue
            person = read(row, faults)
            if person is None:
                continue
            e164 = person.e164
            before = len(seen)
            seen.add(int(e164))
            if len(seen) == before:
                faults.append(Fault(row.number, "phone", AGAIN, e164[-3:], lost=True))
                continue
            found.append(_Row(key(e164), row.number, person, network(e164)))
        lost = Counter(fault.why == AGAIN for fault in faults if fault.lost)
        upto += len(page)
        counts = Counts(rows=len(page) - empty, repeated=lost[True], wrong=lost[False])
        counts["unread"] = len(faults) - lost.total()
        yield _Page(found, faults, counts, upto)


def _in_order(pages: Iterator[_Page]) -> Iterator[_Page]:
    """The same rows, block by block in the order of their keys; the same list always comes in the same pages.

    While a block is read, the one before it comes out: between two pages there is always a breath.
    """
    filling: list[_Page] = []
    ready: deque[_Page] = deque()
    for page in pages:
        filling.append(page)
        if ready:
            yield ready.popleft()
        if len(filling) == BLOCK // PAGE:
            while ready:
                yield ready.popleft()
            ready.extend(_block(filling))
            filling = []
    if filling:
        ready.extend(_block(filling))
    for page in ready:
        yield page
        time.sleep(BREATH)


def _block(pages: list[_Page]) -> Iterator[_Page]:
    rows = sorted(row for page in pages for row in page.rows)
    faults = [fault for page in pages for fault in page.faults]
    counts = Counts()
    for page in pages:
        counts.update(page.counts)
    first = pages[-1].upto - len(rows)
    yield _Page(rows[:PAGE], faults, counts, first + min(PAGE, len(rows)), ends=len(rows) <= PAGE)
    for begin in range(PAGE, len(rows), PAGE):
        end = min(begin + PAGE, len(rows))
        yield _Page(rows[begin:end], [], Counts(), first + end, ends=end == len(rows))


def _networks(service: Service) -> Callable[[str], str | None]:
    """The network of a number; numbers that begin alike are looked up once."""
    known: dict[str, str | None] = {}
    width = max(map(len, service.prices.networks), default=0)

    def network(e164: str) -> str | None:
        begin = e164[:width]
        if begin not in known:
            known[begin] = service.prices.network_of(e164)
        return known[begin]

    return network if width else lambda _: None


@dataclass(slots=True)
class _Plan:
    """What a page changes, as the statements of the store want it. `add` lacks the sealed numbers."""

    counts: Counts = field(default_factory=Counts)
    faults: list[Fault] = field(default_factory=list)
    add: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    change: list[dict[str, Any]] = field(default_factory=list)
    join: list[dict[str, Any]] = field(default_factory=list)
    tag: list[dict[str, Any]] = field(default_factory=list)
    day: list[dict[str, Any]] = field(default_factory=list)


class _Kept(NamedTuple):
    """What is kept of the people of a page besides their own rows."""

    memberships: set[tuple[int, str]]
    tags: set[tuple[int, str]]
    days: set[tuple[int, str, str]]


def _plan(service: Service, tx: Tx, page: _Page, *, hold: bool = False) -> _Plan:
    """Compare a page with what is known."""
    known = store.find(tx, [row.key for row in page.rows], hold=hold)
    ids = [each.id for each in known.values()]
    kept = _Kept(set(), set(), set())
    if ids:
        kept = _Kept(store.memberships(tx, ids), set(store.tags(tx, ids)), set(store.days(tx, ids)))
    plan, now = _Plan(), service.now()
    first = service.database.new_id(now, len(page.rows))
    for serial, row in enumerate(page.rows):
        found = known.get(row.key)
        if found is None:
            _add(plan, row, first + serial, now)
            _belong(plan, row.person, first + serial, _NOTHING, now)
            plan.counts["new"] += 1
        elif found.erased or found.opted_out_at is not None:
            plan.counts["stopped"] += 1
            plan.faults.append(Fault(row.number, "phone", STOPPED, ending(row.person.e164), lost=True))
            continue
        else:
            changed = _change(plan, row, found, now) | _belong(plan, row.person, found.id, kept, now)
            plan.counts["changed" if changed else "known"] += 1
        plan.counts["silent"] += row.person.consent is None
    plan.counts["joined"] = len(plan.join)
    return plan


_NOTHING = _Kept(set(), set(), set())


def _add(plan: _Plan, row: _Row, contact_id: int, now: int) -> None:
    person = row.person
    new = {
        "id": contact_id,
        "number_key": row.key,
        "opted_out_at": None,
        "created_at": day(now),
        "seen_at": min(person.consent.at, now) if person.consent else day(now),
        "language": person.language,
        "province": person.province,
        "district": person.district,
        "destination": person.destination,
        "school": person.school,
        "country": person.country,
        "network": row.network,
    }
    plan.add.append((person.e164, new))


def _change(plan: _Plan, row: _Row, found: store.Known, now: int) -> bool:
    """What the list says goes before what was known; what it does not say stays."""
    told = {name: getattr(row.person, name) or getattr(found, name) for name in _TOLD}
    if row.person.province and row.person.province != found.province and row.person.district is None:
        told["district"] = None  # it would be in another province
    told |= {"country": row.person.country or found.country, "network": row.network or found.network}
    consent = row.person.consent
    told["seen_at"] = max(found.seen_at, min(consent.at, now)) if consent else found.seen_at
    if all(getattr(found, name) == value for name, value in told.items()):
        return False
    plan.change.append({"row": found.id, **told})
    return True


def _belong(plan: _Plan, person: Person, contact_id: int, kept: _Kept, now: int) -> bool:
    """Consent, tags and days that are new; whether there are any."""
    changed = False
    consent = person.consent
    if consent is not None and (contact_id, consent.code) not in kept.memberships:
        changed = True
        of = {"contact_id": contact_id, "channel": CHANNEL, "joined_at": min(consent.at, now)}
        plan.join.append({**of, **_proof(consent)})
    for tag in person.tags:
        if (contact_id, tag) not in kept.tags:
            changed = True
            plan.tag.append({"contact_id": contact_id, "tag": tag})
    if person.departure and (contact_id, DEPARTURE, person.departure) not in kept.days:
        changed = True
        plan.day.append({"contact_id": contact_id, "kind": DEPARTURE, "day": person.departure})
    return changed


@lru_cache(maxsize=256)
def _proof(consent: Consent) -> Mapping[str, str]:
    return {
        "code": consent.code,
        "language": consent.language,
        "question": consent.question,
        "how": consent.how,
        "given_by": consent.given_by,
    }


@dataclass(frozen=True, slots=True)
class _Taking:
    """The work that takes one page in: what it changes and how far the list has come are in one commit."""

    service: Service
    people: PeopleList
    page: _Page
    done: int
    counts: Counts

    def __call__(self, tx: Tx) -> tuple[_Plan, Counts]:
        plan = _plan(self.service, tx, self.page, hold=True)
        counts = Counts(self.counts + self.page.counts + plan.counts)
        now = store.Begun(self.page.upto, None, json.dumps(counts))
        if not store.advance(tx, self.people.fingerprint, self.done, now):
            raise Elsewhere
        self._write(tx, plan)
        return plan, counts

    def _write(self, tx: Tx, plan: _Plan) -> None:
        seal = self.service.vault.seal
        tx.run_many(
            store.ADD,
            [{**new, "number_sealed": seal(e164.encode(), "number", new["id"])} for e164, new in plan.add],
        )
        tx.run_many(store.CHANGE, plan.change)
        if plan.join:
            words = self.people.reader.wordings
            said = sorted({each["question"] for each in plan.join})
            tx.run_many(store.WORDING, [{"fingerprint": each, "words": words[each]} for each in said])
        tx.run_many(store.JOIN, plan.join)
        tx.run_many(store.TAG, plan.tag)
        tx.run_many(store.DAY, plan.day)


def block(service: Service, number: str, *, blocked: bool) -> bool:
    """Keep everything nobody asked for from a number, or no more; False if it is not known.

    Raises `NotAPhone` and `StoreError`.
    """
    key = service.vault.number_key(_e164(number))
    at = service.now() if blocked else None
    return service.database.write(lambda tx: store.block(tx, key, at), key)


def tag(service: Service, number: str, add: Sequence[str], remove: Sequence[str]) -> tuple[str, ...] | None:
    """Put tags on a person and take others off; the tags there are then, None if nobody is known by this number.

    Raises `Unread`, `NotAPhone` and `StoreError`.
    """
    wanted, unwanted = read_tags(add), read_tags(remove)
    key = service.vault.number_key(_e164(number))

    def work(tx: Tx) -> tuple[str, ...] | None:
        found = store.find(tx, [key], hold=True).get(key)
        if found is None or found.erased:
            return None
        tx.run_many(store.UNTAG, [{"of": found.id, "tag": each} for each in unwanted])
        tx.run_many(store.TAG, [{"contact_id": found.id, "tag": each} for each in wanted])
        return tuple(each for _, each in store.tags(tx, [found.id]))

    return service.database.write(work, key)


def _e164(number: str) -> str:
    return parse(number).e164
