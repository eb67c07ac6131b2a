"""SMS parts spent in a day, against the budgets. A budget is a row of its own; who reads it holds it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, delete, literal_column, select, update

from bot.store.database import Tx
from bot.store.statements import Insert, Statement
from bot.store.tables import Spending

ALL = ""
"""Stands for every gateway, or for every country."""


def _hold(insert: Insert) -> Any:
    """Changes nothing, and keeps everybody else from it until the end of the transaction."""
    columns = [Spending.day, Spending.channel, Spending.country]
    held = insert(Spending).on_conflict_do_update(
        index_elements=columns, set_={"parts": Spending.parts + literal_column("0")}
    )
    return held.returning(Spending.parts)


_HERE = (
    Spending.day == bindparam("on"),
    Spending.channel == bindparam("by"),
    Spending.country == bindparam("to"),
)
_HOLD = Statement(_hold)
_GET = Statement(lambda _: select(Spending.parts).where(*_HERE))
_ADD = Statement(lambda _: update(Spending).where(*_HERE).values(parts=Spending.parts + bindparam("more")))
_DAY = Statement(
    lambda _: (
        select(Spending.channel, Spending.country, Spending.parts)
        .where(Spending.day == bindparam("on"))
        .order_by(Spending.channel, Spending.country)
    )
)
_FORGET = Statement(lambda _: delete(Spending).where(Spending.day < bindparam("first")))


def hold(tx: Tx, day: str, country: str, channel: str = ALL) -> int:
    """Parts spent so far; no other transaction spends there before the end of this one."""
    row = tx.one(_HOLD, day=day, channel=channel, country=country, parts=0)
    return int(row[0]) if row else 0


def spent(tx: Tx, day: str, country: str = ALL, channel: str = ALL) -> int:
    """Parts spent so far."""
    row = tx.one(_GET, on=day, by=channel, to=country)
    return int(row[0]) if row else 0


def add(tx: Tx, day: str, country: str, parts: int, channel: str = ALL) -> None:
    """So many parts more, or fewer where they did not go after all. Only where something was held that day."""
    tx.run(_ADD, on=day, by=channel, to=country, more=parts)


def of_day(tx: Tx, day: str) -> list[tuple[str, str, int]]:
    """Channel, country and parts of a day."""
    return [(row[0], row[1], row[2]) for row in tx.all(_DAY, on=day)]


def forget(tx: Tx, first: str) -> int:
    """Drop the days before `first`."""
    return tx.run(_FORGET, first=first)
