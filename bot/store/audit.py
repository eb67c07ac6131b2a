"""What staff did, row by row; each row holds the one before it (`services.audit` makes and checks the chain)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal_column,
    null,
    select,
    update,
)

from bot.store.database import Tx
from bot.store.lists import listed, words
from bot.store.staff_tables import Audit, Staff
from bot.store.statements import Statement

LOCK = b"audit\0\0\0"
"""Who adds a row, or takes old ones out, is alone with this key."""
BEGIN = "audit_begin"
END = "audit_end"
"""Marks of the first row that is still kept and of the last: 63 bits that nobody without the key can make."""


class Row(NamedTuple):
    """A row as it is kept."""

    seq: int
    at: int
    who: str | None
    staff_id: int | None
    act: str
    about: str | None
    about_id: int | None
    detail: str
    why_sealed: bytes | None
    why_hash: bytes | None
    previous: bytes
    chained: bytes


class Counted(NamedTuple):
    """So many rows of an act by a name. `known`: 1 if they came in by a password."""

    who: str | None
    known: int
    act: str
    rows: int


_COLUMNS = tuple(Audit.__table__.columns)
_ADD = Statement(lambda insert: insert(Audit))
_LAST = Statement(lambda _: select(Audit.seq, Audit.chained).order_by(Audit.seq.desc()).limit(1))
_AFTER = Statement(
    lambda _: select(*_COLUMNS).where(Audit.seq > bindparam("after")).order_by(Audit.seq).limit(bindparam("rows"))
)
_NEWEST = Statement(
    lambda _: (
        select(*_COLUMNS)
        .where(
            Audit.seq < bindparam("below"),
            func.coalesce(bindparam("of_who", type_=Audit.who.type), Audit.who, literal_column("''"))
            == func.coalesce(Audit.who, literal_column("''")),
        )
        .order_by(Audit.seq.desc())
        .limit(bindparam("rows"))
    )
)
_NEWEST_ABOUT = Statement(
    lambda _: (
        select(*_COLUMNS)
        .where(Audit.about == bindparam("kind"), Audit.about_id == bindparam("row"), Audit.seq < bindparam("below"))
        .order_by(Audit.seq.desc())
        .limit(bindparam("rows"))
    )
)
_OLD = Statement(lambda _: select(Audit.seq, Audit.at, Audit.chained).order_by(Audit.seq).limit(bindparam("rows")))
_DROP = Statement(lambda _: delete(Audit).where(Audit.seq <= bindparam("upto")))
_EMPTY_WHY = Statement(
    lambda _: (
        update(Audit)
        .where(Audit.about == bindparam("kind"), Audit.about_id == bindparam("row"))
        .values(why_sealed=null())
    )
)
_FIRST = Statement(lambda _: select(Audit.seq).order_by(Audit.seq).limit(1))
_AT = Statement(lambda _: select(Audit.seq, Audit.at).where(Audit.seq >= bindparam("row")).order_by(Audit.seq).limit(1))
_KNOWN: ColumnElement[int] = case(
    (Audit.staff_id.is_not(None), literal_column("1", Integer)), else_=literal_column("0", Integer)
)
_WITHIN = and_(Audit.seq >= bindparam("begin", type_=BigInteger), Audit.seq < bindparam("end", type_=BigInteger))
_COUNTS = Statement(
    lambda _: (
        select(Audit.who, _KNOWN, Audit.act, func.count())
        .where(_WITHIN)
        .group_by(Audit.who, _KNOWN, Audit.act)
        .order_by(Audit.who, Audit.act)
    )
)
_NEWEST_OF = Statement(
    lambda _: (
        select(*_COLUMNS)
        .where(_WITHIN, Audit.act.in_(words("acts")))
        .order_by(Audit.seq.desc())
        .limit(bindparam("rows"))
    )
)
_ANYBODY = Statement(lambda _: select(Staff.id).limit(1))


def add(tx: Tx, row: Row) -> None:
    """Add a row. Only with the `LOCK`."""
    tx.run(_ADD, **row._asdict())


def last(tx: Tx) -> tuple[int, bytes] | None:
    """The number of the newest row and what it chains to."""
    row = tx.one(_LAST)
    return (row[0], row[1]) if row else None


def after(tx: Tx, seq: int, rows: int) -> list[Row]:
    """The rows that follow, the oldest first."""
    return [Row(*row) for row in tx.all(_AFTER, after=seq, rows=rows)]


def newest(tx: Tx, below: int, rows: int, who: str | None = None) -> list[Row]:
    """The rows before a number, the newest first; of somebody, if `who` is given."""
    return [Row(*row) for row in tx.all(_NEWEST, below=below, rows=rows, of_who=who)]


def newest_about(tx: Tx, kind: str, row: int, below: int, rows: int) -> list[Row]:
    """The same of what is about one row of another table."""
    return [Row(*each) for each in tx.all(_NEWEST_ABOUT, kind=kind, row=row, below=below, rows=rows)]


def first_since(tx: Tx, at: int) -> int:
    """The number of the first row that was written at an instant or later; what follows the last if there is none.

    Searched by halves, for rows are written in the order of time.
    """
    first, newest = tx.one(_FIRST), last(tx)
    low, high = (first[0], newest[0] + 1) if first and newest else (0, 0)
    while low < high:
        middle = (low + high) // 2
        found = tx.one(_AT, row=middle)
        if found is not None and found[1] < at:
            low = found[0] + 1
        else:
            high = middle
    return low


def counts(tx: Tx, begin: int, end: int) -> list[Counted]:
    """Who did what how often, in the rows from one number up to another."""
    return [Counted._make(row) for row in tx.all(_COUNTS, begin=begin, end=end)]


def newest_of(tx: Tx, acts: Iterable[str], begin: int, end: int, rows: int) -> list[Row]:
    """The rows of these acts in a range, the newest first."""
    return [Row(*row) for row in tx.all(_NEWEST_OF, acts=listed(acts), begin=begin, end=end, rows=rows)]


def oldest(tx: Tx, rows: int) -> list[tuple[int, int, bytes]]:
    """The number, the time and the chain of the oldest rows."""
    return [(seq, at, chained) for seq, at, chained in tx.all(_OLD, rows=rows)]


def drop(tx: Tx, upto: int) -> int:
    """Take the oldest rows out; how many."""
    return tx.run(_DROP, upto=upto)


def empty_reasons(tx: Tx, kind: str, row: int) -> None:
    """Nobody reads any more why something was done about a row."""
    tx.run(_EMPTY_WHY, kind=kind, row=row)


def anybody(tx: Tx) -> bool:
    """Whether there are accounts of staff: then something was done."""
    return tx.one(_ANYBODY) is not None
