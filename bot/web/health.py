"""Is this Phlov fit to answer? One line for each thing that is wrong."""

from __future__ import annotations

from bot.services.service import Service
from bot.store.errors import StoreError
from bot.store.ids import last_id


def troubles(service: Service) -> tuple[str, ...]:
    """Empty if the database reads, its last commit went through, and there is something to say."""
    found = []
    try:
        service.database.read(last_id)
    except StoreError as error:
        found.append(f"database: cannot be read ({type(error).__name__})")
    if not service.database.sound:
        found.append("database: the last commit failed")
    if not service.book.states:
        found.append("content: empty")
    return tuple(found)
