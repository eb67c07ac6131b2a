"""Bring a database to the schema this version needs. Alembic is imported only when there is something to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool

from bot.store.database import WAIT
from bot.store.errors import Unusable
from bot.store.files import FileLock, make_directory

HEAD = "0006"
"""The newest migration; a test compares it with the files."""

ALEMBIC = Path(__file__).parent / "migrations"
KINDS = "write sqlite:///a/file or postgresql://user:password@host/name"

LOCK_KEY = 0x5048_4C4F_5600
"""One migration at a time on PostgreSQL."""


def address(url: str) -> URL:
    """The parts of a database's URL. Raises `Unusable` for anything but SQLite files and PostgreSQL."""
    try:
        parts = make_url(url)
    except ArgumentError as error:
        raise Unusable(f"PHLOV_DATABASE_URL cannot be read; {KINDS}") from error
    kind = parts.get_backend_name()
    if kind == "postgresql" or (kind == "sqlite" and parts.database not in (None, "", ":memory:")):
        return parts
    raise Unusable(f"PHLOV_DATABASE_URL is for no database that keeps what it is given; {KINDS}")


def sqlite_path(url: str) -> Path | None:
    """The file of a SQLite URL; None for PostgreSQL. Raises `Unusable`."""
    parts = address(url)
    return Path(str(parts.database)) if parts.get_backend_name() == "sqlite" else None


def unopened(url: URL, reason: object) -> Unusable:
    """The line that says which database cannot be opened, and why. It holds no password."""
    return Unusable(f"the database {url.database or url.host} cannot be opened: {reason}; see PHLOV_DATABASE_URL")


def migrate(url: str, to: str = HEAD) -> None:
    """Bring the database at `url` to revision `to`; nothing happens if it is there. Raises `Unusable`."""
    with _alone(address(url)) as connection:
        current = revision(connection)
        if current == to:
            return
        if current is not None and current > HEAD:
            raise Unusable(f"the database was made by a newer Phlov (schema {current}); run that version")
        _alembic(connection, current, to)


def revision(connection: Connection) -> str | None:
    """The revision a database is at; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


@contextmanager
def _alone(url: URL) -> Iterator[Connection]:
    """A connection in a transaction that no other migration or writer shares."""
    try:
        if url.get_backend_name() == "sqlite":
            with _lone_sqlite(Path(str(url.database))) as connection:
                yield connection
        else:
            engine = create_engine(url.set(drivername="postgresql+psycopg"), poolclass=NullPool)
            with engine.begin() as connection:
                connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK_KEY})"))
                yield connection
    except DBAPIError as error:
        raise unopened(url, str(error.orig).splitlines()[0]) from error


@contextmanager
def _lone_sqlite(path: Path) -> Iterator[Connection]:
    from bot.store.sqlite import connect  # noqa: PLC0415 - PostgreSQL houses need no sqlite3

    make_directory(path.parent)
    engine = create_engine("sqlite://", creator=lambda: connect(path), poolclass=NullPool)
    event.listen(engine, "begin", _begin_immediate)
    lock = FileLock(path.with_name(path.name + ".lock"), WAIT)
    try:
        with lock, engine.begin() as connection:
            yield connection
    finally:
        lock.close()


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _alembic(connection: Connection, current: str | None, to: str) -> None:
    from alembic import command  # noqa: PLC0415 - 9 MB that a serving process has no use for
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(ALEMBIC).replace("%", "%%"))
    config.attributes["connection"] = connection
    if current is not None and (to == "base" or to < current):
        command.downgrade(config, to)
    else:
        command.upgrade(config, to)
