"""Typed tables without SQLAlchemy's ORM, which the serving process never needs and which takes 6 MB and 0.1 s.

A type checker sees SQLAlchemy's own names. A running program gets what Core needs of them: a class for each table,
whose attributes are the columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["DeclarativeBase", "Mapped", "aliased", "mapped_column"]

if TYPE_CHECKING:
    from sqlalchemy.orm import DeclarativeBase, Mapped, aliased, mapped_column
else:
    from types import SimpleNamespace, UnionType
    from typing import Annotated, Any, ClassVar, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

    from sqlalchemy import Column, MetaData, Table

    T = TypeVar("T")

    class Mapped(Generic[T]):
        """The type of a column: `Mapped[int]`, or `Mapped[int | None]` where it may be NULL."""

    class mapped_column:  # noqa: N801 - as SQLAlchemy calls it
        """What `Column` takes, but for the name."""

        def __init__(self, *arguments: Any, **options: Any) -> None:
            self.arguments, self.options = arguments, options

    class DeclarativeBase:
        """The base of the base of all tables, which has their `metadata`."""

        metadata: ClassVar[MetaData]
        __table__: ClassVar[Table]

        def __init_subclass__(cls) -> None:
            if "__tablename__" not in vars(cls):
                return
            hints = get_type_hints(cls, include_extras=True)
            columns = [
                _column(name, get_args(hint)[0], vars(cls).get(name))
                for name, hint in hints.items()
                if get_origin(hint) is Mapped
            ]
            *constraints, options = cls.__table_args__
            cls.__table__ = Table(cls.__tablename__, cls.metadata, *columns, *constraints, **options)
            for column in columns:
                column.class_ = cls
                setattr(cls, column.name, column)

        @classmethod
        def __clause_element__(cls) -> Table:
            return cls.__table__

    def aliased(table: type[DeclarativeBase]) -> Any:
        """The same table once more in a statement, under another name."""
        alias = table.__table__.alias()
        return SimpleNamespace(__clause_element__=lambda: alias, **dict(alias.columns))

    def _column(name: str, hint: Any, stated: mapped_column | None) -> Column[Any]:
        """The column of an attribute: as stated, else as its annotated type says."""
        either = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
        known = (extra for each in either if get_origin(each) is Annotated for extra in get_args(each)[1:])
        made = stated or next(known)
        return Column(name, *made.arguments, **{"nullable": type(None) in either, **made.options})
