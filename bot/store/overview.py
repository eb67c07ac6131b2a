"""What staff see first: who waits for them, what found no answer, and how many texts came day by day."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Text,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
)

from bot.store.case_tables import CaseFile
from bot.store.cases import Kind
from bot.store.database import Tx
from bot.store.lists import listed, words
from bot.store.statements import Statement
from bot.store.tables import DailyCount, Unmatched

if TYPE_CHECKING:
    from sqlalchemy.orm import InstrumentedAttribute

MOST = 1_000
"""Above so many it is only said that there are more."""


class Open(NamedTuple):
    """People who wait for somebody of staff: the kind of their cases, how many (at most `MOST` + 1), how many of them
    since `recent` and `day`, since when the first, and how many cases nobody has looked at."""

    kind: str
    people: int
    recent: int
    day: int
    oldest: int
    unseen: int


class Count(NamedTuple):
    """Texts by a word: a topic, a language, a country."""

    word: str
    texts: int


class Day(NamedTuple):
    """A day (UTC), the texts that came, and those of them that found no answer."""

    day: str
    texts: int
    lost: int


def _number(value: ColumnElement[int]) -> ColumnElement[int]:
    """Sums are decimal numbers to PostgreSQL."""
    return cast(value, BigInteger)


_ONE: ColumnElement[int] = literal_column("1", Integer)
_NONE: ColumnElement[int] = literal_column("0", Integer)
_LONGEST = (
    select(CaseFile.news_at, CaseFile.acknowledged_at)
    .where(
        CaseFile.closed_at.is_(None),
        CaseFile.kind == bindparam("of_kind", type_=Text),
        or_(CaseFile.waits_until.is_(None), CaseFile.waits_until <= bindparam("now", type_=BigInteger)),
    )
    .order_by(CaseFile.news_at)
    .limit(bindparam("most"))
    .subquery("longest")
)


def _since(name: str) -> ColumnElement[int]:
    return _number(func.sum(case((_LONGEST.c.news_at > bindparam(name, type_=BigInteger), _ONE), else_=_NONE)))


_OPEN = Statement(
    lambda _: select(
        func.count(),
        _since("recent"),
        _since("day"),
        func.min(_LONGEST.c.news_at),
        _number(func.sum(case((_LONGEST.c.acknowledged_at.is_(None), _ONE), else_=_NONE))),
    )
)
_UNMATCHED = Statement(
    lambda _: select(func.count()).select_from(
        select(_ONE.label("one")).select_from(Unmatched).limit(bindparam("most")).subquery()
    )
)
_TEXTS = _number(func.sum(DailyCount.texts))
_COUNTED = (DailyCount.day >= bindparam("first"), DailyCount.topic.in_(words("topics")))
_DAYS = Statement(
    lambda _: (
        select(
            DailyCount.day,
            _TEXTS,
            _number(func.sum(case((DailyCount.topic == bindparam("lost"), DailyCount.texts), else_=0))),
        )
        .where(*_COUNTED)
        .group_by(DailyCount.day)
        .order_by(DailyCount.day)
    )
)


def _by(column: InstrumentedAttribute[str]) -> Statement:
    return Statement(lambda _: select(column, _TEXTS).where(*_COUNTED).group_by(column))


_BY = {name: _by(getattr(DailyCount, name)) for name in ("topic", "language", "country")}


def open_cases(tx: Tx, now: int, recent: int, day: int) -> list[Open]:
    """Those who wait, by what for, the most urgent first. All instants in ms."""
    found = []
    for kind in Kind:
        row = tx.one(_OPEN, of_kind=kind, now=now, recent=recent, day=day, most=MOST + 1)
        if row is not None and row[0]:
            found.append(Open(kind, *row))
    return found


def unmatched(tx: Tx) -> int:
    """How many texts that found no answer are kept; `MOST` + 1 for more than that."""
    row = tx.one(_UNMATCHED, most=MOST + 1)
    return int(row[0]) if row else 0


def days(tx: Tx, first: str, topics: Iterable[str], lost: str) -> list[Day]:
    """The texts of these topics day by day, from a day on; `lost` is the topic of those that found no answer."""
    return [Day._make(row) for row in tx.all(_DAYS, first=first, topics=listed(topics), lost=lost)]


def counts(tx: Tx, what: str, first: str, topics: Iterable[str]) -> list[Count]:
    """The same by `topic`, `language` or `country`, the most first."""
    found = [Count._make(row) for row in tx.all(_BY[what], first=first, topics=listed(topics))]
    return sorted(found, key=lambda each: (-each.texts, each.word))
