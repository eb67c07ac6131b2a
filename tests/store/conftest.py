"""A SQLite house of its own for the tests that are about SQLite."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.store import migrate
from bot.store.sqlite import Sqlite


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "phlov.db"


@pytest.fixture
def sqlite(path: Path) -> Iterator[Sqlite]:
    migrate(f"sqlite:///{path}")
    opened = Sqlite(path)
    yield opened
    opened.close()
