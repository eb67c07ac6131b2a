"""(j) A broadcast to a million people: how long it takes to count and to write them down, also while others text."""

from __future__ import annotations

import itertools
import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import bindparam, select, update

from benchmarks import servers
from benchmarks.busy import p99
from benchmarks.machine import pss_mb
from benchmarks.posts import Posts, people
from benchmarks.report import Figure, Section, table
from benchmarks.servers import Server
from bot.conversation.session import Session
from bot.store import messages, recipients
from bot.store.crypto import Vault
from bot.store.database import Database, Tx
from bot.store.opening import open_store
from bot.store.sessions import dump
from bot.store.stages import Stage
from bot.store.statements import Insert, Statement
from bot.store.tables import Broadcast, BroadcastText, Campaign, Contact, ContactTag, Membership
from bot.store.times import DAY, moment

CODE = "KYA12"
PAGE = 5_000
PACE = 50
"""Texts a second: four million a day."""
LINES = 4
WEIGHTS = {"KH": 70, "TH": 15, "MY": 5, "KR": 4, "JP": 3, "VN": 2, None: 1}
LANGUAGES = {"km": 75, "km_Latn": 12, "en": 3, None: 10}
NETWORKS = ("smart", "cellcard", "metfone", None)
METHOD = f"""\
A house that knows a million people, all but three in a hundred of whom said yes to the campaign; two in a hundred said
STOP, some have been silent for long. One process alone counts them and writes the recipients down, in pages as large
as the conductor's, twice (`synchronous=FULL`; PostgreSQL: its defaults, on the same two cores). Then `phlov run`, which
conducts broadcasts, is posted {PACE} signed texts a second as in (a), on time whatever the answers take, by people it
knows: before, while it writes down another broadcast to all of them, and after. Its baseline is before and after."""


_THIS = Broadcast.id == bindparam("row")
_SET = Statement(lambda _: update(Broadcast).where(_THIS), columns=("state",))
CLOSE = Statement(lambda _: update(Broadcast).where(_THIS), columns=("state", "closed_at"))
_STAGE = Statement(lambda _: select(Broadcast.state).where(_THIS))


@dataclass
class Found:
    """Everything about one database."""

    filled: float = 0.0
    idle: dict[str, float] = field(default_factory=dict)
    calm: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    expanded: float = 0.0
    recipients: int = 0
    pss: float = 0.0


def measure(folder: Path, count: int, seconds: int) -> Section:
    """Both databases, one after the other."""
    found = {"SQLite": tried(folder / "sqlite", count, seconds)}
    with servers.postgresql(folder / "pg") as (url, postmaster):
        found["PostgreSQL"] = tried(folder / "postgresql", count, seconds, url, postmaster)
    figures = [figure for name, one in found.items() for figure in judged(name, one, count)]
    head = ["", "texts", "p50 ms", "p99 ms", "max ms", "PSS MiB"]
    rows = [
        [f"{name}, {when}", len(waits), *(f"{value * 1000:.1f}" for value in spread(waits)), f"{one.pss:.0f}"]
        for name, one in found.items()
        for when, waits in (("before and after", one.calm), ("while writing down", one.busy))
    ]
    filled = ", ".join(f"{name} {one.filled:.0f} s" for name, one in found.items())
    return Section("(j) A million recipients", METHOD, figures, [table(head, rows), f"Filling took: {filled}."])


