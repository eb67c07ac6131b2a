"""Lists as one value: into a statement as JSON, which both databases can read; out of it as one long string."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, Select, Text, bindparam, cast, literal_column, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class _Listed(FunctionElement[str]):
    """The elements of a list."""

    inherit_cache = True
    name = "listed"


@compiles(_Listed, "sqlite")
def _listed_sqlite(element: _Listed, compiler: Any, **more: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **more)})"


@compiles(_Listed, "postgresql")
def _listed_postgres(element: _Listed, compiler: Any, **more: Any) -> str:
    return f"json_array_elements_text(CAST({compiler.process(element.clauses, **more)} AS JSON))"


def listed(values: Iterable[int | str]) -> str:
    """Numbers or words as `numbers` and `words` want them."""
    return json.dumps(list(values))


def numbers(name: str) -> Select[int]:
    """The numbers of the list that is given as `name`."""
    return select(cast(literal_column("value"), BigInteger)).select_from(_Listed(bindparam(name, type_=Text)))


def words(name: str) -> Select[str]:
    """The words of the list that is given as `name`."""
    return select(literal_column("value", type_=Text)).select_from(_Listed(bindparam(name, type_=Text)))


BETWEEN_FIELDS, BETWEEN_ROWS = "\x1f", "\x1e"


class Rows(FunctionElement[str]):
    """All rows, each with these values, as one string; nothing where a value is NULL."""

    inherit_cache = True
    name = "rows"
    type = Text()


@compiles(Rows, "sqlite")
def _rows_sqlite(element: Rows, compiler: Any, **more: Any) -> str:
    pattern = BETWEEN_FIELDS.join("%s" for _ in element.clauses)
    return f"group_concat(printf('{pattern}', {compiler.process(element.clauses, **more)}), '{BETWEEN_ROWS}')"


@compiles(Rows, "postgresql")
def _rows_postgres(element: Rows, compiler: Any, **more: Any) -> str:
    values = f", '{BETWEEN_FIELDS}', ".join(compiler.process(each, **more) for each in element.clauses)
    return f"string_agg(concat({values}), '{BETWEEN_ROWS}')"
