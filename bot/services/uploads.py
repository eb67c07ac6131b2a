"""Lists that staff give to a page: looked through, and taken in once somebody has seen what they do.

What came lies in the database in sealed parts, and unsealed only in memory while somebody reads it. It is deleted when
it is in, and otherwise after an hour.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import partial
from hashlib import sha256
from pathlib import Path
from time import sleep
from typing import Any, Final, NamedTuple

from bot.log import failure
from bot.services import contacts
from bot.services.audit import Event, note
from bot.services.contacts_cells import Unread, check_consent, line, read_tags
from bot.services.contacts_file import BadFile, NoPeople
from bot.services.contacts_pages import Counts, PeopleList
from bot.services.contacts_rows import Asked, Fault
from bot.services.discarding import drop_parts
from bot.services.incoming import Incoming, purpose
from bot.services.service import Service
from bot.store import contacts as contact_rows
from bot.store import uploads as store
from bot.store.database import Tx
from bot.store.errors import StoreError
from bot.store.uploads import REPORT, Kept
from bot.text.khmer import clean, has_khmer

SMALL: Final = 200_000
"""Bytes of a list that is looked through while whoever gave it waits."""
SMALL_PACKED: Final = 50_000
"""The same of an XLSX, which is larger once it is unpacked."""
MOST_FAULTS: Final = 2_000
MOST_HEADINGS: Final = 40
LEASE: Final = 60_000
RENEWED: Final = 10_000
BREATH: Final = 0.004
"""Seconds between two pages that are looked through, for whoever texts meanwhile."""
NAMED: Final = 60
_LONG_NUMBER = re.compile(r"\d[\d ._()+/-]{4,}\d")


class Refused(Exception):
    """It cannot be done with this list as it is now."""


class Stopped(Exception):
    """The process ends; another goes on."""


@dataclass(frozen=True, slots=True)
class How:
    """How a list is read: its name, the sheet of it, and what people on it said yes to, where no column tells it."""

    name: str
    campaign: str | None = None
    how: str | None = None
    wording: str | None = None
    given_by: str | None = None
    on: str | None = None
    tags: tuple[str, ...] = ()
    sheet: str | None = None

    def dumps(self) -> str:
        """As JSON, which `loads` reads."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def loads(cls, written: str) -> How:
        found = json.loads(written)
        return cls(**{**found, "tags": tuple(found["tags"])})


class Report(NamedTuple):
    """What is sealed besides the list: what is wrong with it, and its columns. `bad`: why it cannot be read at all."""

    bad: str | None = None
    read: tuple[tuple[str, str], ...] = ()
    unread: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()


class Look(NamedTuple):
    """A list as a page shows it. `stage`: looking, bad, again (it is in already), nothing, ready, taking or done."""

    kept: Kept
    how: How
    stage: str
    counts: Counts
    faults: int
    done: int
    report: Report

    @property
    def version(self) -> str:
        """What tells it from the same list read in another way."""
        return sha256(f"{self.kept.how}{self.kept.told}".encode()).hexdigest()[:16]


def named(name: str) -> str:
    """The name of a file as it is shown: short, and without numbers of anybody."""
    return _LONG_NUMBER.sub("…", line(name.replace("\\", "/").rpartition("/")[2]))[:NAMED]


def asked(service: Service, how: How) -> Asked:
    """What is told of consent for the whole list. Raises `Unread` and `StoreError`."""
    known, today = contacts.campaigns(service), contacts.today(service)
    if how.campaign and how.campaign not in known:
        raise Unread("is for a campaign that does not exist")
    day = date.fromisoformat(how.on) if how.on else None
    words = clean(how.wording or "").strip() or None
    by = line(how.given_by or "") or None
    check_consent(day or today, by or "", words or "", today)
    language = "km" if has_khmer(words or "") else "en"
    return Asked(known, today, how.campaign, how.how, words, language, by, day, read_tags(how.tags))


def keep(service: Service, incoming: Incoming, how: How, by: str, staff_id: int) -> int:
    """Keep a list that has come; a small one is looked through at once. Raises `Unread` and `StoreError`."""
    with closing(incoming):
        asked(service, how)
        write = service.database.write
        kept = Kept(incoming.id, staff_id, by, service.now(), 0, how.dumps(), None, None, None)
        write(lambda tx: store.add(tx, kept), lasting=False)
        for part, sealed in enumerate(incoming.sealed()):
            write(partial(store.put, upload=kept.id, part=part, sealed=sealed), lasting=False)

    def whole(tx: Tx) -> None:
        store.change(tx, "whole", kept.id, parts=incoming.parts)
        note(service, tx, Event.CONTACTS_UPLOADED, by, bytes=incoming.size)

    write(whole)
    if incoming.size <= (SMALL_PACKED if incoming.packed else SMALL):
        work(service, kept.id, lambda: False)
    return kept.id


