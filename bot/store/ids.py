"""Row ids made here, not by the database: 63 bits, ordered by time, so that no statement waits for another's result."""

from __future__ import annotations

import random
from threading import Lock

from sqlalchemy import func, select

from bot.store.database import Tx
from bot.store.statements import Statement
from bot.store.tables import Inbound, Outbound

RANDOM_BITS = 22


def made_at(row: int) -> int:
    """When an id was made, in milliseconds since 1970; near enough, for ids may run ahead of the clock."""
    return row >> RANDOM_BITS


class Ids:
    """Ever-growing ids: milliseconds since 1970 and 22 random bits. A clock that goes back does not bring them back."""

    def __init__(self, after: int = 0) -> None:
        self._last = after
        self._lock = Lock()

    def new(self, now: int, count: int = 1) -> int:
        """The first of `count` ids that follow each other, greater than any this process gave before."""
        wanted = now << RANDOM_BITS | random.getrandbits(RANDOM_BITS)
        with self._lock:
            first = wanted if wanted > self._last else self._last + 1
            self._last = first + count - 1
            return first


_LAST = Statement(
    lambda _: select(
        select(func.max(Inbound.id)).scalar_subquery(),
        select(func.max(Outbound.id)).scalar_subquery(),
    )
)


def last_id(tx: Tx) -> int:
    """The greatest id there is: a house that wakes up with a wrong clock still goes on from it."""
    row = tx.one(_LAST)
    return max((value for value in row or () if value is not None), default=0)


_LAST_INBOUND = Statement(lambda _: select(func.max(Inbound.id)))


def last_inbound(tx: Tx) -> int:
    """The greatest id of a text that came in, 0 if none ever did."""
    row = tx.one(_LAST_INBOUND)
    return (row and row[0]) or 0
