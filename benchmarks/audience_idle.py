"""One process for (j): counts and writes down the recipients of a broadcast while nobody else works, says how long."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bot.services.audience import Audience, preview
from bot.services.expanding import ALONE
from bot.services.service import Service
from bot.store import recipients
from bot.store.audience import Sought
from bot.store.database import Database
from bot.store.opening import open_store

SMALL = Audience(provinces=("17", "14", "03"), languages=("km",), not_tags=("teacher",))


def main() -> None:
    url, data_dir, code, broadcast = sys.argv[1:]
    store = open_store(url, Path(data_dir))
    service = Service(store.database, store.vault, None, None, lambda: datetime.now(UTC))  # type: ignore[arg-type]
    row, now = int(broadcast), service.now()
    found: dict[str, object] = {}
    timed(found, "preview", lambda: preview(service, code, Audience(), now).recipients)
    timed(found, "preview_small", lambda: preview(service, code, SMALL, now).recipients)
    sought = Audience().sought(code, now, row)
    fresh = not store.database.read(lambda tx: tx.one_writer)  # as the conductor does it
    timed(found, "expand", lambda: expand(store.database, sought, fresh=fresh))
    timed(found, "again", lambda: expand(store.database, sought, fresh=False))
    found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    store.database.close()
    print(json.dumps(found))


def timed(found: dict[str, object], name: str, work: Callable[[], int]) -> None:
    """Note how long it took, in seconds, and what it gave."""
    began = time.monotonic()
    given = work()
    found[name], found[name + "_gave"] = time.monotonic() - began, given


def expand(database: Database, sought: Sought, *, fresh: bool) -> int:
    """In pages as large as the conductor's; how many recipients there are."""
    after: int | None = 0
    while after is not None:
        after = database.write(partial(recipients.expand_page, sought=sought, after=after, most=ALONE, fresh=fresh))
    return sum(database.read(partial(recipients.by_state, broadcast=sought.broadcast)).values())


if __name__ == "__main__":
    main()
