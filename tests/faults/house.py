"""Serving processes that may be killed, stopped and started again: `phlov run`, each in a process group of its own."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from ports import free_port
from signed import ACCOUNT, NUMBER, PUBLIC, TOKEN

from bot.store.opening import open_store

PHLOV = Path(sys.executable).with_name("phlov")
NURSERY = Path(__file__).with_name("nursery.py")
NO_TWILIO = {f"PHLOV_TWILIO_{name}": "" for name in ("ACCOUNT_SID", "AUTH_TOKEN", "NUMBER", "API_URL")}
PATIENCE = 60.0
"""Seconds a server may take to come up on a busy machine."""


@dataclass
class House:
    """Where one Phlov lives: its folder, its port and its settings, the same at every start."""

    folder: Path
    more: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)

    @property
    def data(self) -> Path:
        return Path(self.more.get("PHLOV_DATA_DIR", self.folder / "var"))

    @property
    def file(self) -> Path:
        return self.data / "phlov.db"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def url(self) -> str:
        return self.more.get("PHLOV_DATABASE_URL", f"sqlite:///{self.file}")

    def settings(self) -> dict[str, str]:
        return {
            "PHLOV_DATA_DIR": str(self.data),
            "PHLOV_PORT": str(self.port),
            "PHLOV_PUBLIC_URL": PUBLIC,
            "PHLOV_TWILIO_ACCOUNT_SID": ACCOUNT,
            "PHLOV_TWILIO_AUTH_TOKEN": TOKEN,
            "PHLOV_TWILIO_NUMBER": NUMBER,
            "PHLOV_TWILIO_API_URL": "http://127.0.0.1:9",  # nobody is called for real
            **self.more,
        }

    def command(self, *before: str, **more: str) -> subprocess.Popen[bytes]:
        """`phlov run` as people start it, under `before` (strace) if given."""
        command, env = [*before, str(PHLOV), "run"], {**clean(), **self.settings(), **more}
        with self.log.open("ab") as log:
            return subprocess.Popen(command, cwd=self.folder, env=env, stdout=log, stderr=log, start_new_session=True)

    @contextmanager
    def running(self, *before: str, **more: str) -> Iterator[subprocess.Popen[bytes]]:
        """`phlov run` from its first answer on; killed at the end if it is still there."""
        process = self.command(*before, **more)
        try:
            self.wait()
            yield process
        finally:
            end(process)

    def wait(self) -> None:
        """Return at the first 200 on /healthz."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=PATIENCE):
                return
            time.sleep(0.01)
        raise AssertionError(f"the server did not come up:\n{self.log.read_text()[-3000:]}")

    def make(self) -> None:
        """Make the database and the key, so that a start writes next to nothing."""
        open_store(self.url, self.data).database.close()

    def ready(self) -> int:
        """The status of /readyz."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=PATIENCE) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code


def several(database_url: str) -> dict[str, str]:
    """Settings for a house on PostgreSQL, where several processes serve."""
    return {"PHLOV_DATABASE_URL": database_url, "PHLOV_WORKERS": "2"}


def clean() -> dict[str, str]:
    """The environment without settings of another Phlov."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PHLOV_")}


def kill(group: int) -> None:
    """SIGKILL the whole tree and see it gone."""
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
    gone(group)


def gone(group: int, within: float = PATIENCE) -> None:
    until = time.monotonic() + within
    while time.monotonic() < until:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.002)
    raise AssertionError("a process outlives its SIGKILL")


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of a command that was started in its own session."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(PATIENCE)


@contextmanager
def held(house: House) -> Iterator[None]:
    """Another process (ours) holds the database."""
    connection = sqlite3.connect(house.file, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


@contextmanager
def nursery(*before: str) -> Iterator[Nursery]:
    """A process with all of Phlov imported and its texts read, so that a start costs a fork."""
    command = [*before, sys.executable, str(NURSERY)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=clean()) as process:
        try:
            yield Nursery(process)
        finally:
            process.stdin.close()
            process.wait(PATIENCE)


@dataclass
class Nursery:
    """Starts what `phlov run` starts, many times a minute."""

    process: subprocess.Popen[str]

    def start(self, house: House, mutant: str = "") -> int:
        """Serve this house; gives the process group when it answers. `mutant` breaks it on purpose (`mutants.py`)."""
        group = self.begin(house, mutant)
        house.wait()
        return group

    def begin(self, house: House, mutant: str = "") -> int:
        """The same without waiting for an answer."""
        order = {
            "settings": house.settings(),
            "new": house.url.startswith("sqlite") and not house.file.exists(),
            "folder": str(house.folder),
            "log": str(house.log),
            "mutant": mutant,
        }
        print(json.dumps(order), file=self.process.stdin, flush=True)
        return int(self.process.stdout.readline())
