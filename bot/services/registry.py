"""Agencies, campaigns and content as staff give them, and as every serving process knows them half a minute later."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from threading import Lock
from time import monotonic
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from bot.content.book import Book
from bot.content.layers import NOTHING, Layers, Misfit, lay
from bot.conversation.registry import EMPTY, Agency, Registry
from bot.log import failure, log
from bot.services import opening
from bot.store import agencies, campaigns, content, marks, series
from bot.store.database import Database, Tx
from bot.store.errors import StoreError

if TYPE_CHECKING:  # a Service holds a Shelf
    from bot.services.service import Service

ONE_AT_A_TIME = b"registry"
"""The lock under which it is changed: two imports at once must not make one list of both."""

PAUSE = 30.0
"""Seconds between two looks at the mark that tells of a change."""
SOON = 1.0
"""The same after a first look that failed."""


class Shelf:
    """Holds the registry of one process, and its texts with what staff laid over the `files`. Safe to use from any
    thread."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], float] = monotonic,
        files: Book = cast(Book, None),  # noqa: B008
    ) -> None:
        self._database = database
        self._clock = clock
        self._files = files
        self._book = files
        self._layers = NOTHING
        self._misfits: Mapping[str, Misfit] = {}
        self._registry = EMPTY
        self._mark: int | None = None
        self._looked_at: float | None = None
        self._lock = Lock()

    def current(self) -> Registry:
        """The registry, at most `PAUSE` old. If the store cannot be read, the one known before."""
        now = self._clock()
        first = self._looked_at is None
        if (self._looked_at is None or now - self._looked_at >= PAUSE) and self._lock.acquire(blocking=first):
            try:
                self._look(now)
            finally:
                self._lock.release()
        return self._registry

    @property
    def book(self) -> Book:
        """The texts as they were when `current` was last asked for."""
        return self._book

    @property
    def misfits(self) -> Mapping[str, Misfit]:
        """What staff laid over the texts and does not fit the files any more."""
        return self._misfits

    def keeps(self, database: Database, files: Book) -> bool:
        """Whether it is the shelf of this house with these files."""
        return self._database is database and self._files is files

    def look_again(self) -> None:
        """Forget when the store was last looked at: the next question looks at once."""
        self._looked_at = None

    def _look(self, now: float) -> None:
        if self._looked_at is not None and now - self._looked_at < PAUSE:
            return  # somebody else was first
        self._looked_at = now
        try:
            found = self._database.read(self._changed)
        except StoreError as error:
            failure("agencies and campaigns not read anew", error)
            if self._mark is None:  # nothing of what staff changed is known yet
                self._looked_at = now - PAUSE + SOON
        else:
            if found is not None:
                self._mark, self._registry, layers = found
                self._lay(layers)

    def _changed(self, tx: Tx) -> tuple[int, Registry, Layers] | None:
        mark = marks.get(tx, marks.REGISTRY)
        if mark is None or mark == self._mark:
            return None
        return mark, read(tx), content.layers(content.current(tx))

    def _lay(self, layers: Layers) -> None:
        if layers != self._layers:
            laid = lay(self._files, layers)
            self._layers, self._book, self._misfits = layers, laid.book, laid.misfits
            for name, why in laid.misfits.items():
                log.warning("content not laid over the texts", name=name, why=why)


def read(tx: Tx) -> Registry:
    """The registry as it is kept now."""
    known = agencies.read(tx)
    groups = MappingProxyType(dict(campaigns.read(tx)))
    running: dict[str, frozenset[str]] = {}
    for each in series.every(tx):
        if each.approver is not None and each.ended_at is None:
            running[each.name] = running.get(each.name, frozenset()) | {each.campaign}
    laid = content.current(tx)
    told = opening.hours(content.held(laid, content.HOURS), content.held(laid, content.HOLIDAY))
    if known is None:
        return Registry(campaigns=groups, series=running, hours=told)
    return Registry(known.agencies, known.source, known.listed_on, groups, running, hours=told)


def changed(tx: Tx, now: int) -> None:
    """Let every process know that the registry is another from this commit on."""
    last = marks.get(tx, marks.REGISTRY)
    marks.put(tx, marks.REGISTRY, now if last is None or now > last else last + 1)


def replace_agencies(
    service: Service,
    new: tuple[Agency, ...],
    source: str,
    listed_on: date,
    also: Callable[[Tx], None] = lambda _: None,
) -> None:
    """Keep this list of agencies and no other, in one transaction, in which `also` something else is done.

    Raises `StoreError`; the old list stays then.
    """
    now = service.now()
    first_id = service.database.new_id(now, 1 + len(new))

    def work(tx: Tx) -> None:
        agencies.replace(tx, first_id, agencies.AgencyList(new, source, listed_on), now)
        changed(tx, now)
        also(tx)

    service.database.write(work, ONE_AT_A_TIME)


def listed(service: Service) -> agencies.AgencyList | None:
    """The list of agencies; None while there is none. Raises `StoreError`."""
    return service.database.read(agencies.read)
