"""What staff know of people: lists that come in page by page, and what is told of them again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    LargeBinary,
    and_,
    bindparam,
    cast,
    delete,
    func,
    literal_column,
    select,
    update,
)

from bot.store.database import Row, Tx
from bot.store.lists import listed, numbers
from bot.store.statements import Insert, Statement
from bot.store.tables import Campaign, Contact, ContactDay, ContactImport, ContactTag, Membership, Wording

KEY: Final = 16
"""Bytes of the key of a number."""
TOLD: Final = ("language", "province", "district", "destination", "school", "country", "network")
"""What a list says of a person."""

_MEMBER = ("contact_id", "code", "channel", "language", "question", "joined_at", "how", "given_by")


class Known(NamedTuple):
    """A contact as it is kept. Of an `erased` one there is only that it wants nothing."""

    id: int
    number_key: bytes
    erased: bool
    opted_out_at: int | None
    seen_at: int
    language: str | None
    province: str | None
    district: str | None
    destination: str | None
    school: str | None
    country: str | None
    network: str | None
    blocked_at: int | None


def _these(name: str) -> Any:
    """Keys of numbers: cut out of one value, at the places listed in another."""
    places = numbers("places").subquery("places")
    place = cast(next(iter(places.c)), Integer)
    return select(func.substr(bindparam(name, type_=LargeBinary), place, literal_column(str(KEY))))


def _find(_: Insert) -> Any:
    told = (getattr(Contact, name) for name in TOLD)
    return (
        select(
            Contact.id,
            Contact.number_key,
            Contact.number_sealed.is_(None),
            Contact.opted_out_at,
            Contact.seen_at,
            *told,
            Contact.blocked_at,
        )
        .where(Contact.number_key.in_(_these("keys")))
        .order_by(Contact.id)
    )


def _of(table: Any, *columns: Any) -> Statement:
    return Statement(lambda _: select(*columns).where(table.contact_id.in_(numbers("ids"))).order_by(*columns))


def _day(insert: Insert) -> Any:
    new = insert(ContactDay)
    return new.on_conflict_do_update(
        index_elements=[ContactDay.contact_id, ContactDay.kind], set_={"day": new.excluded.day}
    )


_FIND = Statement(_find)
_HOLD = Statement(lambda insert: _find(insert).with_for_update())
_MEMBERSHIPS = _of(Membership, Membership.contact_id, Membership.code, Membership.joined_at)
_TAGS = _of(ContactTag, ContactTag.contact_id, ContactTag.tag)
_DAYS = _of(ContactDay, ContactDay.contact_id, ContactDay.kind, ContactDay.day)

ADD = Statement(
    lambda insert: insert(Contact),
    columns=("id", "number_key", "number_sealed", "opted_out_at", "created_at", "seen_at", "blocked_at", *TOLD),
)
CHANGE = Statement(
    lambda _: update(Contact).where(Contact.id == bindparam("row")), columns=("seen_at", "blocked_at", *TOLD)
)
JOIN = Statement(lambda insert: insert(Membership).on_conflict_do_nothing(), columns=_MEMBER)
LEAVE = Statement(
    lambda _: delete(Membership).where(Membership.contact_id == bindparam("of"), Membership.code == bindparam("left"))
)
"""Somebody says no to what they said yes to before. Wants `of` and `left`, a campaign."""
TAG = Statement(lambda insert: insert(ContactTag).on_conflict_do_nothing())
UNTAG = Statement(
    lambda _: delete(ContactTag).where(ContactTag.contact_id == bindparam("of"), ContactTag.tag == bindparam("tag"))
)
DAY = Statement(_day)
WORDING = Statement(lambda insert: insert(Wording).on_conflict_do_nothing())


def find(tx: Tx, keys: Sequence[bytes], *, hold: bool = False) -> dict[bytes, Known]:
    """The contacts with these numbers, by the keys of their numbers. `hold`: nobody else changes them meanwhile."""
    places = listed(range(1, KEY * len(keys) + 1, KEY))
    rows = tx.all(_HOLD if hold else _FIND, keys=b"".join(keys), places=places)
    return {bytes(row[1]): Known._make((row[0], bytes(row[1]), bool(row[2]), *row[3:])) for row in rows}


def memberships(tx: Tx, ids: Iterable[int]) -> dict[int, dict[str, int]]:
    """Who of these belongs to which campaign, and since when."""
    found: dict[int, dict[str, int]] = {}
    for contact_id, code, joined_at in tx.all(_MEMBERSHIPS, ids=listed(ids)):
        found.setdefault(contact_id, {})[code] = joined_at
    return found


def tags(tx: Tx, ids: Iterable[int]) -> list[tuple[int, str]]:
    """The tags of these, in order."""
    return tx.all(_TAGS, ids=listed(ids))


def days(tx: Tx, ids: Iterable[int]) -> list[tuple[int, str, str]]:
    """The days of these, by their kinds."""
    return tx.all(_DAYS, ids=listed(ids))


_IMPORT = ContactImport
_THIS = _IMPORT.fingerprint == bindparam("sought")
_BEGUN = Statement(lambda _: select(_IMPORT.done, _IMPORT.finished_at, _IMPORT.report).where(_THIS))
_BEGIN = Statement(lambda insert: insert(_IMPORT).on_conflict_do_nothing())
_ADVANCE = Statement(
    lambda _: update(_IMPORT).where(_THIS, _IMPORT.done == bindparam("before")).where(_IMPORT.finished_at.is_(None)),
    columns=("done", "finished_at", "report"),
)
_FORGET = Statement(lambda _: delete(_IMPORT).where(_THIS))


class Begun(NamedTuple):
    """How far an import has come: rows that are in, when it was finished, and its counts (JSON)."""

    done: int
    finished_at: int | None
    report: str


def begun(tx: Tx, fingerprint: str) -> Begun | None:
    """The import of this file, read this way."""
    row = tx.one(_BEGUN, sought=fingerprint)
    return Begun._make(row) if row else None


def begin(tx: Tx, fingerprint: str, author: str, now: int) -> None:
    """Begin an import, if it was not begun before."""
    start: Mapping[str, Any] = {"begun_at": now, "done": 0, "finished_at": None, "report": "{}"}
    tx.run(_BEGIN, fingerprint=fingerprint, author=author, **start)


def advance(tx: Tx, fingerprint: str, before: int, now: Begun) -> bool:
    """Write down how far an import has come; False if somebody else has brought it further meanwhile."""
    return tx.run(_ADVANCE, sought=fingerprint, before=before, **now._asdict()) == 1


def forget(tx: Tx, fingerprint: str) -> None:
    """Let a file be taken in as if it never was."""
    tx.run(_FORGET, sought=fingerprint)


_REACHED = and_(Contact.number_sealed.is_not(None), Contact.opted_out_at.is_(None))
"""Whom anything may be told of: not those who said STOP or ERASE."""


TOGETHER: Final = ("province", "district", "destination", "language", "school")
"""What stands in the row of a person, and is counted in one go."""


def _counted(column: Any, table: Any) -> Statement:
    counted = select(column, func.count()).where(_REACHED, table.contact_id == Contact.id).group_by(column)
    return Statement(lambda _: counted)


def _told() -> Statement:
    """A page of people at a time: a database that sorts a million by what is told of them takes five times as long."""
    columns = [getattr(Contact, name) for name in TOGETHER]
    some = (
        select(Contact.id, *columns)
        .where(_REACHED, Contact.id > bindparam("after", type_=BigInteger))
        .order_by(Contact.id)
        .limit(bindparam("most", type_=Integer))
        .subquery("some")
    )
    told = [some.c[name] for name in TOGETHER]
    return Statement(lambda _: select(*told, func.count(), func.max(some.c.id)).group_by(*told))


_TOLD = _told()
GROUPS: Final[Mapping[str, Statement]] = {
    "campaign": _counted(Membership.code, Membership),
    "tag": _counted(ContactTag.tag, ContactTag),
}
KINDS: Final = ("province", "district", "destination", "campaign", "language", "school", "tag")
"""Everything that groups people."""


def group(tx: Tx, kind: str) -> list[tuple[str | None, int]]:
    """How many people are in each group of a kind (`GROUPS`)."""
    return [(value, count) for value, count in tx.all(GROUPS[kind])]


def told(tx: Tx, after: int, most: int) -> tuple[list[tuple[tuple[str | None, ...], int]], int | None]:
    """How many of the next people have which of `TOGETHER` (None: nobody told); and after whom to go on."""
    rows = tx.all(_TOLD, after=after, most=most)
    return [(row[:-2], row[-2]) for row in rows], max((row[-1] for row in rows), default=None)


_SOME = select(Contact.id).where(_REACHED).limit(bindparam("most", type_=Integer))
_SOME_MEMBERS = (
    select(Contact.id)
    .join(Membership, Membership.contact_id == Contact.id)
    .where(Membership.code == bindparam("code"), _REACHED)
    .limit(bindparam("most", type_=Integer))
)
_AT_MOST = Statement(lambda _: select(func.count()).select_from(_SOME.subquery("some")))
_MEMBERS_AT_MOST = Statement(lambda _: select(func.count()).select_from(_SOME_MEMBERS.subquery("some")))


def at_most(tx: Tx, code: str | None, most: int) -> int:
    """How many people `page` tells of, counted no further than `most`."""
    row = tx.one(_AT_MOST, most=most) if code is None else tx.one(_MEMBERS_AT_MOST, code=code, most=most)
    return row[0] if row else 0


def _page(*more: ColumnElement[bool]) -> Any:
    told = (getattr(Contact, name) for name in TOLD[:5])
    of = and_(Membership.contact_id == Contact.id, Membership.code == bindparam("code"))
    return (
        select(
            Contact.id,
            Contact.number_sealed,
            *told,
            Contact.blocked_at,
            Membership.code,
            Membership.how,
            Membership.given_by,
            Membership.joined_at,
            Wording.words,
        )
        .select_from(Contact)
        .outerjoin(Membership, of)
        .outerjoin(Wording, Wording.fingerprint == Membership.question)
        .where(Contact.id > bindparam("after"), _REACHED, *more)
        .order_by(Contact.id)
        .limit(bindparam("most", type_=Integer))
    )


_ALL = Statement(lambda _: _page())
_MEMBERS = Statement(lambda _: _page(Membership.code.is_not(None)))


def page(tx: Tx, after: int, most: int, code: str | None) -> list[Row]:
    """The next people who have not said STOP, of this campaign if one is named, with their consent to it."""
    return tx.all(_ALL if code is None else _MEMBERS, after=after, most=most, code=code or "")


_BLOCK = Statement(
    lambda _: update(Contact).where(Contact.number_key == bindparam("sought"), Contact.number_sealed.is_not(None)),
    columns=("blocked_at",),
)


def block(tx: Tx, number_key: bytes, at: int | None) -> bool:
    """From now on nothing is sent to this number that it did not ask for, or again; False if it is not known."""
    return tx.run(_BLOCK, sought=number_key, blocked_at=at) == 1


_CODES = Statement(lambda _: select(Campaign.code))


def campaigns(tx: Tx) -> frozenset[str]:
    """The codes of all campaigns."""
    return frozenset(code for (code,) in tx.all(_CODES))
