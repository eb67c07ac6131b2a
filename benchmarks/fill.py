"""Puts people into Phlov's store through its own statements and seals: everybody has written before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from bot.conversation.session import Session
from bot.store import messages
from bot.store.crypto import Vault
from bot.store.database import Database, Tx
from bot.store.opening import open_store
from bot.store.sessions import dump, milliseconds

PAGE = 5_000
DAY = 86_400_000
YESTERDAY = datetime.now(UTC) - timedelta(days=1)


def fill(settings: Mapping[str, str], numbers: Iterable[str], seen: datetime = YESTERDAY) -> None:
    """One contact and one session, last used when `seen`, for each number, in the database that `settings` name.

    About 40 s for a million.
    """
    data_dir = Path(settings["PHLOV_DATA_DIR"])
    url = settings.get("PHLOV_DATABASE_URL") or f"sqlite:///{data_dir / 'phlov.db'}"
    data_dir.mkdir(parents=True, exist_ok=True)
    store = open_store(url, data_dir)
    waiting = iter(numbers)
    try:
        while page := list(islice(waiting, PAGE)):
            put(store.database, store.vault, page, seen)
    finally:
        store.database.close()


def put(database: Database, vault: Vault, page: Sequence[str], seen: datetime) -> None:
    """One page of people in one transaction."""
    at = milliseconds(seen)
    ids = [database.new_id(at) for _ in page]
    day = at - at % DAY
    talk = dump(Session(language="km", state="menu.main", at=seen))

    def work(tx: Tx) -> None:
        for row, number in zip(ids, page, strict=True):
            tx.run(
                messages.ADD_CONTACT,
                id=row,
                number_key=vault.number_key(number),
                number_sealed=vault.seal(number.encode(), "number", row),
                language="km",
                opted_out_at=None,
                seen_at=day,
                created_at=day,
                country=None,
                network=None,
            )
            sealed = vault.seal(talk, "session", row)
            tx.run(messages.SAVE_SESSION, contact_id=row, medium="sms", state_sealed=sealed, replied=b"", at=at)

    database.write(work)
