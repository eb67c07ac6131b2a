"""(b) A disk whose sync takes 20 ms: how many texts share one commit, and how long a person waits."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

from benchmarks import servers
from benchmarks.fill import fill
from benchmarks.load import burst
from benchmarks.posts import Posts, people
from benchmarks.report import Figure, Section, table

SYNC_MS = 20
CONNECTIONS = 32
SOURCE = Path(__file__).parent / "slow_sync.c"
METHOD = f"""\
A library loaded before all others (`benchmarks/slow_sync.c`) makes every fsync and fdatasync sleep {SYNC_MS} ms before
it is done, one at a time, as on an SD card. The disk's own commit rate is that of one row per commit with the pragmas
that Phlov uses, measured in the same run under the same library. Syncs are those strace saw (`strace -f`,
with a seccomp filter so that other calls go on at full speed) while texts were posted, those of checkpoints included,
per text answered."""

COMMITS = """\
import sqlite3, sys, time
from pathlib import Path
from bot.store.sqlite import connect
database = connect(Path(sys.argv[1]))
database.execute("CREATE TABLE row (text TEXT)")
count, end = 0, time.monotonic() + 3
while time.monotonic() < end:
    database.execute("INSERT INTO row VALUES ('x')")
    count += 1
print(count / 3)
"""


def measure(folder: Path, seconds: int) -> Section:
    library = folder / "slow_sync.so"
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", library, SOURCE, "-lpthread"], check=True)
    slow = {"LD_PRELOAD": str(library), "SLOW_SYNC_MS": str(SYNC_MS)}
    posts = Posts(folder / "posts", (seconds + 10) * 1500)
    fill(servers.settings(folder / "phlov"), people())

    commits = disk_commits(folder / "commits.sqlite3", slow)
    with servers.phlov(posts, folder / "phlov", extra=slow) as server:
        servers.check(server)
        burst(server, 1, CONNECTIONS)
        many = burst(server, seconds, CONNECTIONS)
    position = server.position
    rows = []
    for disk, extra in (("20 ms", slow), ("as it is", {})):
        alone, position = syncs(posts, folder, extra, position, 1, seconds)
        loaded, position = syncs(posts, folder, extra, position, CONNECTIONS, seconds)
        rows.append((disk, alone, loaded))

    times = many.rate / commits
    figures = [
        Figure(
            "texts/s, sync 20 ms, 32 connections",
            f"{many.rate:.0f}/s",
            f"{commits:.0f} commits/s",
            f"{times:.1f}",
            "≥ 10",
            times >= 10,
        ),
        Figure(
            "p99, sync 20 ms, 32 connections",
            f"{many.p99_ms:.0f} ms",
            f"{SYNC_MS} ms",
            f"{many.p99_ms / SYNC_MS:.1f}",
            "≤ 160 ms",
            many.p99_ms <= 160,
        ),
        Figure("syncs per text, alone", f"{rows[0][1]:.3f}", "1", f"{rows[0][1]:.2f}", "1", round(rows[0][1], 1) == 1),
        Figure(
            "syncs per text, 32 connections, sync 20 ms",
            f"{rows[0][2]:.3f}",
            "1",
            f"{rows[0][2]:.2f}",
            "≤ 0.2",
            rows[0][2] <= 0.2,
        ),
        Figure("syncs per text, 32 connections, this disk", f"{rows[1][2]:.3f}", "1", f"{rows[1][2]:.2f}"),
    ]
    details = [
        f"Of {many.requests} texts: p50 {many.p50_ms:.0f} ms, p99 {many.p99_ms:.0f} ms, longest {many.max_ms:.0f} ms; "
        f"foreign CPU {many.foreign:.2f} cores.",
        table(
            ["sync of the disk", "syncs per text, 1 client", f"{CONNECTIONS} clients"],
            [(disk, f"{alone:.3f}", f"{loaded:.3f}") for disk, alone, loaded in rows],
        ),
    ]
    return Section("(b) A slow disk", METHOD, figures, details)


def disk_commits(path: Path, slow: dict[str, str]) -> float:
    """Single-row commits per second under the same library and pragmas."""
    done = subprocess.run(
        [sys.executable, "-c", COMMITS, str(path)],
        env={**os.environ, **slow},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def syncs(
    posts: Posts, folder: Path, extra: dict[str, str], position: int, clients: int, seconds: int
) -> tuple[float, int]:
    """Syncs per text answered, and the position after it."""
    trace = folder / "trace"
    tracer = ("strace", "-f", "--seccomp-bpf", "-qq", "-ttt", "-e", "trace=fsync,fdatasync", "-o", str(trace))
    with servers.phlov(posts, folder / "phlov", extra=extra, before=tracer) as server:
        server.position = position
        server.answer(server.position)
        server.position += 1
        begun = time.time()
        load = burst(server, 2, clients)
        ended = time.time()
    moments = [
        float(found) for found in re.findall(r"^\d+\s+(\d+\.\d+) (?:fsync|fdatasync)\(", trace.read_text(), re.M)
    ]
    return sum(begun <= one <= ended for one in moments) / load.requests, server.position
