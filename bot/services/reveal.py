"""Show one number to one of staff, for a reason that is kept with it."""

from __future__ import annotations

from bot.services.audit import About, Event, note
from bot.services.case_rules import HOUR, REVEALS, SHORTEST_REASON, Refused, Why
from bot.services.service import Service
from bot.store import audit, reveal_rows
from bot.store.database import Tx


def reveal(service: Service, contact_id: int, by: str, why: str) -> str:
    """The number of a person, noted with the reason in the transaction that reads it.

    Raises `Refused`: without a reason, for the thirty-first number within an hour, or if there is none. Raises
    `StoreError` and `Unsealable`; then nothing was read.
    """
    reason = " ".join(why.split())
    if len(reason) < SHORTEST_REASON:
        raise Refused(Why.REASON)

    def work(tx: Tx) -> bytes:
        tx.alone(audit.LOCK)  # or several requests at once would all be the thirtieth
        if reveal_rows.lately(tx, by, Event.CONTACT_REVEALED, service.now() - HOUR) >= REVEALS:
            raise Refused(Why.OFTEN)
        sealed = reveal_rows.sealed(tx, contact_id)
        if sealed is None:
            raise Refused(Why.GONE)
        note(service, tx, Event.CONTACT_REVEALED, by, about=About("contact", contact_id), why=reason)
        return sealed

    return service.vault.open(service.database.write(work), "number", contact_id).decode()
