"""Lists of people go out: to be read by staff and taken in again as they were; and how many are in which group."""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Iterator
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Final, NamedTuple

from bot.content import provinces
from bot.services.agency_list import EAST
from bot.services.audit import Event, note
from bot.services.cells import safe, spelt
from bot.services.contacts_file import MOST_XLSX_ROWS
from bot.services.contacts_plan import DEPARTURE
from bot.services.service import Service
from bot.store import contacts as store
from bot.store.database import Row, Tx
from bot.store.times import moment

PAGE: Final = 500
COUNTED: Final = 10_000
"""People who are counted into their groups in one look."""
FEW: Final = 5
"""Groups of fewer people are not counted out: everybody in them could be guessed (H17)."""
HIDDEN: Final = f"<{FEW}"
ALSO_HIDDEN: Final = "*"
AREAS: Final = frozenset({"province", "district"})

_PERSON = ("phone", "language", "province", "district", "destination", "school", "tags", "departure", "blocked")
_CONSENT = ("campaign", "consent", "consent_on", "how", "given_by", "wording")


class TooMany(Exception):
    """The people do not fit into an XLSX that can be taken in again; a CSV has room for them."""


class Group(NamedTuple):
    """Some people who have something in common, and how many they are, as it may be shown."""

    kind: str
    value: str
    people: str


def export(service: Service, path: Path, campaign: str | None, by: str | None = None, why: str | None = None) -> int:
    """Write the people who have not said STOP to a new file only its owner can read; how many there are.

    That `by` does so is noted with the reason before anybody is read. With a campaign only those who said yes to it,
    with their consent. Raises `TooMany`, `OSError` and `StoreError`; then there is no file.
    """
    write = _write_xlsx if path.suffix.lower() == ".xlsx" else _write_csv
    handle, told = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), campaign or "all"
    try:
        with open(handle, "wb") as file:  # noqa: PTH123 - a descriptor
            service.database.write(lambda tx: note(service, tx, Event.CONTACTS_EXPORTED, by, why=why, campaign=told))
            count = write(file, head(campaign), rows(service, campaign))
            file.flush()
            os.fsync(file.fileno())
        service.database.write(lambda tx: note(service, tx, Event.CONTACTS_WRITTEN, by, campaign=told, people=count))
    except BaseException:  # whatever it was: half a list is no list
        path.unlink()
        raise
    return count


def head(campaign: str | None) -> tuple[str, ...]:
    """The headings of a list; with a campaign there is a consent to tell of."""
    return _PERSON + (_CONSENT if campaign else ())


def _write_csv(file: IO[bytes], head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> int:
    text = TextIOWrapper(file, "utf-8-sig", newline="")
    sheet = csv.writer(text)
    sheet.writerow(head)
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007
        sheet.writerow(map(safe, row))
    text.detach()
    return count


def _write_xlsx(file: IO[bytes], head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> int:
    from openpyxl import Workbook  # noqa: PLC0415 - large, and a CSV needs none of it

    book = Workbook(write_only=True)
    sheet = book.create_sheet("people")
    sheet.append(head)
    count = 0
    try:
        for count, row in enumerate(rows, 1):
            if count >= MOST_XLSX_ROWS:
                raise TooMany
            sheet.append([spelt(safe(cell)) for cell in row])
    finally:
        sheet.close()
    book.save(file)
    return count


def rows(service: Service, campaign: str | None) -> Iterator[tuple[str, ...]]:
    """What is told of everybody, a page at a time."""
    name = provinces.load().name
    after = 0
    while True:
        page, tags, days = service.database.read(partial(_page, after=after, campaign=campaign))
        for row in page:
            contact_id, sealed, language, province, district, destination, school, blocked_at, *consent = row
            e164 = service.vault.open(sealed, "number", contact_id).decode()
            places = (name(province) if province else "", name(district) if district else "")
            told = (destination or "", school or "", "; ".join(tags.get(contact_id, ())), days.get(contact_id, ""))
            blocked = "yes" if blocked_at is not None else ""
            yield (e164, language or "", *places, *told, blocked, *(_consent(*consent) if campaign else ()))
        if len(page) < PAGE:
            return
        after = page[-1][0]


def _consent(code: str, how: str, given_by: str | None, joined_at: int, words: str | None) -> tuple[str, ...]:
    day = (moment(joined_at) + EAST).date().isoformat()
    return (code, "yes", day, how, given_by or "", words or "")


def _page(tx: Tx, after: int, campaign: str | None) -> tuple[list[Row], dict[int, list[str]], dict[int, str]]:
    page = store.page(tx, after, PAGE, campaign)
    ids = [row[0] for row in page]
    tags: dict[int, list[str]] = {}
    for contact_id, tag in store.tags(tx, ids):
        tags.setdefault(contact_id, []).append(tag)
    days = {contact_id: day for contact_id, kind, day in store.days(tx, ids) if kind == DEPARTURE}
    return page, tags, days


def groups(service: Service) -> list[Group]:
    """How many people are in each group, by its name; the largest first. Raises `StoreError`."""
    area = provinces.load().name
    return [
        each._replace(value=(area(each.value) if each.kind in AREAS else each.value) or "(not told)")
        for each in coded_groups(service)
    ]


def coded_groups(service: Service) -> list[Group]:
    """The same with provinces, districts and countries by their codes; "" where nobody told. Raises `StoreError`."""
    found = []
    for kind, counts in _counted(service).items():
        ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0] or ""))
        shown = _shown([count for _, count in ordered])
        found += [Group(kind, value or "", people) for (value, _), people in zip(ordered, shown, strict=True)]
    return found


def _counted(service: Service) -> dict[str, Counter[str | None]]:
    """In many short looks, so that nobody else waits long for a place to read."""
    read = service.database.read
    found: dict[str, Counter[str | None]] = {kind: Counter() for kind in store.KINDS}
    after: int | None = 0
    while after is not None:
        groups, after = read(partial(store.told, after=after, most=COUNTED))
        for values, people in groups:
            for kind, value in zip(store.TOGETHER, values, strict=True):
                found[kind][value] += people
    for kind in store.GROUPS:
        found[kind].update(dict(read(partial(store.group, kind=kind))))
    return found


def _shown(counts: list[int]) -> list[str]:
    """The counts, largest first, without small ones; nor the next where one alone could be found by subtracting."""
    shown = [HIDDEN if count < FEW else str(count) for count in counts]
    if shown.count(HIDDEN) == 1 and len(shown) > 1:
        shown[-2] = ALSO_HIDDEN
    return shown
