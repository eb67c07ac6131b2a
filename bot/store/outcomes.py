"""What became of texts day by day, without a link to anybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, bindparam, cast, func, select

from bot.store.case_tables import DailyOutcome
from bot.store.database import Tx
from bot.store.statements import Insert, Statement
from bot.store.times import moment

SHARDS: Final = 8
"""Over so many rows a count is spread at most: a worker writes the texts of many in one."""


class Counted(NamedTuple):
    """Texts of a channel in a day (UTC) that came to one outcome."""

    day: str
    channel: str
    outcome: str
    texts: int


def _count(insert: Insert) -> Any:
    new = insert(DailyOutcome)
    columns = list(DailyOutcome.__table__.primary_key)
    return new.on_conflict_do_update(index_elements=columns, set_={"texts": DailyOutcome.texts + new.excluded.texts})


_COUNT = Statement(_count)
_SINCE = Statement(
    lambda _: (
        select(
            DailyOutcome.day,
            DailyOutcome.channel,
            DailyOutcome.outcome,
            cast(func.sum(DailyOutcome.texts), BigInteger),
        )
        .where(DailyOutcome.day >= bindparam("first"))
        .group_by(DailyOutcome.day, DailyOutcome.channel, DailyOutcome.outcome)
        .order_by(DailyOutcome.day, DailyOutcome.channel, DailyOutcome.outcome)
    )
)


def count(tx: Tx, at: int, counted: Mapping[tuple[str, str], int], spread: int | None = None) -> None:
    """Add to the counts of the day of an instant (ms): how many texts, by channel and outcome.

    Once for each of them in a transaction, unless `spread` differs by less than `SHARDS`: with the commit.
    """
    shard = (at if spread is None else spread) % min(tx.shards, SHARDS)
    for (channel, outcome), texts in sorted(counted.items()):  # in one order: no two commits wait for each other
        tx.put(_COUNT, day=day(at), channel=channel, outcome=outcome, shard=shard, texts=texts)


def count_now(tx: Tx, at: int, channel: str, outcome: str, texts: int) -> None:
    """The same at once: what is counted so may be counted again in this transaction."""
    if texts:
        shard = at % min(tx.shards, SHARDS)
        tx.run(_COUNT, day=day(at), channel=channel, outcome=outcome, shard=shard, texts=texts)


def since(tx: Tx, first: str) -> list[Counted]:
    """All counts from a day on."""
    return [Counted._make(row) for row in tx.all(_SINCE, first=first)]


def day(at: int) -> str:
    """The day (UTC) of an instant."""
    return moment(at).date().isoformat()
