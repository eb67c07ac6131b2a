"""Take a person out of every table."""

from __future__ import annotations

from sqlalchemy import BindParameter, ColumnElement, bindparam, delete, func, null, select, tuple_, update

from bot.store import audit
from bot.store.case_tables import CaseFile, CaseNote
from bot.store.database import Tx
from bot.store.leaving import leave
from bot.store.messages import ADD_CONTACT
from bot.store.statements import Statement
from bot.store.tables import (
    REPLIES,
    Contact,
    ContactDay,
    ContactTag,
    DeliveryReport,
    Escalation,
    Inbound,
    Membership,
    Outbound,
    Session,
    Unmatched,
)
from bot.store.times import day

_PERSON: BindParameter[int] = bindparam("person")

_REPLIES = (
    select(Outbound.id)
    .join(Inbound, Outbound.id.between(Inbound.id + 1, Inbound.id + REPLIES) & (Outbound.inbound_id == Inbound.id))
    .where(Inbound.contact_id == _PERSON)
)
_REPLY, _UNASKED = Outbound.id.in_(_REPLIES), Outbound.contact_id == _PERSON


def _forget_reports(sent: ColumnElement[bool]) -> Statement:
    named = select(Outbound.channel, Outbound.provider_key).where(sent, Outbound.provider_key.is_not(None))
    of_them = tuple_(DeliveryReport.channel, DeliveryReport.provider_key).in_(named)
    return Statement(lambda _: delete(DeliveryReport).where(of_them))


_FORGET_REPLIES = Statement(lambda _: delete(Outbound).where(_REPLY))
_FORGET_UNASKED = Statement(lambda _: delete(Outbound).where(_UNASKED))
_EMPTY_INBOUND = Statement(
    lambda _: (
        update(Inbound)
        .where(Inbound.contact_id == _PERSON)
        .values(contact_id=null(), text_sealed=null(), response_sealed=null())
    )
)
_THEIRS = select(Inbound.id).where(Inbound.contact_id == _PERSON)
_FORGET_UNMATCHED = Statement(lambda _: delete(Unmatched).where(Unmatched.inbound_id.in_(_THEIRS)))
FORGET_MEMBERSHIPS = Statement(lambda _: delete(Membership).where(Membership.contact_id == _PERSON))
_FORGET_TAGS = Statement(lambda _: delete(ContactTag).where(ContactTag.contact_id == _PERSON))
FORGET_DAYS = Statement(lambda _: delete(ContactDay).where(ContactDay.contact_id == _PERSON))
_FORGET_SESSIONS = Statement(lambda _: delete(Session).where(Session.contact_id == _PERSON))
_FORGET_ESCALATIONS = Statement(lambda _: delete(Escalation).where(Escalation.contact_id == _PERSON))
_CASES = select(CaseFile.id).where(CaseFile.contact_id == _PERSON)
_ANSWER = Outbound.id.in_(select(CaseNote.outbound_id).where(CaseNote.case_id.in_(_CASES)))
"""What staff have answered. To somebody who said STOP it goes as the answer to their own text, and has no contact."""
_FORGET_NOTES = Statement(lambda _: delete(CaseNote).where(CaseNote.case_id.in_(_CASES)))
_FORGET_CASES = Statement(lambda _: delete(CaseFile).where(CaseFile.contact_id == _PERSON))
_FORGET_ANSWERS = Statement(lambda _: delete(Outbound).where(_ANSWER))
_FORGET_REPORTS = tuple(map(_forget_reports, (_REPLY, _UNASKED, _ANSWER)))
KNOWN = (
    *("country", "network", "province", "district", "destination", "school"),
    *("blocked_at", "dead_at", "texted_at", "texted_before_at", "asked"),
)
"""What is known of a person besides the number and the language."""

_BURY = Statement(
    lambda _: (
        update(Contact)
        .where(Contact.id == _PERSON)
        .values(
            number_sealed=null(),
            language=null(),
            opted_out_at=func.coalesce(Contact.opted_out_at, bindparam("at")),
            created_at=bindparam("day"),
            seen_at=bindparam("day"),
            **dict.fromkeys(KNOWN, null()),
        )
    )
)
_FIND_PERSON = Statement(lambda _: select(Contact.id).where(Contact.number_key == bindparam("sought")))


def person(tx: Tx, number_key: bytes) -> int | None:
    """The contact with this number."""
    row = tx.one(_FIND_PERSON, sought=number_key)
    return row[0] if row else None


def forget(tx: Tx, contact_id: int, now: int) -> None:
    """Leave nothing of a person but the tombstone that keeps broadcasts off."""
    leave(tx, contact_id, now)
    sent = (*_FORGET_REPORTS, _FORGET_REPLIES, _FORGET_UNASKED, _FORGET_ANSWERS)
    cases = (_FORGET_NOTES, _FORGET_CASES, _FORGET_ESCALATIONS)
    known = (_FORGET_SESSIONS, FORGET_MEMBERSHIPS, FORGET_DAYS, _FORGET_TAGS)
    for statement in (*sent, _FORGET_UNMATCHED, _EMPTY_INBOUND, *cases, *known):
        tx.run(statement, person=contact_id)
    audit.empty_reasons(tx, "contact", contact_id)
    tx.run(_BURY, person=contact_id, at=now, day=day(now))


def bury(tx: Tx, row: int, number_key: bytes, now: int) -> None:
    """The tombstone of somebody who was not known."""
    today = day(now)
    tx.run(
        ADD_CONTACT,
        id=row,
        number_key=number_key,
        number_sealed=None,
        language=None,
        opted_out_at=now,
        created_at=today,
        seen_at=today,
        country=None,
        network=None,
    )
