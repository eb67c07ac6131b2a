"""What is too old, table by table, and what is then done with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, bindparam, delete, exists, literal_column, null, or_, select, update

from bot.store import marks
from bot.store.database import Database, Tx
from bot.store.statements import Statement
from bot.store.tables import Contact, DeliveryReport, Escalation, Inbound, Membership, Outbound, Session, Unmatched

if TYPE_CHECKING:
    from sqlalchemy.orm import InstrumentedAttribute

    Key = InstrumentedAttribute[int]

PAGE = 500


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of row that grows old: how to find the next page of them and what to do with it.

    Where rows are emptied and stay, `mark` remembers up to which row all are empty, and `full` finds the first that
    is not; without them every search begins at the first row.
    """

    find: Statement
    change: Statement
    mark: str | None = None
    full: Statement | None = None


@dataclass(frozen=True, slots=True)
class Age:
    """Old is what is from before `before`, or from after `beyond` by a clock that was wrong. Milliseconds."""

    before: int
    beyond: int


def _delete(key: Key, old: ColumnElement[bool]) -> Rule:
    """Rows that are `old` are deleted."""
    return Rule(_page(key, old), Statement(lambda _: delete(key.class_).where(*_among(key, old))))


def _empty(key: Key, old: ColumnElement[bool], columns: tuple[str, ...], mark: str | None = None) -> Rule:
    """Rows that are `old` stay, without these columns."""
    table = key.class_
    full = or_(*(getattr(table, name).is_not(None) for name in columns))
    emptied = dict.fromkeys(columns, null())
    return Rule(
        _page(key, old & full),
        Statement(lambda _: update(table).where(*_among(key, old & full)).values(emptied)),
        mark,
        Statement(lambda _: select(key).where(key > bindparam("after"), full).order_by(key).limit(1)),
    )


def _page(key: Key, old: ColumnElement[bool]) -> Statement:
    page = select(key).where(key > bindparam("after"), old).order_by(key).limit(PAGE)
    return Statement(lambda _: page)


def _among(key: Key, old: ColumnElement[bool]) -> tuple[ColumnElement[bool], ...]:
    return key > bindparam("after"), key <= bindparam("last"), old


def _aged(column: Key | InstrumentedAttribute[int | None]) -> ColumnElement[bool]:
    return or_(column < bindparam("before"), column > bindparam("beyond"))


def _unused() -> ColumnElement[bool]:
    tables = (Session, Escalation, Inbound, Outbound, Membership)
    return ~or_(*(exists().where(table.contact_id == Contact.id) for table in tables))


INBOUND_TEXTS = _empty(
    Inbound.id, _aged(Inbound.received_at), ("contact_id", "text_sealed", "response_sealed"), "purged_inbound"
)
UNMATCHED = _delete(Unmatched.inbound_id, _aged(Unmatched.at))
_NOT_WAITING = or_(
    Outbound.state >= literal_column("28"), Outbound.expires_at.is_(None), Outbound.expires_at < bindparam("before")
)
"""A text may be written weeks before it is to be sent."""
OUTBOUND_TEXTS = _empty(
    Outbound.id,
    _aged(Outbound.created_at) & _NOT_WAITING,
    ("contact_id", "text_sealed", "to_sealed"),
    "purged_outbound",
)
OUTBOUND = _delete(Outbound.id, _aged(Outbound.created_at) & _NOT_WAITING)
REPORTS = _delete(DeliveryReport.id, _aged(DeliveryReport.received_at))
CASES = _delete(Escalation.id, _aged(Escalation.closed_at))
SESSIONS = _delete(Session.contact_id, _aged(Session.at))
MEMBERSHIPS = _delete(
    Membership.contact_id, Membership.contact_id.in_(select(Contact.id).where(_aged(Contact.seen_at)))
)
"""A consent is as old as the last text of who gave it (H9)."""
DORMANT = _delete(Contact.id, _aged(Contact.seen_at) & Contact.opted_out_at.is_(None) & _unused())
DORMANT_OPTED_OUT = _empty(
    Contact.id, _aged(Contact.seen_at) & Contact.opted_out_at.is_not(None), ("number_sealed", "language")
)


def sweep(database: Database, rule: Rule, age: Age) -> int:
    """Apply a rule to all old rows, in pages, each its own transaction; how many rows changed."""
    bounds = {"before": age.before, "beyond": age.beyond}
    mark = rule.mark
    start = (database.read(lambda tx: marks.get(tx, mark)) if mark else None) or 0
    after, done = start, 0
    while last := database.read(partial(_last, rule.find, {"after": after, **bounds})):
        done += database.write(partial(_change, rule.change, {"after": after, "last": last, **bounds}))
        after = last
    if mark and rule.full and done:
        full = database.read(partial(_last, rule.full, {"after": start}))
        database.write(lambda tx: marks.put(tx, mark, full - 1 if full else after))
    return done


def _last(find: Statement, values: Mapping[str, int], tx: Tx) -> int:
    """The key of the last row found; 0 if there is none."""
    rows = tx.all(find, **values)
    return rows[-1][0] if rows else 0


def _change(change: Statement, values: Mapping[str, int], tx: Tx) -> int:
    return tx.run(change, **values)
