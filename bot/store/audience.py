"""Whom a broadcast may reach: the filters of an audience and the rules that leave people out, in SQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Select,
    Text,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
)

from bot.store.case_tables import CaseFile
from bot.store.database import Tx
from bot.store.lists import BETWEEN_FIELDS, BETWEEN_ROWS, Rows, listed, words
from bot.store.statements import Statement
from bot.store.tables import (
    Broadcast,
    Contact,
    ContactDay,
    ContactTag,
    Escalation,
    Membership,
    Permit,
    Recipient,
)
from bot.store.times import DAY
from bot.store.waves import COUNTRY

if TYPE_CHECKING:
    from sqlalchemy.orm import InstrumentedAttribute

__all__ = [
    "FILTERS",
    "MOMENTS",
    "PAGE",
    "PAGE_REASON",
    "REASON",
    "REASONS",
    "RULES",
    "Kind",
    "Sought",
    "kind",
    "meant",
    "page_end",
    "preview_page",
]

PAGE: Final = 10_000
"""So many contacts are looked at in one transaction."""

USUAL_LANGUAGE: Final = "km"
"""Of whom no language is known."""

EMERGENCY_REST: Final = 30 * DAY
SILENCE: Final = 180 * DAY
"""After so long a number may belong to somebody else."""
WEEK: Final = 7 * DAY
"""In which nobody gets more than two broadcasts."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Who is meant: members of a campaign whom all `filters` fit (see `FILTERS`), as the rules see them at `now`.

    `broadcast` is the one whose permits count, if there is one yet.
    """

    campaign: str
    filters: Mapping[str, Any]
    now: int
    broadcast: int = 0

    @property
    def used(self) -> frozenset[str]:
        """Which filters are set: they are what a statement depends on."""
        return frozenset(self.filters)

    def values(self) -> dict[str, Any]:
        """What the statements over an audience are to be given."""
        values: dict[str, Any] = {"campaign": self.campaign, "broadcast": self.broadcast, "now": self.now}
        for name, wanted in self.filters.items():
            if name == "day":
                values["day_kind"], values["day"] = wanted
            else:
                values[name] = wanted if name in MOMENTS else listed(wanted)
        return values


def _also_member() -> ColumnElement[bool]:
    other = Membership.__table__.alias("also")
    return exists().where(other.c.contact_id == Contact.id, other.c.code.in_(words("campaigns")))


def _tagged(name: str) -> ColumnElement[bool]:
    return exists().where(ContactTag.contact_id == Contact.id, ContactTag.tag.in_(words(name)))


def _given() -> Select[Any]:
    """Who of a page was a recipient of a broadcast of these origins."""
    return (
        select(Recipient.contact_id)
        .join(Broadcast, Broadcast.id == Recipient.broadcast_id)
        .where(
            Broadcast.origin.in_(words("not_given")),
            Recipient.contact_id > bindparam("after"),
            Recipient.contact_id <= bindparam("last"),
        )
    )


JOINED = (
    select(Membership.joined_at)
    .where(Membership.contact_id == Contact.id, Membership.code == bindparam("campaign"))
    .correlate(Contact)
    .scalar_subquery()
)
"""When a contact said yes to the campaign, NULL if never. One search of a key for each contact: a join may become
anything in PostgreSQL as long as it has no statistics of a table that was just filled."""

LANGUAGE = func.coalesce(Contact.language, literal_column(f"'{USUAL_LANGUAGE}'"))

MOMENTS: Final = frozenset({"joined_after", "joined_before"})
FILTERS: Mapping[str, ColumnElement[bool]] = {
    "provinces": Contact.province.in_(words("provinces")),
    "districts": Contact.district.in_(words("districts")),
    "destinations": Contact.destination.in_(words("destinations")),
    "languages": LANGUAGE.in_(words("languages")),
    "countries": COUNTRY.in_(words("countries")),
    "networks": Contact.network.in_(words("networks")),
    "schools": Contact.school.in_(words("schools")),
    "campaigns": _also_member(),
    "tags": _tagged("tags"),
    "not_tags": ~_tagged("not_tags"),
    "joined_after": bindparam("joined_after") <= JOINED,
    "joined_before": bindparam("joined_before") > JOINED,
    "day": exists().where(
        ContactDay.contact_id == Contact.id,
        ContactDay.kind == bindparam("day_kind"),
        ContactDay.day == bindparam("day"),
    ),
    "undated": ~exists().where(ContactDay.contact_id == Contact.id, ContactDay.kind.in_(words("undated"))),
    "not_given": Contact.id.not_in(_given()),
}
"""What a filter asks of a contact and of its membership in the campaign.

