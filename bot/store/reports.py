"""Delivery reports and the texts they speak of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import and_, bindparam, null, or_, select, update

from bot.protocol import DeliveryReport
from bot.store.database import Tx
from bot.store.ids import RANDOM_BITS
from bot.store.lists import listed
from bot.store.outbox import AMONG, number
from bot.store.state import State
from bot.store.statements import Statement
from bot.store.tables import DeliveryReport as Row
from bot.store.tables import Outbound


class Advanced(NamedTuple):
    """Whether a text is known that was reported on; and how many (one, or none) are now where they had not been: for
    what was read, that it was delivered."""

    known: bool
    texts: int


class Told(NamedTuple):
    """What has been reported of a text, and its state now."""

    row: int
    channel: str
    status: str
    state: int


_KEEP = Statement(lambda insert: insert(Row).on_conflict_do_nothing())
_KNOWN = Statement(lambda _: select(Outbound.id).where(Outbound.provider_key == bindparam("key")))
_NAME = Statement(
    lambda _: (
        update(Outbound)
        .where(
            Outbound.id == bindparam("row"),
            Outbound.channel == bindparam("of_channel"),
            Outbound.provider_key.is_(None),
        )
        .values(provider_key=bindparam("key"))
    )
)
_ADVANCE = Statement(
    lambda _: (
        update(Outbound)
        .where(
            Outbound.channel == bindparam("of_channel"),
            or_(Outbound.provider_key == bindparam("key"), Outbound.id == bindparam("row")),
            Outbound.state < bindparam("reached"),
        )
        .values(state=bindparam("reached"), to_sealed=null(), owner=null(), lease_until=null())
    )
)
_PAIRS = select(Outbound.id, Outbound.channel, Row.status, Outbound.state).join(
    Row, and_(Row.channel == Outbound.channel, Row.provider_key == Outbound.provider_key)
)
_TOLD = Statement(lambda _: _PAIRS.where(AMONG))
_LATELY = Statement(lambda _: _PAIRS.where(Row.id > bindparam("since"), Outbound.state < number(State.FAILED)))
"""What failed is looked at no more here: a report that it came after all is found when it comes."""
_RISE = Statement(
    lambda _: (
        update(Outbound)
        .where(Outbound.id == bindparam("row"), Outbound.state < bindparam("reached"))
        .values(state=bindparam("reached"), to_sealed=null(), owner=null(), lease_until=null())
    )
)


def keep(tx: Tx, row: int, key: bytes, report: DeliveryReport, now: int) -> None:
    """The report as it came; the same one a second time changes nothing."""
    tx.run(
        _KEEP,
        id=row,
        channel=report.channel,
        provider_key=key,
        status=report.status,
        reference=report.reference,
        error=report.error,
        received_at=now,
    )


def advance(tx: Tx, key: bytes, report: DeliveryReport, state: State) -> Advanced:
    """Raise the state of the text reported on, found by our reference or by the gateway's id; it never falls."""
    row = report.reference or 0
    if row and tx.one(_KNOWN, key=key) is None:
        tx.run(_NAME, row=row, of_channel=report.channel, key=key)
    steps = (State.DELIVERED, state) if state > State.DELIVERED else (state,)
    rose = [tx.run(_ADVANCE, row=row, of_channel=report.channel, key=key, reached=step) for step in steps]
    return Advanced(any(rose) or tx.one(_KNOWN, key=key) is not None, rose[0])


def told(tx: Tx, rows: Iterable[int]) -> list[Told]:
    """What has been reported of texts, found by their gateway's names."""
    return [Told._make(row) for row in tx.all(_TOLD, ids=listed(rows))]


def lately(tx: Tx, since: int) -> list[Told]:
    """What has been reported since a time of texts that have not come to an end."""
    return [Told._make(row) for row in tx.all(_LATELY, since=since << RANDOM_BITS)]


def rise(tx: Tx, row: int, state: int) -> int:
    """Raise the state of a text; it never falls. 1 if it rose."""
    return tx.run(_RISE, row=row, reached=state)
