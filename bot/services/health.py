"""Is the house ready? Facts for `/readyz` and for whoever looks after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.services.service import Service
from bot.store import census
from bot.store.errors import StoreError


@dataclass(frozen=True, slots=True)
class Readiness:
    """`ready` if a text could be taken and kept now; `problem` is one clear sentence if not."""

    ready: bool
    problem: str | None
    facts: Mapping[str, str]
    counts: Mapping[str, int]


def readiness(service: Service) -> Readiness:
    """Look at the database: can it be read and written, is its schema ours, did the last commit go through."""
    database = service.database
    try:
        counts = database.read(census.counts)
        schema_current = database.read(census.schema_current)
        database.write(census.nothing)
    except StoreError as error:
        return Readiness(False, str(error), {}, {})
    problem = None if schema_current else "the database has another schema; run: phlov migrate"
    return Readiness(problem is None, problem, database.facts(), counts)
