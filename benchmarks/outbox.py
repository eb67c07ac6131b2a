"""(f) How many texts a second go through the outbox, every step of them on the disk."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from sqlalchemy import func, select

from benchmarks import servers
from benchmarks.outbox_worker import Noop
from benchmarks.report import Figure, Section, table
from bot.services import retry
from bot.store import messages
from bot.store.crypto import Vault
from bot.store.database import Database, Tx
from bot.store.opening import open_store
from bot.store.state import State
from bot.store.statements import Statement
from bot.store.tables import Outbound

STATES = Statement(lambda _: select(Outbound.state, func.count()).group_by(Outbound.state))
CLAIM = 10
TEXT = "Phlov: the border stays closed. Ask before you go: text MENU. No more texts: STOP"
METHOD = """\
Rows of the outbox (sealed texts to sealed numbers) are sent by one worker process, the no-op gateway's by one lane, in
claims of 10, with `synchronous=FULL`: claimed, opened, handed over, settled, each claim sharing a commit with the
outcomes of the one before. The no-op gateway writes the id to a file, as the task does of the baseline: Huey 3.5.4
with its SqliteHuey, its consumer with one worker thread and its defaults (which sync nothing), as many tasks. Loopback
gateways are one asyncio process that speaks the wire of SMSGate (knows ids again: claims of 10) or Kannel (does not:
each text is claimed alone); `100 ms` answers after 100 ms, as one on the Internet would. PostgreSQL runs on the same
two cores. Medians of interleaved rounds; the rate counts from the start of the worker's threads until nothing waits."""


def measure(folder: Path, rounds: int, count: int) -> Section:
    found: dict[str, list[float]] = {}
    cpu: dict[str, list[float]] = {}
    with servers.postgresql(folder / "pg") as (url, _):
        for number in range(rounds):
            place = folder / str(number)
            for name, seconds, used, texts in measured(place, url, count):
                found.setdefault(name, []).append(texts / seconds)
                cpu.setdefault(name, []).append(used / texts * 1e6)
    rate = {name: median(values) for name, values in found.items()}
    of_huey = [one / other for one, other in zip(found["SQLite, no-op"], found["Huey"], strict=True)]
    three = "three workers : one"
    noop = against(rate, "SQLite, no-op", "Huey", of_huey)
    figures = [
        Figure("outbox on SQLite, no-op gateway", *noop, *target(of_huey, 5)),
        *(
            Figure(f"outbox on SQLite, loopback {kind}, one worker", f"{rate[f'SQLite, {kind}']:,.0f} texts/s",
                   target="≥ 1,000", met=rate[f"SQLite, {kind}"] >= 1000)
            for kind in ("SMSGate", "Kannel")
        ),
        *(
            Figure(f"PostgreSQL, {kind}, {three}", f"{rate[f'PostgreSQL, {kind}, 3']:,.0f} texts/s",
                   f"{rate[f'PostgreSQL, {kind}, 1']:,.0f} texts/s",
                   f"{rate[f'PostgreSQL, {kind}, 3'] / rate[f'PostgreSQL, {kind}, 1']:.2f}", "≥ 1.8",
                   rate[f"PostgreSQL, {kind}, 3"] >= 1.8 * rate[f"PostgreSQL, {kind}, 1"])
            for kind in ("Kannel 100 ms", "no-op")
        ),
        killed(folder / "killed", count),
    ]  # fmt: skip
    rows = [[name, f"{rate[name]:,.0f}", f"{median(cpu[name]):,.0f}"] for name in rate]
    return Section("(f) Outbox", METHOD, figures, [table(["", "texts/s", "CPU of the workers, µs a text"], rows)])


def against(rate: dict[str, float], one: str, other: str, ratios: Sequence[float]) -> tuple[str, str, str]:
    return f"{rate[one]:,.0f} texts/s", f"{rate[other]:,.0f} /s ({other})", f"{median(ratios):.2f}"


def target(ratios: Sequence[float], least: float) -> tuple[str, bool]:
    return f"≥ {least:g}", median(ratios) >= least


