"""D1: somebody takes the machine's disk. Without the key nothing on it tells a number or what was said."""

from __future__ import annotations

import base64
import logging
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
import structlog
from busy_house import BOSS, NOTED, SAID, WORKER, WRITER, Village
from console.visiting import Moving, taken_in

from bot.config import Settings
from bot.content.loader import load
from bot.conversation.understand import Reader
from bot.log import set_up
from bot.services import privacy
from bot.services.roles import Role
from bot.services.service import Service
from bot.store import migrate
from bot.store.opening import open_store
from bot.store.sqlite import Sqlite

PEOPLE = 1_000
NUMBER = "97731"
"""In the number of everybody here, as in `busy_house`; three digits more tell who."""
KHMER = "ខ្ញុំចង់ជួយ"
WORDS = tuple(f"{KHMER} help me {number:03d}" for number in range(PEOPLE))

NAMED = ("Hun Sen Puok", "Blue", "Passport news")
"""Schools, tags and titles are looked for by their words, so they are kept as they are written."""


def spelled(canary: str) -> dict[str, bytes]:
    """A canary in every encoding in which somebody might look for it."""
    plain = {"UTF-8": canary.encode(), "UTF-16-LE": canary.encode("utf-16-le"), "UTF-16-BE": canary.encode("utf-16-be")}
    found = dict(plain)
    for name, raw in plain.items():
        found[f"{name} as hex"] = raw.hex().encode()
        found[f"{name} as HEX"] = raw.hex().upper().encode()
        for shift in range(3):  # base64 of it, wherever it begins within what is encoded
            whole = base64.b64encode(bytes(shift) + raw)
            begin, end = (0, 2, 3)[shift], (len(raw) + shift) // 3 * 4
            found[f"{name} as base64 {shift}"] = whole[begin:end]
            found[f"{name} as base64 {shift} for addresses"] = whole[begin:end].translate(bytes.maketrans(b"+/", b"-_"))
    found["JSON"] = canary.encode("unicode_escape")
    if canary.isascii() and canary.isdigit():
        swapped = "".join(canary[at + 1] + canary[at] for at in range(0, len(canary) - 1, 2))
        found["as on the air"] = bytes.fromhex(swapped)
        found["two in a byte"] = bytes.fromhex(canary[: len(canary) // 2 * 2])
        found["Khmer digits"] = canary.translate({ord("0") + n: 0x17E0 + n for n in range(10)}).encode()
    return found


CANARIES = (f"855{NUMBER}", f"0{NUMBER}0", f"{NUMBER}00", f"{NUMBER}99", SAID, NOTED, KHMER)
SOUGHT = {(canary, name): raw for canary in CANARIES for name, raw in spelled(canary).items() if len(raw) > 3}
"""The beginning of a number is enough. Four bytes in a row come about by chance in such a file: not looked for."""


def told(raw: bytes) -> list[tuple[str, str]]:
    """What of it is in these bytes, and how it is written."""
    return [what for what, spelling in SOUGHT.items() if spelling in raw]


@pytest.fixture
def logs(monkeypatch, tmp_path):
    """The log of a house, as it is written for a machine, in a file beside its data."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    handlers, level = logging.root.handlers[:], logging.root.level
    with (tmp_path / "phlov.log").open("w", encoding="utf-8") as file:
        monkeypatch.setattr(sys, "stderr", file)
        set_up("json")
        logging.getLogger("some.library").error("broken", exc_info=ValueError(f"+{CANARIES[0]}1234 {SAID}"))
        yield tmp_path / "phlov.log"
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    structlog.reset_defaults()


def taken(folder: Path, away: Path) -> dict[str, bytes]:
    """All files of a folder but the key, as they lie on the disk at this moment."""
    shutil.copytree(folder, away)
    return {str(file.relative_to(away)): file.read_bytes() for file in away.rglob("*") if file.name != "master.key"}


def test_nothing_on_the_disk_tells_who_or_what(tmp_path, logs):
    folder = tmp_path / "var"
    folder.mkdir(mode=0o700)
    settings = Settings(data_dir=folder)
    migrate(settings.database)
    store = open_store(settings.database, folder)
    book = load()
    service = Service(store.database, store.vault, book, Reader(book), Moving())
    for name, role in ((BOSS, Role.ADMIN), (WORKER, Role.CASEWORKER), (WRITER, Role.CAMPAIGNER)):
        taken_in(service, name, role)
    lists = tmp_path / "lists"  # staff's own, which they throw away
    lists.mkdir()
    village = Village(service, lists, WORDS, count=PEOPLE, writers=PEOPLE, named=NAMED)
    village.fill()

    seized = {f"used/{name}": raw for name, raw in taken(folder, tmp_path / "used").items()}
    with (
        closing(sqlite3.connect(tmp_path / "backup.db")) as backup,
        closing(sqlite3.connect(settings.data_dir / "phlov.db")) as now,
    ):
        now.backup(backup)
    for number in village.numbers[::3]:
        privacy.erase(service, number, WORKER)
    village.later(days=40)
    privacy.purge(service, confirmed=True)
    seized |= {f"purged/{name}": raw for name, raw in taken(folder, tmp_path / "purged").items()}
    store.database.close()
    seized |= {f"closed/{name}": raw for name, raw in taken(folder, tmp_path / "closed").items()}
    seized |= {"backup.db": (tmp_path / "backup.db").read_bytes(), "phlov.log": logs.read_bytes()}

    assert {"used/phlov.db", "used/phlov.db-wal", "closed/phlov.db", "phlov.log"} <= seized.keys()
    assert len(seized["used/phlov.db-wal"]) + len(seized["used/phlov.db"]) > PEOPLE * 1_000
    assert seized["phlov.log"]
    assert {name: told(raw) for name, raw in seized.items() if told(raw)} == {}


def test_with_the_key_it_can_be_read(tmp_path):
    """So that the test above looks at files that hold it."""
    folder = tmp_path / "var"
    folder.mkdir()
    settings = Settings(data_dir=folder)
    migrate(settings.database)
    store = open_store(settings.database, folder)
    sealed = store.vault.seal(WORDS[7].encode(), "inbound", 7)
    assert told(sealed) == []
    assert store.vault.open(sealed, "inbound", 7).decode() == WORDS[7]
    store.database.close()


@pytest.mark.parametrize("canary", CANARIES, ids=[str(number) for number in range(len(CANARIES))])
def test_the_watch_would_see_it_in_each_spelling(canary, tmp_path):
    """Also in a page of a database that is free."""
    path = tmp_path / "phlov.db"
    migrate(f"sqlite:///{path}")
    for name, raw in spelled(canary).items():
        if (canary, name) in SOUGHT:
            assert (canary, name) in told(b"\x01ab" + raw + b"\xff"), name
    for shift in range(4):
        held = base64.b64encode(b"x" * shift + canary.encode() + b"yz")
        assert any("base64" in how for _, how in told(held)), shift
    with closing(sqlite3.connect(path, isolation_level=None)) as careless:
        careless.execute("PRAGMA secure_delete=OFF")
        careless.execute("CREATE TABLE leak (words)")
        careless.execute("INSERT INTO leak VALUES (?)", [canary * 50])
        careless.execute("DROP TABLE leak")
    assert told(path.read_bytes())
    opened = Sqlite(path)
    try:
        opened.write(lambda tx: None)
        assert opened._writer.execute("PRAGMA secure_delete").fetchone() == (1,)
    finally:
        opened.close()
