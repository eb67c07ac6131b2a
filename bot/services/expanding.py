"""Writing the recipients of a broadcast down: in large pages while nobody texts, else bit by bit, so that whoever texts
does not wait for a broadcast."""

from __future__ import annotations

from enum import IntEnum
from functools import partial
from secrets import randbelow
from time import monotonic, sleep
from typing import Final, NamedTuple

from bot.services import broadcasts
from bot.services.audience import Audience
from bot.services.retry import SECOND
from bot.services.service import Service
from bot.store import audience, marks, recipients
from bot.store import broadcasts as store
from bot.store.audience import Sought
from bot.store.broadcasts import Known
from bot.store.database import Tx
from bot.store.errors import StoreError
from bot.store.ids import last_inbound, made_at
from bot.store.lists import BETWEEN_ROWS
from bot.store.stages import Stage

SLICE: Final = 3.0
"""Seconds that one broadcast may take of a round."""
ALONE: Final = audience.PAGE
"""So many contacts are looked at in one transaction while nobody texts: 30 ms on SQLite."""
SHARED: Final = 1_000
"""The same while somebody does, where several may write at a time: 7 ms on PostgreSQL."""
BLOCK: Final = 40_000
"""So many are looked at before they are written down in parts, in the order of their turns: the more, the fewer pages
of the table are touched again and again, and the seldomer the log is written back while a text waits."""
PART: Final = 500
"""So many recipients are written down in one transaction while somebody does, where one writes at a time: 2 ms on
SQLite, less than the disk takes for a text of theirs. It does not wait for the disk itself."""
LATELY: Final = 2 * SECOND
"""Since the last text, in which another is to be expected."""
PAUSE: Final = 1.2
"""So many times as long as a shared page took, the database is left to those who text."""
REST: Final = 1.5
"""The same after a part: then the log is written back, for 12 ms, less often than once for a hundred texts."""
LEASE: Final = 5 * SECOND
"""So long a process that does not stir keeps others from going on in its place."""
TOKENS: Final = 1 << 20


def texting(tx: Tx, now: int) -> bool:
    """Whether somebody texted a moment ago, whichever process took it."""
    return made_at(last_inbound(tx)) >= now - LATELY


class _Turn(IntEnum):
    """What came of a page: nobody was left, another process does them, it was done, or done while somebody texts."""

    OVER = 0
    ELSEWHERE = 1
    DONE = 2
    SHARED = 3


class _Page(NamedTuple):
    """A page that has to be done bit by bit."""

    sought: Sought
    after: int


class Expanding:
    """What one process writes down. One process does it for a broadcast at a time; what it does twice adds nobody."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._token = randbelow(TOKENS)
        self._careful = False

    def go_on(self, known: Known) -> bool:
        """Write down for a while; whether everybody was looked at (or it is no longer wanted). Raises `StoreError`."""
        try:
            over = self._pages(known)
        except StoreError:
            self._careful = True
            raise
        self._careful = False
        return over

    def _pages(self, known: Known) -> bool:
        until = monotonic() + SLICE
        while (began := monotonic()) < until:
            page = broadcasts.step(self._service, known.id, self._page, lasting=False)
            if isinstance(page, _Page):
                page = self._bit_by_bit(known, page)
            elif page is _Turn.SHARED:
                sleep((monotonic() - began) * PAUSE)
            if page in (_Turn.OVER, _Turn.ELSEWHERE):
                return page is _Turn.OVER
        return False

    def _page(self, tx: Tx, known: Known) -> _Turn | _Page:
        """Do a page, or find that it has to be done bit by bit."""
        if known.state != Stage.EXPANDING:
            return _Turn.OVER
        now = self._service.now()
        if not self._mine(tx, known.id, now):
            return _Turn.ELSEWHERE
        after, shared = known.expanded_to or 0, texting(tx, now)
        sought = Audience.loads(known.audience).sought(known.campaign, now, known.id)
        if shared and tx.one_writer and audience.page_end(tx, after, BLOCK) is not None:
            return _Page(sought, after)
        fresh = not tx.one_writer and not self._careful  # where nothing is done bit by bit
        last = recipients.expand_page(tx, sought, after, SHARED if shared else ALONE, fresh=fresh)
        if last is None:
            marks.drop(tx, marks.EXPANDER.format(known.id))
            return _Turn.OVER
        store.change(tx, known.id, expanded_to=last)
        return _Turn.SHARED if shared else _Turn.DONE

    def _bit_by_bit(self, known: Known, page: _Page) -> _Turn:
        """Write a page down in parts, until the broadcast is stopped or another process goes on in its place."""
        last, people = self._service.database.read(partial(_in_turn, page))
        while True:
            began = monotonic()
            some, people = _first(people)
            upto = None if people else last
            if not broadcasts.step(self._service, known.id, partial(self._part, page, some, upto), lasting=False):
                return _Turn.ELSEWHERE
            sleep((monotonic() - began) * REST)
            if not people:
                return _Turn.DONE

    def _part(self, page: _Page, some: list[str], upto: int | None, tx: Tx, known: Known) -> bool:
        at = known.expanded_to or 0
        if known.state != Stage.EXPANDING or at != page.after or not self._mine(tx, known.id, self._service.now()):
            return False
        if some:
            recipients.expand_some(tx, page.sought, some)
        if upto is not None:
            store.change(tx, known.id, expanded_to=upto)
        return True

    def _mine(self, tx: Tx, broadcast: int, now: int) -> bool:
        """Whether this process writes the recipients down; it does if nobody else did for a while."""
        name = marks.EXPANDER.format(broadcast)
        until, token = divmod(marks.get(tx, name) or 0, TOKENS)
        if token != self._token and now < until <= now + LEASE:
            return False
        if token != self._token or not now + LEASE / 2 < until <= now + LEASE:
            marks.put(tx, name, (now + LEASE) * TOKENS + self._token)
        return True


def _in_turn(page: _Page, tx: Tx) -> tuple[int | None, str]:
    """Whom of a page to write down, and the last contact of it."""
    last = audience.page_end(tx, page.after, BLOCK)
    return last, "" if last is None else recipients.in_turn(tx, page.sought, page.after, last)


def _first(people: str) -> tuple[list[str], str]:
    """The first part, and the others. To take all apart at once would keep the interpreter from a text for 10 ms."""
    some = people.split(BETWEEN_ROWS, PART) if people else []
    return some[:PART], "".join(some[PART:])
