"""The console on a real database with the real book, called without a server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from visiting import Visitor, taken_in

from bot.config import Settings
from bot.console.site import create
from bot.content.loader import load
from bot.conversation.understand import Reader
from bot.services.roles import Role
from bot.services.service import Service
from bot.store.crypto import Vault


@pytest.fixture(scope="session")
def book():
    return load()


@pytest.fixture(scope="session")
def reader(book):
    return Reader(book)


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """What the pages read is tried on both databases where it is made (tests/services)."""
    return f"sqlite:///{tmp_path / 'phlov.db'}"


@pytest.fixture
def service(database, book, reader, clock) -> Service:
    return Service(database, Vault(bytes(32)), book, reader, clock)


@pytest.fixture
def site(service):
    return create(service, Settings())


@pytest.fixture
def stranger(site) -> Visitor:
    """Somebody with a browser."""
    return Visitor(site)


@pytest.fixture
def come(site, service) -> Callable[..., Visitor]:
    """Somebody of staff who has come in."""

    def come(name: str = "Sokha", role: Role = Role.ADMIN, *, second: bool = True) -> Visitor:
        person = taken_in(service, name, role, second=second)
        visitor = Visitor(site)
        visitor.come(service, person)
        return visitor

    return come
