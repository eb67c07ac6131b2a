"""What is left of a case goes when it is over for long enough, and with it the texts that were kept because of it."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from sqlalchemy import bindparam, delete, literal_column, null, or_, select, update

from bot.store.case_tables import CaseFile, CaseNote
from bot.store.case_talk import answers
from bot.store.cases import Outcome
from bot.store.database import Database, Tx
from bot.store.lists import listed, numbers
from bot.store.retention import (
    INBOUND_EMPTIED,
    INBOUND_OLD,
    OUTBOUND_EMPTIED,
    OUTBOUND_OLD,
    OUTBOUND_OVER,
    Age,
    kept,
)
from bot.store.statements import Statement
from bot.store.tables import Contact, Inbound, Outbound

PAGE: Final = 100
"""Cases: each of their people may have some hundreds of texts."""

_OVER = or_(
    CaseFile.closed_at < bindparam("kept"),
    CaseFile.closed_at > bindparam("beyond"),
    CaseFile.outcome == literal_column(f"'{Outcome.LAPSED}'"),  # nobody took it on: it keeps no texts (H22)
)
_OLD_CASES = Statement(
    lambda _: (
        select(CaseFile.id, CaseFile.contact_id)
        .where(CaseFile.closed_at.is_not(None), _OVER)
        .limit(literal_column(str(PAGE)))
        .with_for_update()  # who opens one again in this moment has it, or finds it gone
    )
)


_THEIRS = numbers("people")
_KEPT = Statement(lambda _: select(Contact.id).where(Contact.id.in_(_THEIRS), kept(Contact.id)))
_ANSWERS = (
    select(Outbound.id).select_from(Inbound).join(Outbound, answers(Inbound.id)).where(Inbound.contact_id.in_(_THEIRS))
)
_REPLIES = (
    select(CaseNote.outbound_id).join(CaseFile, CaseFile.id == CaseNote.case_id).where(CaseFile.contact_id.in_(_THEIRS))
)
_SENT = (Outbound.id.in_(_ANSWERS), Outbound.contact_id.in_(_THEIRS), Outbound.id.in_(_REPLIES))
_DROP_SENT = [Statement(lambda _, sent=sent: delete(Outbound).where(sent, OUTBOUND_OVER)) for sent in _SENT]  # type: ignore[misc]
_EMPTY_SENT = [
    Statement(
        lambda _, sent=sent: update(Outbound).where(sent, OUTBOUND_OLD).values(dict.fromkeys(OUTBOUND_EMPTIED, null()))  # type: ignore[misc]
    )
    for sent in _SENT
]
_EMPTY_CAME = Statement(
    lambda _: (
        update(Inbound)
        .where(Inbound.contact_id.in_(_THEIRS), INBOUND_OLD)
        .values(dict.fromkeys(INBOUND_EMPTIED, null()))
    )
)
_DROP_NOTES = Statement(lambda _: delete(CaseNote).where(CaseNote.case_id.in_(numbers("ids"))))
_DROP_CASES = Statement(lambda _: delete(CaseFile).where(CaseFile.id.in_(numbers("ids"))))


def sweep_cases(database: Database, texts: Age, outbound: Age) -> int:
    """Cases that are over for long enough go with their notes, in pages, each its own transaction; how many.

    So do texts of their people that are as old as `texts` says, and rows as old as `outbound`: the rules for all texts
    have gone past them.
    """
    done = 0
    while rows := database.write(partial(_page, texts, outbound)):
        done += rows
    return done


def _page(texts: Age, outbound: Age, tx: Tx) -> int:
    found = tx.all(_OLD_CASES, kept=texts.kept, beyond=texts.beyond)
    if not found:
        return 0
    cases, people = listed(row for row, _ in found), {contact for _, contact in found}
    bounds: dict[str, Any] = {"kept": texts.kept, "beyond": texts.beyond}
    people -= {contact for (contact,) in tx.all(_KEPT, people=listed(people), **bounds)}  # another case keeps them
    bounds["people"] = listed(sorted(people))
    for statement in _DROP_SENT:
        tx.run(statement, **bounds, before=outbound.before)
    for statement in (*_EMPTY_SENT, _EMPTY_CAME):
        tx.run(statement, **bounds, before=texts.before)
    tx.run(_DROP_NOTES, ids=cases)
    return tx.run(_DROP_CASES, ids=cases)
