"""Is the house ready? One sentence for `/readyz` and for whoever looks after it."""

from __future__ import annotations

from functools import partial
from time import monotonic

from bot.services.service import Service
from bot.store import census
from bot.store.errors import StoreError

LATELY = 60.0
"""Seconds after a text was not kept in which only a text that is kept shows that all is well: a disk that has room for
the small write of a probe may still have none for the next text."""


def problem(service: Service) -> str | None:
    """Why no text could be taken and kept now; None if one could."""
    database = service.database
    failed_at = database.failed_at
    if failed_at is not None and monotonic() - failed_at < LATELY:
        return "a text could not be kept less than a minute ago"
    try:
        schema_current = database.read(census.schema_current)
        database.write(census.nothing if failed_at is None else partial(census.something, service.now()))
    except StoreError as error:
        return str(error)
    return None if schema_current else "the database has another schema; run: phlov migrate"
