"""A house for one story: the real content, a fresh SQLite file, a clock turned by hand."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from stories.transcript import OWN_NUMBER, Clock, Player

from bot.content.book import Book
from bot.content.loader import load
from bot.conversation.understand import Reader
from bot.services.service import Service
from bot.store import migrate, open_database
from bot.store.crypto import Vault


@cache
def words() -> tuple[Book, Reader]:
    """The content, loaded once."""
    book = load()
    return book, Reader(book)


@contextmanager
def stage() -> Iterator[Player]:
    """A player with an empty database."""
    book, reader = words()
    with tempfile.TemporaryDirectory(prefix="phlov-story-") as place:
        file = Path(place) / "phlov.db"
        url = f"sqlite:///{file}"
        migrate(url)
        database = open_database(url)
        clock = Clock()
        own = frozenset({OWN_NUMBER})
        service = Service(database, Vault(bytes(range(32))), book, reader, clock, own, sms_channel="twilio")
        yield Player(service, clock, file)
        database.close()
