"""Cases in SQL: what opens and joins one, which there are, and what staff do with them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Select,
    Text,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    null,
    or_,
    select,
    tuple_,
    update,
)

from bot.store.case_tables import CaseFile
from bot.store.database import Tx
from bot.store.lists import listed, numbers
from bot.store.staff_tables import Staff
from bot.store.statements import Insert, Statement
from bot.store.tables import Contact, Escalation
from bot.store.typed import aliased

MOST: Final = 1_000
"""Above so many it is only said that there are more."""
EARLIER: Final = 20
"""So many earlier cases of a person are told."""
PAGE: Final = 500


class Kind(StrEnum):
    """Why somebody needs a person of staff, the most urgent first."""

    EMERGENCY = "emergency"
    PERSON = "person"
    UNANSWERED = "unanswered"
    LOOP = "loop"


class Outcome(StrEnum):
    """How a case ended. `LAPSED` and `ERASED` end it by themselves."""

    HELPED = "helped"
    REFERRED = "referred"
    SAFE_HOME = "safe_home"
    NO_ANSWER = "no_answer"
    NOT_FOR_US = "not_for_us"
    LAPSED = "lapsed"
    ERASED = "erased"


class Known(NamedTuple):
    """A case as it is kept, with the names of staff and what is known of its person."""

    id: int
    contact_id: int
    kind: str
    opened_at: int
    news_at: int
    acknowledged_at: int | None
    assigned: int | None
    locked_by: int | None
    locked_until: int | None
    alerts: int
    waits_until: int | None
    closed_at: int | None
    outcome: str | None
    referred: str | None
    owner: str | None
    holder: str | None
    number_key: bytes
    number_sealed: bytes | None
    country: str | None
    language: str | None
    province: str | None
    network: str | None
    opted_out_at: int | None
    blocked_at: int | None
    dead_at: int | None


def _word(value: str) -> ColumnElement[str]:
    return literal_column(f"'{value}'", Text)


def _whole(name: str) -> BindParameter[int]:
    return bindparam(name, type_=BigInteger)


_NONE: ColumnElement[int] = literal_column("0", BigInteger)
_OPEN = CaseFile.closed_at.is_(None)
_THIS = CaseFile.id == _whole("case_id")


def _rank(kind: Any) -> ColumnElement[int]:
    ranks: list[Any] = [(kind == _word(each), literal_column(str(at))) for at, each in enumerate(Kind)]
    found: ColumnElement[int] = case(*ranks, else_=literal_column(str(len(Kind))))
    return found


def _open(insert: Insert) -> Any:
    """Who calls for help again once staff have seen the first time is news, of which the duty phones hear anew; until
    then they go on as they were."""
    new = insert(CaseFile)
    danger = new.excluded.kind == _word(Kind.EMERGENCY)
    anew = and_(danger, CaseFile.alert_at.is_(None))
    return new.on_conflict_do_update(
        index_elements=[CaseFile.contact_id],
        index_where=_OPEN,
        set_={
            "kind": case((_rank(new.excluded.kind) < _rank(CaseFile.kind), new.excluded.kind), else_=CaseFile.kind),
            "news_at": new.excluded.news_at,
            "waits_until": null(),
            "acknowledged_at": case((danger, null()), else_=CaseFile.acknowledged_at),
            "alerts": case((anew, _NONE), else_=CaseFile.alerts),
            "alert_at": case((anew, new.excluded.news_at), else_=CaseFile.alert_at),
        },
    )


OPEN = Statement(_open, columns=("id", "contact_id", "kind", "opened_at", "news_at", "alert_at"))
"""Open the case of a person, or join the one that is open."""
NEWS = Statement(
    lambda _: update(CaseFile).where(_THIS, _OPEN).values(news_at=_whole("at"), waits_until=null()),
)
"""Somebody with an open case has texted. Wants `case_id` and `at`."""

_OWNER, _HOLDER = aliased(Staff), aliased(Staff)
_OF_CASE = Known._fields[: Known._fields.index("owner")]
_OF_PERSON = Known._fields[Known._fields.index("number_key") :]


def _cases(*where: ColumnElement[bool]) -> Select[Any]:
    return (
        select(
            *(getattr(CaseFile, name) for name in _OF_CASE),
            _OWNER.name.label("owner"),
            _HOLDER.name.label("holder"),
            *(getattr(Contact, name) for name in _OF_PERSON),
        )
        .select_from(CaseFile)
        .join(Contact, Contact.id == CaseFile.contact_id)
        .outerjoin(_OWNER, _OWNER.id == CaseFile.assigned)
        .outerjoin(_HOLDER, _HOLDER.id == CaseFile.locked_by)
        .where(*where)
    )


_AFTER = tuple_(_whole("after"), _whole("after_id"))
_KIND = CaseFile.kind == bindparam("of_kind", type_=Text)


def _page(by: Any, *where: ColumnElement[bool], newest: bool = False) -> Statement:
    place = tuple_(by, CaseFile.id)
    beyond = place < _AFTER if newest else place > _AFTER
    order = (by.desc(), CaseFile.id.desc()) if newest else (by, CaseFile.id)
    return Statement(lambda _: _cases(*where, beyond).order_by(*order).limit(_whole("rows")))


_NOT_WAITING = or_(CaseFile.waits_until.is_(None), CaseFile.waits_until <= _whole("now"))
_OF_KIND = _page(CaseFile.news_at, _OPEN, _KIND, _NOT_WAITING)


def _pages(by: Any, *where: ColumnElement[bool], newest: bool = False) -> tuple[Statement, Statement]:
    """Of all kinds, and of one."""
    return _page(by, *where, newest=newest), _page(by, *where, _KIND, newest=newest)


_MINE = _pages(CaseFile.news_at, _OPEN, CaseFile.assigned == _whole("of_staff"))
_WAITING = _pages(CaseFile.waits_until, _OPEN, CaseFile.waits_until > _whole("now"))
_CLOSED = _pages(CaseFile.closed_at, CaseFile.closed_at.is_not(None), newest=True)
_ONE = Statement(lambda _: _cases(_THIS))
_OF_CONTACT = Statement(
    lambda _: (
        _cases(CaseFile.contact_id == _whole("of_contact"))
        .order_by(CaseFile.opened_at.desc())
        .limit(literal_column(str(EARLIER + 1)))
    )
)


class Place(NamedTuple):
    """Where a page goes on: after a case, by the time its list is sorted by."""

    at: int = 0
    id: int = 0


LAST: Final = Place((1 << 62), 0)
"""Before the newest."""


def of_kind(tx: Tx, kind: str, now: int, after: Place, rows: int) -> list[Known]:
    """Open cases of a kind that wait for somebody of staff now, those first that had no answer longest."""
    found = tx.all(_OF_KIND, of_kind=kind, now=now, after=after.at, after_id=after.id, rows=rows)
    return list(map(Known._make, found))


def mine(tx: Tx, staff: int, kind: str | None, after: Place, rows: int) -> list[Known]:
    """Open cases of one of staff, in the same order."""
    return _some(tx, _MINE, kind, after, of_staff=staff, rows=rows)


def waiting(tx: Tx, now: int, kind: str | None, after: Place, rows: int) -> list[Known]:
    """Open cases in which the next word is not ours, in the order in which we look at them again."""
    return _some(tx, _WAITING, kind, after, now=now, rows=rows)


def closed(tx: Tx, kind: str | None, before: Place, rows: int) -> list[Known]:
    """Closed cases, the last one first."""
    return _some(tx, _CLOSED, kind, before, rows=rows)


def _some(tx: Tx, pages: tuple[Statement, Statement], kind: str | None, after: Place, **values: int) -> list[Known]:
    of_kind = {} if kind is None else {"of_kind": kind}
    found = tx.all(pages[kind is not None], after=after.at, after_id=after.id, **of_kind, **values)
    return list(map(Known._make, found))


def get(tx: Tx, case_id: int) -> Known | None:
    """One case."""
    row = tx.one(_ONE, case_id=case_id)
    return Known._make(row) if row else None


def of_contact(tx: Tx, contact_id: int) -> list[Known]:
    """The cases of a person, the newest first."""
    return list(map(Known._make, tx.all(_OF_CONTACT, of_contact=contact_id)))


def _counting(*where: ColumnElement[bool]) -> Statement:
    some = select(CaseFile.id).where(_OPEN, *where).limit(literal_column(str(MOST + 1))).subquery()
    return Statement(lambda _: select(func.count()).select_from(some))


_COUNT = {
    "kind": _counting(_KIND, _NOT_WAITING),
    "waiting": _counting(CaseFile.waits_until > _whole("now")),
    "mine": _counting(CaseFile.assigned == _whole("of_staff")),
}


def count(tx: Tx, what: str, **values: Any) -> int:
    """How many, `MOST` + 1 at most: of a `kind`, `waiting`, or `mine`."""
    row = tx.one(_COUNT[what], **values)
    return int(row[0]) if row else 0


def _change(*where: ColumnElement[bool], **values: Any) -> Statement:
    return Statement(lambda _: update(CaseFile).where(_THIS, *where).values(values))


_UNLOCKED: dict[str, Any] = {"locked_by": null(), "locked_until": null()}
_SEEN: dict[str, Any] = {
    "acknowledged_at": func.coalesce(CaseFile.acknowledged_at, _whole("at")),
    "alert_at": null(),
}
_ME = CaseFile.locked_by == _whole("staff")
_FREE = or_(CaseFile.locked_by.is_(None), _ME, CaseFile.locked_until <= _whole("at"))
ACTS: Final[Mapping[str, Statement]] = {
    "acknowledge": _change(_OPEN, **_SEEN),
    "lock": _change(_OPEN, _FREE, locked_by=_whole("staff"), locked_until=_whole("until")),
    "unlock": _change(_ME, **_UNLOCKED),
    "assign": _change(_OPEN, assigned=_whole("staff")),
    "refer": _change(_OPEN, referred=bindparam("to", type_=Text)),
    "wait": _change(_OPEN, waits_until=_whole("until"), **_SEEN),
    "answered": _change(
        _OPEN,
        assigned=func.coalesce(CaseFile.assigned, _whole("staff")),
        waits_until=_whole("until"),
        **_UNLOCKED,
        **_SEEN,
    ),
    "close": _change(
        _OPEN,
        closed_at=_whole("at"),
        outcome=bindparam("how", type_=Text),
        waits_until=null(),
        **_UNLOCKED,
        **_SEEN,
    ),
    "reopen": _change(closed_at=null(), outcome=null(), news_at=_whole("at")),
}
"""What can be done with a case. Each wants `case_id`; most want `at`, `staff` or `until`."""

_CLOSE_ESCALATIONS = Statement(
    lambda _: (
        update(Escalation)
        .where(Escalation.contact_id == _whole("of_contact"), Escalation.closed_at.is_(None))
        .values(closed_at=_whole("at"))
    )
)

_ENDED_THEN = select(func.max(Escalation.id)).where(
    Escalation.contact_id == _whole("of_contact"), Escalation.closed_at == _whole("at")
)
_OPEN_ESCALATIONS = Statement(
    lambda _: (
        update(Escalation).where(Escalation.id.in_(_ENDED_THEN.group_by(Escalation.kind))).values(closed_at=null())
    )
)


def act(tx: Tx, what: str, case_id: int, **values: Any) -> bool:
    """Do it; False if the case is not there, or not as it has to be for that."""
    return tx.run(ACTS[what], case_id=case_id, **values) == 1


def close_escalations(tx: Tx, contact_id: int, at: int) -> None:
    """Nothing is open any more for this person: from now on the 30 days without broadcasts count."""
    tx.run(_CLOSE_ESCALATIONS, of_contact=contact_id, at=at)


def open_escalations(tx: Tx, contact_id: int, closed_at: int) -> None:
    """What ended with a case is open again: the 30 days count from its next end."""
    tx.run(_OPEN_ESCALATIONS, of_contact=contact_id, at=closed_at)


_OLD = and_(
    _OPEN,
    CaseFile.kind.in_([_word(Kind.UNANSWERED), _word(Kind.LOOP)]),
    CaseFile.news_at < _whole("before"),
    CaseFile.assigned.is_(None),
    or_(CaseFile.waits_until.is_(None), CaseFile.waits_until < _whole("before")),
)
_LAPSING = Statement(
    lambda _: (
        select(CaseFile.id, CaseFile.contact_id, Contact.country, Contact.language)
        .join(Contact, Contact.id == CaseFile.contact_id)
        .where(_OLD)
        .limit(literal_column(str(PAGE)))
        .with_for_update(of=CaseFile)
    )
)
_LAPSE = Statement(
    lambda _: (
        update(CaseFile)
        .where(CaseFile.id.in_(numbers("ids")))
        .values(closed_at=_whole("at"), outcome=_word(Outcome.LAPSED), alert_at=null(), waits_until=null(), **_UNLOCKED)
    )
)
_CLOSE_THEIRS = Statement(
    lambda _: (
        update(Escalation)
        .where(Escalation.contact_id.in_(numbers("ids")), Escalation.closed_at.is_(None))
        .values(closed_at=_whole("at"))
    )
)


class Lapsed(NamedTuple):
    """A case that ended by itself."""

    id: int
    contact_id: int
    country: str | None
    language: str | None


def lapse(tx: Tx, before: int, at: int) -> list[Lapsed]:
    """A page of cases that nobody took on, and in which there is nothing new since `before`, ends."""
    found = list(map(Lapsed._make, tx.all(_LAPSING, before=before)))
    if found:
        tx.run(_LAPSE, ids=listed(each.id for each in found), at=at)
        tx.run(_CLOSE_THEIRS, ids=listed(each.contact_id for each in found), at=at)
    return found
