"""What the tables are made of: their base, their names for constraints, and the kinds of their columns."""

from __future__ import annotations

from typing import Annotated

from sqlalchemy import BigInteger, Integer, LargeBinary, MetaData, SmallInteger, Text

from bot.store.typed import DeclarativeBase, mapped_column

Whole = BigInteger().with_variant(Integer(), "sqlite")
"""64 bits in both databases; SQLite makes a key of the table itself only of a column called INTEGER."""

SQLITE_STRICT = {"sqlite_strict": True}
SQLITE_CLUSTERED = {"sqlite_strict": True, "sqlite_with_rowid": False}

key = Annotated[int, mapped_column(Whole, primary_key=True, autoincrement=False)]
whole = Annotated[int, mapped_column(Whole)]
moment = Annotated[int, mapped_column(Whole)]
word = Annotated[str, mapped_column(Text)]
blob = Annotated[bytes, mapped_column(LargeBinary)]
few = Annotated[int, mapped_column(SmallInteger().with_variant(Integer(), "sqlite"), server_default="0")]


class Table(DeclarativeBase):
    """All tables, with names for their constraints so that a migration can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
