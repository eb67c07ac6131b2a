"""(k) A list of a million people comes in: how fast, in how much memory, and how long do others wait meanwhile?"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from benchmarks import servers
from benchmarks.audience import PACE, probed, spread
from benchmarks.busy import p99
from benchmarks.posts import Posts
from benchmarks.report import Figure, Section, table

PROVINCES = ("Siem Reap", "ព្រៃវែង", "Kompong Cham", "Khet Takeo", "03")
CONSENT = ["--campaign", "KYA12", "--how", "paper", "--wording", "May we text you?", "--by", "Sok", "--as", "Dara"]
METHOD = f"""\
`phlov contacts import list.csv --yes` as a process of its own, from its start to its end: a CSV with a number, a name
that is not read, a province, a language, a school and a country for each of a million made-up people, no number twice,
all with a consent. Each list comes into an empty house; on SQLite (`synchronous=FULL`) once alone, and once beside
`phlov run`, which is posted {PACE} signed texts a second as in (j), on time whatever the answers take: its baseline is
before and after. Memory is the largest resident size of the process that imports."""


class Run(NamedTuple):
    """One import: seconds, and the largest memory of its process in MB."""

    seconds: float
    memory: float


def measure(folder: Path, rows: int, seconds: int) -> Section:
    listed = folder / "list.csv"
    write(listed, rows)
    alone = house(folder / "alone")
    first = imported(alone, listed)
    again = imported(alone, listed, "--again")
    calm, busy, beside = while_serving(folder / "serving", listed, seconds)
    with servers.postgresql(folder / "pg") as (url, _):
        postgres = imported(house(folder / "postgresql", url), listed)
    rate = {name: rows / run.seconds for name, run in (("alone", first), ("beside", beside), ("pg", postgres))}
    most = max(run.memory for run in (first, again, beside, postgres))
    ratio = p99(busy) / p99(calm)
    figures = [
        Figure(
            f"SQLite: import of {rows:,} rows",
            f"{rate['alone']:,.0f} rows/s",
            target="≥ 20,000",
            met=rate["alone"] >= 20_000,
        ),
        Figure("SQLite: the same list once more", f"{rows / again.seconds:,.0f} rows/s"),
        Figure("SQLite: import while texts are answered", f"{rate['beside']:,.0f} rows/s"),
        Figure("PostgreSQL: import", f"{rate['pg']:,.0f} rows/s"),
        Figure("memory of the import", f"{most:.0f} MiB", target="≤ 300", met=most <= 300),
        Figure(
            "answers meanwhile, p99",
            f"{p99(busy) * 1000:.1f} ms",
            f"{p99(calm) * 1000:.1f} ms",
            f"{ratio:.2f}",
            "≤ 1.5",
            ratio <= 1.5,
        ),
    ]
    lines = [
        [when, len(waits), *(f"{value * 1000:.1f}" for value in spread(waits))]
        for when, waits in (("before and after", calm), ("while a list comes in", busy))
    ]
    return Section(
        "(k) A list of a million", METHOD, figures, [table(["", "texts", "p50 ms", "p99 ms", "max ms"], lines)]
    )


def write(path: Path, rows: int) -> None:
    """Numbers in no order, as lists are."""
    with path.open("w", encoding="utf-8") as file:
        file.write("Name,លេខទូរស័ព្ទ,ខេត្ត,Language,School,Country\n")
        for serial in range(rows):
            number = f"096{serial * 7919 % 10_000_000:07d}"
            province = PROVINCES[serial % len(PROVINCES)]
            file.write(f"Made Up {serial},{number},{province},km,School {serial % 200},Thailand\n")


def house(folder: Path, url: str | None = None) -> Mapping[str, str]:
    """The settings of an empty house with a campaign."""
    settings = {**os.environ, **servers.settings(folder, url)}
    Path(settings["PHLOV_DATA_DIR"]).mkdir(parents=True, exist_ok=True)
    phlov(settings, "campaigns", "add", "KYA12", "Know your rights")
    return settings


def phlov(settings: Mapping[str, str], *arguments: str) -> float:
    """Run a command to its end; the largest memory it had, in MiB."""
    command = [sys.executable, "-m", "bot", *arguments]
    run = subprocess.Popen(command, env=dict(settings), cwd=servers.ROOT, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(run.pid, 0)
    run.returncode = os.waitstatus_to_exitcode(status)
    assert run.returncode == 0, command
    return used.ru_maxrss / 1024


def imported(settings: Mapping[str, str], listed: Path, *more: str) -> Run:
    today = datetime.now(UTC).date().isoformat()
    began = time.monotonic()
    memory = phlov(settings, "contacts", "import", str(listed), *CONSENT, "--on", today, "--yes", *more)
    return Run(time.monotonic() - began, memory)


def while_serving(folder: Path, listed: Path, seconds: int) -> tuple[list[float], list[float], Run]:
    """How long texts wait before and after, how long while a list comes in, and how that went."""
    settings = house(folder)
    posts = Posts(folder / "posts", PACE * (seconds * 2 + 300))
    busy: list[float] = []
    over = threading.Event()
    with servers.phlov(posts, folder) as server:
        servers.check(server)
        probed(server, seconds=3)
        calm = probed(server, seconds=seconds)
        texting = threading.Thread(target=lambda: busy.extend(probed(server, over=over)))
        texting.start()
        run = imported(settings, listed)
        over.set()
        texting.join()
        calm += probed(server, seconds=seconds)
    return calm, busy, run
