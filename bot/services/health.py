"""Is the house ready? One sentence for `/readyz` and for whoever looks after it."""

from __future__ import annotations

from functools import partial

from bot.services.service import Service
from bot.store import census
from bot.store.errors import StoreError


def problem(service: Service) -> str | None:
    """Why no text could be taken and kept now; None if one could."""
    database = service.database
    try:
        schema_current = database.read(census.schema_current)
        database.write(census.nothing if database.sound else partial(census.something, service.now()))
    except StoreError as error:
        return str(error)
    return None if schema_current else "the database has another schema; run: phlov migrate"
