"""The questions of broadcasts, how often which answer was given, and the days that people named."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Text, bindparam, cast, func, literal_column, null, select, update

from bot.store.database import Tx
from bot.store.statements import Insert, Statement
from bot.store.tables import Broadcast, BroadcastAnswer, BroadcastText, Contact, ContactDay, Membership


class Question(NamedTuple):
    """What a text of a broadcast asks: its state, and the broadcast with its campaign."""

    state: str
    broadcast: int
    campaign: str


_QUESTION = Statement(
    lambda _: (
        select(BroadcastText.opens, BroadcastText.broadcast_id, Broadcast.campaign)
        .join(Broadcast, Broadcast.id == BroadcastText.broadcast_id)
        .where(BroadcastText.id == bindparam("text"), BroadcastText.opens.is_not(None))
    )
)
_CLOSE = Statement(
    lambda _: (
        update(Contact)
        .where(Contact.id == bindparam("person"), Contact.asked == bindparam("text"))
        .values(asked=null())
    )
)


def _count(insert: Insert) -> Any:
    columns: dict[Any, Any] = {
        BroadcastAnswer.broadcast_id: cast(bindparam("broadcast"), BigInteger),
        BroadcastAnswer.answer: cast(bindparam("answer"), Text),
        BroadcastAnswer.province: func.coalesce(Contact.province, literal_column("''")),
        BroadcastAnswer.language: cast(bindparam("language"), Text),
        BroadcastAnswer.texts: literal_column("1"),
    }
    one = select(*columns.values()).where(Contact.id == bindparam("person"))
    return (
        insert(BroadcastAnswer)
        .from_select(list(columns), one, include_defaults=False)
        .on_conflict_do_update(
            index_elements=list(BroadcastAnswer.__table__.primary_key),
            set_={"texts": BroadcastAnswer.texts + literal_column("1")},
        )
    )


_COUNT = Statement(_count)


def _keep_day(insert: Insert) -> Any:
    new = insert(ContactDay)
    columns = list(ContactDay.__table__.primary_key)
    return new.on_conflict_do_update(index_elements=columns, set_={"day": new.excluded.day})


KEEP_DAY = Statement(_keep_day, columns=("contact_id", "kind", "day"))
"""A day that a person named; another one of its kind is forgotten."""

_JOINED = Statement(lambda _: select(Membership.code).where(Membership.contact_id == bindparam("person")))


def question(tx: Tx, text: int) -> Question | None:
    """What a text of a broadcast asks; None if nothing."""
    row = tx.one(_QUESTION, text=text)
    return Question._make(row) if row else None


def count(tx: Tx, asked: Question, answer: str, language: str, *, person: int, text: int) -> bool:
    """Count the answer of a person, once: whether it was their first to this text. The question is closed then."""
    first = tx.run(_CLOSE, person=person, text=text) > 0
    if first:
        tx.run(_COUNT, person=person, broadcast=asked.broadcast, answer=answer, language=language)
    return first


def joined(tx: Tx, person: int) -> frozenset[str]:
    """The campaigns a person belongs to."""
    return frozenset(code for (code,) in tx.all(_JOINED, person=person))
