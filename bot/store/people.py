"""People as staff look them up: a page of them, one of them, and what is changed of one; never a whole table."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Integer, bindparam, case, exists, func, literal_column, select, update

from bot.store.case_tables import CaseFile
from bot.store.database import Row, Tx
from bot.store.leaving import AT_THE_PLACE
from bot.store.recipients import GIVEN
from bot.store.statements import Statement
from bot.store.tables import Broadcast, Campaign, Contact, ContactTag, Membership, Outbound, Recipient, Wording

LOOKED_AT: Final = 5_000
"""So many people one page looks through at most, whatever it is asked for."""
BROADCASTS: Final = 50
"""So many of the newest broadcasts are looked through for one person."""
FILTERS: Final = ("tag", "campaign", "destination", "province")
"""By what people can be looked up. The first that is asked for leads to the others: it is likely to have the fewest."""


class Found(NamedTuple):
    """A person of a page."""

    id: int
    number_sealed: bytes
    language: str | None
    province: str | None
    district: str | None
    destination: str | None
    created_at: int
    opted_out_at: int | None
    blocked_at: int | None
    dead_at: int | None


_FOUND: Final = tuple(getattr(Contact, name) for name in Found._fields)
_BEFORE: Final[Any] = bindparam("before")
_MEMBER: Final = exists().where(Membership.contact_id == Contact.id, Membership.code == bindparam("campaign"))
_TAGGED: Final = exists().where(ContactTag.contact_id == Contact.id, ContactTag.tag == bindparam("tag"))
_FITS: Final[Mapping[str, ColumnElement[bool]]] = {
    "tag": _TAGGED,
    "campaign": _MEMBER,
    "destination": Contact.destination == bindparam("destination"),
    "province": Contact.province == bindparam("province"),
}


def _newest(used: frozenset[str]) -> Any:
    """The newest whom the first filter fits, from one index."""
    first = next((name for name in FILTERS if name in used), None)
    if first == "tag":
        person, fits = ContactTag.contact_id, [ContactTag.tag == bindparam("tag")]
    elif first == "campaign":
        person, fits = Membership.contact_id, [Membership.code == bindparam("campaign")]
    else:
        person, fits = Contact.id, [_FITS[first]] if first else []
    newest = select(person.label("id")).where(person < _BEFORE, *fits).order_by(person.desc())
    return newest.limit(literal_column(str(LOOKED_AT))).subquery("newest")


@lru_cache(maxsize=16)
def _page(used: frozenset[str]) -> Statement:
    newest = _newest(used)
    fits = [_FITS[name] for name in sorted(used)]
    return Statement(
        lambda _: (
            select(*_FOUND)
            .select_from(newest)
            .join(Contact, Contact.id == newest.c.id)
            .where(Contact.number_sealed.is_not(None), *fits)
            .order_by(newest.c.id.desc())
            .limit(bindparam("most", type_=Integer))
        )
    )


@lru_cache(maxsize=16)
def _end(used: frozenset[str]) -> Statement:
    newest = _newest(used)
    return Statement(lambda _: select(func.min(newest.c.id), func.count()).select_from(newest))


def page(tx: Tx, wanted: Mapping[str, str], before: int, most: int) -> tuple[list[Found], int | None]:
    """Of the newest `LOOKED_AT` people before an id whom the first filter fits those whom all fit, `most` at most; and
    before whom to go on: None if there is nobody more."""
    used = frozenset(wanted)
    rows = [Found._make(row) for row in tx.all(_page(used), before=before, most=most + 1, **wanted)]
    if len(rows) > most:
        return rows[:most], rows[most - 1].id
    first, count = tx.one(_end(used), before=before, **wanted) or (None, 0)
    return rows, first if count == LOOKED_AT else None


class Contacted(NamedTuple):
    """All that is kept of a person in their own row; without `number_sealed` only that they want nothing."""

    id: int
    number_key: bytes
    number_sealed: bytes | None
    language: str | None
    country: str | None
    network: str | None
    province: str | None
    district: str | None
    destination: str | None
    school: str | None
    created_at: int
    seen_at: int
    opted_out_at: int | None
    blocked_at: int | None
    dead_at: int | None
    texted_at: int | None


_ONE = Statement(
    lambda _: select(*(getattr(Contact, name) for name in Contacted._fields)).where(Contact.id == bindparam("person"))
)


def one(tx: Tx, person: int) -> Contacted | None:
    """A person."""
    row = tx.one(_ONE, person=person)
    return Contacted._make(row) if row else None


class Consented(NamedTuple):
    """That somebody said yes to a campaign. Without `words` they answered a question that Phlov asked."""

    code: str
    name: str
    how: str
    given_by: str | None
    language: str
    question: str
    at: int
    words: str | None


_CONSENTS = Statement(
    lambda _: (
        select(
            Membership.code,
            Campaign.name,
            Membership.how,
            Membership.given_by,
            Membership.language,
            Membership.question,
            Membership.joined_at,
            Wording.words,
        )
        .join(Campaign, Campaign.code == Membership.code)
        .outerjoin(Wording, Wording.fingerprint == Membership.question)
        .where(Membership.contact_id == bindparam("person"))
        .order_by(Membership.joined_at.desc(), Membership.code)
    )
)


def consents(tx: Tx, person: int) -> list[Consented]:
    """What a person said yes to, the newest first."""
    return [Consented._make(row) for row in tx.all(_CONSENTS, person=person)]


_LATEST = (
    select(Broadcast.id, Broadcast.title, Broadcast.starts_at)
    .order_by(Broadcast.id.desc())
    .limit(literal_column(str(BROADCASTS)))
    .subquery("latest")
)
_GIVEN = Statement(
    lambda _: (
        select(
            Broadcast.id,
            Broadcast.title,
            func.coalesce(Outbound.created_at, Broadcast.starts_at),
            case((Recipient.state == literal_column(str(GIVEN)), Outbound.state), else_=Recipient.state),
        )
        .select_from(Contact)
        .join(_LATEST, literal_column("1=1"))
        .join(Broadcast, Broadcast.id == _LATEST.c.id)
        .join(Recipient, AT_THE_PLACE)
        .outerjoin(Outbound, Outbound.id == Recipient.outbound_id)
        .where(Contact.id == bindparam("person"))
        .order_by(Broadcast.id.desc())
    )
)


def broadcasts(tx: Tx, person: int) -> list[Row]:
    """The newest broadcasts that a person is a recipient of: id, title, when, and the state of their text."""
    return tx.all(_GIVEN, person=person)


_CASES = Statement(
    lambda _: (
        select(CaseFile.id, CaseFile.kind, CaseFile.opened_at, CaseFile.closed_at, CaseFile.outcome)
        .where(CaseFile.contact_id == bindparam("person"))
        .order_by(CaseFile.opened_at.desc())
        .limit(bindparam("most", type_=Integer))
    )
)


def cases(tx: Tx, person: int, most: int) -> list[Row]:
    """The newest cases of a person: id, kind, when it was opened and closed, and its outcome."""
    return tx.all(_CASES, person=person, most=most)


_BLOCK = Statement(
    lambda _: update(Contact).where(Contact.id == bindparam("person"), Contact.number_sealed.is_not(None)),
    columns=("blocked_at",),
)


def block(tx: Tx, person: int, at: int | None) -> bool:
    """From now on nothing is sent to a person that they did not ask for, or again; False if nobody is there."""
    return tx.run(_BLOCK, person=person, blocked_at=at) == 1
