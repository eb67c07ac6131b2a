"""The server: one watching process, granian's worker processes under it, and an end that finishes what was begun."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.mp import MPServer

Wsgi = Callable[..., Iterable[bytes]]

HEADERS_WITHIN: Final = 10_000
"""Milliseconds a client has for its headers, so that slow ones do not fill the house."""
STOP_WITHIN: Final = 8
"""Seconds that running requests have after SIGTERM."""
DIE_WITH_PARENT: Final = 1  # PR_SET_PDEATHSIG of prctl(2)


class ServeError(Exception):
    """The address cannot be had, or a worker could not start. One clear line, or none if the worker said it."""


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
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - the other way round
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


def serve(place: Place, load: Callable[[], Wsgi], ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT; `load` runs in each worker, `ready` here once requests are answered.

    Raises `ServeError`. Comes back within 10 s of the signal, all running requests answered.
    """
    _claim(place)
    broken = multiprocessing.Event()
    server = MPServer(
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
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_WITHIN,
    )
    server.on_startup(lambda: threading.Thread(target=_await, args=(place, ready), daemon=True).start())
    ended: Any = None
    try:
        server.serve(target_loader=lambda: _load(load, broken, os.getpid()), wrap_loader=False)
    except SystemExit as exit_:
        ended = exit_.code
    if broken.is_set():
        raise ServeError
    if ended and not server.interrupt_signal:
        raise ServeError("a worker process keeps dying; the lines above say why")


def _load(load: Callable[[], Wsgi], broken: Any, _: int) -> Wsgi:
    """In a worker: live no longer than the watching process, and tell it if the start fails."""
    ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
    try:
        return load()
    except BaseException:
        broken.set()
        os.kill(os.getppid(), signal.SIGTERM)
        raise


def _claim(place: Place) -> None:
    """granian shares a port with whoever holds it; two Phlovs on one port would answer by turns."""
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((place.host, place.port))
        except OSError as error:
            reason = error.strerror or "not possible"
            raise ServeError(f"cannot listen on {place.host} port {place.port}: {reason}; set PHLOV_PORT") from error


def _await(place: Place, ready: Callable[[], None]) -> None:
    """Call `ready` when the first request is answered."""
    host, port = ("127.0.0.1" if place.host == "0.0.0.0" else place.host), place.port  # noqa: S104
    pause = threading.Event()
    while not pause.wait(0.02):
        with suppress(OSError), socket.create_connection((host, port), timeout=5) as line:
            line.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
            if b" 200 " in line.recv(64):
                ready()
                return
