"""A gateway on the loopback that takes every text at once, or after a while: `python -m benchmarks.sink PORT LOG [MS]`.

It speaks what SMSGate and Kannel speak to whoever sends, and writes a line for each text: the monotonic time and the
recipient. It costs as little as asyncio allows, so that what is measured is the sender.
"""

from __future__ import annotations

import asyncio
import re
import signal
import sys
import time
from pathlib import Path
from typing import TextIO

PHONE = re.compile(rb'"phoneNumbers": ?\["([^"]+)"|x-kannel-to: ?([^\r]+)', re.IGNORECASE)
NAME = re.compile(rb'"id": ?"([^"]+)"')
LENGTH = re.compile(rb"content-length: ?([0-9]+)", re.IGNORECASE)
HEAD = "HTTP/1.1 202 Accepted\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"


class Gateway(asyncio.Protocol):
    """One connection, kept alive."""

    def __init__(self, log: TextIO, delay: float) -> None:
        self._log, self._delay, self._came = log, delay, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._line: asyncio.Transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._came += data
        head, found, body = self._came.partition(b"\r\n\r\n")
        size = LENGTH.search(head)
        if not found or len(body) < int(size[1] if size else 0):
            return
        request, self._came = self._came, b""
        if self._delay:
            asyncio.get_running_loop().call_later(self._delay, self._take, request)
        else:
            self._take(request)

    def _take(self, request: bytes) -> None:
        phone = PHONE.search(request)
        if phone:
            self._log.write(f"{time.monotonic():.6f} {(phone[1] or phone[2]).decode()}\n")
        name = NAME.search(request)
        kind, body = "text/plain", b"0: Accepted for delivery"
        if name:
            kind, body = "application/json", b'{"id":"%b","state":"Pending","recipients":[]}' % name[1]
        self._line.write((HEAD % (kind, len(body))).encode() + body)


async def main(port: str, log: str, delay: str = "0") -> None:
    with Path(log).open("a", buffering=1) as lines:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Gateway(lines, int(delay) / 1000), "127.0.0.1", int(port))
        stop = asyncio.Event()
        loop.add_signal_handler(signal.SIGTERM, stop.set)
        async with server:
            await stop.wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