def mine(service: Service, staff_id: int, most: int) -> list[Look]:
    """The newest lists that somebody gave. Raises `StoreError`."""
    kept = service.database.read(lambda tx: store.of(tx, staff_id, most))
    return [_look(service, each, None) for each in kept]


def look(service: Service, upload: int) -> Look | None:
    """A list with what is wrong with it. Raises `StoreError`."""

    def find(tx: Tx) -> tuple[Kept, bytes | None] | None:
        kept = store.get(tx, upload)
        return (kept, store.read(tx, upload, REPORT)) if kept and kept.parts else None

    found = service.database.read(find)
    return _look(service, *found) if found else None


def confirm(service: Service, upload: int, staff_id: int, version: str | None = None) -> None:
    """Whoever gave it wants it taken in as they saw it, in that `version`. Raises `Refused` and `StoreError`."""
    found = look(service, upload)
    if found is None or found.kept.staff_id != staff_id or found.stage != "ready":
        raise Refused
    if version is not None and version != found.version:
        raise Refused
    _as_seen(service, found, "confirmed", confirmed_at=service.now())


def read_sheet(service: Service, upload: int, sheet: str) -> None:
    """Look through another sheet of it. Raises `Refused` and `StoreError`."""
    found = look(service, upload)
    if found is None or found.kept.confirmed_at is not None or sheet not in found.report.sheets:
        raise Refused
    how = replace(found.how, sheet=sheet).dumps()
    _as_seen(service, found, "read", how=how, told=None)
    if found.kept.parts == 1:
        work(service, upload, lambda: False)


def _as_seen(service: Service, found: Look, what: str, **values: Any) -> None:
    """Change a list, if it is still as it was looked at. Raises `Refused` and `StoreError`."""

    def work(tx: Tx) -> None:
        if store.get(tx, found.kept.id) != found.kept:
            raise Refused
        store.change(tx, what, found.kept.id, **values)

    service.database.write(work, _lock(found.kept.id))


def round(service: Service, stopping: Callable[[], bool]) -> None:
    """Look through what has come, and take in what is wanted. Raises `StoreError`."""
    for upload in service.database.read(store.to_do):
        if not stopping():
            work(service, upload, stopping)


def work(service: Service, upload: int, stopping: Callable[[], bool]) -> None:
    """Do what is to be done with one list, unless somebody else does it. Raises `StoreError`."""
    if not _hold(service, upload, again=False):
        return
    try:
        kept = service.database.read(lambda tx: store.get(tx, upload))
        if kept is None or kept.finished_at is not None:
            return
        if kept.told is None:
            _look_through(service, kept, _Step(service, upload, stopping, BREATH))
        elif kept.confirmed_at is not None:
            _take_in(service, kept, _Step(service, upload, stopping, 0.0))
    except (Stopped, contacts.Elsewhere):
        pass  # somebody goes on
    finally:
        service.database.write(lambda tx: store.let_go(tx, upload))


class _Step:
    """Between two pages: keep the list for this process, and see whether it is to stop."""

    def __init__(self, service: Service, upload: int, stopping: Callable[[], bool], pause: float) -> None:
        self._service, self._upload = service, upload
        self._stopping, self._pause = stopping, pause
        self._renewed = service.now()

    def __call__(self, _: int) -> None:
        if self._stopping():
            raise Stopped
        now = self._service.now()
        if abs(now - self._renewed) >= RENEWED:
            _hold(self._service, self._upload, again=True)
            self._renewed = now
        sleep(self._pause)


class _Faults:
    """The first faults, and how many there are."""

    def __init__(self) -> None:
        self.first: list[Fault] = []
        self.count = 0

    def __call__(self, fault: Fault) -> None:
        self.count += 1
        if self.count <= MOST_FAULTS:
            self.first.append(fault)


def _look_through(service: Service, kept: Kept, step: _Step) -> None:
    told: dict[str, Any]
    faults = _Faults()
    with _bad() as bad, _unsealed(service, kept) as path:
        people = _opened(service, kept, path)
        begun = contacts.begun(service, people)
        counts = contacts.preview(service, people, faults, step)
        again = begun is not None and begun.finished_at is not None
        told = {"counts": counts, "again": again, "fingerprint": people.fingerprint, "faults": faults.count}
        report = _report(people, faults)
    if bad:
        told, report = {"bad": True}, bad[0]
    _tell(service, kept, "told", told, report)


