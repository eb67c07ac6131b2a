"""A real gammu-smsd of a test's own: its database, its configuration, its dummy phone."""

from __future__ import annotations

import gzip
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable
from configparser import ConfigParser
from contextlib import closing
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path("/usr/share/doc/gammu-smsd/examples")
HINT = "gammu-smsd is needed; on Debian: apt install gammu-smsd gammu libdbd-sqlite3"


def _shipped() -> dict[str, str]:
    parser = ConfigParser(interpolation=None)
    parser.read(Path(__file__).parents[2] / "deploy" / "village" / "smsdrc")
    return dict(parser["smsd"])


SHIPPED = _shipped()
"""What the village box tells SMSD."""


def need_smsd() -> str:
    """The program; without it tests are skipped at home and fail where changes are accepted."""
    program = shutil.which("gammu-smsd")
    if program:
        return program
    if os.environ.get("CI"):
        pytest.fail(HINT)
    pytest.skip(HINT)


def schema(name: str) -> str:
    """SMSD's own tables, as Debian ships them (some releases compress their examples)."""
    need_smsd()
    plain = EXAMPLES / name
    return plain.read_text() if plain.exists() else gzip.decompress((EXAMPLES / f"{name}.gz").read_bytes()).decode()


def new_database(place: Path) -> str:
    """An empty SMSD database in SQLite, in the way the village box has it."""
    (place / "smsd.db").write_bytes(_empty())
    return f"sqlite:///{place / 'smsd.db'}"


@cache
def _empty() -> bytes:
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "smsd.db"
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("pragma journal_mode = wal")
            connection.executescript(schema("sqlite.sql"))
        return file.read_bytes()


def until(true: Callable[[], Any], seconds: float = 60.0) -> Any:
    """Wait for something to come true, and give it back."""
    end = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
    return found


class Smsd:
    """One daemon over a database. `device` is a modem's; without one it has Gammu's dummy phone."""

    def __init__(self, place: Path, database: str, device: Path | None = None, **more: object) -> None:
        self.place = place
        self.phone = place / "phone"
        self.log = place / "smsd.log"
        self._file = place / "smsdrc"
        self._process: subprocess.Popen[bytes] | None = None
        modem = {"device": device, "connection": "at"}
        dummy = {"model": "dummy", "device": self.phone, "connection": "none", "gammuloc": "/dev/null"}
        options = {
            **SHIPPED,
            "dbdir": None,
            **_backend(database),
            "logfile": self.log,
            "debuglevel": 1,
            "receivefrequency": 1,
            "statusfrequency": 1,
            "multiparttimeout": 4,
            **more,
        }
        for folder in range(1, 6):
            (self.phone / "sms" / str(folder)).mkdir(parents=True, exist_ok=True)
        sections = {"gammu": modem if device else dummy, "smsd": options}
        self._file.write_text("\n".join(_section(name, values) for name, values in sections.items()))

    def __enter__(self) -> Smsd:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end(signal.SIGTERM)

    def start(self) -> None:
        """Begin; the modem is there when the daemon says that it is."""
        self._process = subprocess.Popen(
            [need_smsd(), "-c", self._file], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def end(self, how: signal.Signals = signal.SIGKILL) -> None:
        """Kill it, or ask it to end."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(1)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    @property
    def code(self) -> int | None:
        """How it ended by itself; None while it runs."""
        return self._process.poll() if self._process else None

    def receive(self, sender: str, text: str, header: bytes = b"", **more: object) -> None:
        """A part comes in on the dummy phone."""
        folder = self.phone / "sms" / "1"
        slot = next(number for number in range(1, 1000) if not (folder / str(number)).exists())
        draft = folder / f".{slot}"
        draft.write_text(backup(sender, text, header, **more), encoding="utf-8")
        draft.rename(folder / str(slot))


def backup(sender: str, text: str, header: bytes = b"", **more: object) -> str:
    """One part in the format of Gammu's SMS backups."""
    words = text.encode("utf-16-be").hex().upper()
    values = {
        "SMSC": '"+85512000000"',
        "SMSCUnicode": "+85512000000".encode("utf-16-be").hex().upper(),
        "Sent": datetime.now().astimezone().strftime("%Y%m%dT%H%M%S"),
        "State": "UnRead",
        "Number": f'"{sender}"',
        "NumberUnicode": sender.encode("utf-16-be").hex().upper(),
        **{f"Text{at // 200:02d}": words[at : at + 200] for at in range(0, max(1, len(words)), 200)},
        "Coding": "Unicode",
        "Folder": 1,
        "Length": len(words) // 4,
        "Class": -1,
        **({"UDH": header.hex().upper()} if header else {}),
        **more,
    }
    return "[SMSBackup000]\n" + "".join(f"{name} = {value}\n" for name, value in values.items()) + "\n"


def _backend(database: str) -> dict[str, object]:
    if database.startswith("sqlite:///"):
        file = Path(database.removeprefix("sqlite:///"))
        return {"driver": "sqlite3", "dbdir": f"{file.parent}/", "database": file.name}
    from urllib.parse import parse_qs, urlsplit  # noqa: PLC0415

    parts = urlsplit(database)
    host = parse_qs(parts.query).get("host", [parts.hostname or ""])[0]
    name = parts.path.removeprefix("/")
    return {
        "driver": "native_pgsql",
        "host": host,
        "user": parts.username,
        "password": parts.password,
        "database": name,
    }


def _section(name: str, values: dict[str, object]) -> str:
    return f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in values.items() if value is not None)
