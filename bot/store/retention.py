"""What is too old, table by table, and what is then done with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    delete,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
    tuple_,
    update,
)

from bot.store import marks
from bot.store.case_tables import CaseFile
from bot.store.database import Database, Tx
from bot.store.leaving import AT_THE_PLACE
from bot.store.statements import Statement
from bot.store.tables import (
    Broadcast,
    BroadcastText,
    Contact,
    ContactDay,
    ContactImport,
    ContactTag,
    DeliveryReport,
    Escalation,
    Inbound,
    Membership,
    Outbound,
    Permit,
    Recipient,
    Session,
    Unmatched,
)
from bot.store.times import moment

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
    """Old is what is from before `before`, or from after `beyond` by a clock that was wrong. Milliseconds.

    Texts of somebody whose case is open, or was closed at `kept` or later, are not old before the case is.
    """

    before: int
    beyond: int
    kept: int = 0


def _delete(key: Key, old: ColumnElement[bool]) -> Rule:
    """Rows that are `old` are deleted."""
    return Rule(_page(key, old), Statement(lambda _: delete(key.class_).where(*_among(key, old))))


def _empty(
    key: Key,
    old: ColumnElement[bool],
    columns: tuple[str, ...],
    mark: str | None = None,
    kept: ColumnElement[bool] | None = None,
) -> Rule:
    """Rows that are `old` stay, without these columns; those that are `kept` somebody else looks after once they are
    old: what is not old yet is not passed over, for nothing may keep it when it is."""
    table = key.class_
    full = or_(*(getattr(table, name).is_not(None) for name in columns))
    mine, others = (full, full) if kept is None else (full & ~kept, full & ~and_(kept, old))
    emptied = dict.fromkeys(columns, null())
    return Rule(
        _page(key, old & mine),
        Statement(lambda _: update(table).where(*_among(key, old & mine)).values(emptied)),
        mark,
        Statement(lambda _: select(key).where(key > bindparam("after"), others).order_by(key).limit(1)),
    )


def _page(key: Key, old: ColumnElement[bool]) -> Statement:
    page = select(key).where(key > bindparam("after"), old).order_by(key).limit(PAGE)
    return Statement(lambda _: page)


def _among(key: Key, old: ColumnElement[bool]) -> tuple[ColumnElement[bool], ...]:
    return key > bindparam("after"), key <= bindparam("last"), old


def _aged(column: ColumnElement[int] | InstrumentedAttribute[int | None]) -> ColumnElement[bool]:
    return or_(column < bindparam("before"), column > bindparam("beyond"))


def _unused() -> ColumnElement[bool]:
    tables = (Session, Escalation, CaseFile, Inbound, Outbound, Membership, ContactTag, ContactDay, Permit)
    awaited = exists().where(AT_THE_PLACE, Broadcast.closed_at.is_(None)).correlate(Contact)
    return ~or_(*(exists().where(table.contact_id == Contact.id) for table in tables), awaited)


def _dormant(key: Key) -> Rule:
    """What hangs on people who are as old as that goes."""
    return _delete(key, key.in_(select(Contact.id).where(_aged(Contact.seen_at))))


def kept(contact: ColumnElement[int] | InstrumentedAttribute[int | None]) -> ColumnElement[bool]:
    """Whether this is somebody with a case that is open, or was closed lately (H22)."""
    lasts = or_(CaseFile.closed_at.is_(None), CaseFile.closed_at.between(bindparam("kept"), bindparam("beyond")))
    return exists().where(CaseFile.contact_id == contact, lasts).correlate_except(CaseFile)


_RECEIVER = func.coalesce(
    Outbound.contact_id,
    select(Inbound.contact_id).where(Inbound.id == Outbound.inbound_id).correlate_except(Inbound).scalar_subquery(),
)
INBOUND_OLD = _aged(Inbound.received_at)
INBOUND_EMPTIED = ("contact_id", "text_sealed", "response_sealed")
INBOUND_TEXTS = _empty(Inbound.id, INBOUND_OLD, INBOUND_EMPTIED, "purged_inbound", kept(Inbound.contact_id))
UNMATCHED = _delete(Unmatched.inbound_id, _aged(Unmatched.at))
_NOT_WAITING = or_(
    Outbound.state >= literal_column("28"), Outbound.expires_at.is_(None), Outbound.expires_at < bindparam("before")
)
"""A text may be written weeks before it is to be sent."""
OUTBOUND_OLD = _aged(Outbound.created_at) & _NOT_WAITING
OUTBOUND_EMPTIED = ("contact_id", "text_sealed", "to_sealed")
OUTBOUND_TEXTS = _empty(Outbound.id, OUTBOUND_OLD, OUTBOUND_EMPTIED, "purged_outbound", kept(_RECEIVER))
_COUNTED = or_(
    Outbound.broadcast_text_id.is_(None),
    Outbound.broadcast_text_id.not_in(
        select(BroadcastText.id)
        .join(Broadcast, Broadcast.id == BroadcastText.broadcast_id)
        .where(Broadcast.closed_at.is_(None))
    ),
)
"""What became of a text of a broadcast is counted when that is closed."""
OUTBOUND_OVER = OUTBOUND_OLD & _COUNTED
OUTBOUND = _delete(Outbound.id, OUTBOUND_OVER & ~kept(_RECEIVER))
REPORTS = _delete(DeliveryReport.id, _aged(DeliveryReport.received_at))
CASES = _delete(Escalation.id, _aged(Escalation.closed_at))
SESSIONS = _delete(Session.contact_id, _aged(Session.at))
MEMBERSHIPS = _dormant(Membership.contact_id)
"""A consent is as old as the last text of who gave it (H9)."""
TAGS = _dormant(ContactTag.contact_id)
DAYS = _dormant(ContactDay.contact_id)
PAST_DAYS = _delete(ContactDay.contact_id, ContactDay.day < bindparam("day_before"))
PERMITS = _delete(Permit.broadcast_id, Permit.broadcast_id.in_(select(Broadcast.id).where(_aged(Broadcast.closed_at))))
IMPORTS = _delete(ContactImport.begun_at, _aged(func.coalesce(ContactImport.finished_at, ContactImport.begun_at)))
"""One that stopped halfway can go on until then."""
_SILENT = _aged(Contact.seen_at)
_UNWANTED = or_(Contact.opted_out_at.is_not(None), Contact.blocked_at.is_not(None))
DORMANT = _delete(Contact.id, _SILENT & ~_UNWANTED & _unused())
TOLD = _empty(
    Contact.id, _SILENT, ("province", "district", "destination", "school", "texted_at", "texted_before_at", "asked")
)
"""What staff and they themselves told of people who stay for another reason."""
DORMANT_UNWANTED = _empty(
    Contact.id, _SILENT & _UNWANTED, ("number_sealed", "language", "country", "network", "dead_at")
)
"""The tombstone of who wants nothing, or is to have nothing: it says no more than that."""

LARGE_PAGE: Final = 2_000
_PLACE = (Recipient.country, Recipient.wave, Recipient.contact_id)
_OF_OLD = Recipient.broadcast_id == bindparam("broadcast")
_OLD_BROADCASTS = Statement(
    lambda _: (
        select(Broadcast.id)
        .where(_aged(Broadcast.closed_at), exists().where(Recipient.broadcast_id == Broadcast.id))
        .order_by(Broadcast.id)
    )
)
_LAST_PLACE = Statement(lambda _: select(*_PLACE).where(_OF_OLD).order_by(*_PLACE).offset(bindparam("rows")).limit(1))
_DELETE_UP_TO = Statement(
    lambda _: delete(Recipient).where(
        _OF_OLD, tuple_(*_PLACE) <= tuple_(*(bindparam(column.name, type_=column.type) for column in _PLACE))
    )
)
_DELETE_ALL = Statement(lambda _: delete(Recipient).where(_OF_OLD))


def sweep_recipients(database: Database, age: Age) -> int:
    """Who got a broadcast is forgotten once it was closed so long ago, in pages; how many rows went."""
    bounds = {"before": age.before, "beyond": age.beyond}
    done = 0
    for (broadcast,) in database.read(lambda tx: tx.all(_OLD_BROADCASTS, **bounds)):
        while rows := database.write(partial(_delete_recipients, broadcast)):
            done += rows
    return done


def _delete_recipients(broadcast: int, tx: Tx) -> int:
    last = tx.one(_LAST_PLACE, broadcast=broadcast, rows=LARGE_PAGE - 1)
    if last is None:
        return tx.run(_DELETE_ALL, broadcast=broadcast)
    country, wave, contact_id = last
    return tx.run(_DELETE_UP_TO, broadcast=broadcast, country=country, wave=wave, contact_id=contact_id)


def sweep(database: Database, rule: Rule, age: Age) -> int:
    """Apply a rule to all old rows, in pages, each its own transaction; how many rows changed."""
    bounds = {
        "before": age.before,
        "beyond": age.beyond,
        "kept": age.kept,
        "day_before": _day(age.before),
        "day_beyond": _day(age.beyond),
    }
    mark = rule.mark
    start = (database.read(lambda tx: marks.get(tx, mark)) if mark else None) or 0
    after, done = start, 0
    while last := database.read(partial(_last, rule.find, {"after": after, **bounds})):
        done += database.write(partial(_change, rule.change, {"after": after, "last": last, **bounds}))
        after = last
    if mark and rule.full and done:
        full = database.read(partial(_last, rule.full, {"after": start, **bounds}))
        database.write(lambda tx: marks.put(tx, mark, full - 1 if full else after))
    return done


def _day(at: int) -> str:
    return moment(max(at, 0)).date().isoformat()


def _last(find: Statement, values: Mapping[str, Any], tx: Tx) -> int:
    """The key of the last row found; 0 if there is none."""
    rows = tx.all(find, **values)
    return rows[-1][0] if rows else 0


def _change(change: Statement, values: Mapping[str, Any], tx: Tx) -> int:
    return tx.run(change, **values)
