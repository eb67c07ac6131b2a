"""What must never be seen in the outbox, in broadcasts and in cases, counted."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, literal_column, or_, select

from bot.store.case_tables import CaseFile
from bot.store.database import Tx
from bot.store.outbox import OPEN, being, number
from bot.store.recipients import GIVEN, PLANNED
from bot.store.results import OVERLAYS
from bot.store.staff_tables import Audit, Staff, StaffSession
from bot.store.state import State
from bot.store.statements import Statement
from bot.store.tables import Broadcast, BroadcastResult, BroadcastText, Contact, Escalation, Outbound, Recipient

_HANDED = or_(Outbound.state == number(State.CLAIMED), Outbound.state == number(State.POSTING))
_STATES = Outbound.state.in_([number(state) for state in State])
_WANTED_NO_MORE = exists().where(Contact.id == Outbound.contact_id, Contact.opted_out_at < bindparam("long_ago"))

BROKEN: dict[str, ColumnElement[bool]] = {
    "a state nobody knows": ~_STATES,
    "waits without a time": and_(OPEN, Outbound.due_at.is_(None)),
    "waits without a number": and_(OPEN, Outbound.to_sealed.is_(None), Outbound.contact_id.is_(None)),
    "waits though somebody holds it": and_(being(State.QUEUED), Outbound.lease_until.is_not(None)),
    "held without a lease": and_(_HANDED, OPEN, Outbound.lease_until.is_(None)),
    "held longer than two leases (I7)": and_(_HANDED, OPEN, Outbound.lease_until < bindparam("long_ago")),
    "on its way to somebody who said STOP (I4)": and_(_HANDED, OPEN, _WANTED_NO_MORE),
    "over, but still with a number": and_(~OPEN, Outbound.to_sealed.is_not(None)),
    "over, but still held": and_(~OPEN, or_(Outbound.owner.is_not(None), Outbound.lease_until.is_not(None))),
}


def _counts() -> dict[str, Statement]:
    def counting(broken: ColumnElement[bool]) -> Statement:
        return Statement(lambda _: select(func.count()).select_from(Outbound).where(broken))

    return {name: counting(broken) for name, broken in BROKEN.items()}


_COUNTS = _counts()


def broken(tx: Tx, long_ago: int) -> dict[str, int]:
    """How many rows break each rule; nothing for a rule that holds. `long_ago`: when leases must have ended."""
    counted = {name: tx.one(statement, long_ago=long_ago) for name, statement in _COUNTS.items()}
    found = {name: row[0] for name, row in counted.items() if row is not None and row[0]}
    return found | _broken_broadcasts(tx) | _broken_staff(tx) | _broken_cases(tx)


_OF_OPEN = and_(Broadcast.id == Recipient.broadcast_id, Broadcast.closed_at.is_(None))
_GIVEN = Statement(
    lambda _: (
        select(Recipient.broadcast_id, func.count())
        .join(Broadcast, _OF_OPEN)
        .where(Recipient.state == literal_column(str(GIVEN)))
        .group_by(Recipient.broadcast_id)
    )
)
_TEXTS = Statement(
    lambda _: (
        select(BroadcastText.broadcast_id, func.count())
        .select_from(Outbound)
        .join(BroadcastText, BroadcastText.id == Outbound.broadcast_text_id)
        .join(Broadcast, and_(Broadcast.id == BroadcastText.broadcast_id, Broadcast.closed_at.is_(None)))
        .group_by(BroadcastText.broadcast_id)
    )
)
_NOT_COUNTED = and_(Recipient.state == literal_column(str(PLANNED)), Broadcast.closed_at.is_not(None))
_FORGOTTEN = Statement(
    lambda _: (
        select(func.count())
        .select_from(Recipient)
        .join(Broadcast, Broadcast.id == Recipient.broadcast_id)
        .where(_NOT_COUNTED)
    )
)
_CLOSED = Statement(lambda _: select(Broadcast.id, Broadcast.counts).where(Broadcast.closed_at.is_not(None)))
_COUNTED = Statement(
    lambda _: (
        select(BroadcastResult.broadcast_id, func.sum(BroadcastResult.recipients))
        .where(BroadcastResult.outcome.not_in([literal_column(f"'{overlay}'") for overlay in sorted(OVERLAYS)]))
        .group_by(BroadcastResult.broadcast_id)
    )
)


def _broken_broadcasts(tx: Tx) -> dict[str, int]:
    """Looks at every recipient of broadcasts that are not closed."""
    given: dict[int, int] = dict(tx.all(_GIVEN))
    texts: dict[int, int] = dict(tx.all(_TEXTS))
    audiences = {row: json.loads(counts).get("expanded") for row, counts in tx.all(_CLOSED)}
    sums = {row: int(people) for row, people in tx.all(_COUNTED)}
    left = tx.one(_FORGOTTEN)
    found = {
        "a recipient without a text of their own, or a text without a recipient (I2)": _apart(given, texts),
        "a closed broadcast whose sums do not make its audience (I6)": _apart(
            {row: people for row, people in audiences.items() if people is not None},
            {row: sums.get(row, 0) for row, people in audiences.items() if people is not None},
        ),
        "a closed broadcast in which somebody's turn is still to come": left[0] if left else 0,
    }
    return {name: rows for name, rows in found.items() if rows}


def _apart(one: Mapping[int, int], other: Mapping[int, int]) -> int:
    """How far two counts of the same are from each other."""
    return sum(abs(one.get(row, 0) - other.get(row, 0)) for row in one.keys() | other.keys())


_CLOSED_OUT = Statement(
    lambda _: (
        select(func.count())
        .select_from(StaffSession)
        .join(Staff, Staff.id == StaffSession.staff_id)
        .where(or_(Staff.disabled_at.is_not(None), Staff.password.is_(None)))
    )
)
_GAPS = Statement(lambda _: select(func.max(Audit.seq) - func.min(Audit.seq) + 1 - func.count()))


def _broken_staff(tx: Tx) -> dict[str, int]:
    """Counts only: whether a row of the audit was changed takes its key (`services.audit.verify`)."""
    counted = {
        "somebody of staff is in who may not come in": tx.one(_CLOSED_OUT),
        "a row of the audit is missing": tx.one(_GAPS),
    }
    return {name: row[0] for name, row in counted.items() if row is not None and row[0]}


_IS_OPEN = CaseFile.closed_at.is_(None)
_BUSY = or_(CaseFile.alert_at.is_not(None), CaseFile.locked_by.is_not(None), CaseFile.waits_until.is_not(None))
_CASES = {
    "an open case with an end": _IS_OPEN & CaseFile.outcome.is_not(None),
    "a closed case without an end": ~_IS_OPEN & CaseFile.outcome.is_(None),
    "a closed case of which somebody is still told": ~_IS_OPEN & _BUSY,
}
_UNSEEN = Statement(
    lambda _: (
        select(func.count())
        .select_from(Escalation)
        .where(
            Escalation.closed_at.is_(None),
            ~exists().where(CaseFile.contact_id == Escalation.contact_id, _IS_OPEN).correlate(Escalation),
        )
    )
)


def _of_cases(broken: ColumnElement[bool]) -> Statement:
    return Statement(lambda _: select(func.count()).select_from(CaseFile).where(broken))


_COUNT_CASES = {name: _of_cases(broken) for name, broken in _CASES.items()}
_COUNT_CASES["somebody needs one of staff, and is on no list"] = _UNSEEN


def _broken_cases(tx: Tx) -> dict[str, int]:
    counted = {name: tx.one(statement) for name, statement in _COUNT_CASES.items()}
    return {name: row[0] for name, row in counted.items() if row is not None and row[0]}
