"""The only wiring: from settings to a house that answers. Imports are inside, so that each command loads its own."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from multiprocessing.util import Finalize
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from flask import Flask

    from bot.channels import Channel
    from bot.config import Settings
    from bot.content.book import Book
    from bot.services.health import Report
    from bot.services.service import Service
    from bot.web.metrics import Metrics

READY: Final = """\
Phlov is ready: open {url}/healthz
Text it from this machine, in another window: {phlov} chat
"""
SWITCH: Final = 0.02
"""Seconds a thread may keep the interpreter from those who wait for it."""
COUNTS: Final = "PROMETHEUS_MULTIPROC_DIR"


class StartError(Exception):
    """Phlov cannot start as things are. The text says what is wrong and what to do; empty if that was said already."""


def service(settings: Settings, book: Book | None = None) -> Service:
    """The database, the book and the reader, ready for every service. Raises `StartError`."""
    from bot.conversation.understand import Reader
    from bot.services import prices
    from bot.services.service import Service
    from bot.store.opening import open_store

    book = book or _book()
    try:
        table = prices.read(settings.prices_file, book.networks)
    except prices.BadPrices as error:
        raise StartError(f"PHLOV_PRICES_FILE: the prices cannot be used:\n{error}") from None
    with _lines(settings):
        store = open_store(settings.database, settings.data_dir, settings.master_key)
    clock, own = partial(datetime.now, UTC), settings.own_numbers
    return Service(store.database, store.vault, book, Reader(book), clock, own, prices=table)


def _book() -> Book:
    """The texts, checked. Raises `StartError`."""
    from bot.content.book import Unsound
    from bot.content.loader import load

    try:
        return load()
    except Unsound as error:
        raise StartError(f"the texts cannot be served:\n{error}") from error


def channels(settings: Settings) -> Mapping[str, Channel]:
    """Every gateway by name; one without settings says so when it is called. Raises `StartError`."""
    from bot.channels.kinds import wire
    from bot.config import SettingsError

    try:
        return wire(settings)
    except SettingsError as error:  # in a file that the settings name
        raise StartError(str(error)) from None


def site(settings: Settings, book: Book | None = None) -> Flask:
    """The WSGI application with its background work running: what one worker process serves. Raises `StartError`."""
    from bot.log import log, set_up
    from bot.web.metrics import Metrics
    from bot.web.site import create

    set_up(settings.log_format)
    metrics, wired = Metrics(), channels(settings)
    delivery = _delivery(settings, service(settings, book), wired, metrics)
    house = delivery.service
    house.shelf.current()  # agencies and campaigns are read before the first text comes
    delivery.start()
    Finalize(None, delivery.stop, exitpriority=1)
    console = partial(_console, house, settings) if settings.console else None
    application = create(house, wired, metrics, settings, look=delivery.look, console=console)
    # A request is done in a millisecond. To take the interpreter from it half-way, as Python does after 5 ms of wait,
    # only makes all of them later: the thread that commits for the others lets go of it at every statement.
    sys.setswitchinterval(SWITCH)
    gc.collect()
    gc.freeze()  # book, reader and code live as long as the process: no collection looks at them again
    log.info("serving", states=len(house.book.states), **house.database.facts())
    return application


def _console(house: Service, settings: Settings) -> Flask:
    """The pages of staff: loaded when the first of them is asked for."""
    from bot.console.site import create

    return create(house, settings)


@dataclass(frozen=True, slots=True)
class Delivery:
    """The background work of one process, and the service that calls for it."""

    service: Service
    start: Callable[[], None]
    stop: Callable[[], object]
    look: Callable[[], Report]


def _delivery(settings: Settings, base: Service, wired: Mapping[str, Channel], metrics: Metrics) -> Delivery:
    """Lanes, collectors and jobs; or, where others do that work, only the call to them. Raises `StartError`."""
    from bot.services.budgets import Budgets
    from bot.services.health import Pulse, look
    from bot.services.route import Route
    from bot.worker import Worker
    from bot.worker.house import Bells, House
    from bot.worker.jobs import CannotQueue, Jobs, queue

    sending = {name: each for name, each in wired.items() if _sends(each)}
    route = Route(_route(settings, sending))
    bells, pulse = Bells.of(sending), Pulse()
    alone = settings.database.startswith("sqlite")
    try:
        huey = queue(settings.jobs_url or settings.database, settings.data_dir)
    except CannotQueue as error:
        raise StartError(str(error)) from None
    by_sms = _by_sms(settings, sending, route.names)
    budgets = Budgets(settings.budget_day, settings.budget_country, frozenset(base.book.countries))
    ways = replace(base, instead=partial(route.instead, base), besides=route.besides)
    calling = replace(ways, wake=bells.ring, sms_channel=by_sms, budgets=budgets)
    done: Worker | Jobs
    if settings.deliver or alone:
        done = Worker(
            House(calling, sending, metrics, pulse, bells, budgets, console=_address(settings)), huey, alone=alone
        )
    else:
        done = Jobs(huey, {}, bells.ring, consume=False)
        calling = replace(calling, wake=done.call)
    metrics.watch(calling, pulse)
    return Delivery(calling, done.start, done.stop, partial(look, calling, route.names, pulse))


def _address(settings: Settings) -> str | None:
    """Where staff find the console, as far as the settings tell."""
    return f"{settings.public_url.rstrip('/')}/console/" if settings.console and settings.public_url else None


def _sends(channel: Channel) -> bool:
    from bot.channels import Unset

    return channel.traits.sends and not isinstance(channel, Unset)


def _route(settings: Settings, sending: Mapping[str, Channel]) -> tuple[str, ...]:
    """The gateways for emergency answers, best first. Raises `StartError`."""
    if settings.route is None:
        return tuple(sending)
    names = tuple(settings.route.split(","))
    strange = [name for name in names if name not in sending]
    if strange:
        raise StartError(f"PHLOV_ROUTE: no gateway is set up that is called {strange[0]}")
    return names


def _by_sms(settings: Settings, sending: Mapping[str, Channel], route: Sequence[str]) -> str | None:
    """The gateway that sends what was chosen on a USSD screen to be sent by SMS. Raises `StartError`."""
    usual = "africastalking" if "africastalking" in sending else next(iter(route), None)
    name = settings.ussd_sms or usual
    if name in (None, "none"):
        return None
    if name not in sending:
        raise StartError(f"PHLOV_USSD_SMS: no gateway is set up that is called {name}")
    return name


def work(settings: Settings) -> None:
    """Do the background work without serving, until SIGTERM or SIGINT. Raises `StartError`."""
    from bot.log import log, set_up
    from bot.web.metrics import Metrics

    set_up(settings.log_format)
    with _claimed(settings):
        metrics = Metrics()
        settings = replace(settings, deliver=True)
        delivery = _delivery(settings, service(settings), channels(settings), metrics)
        ended = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ended.set())
        delivery.start()
        if settings.worker_port is not None:
            _watched(settings, delivery, metrics)
        log.info("working", **delivery.service.database.facts())
        ended.wait()
        delivery.stop()


def _watched(settings: Settings, delivery: Delivery, metrics: Metrics) -> None:
    """Answer `/healthz`, `/readyz` and `/metrics` of a process that serves nothing else. Raises `StartError`."""
    from wsgiref.simple_server import WSGIRequestHandler, make_server

    from bot.web.site import create

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_: object) -> None:
            """Nobody wants to know."""

    application = create(delivery.service, {}, metrics, settings, look=delivery.look)
    try:
        server = make_server(settings.host, settings.worker_port or 0, application, handler_class=Quiet)
    except OSError as error:
        raise StartError(f"cannot listen on port {settings.worker_port}; see PHLOV_WORKER_PORT") from error
    threading.Thread(target=server.serve_forever, name="watched", daemon=True).start()


def run(settings: Settings) -> NoReturn:
    """Become the server of this house. Raises `StartError`.

    A new program in the same process, so that reading settings and texts and making a database leave nothing in its
    memory.
    """
    from bot.content.handing import dump

    book = dump(_book())
    try:
        fresh = settings.database.startswith("sqlite") and not Path(settings.database.partition(":///")[2]).exists()
    except OSError as error:
        raise StartError(f"{error.filename or settings.data_dir}: {error.strerror}; see PHLOV_DATA_DIR") from error
    if fresh:
        migrate(settings)
    handed = [str(_handed(each)) for each in (settings.dump(), book)]
    os.execv(sys.executable, [sys.executable, "-P", "-m", "bot.app", *handed])  # noqa: S606 - this same Phlov


def _handed(content: bytes) -> int:
    """A descriptor for the next program, of a file in memory: keys and tokens never lie on a disk on their way."""
    handed = os.memfd_create("phlov", 0)  # without MFD_CLOEXEC: the next program gets it
    with open(handed, "wb", closefd=False) as file:
        file.write(content)
    os.lseek(handed, 0, os.SEEK_SET)
    return handed


def serve(settings: Settings, book: Book | None = None) -> None:
    """Serve until SIGTERM or SIGINT. Raises `StartError`."""
    from bot.web.server import Place, ServeError, serve

    place = Place(settings.host, settings.port, settings.workers, settings.threads)
    try:
        with _claimed(settings), _counted(settings):
            load = site if settings.workers == 1 else _site_or_line
            serve(place, lambda: load(settings, book), lambda: _announce(place.url))
    except ServeError as error:
        raise StartError(str(error)) from error


def migrate(settings: Settings) -> None:
    """Bring the database to this version's schema. Raises `StartError`."""
    from bot.store.schema import migrate

    with _lines(settings):
        migrate(settings.database)


