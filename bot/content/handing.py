"""A Book as bytes, from one process of this house to the next, so that only one of them reads YAML and catalogs.

Reading them leaves three times as much memory behind as the Book takes, and it cannot be given back.
"""

from __future__ import annotations

import copyreg
import pickle
from types import MappingProxyType
from typing import cast

from bot.content.book import Book


def _proxy(items: dict[object, object]) -> MappingProxyType[object, object]:
    return MappingProxyType(items)


def _reduced(proxy: MappingProxyType[object, object]) -> tuple[object, ...]:
    return _proxy, (dict(proxy),)


copyreg.pickle(MappingProxyType, _reduced)  # type: ignore[arg-type]


def dump(book: Book) -> bytes:
    """The book, for `restore` in a process that runs the same version."""
    return pickle.dumps(book, protocol=pickle.HIGHEST_PROTOCOL)


def restore(dumped: bytes) -> Book:
    """What `dump` made. Never of anything that came from outside: a pickle may run code."""
    return cast(Book, pickle.loads(dumped))  # noqa: S301
