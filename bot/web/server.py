"""The server: granian in this process, or one watching process with several under it (PostgreSQL only).

One process is what a small box can afford: a second one would cost 15 MB to watch over nothing but a crash, after
which the system's own service manager starts Phlov again.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.mp import MPServer, WorkerProcess

Wsgi = Callable[..., Iterable[bytes]]

HEADERS_WITHIN: Final = 10_000
"""Milliseconds a client has for its headers, so that slow ones do not fill the house."""
STOP_WITHIN: Final = 8
"""Seconds that running requests have after SIGTERM."""
DIE_WITH_PARENT: Final = 1  # PR_SET_PDEATHSIG of prctl(2)
EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - from all addresses to one that answers here


class ServeError(Exception):
    """The address cannot be had, or serving ended by itself. One clear line."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where and how to serve."""

    host: str
    port: int
    workers: int
    threads: int

    @property
    def url(self) -> str:
        """The address to open on this machine."""
        host = EVERYWHERE.get(self.host, self.host)
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


def serve(place: Place, load: Callable[[], Wsgi], ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT; `load` runs where requests are answered, `ready` once the first one is.

    Comes back within 10 s of the signal, all running requests answered. Raises `ServeError`, and what `load` raises.
    """
    claim(place)
    kind = Alone if place.workers == 1 else Several
    server = kind(
        "phlov",
        address=place.host,
        port=place.port,
        interface=Interfaces.WSGI,
        workers=place.workers,
        blocking_threads=place.threads,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADERS_WITHIN),
        websockets=False,
        log_enabled=False,
        respawn_failed_workers=place.workers > 1,
        workers_kill_timeout=STOP_WITHIN,
    )
    server.on_spawned(lambda: threading.Thread(target=_await, args=(place, ready), daemon=True).start())
    try:
        server.serve(target_loader=partial(_load, server, load), wrap_loader=False)
    except SystemExit as ended:
        if ended.code and not server.interrupt_signal:
            raise ServeError("the server stopped by itself; the lines above say why") from None


class Here(WorkerProcess):
    """granian's worker without a process of its own: what would run in the child runs here."""

    def _spawn(self, target: Any, args: Any) -> None:
        self._work = partial(target, *args)

    def _id(self) -> int:
        return os.getpid()

    def start(self) -> None:
        """Serve until the signal; then tell granian's watching half, which is waiting for nothing else."""
        self._work()
        self.parent.signal_handler_interrupt()

    def terminate(self) -> None:
        """It has ended when anybody can ask."""

    def join(self, timeout: Any = None) -> None:
        """It has ended when anybody can ask."""

    def is_alive(self) -> bool:
        """It has ended when anybody can ask."""
        return False


class Several(MPServer):
    """granian with a process for each worker."""

    def on_spawned(self, hook: Callable[[], None]) -> None:
        """Run this when all workers are forked: what a thread of this process holds at a fork, such as the lock of a
        module it imports, nobody ever lets go of in the new process (seen: `encodings.idna`, and a worker stood)."""
        self._spawned = hook

    def _spawn_workers(self, spawn_target: Any, target_loader: Any) -> None:
        super()._spawn_workers(spawn_target, target_loader)  # type: ignore[no-untyped-call]
        self._spawned()


class Alone(MPServer):
    """granian with its only worker in this process."""

    def on_spawned(self, hook: Callable[[], None]) -> None:
        """Run this before serving begins, which does not come back."""
        self.on_startup(hook)

    def _spawn_worker(self, idx: Any, target: Any, callback_loader: Any) -> WorkerProcess:  # type: ignore[override]
        spawned: Any = super()._spawn_worker(idx, target, callback_loader)
        return Here(self, idx, target, spawned.inner._args)  # type: ignore[no-untyped-call]


def _load(server: MPServer, load: Callable[[], Wsgi]) -> Wsgi:
    """Where requests are answered: in this process, or in one that lives no longer than the one that watches it."""
    if not isinstance(server, Alone):
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
    wsgi = load()
    if server.interrupt_signal:
        raise SystemExit(0)  # asked to stop while starting
    return wsgi


def claim(place: Place) -> None:
    """granian shares a port with whoever holds it: two Phlovs on one would answer by turns. Raises `ServeError`."""
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((place.host, place.port))
        except OSError as error:
            reason = error.strerror or "not possible"
            line = f"cannot listen on {place.host} port {place.port}: {reason}; see PHLOV_HOST and PHLOV_PORT"
            raise ServeError(line) from error


def _await(place: Place, ready: Callable[[], None]) -> None:
    """Call `ready` when the first request is answered."""
    host = EVERYWHERE.get(place.host, place.host)
    pause = threading.Event()
    while not pause.wait(0.02):
        with suppress(OSError), socket.create_connection((host, place.port), timeout=5) as line:
            line.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
            if b" 200 " in line.recv(64):
                ready()
                return
