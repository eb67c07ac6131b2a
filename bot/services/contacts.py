"""Lists of people come in: looked through first, then page by page, so that a list that stopped halfway goes on."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Final

from bot.content.contact_words import key
from bot.phone import parse
from bot.services.agency_list import EAST
from bot.services.audit import About, Event, note
from bot.services.contacts_cells import read_tags
from bot.services.contacts_file import Row, look_through
from bot.services.contacts_pages import (
    BLOCK,
    SMALL_PAGE,
    Counts,
    Page,
    PeopleList,
    find_refusals,
    in_order,
    read_pages,
)
from bot.services.contacts_plan import Plan, compare
from bot.services.contacts_rows import Asked, Fault, Reader, find_columns
from bot.services.service import Service
from bot.store import contacts as store
from bot.store import erasure
from bot.store.database import Tx
from bot.store.erasure import FORGET_DAYS

BREATH: Final = 0.004
"""Seconds between two small pages, at least: whoever waits for the database looks again before they are over. Where the
disk is slow it is as long as the page took."""

Tell = Callable[[Fault], None]


def _nobody() -> bool:
    """Nobody else is served."""
    return False


class Elsewhere(Exception):
    """Somebody else takes the same file in at this moment."""


def open_list(
    service: Service, path: Path, asked: Asked, sheet: str | None = None, *, beside: bool = False
) -> PeopleList:
    """Look through a file once and find its columns; nothing is written. Raises `BadFile`, `Unread` and `OSError`.

    `beside`: other threads of this process have more urgent things to do, whenever the list is read.
    """
    source = look_through(path, sheet)
    if beside:
        read = source.rows
        source = replace(source, rows=lambda: _beside(read()))
    columns = find_columns(source)
    known = countries(service)
    reader = Reader(columns, asked, lambda cell: known.get(key(cell)))
    told = f"{source.digest}\n{sheet}\n{asked.told()}\n{BLOCK}"  # what decides the order of the rows
    refusals = find_refusals(source, columns, reader)
    return PeopleList(source, columns, asked, reader, sha256(told.encode()).hexdigest(), refusals)


def _beside(rows: Iterator[Row]) -> Iterator[Row]:
    """After two milliseconds of reading whoever waits goes first, not after as many as Python lets a thread have."""
    for number, row in enumerate(rows):
        if number % SMALL_PAGE == 0:
            time.sleep(0)
        yield row


def countries(service: Service) -> Mapping[str, str]:
    """Countries by the `key` of their names and larger towns, as `messages/places.yaml` and `countries.yaml` have them.

    What a text might mean is guessed at; what staff write in a list or a filter is not.
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


def _no_step(_: int) -> None:
    """Nobody wants to know how far it is."""


def preview(service: Service, people: PeopleList, tell: Tell, step: Callable[[int], None] = _no_step) -> Counts:
    """What would become of the rows of a list; nothing is written. Raises `BadFile` and `StoreError`."""
    counts, told = Counts(), _Telling(tell)
    for page in in_order(read_pages(service, people), _nobody):
        plan = service.database.read(lambda tx, page=page: compare(service, tx, page))  # type: ignore[misc]
        counts.update(page.counts + plan.counts)
        told.of(page, plan)
        step(page.upto)
    return counts


def take_in(
    service: Service,
    people: PeopleList,
    author: str,
    tell: Tell,
    step: Callable[[int], None],
    *,
    served: Callable[[], bool] = _nobody,
) -> Counts:
    """Take a list in, or the rest of it; `step` is told how many rows are in. What is in already stays as it is.

    While the house is `served` by another process of this machine, it takes small steps.
    Raises `BadFile` (rows before it may be in), `Elsewhere` and `StoreError`; the same call goes on afterwards.
    """
    write, now = service.database.write, service.now()
    write(lambda tx: store.begin(tx, people.fingerprint, author, now))
    state = begun(service, people) or store.Begun(0, None, "{}")
    done, counts, told = state.done, Counts(json.loads(state.report)), _Telling(tell)
    if state.finished_at is not None:
        return counts
    for whole in in_order(read_pages(service, people), served):
        page = whole.after(done)
        if page.upto <= done:  # it came in before the import was interrupted
            plan = service.database.read(lambda tx, page=page: compare(service, tx, page))  # type: ignore[misc]
        else:
            began = time.monotonic()
            plan, counts = write(_Taking(service, people, page, done, counts), lasting=False)
            took, done = time.monotonic() - began, page.upto
            step(done)
            if len(page.rows) <= SMALL_PAGE:
                time.sleep(max(BREATH, took))
        told.of(page, plan)
    finished = store.Begun(done, service.now(), json.dumps(counts))

    def finish(tx: Tx) -> None:
        if not store.advance(tx, people.fingerprint, done, finished):
            raise Elsewhere
        new, changed, joined = counts["new"], counts["changed"], counts["joined"]
        note(service, tx, Event.CONTACTS_IMPORTED, author, new=new, changed=changed, joined=joined)

    write(finish)
    return counts


class _Telling:
    """Tells the faults of a block in the order of its rows."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._faults: list[Fault] = []

    def of(self, page: Page, plan: Plan) -> None:
        self._faults += (*page.faults, *plan.faults)
        if page.ends:
            for fault in sorted(self._faults):
                self._tell(fault)
            self._faults.clear()


@dataclass(frozen=True, slots=True)
class _Taking:
    """The work that takes one page in: what it changes and how far the list has come are in one commit."""

    service: Service
    people: PeopleList
    page: Page
    done: int
    counts: Counts

    def __call__(self, tx: Tx) -> tuple[Plan, Counts]:
        plan = compare(self.service, tx, self.page, hold=True)
        counts = Counts(self.counts + self.page.counts + plan.counts)
        now = store.Begun(self.page.upto, None, json.dumps(counts))
        if not store.advance(tx, self.people.fingerprint, self.done, now):
            raise Elsewhere
        self._write(tx, plan)
        return plan, counts

    def _write(self, tx: Tx, plan: Plan) -> None:
        seal = self.service.vault.seal
        tx.run_many(
            store.ADD,
            [{**new, "number_sealed": seal(e164.encode(), "number", new["id"])} for e164, new in plan.add],
        )
        tx.run_many(store.CHANGE, plan.change)
        tx.run_many(store.LEAVE, plan.leave)
        tx.run_many(FORGET_DAYS, plan.forget_days)
        if plan.join:
            words = self.people.reader.wordings
            said = sorted({each["question"] for each in plan.join})
            tx.run_many(store.WORDING, [{"fingerprint": each, "words": words[each]} for each in said])
        tx.run_many(store.JOIN, plan.join)
        tx.run_many(store.TAG, plan.tag)
        tx.run_many(store.DAY, plan.day)


def block(service: Service, number: str, *, blocked: bool, by: str | None = None) -> bool:
    """Keep everything nobody asked for from a number, or no more; False if it is not known. Noted as done by `by`.

    Raises `NotAPhone` and `StoreError`.
    """
    key = service.vault.number_key(_e164(number))
    at = service.now() if blocked else None

    def work(tx: Tx) -> bool:
        known = store.block(tx, key, at)
        event = Event.CONTACT_BLOCKED if blocked else Event.CONTACT_UNBLOCKED
        person = erasure.person(tx, key) if known else None
        if person is not None:
            note(service, tx, event, by, about=About("contact", person))
        return known

    return service.database.write(work, key)


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
