"""Statements written once in SQLAlchemy Core over the typed tables and compiled once to each database's own text.

Run on the driver's cursor they cost close to plain SQL (performance.md, decision 2) and the schema stays in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from sqlalchemy import ClauseElement, Dialect

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

        return self._compiled(insert, dialect(paramstyle="named"))

    @cached_property
    def postgres(self) -> Compiled:
        from sqlalchemy.dialects.postgresql import insert  # noqa: PLC0415
        from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg  # noqa: PLC0415

        return self._compiled(insert, PGDialect_psycopg(paramstyle="format"))  # type: ignore[no-untyped-call]

    def _compiled(self, insert: Insert, dialect: Dialect) -> Compiled:
        made = dialect.statement_compiler(dialect, self._build(insert), column_keys=self._columns)
        fixed = {name: bind.value for name, bind in made.binds.items() if not bind.required}
        return Compiled(made.string, tuple(made.positiontup or ()), fixed)
