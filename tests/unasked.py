"""A text that nobody asked for, put into the outbox for a few numbers at once, for tests and benchmarks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Final, NamedTuple

from sqlalchemy import bindparam, exists, literal_column, select

from bot.phone import parse
from bot.services import retry
from bot.services.delivery import State
from bot.services.replies import parts
from bot.services.service import Service
from bot.store.database import Tx
from bot.store.messages import WAIT_OUTBOUND
from bot.store.statements import Statement
from bot.store.tables import Contact, Outbound

PAGE: Final = 100
"""So many rows are queued in one transaction: a few milliseconds."""


_HAS_IT = exists().where(
    Outbound.contact_id == Contact.id,
    Outbound.priority == literal_column("2"),
    Outbound.created_at == bindparam("begun"),
)
_REACHABLE = Statement(
    lambda _: select(Contact.id).where(
        Contact.number_key == bindparam("sought"),
        Contact.opted_out_at.is_(None),
        Contact.number_sealed.is_not(None),
        ~_HAS_IT,
    )
)


def suppressed(service: Service, numbers: Iterable[str]) -> set[str]:
    """Those of the numbers that no broadcast may go to: opted out, erased, or never heard from. Raises `NotAPhone`."""
    keys = {number: service.vault.number_key(parse(number).e164) for number in numbers}
    return service.database.read(lambda tx: {number for number, key in keys.items() if _reachable(tx, key) is None})


class Window(NamedTuple):
    """From when until when a text is worth sending. `begun` names the broadcast: when it was begun. Milliseconds."""

    opens: int
    ends: int
    begun: int


def queue(service: Service, channel: str, text: str, numbers: Iterable[str], window: Window | None = None) -> int:
    """Put one text in the outbox for each number that is not suppressed at this moment; how many were put in.

    In pages, each its own transaction, so that nobody who texts meanwhile waits. Raises `StoreError`: then ask again
    with the same window, and only who does not have it yet gets it. Without a window it goes now, within a day.
    Raises `NotAPhone`; then nothing is kept.
    """
    now = service.now()
    news = _News(service, channel, text, window or Window(now, now + retry.BROADCAST, now), named=window is not None)
    keys = sorted({service.vault.number_key(parse(number).e164) for number in numbers})
    queued = 0
    for first in range(0, len(keys), PAGE):
        queued += service.database.write(partial(_queue, news, keys[first : first + PAGE]))
        service.wake(channel)
    return queued


class _News(NamedTuple):
    """One broadcast; `named` if who asks may ask again for the same one."""

    service: Service
    channel: str
    text: str
    window: Window
    named: bool


def _queue(news: _News, keys: Sequence[bytes], tx: Tx) -> int:
    service, _, text, window, named = news
    begun = window.begun if named else None
    people = [found for key in keys if (found := _reachable(tx, key, begun)) is not None]
    for person in people:
        row = service.database.new_id(window.begun)
        tx.put(
            WAIT_OUTBOUND,
            id=row,
            inbound_id=None,
            contact_id=person,
            channel=news.channel,
            text_sealed=service.vault.seal(text.encode(), "outbound", row),
            parts=parts(text),
            priority=2,
            state=State.QUEUED,
            created_at=window.begun,
            to_sealed=None,
            due_at=window.opens,
            expires_at=window.ends,
            lease_until=None,
            repeats=0,
        )
    return len(people)


def _reachable(tx: Tx, number_key: bytes, begun: int | None = None) -> int | None:
    """The contact with this number, if it is known, has not opted out and was not given the broadcast begun then."""
    row = tx.one(_REACHABLE, sought=number_key, begun=begun)
    return row[0] if row else None
