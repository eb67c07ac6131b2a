"""How each gateway is, for all processes: paused or not, how fast it may be used, and what staff should know of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, bindparam, func, null, or_, select, update

from bot.store.database import Tx
from bot.store.statements import Insert, Statement
from bot.store.tables import Gateway


class Condition(NamedTuple):
    """A gateway's row. Times are ms, `next_at` µs; a gateway without a row has no trouble and no past."""

    paused_until: int = 0
    next_at: int = 0
    problem: str | None = None
    changed_at: int = 0


_COLUMNS = (Gateway.paused_until, Gateway.next_at, Gateway.problem, Gateway.changed_at)
_ROW = select(*_COLUMNS).where(Gateway.name == bindparam("gateway"))
_GET = Statement(lambda _: _ROW)
_HOLD = Statement(lambda _: _ROW.with_for_update())
_ALL = Statement(lambda _: select(Gateway.name, *_COLUMNS))
_FIRST = Statement(lambda insert: insert(Gateway).on_conflict_do_nothing())


def _pause(insert: Insert, until: Callable[[Insert, Any], Any]) -> Any:
    new = insert(Gateway)
    changed = {
        "paused_until": until(insert, new.excluded.paused_until),
        "problem": new.excluded.problem,
        "changed_at": new.excluded.changed_at,
    }
    return new.on_conflict_do_update(index_elements=[Gateway.name], set_=changed)


def _later(insert: Insert, until: Any) -> Any:
    greatest: Any = func.max if insert.__module__.startswith("sqlalchemy.dialects.sqlite") else func.greatest
    return greatest(Gateway.paused_until, until)


_PAUSE = Statement(lambda insert: _pause(insert, _later))
_PAUSE_AGAIN = Statement(lambda insert: _pause(insert, lambda _, until: until))
_BOOK = Statement(lambda _: update(Gateway).where(Gateway.name == bindparam("gateway")), columns=("next_at",))
_PROBE = Statement(
    lambda _: update(Gateway).where(Gateway.name == bindparam("gateway")), columns=("paused_until", "changed_at")
)
_WELL = Statement(
    lambda _: (
        update(Gateway)
        .where(Gateway.name == bindparam("gateway"), Gateway.paused_until > 0, _over())
        .values(paused_until=0, problem=null(), changed_at=bindparam("at"))
    )
)
_NOTE = Statement(
    lambda _: (
        update(Gateway)
        .where(Gateway.name == bindparam("gateway"), Gateway.paused_until == 0)
        .values(problem=bindparam("line"), changed_at=bindparam("at"))
    )
)


def _over() -> ColumnElement[bool]:
    return or_(Gateway.paused_until <= bindparam("at"), bindparam("probed") == 1)


def get(tx: Tx, name: str) -> Condition:
    """How a gateway is."""
    return Condition._make(tx.one(_GET, gateway=name) or Condition())


def hold(tx: Tx, name: str, now: int) -> Condition:
    """The same, and no other transaction changes it before the end of this one."""
    row = tx.one(_HOLD, gateway=name)
    if row is None:
        tx.run(_FIRST, name=name, paused_until=0, next_at=0, problem=None, changed_at=now)
        row = tx.one(_HOLD, gateway=name)
    return Condition._make(row or Condition())


def every(tx: Tx) -> dict[str, Condition]:
    """Every gateway that has a row."""
    return {row[0]: Condition._make(row[1:]) for row in tx.all(_ALL)}


def pause(tx: Tx, name: str, until: int, problem: str, now: int, *, probed: bool = False) -> None:
    """Nothing goes to it before `until`. A longer pause stays as long, unless it was made for the probe that failed."""
    statement = _PAUSE_AGAIN if probed else _PAUSE
    tx.run(statement, name=name, paused_until=until, next_at=0, problem=problem, changed_at=now)


def book(tx: Tx, name: str, next_at: int) -> None:
    """The next text may go at `next_at` (µs). Only after `hold`."""
    tx.run(_BOOK, gateway=name, next_at=next_at)


def probe(tx: Tx, name: str, until: int, now: int) -> None:
    """One text goes to a gateway in trouble; nobody else's before `until`. Only after `hold`."""
    tx.run(_PROBE, gateway=name, paused_until=until, changed_at=now)


def well(tx: Tx, name: str, now: int, *, probed: bool) -> bool:
    """It took a text: its trouble is over, unless it was paused after that text was given to it."""
    return tx.run(_WELL, gateway=name, at=now, probed=int(probed)) > 0


def note(tx: Tx, name: str, line: str | None, now: int) -> None:
    """What staff should know of a gateway that works; what a pause says is not overwritten."""
    if line is not None:
        tx.run(_FIRST, name=name, paused_until=0, next_at=0, problem=None, changed_at=now)
    tx.run(_NOTE, gateway=name, line=line, at=now)