def _take_in(service: Service, kept: Kept, step: _Step) -> None:
    told: dict[str, Any]
    faults = _Faults()
    served = service.database.read(lambda tx: tx.one_writer)
    with _bad() as bad, _unsealed(service, kept) as path:
        people = _opened(service, kept, path)
        noted = replace(service, door="console")  # whoever gave it has shown who they are
        counts = contacts.take_in(noted, people, kept.who, faults, step, served=lambda: served)
        told = {**json.loads(kept.told or "{}"), "counts": counts, "faults": faults.count}
        report = _report(people, faults)
    if bad:
        told, report = {"bad": True}, bad[0]
    _tell(service, kept, "finished", told, report)
    drop_parts(service, kept.id, 0)


@contextmanager
def _bad() -> Iterator[list[Report]]:
    """Why a list cannot be read, if it cannot."""
    why: list[Report] = []
    try:
        yield why
    except NoPeople as error:
        why.append(Report(error.why, sheets=error.sheets[:MOST_HEADINGS]))
    except (BadFile, Unread) as error:
        why.append(Report(str(error)))
    except (StoreError, Stopped, contacts.Elsewhere):
        raise
    except Exception as error:  # noqa: BLE001 - or a list that no reader was made for would be tried for ever
        failure("a list could not be read", error)
        why.append(Report("cannot be read"))


def _opened(service: Service, kept: Kept, path: Path) -> PeopleList:
    how = How.loads(kept.how)
    return contacts.open_list(service, path, asked(service, how), how.sheet, beside=True)


def _report(people: PeopleList, faults: _Faults) -> Report:
    return Report(
        None,
        tuple((name, _LONG_NUMBER.sub("…", heading)) for name, heading in people.columns.read.items()),
        tuple(_LONG_NUMBER.sub("…", heading) for heading in people.columns.unread[:MOST_HEADINGS]),
        people.source.others[:MOST_HEADINGS],
        tuple(faults.first),
    )


def _tell(service: Service, kept: Kept, what: str, told: dict[str, Any], report: Report) -> None:
    sealed = service.vault.seal(json.dumps(report, ensure_ascii=False).encode(), purpose(REPORT), kept.id)
    values = {"told": json.dumps(told)} | ({"finished_at": service.now()} if what == "finished" else {})

    def tell(tx: Tx) -> None:
        now = store.get(tx, kept.id)
        if now is None or now.how != kept.how:
            return  # somebody chose another sheet meanwhile: that one is looked through next
        if store.change(tx, what, kept.id, **values):
            store.put(tx, kept.id, REPORT, sealed)

    service.database.write(tell, _lock(kept.id))


@contextmanager
def _unsealed(service: Service, kept: Kept) -> Iterator[Path]:
    """The list as a file in memory, which no disk ever has."""
    handle = os.memfd_create("list")
    try:
        with open(handle, "wb", closefd=False) as file:
            for part in range(kept.parts):
                sealed = service.database.read(partial(store.read, upload=kept.id, part=part))
                if sealed is None:
                    raise Stopped  # it was discarded meanwhile
                file.write(service.vault.open(sealed, purpose(part), kept.id))
        yield Path(f"/proc/self/fd/{handle}")
    finally:
        os.close(handle)


def _look(service: Service, kept: Kept, sealed: bytes | None) -> Look:
    told = json.loads(kept.told or "{}")
    counts = Counts(told.get("counts", {}))
    report = Report()
    if sealed is not None:
        found = json.loads(service.vault.open(sealed, purpose(REPORT), kept.id))
        report = Report(
            found[0],
            tuple((name, heading) for name, heading in found[1]),
            tuple(found[2]),
            tuple(found[3]),
            tuple(Fault(*each) for each in found[4]),
        )
    stage = _stage(kept, told, counts)
    done = 0
    if stage == "taking":
        begun = service.database.read(lambda tx: contact_rows.begun(tx, told["fingerprint"]))
        done = begun.done if begun else 0
    return Look(kept, How.loads(kept.how), stage, counts, told.get("faults", 0), done, report)


def _stage(kept: Kept, told: dict[str, Any], counts: Counts) -> str:
    if kept.told is None:
        return "looking"
    if told.get("bad"):
        return "bad"
    if kept.finished_at is not None:
        return "done"
    if kept.confirmed_at is not None:
        return "taking"
    if told["again"]:
        return "again"
    return "ready" if counts["new"] + counts["changed"] else "nothing"


def _hold(service: Service, upload: int, *, again: bool) -> bool:
    hold = partial(store.hold, upload=upload, now=service.now(), lease=LEASE, again=again)
    return service.database.write(hold, _lock(upload), lasting=False)


def _lock(upload: int) -> bytes:
    """The key under which one thing after the other is done with a list."""
    return store.HELD.format(upload).encode()
