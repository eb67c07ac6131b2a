"""Posts prepared requests at a server for a bounded time and says what came back and what it cost."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.machine import Watch

if TYPE_CHECKING:
    from benchmarks.servers import Server

SCRIPT = Path(__file__).parent / "post.lua"


@dataclass(frozen=True, slots=True)
class Round:
    """One burst of load. `cpu_us` is the CPU time of all processes of the server per request answered."""

    requests: int
    rate: float
    cpu_us: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    foreign: float


class SpoiledError(Exception):
    """A burst that measured something else: refused or broken requests, or too few prepared ones."""


def burst(server: Server, seconds: int, connections: int) -> Round:
    """Load `server` with the requests it has not had yet."""
    posts = server.posts
    watch, before = Watch(), server.cpu_seconds()
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "-s", str(SCRIPT), server.url]
    offset = posts.offsets[server.position] if server.position < len(posts.offsets) else -1
    if offset < 0:
        raise SpoiledError(f"{server.name}: no prepared requests left")
    done = subprocess.run([*command, "--", str(posts.path), str(offset)], capture_output=True, text=True, check=True)
    cpu = server.cpu_seconds() - before
    foreign = watch.foreign(cpu)
    found = json.loads(next(line[5:] for line in done.stdout.splitlines() if line.startswith("JSON ")))
    server.position += found["used"]
    server.answered += found["requests"]
    if found["refused"] or found["broken"] or found["short"]:
        raise SpoiledError(f"{server.name}: {found}")
    return Round(
        requests=found["requests"],
        rate=found["requests"] / found["seconds"],
        cpu_us=cpu / found["requests"] * 1e6,
        p50_ms=found["p50_ms"],
        p99_ms=found["p99_ms"],
        max_ms=found["max_ms"],
        foreign=foreign,
    )
