"""(l) Recipients into the outbox: how long a page takes, and how long a writer that comes meanwhile waits for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import update

from benchmarks import audience, servers
from benchmarks.audience import spread
from benchmarks.report import Figure, Section, table
from bot.services import broadcasts, conductor
from bot.services.conductor import Conductor
from bot.services.service import Service
from bot.store import marks
from bot.store.stages import Stage
from bot.store.state import State
from bot.store.statements import Statement
from bot.store.tables import Outbound

LEAST = 20_000
"""People, so that there are whole pages in a country and wave."""
MORNING = 4
"""The hour (UTC) by which it is day everywhere where people are texted."""
APART = 0.02
"""Seconds between two texts that come."""
METHOD = f"""\
A broadcast that runs, to people of whom some must not have it. One process gives pages of {conductor.PAGE} recipients
to the outbox, each in one transaction with every rule, as the conductor does; nothing is sent, and the outbox is
emptied when it is full. A second thread commits one small row every {APART * 1000:.0f} ms, as a text that comes does,
before and meanwhile (`synchronous=FULL`; PostgreSQL: its defaults)."""

_SENT = Statement(
    lambda _: update(Outbound).where(Outbound.state == int(State.QUEUED)).values(state=int(State.ACCEPTED))
)


def measure(folder: Path, pages: int) -> Section:
    """Both databases, one after the other."""
    found = {"SQLite": tried(folder / "sqlite", pages)}
    with servers.postgresql(folder / "pg") as (url, _):
        found["PostgreSQL"] = tried(folder / "postgresql", pages, url)
    figures, rows = [], []
    for name, (given, calm, beside) in found.items():
        middle, most, _ = (value * 1000 for value in spread(given))
        told = f"{most:.1f} ms in 99 of 100"
        figures.append(Figure(f"{name}: a page, median", f"{middle:.1f} ms", told, target="≤ 20 ms", met=middle <= 20))
        kinds = {"a page": given, "a text, before": calm, "a text, meanwhile": beside}
        for kind, waits in kinds.items():
            rows.append([f"{name}, {kind}", len(waits), *(f"{value * 1000:.1f}" for value in spread(waits))])
    head = ["", "times", "p50 ms", "p99 ms", "max ms"]
    return Section("(l) Recipients into the outbox", METHOD, figures, [table(head, rows)])


def tried(folder: Path, pages: int, url: str | None = None) -> tuple[list[float], list[float], list[float]]:
    """Seconds: of each page, and of each text that came before and meanwhile."""
    folder.mkdir(parents=True)
    with audience.opened(url or f"sqlite:///{folder / 'phlov.db'}", folder) as (database, vault):
        audience.fill(database, vault, max(LEAST, 3 * pages * conductor.PAGE))
        row = audience.broadcast(database, vault, 1, Stage.EXPANDING)
        clock = morning()
        service = Service(database, vault, None, None, clock)  # type: ignore[arg-type]
        conducts = Conductor(service, {}, uptime=lambda: clock().timestamp())
        while broadcasts.get(service, row).state == Stage.EXPANDING:
            conducts.round()
        database.write(lambda tx: tx.run(audience._SET, row=row, state=int(Stage.RUNNING)))
        calm = beside(service, lambda: time.sleep(pages * APART))
        given: list[float] = []
        meanwhile = beside(service, lambda: given.extend(released(service, conducts, row, pages)))
    return given, calm, meanwhile


def released(service: Service, conducts: Conductor, row: int, pages: int) -> list[float]:
    """Give so many pages to the outbox; how long each took."""
    found: list[float] = []
    known = broadcasts.get(service, row)
    while len(found) < pages:
        began = time.perf_counter()
        given = broadcasts.step(service, known.id, conducts._release_page)
        took = time.perf_counter() - began
        if given is None:
            raise RuntimeError(f"nobody was left after {len(found)} pages")
        if given == conductor.PAGE:
            found.append(took)
        elif not given:
            service.database.write(lambda tx: tx.run(_SENT))
    return found


def beside(service: Service, work: Callable[[], object]) -> list[float]:
    """How long small commits wait while the work is done."""
    waits: list[float] = []
    over = threading.Event()

    def text() -> None:
        while not over.wait(APART):
            began = time.perf_counter()
            service.database.write(lambda tx: marks.put(tx, "beside", len(waits)))
            waits.append(time.perf_counter() - began)

    texting = threading.Thread(target=text)
    texting.start()
    try:
        work()
    finally:
        over.set()
        texting.join()
    return waits


def morning() -> Callable[[], datetime]:
    """A clock that is right but for the hours since the last morning."""
    now = datetime.now(UTC)
    late = (now - timedelta(hours=MORNING)).replace(hour=0, minute=0, second=0, microsecond=0)
    behind = now - (late + timedelta(hours=MORNING))
    return lambda: datetime.now(UTC) - behind
