"""How a case ends by itself, and what is counted of its end."""

from __future__ import annotations

from bot.services.case_rules import LAPSE
from bot.services.service import Service
from bot.store import cases as store
from bot.store import messages
from bot.store.cases import Outcome
from bot.store.database import Tx
from bot.store.times import moment


def lapse(service: Service) -> int:
    """End what nobody took on in time and what is not urgent, in pages; how many. Raises `StoreError`."""
    now, done = service.now(), 0

    def work(tx: Tx) -> int:
        found = store.lapse(tx, now - LAPSE, now)
        for country, language in sorted((each.country or "", each.language or "") for each in found):
            tell(tx, Outcome.LAPSED, now, country, language)
        return len(found)

    while page := service.database.write(work):
        done += page
    return done


def tell(tx: Tx, outcome: Outcome, now: int, country: str | None, language: str | None) -> None:
    """One more for the day, without a link to anybody: this stays when the case is gone (H23)."""
    tx.run(
        messages.COUNT,
        day=moment(now).date().isoformat(),
        country=country or "",
        language=language or "",
        topic=f"case/{outcome}",
        shard=now % tx.shards,
        texts=1,
    )
