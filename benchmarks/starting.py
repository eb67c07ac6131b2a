"""(e) How soon Phlov answers after it was started, and what it weighs when nobody writes."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median

from benchmarks import servers
from benchmarks.machine import cpu_seconds, pss_mb, tree
from benchmarks.posts import Posts
from benchmarks.report import Figure, Section, table

IDLE = 2.0
METHOD = f"""\
From the start of the process (`phlov run`, its data directory already set up) to the first 200 on /healthz, asked
every 5 ms; medians of interleaved starts. Memory is the proportional set size (PSS) of the whole process tree,
{IDLE:.0f} s later, when nothing was asked of it but /healthz and one text. The baseline is the ceiling of (a): Flask,
the signature check and the same granian."""


def measure(folder: Path, starts: int) -> Section:
    posts = Posts(folder / "posts", 100)
    cells = {
        "ceiling": lambda: servers.ceiling(posts, folder / "ceiling"),
        "phlov": lambda: servers.phlov(posts, folder / "phlov"),
    }
    with cells["phlov"]():
        pass  # set up once: key, database
    found: dict[str, list[tuple[float, float, float, int]]] = {name: [] for name in cells}
    for _ in range(starts):
        for name, start in cells.items():
            with start() as server:
                cpu = cpu_seconds(server.process)
                server.answer(len(found[name]))
                time.sleep(IDLE)
                found[name].append((server.started_s, cpu, pss_mb(server.process), len(tree(server.process))))

    ready, cpu, memory = ({name: median(one[i] for one in found[name]) for name in cells} for i in range(3))
    figures = [
        Figure(
            "`phlov run` to the first 200",
            f"{ready['phlov']:.2f} s",
            f"{ready['ceiling']:.2f} s",
            f"{ready['phlov'] / ready['ceiling']:.2f}",
            "≤ 2 s",
            ready["phlov"] <= 2,
        ),
        Figure(
            "idle process tree, PSS",
            f"{memory['phlov']:.0f} MiB",
            f"{memory['ceiling']:.0f} MiB",
            f"{memory['phlov'] / memory['ceiling']:.2f}",
            "< 90 MB",
            memory["phlov"] * 1.048576 < 90,
        ),
    ]
    rows = [
        [
            name,
            f"{ready[name]:.2f}",
            f"{max(one[0] for one in found[name]):.2f}",
            f"{cpu[name]:.2f}",
            f"{memory[name]:.1f}",
            found[name][0][3],
        ]
        for name in cells
    ]
    head = ["server", "ready s", "slowest start s", "CPU to ready s", "PSS MiB", "processes"]
    return Section("(e) Start and memory", METHOD, figures, [table(head, rows)])
