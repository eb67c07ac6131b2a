"""Whether the tables are the ones this version knows, and whether they can be written."""

from __future__ import annotations

from sqlalchemy import column, select, table

from bot.store import marks
from bot.store.database import Tx
from bot.store.schema import HEAD
from bot.store.statements import Statement

_REVISION = Statement(lambda _: select(column("version_num")).select_from(table("alembic_version")))


def schema_current(tx: Tx) -> bool:
    """Whether the schema is the one this version was written for."""
    return tx.one(_REVISION) == (HEAD,)


def nothing(_: Tx) -> None:
    """A transaction that writes nothing: it shows that nobody holds the database."""


def something(now: int, tx: Tx) -> None:
    """A transaction that writes: it shows that there is room again, after one that failed."""
    marks.put(tx, marks.MENDED_AT, now)
