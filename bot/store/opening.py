"""Open the house's database with the key that fits it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.store import marks
from bot.store.crypto import KEY_FILE, Vault, decode_key, make_key, read_key
from bot.store.database import Database
from bot.store.errors import StoreError, Unusable
from bot.store.schema import address, migrate, sqlite_path, unopened


@dataclass(frozen=True, slots=True)
class Store:
    """A database that is open and the key to it."""

    database: Database
    vault: Vault


def open_store(url: str, data_dir: Path, master_key: str | None = None) -> Store:
    """Migrate and open the database at `url` with `master_key` (base64), or with `data_dir/master.key`.

    That file is made on the first run. Raises `Unusable`, also when the key is missing or another than the rows' own.
    """
    migrate(url)
    database = open_database(url)
    try:
        known = database.read(marks.key_fingerprint)
        key = decode_key(master_key) if master_key else read_key(data_dir)
        if key is None and known is not None:
            raise Unusable(
                f"{data_dir / KEY_FILE} is missing, and this database needs it; put it back from your backup"
            )
        vault = Vault(key or make_key(data_dir))
        if database.write(lambda tx: marks.settle_key(tx, vault.fingerprint())):
            return Store(database, vault)
        source = "PHLOV_MASTER_KEY" if master_key else str(data_dir / KEY_FILE)
        raise Unusable(f"{source} is not the key this database was made with; put the right key back")
    except Unusable:
        database.close()
        raise
    except StoreError as error:
        database.close()
        raise unopened(address(url), error) from error


def open_database(url: str) -> Database:
    """Open a migrated database: `sqlite:///file` or `postgresql://…`. Raises `Unusable`."""
    path = sqlite_path(url)
    try:
        if path is not None:
            from bot.store.sqlite import Sqlite  # noqa: PLC0415 - each house loads one driver

            return Sqlite(path)
        from bot.store.postgres import Postgres  # noqa: PLC0415

        return Postgres(address(url))
    except StoreError as error:
        raise unopened(address(url), error) from error
