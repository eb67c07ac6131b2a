"""The only floor that knows SQL: tables, statements, transactions, and the keys that seal what they hold."""

from __future__ import annotations

from bot.store.database import Database, Tx
from bot.store.errors import Busy, StoreError, Unusable, Unwritten
from bot.store.opening import Store, open_database, open_store
from bot.store.schema import migrate, sqlite_path

__all__ = [
    "Busy",
    "Database",
    "Store",
    "StoreError",
    "Tx",
    "Unusable",
    "Unwritten",
    "migrate",
    "open_database",
    "open_store",
    "sqlite_path",
]
