"""What one inbound text reads and writes: the statements of the busiest path."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, literal_column, select, update

from bot.content.book import Language
from bot.store.case_tables import CaseFile
from bot.store.database import Tx
from bot.store.statements import Insert, Statement
from bot.store.tables import Contact, DailyCount, Escalation, Inbound, Outbound, Session


class Found(NamedTuple):
    """What is known when a text comes in. `inbound_id` is set if this very text came before.

    `asked` is the text of a broadcast whose question may be open, `texted_at` when the last one was given to them;
    `case_id` is their open case.
    """

    inbound_id: int | None
    response_sealed: bytes | None
    contact_id: int | None
    number_sealed: bytes | None
    language: Language | None
    opted_out_at: int | None
    seen_at: int | None
    state_sealed: bytes | None
    replied: bytes | None
    asked: int | None
    texted_at: int | None
    case_id: int | None


def _find(_: Insert) -> Any:
    one = select(literal_column("1").label("row")).subquery("this")
    sought = (
        one.outerjoin(Inbound, Inbound.provider_key == bindparam("provider_key"))
        .outerjoin(Contact, Contact.number_key == bindparam("number_key"))
        .outerjoin(Session, and_(Session.contact_id == Contact.id, Session.medium == bindparam("medium")))
        .outerjoin(CaseFile, and_(CaseFile.contact_id == Contact.id, CaseFile.closed_at.is_(None)))
    )
    return select(
        Inbound.id,
        Inbound.response_sealed,
        Contact.id,
        Contact.number_sealed,
        Contact.language,
        Contact.opted_out_at,
        Contact.seen_at,
        Session.state_sealed,
        Session.replied,
        Contact.asked,
        Contact.texted_at,
        CaseFile.id,
    ).select_from(sought)


def _save_session(insert: Insert) -> Any:
    new = insert(Session)
    changed = {name: new.excluded[name] for name in ("state_sealed", "replied", "at")}
    return new.on_conflict_do_update(index_elements=[Session.contact_id, Session.medium], set_=changed)


def _count(insert: Insert) -> Any:
    columns = list(DailyCount.__table__.primary_key)
    return insert(DailyCount).on_conflict_do_update(
        index_elements=columns, set_={"texts": DailyCount.texts + literal_column("1")}
    )


FIND = Statement(_find)
ADD_CONTACT = Statement(
    lambda insert: insert(Contact),
    columns=(
        *("id", "number_key", "number_sealed", "language", "opted_out_at", "created_at", "seen_at"),
        *("country", "network"),
    ),
)
CHANGE_CONTACT = Statement(
    lambda _: update(Contact).where(Contact.id == bindparam("contact_id")),
    columns=("number_sealed", "language", "opted_out_at", "seen_at"),
)
SAVE_SESSION = Statement(_save_session)
ADD_INBOUND = Statement(lambda insert: insert(Inbound))
_REPLY = (
    "id",
    "inbound_id",
    "contact_id",
    "channel",
    "text_sealed",
    "parts",
    "priority",
    "state",
    "created_at",
)
ADD_OUTBOUND = Statement(lambda insert: insert(Outbound), columns=(*_REPLY, "provider_key"))
WAIT_OUTBOUND = Statement(
    lambda insert: insert(Outbound),
    columns=(*_REPLY, "to_sealed", "due_at", "expires_at", "lease_until", "repeats"),
)
"""A text that the outbox is to look after."""
ESCALATE = Statement(lambda insert: insert(Escalation).on_conflict_do_nothing())
COUNT = Statement(_count)


def find(tx: Tx, number_key: bytes, provider_key: bytes, medium: str) -> Found:
    """Everything about a text's sender and whether the text came before, in one round trip."""
    row = tx.one(FIND, number_key=number_key, provider_key=provider_key, medium=medium)
    return Found._make(row or ())