@contextlib.contextmanager
def _lines(settings: Settings) -> Iterator[None]:
    """What may go wrong with the house's files and database, as `StartError`."""
    from bot.store.errors import StoreError, Unusable

    try:
        yield
    except (Unusable, StoreError) as error:
        raise StartError(str(error)) from error
    except OSError as error:
        raise StartError(f"{error.filename or settings.data_dir}: {error.strerror}; see PHLOV_DATA_DIR") from error


def _site_or_line(settings: Settings, book: Book | None) -> Flask:
    """In a process of several: say in one line why it cannot serve, and end."""
    try:
        return site(settings, book)
    except StartError as error:
        print(f"phlov: {error}", file=sys.stderr)
        raise SystemExit(1) from None


@contextlib.contextmanager
def _claimed(settings: Settings) -> Iterator[None]:
    """A SQLite house is served by one at a time: a second `phlov run` is refused."""
    from bot.store import sqlite_path
    from bot.store.files import claim_run, make_directory

    with _lines(settings), contextlib.ExitStack() as claims:
        path = sqlite_path(settings.database)
        if path:
            make_directory(path.parent)
            claims.callback(claim_run(path).close)
        yield


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
    phlov = Path(sys.executable).with_name("phlov")
    with contextlib.suppress(ValueError):
        phlov = phlov.relative_to(Path.cwd())
    print(READY.format(url=url, phlov=phlov), end="", flush=True)


def _taken(descriptor: str) -> bytes:
    with open(int(descriptor), "rb") as handed:  # noqa: PTH123 - a descriptor
        return handed.read()


def main() -> None:
    """The program `run` becomes: its settings and texts come through the descriptors that the arguments name."""
    from bot.config import Settings
    from bot.content.handing import restore

    settings, book = Settings.restore(_taken(sys.argv[1])), restore(_taken(sys.argv[2]))
    try:
        serve(settings, book)
    except StartError as error:
        print(f"phlov: {error}", file=sys.stderr)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
