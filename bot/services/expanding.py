"""Writing the recipients of a broadcast down: in large pages while nobody texts, else bit by bit, so that whoever texts
does not wait for a broadcast."""

from __future__ import annotations

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
from bot.store.ids import last_inbound, made_at
from bot.store.stages import Stage

SLICE: Final = 3.0
"""Seconds that one broadcast may take of a round."""
ALONE: Final = audience.PAGE
"""So many contacts are looked at in one transaction while nobody texts: 30 ms on SQLite."""
PART: Final = 500
"""So many recipients are written down in one transaction while somebody does: 2 ms, less than the disk takes for a
text of theirs."""
LATELY: Final = 2 * SECOND
"""Since the last text, in which another is to be expected."""
REST: Final = 1.0
"""So many times as long as a part took, the database is left to others."""
LEASE: Final = 5 * SECOND
"""So long a process that does not stir keeps others from going on in its place."""
TOKENS: Final = 1 << 20


def texting(tx: Tx, now: int) -> bool:
    """Whether somebody texted a moment ago, whichever process took it."""
    return made_at(last_inbound(tx)) >= now - LATELY


class _Shared(NamedTuple):
    """A page that has to be done bit by bit."""

    sought: Sought
    after: int


class Expanding:
    """What one process writes down. One process does it for a broadcast at a time; what it does twice adds nobody."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._token = randbelow(TOKENS)

    def go_on(self, known: Known) -> bool:
        """Write down for a while; whether everybody was looked at (or it is no longer wanted). Raises `StoreError`."""
        until = monotonic() + SLICE
        while monotonic() < until:
            page = broadcasts.step(self._service, known.id, self._page)
            if page is None:
                return True
            if not page or (isinstance(page, _Shared) and not self._bit_by_bit(known, page)):
                return False
        return False

    def _page(self, tx: Tx, known: Known) -> _Shared | bool | None:
        """Do a page, or say that it has to be shared. None: there are no more; False: another process does them."""
        if known.state != Stage.EXPANDING:
            return None
        now = self._service.now()
        if not self._mine(tx, known.id, now):
            return False
        after = known.expanded_to or 0
        sought = Audience.loads(known.audience).sought(known.campaign, now, known.id)
        if texting(tx, now) and audience.page_end(tx, after, ALONE) is not None:
            return _Shared(sought, after)
        last = recipients.expand_page(tx, sought, after, ALONE)
        if last is None:
            marks.drop(tx, marks.EXPANDER.format(known.id))
            return None
        store.change(tx, known.id, expanded_to=last)
        return True

    def _bit_by_bit(self, known: Known, page: _Shared) -> bool:
        """Whether the page was done: not if the broadcast was stopped, or another process went on in its place."""
        last, people = self._service.database.read(partial(_in_turn, page))
        for begin in range(0, max(len(people), 1), PART):
            began, some = monotonic(), people[begin : begin + PART]
            upto = last if begin + PART >= len(people) else None
            if not broadcasts.step(self._service, known.id, partial(self._part, page, some, upto)):
                return False
            sleep((monotonic() - began) * REST)
        return True

    def _part(self, page: _Shared, some: list[str], upto: int | None, tx: Tx, known: Known) -> bool:
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


def _in_turn(page: _Shared, tx: Tx) -> tuple[int | None, list[str]]:
    """Whom of a page to write down, and the last contact of it."""
    last = audience.page_end(tx, page.after, ALONE)
    return last, [] if last is None else recipients.in_turn(tx, page.sought, page.after, last)
