"""(d) What a text costs in a small house and in one that knows a million people."""

from __future__ import annotations

import random
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from benchmarks import servers
from benchmarks.fill import fill
from benchmarks.load import Round, burst
from benchmarks.posts import Posts
from benchmarks.report import Figure, Section
from benchmarks.servers import Server
from benchmarks.webhook import CONNECTIONS, details, ratio

FEW, MANY = 1_000, 1_000_000
METHOD = f"""\
Two houses on SQLite as in (a), one with {FEW:,} contacts and their sessions, one with {MANY:,}, filled through Phlov's
own statements and seals, all of whom have written today: so no text is the first of a day, which has one more row to
change, in either house. In each round both are started afresh (the small one on a fresh copy of its files, so that
nobody in it writes often enough to be silenced by the guards), warmed for 1 s and loaded in turn by their own people,
drawn evenly: the large house's page cache of 16 MB holds a small part of it, as it would in life."""


def number(serial: int) -> str:
    """A Cambodian mobile number."""
    return f"+85596{serial:07d}"


def measure(folder: Path, rounds: int, seconds: int) -> Section:
    few, many = (f"{count:,} contacts" for count in (FEW, MANY))
    now = datetime.now(UTC)
    found: dict[str, list[Round]] = {few: [], many: []}
    fill(servers.settings(folder / "few"), map(number, range(FEW)), now)
    begun = time.monotonic()
    fill(servers.settings(folder / "many"), map(number, range(MANY)), now)
    filled = time.monotonic() - begun
    size = sum(file.stat().st_size for file in (folder / "many").rglob("*")) / 2**20

    each = round((seconds + 1) * 1800)
    few_posts = Posts(folder / "few-posts", each, senders=[number(serial) for serial in range(FEW)])
    strangers = random.Random(2).sample(range(MANY), each * rounds)
    many_posts = Posts(folder / "many-posts", each * rounds, senders=list(map(number, strangers)))
    position = 0
    for turn in range(rounds):
        fresh = shutil.copytree(folder / "few", folder / f"few-{turn}")
        with servers.phlov(few_posts, fresh, name=few) as server:
            found[few].append(loaded(server, seconds))
        with servers.phlov(many_posts, folder / "many", name=many) as server:
            server.position = position
            found[many].append(loaded(server, seconds))
            position = server.position

    times = ratio(found, many, few, lambda one: one.cpu_us)
    here, there = (median(one.cpu_us for one in found[name]) for name in (many, few))
    figure = Figure(
        f"CPU per text, {many} : {few}", f"{here:.0f} µs", f"{there:.0f} µs", f"{times:.2f}", "≤ 1.10", times <= 1.10
    )
    filling = f"Filling the large house took {filled:.0f} s; its files hold {size:.0f} MiB."
    return Section("(d) A million contacts", METHOD, [figure], [details(found, {}), filling])


def loaded(server: Server, seconds: int) -> Round:
    servers.check(server)
    burst(server, 1, CONNECTIONS)
    return burst(server, seconds, CONNECTIONS)
