"""Bodies that do not come: a client that sends slowly keeps a thread, and granian would wait for it for ever."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any, Final

PATIENCE: Final = 4.0
"""Seconds without `ENOUGH` new bytes after which a connection is cut, if a body is being waited for so long."""
ENOUGH: Final = 512
RECEIVED: Final = slice(128, 136)
"""`tcpi_bytes_received` in the kernel's `struct tcp_info` (linux/tcp.h, since 4.1)."""


class Patience:
    """Reads bodies, and hangs up on those who keep it waiting. Connections that only rest are cut with them."""

    def __init__(self, port: int, patience: float = PATIENCE) -> None:
        self._port = port
        self._patience = patience
        self._since: dict[int, float] = {}

    def read(self, environ: Mapping[str, Any], size: int) -> bytes:
        """At most `size` bytes of the body; raises OSError where the connection ends before."""
        me = threading.get_ident()
        self._since[me] = monotonic()
        try:
            body: bytes = environ["wsgi.input"].read(size)
        finally:
            del self._since[me]
        return body

    def start(self) -> None:
        """Watch, in a thread that ends with the process."""
        threading.Thread(target=self._watch, name="patience", daemon=True).start()

    def _watch(self) -> None:
        pause, before = threading.Event(), dict[int, int]()
        while not pause.wait(self._patience):
            if not self._since:
                before = {}
                continue
            now = dict(self._received())
            if min(list(self._since.values()), default=monotonic()) < monotonic() - self._patience:
                slow = {inode for inode, count in now.items() if count - before.get(inode, count - ENOUGH) < ENOUGH}
                self._cut(slow)
            before = now

    def _received(self) -> Iterator[tuple[int, int]]:
        """Each connection of ours and how many bytes have come on it."""
        for inode, line in self._lines():
            with line:
                info = line.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, RECEIVED.stop)
                yield inode, int.from_bytes(info[RECEIVED], "little")

    def _cut(self, inodes: set[int]) -> None:
        for inode, line in self._lines():
            with line, suppress(OSError):
                if inode in inodes:
                    line.shutdown(socket.SHUT_RDWR)

    def _lines(self) -> Iterator[tuple[int, socket.socket]]:
        """The connections to our port, each by a handle of its own, to be closed by the caller."""
        for entry in Path("/proc/self/fd").iterdir():
            line = self._line(entry)
            if line:
                yield os.fstat(line.fileno()).st_ino, line

    def _line(self, entry: Path) -> socket.socket | None:
        """None for whatever is no connection to our port; the socket that listens there is none."""
        with suppress(OSError):
            if str(entry.readlink()).startswith("socket:"):
                line = socket.socket(fileno=os.dup(int(entry.name)))
                with suppress(OSError):
                    line.getpeername()
                    if line.family in (socket.AF_INET, socket.AF_INET6) and line.getsockname()[1] == self._port:
                        return line
                line.close()
        return None