def spread(waits: Sequence[float]) -> tuple[float, float, float]:
    return sorted(waits)[len(waits) // 2], p99(list(waits)), max(waits)


def judged(name: str, found: Found, count: int) -> Iterator[Figure]:
    """What was wanted of one database."""
    idle, most = found.idle, 5 if name == "SQLite" else 10
    ratio = p99(found.busy) / p99(found.calm)
    people = f"{count:,} contacts"
    seconds = {
        f"{name}: preview of {people}": ("preview", 2.0),
        f"{name}: preview of three provinces of {people}": ("preview_small", 2.0),
        f"{name}: recipients among {people}, alone": ("expand", float(most)),
    }
    for what, (key, limit) in seconds.items():
        reached = f"{idle[key + '_gave']:,.0f} people"
        yield Figure(what, f"{idle[key]:.2f} s", reached, target=f"≤ {limit:.0f} s", met=idle[key] <= limit)
    added = idle["again_gave"] - idle["expand_gave"]
    yield Figure(f"{name}: the same once more", f"{idle['again']:.2f} s", target="adds nobody", met=added == 0)
    yield Figure(
        f"{name}: memory of that process", f"{idle['peak_mb']:.0f} MiB", target="≤ 300", met=idle["peak_mb"] <= 300
    )
    yield Figure(
        f"{name}: recipients while {PACE} texts a second come",
        f"{found.expanded:.1f} s",
        f"{found.recipients:,} people",
        target="≤ 20 s",
        met=found.expanded <= 20 and found.recipients > 0.98 * idle["expand_gave"],  # some text STOP meanwhile
    )
    yield Figure(
        f"{name}: answers meanwhile, p99",
        f"{p99(found.busy) * 1000:.1f} ms",
        f"{p99(found.calm) * 1000:.1f} ms",
        f"{ratio:.2f}",
        "≤ 1.5",
        ratio <= 1.5,
    )


def tried(
    folder: Path, count: int, seconds: int, url: str | None = None, postmaster: psutil.Process | None = None
) -> Found:
    """One database from its first contact on."""
    found = Found()
    settings = servers.settings(folder, url)
    data_dir = Path(settings["PHLOV_DATA_DIR"])
    data_dir.mkdir(parents=True)
    address = url or f"sqlite:///{data_dir / 'phlov.db'}"
    began = time.monotonic()
    with opened(address, data_dir) as (database, vault):
        fill(database, vault, count)
        first, second = (broadcast(database, vault, number, Stage.DRAFT) for number in range(2))
    found.filled = time.monotonic() - began
    command = [sys.executable, "-m", "benchmarks.audience_idle", address, str(data_dir), CODE, str(first)]
    done = subprocess.run(command, cwd=servers.ROOT, capture_output=True, text=True, check=True)
    found.idle = json.loads(done.stdout)
    posts = Posts(folder / "posts", PACE * (seconds * 2 + 90), senders=people()[:count])
    server = servers.phlov(posts, folder, database_url=url, database=postmaster)
    with server as running, opened(address, data_dir) as (database, _):
        servers.check(running)
        probed(running, seconds=3)  # the first ones warm it up
        found.calm += probed(running, seconds=seconds)
        serving(found, running, database, second)
        found.calm += probed(running, seconds=seconds)
    return found


def serving(found: Found, server: Server, database: Database, row: int) -> None:
    """Let the conductor write the recipients down while people text."""
    over = threading.Event()
    texting = threading.Thread(target=lambda: found.busy.extend(probed(server, over=over)))
    database.write(lambda tx: tx.run(_SET, row=row, state=int(Stage.SCHEDULED)))
    while stage(database, row) == Stage.SCHEDULED:
        time.sleep(0.005)
    began = time.monotonic()
    texting.start()
    while stage(database, row) in (Stage.SCHEDULED, Stage.EXPANDING) and time.monotonic() < began + 80:
        time.sleep(0.05)
    found.expanded = time.monotonic() - began
    found.pss = pss_mb(server.process)
    over.set()
    texting.join()
    database.write(lambda tx: tx.run(CLOSE, row=row, state=int(Stage.DONE), closed_at=1))
    found.recipients = sum(database.read(lambda tx: recipients.by_state(tx, row)).values())


def stage(database: Database, row: int) -> int:
    """How far a broadcast has come."""
    found = database.read(lambda tx: tx.one(_STAGE, row=row))
    assert found is not None
    return int(found[0])


def probed(server: Server, seconds: float = 0, over: threading.Event | None = None) -> list[float]:
    """Post texts on time, for so long or until it is over; how long each waited, from when it should have begun."""
    began, waits = time.monotonic(), list[float]()
    turns = itertools.count()

    def line() -> None:
        while True:
            turn = next(turns)
            due = began + turn / PACE
            if (over and over.is_set()) or (seconds and due > began + seconds):
                return
            time.sleep(max(due - time.monotonic(), 0))
            status, _ = server.answer(position + turn)
            waits.append(time.monotonic() - due)
            assert status == 200, status

    position = server.position
    threads = [threading.Thread(target=line) for _ in range(LINES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    server.position += next(turns)
    return waits


@contextmanager
def opened(url: str, data_dir: Path) -> Iterator[tuple[Database, Vault]]:
    """A house's database and its keys."""
    store = open_store(url, data_dir)
    try:
        yield store.database, store.vault
    finally:
        store.database.close()


_CONTACTS = Statement(lambda insert: insert(Contact), columns=(
    *("id", "number_key", "number_sealed", "language", "created_at", "seen_at", "country", "network", "province"),
    *("destination", "opted_out_at", "texted_before_at"),
))  # fmt: skip
_MEMBERS = Statement(
    lambda insert: insert(Membership),
    columns=("contact_id", "code", "channel", "language", "question", "joined_at", "how"),
)


def _insert(table: Any) -> Any:
    def build(insert: Insert) -> Any:
        return insert(table)

    return build


def fill(database: Database, vault: Vault, count: int) -> None:
    """So many contacts with seals as they are; those who text come first and have a session."""
    campaign = {"code": CODE, "name": "Know your rights", "phase": "before", "created_at": 0}
    database.write(lambda tx: tx.run(Statement(_insert(Campaign)), **campaign))
    chance, texting = random.Random(5), people()
    now = round(time.time() * 1000)
    for begin in range(0, count, PAGE):
        page = [texting[n] if n < len(texting) else f"+85596{n:07d}" for n in range(begin, min(begin + PAGE, count))]
        rows = [contact(chance, vault, number, database.new_id(now), now) for number in page]
        texts = {row["id"] for row in rows} if begin < len(texting) else set()
        database.write(partial(put, rows=rows, texts=texts, vault=vault, now=now, chance=chance.random()))


def contact(chance: random.Random, vault: Vault, number: str, row: int, now: int) -> dict[str, Any]:
    """Somebody, as lists of schools and villages have them."""
    silent = chance.random() < 0.02
    return {
        "id": row,
        "number_key": vault.number_key(number),
        "number_sealed": vault.seal(number.encode(), "number", row),
        "language": chance.choices(list(LANGUAGES), LANGUAGES.values())[0],
        "created_at": now - 300 * DAY,
        "seen_at": now - (200 * DAY if silent else now % DAY),
        "country": chance.choices(list(WEIGHTS), WEIGHTS.values())[0],
        "network": chance.choice(NETWORKS),
        "province": f"{chance.randrange(1, 26):02d}",
        "destination": chance.choice(["TH", "MY", "KR", None]),
        "opted_out_at": now - 5 * DAY if chance.random() < 0.02 else None,
        "texted_before_at": now - DAY if chance.random() < 0.01 else None,
    }


def put(tx: Tx, rows: Sequence[Mapping[str, Any]], texts: set[int], vault: Vault, now: int, chance: float) -> None:
    """One page of people in one transaction."""
    consent = {"code": CODE, "channel": "twilio", "language": "km", "question": "0123456789abcdef", "how": "paper"}
    tx.run_many(_CONTACTS, rows)
    some = random.Random(chance)
    members = [row for row in rows if some.random() > 0.03]
    tx.run_many(_MEMBERS, [{"contact_id": row["id"], **consent, "joined_at": now} for row in members])
    tagged = [{"contact_id": row["id"], "tag": "teacher"} for row in rows[::20]]
    tx.run_many(Statement(_insert(ContactTag)), tagged)
    talk = dump(Session(language="km", state="menu.main", at=moment(now - DAY)))
    sessions = [
        {
            "contact_id": row,
            "medium": "sms",
            "state_sealed": vault.seal(talk, "session", row),
            "replied": b"",
            "at": now,
        }
        for row in texts
    ]
    tx.run_many(messages.SAVE_SESSION, sessions)


def broadcast(database: Database, vault: Vault, number: int, state: Stage) -> int:
    """A broadcast to everybody, by a gateway that is not set up, so that nothing of it goes out."""
    now = round(time.time() * 1000)
    row = database.new_id(now, 3)
    values = {"id": row, "request": str(number), "campaign": CODE, "title": "News", "channel": "nobody"}
    values |= {"author": "Sok", "approver": "Dara", "state": int(state), "audience": "{}", "counts": "{}"}
    values |= {"created_at": now, "starts_at": now, "ends_at": now + DAY}
    texts = [
        {"id": row + n, "broadcast_id": row, "language": language, "parts": parts, "opens": None,
         "text_sealed": vault.seal(b"The border stays closed.", "broadcast", row + n)}
        for n, (language, parts) in enumerate({"km": 2, "km_Latn": 1, "en": 1}.items())
    ]  # fmt: skip

    def work(tx: Tx) -> None:
        tx.run(Statement(_insert(Broadcast), columns=tuple(values)), **values)
        for text in texts:
            tx.run(Statement(_insert(BroadcastText)), **text)

    database.write(work)
    return row
