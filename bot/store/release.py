"""How recipients come into the outbox, what becomes of their texts, and how those that wait are ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Integer,
    Text,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
    update,
)

from bot.store.database import Tx
from bot.store.leaving import erased_after
from bot.store.lists import listed, numbers, words
from bot.store.outbox import FREE, among_open, being, number
from bot.store.recipients import GIVEN, PLANNED, Place
from bot.store.state import SETTLED, State
from bot.store.statements import Insert, Statement
from bot.store.tables import BroadcastText, Contact, Escalation, Outbound, Recipient

LEAST: ColumnElement[int] = literal_column("2", type_=Integer)
"""The priority of what nobody asked for."""

_THIS: BindParameter[int] = bindparam("broadcast", type_=BigInteger)
_OF_THIS = Outbound.broadcast_text_id.in_(select(BroadcastText.id).where(BroadcastText.broadcast_id == _THIS))
_WAITING = Statement(
    lambda _: (
        select(func.count())
        .select_from(Outbound)
        .where(among_open(State.QUEUED, LEAST, bindparam("soon", type_=BigInteger)))
    )
)


def waiting(tx: Tx, channel: str, soon: int) -> int:
    """How many texts that nobody asked for wait for a channel and are due by `soon`."""
    row = tx.one(_WAITING, of_channel=channel, soon=soon)
    return row[0] if row else 0


class Slots(NamedTuple):
    """When the texts of a page, made `now`, are due: the first at `due`, each other `step` microseconds later, and each
    so many milliseconds after that, under `jitter`, as follows from its contact; none after `ends`."""

    now: int
    due: int
    step: int
    jitter: int
    ends: int


_PLANNED = Recipient.state == literal_column(str(PLANNED))
_PLACE = and_(
    Recipient.broadcast_id == _THIS,
    Recipient.country == bindparam("of_country", type_=Text),
    Recipient.wave == bindparam("of_wave", type_=Integer),
)
_HERE = and_(_PLACE, Recipient.contact_id.in_(numbers("ids")), _PLANNED)
_NTH = func.row_number().over(order_by=Recipient.contact_id) - literal_column("1")


def _release(insert: Insert) -> Any:
    """One row of the outbox for each recipient of a page, with ids that follow each other."""
    whole = {name: bindparam(name, type_=BigInteger) for name in ("first_id", "now", "due", "step", "jitter", "ends")}
    nothing = literal_column("0", type_=Integer)
    spread = Recipient.contact_id % literal_column("1000003") * literal_column("7919") % whole["jitter"]
    values: dict[Any, Any] = {
        Outbound.id: whole["first_id"] + _NTH,
        Outbound.contact_id: Recipient.contact_id,
        Outbound.channel: bindparam("of_channel", type_=Text),
        Outbound.parts: BroadcastText.parts,
        Outbound.priority: LEAST,
        Outbound.state: number(State.QUEUED),
        Outbound.created_at: whole["now"],
        Outbound.due_at: cast(whole["due"] + _NTH * whole["step"] / literal_column("1000") + spread, BigInteger),
        Outbound.expires_at: whole["ends"],
        Outbound.attempts: nothing,
        Outbound.repeats: nothing,
        Outbound.begin: nothing,
        Outbound.broadcast_text_id: BroadcastText.id,
    }
    page = (
        select(*values.values())
        .select_from(Recipient)
        .join(
            BroadcastText,
            and_(BroadcastText.broadcast_id == Recipient.broadcast_id, BroadcastText.language == Recipient.language),
        )
        .where(_HERE)
    )
    return insert(Outbound).from_select(list(values), page, include_defaults=False)


_RELEASE = Statement(_release)
_NEW = Outbound.id.between(bindparam("first_id", type_=BigInteger), bindparam("last_id", type_=BigInteger))
_TELL_CONTACTS = Statement(
    lambda _: (
        update(Contact)
        .where(_NEW, Outbound.contact_id == Contact.id, BroadcastText.id == Outbound.broadcast_text_id)
        .values(
            texted_before_at=Contact.texted_at,
            texted_at=bindparam("now", type_=BigInteger),
            asked=case((BroadcastText.opens.is_not(None), BroadcastText.id), else_=null()),
        )
    )
)
_TELL_RECIPIENTS = Statement(
    lambda _: (
        update(Recipient)
        .where(_HERE, _NEW, Outbound.contact_id == Recipient.contact_id)
        .values(state=literal_column(str(GIVEN)), outbound_id=Outbound.id)
    )
)


def _at(place: Place) -> dict[str, Any]:
    return {"broadcast": place.broadcast, "of_country": place.country, "of_wave": place.wave}


class Page(NamedTuple):
    """Recipients who are planned; the ids from `first_id` on are new, one for each of them."""

    place: Place
    contacts: Sequence[int]
    first_id: int


def release(tx: Tx, channel: str, page: Page, slots: Slots) -> int:
    """Give recipients to the outbox; how many. From now on each of them has had this broadcast, whatever becomes of
    its text."""
    here = {**_at(page.place), "ids": listed(page.contacts)}
    new = {"first_id": page.first_id, "last_id": page.first_id + len(page.contacts) - 1}
    tx.run(_RELEASE, first_id=page.first_id, of_channel=channel, **here, **slots._asdict())
    tx.run(_TELL_CONTACTS, now=slots.now, **new)
    return tx.run(_TELL_RECIPIENTS, **new, **here)


_AFTER = and_(_PLACE, Recipient.contact_id > bindparam("after", type_=BigInteger), _PLANNED)
_PAGE = (
    select(Recipient.contact_id).where(_AFTER).order_by(Recipient.contact_id).limit(bindparam("most", type_=Integer))
)
_PAGE_END = Statement(lambda _: select(func.max(_PAGE.subquery("page").c.contact_id)))
_END_PLANNED = Statement(
    lambda _: (
        update(Recipient)
        .where(_AFTER, Recipient.contact_id <= bindparam("last", type_=BigInteger))
        .values(state=bindparam("ended"))
    )
)


def end_planned(tx: Tx, place: Place, after: int, most: int, state: State) -> int | None:
    """The next recipients of a place whose turn has not come end without a text; the last of them, None if none is
    left."""
    found = tx.one(_PAGE_END, after=after, most=most, **_at(place))
    last: int | None = found[0] if found else None
    if last is not None:
        tx.run(_END_PLANNED, after=after, last=last, ended=int(state), **_at(place))
    return last


_SOME_QUEUED = select(Outbound.id).where(_OF_THIS, being(State.QUEUED)).limit(bindparam("most", type_=Integer))
_END_QUEUED = Statement(
    lambda _: (
        update(Outbound)
        .where(Outbound.id.in_(_SOME_QUEUED), being(State.QUEUED))
        .values(state=bindparam("ended"), to_sealed=null(), **FREE)
    )
)
_IS_OPEN = Statement(
    lambda _: select(literal_column("1")).where(exists().where(_OF_THIS, Outbound.state < number(SETTLED)))
)
_GO_ON = Statement(
    lambda _: (
        update(Outbound)
        .where(_OF_THIS, being(State.QUEUED), Outbound.due_at > bindparam("now", type_=BigInteger))
        .values(due_at=bindparam("now", type_=BigInteger))
    )
)
_ANY_TEXT = Statement(lambda _: select(literal_column("1")).where(exists().where(_OF_THIS)))


def end_queued(tx: Tx, broadcast: int, state: State, most: int) -> int:
    """Texts that wait in the outbox end without having been handed over; how many."""
    return tx.run(_END_QUEUED, broadcast=broadcast, ended=int(state), most=most)


def on_its_way(tx: Tx, broadcast: int) -> bool:
    """Whether any text of it is still to be sent, or nobody knows yet whether it went."""
    return tx.one(_IS_OPEN, broadcast=broadcast) is not None


def any_text(tx: Tx, broadcast: int) -> bool:
    """Whether anything was ever given to the outbox."""
    return tx.one(_ANY_TEXT, broadcast=broadcast) is not None


def go_on(tx: Tx, broadcast: int, now: int) -> None:
    """What waited for the end of a pause is due."""
    tx.run(_GO_ON, broadcast=broadcast, now=now)


class Outcomes(NamedTuple):
    """What became of texts, as far as is known: how many there are, are settled, were handed over and failed; and how
    many people said STOP or called for help after theirs."""

    texts: int
    settled: int
    went: int
    failed: int
    stopped: int
    alarmed: int


_NOT_GONE = (State.SUPPRESSED, State.CANCELLED, State.EXPIRED)
_WENT = and_(Outbound.state >= number(SETTLED), Outbound.state.not_in([number(state) for state in _NOT_GONE]))
_FAILED = or_(Outbound.state == number(State.FAILED), Outbound.state == number(State.UNDELIVERED))
_ALARM = exists().where(
    Escalation.contact_id == Recipient.contact_id,
    Escalation.kind == literal_column("'emergency'"),
    Escalation.opened_at >= Outbound.created_at,
)


def _counted(what: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((what, literal_column("1")), else_=literal_column("0"))), literal_column("0"))


_OUTCOMES = Statement(
    lambda _: (
        select(
            func.count(),
            _counted(Outbound.state >= number(SETTLED)),
            _counted(_WENT),
            _counted(_FAILED),
            _counted(and_(_WENT, Contact.opted_out_at >= Outbound.created_at)),
            _counted(and_(_WENT, _ALARM)),
        )
        .select_from(Recipient)
        .join(Outbound, Outbound.id == Recipient.outbound_id)
        .outerjoin(Contact, Contact.id == Recipient.contact_id)
        .where(
            Recipient.broadcast_id == _THIS,
            Recipient.country.in_(words("countries")),
            Recipient.wave.between(bindparam("first", type_=Integer), bindparam("last", type_=Integer)),
            Outbound.created_at >= bindparam("since", type_=BigInteger),
        )
    )
)


def outcomes(tx: Tx, broadcast: int, countries: Iterable[str], waves: range, since: int) -> Outcomes:
    """What became of the texts made from `since` on for these waves of recipients. Who asked to be forgotten after
    theirs counts like who said STOP."""
    bounds = {"first": waves[0], "last": waves[-1], "since": since}
    row = tx.one(_OUTCOMES, broadcast=broadcast, countries=listed(countries), **bounds)
    texts, settled, went, failed, stopped, alarmed = map(int, row or (0,) * 6)
    gone = erased_after(tx, broadcast, waves, since)
    return Outcomes(texts + gone, settled + gone, went + gone, failed, stopped + gone, alarmed)
