"""Duty phones as rows, and the emergencies that they are still to be told of."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import BigInteger, BindParameter, and_, bindparam, delete, func, literal_column, select, update

from bot.store.case_tables import CaseFile, DutyPhone
from bot.store.database import Tx
from bot.store.staff_tables import Staff
from bot.store.statements import Statement


class Phone(NamedTuple):
    """A duty phone, as it is kept. `role`: what its owner is there for; None if they may not come in any more."""

    id: int
    owner: str
    number_sealed: bytes
    channel: str
    language: str
    turn: int
    added_at: int
    disabled_at: int | None
    role: str | None


class Waiting(NamedTuple):
    """Emergencies that nobody of staff has seen: how many, the least alerts that one of them had, the most, and when
    the next alert is due."""

    cases: int
    fewest: int
    most: int
    due_at: int


_ID: BindParameter[int] = bindparam("phone", type_=BigInteger)
_KEPT = [getattr(DutyPhone, name) for name in Phone._fields if name != "role"]
_EVERY = Statement(
    lambda _: (
        select(*_KEPT, Staff.role)
        .select_from(DutyPhone)
        .outerjoin(Staff, and_(Staff.name == DutyPhone.owner, Staff.disabled_at.is_(None)))
        .order_by(DutyPhone.turn, DutyPhone.id)
    )
)
_ADD = Statement(lambda insert: insert(DutyPhone))
_KNOWN = Statement(lambda _: select(DutyPhone.id).where(DutyPhone.number_key == bindparam("dialled")))
_REMOVE = Statement(lambda _: delete(DutyPhone).where(DutyPhone.id == _ID))
_TURN = Statement(lambda _: update(DutyPhone).where(DutyPhone.id == _ID), ("turn",))
_SWITCH = Statement(lambda _: update(DutyPhone).where(DutyPhone.id == _ID), ("disabled_at",))

_UNSEEN = and_(CaseFile.alert_at.is_not(None), CaseFile.closed_at.is_(None))
"""As the index over them says it."""
_WAITING = Statement(
    lambda _: select(
        func.count(), func.min(CaseFile.alerts), func.max(CaseFile.alerts), func.min(CaseFile.alert_at)
    ).where(_UNSEEN)
)
_TOLD = Statement(
    lambda _: (
        update(CaseFile)
        .where(_UNSEEN)
        .values(
            alerts=CaseFile.alerts + literal_column("1"),
            alert_at=bindparam("next_at", type_=BigInteger),
        )
    )
)


def every(tx: Tx) -> list[Phone]:
    """All of them, in the order of their turns."""
    return [Phone._make(row) for row in tx.all(_EVERY)]


def known(tx: Tx, number_key: bytes) -> bool:
    """Whether a number is one of them."""
    return tx.one(_KNOWN, dialled=number_key) is not None


def add(tx: Tx, phone: Phone, number_key: bytes) -> None:
    """One more."""
    kept = phone._asdict()
    del kept["role"]
    tx.run(_ADD, number_key=number_key, **kept)


def remove(tx: Tx, phone: int) -> None:
    """Nothing is kept of it."""
    tx.run(_REMOVE, phone=phone)


def turn(tx: Tx, phone: int, turn: int) -> None:
    """Give it another turn."""
    tx.run(_TURN, phone=phone, turn=turn)


def switch(tx: Tx, phone: int, disabled_at: int | None) -> None:
    """Off at a moment, or on again."""
    tx.run(_SWITCH, phone=phone, disabled_at=disabled_at)


def waiting(tx: Tx) -> Waiting | None:
    """The emergencies that wait for somebody of staff; None if there is none."""
    row = tx.one(_WAITING)
    return Waiting._make(row) if row and row[0] else None


def told(tx: Tx, next_at: int) -> None:
    """All of them have had one alert more; the next is due then. One that somebody saw meanwhile stays out."""
    tx.run(_TOLD, next_at=next_at)
