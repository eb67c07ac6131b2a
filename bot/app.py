"""The only wiring: from settings to a house that answers. Imports are inside, so that each command loads its own."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from flask import Flask

    from bot.channels import Channel
    from bot.config import Settings
    from bot.services.service import Service

READY: Final = """\
Phlov is ready: open {url}/healthz
Text it from this machine, in another window: {phlov} chat
"""
COUNTS: Final = "PROMETHEUS_MULTIPROC_DIR"


class StartError(Exception):
    """Phlov cannot start as things are. The text says what is wrong and what to do; empty if that was said already."""


def service(settings: Settings) -> Service:
    """The database, the book and the reader, ready for every service. Raises `StartError`."""
    from bot.content.book import Unsound
    from bot.content.loader import load
    from bot.conversation.understand import Reader
    from bot.services.service import Service
    from bot.store.errors import StoreError, Unusable
    from bot.store.opening import open_store

    key = settings.master_key.get_secret_value() if settings.master_key else None
    try:
        book = load()
        store = open_store(settings.database, settings.data_dir, key)
    except Unsound as error:
        raise StartError(f"the texts cannot be served:\n{error}") from error
    except (Unusable, StoreError) as error:
        raise StartError(str(error)) from error
    except OSError as error:
        raise StartError(f"{error.filename or settings.data_dir}: {error.strerror}; see PHLOV_DATA_DIR") from error
    return Service(store.database, store.vault, book, Reader(book), lambda: datetime.now(UTC), settings.own_numbers)


def channels(settings: Settings) -> Mapping[str, Channel]:
    """Every gateway by name; one without settings says so when it is called."""
    from bot.channels import Unset
    from bot.channels.twilio import Twilio

    if not (settings.twilio_account_sid and settings.twilio_auth_token):
        advice = "set PHLOV_TWILIO_ACCOUNT_SID and its companions (docs/settings.md)"
        return {Twilio.name: Unset(Twilio.name, Twilio.routes, advice)}
    shared = settings.twilio_shared_key
    twilio = Twilio(
        settings.twilio_account_sid,
        settings.twilio_auth_token.get_secret_value(),
        settings.twilio_number or "",
        settings.public_url or "",
        shared_key=shared.get_secret_value() if shared else None,
        api_url=settings.twilio_api_url,
    )
    return {Twilio.name: twilio}


def site(settings: Settings) -> Flask:
    """The WSGI application with its background work running: what one worker process serves. Raises `StartError`."""
    from bot.log import log, set_up
    from bot.web.metrics import Metrics
    from bot.web.site import create
    from bot.worker import Housekeeping

    set_up(settings.log_format)
    house = service(settings)
    Housekeeping(house).start()
    log.info("serving", states=len(house.book.states), **house.database.facts())
    return create(house, channels(settings), Metrics(), settings)


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT. Raises `StartError`."""
    from bot.store.errors import Unusable
    from bot.web.server import Place, ServeError, serve

    place = Place(settings.host, settings.port, settings.workers, settings.threads)
    try:
        with _claimed(settings), _counted(settings):
            serve(place, lambda: _site_or_line(settings), lambda: _announce(place.url))
    except (Unusable, ServeError) as error:
        raise StartError(str(error)) from error


def migrate(settings: Settings) -> None:
    """Bring the database to this version's schema. Raises `StartError`."""
    from bot.store.errors import StoreError, Unusable
    from bot.store.schema import migrate

    try:
        migrate(settings.database)
    except (Unusable, StoreError) as error:
        raise StartError(str(error)) from error
    except OSError as error:
        raise StartError(f"{error.filename or settings.data_dir}: {error.strerror}; see PHLOV_DATA_DIR") from error


def _site_or_line(settings: Settings) -> Flask:
    """In a worker process: say in one line why it cannot start, and end."""
    try:
        return site(settings)
    except StartError as error:
        print(f"phlov: {error}", file=sys.stderr)
        raise SystemExit(1) from None


def _migrate_or_line(settings: Settings) -> None:
    try:
        migrate(settings)
    except StartError as error:
        print(f"phlov: {error}", file=sys.stderr)
        raise SystemExit(1) from None


@contextlib.contextmanager
def _claimed(settings: Settings) -> Iterator[None]:
    """Hold the claim on a SQLite house (a second `phlov run` is refused) and make its file, if it is new."""
    path = _file(settings)
    if path is None:
        yield
        return
    from bot.store.files import claim_run

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        claim = claim_run(path)
    except OSError as error:
        raise StartError(f"{path.parent}: {error.strerror}; see PHLOV_DATA_DIR") from error
    try:
        if not path.exists():
            _apart(lambda: _migrate_or_line(settings))
        yield
    finally:
        claim.close()


def _file(settings: Settings) -> Path | None:
    prefix, _, path = settings.database.partition(":///")
    return Path(path) if prefix == "sqlite" else None


def _apart(work: Callable[[], None]) -> None:
    """Do it in a process of its own: what a migration imports is 20 MB that a server has no use for."""
    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    process.join()
    if process.exitcode:
        raise StartError("")


@contextlib.contextmanager
def _counted(settings: Settings) -> Iterator[None]:
    """Several workers keep their counts in files that `/metrics` adds up."""
    if settings.workers == 1:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="phlov-counts-") as directory:
        os.environ[COUNTS] = directory
        yield


def _announce(url: str) -> None:
    print(READY.format(url=url, phlov=sys.argv[0]), end="", flush=True)