`MOMENTS` are milliseconds since 1970, `day` is a kind and a day, the others are lists, any of which will do."""


def _since(age: int) -> ColumnElement[int]:
    """So long before now. No row changes it: both databases work it out once for a statement."""
    now: BindParameter[int] = bindparam("now", type_=BigInteger)
    return now - literal_column(str(age), type_=BigInteger)


_PERMITTED = select(Permit.contact_id).where(
    Permit.broadcast_id == bindparam("broadcast", type_=BigInteger), Permit.granted_by.is_not(None)
)
_IN_EMERGENCY = select(Escalation.contact_id).where(
    Escalation.kind == literal_column("'emergency'"),
    or_(
        Escalation.closed_at.is_(None),
        Escalation.opened_at > _since(EMERGENCY_REST),
        Escalation.closed_at > _since(EMERGENCY_REST),  # who was helped for weeks needs as long afterwards
    ),
    Escalation.contact_id.not_in(_PERMITTED),
)
_OPEN_CASE = and_(CaseFile.closed_at.is_(None), CaseFile.contact_id.not_in(_PERMITTED))
_WITH_STAFF = exists().where(CaseFile.contact_id == Contact.id, _OPEN_CASE)

RULES: Mapping[str, ColumnElement[bool]] = {
    "erased": Contact.number_sealed.is_(None),
    "stopped": Contact.opted_out_at.is_not(None),
    "blocked": Contact.blocked_at.is_not(None),
    "dead": Contact.dead_at.is_not(None),
    "no_consent": JOINED.is_(None),
    "emergency": Contact.id.in_(_IN_EMERGENCY),
    "case": _WITH_STAFF,
    "silent": Contact.seen_at < _since(SILENCE),
    "cap": Contact.texted_before_at > _since(WEEK),
}
"""Why somebody is left out, in this order: each person is counted under the first that holds."""

REASONS: Final = tuple(RULES)


def _first(rules: Mapping[str, ColumnElement[bool]]) -> ColumnElement[str | None]:
    named = ((rule, literal_column(f"'{name}'", type_=Text)) for name, rule in rules.items())
    return case(*named, else_=null())


def _on_page(contact_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    return and_(contact_id > bindparam("after"), contact_id <= bindparam("last"))


REASON: Final = _first(RULES)
"""The first rule that leaves a contact out, NULL if none does. Wants `campaign`, `broadcast` and `now`."""

_MEMBERS = select(Membership.contact_id).where(
    _on_page(Membership.contact_id), Membership.code == bindparam("campaign")
)
_CASES = select(CaseFile.contact_id).where(_on_page(CaseFile.contact_id), _OPEN_CASE)
PAGE_REASON: Final = _first({**RULES, "no_consent": Contact.id.not_in(_MEMBERS), "case": Contact.id.in_(_CASES)})
"""The same for the contacts after `after` up to `last`: who said yes, and whom staff are with, is read in one go, not
searched for each of them, which takes PostgreSQL less than half as long, whether it has statistics or not."""


def meant(used: frozenset[str]) -> ColumnElement[bool]:
    """The contacts after `after` up to `last` that all filters fit."""
    return and_(_on_page(Contact.id), *(FILTERS[name] for name in sorted(used)))


_PAGE = select(Contact.id).where(Contact.id > bindparam("after")).order_by(Contact.id).limit(bindparam("most"))
_PAGE_END = Statement(lambda _: select(func.max(_PAGE.subquery("page").c.id)))


def page_end(tx: Tx, after: int, most: int = PAGE) -> int | None:
    """The last contact of the page after `after`; None if there are no more."""
    row = tx.one(_PAGE_END, after=after, most=most)
    return row[0] if row else None


class Kind(NamedTuple):
    """What a preview tells people apart by. `reason` is why they are left out, None for recipients."""

    reason: str | None
    country: str
    network: str | None
    language: str
    province: str | None


@lru_cache(maxsize=32)
def _preview(used: frozenset[str]) -> Statement:
    """One string for the whole page: SQLite takes half as long for that as for GROUP BY, which sorts all rows."""
    people = Rows(PAGE_REASON, COUNTRY, Contact.network, LANGUAGE, Contact.province)
    return Statement(lambda _: select(people).where(meant(used)))


def preview_page(tx: Tx, sought: Sought, after: int, last: int) -> Counter[str]:
    """Who of the contacts after `after` up to `last` is meant, and who is left out: how many of each `kind`."""
    (rows,) = tx.one(_preview(sought.used), after=after, last=last, **sought.values()) or (None,)
    return Counter(rows.split(BETWEEN_ROWS) if rows is not None else ())


def kind(counted: str) -> Kind:
    """The kind that `preview_page` counted."""
    reason, country, network, language, province = counted.split(BETWEEN_FIELDS)
    return Kind(reason or None, country, network or None, language, province or None)
