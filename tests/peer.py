"""A gateway on this machine that answers as it is told: badly, late, in drops, twice, or not at all."""

from __future__ import annotations

import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request as it came over the wire; header names are lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.target).query, keep_blank_values=True, strict_parsing=True)

    @property
    def form(self) -> dict[str, list[str]]:
        return parse_qs(self.body.decode(), keep_blank_values=True, strict_parsing=True)


@dataclass
class Peer:
    """What it was asked, on how many lines; `over` is set at the end, for behaviours that hold a line until then."""

    url: str
    asked: list[Asked] = field(default_factory=list)
    lines: int = 0
    over: threading.Event = field(default_factory=threading.Event)


Behaviour = Callable[[socket.socket, Peer], None]


def says(status: int, body: bytes = b"", **headers: str) -> Behaviour:
    """A whole answer; the line stays open."""
    heads = {"Content-Length": str(len(body)), **{name.replace("_", "-"): value for name, value in headers.items()}}
    return raw(
        "\r\n".join([f"HTTP/1.1 {status} X", *(f"{name}: {heads[name]}" for name in heads), "", ""]).encode() + body
    )


def raw(answer: bytes) -> Behaviour:
    return lambda line, peer: line.sendall(answer)


def hangs_up(line: socket.socket, peer: Peer) -> None:
    line.shutdown(socket.SHUT_RDWR)


def then(first: Behaviour, second: Behaviour) -> Behaviour:
    def both(line: socket.socket, peer: Peer) -> None:
        first(line, peer)
        second(line, peer)

    return both


def holds(line: socket.socket, peer: Peer) -> None:
    """No answer for as long as the test lasts."""
    peer.over.wait(20)


def drips(answer: bytes, pause: float) -> Behaviour:
    """One byte at a time."""

    def drip(line: socket.socket, peer: Peer) -> None:
        for byte in answer:
            if peer.over.wait(pause):
                return
            line.sendall(bytes([byte]))

    return drip


@contextmanager
def listening(*behaviours: Behaviour, tls: ssl.SSLContext | None = None) -> Iterator[Peer]:
    """A peer that meets request after request with these behaviours, the last one for ever."""
    turn = iter(behaviours)
    guard = threading.Lock()
    latest = behaviours[0]

    class Line(socketserver.StreamRequestHandler):
        disable_nagle_algorithm = True

        def handle(self) -> None:
            nonlocal latest
            with guard:
                peer.lines += 1
            with suppress(OSError):
                while asked := self._read():
                    with guard:
                        peer.asked.append(asked)
                        latest = next(turn, latest)
                        behaviour = latest
                    try:
                        behaviour(self.connection, peer)
                    except OSError:
                        return

        def _read(self) -> Asked | None:
            first = self.rfile.readline().decode("latin-1").split()
            if len(first) != 3:
                return None
            headers = {}
            while (head := self.rfile.readline().decode("latin-1").strip()) != "":
                name, _, value = head.partition(":")
                headers[name.lower()] = value.strip()
            return Asked(first[0], first[1], headers, self.rfile.read(int(headers.get("content-length", "0"))))

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True
        request_queue_size = 128  # five would do until a busy machine is slow to take them

        def get_request(self) -> tuple[socket.socket, object]:
            line, address = super().get_request()
            if tls:  # it shakes hands at the first read, in the line's own thread
                line = tls.wrap_socket(line, server_side=True, do_handshake_on_connect=False)
            return line, address

    with Server(("127.0.0.1", 0), Line) as server:
        peer = Peer(f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield peer
        finally:
            peer.over.set()
            server.shutdown()
            thread.join()


@contextmanager
def nobody() -> Iterator[str]:
    """The address of a port where nobody listens."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{closed.getsockname()[1]}"
