"""What it takes to show a number: the number itself, and how many were shown lately."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Text, bindparam, func, literal_column, select

from bot.store.database import Tx
from bot.store.staff_tables import Audit
from bot.store.statements import Statement
from bot.store.tables import Contact

LOOKED_AT: Final = 20_000
"""Rows of the audit, the newest: nobody does more within the hour that is counted."""

_SEALED = Statement(lambda _: select(Contact.number_sealed).where(Contact.id == bindparam("person", type_=BigInteger)))
_NEWEST = select(func.max(Audit.seq)).scalar_subquery()
_LATELY = Statement(
    lambda _: (
        select(func.count())
        .select_from(Audit)
        .where(
            Audit.seq > _NEWEST - literal_column(str(LOOKED_AT)),
            Audit.at >= bindparam("since", type_=BigInteger),
            Audit.act == bindparam("of_act", type_=Text),
            Audit.who == bindparam("of_who", type_=Text),
        )
    )
)


def sealed(tx: Tx, contact_id: int) -> bytes | None:
    """The number of a person as it is kept; None if it is not."""
    row = tx.one(_SEALED, person=contact_id)
    return row[0] if row else None


def lately(tx: Tx, who: str, act: str, since: int) -> int:
    """How often somebody did this since then."""
    row = tx.one(_LATELY, of_who=who, of_act=act, since=since)
    return int(row[0]) if row else 0