def measured(place: Path, url: str, count: int) -> Iterator[tuple[str, float, float, int]]:
    """One round: name, seconds, CPU seconds and texts of each cell."""
    place.mkdir(parents=True)
    huey = [sys.executable, "-m", "benchmarks.huey_peer", str(place), str(count // 4)]
    done = json.loads(subprocess.run(huey, check=True, capture_output=True, text=True, cwd=servers.ROOT).stdout)
    yield "Huey", done["seconds"], done["cpu"], count // 4
    yield "SQLite, no-op", *emptied(f"sqlite:///{place / 'noop.db'}", place, count, "noop"), count
    for kind, texts in (("SMSGate", count // 4), ("Kannel", count // 4)):
        with sink(place / f"{kind}.log") as address:
            database = f"sqlite:///{place / kind}.db"
            yield f"SQLite, {kind}", *emptied(database, place, texts, kind.lower(), address), texts
    keys = place.parent / "postgresql"  # one database, one key
    keys.mkdir(exist_ok=True)
    for workers in (1, 3):
        yield f"PostgreSQL, no-op, {workers}", *emptied(url, keys, count // 2, "noop", workers=workers), count // 2
        with sink(place / f"slow {workers}.log", 100) as address:
            texts = 400 * workers
            spent = emptied(url, keys, texts, "kannel", address, workers=workers)
            yield f"PostgreSQL, Kannel 100 ms, {workers}", *spent, texts


@contextmanager
def sink(log: Path, delay: int = 0) -> Iterator[str]:
    """The address of a gateway that takes everything."""
    port = servers.free_port()
    command = [sys.executable, "-m", "benchmarks.sink", str(port), str(log), str(delay)]
    with subprocess.Popen(command, cwd=servers.ROOT) as process:
        try:
            servers.wait_for_port(port)
            yield f"http://127.0.0.1:{port}/cgi-bin/sendsms"
        finally:
            process.terminate()


def emptied(
    url: str, folder: Path, texts: int, kind: str, address: str = "", *, workers: int = 1
) -> tuple[float, float]:
    """Fill the outbox, let workers empty it: seconds and CPU seconds."""
    fill(url, folder, texts)
    command = [sys.executable, "-m", "benchmarks.outbox_worker", url, str(folder), kind, address]
    started = [
        subprocess.Popen(command, cwd=servers.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(workers)
    ]
    for process in started:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    began = time.perf_counter()
    for process in started:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    lines = [json.loads(process.communicate()[0].splitlines()[-1]) for process in started]
    seconds = max(line["seconds"] for line in lines) if workers == 1 else time.perf_counter() - began
    assert states(url, folder).keys() == {State.ACCEPTED}
    return min(seconds, max(line["seconds"] for line in lines)), sum(line["cpu"] for line in lines)


def fill(url: str, folder: Path, texts: int, channel: str = Noop.name) -> None:
    """Texts that nobody asked for, each to a person of its own, all due now; what was there before is settled."""
    store = open_store(url, folder)
    try:
        for begin in range(0, texts, 2000):
            put(store.database, store.vault, begin, min(begin + 2000, texts), channel)
    finally:
        store.database.close()


def put(database: Database, vault: Vault, begin: int, end: int, channel: str) -> None:
    """A page of them in one transaction."""
    now = round(datetime.now(UTC).timestamp() * 1000)
    first = database.new_id(now, 2 * (end - begin))

    def work(tx: Tx) -> None:
        for place, number in enumerate(range(begin, end)):
            person, row, phone = first + 2 * place, first + 2 * place + 1, f"+8559{number:07d}"
            named = vault.number_key(f"{phone} {first}")
            seals = {"number_sealed": vault.seal(phone.encode(), "number", person), "language": "km", "country": "KH"}
            days = {"opted_out_at": None, "seen_at": now, "created_at": now, "network": "Metfone"}
            tx.run(messages.ADD_CONTACT, id=person, number_key=named, **seals, **days)
            waiting = {"due_at": now, "expires_at": now + retry.BROADCAST, "lease_until": None, "repeats": 0}
            tx.run(
                messages.WAIT_OUTBOUND,
                id=row,
                inbound_id=None,
                contact_id=person,
                channel=channel,
                text_sealed=vault.seal(TEXT.encode(), "outbound", row),
                parts=1,
                priority=2,
                state=State.QUEUED,
                created_at=now,
                to_sealed=None,
                **waiting,
            )

    database.write(work)


def states(url: str, folder: Path) -> dict[int, int]:
    """How many texts are in each state."""
    store = open_store(url, folder)
    try:
        return dict(store.database.read(lambda tx: tx.all(STATES)))
    finally:
        store.database.close()


def killed(folder: Path, count: int) -> Figure:
    """SIGKILL in the middle: how many texts are in doubt then; the next worker sends all that is left."""
    folder.mkdir(parents=True)
    url = f"sqlite:///{folder / 'killed.db'}"
    fill(url, folder, count)
    command = [sys.executable, "-m", "benchmarks.outbox_worker", url, str(folder), "noop"]
    with subprocess.Popen(command, cwd=servers.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdin
        process.stdout.readline()
        process.stdin.write(b"\n")
        process.stdin.flush()
        sent = folder / "sent"
        while not sent.exists() or sent.read_bytes().count(b"\n") < count / 3:
            time.sleep(0.001)
        process.kill()
    doubtful = states(url, folder).get(State.POSTING, 0)
    emptied(url, folder, 0, "noop")
    given = sent.read_text().split()
    lost, again = count - len(set(given)), len(given) - len(set(given))
    return Figure(
        "after kill -9: texts in doubt; lost",
        f"{doubtful} in doubt ({again} handed over twice under the same id), {lost} lost",
        target=f"at most one claim of {CLAIM}; 0 lost",
        met=doubtful <= CLAIM and lost == 0,
    )
