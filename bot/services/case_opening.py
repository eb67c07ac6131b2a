"""A text opens the case of a person, or joins it, in the transaction that takes the text in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.store import cases as store
from bot.store.cases import Kind
from bot.store.database import Tx

if TYPE_CHECKING:
    from bot.services.inbox import Arrival

_RANK: Final = {kind: rank for rank, kind in enumerate(Kind)}


def keep(arrival: Arrival, contact_id: int, case_id: int | None, kinds: list[Kind], tx: Tx) -> None:
    """Put the person on the list of staff for the most urgent of these `kinds`. Without any, a text is only news of
    the case that is open (`case_id`); for who has none, nothing is done."""
    if kinds:
        kind = min(kinds, key=_RANK.__getitem__)
        alert_at = arrival.at if kind is Kind.EMERGENCY else None
        person = {"contact_id": contact_id, "kind": kind, "opened_at": arrival.at, "news_at": arrival.at}
        tx.put(store.OPEN, id=arrival.new_id(), **person, alert_at=alert_at)
    elif case_id is not None:
        tx.put(store.NEWS, case_id=case_id, at=arrival.at)
