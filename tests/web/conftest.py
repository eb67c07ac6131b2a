"""The public site on a real database with the real book, called without a server."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from signed import NUMBER, channel
from werkzeug.test import TestResponse

from bot.channels import Unset
from bot.channels.twilio import Twilio
from bot.config import Settings
from bot.content.loader import load
from bot.conversation.understand import Reader
from bot.protocol import Request
from bot.services.service import Service
from bot.store.crypto import Vault
from bot.web.metrics import Metrics
from bot.web.site import create


@pytest.fixture(scope="session")
def book():
    return load()


@pytest.fixture(scope="session")
def reader(book):
    return Reader(book)


@pytest.fixture
def service(database, book, reader) -> Service:
    return Service(database, Vault(bytes(32)), book, reader, lambda: datetime.now(UTC), frozenset({NUMBER}))


@pytest.fixture
def client(service) -> FlaskClient:
    return create(service, {"twilio": channel()}, Metrics(), Settings()).test_client()


@pytest.fixture
def bare_client(service) -> FlaskClient:
    """A house without Twilio."""
    return create(service, {"twilio": Unset("twilio", Twilio.routes, "set it up")}, Metrics(), Settings()).test_client()


@pytest.fixture
def post(client) -> Callable[..., TestResponse]:
    """Post a request of `signed` as it is."""

    def send(wanted: Request, **headers: str) -> TestResponse:
        return client.open(
            wanted.path,
            method=wanted.method,
            query_string=wanted.query,
            data=wanted.body,
            headers=[*wanted.headers.items(), *headers.items()],
        )

    return send
