"""HTTP out, as gateways need it: one try, one deadline for all of it, and a straight word on whether anything was said.

This is no gateway. Addresses come from the settings alone; nothing of a request ever decides where a text is posted.
"""

from __future__ import annotations

import io
import logging
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from http.client import HTTPResponse as Raw
from ipaddress import IPv6Address, ip_address
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any, Final
from urllib.parse import urlsplit

from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from bot.protocol import Cause, SendError

IDLE: Final = 1.0
"""Seconds after which an unused line is not used again. Servers hang up on idle lines after 2 s and more; a text that
meets a line being hung up may or may not have been read, and nobody could tell."""
LARGEST: Final = 65_536
"""Bytes of an answer that are read; what is longer is cut."""
PATIENCE: Final = 3600.0
"""Seconds of the longest pause a gateway may ask for: a slip in its clock must not silence it for days."""

CAUSES: Final[Mapping[int, Cause]] = {
    **dict.fromkeys((301, 302, 303, 307, 308, 401, 403, 404, 405, 407), "config"),
    402: "credit",
    408: "network",
    413: "too_long",
    425: "network",
    429: "throttled",
}
"""What an HTTP status says where a gateway has no words of its own. A redirect is a gateway that moved, or a portal."""

logging.getLogger("urllib3").setLevel(logging.CRITICAL + 1)  # its lines hold addresses, and with them numbers and texts

Pool = HTTPConnectionPool


@dataclass(frozen=True, slots=True)
class Answer:
    """What a gateway answered, whatever its status. Header names are lower case; the body is `LARGEST` at most."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def after(self) -> float | None:
        """Seconds to leave the gateway in peace, if it says so in Retry-After, as a number or as a date."""
        return _seconds(self.headers.get("retry-after", "").strip())


def pool(url: str, *, lines: int = 8) -> Pool:
    """The lines to one gateway, kept open between texts that follow each other closely. Certificates are verified."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("not an http(s) address")
    if parts.scheme == "http":
        return _Plain(parts.hostname, parts.port, maxsize=lines)
    return _Secure(parts.hostname, parts.port, maxsize=lines, ssl_context=ssl.create_default_context())


def target(url: str) -> str:
    """What follows the host in an address, from the slash on."""
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def post(
    lines: Pool, method: str, where: str, *, headers: Mapping[str, str], body: bytes | None, timeout: float
) -> Answer:
    """One request, never repeated, no redirect followed, over after `timeout` seconds in all.

    Raises `SendError`: `no` if there was no line to say anything on, `unknown` once something may have been said.
    """
    try:
        response = lines.urlopen(
            method,
            where,
            body=body,
            headers={"User-Agent": "Phlov", **headers},
            retries=False,
            redirect=False,
            timeout=Timeout(total=timeout),
            preload_content=False,
            decode_content=False,
        )
        with closing(response):
            heads = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status, heads, _body(response))
    except (HTTPError, HTTPException, OSError) as error:
        raise SendError(f"no whole answer ({type(error).__name__})", retry=True, sent="unknown") from None


def moment(said: str) -> datetime | None:
    """A date as HTTP has it, None for what is none."""
    try:
        at = parsedate_to_datetime(said)
    except (ValueError, OverflowError):
        return None
    return at.replace(tzinfo=at.tzinfo or UTC)


def refusal(answer: Answer, *, unsure: range = range(500, 600)) -> SendError:
    """What an answer that is no success means where the gateway has no words of its own for it."""
    reason = f"HTTP {answer.status}"
    if answer.status in unsure or answer.status < 300:
        return SendError(reason, retry=True, sent="unknown", after=answer.after)
    cause = CAUSES.get(answer.status, "unknown")
    retry = cause not in ("unknown", "too_long") or answer.status >= 500
    return SendError(reason, retry=retry, sent="no", cause=cause, after=answer.after)


def _body(response: BaseHTTPResponse) -> bytes:
    """To the end, or there would be no telling a whole answer from a broken one."""
    found = bytearray()
    while len(found) < LARGEST and (piece := response.read(LARGEST - len(found))):
        found += piece
    return bytes(found)


def _seconds(said: str) -> float | None:
    if said.isascii() and said.isdigit():
        return min(float(said[:9]), PATIENCE)
    at = moment(said)
    return None if at is None else min(max((at - datetime.now(UTC)).total_seconds(), 0.0), PATIENCE)


