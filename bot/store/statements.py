"""Statements written once in SQLAlchemy Core over the typed tables and compiled once to each database's own text.

Run on the driver's cursor they cost close to plain SQL (performance.md, decision 2) and the schema stays in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import (
    JSON,
    ClauseElement,
    ColumnElement,
    Dialect,
    LargeBinary,
    Select,
    Text,
    bindparam,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy import Insert as Inserting
from sqlalchemy import column as named
from sqlalchemy.sql.elements import KeyedColumnElement

Insert = Callable[..., Any]
"""`insert()` of the database's own dialect: both know ON CONFLICT, each in its own class."""

Values = Mapping[str, Any]


class Compiled:
    """A statement as one driver wants it: the text, the order of its values, and values that never change."""

    __slots__ = ("fixed", "order", "query", "text")

    def __init__(self, text: str, order: tuple[str, ...], fixed: Values) -> None:
        self.text = text
        self.query = text.encode()
        self.order = order
        self.fixed = fixed

    def named(self, values: Values) -> Values:
        """All values by name."""
        return {**self.fixed, **values} if self.fixed else values

    def listed(self, values: Values) -> list[Any]:
        """All values in the order of the text."""
        values = self.named(values)
        return [values[name] for name in self.order]


class Statement:
    """One statement, compiled when first run. `build` is given the dialect's `insert`.

    `columns` are those an update or insert sets from values of the same name; an insert sets all if none are named.
    """

    def __init__(self, build: Callable[[Insert], ClauseElement], columns: tuple[str, ...] | None = None) -> None:
        self._build = build
        self._columns = columns

    @cached_property
    def sqlite(self) -> Compiled:
        from sqlalchemy.dialects.sqlite import dialect, insert  # noqa: PLC0415 - a house pays for one dialect

        return _compiled(self._build(insert), dialect(paramstyle="named"), self._columns)

    @cached_property
    def postgres(self) -> Compiled:
        from sqlalchemy.dialects.postgresql import insert  # noqa: PLC0415
        from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg  # noqa: PLC0415

        dialect = PGDialect_psycopg(paramstyle="format")  # type: ignore[no-untyped-call]
        return _compiled(self._build(insert), dialect, self._columns)

    @cached_property
    def postgres_rows(self) -> Compiled | None:
        """An insert of all rows of `rows`, a JSON list with bytes as hexadecimal digits; None if this is no insert.

        It takes half the time of one insert for each row, here and in the database.
        """
        from sqlalchemy.dialects.postgresql import insert  # noqa: PLC0415
        from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg  # noqa: PLC0415

        one = self._build(insert)
        if not isinstance(one, Inserting):
            return None
        names = self._columns or tuple(one.table.columns.keys())
        many = one.from_select(names, _of_json([one.table.columns[name] for name in names]))
        return _compiled(many, PGDialect_psycopg(paramstyle="format"))  # type: ignore[no-untyped-call]


def _compiled(element: ClauseElement, dialect: Dialect, columns: tuple[str, ...] | None = None) -> Compiled:
    made = dialect.statement_compiler(dialect, element, column_keys=columns)
    fixed = {name: bind.value for name, bind in made.binds.items() if not bind.required}
    return Compiled(made.string, tuple(made.positiontup or ()), fixed)


_HEX: ColumnElement[str] = literal_column("'hex'")


def _of_json(columns: Sequence[KeyedColumnElement[Any]]) -> Select[Any]:
    """The rows of the JSON `rows`, with the types of these columns."""
    blobs = [isinstance(column.type, LargeBinary) for column in columns]
    told = [named(column.name, Text() if blob else column.type) for column, blob in zip(columns, blobs, strict=True)]
    given = func.json_to_recordset(cast(bindparam("rows", type_=Text()), JSON)).table_valued(*told)
    rows = given.render_derived(name="given", with_types=True)
    each = (rows.columns[column.name] for column in columns)
    return select(*(func.decode(value, _HEX) if blob else value for value, blob in zip(each, blobs, strict=True)))
