"""What a person and the house have said to each other, and what staff did about it, as rows that are still sealed."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, BindParameter, ColumnElement, Text, and_, bindparam, literal_column, select

from bot.store.case_tables import CaseNote
from bot.store.database import Tx
from bot.store.lists import listed, numbers
from bot.store.staff_tables import Staff
from bot.store.statements import Statement
from bot.store.tables import REPLIES, BroadcastText, Inbound, Outbound

NEWEST: Final = 100
"""So many texts of a talk are told."""
NOTES: Final = 500


class Came(NamedTuple):
    """A text of the person."""

    id: int
    at: int
    channel: str
    medium: str
    text_sealed: bytes | None


class Went(NamedTuple):
    """A text of the house. One of a broadcast keeps its words in `leaflet_sealed`."""

    id: int
    inbound_id: int | None
    at: int
    state: int
    parts: int
    text_sealed: bytes | None
    broadcast_text_id: int | None
    leaflet_sealed: bytes | None


class Note(NamedTuple):
    """A thing that was done, and by whom."""

    id: int
    at: int
    kind: str
    word: str | None
    text_sealed: bytes | None
    outbound_id: int | None
    by: str | None


def _whole(name: str) -> BindParameter[int]:
    return bindparam(name, type_=BigInteger)


_CAME = Statement(
    lambda _: (
        select(Inbound.id, Inbound.received_at, Inbound.channel, Inbound.medium, Inbound.text_sealed)
        .where(Inbound.contact_id == _whole("person"))
        .order_by(Inbound.id.desc())
        .limit(literal_column(str(NEWEST)))
    )
)
_WENT = (
    Outbound.id,
    Outbound.inbound_id,
    Outbound.created_at,
    Outbound.state,
    Outbound.parts,
    Outbound.text_sealed,
    Outbound.broadcast_text_id,
)


def answers(text: Any) -> ColumnElement[bool]:
    """The answers to a text. Were the second half an equation, PostgreSQL might look through all that ever went."""
    return and_(Outbound.id.between(text + 1, text + REPLIES), Outbound.inbound_id.between(text, text))


_TEXTS = numbers("ids").subquery("texts")
_ANSWERS = Statement(
    lambda _: (
        select(*_WENT, literal_column("NULL")).select_from(_TEXTS).join(Outbound, answers(next(iter(_TEXTS.columns))))
    )
)
_UNASKED = Statement(
    lambda _: (
        select(*_WENT, BroadcastText.text_sealed)
        .select_from(Outbound)
        .outerjoin(BroadcastText, BroadcastText.id == Outbound.broadcast_text_id)
        .where(Outbound.contact_id == _whole("person"))
        .order_by(Outbound.id.desc())
        .limit(literal_column(str(NEWEST)))
    )
)
_THESE = Statement(lambda _: select(*_WENT, literal_column("NULL")).where(Outbound.id.in_(numbers("ids"))))
_NOTES = Statement(
    lambda _: (
        select(
            CaseNote.id,
            CaseNote.at,
            CaseNote.kind,
            CaseNote.word,
            CaseNote.text_sealed,
            CaseNote.outbound_id,
            Staff.name,
        )
        .outerjoin(Staff, Staff.id == CaseNote.staff_id)
        .where(CaseNote.case_id == _whole("case_id"))
        .order_by(CaseNote.id.desc())
        .limit(literal_column(str(NOTES)))
    )
)
_ADD_NOTE = Statement(lambda insert: insert(CaseNote))
_REPLIED = Statement(
    lambda _: select(CaseNote.outbound_id).where(
        CaseNote.case_id == _whole("case_id"),
        CaseNote.kind == bindparam("of_kind", type_=Text),
        CaseNote.word == bindparam("request", type_=Text),
    )
)
_LAST_WORD = Statement(
    lambda _: (
        select(Inbound.id, Inbound.received_at, Inbound.channel, Inbound.medium, Inbound.text_sealed)
        .where(Inbound.contact_id == _whole("person"))
        .order_by(Inbound.id.desc())
        .limit(literal_column("1"))
    )
)
_LAST_CHANNEL = Statement(
    lambda _: (
        select(Outbound.channel)
        .where(Outbound.contact_id == _whole("person"))
        .order_by(Outbound.id.desc())
        .limit(literal_column("1"))
    )
)


class Talk(NamedTuple):
    """The newest texts of both sides, in no order."""

    came: list[Came]
    went: list[Went]


def talk(tx: Tx, person: int, replies: list[int]) -> Talk:
    """The newest texts of a person, the answers to them, what they were sent unasked, and these `replies` of staff."""
    came = list(map(Came._make, tx.all(_CAME, person=person)))
    rows = [*tx.all(_ANSWERS, ids=listed(each.id for each in came)), *tx.all(_UNASKED, person=person)]
    rows += tx.all(_THESE, ids=listed(replies))
    return Talk(came, list({row[0]: Went._make(row) for row in reversed(rows)}.values()))


def notes(tx: Tx, case_id: int) -> list[Note]:
    """What was done about a case, the oldest first."""
    return [Note._make(row) for row in reversed(tx.all(_NOTES, case_id=case_id))]


def add_note(tx: Tx, note: Note, case_id: int, staff_id: int | None) -> None:
    """Keep what was done."""
    values = {name: getattr(note, name) for name in ("id", "at", "kind", "word", "text_sealed", "outbound_id")}
    tx.run(_ADD_NOTE, case_id=case_id, staff_id=staff_id, **values)


def replied(tx: Tx, case_id: int, kind: str, request: str) -> int | None:
    """The text that was sent for this request already."""
    row = tx.one(_REPLIED, case_id=case_id, of_kind=kind, request=request)
    return row[0] if row else None


def last_word(tx: Tx, person: int) -> Came | None:
    """The newest text of a person."""
    row = tx.one(_LAST_WORD, person=person)
    return Came._make(row) if row else None


def last_channel(tx: Tx, person: int) -> str | None:
    """By which gateway they were last sent something unasked."""
    row = tx.one(_LAST_CHANNEL, person=person)
    return row[0] if row else None
