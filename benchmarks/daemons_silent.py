"""A web server with nothing to say: an empty 200 to every GET. `python -m benchmarks.daemons_silent PORT`.

It is a process of its own, as Phlov is. GET /seen tells for each path how often it was asked for, and when last by the
monotonic clock, which all processes of a machine share.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time

SEEN = "/seen"


class Silence(asyncio.Protocol):
    """One connection, kept alive."""

    def __init__(self, seen: dict[str, tuple[int, float]]) -> None:
        self._seen, self._came = seen, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._line = transport

    def data_received(self, data: bytes) -> None:
        *requests, self._came = (self._came + data).split(b"\r\n\r\n")
        for request in requests:
            self._line.write(self._answer(request.split(b" ", 2)[1].partition(b"?")[0].decode()))

    def _answer(self, path: str) -> bytes:
        if path == SEEN:
            body = json.dumps(self._seen).encode()
        else:
            body = b""
            self._seen[path] = self._seen.get(path, (0, 0.0))[0] + 1, time.monotonic()
        return b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


async def main(port: int) -> None:
    seen: dict[str, tuple[int, float]] = {}
    loop = asyncio.get_running_loop()
    over = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, over.set)
    server = await loop.create_server(lambda: Silence(seen), "127.0.0.1", port)
    await over.wait()
    server.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
