"""Several machines: three processes that serve and three that send, on one PostgreSQL, are one house."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from contextlib import suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlencode

import pytest
from faults.house import clean
from ports import free_port
from rows import ROWS

from bot.services.delivery import State
from bot.store import open_database

PHLOV = Path(sys.executable).with_name("phlov")
SECRET = "a-secret-only-kannel-knows"
PATIENCE = 60.0


class Smsbox(ThreadingHTTPServer):
    """Kannel's door for texts that go out: counts to whom."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Door)
        self.given: list[str] = []
        self.slow = 0.0
        self.changed = threading.Condition()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def wait(self, number):
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.given) >= number, PATIENCE), len(self.given)


class Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.changed:
            self.server.given.append(self.headers["X-Kannel-To"])
            self.server.changed.notify_all()
        time.sleep(self.server.slow)
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Nobody reads it."""


class Machines:
    """Processes of one house, each as its systemd unit starts it."""

    def __init__(self, folder, database_url, smsbox):
        self.folder = folder
        self.processes = []
        self.settings = {
            **clean(),
            "PHLOV_DATABASE_URL": database_url,
            "PHLOV_MASTER_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
            "PHLOV_KANNEL_SENDSMS_URL": f"http://127.0.0.1:{smsbox.server_port}/cgi-bin/sendsms",
            "PHLOV_KANNEL_USERNAME": "phlov",
            "PHLOV_KANNEL_PASSWORD": "p",
            "PHLOV_KANNEL_SECRET": SECRET,
            "PHLOV_KANNEL_NUMBER": "1280",
            "PHLOV_KANNEL_RATE": "200",
            "PHLOV_DELIVER": "false" if database_url.startswith("postgresql") else "true",
        }

    def start(self, command, **settings):
        name = f"{command}{len(self.processes)}"
        (self.folder / name).mkdir()
        with (self.folder / name / "log").open("wb") as log:
            env = {**self.settings, "PHLOV_DATA_DIR": str(self.folder / name), **settings}
            process = subprocess.Popen(
                [PHLOV, command], cwd=self.folder / name, env=env, stdout=log, stderr=log, start_new_session=True
            )
        self.processes.append(process)
        return process

    def end(self):
        for process in self.processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(PATIENCE)

    def logs(self):
        return "".join(path.read_text() for path in sorted(self.folder.glob("*/log")))


@pytest.fixture
def smsbox():
    door = Smsbox()
    yield door
    door.shutdown()
    door.server_close()


@pytest.fixture
def machines(tmp_path, database_url, smsbox):
    made = Machines(tmp_path, database_url, smsbox)
    migrate = subprocess.run([PHLOV, "migrate"], env=made.settings, cwd=tmp_path, capture_output=True, check=False)
    assert migrate.returncode == 0, migrate.stderr
    yield made
    made.end()


def page(port, path):
    with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=PATIENCE) as answer:
        return answer.read().decode()
    return ""


def up(port, machines):
    until = time.monotonic() + PATIENCE
    while not page(port, "/healthz"):
        assert time.monotonic() < until, machines.logs()[-3000:]
        time.sleep(0.05)


def text(port, number, words, message):
    """As Kannel hands a text over: it comes again until it is taken."""
    query = urlencode(
        {"secret": SECRET, "id": message, "from": number, "to": "1280", "coding": "0", "charset": "UTF-8",
         "text": words, "ts": "1790000000"}
    )  # fmt: skip
    line = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        line.request("GET", f"/webhooks/kannel/sms?{query}")
        return line.getresponse().status
    finally:
        line.close()


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_three_that_serve_and_three_that_send_answer_everybody_once(machines, smsbox):
    """Each text comes to two of the servers; one of those that send is stopped in the middle."""
    ports = [free_port() for _ in range(3)]
    watched = free_port()
    for port in ports:
        machines.start("run", PHLOV_PORT=str(port))
    senders = [machines.start("worker", **({"PHLOV_WORKER_PORT": str(watched)} if n == 0 else {})) for n in range(3)]
    for port in [*ports, watched]:
        up(port, machines)
    numbers = [f"+85512{100_000 + n}" for n in range(60)]

    def kannel(server):
        for n, number in enumerate(numbers):
            if n % 3 != server:  # the same text by two servers
                words = "help" if n % 4 == 0 else "costs"
                assert text(ports[server], number, words, f"00000000-0000-4000-8000-{n:012}") == 200, machines.logs()

    threads = [threading.Thread(target=kannel, args=(server,)) for server in range(3)]
    for thread in threads:
        thread.start()
    smsbox.wait(10)
    senders[1].terminate()
    for thread in threads:
        thread.join(PATIENCE)
    smsbox.wait(60)
    assert senders[1].wait(PATIENCE) == 0
    assert Counter(smsbox.given) == dict.fromkeys(numbers, 1)
    came = time.monotonic()
    assert text(ports[0], "+85512999999", "help", "00000000-0000-4000-8000-999999999999") == 200
    smsbox.wait(61)
    assert time.monotonic() - came < 20
    assert page(watched, "/readyz") == "ready\n"
    assert 'phlov_outbound_total{channel="kannel",outcome="sent"}' in page(watched, "/metrics")
    assert "Traceback" not in machines.logs()


def test_a_server_that_is_told_to_stop_finishes_the_texts_in_its_hands(machines, smsbox, database_url):
    """One process on SQLite; on PostgreSQL one that watches over two."""
    smsbox.slow = 1.5
    port = free_port()
    workers = "2" if database_url.startswith("postgresql") else "1"
    server = machines.start("run", PHLOV_PORT=str(port), PHLOV_WORKERS=workers, PHLOV_DELIVER="true")
    up(port, machines)
    for n in range(30):
        assert text(port, f"+85512{200_000 + n}", "costs", f"00000000-0000-4000-8000-{n:012}") == 200
    smsbox.wait(1)
    began = time.monotonic()
    server.terminate()
    assert server.wait(PATIENCE) == 0
    assert time.monotonic() - began < 20
    database = open_database(database_url)
    states = Counter(State(state).name for _, state, _ in database.read(lambda tx: tx.all(ROWS)))
    database.close()
    assert states == {"ACCEPTED": len(smsbox.given), "QUEUED": 30 - len(smsbox.given)}
    assert "Traceback" not in machines.logs()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_house_on_sqlite_is_one_process(machines, tmp_path):
    port = free_port()
    settings = {"PHLOV_PORT": str(port), "PHLOV_DATA_DIR": str(tmp_path)}
    machines.start("run", **settings)
    up(port, machines)
    second = machines.start("worker", **settings)
    assert second.wait(PATIENCE) == 1
    lines = (tmp_path / "worker1" / "log").read_text().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("phlov: phlov already runs on ")
