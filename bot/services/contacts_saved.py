"""A list of people that staff save from a page: for a reason, a few a day, of so many people, and marked (A9)."""

from __future__ import annotations

import csv
import io
import secrets
from collections.abc import Callable
from enum import StrEnum
from itertools import islice
from time import sleep
from typing import Final, NamedTuple

from bot.services.audit import Event, note
from bot.services.cells import safe
from bot.services.contacts_cells import numbered
from bot.services.contacts_export import head, rows
from bot.services.service import Service
from bot.store import audit as audit_rows
from bot.store import contacts as store
from bot.store import reveal_rows
from bot.store.database import Tx
from bot.store.times import DAY

MOST: Final = 20_000
"""People in one list."""
A_DAY: Final = 3
"""Lists that somebody may save within 24 hours."""
SHORTEST: Final = 10
LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"
PAGE: Final = 500


class Why(StrEnum):
    """Why no list was saved."""

    REASON = "bad_why"
    OFTEN = "often"
    LARGE = "large"
    EMPTY = "empty"


class Refused(Exception):
    """No list was saved, and nobody was read."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


class Saved(NamedTuple):
    """A list as a CSV file, and its mark, which the audit has too."""

    content: bytes
    people: int
    mark: str


def save(service: Service, campaign: str | None, by: str, why: str, line: Callable[[str], str]) -> Saved:
    """The people who have not said STOP, of a campaign if one is named, below the `line` that is made of the mark.

    It is noted with the reason before anybody is read. Raises `Refused` and `StoreError`.
    """
    reason = " ".join(why.split())
    if len(reason) < SHORTEST or numbered(reason):
        raise Refused(Why.REASON)
    many = service.database.read(lambda tx: store.at_most(tx, campaign, MOST + 1))
    if not 0 < many <= MOST:
        raise Refused(Why.LARGE if many else Why.EMPTY)
    mark, told = "".join(secrets.choice(LETTERS) for _ in range(8)), campaign or "all"

    def begin(tx: Tx) -> None:
        tx.alone(audit_rows.LOCK)  # or several requests at once would all be the third
        if reveal_rows.lately(tx, by, Event.CONTACTS_EXPORTED, service.now() - DAY) >= A_DAY:
            raise Refused(Why.OFTEN)
        note(service, tx, Event.CONTACTS_EXPORTED, by, why=reason, campaign=told, mark=mark)

    service.database.write(begin)
    text = io.StringIO()
    sheet = csv.writer(text)
    sheet.writerow([safe(line(mark))])
    sheet.writerow(head(campaign))
    count = 0
    for count, row in enumerate(islice(rows(service, campaign), MOST), 1):
        sheet.writerow(map(safe, row))
        if count % PAGE == 0:
            sleep(0)  # others are answered meanwhile
    service.database.write(lambda tx: note(service, tx, Event.CONTACTS_WRITTEN, by, campaign=told, people=count))
    return Saved(text.getvalue().encode("utf-8-sig"), count, mark)
