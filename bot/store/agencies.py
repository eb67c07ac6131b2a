"""The list of licensed agencies: replaced as a whole, read as a whole."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from sqlalchemy import delete, select

from bot.conversation.registry import Agency
from bot.store import tables
from bot.store.database import Tx
from bot.store.statements import Statement

_ROW = tables.Agency
_HEAD = tables.AgencyList

_CLEAR = (Statement(lambda _: delete(_ROW)), Statement(lambda _: delete(_HEAD)))
_ADD = Statement(lambda insert: insert(_ROW))
_NAME = Statement(lambda insert: insert(_HEAD))
_LIST = Statement(
    lambda _: select(_ROW.name_en, _ROW.name_km, _ROW.licence, _ROW.countries, _ROW.status).order_by(_ROW.id)
)
_SOURCE = Statement(lambda _: select(_HEAD.source, _HEAD.listed_on).limit(1))


class AgencyList(NamedTuple):
    """The list as it is kept: its lines in their order, who published it, and the day it speaks of."""

    agencies: tuple[Agency, ...]
    source: str
    listed_on: date


def replace(tx: Tx, first_id: int, new: AgencyList, now: int) -> None:
    """Keep this list and no other. The ids from `first_id` on are its own."""
    for statement in _CLEAR:
        tx.run(statement)
    tx.run(_NAME, id=first_id, source=new.source, listed_on=new.listed_on.isoformat(), imported_at=now)
    for row, agency in enumerate(new.agencies, first_id + 1):
        tx.run(
            _ADD,
            id=row,
            name_en=agency.name_en,
            name_km=agency.name_km,
            licence=agency.licence,
            countries=",".join(agency.countries),
            status=agency.status,
        )


def read(tx: Tx) -> AgencyList | None:
    """The list; None while there is none."""
    head = tx.one(_SOURCE)
    if head is None:
        return None
    return AgencyList(tuple(_agencies(tx.all(_LIST))), head[0], date.fromisoformat(head[1]))


def _agencies(rows: Iterable[tuple[str, ...]]) -> Iterable[Agency]:
    for name_en, name_km, licence, countries, status in rows:
        yield Agency(name_en, name_km, licence, tuple(filter(None, countries.split(","))), status)  # type: ignore[arg-type]
