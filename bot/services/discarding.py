"""Lists that staff gave to a page are deleted: at once when somebody says so, and when they are old."""

from __future__ import annotations

from functools import partial
from typing import Final

from bot.services.audit import Event, note
from bot.services.service import Service
from bot.store import uploads as store
from bot.store.database import Tx
from bot.store.times import DAY
from bot.store.uploads import REPORT

UNWANTED: Final = 3_600_000
"""A list that nobody wanted taken in is kept so long; milliseconds."""
KEPT: Final = 7 * DAY
"""So long staff can see what became of a list."""


def discard(service: Service, upload: int, by: str | None = None) -> None:
    """Delete a list; noted if somebody does. Raises `StoreError`."""
    drop_parts(service, upload, REPORT)

    def drop(tx: Tx) -> None:
        store.drop(tx, upload)
        if by is not None:
            note(service, tx, Event.CONTACTS_DISCARDED, by)

    service.database.write(drop)


def forget_old(service: Service) -> int:
    """Delete lists that nobody wanted for an hour, and what became of others a week ago; how many. Of those that are in
    what was left behind goes at once.

    Raises `StoreError`.
    """
    now = service.now()
    old = service.database.read(lambda tx: store.old(tx, now - UNWANTED, now - KEPT, now - KEPT))
    for upload in old:
        discard(service, upload)
    for upload in service.database.read(store.left):
        drop_parts(service, upload, 0)
    return len(old)


def drop_parts(service: Service, upload: int, least: int) -> None:
    """Delete the parts of a list from one on, a few at a time. Raises `StoreError`."""
    while service.database.write(partial(store.drop_parts, upload=upload, least=least)) == store.DELETED:
        pass
    service.database.scrub()
