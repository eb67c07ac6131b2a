"""Ports for servers that are started a moment later: nobody else is given one meanwhile."""

from __future__ import annotations

import os
import random
import socket
from itertools import count
from typing import Final

LOWEST: Final = 18_000
ROOM: Final = 1_700
"""For each process of a run. All of them lie below those that the system gives to whoever names none."""
_WORKER: Final = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_NEXT: Final = count(random.randrange(ROOM))


def free_port() -> int:
    """One of this machine that nobody listens on, another one each time."""
    while True:
        port = LOWEST + _WORKER % 8 * ROOM + next(_NEXT) % ROOM
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
