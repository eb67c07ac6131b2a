"""How much there is, and whether the tables are the ones this version knows."""

from __future__ import annotations

from sqlalchemy import column, func, select, table

from bot.store.database import Tx
from bot.store.schema import HEAD
from bot.store.statements import Statement
from bot.store.tables import Escalation

_OPEN = Statement(lambda _: select(func.count()).select_from(Escalation).where(Escalation.closed_at.is_(None)))
_REVISION = Statement(lambda _: select(column("version_num")).select_from(table("alembic_version")))


def counts(tx: Tx) -> dict[str, int]:
    """How many cases are open."""
    row = tx.one(_OPEN)
    return {"open_cases": row[0] if row else 0}


def schema_current(tx: Tx) -> bool:
    """Whether the schema is the one this version was written for."""
    return tx.one(_REVISION) == (HEAD,)


def nothing(_: Tx) -> None:
    """A transaction that writes nothing: it shows that one could."""
