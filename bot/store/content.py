"""What staff laid over the files, version by version. Nothing of it is ever deleted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, bindparam, func, select, update

from bot.content.layers import Layers
from bot.store.case_tables import ContentChange
from bot.store.database import Tx
from bot.store.statements import Statement

HELPLINE = "helpline"
NOTICE = "notice"
"""Kinds that change what phones are told."""
HOURS = "hours"
HOLIDAY = "holiday"
"""When somebody of staff reads, and when nobody does."""

_ROW = ContentChange
_COLUMNS = tuple(ContentChange.__table__.columns)


class Row(NamedTuple):
    """A version as it is kept."""

    id: int
    kind: str
    name: str
    value: str | None
    staff_id: int | None
    who: str
    at: int
    undone_at: int | None = None
    undone_by: str | None = None


class Told(NamedTuple):
    """A version, with the value of the one that held before it, and the id of the one that holds now."""

    row: Row
    was: str | None
    newest: int | None


def _holding(kind: Any, name: Any) -> Any:
    """The id of the version of a name that holds now."""
    other = ContentChange.__table__.alias().c
    held = select(func.max(other.id)).where(other.kind == kind, other.name == name, other.undone_at.is_(None))
    return held.scalar_subquery()


def _before() -> Any:
    """The value of the version that held before a row."""
    other, older = ContentChange.__table__.alias().c, ContentChange.__table__.alias().c
    last = select(func.max(older.id)).where(
        older.kind == _ROW.kind, older.name == _ROW.name, older.id < _ROW.id, older.undone_at.is_(None)
    )
    last = last.correlate(_ROW.__table__)
    return select(other.value).where(other.id == last.scalar_subquery()).scalar_subquery()


_ADD = Statement(lambda insert: insert(ContentChange))
_LAST = Statement(lambda _: select(func.max(_ROW.id)))
_GET = Statement(lambda _: select(*_COLUMNS).where(_ROW.id == bindparam("change", type_=BigInteger)))
_NEWEST = Statement(lambda _: select(_holding(bindparam("of_kind"), bindparam("of_name"))))
_CURRENT = Statement(
    lambda _: (
        select(*_COLUMNS)
        .where(_ROW.id.in_(select(func.max(_ROW.id)).where(_ROW.undone_at.is_(None)).group_by(_ROW.kind, _ROW.name)))
        .order_by(_ROW.kind, _ROW.name)
    )
)
_UNDO = Statement(
    lambda _: update(ContentChange).where(_ROW.id == bindparam("change", type_=BigInteger), _ROW.undone_at.is_(None)),
    columns=("undone_at", "undone_by"),
)


def _history(*given: str) -> Statement:
    wanted = {"kind": _ROW.kind == bindparam("of_kind"), "name": _ROW.name == bindparam("of_name")}
    return Statement(
        lambda _: (
            select(*_COLUMNS, _before(), _holding(_ROW.kind, _ROW.name))
            .where(_ROW.id < bindparam("below", type_=BigInteger), *(wanted[each] for each in given))
            .order_by(_ROW.id.desc())
            .limit(bindparam("rows"))
        )
    )


_HISTORIES = {(): _history(), ("kind",): _history("kind"), ("kind", "name"): _history("kind", "name")}


def add(tx: Tx, row: Row) -> int:
    """Keep a version; its id, which is greater than that of every other. Only with the lock of the registry."""
    last = tx.one(_LAST)
    number = max(row.id, (last[0] if last and last[0] else 0) + 1)
    tx.run(_ADD, **row._replace(id=number)._asdict())
    return number


def get(tx: Tx, change: int) -> Row | None:
    """One version."""
    row = tx.one(_GET, change=change)
    return Row(*row) if row else None


def newest(tx: Tx, kind: str, name: str) -> int | None:
    """The version of a name that holds now; None if there is none."""
    row = tx.one(_NEWEST, of_kind=kind, of_name=name)
    return row[0] if row else None


def current(tx: Tx) -> list[Row]:
    """The versions that hold now, of every kind and name; also those that took something away."""
    return [Row(*row) for row in tx.all(_CURRENT)]


def held(rows: Iterable[Row], kind: str) -> Mapping[str, Mapping[str, Any]]:
    """What versions say of one kind, without what was taken away."""
    return {row.name: value(row.value) for row in rows if row.kind == kind and row.value is not None}


def value(kept: str) -> Mapping[str, Any]:
    """What a version says; nothing if it cannot be read: what phones are told must not hang on one row."""
    try:
        said = json.loads(kept)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def layers(rows: Iterable[Row]) -> Layers:
    """What versions lay over the texts."""
    rows = list(rows)
    notices = {row.name: value(row.value) if row.value else None for row in rows if row.kind == NOTICE}
    return Layers(held(rows, HELPLINE), notices)


def undo(tx: Tx, change: int, now: int, by: str) -> bool:
    """Whether it was not undone yet; it is now."""
    return tx.run(_UNDO, change=change, undone_at=now, undone_by=by) == 1


def history(tx: Tx, kind: str | None, name: str | None, below: int, rows: int) -> list[Told]:
    """The versions before an id, the newest first: of a kind, or of one name of it, or all."""
    given = {"kind": kind, "name": name if kind is not None else None}
    named = {f"of_{each}": value for each, value in given.items() if value is not None}
    statement = _HISTORIES[tuple(each for each, value in given.items() if value is not None)]
    found = tx.all(statement, below=below, rows=rows, **named)
    return [Told(Row(*row[:-2]), row[-2], row[-1]) for row in found]