class _Until(io.RawIOBase):
    """What comes over a line, until a moment: a drop each second does not buy a gateway more time."""

    def __init__(self, line: socket.socket, ends: float) -> None:
        self._line = line
        self._raw = line.makefile("rb", buffering=0)
        self._ends = ends

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        """As its name says in `io`; raises TimeoutError when the moment has come."""
        left = self._ends - monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._line.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        """The line itself is closed when nobody reads from it any more."""
        self._raw.close()
        super().close()


class _Answering(Raw):
    """http.client's response, read from a line with an end."""

    def __init__(self, line: Any, ends: float, **options: Any) -> None:
        super().__init__(_Reading(line, ends), **options)  # type: ignore[arg-type]


class _Reading:
    """As much of a socket as http.client's response wants."""

    def __init__(self, line: socket.socket, ends: float) -> None:
        self._opened = line, ends

    def makefile(self, _: str) -> io.BufferedReader:
        return _Whole(_Until(*self._opened))


class _Whole(io.BufferedReader):
    """http.client takes the end of a line for the end of the headers; here an answer cut there is no answer."""

    def readline(self, size: int | None = -1, /) -> bytes:
        """As its name says in `io`; raises ConnectionError at the end of the stream."""
        line = super().readline(size)
        if not line.endswith(b"\n") and len(line) != size:
            raise ConnectionError("cut")
        return line


class _Line(HTTPConnection):
    """One line to a gateway. `timeout` is what is left of the request's time whenever urllib3 sets it."""

    _used = 0.0
    _ends = 0.0

    def connect(self) -> None:
        """Open the line. Whatever goes wrong here, nothing was said."""
        self._ends = monotonic() + (self.timeout or 0.0)
        try:
            super().connect()
        except (HTTPError, OSError, UnicodeError) as error:
            said = f"the gateway cannot be reached ({type(error).__name__})"
            raise SendError(said, retry=True, sent="no", cause="network") from None

    def _new_conn(self) -> socket.socket:
        found = _addresses(self._dns_host, self.port, self._left())
        wrong: OSError = ConnectionError("no address")
        for tried, (family, address) in enumerate(found):
            _allow(address[0])
            line = socket.socket(family, socket.SOCK_STREAM)
            try:
                for option in self.socket_options or ():
                    line.setsockopt(*option)
                line.settimeout(self._left() / (len(found) - tried))
                line.connect(address)
                line.settimeout(self._left())  # for TLS
            except OSError as error:
                line.close()
                wrong = error
            else:
                return line
        raise wrong

    def _left(self) -> float:
        left = self._ends - monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        return left

    @property
    def is_connected(self) -> bool:
        """Asked by the pool before a line is used again."""
        return monotonic() - self._used < IDLE and super().is_connected

    def response_class(self, line: Any, **options: Any) -> Raw:  # type: ignore[override]
        """Called when the request has been written."""
        self._used = monotonic()
        return _Answering(line, self._used + (self.timeout or 0.0), **options)


class _SecureLine(_Line, HTTPSConnection):
    """The same over TLS."""


class _Plain(HTTPConnectionPool):
    ConnectionCls = _Line


class _Secure(HTTPSConnectionPool):
    ConnectionCls = _SecureLine


def _addresses(host: str, port: int, left: float) -> list[tuple[int, Any]]:
    """The resolver knows no time limit, so a thread of its own waits for it. Raises OSError."""
    try:
        return _resolve(host, port, socket.AI_NUMERICHOST)
    except socket.gaierror:
        pass
    told: SimpleQueue[Any] = SimpleQueue()

    def ask() -> None:
        try:
            told.put(_resolve(host, port, 0))
        except (OSError, UnicodeError) as error:
            told.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = told.get(timeout=left)
    except Empty:
        raise TimeoutError("timed out") from None
    if isinstance(answer, Exception):
        raise answer
    return list(answer)


def _resolve(host: str, port: int, flags: int) -> list[tuple[int, Any]]:
    found = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM, flags=flags)
    return [(family, address) for family, _, _, _, address in found]


def _allow(address: str) -> None:
    """A gateway may stand in this house (127.0.0.1, a LAN), but never where a cloud keeps its machines' secrets."""
    given = ip_address(address.partition("%")[0])
    there = (given.ipv4_mapped if isinstance(given, IPv6Address) else None) or given
    if there.is_link_local or there.is_multicast or there.is_unspecified:
        raise SendError("the gateway's address is none for a gateway", retry=True, sent="no", cause="config")
