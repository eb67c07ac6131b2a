"""(a) The whole path of a signed webhook: Phlov on SQLite and PostgreSQL against the bare ceiling and RapidSMS."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from benchmarks import servers
from benchmarks.fill import fill
from benchmarks.load import Round, burst
from benchmarks.machine import pss_mb
from benchmarks.posts import Posts, people
from benchmarks.report import Figure, Section, table
from benchmarks.servers import Server

CONNECTIONS = 8
METHOD = f"""\
wrk, one thread, {CONNECTIONS} connections, loopback, on the same machine: prepared requests with the 20 fields Twilio
sends, each with its own MessageSid and valid X-Twilio-Signature, from 20,000 numbers that have all written before;
3 exact words, 3 menu numbers and 4 sentences (Khmer, Khmer in Latin letters, English) in ten.
All servers run at once under granian (WSGI, 1 worker, at most {servers.THREADS} blocking threads) and are loaded in
turn: A B C … A B C …. CPU is the user and system time of all processes of a server, PostgreSQL's included, per request
answered; ratios are medians of the ratios within each round. Phlov commits with `synchronous=FULL` before it answers
(PostgreSQL: its defaults, fsync on) and seals numbers and texts; RapidSMS 2.2.0 writes in clear, with
`synchronous=NORMAL`. It is shown twice, with the threads all others have and with one, which suits it best. The
ceiling checks the signature and keeps nothing. More is better in every ratio."""


def measure(folder: Path, rounds: int, seconds: int) -> Section:
    with ExitStack() as stack:
        posts = Posts(folder / "posts", round(rounds * (seconds + 1) * 3500) + 1000)
        cells = start(stack, posts, folder)
        for cell in cells:
            servers.check(cell)
        found: dict[str, list[Round]] = {cell.name: [] for cell in cells}
        for _ in range(rounds):
            for cell in cells:
                burst(cell, 1, CONNECTIONS)
                found[cell.name].append(burst(cell, seconds, CONNECTIONS))
        memory = {cell.name: pss_mb(cell.process) for cell in cells}
    return Section("(a) Signed webhook, whole path", METHOD, figures(found), [details(found, memory)])


def start(stack: ExitStack, posts: Posts, folder: Path) -> list[Server]:
    """All cells, with their people in them."""
    fill(servers.settings(folder / "sqlite"), people())
    url, postmaster = stack.enter_context(servers.postgresql(folder / "pg"))
    fill(servers.settings(folder / "postgresql", url), people())
    cells = [
        servers.ceiling(posts, folder / "ceiling"),
        servers.phlov(posts, folder / "sqlite", name="Phlov, SQLite"),
        servers.phlov(posts, folder / "postgresql", name="Phlov, PostgreSQL", database_url=url, database=postmaster),
        servers.rapidsms(posts, folder / "rapidsms-1", threads=1),
        servers.rapidsms(posts, folder / "rapidsms"),
    ]
    return [stack.enter_context(cell) for cell in cells]


Rounds = Mapping[str, Sequence[Round]]


def ratio(found: Rounds, of: str, to: str, value: Callable[[Round], float]) -> float:
    """The median of the ratios within each round."""
    return median(value(one) / value(other) for one, other in zip(found[of], found[to], strict=True))


def figures(found: Rounds) -> list[Figure]:
    sqlite, postgresql = "Phlov, SQLite", "Phlov, PostgreSQL"
    wanted = [
        (sqlite, "ceiling", 0.50, "≥ 0.50, stretch 0.60"),
        (postgresql, "ceiling", 0.30, "≥ 0.30"),
        (sqlite, "RapidSMS", 5.0, "≥ 5"),
        (sqlite, "RapidSMS, 1 thread", 5.0, "≥ 5"),
    ]
    return [
        judged
        for of, to, least, words in wanted
        for judged in (cpu_figure(found, of, to, least, words), rate_figure(found, of, to, least, words))
    ]


def cpu_figure(found: Rounds, of: str, to: str, least: float, words: str) -> Figure:
    """CPU per request: the baseline's over ours, so that more is better in every row."""
    here, there = (median(one.cpu_us for one in found[name]) for name in (of, to))
    times = 1 / ratio(found, of, to, lambda one: one.cpu_us)
    return Figure(f"{of} : {to}, CPU", f"{here:.0f} µs", f"{there:.0f} µs", f"{times:.2f}", words, times >= least)


def rate_figure(found: Rounds, of: str, to: str, least: float, words: str) -> Figure:
    here, there = (median(one.rate for one in found[name]) for name in (of, to))
    times = ratio(found, of, to, lambda one: one.rate)
    return Figure(f"{of} : {to}, rate", f"{here:.0f}/s", f"{there:.0f}/s", f"{times:.2f}", words, times >= least)


def details(found: Rounds, memory: Mapping[str, float]) -> str:
    head = ["server", "req/s (min–max)", "CPU µs/req (min–max)", "p50 ms", "p99 ms", "PSS MiB", "foreign cores (max)"]
    rows = [
        [
            name,
            spread([one.rate for one in rounds]),
            spread([one.cpu_us for one in rounds]),
            f"{median(one.p50_ms for one in rounds):.1f}",
            f"{median(one.p99_ms for one in rounds):.1f}",
            f"{memory[name]:.0f}" if name in memory else "",
            f"{max(one.foreign for one in rounds):.2f}",
        ]
        for name, rounds in found.items()
    ]
    return table(head, rows)


def spread(values: Sequence[float]) -> str:
    return f"{median(values):.0f} ({min(values):.0f}–{max(values):.0f})"
