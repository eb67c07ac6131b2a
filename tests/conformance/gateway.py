"""A gateway that can fail: it takes texts over HTTP as its wire says, and does to an answer what the test wants."""

from __future__ import annotations

import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ports import free_port


class Fault(Enum):
    """What may go wrong with one text on its way to a gateway."""

    NONE = auto()
    REFUSED = auto()
    """Nobody listens."""
    HANGS_BEFORE = auto()
    """It reads the text, takes it not, and never answers."""
    HANGS_AFTER = auto()
    """It takes the text and never answers."""
    CUT_AFTER = auto()
    """It takes the text, and the line breaks before the answer."""
    HALF_AFTER = auto()
    """It takes the text, and the line breaks within the answer."""
    ERROR_AFTER = auto()
    """It takes the text and answers 500."""
    JUNK_AFTER = auto()
    """It takes the text and answers what nobody can read."""
    THROTTLED = auto()
    """It takes nothing and answers 429, to come again in 7 seconds."""
    NOT_WANTED = auto()
    """It says that nobody has this number."""


TAKEN_ANYWAY = frozenset({Fault.HANGS_AFTER, Fault.CUT_AFTER, Fault.HALF_AFTER, Fault.ERROR_AFTER, Fault.JUNK_AFTER})
"""After these the gateway has the text though we do not know it."""
NOT_TAKEN = frozenset({Fault.REFUSED, Fault.HANGS_BEFORE, Fault.THROTTLED, Fault.NOT_WANTED})
UNDERSTOOD = frozenset({Fault.REFUSED, Fault.THROTTLED, Fault.NOT_WANTED})
"""Faults that leave no doubt: nothing was sent."""
PAUSE = 7
"""Seconds that a throttled gateway asks for."""


@dataclass(frozen=True)
class Heard:
    """One request to the gateway."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Said:
    """Its answer."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Taken:
    """A text that the gateway will send to a phone. `name` is what it calls it; `units` of each part as on the air."""

    name: str
    recipient: str
    text: str
    reference: int | None = None
    units: tuple[int, ...] = ()


class Gateway:
    """The server. `hear` is the wire: it takes the text, if it is to be taken, and gives the good answer.

    `script` holds the faults of the texts to come, in order; when it is empty all goes well.
    """

    def __init__(self, hear: Callable[[Heard, Fault], Said]) -> None:
        self.script: deque[Fault] = deque()
        self.taken: list[Taken] = []
        self._release = threading.Event()
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None
        self.hear = hear
        self._lines: list[socket.socket] = []
        self._once = threading.Lock()
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def open(self) -> None:
        """Listen."""
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                gateway._serve(self)

            def do_GET(self) -> None:
                gateway._serve(self)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128  # five would do until a busy machine is slow to take them
            block_on_close = False

            def process_request(self, request: Any, client: Any) -> None:
                gateway._lines.append(request)
                super().process_request(request, client)

            def handle_error(self, *_: object) -> None:
                """A client that hung up is nothing to tell of."""

        self._server = Server(("127.0.0.1", self.port), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        """Let go of whoever waits, and listen no more."""
        self._release.set()
        if self._server and self._thread:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
            for line in self._lines:
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)
            self._lines.clear()
            self._server = self._thread = None

    @contextmanager
    def away(self) -> Iterator[None]:
        """Nobody listens for a while."""
        self.close()
        yield
        self._release = threading.Event()
        self.open()

    def to(self, recipient: str) -> list[Taken]:
        """The texts taken for one phone, in order."""
        return [taken for taken in self.taken if taken.recipient == recipient]

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        size = int(handler.headers.get("Content-Length") or 0)
        path, _, query = handler.path.partition("?")
        headers = {name.lower(): value for name, value in handler.headers.items()}
        heard = Heard(handler.command, path, query, headers, handler.rfile.read(size))
        with self._once:
            asks = handler.command == "GET" and size == 0 and not query  # a question about a text has no fault
            fault = self.script.popleft() if self.script and not asks else Fault.NONE
            said = self.hear(heard, fault)
        if fault in (Fault.HANGS_BEFORE, Fault.HANGS_AFTER):
            self._release.wait(30)
            handler.close_connection = True
            return
        if fault is Fault.CUT_AFTER:
            _cut(handler)
            return
        if fault is Fault.ERROR_AFTER:
            said = Said(500, b"<h1>oops</h1>")
        elif fault is Fault.JUNK_AFTER:
            said = Said(200, b"\xff\x00<<<{junk", {"Content-Type": "application/json"})
        elif fault is Fault.THROTTLED:
            said = Said(429, said.body, {**said.headers, "Retry-After": str(PAUSE)})
        handler.send_response(said.status)
        longer = 40 if fault is Fault.HALF_AFTER else 0
        handler.send_header("Content-Length", str(len(said.body) + longer))
        for name, value in said.headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(said.body)
        if longer:
            _cut(handler)


def _cut(handler: BaseHTTPRequestHandler) -> None:
    """Break the line as a router does that forgets it."""
    handler.wfile.flush()
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True
