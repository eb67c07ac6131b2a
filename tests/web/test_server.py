"""`phlov run` for real: what it says, what it weighs, and that slow or vanished clients keep nobody waiting."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from ports import free_port
from signed import ACCOUNT, NUMBER, PUBLIC, TOKEN, form, request

from bot import app

PHLOV = str(Path(sys.executable).with_name("phlov"))
MEGABYTE = 1 << 20


class Running:
    """One `phlov run`, on a port of its own."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.port = free_port()
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PHLOV_")}
        twilio = {
            "PHLOV_TWILIO_ACCOUNT_SID": ACCOUNT,
            "PHLOV_TWILIO_AUTH_TOKEN": TOKEN,
            "PHLOV_TWILIO_NUMBER": NUMBER,
            "PHLOV_PUBLIC_URL": PUBLIC,
        }
        self.errors = folder / "errors"
        with self.errors.open("wb") as errors:
            self.process = subprocess.Popen(
                [PHLOV, "run"],
                cwd=folder,
                env={**clean, **twilio, "PHLOV_PORT": str(self.port), **settings},
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    def said(self) -> list[str]:
        """The lines it greets with; it answers once they are there."""
        return [self.process.stdout.readline(), self.process.stdout.readline()]

    def connect(self, said: bytes) -> socket.socket:
        line = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        line.sendall(said)
        return line

    def answer(self, said: bytes) -> bytes:
        with self.connect(said) as line:
            return line.recv(65536)

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def run(tmp_path: Path) -> Iterator:
    begun: list[Running] = []

    def begin(**settings: str) -> Running:
        begun.append(Running(tmp_path, **settings))
        return begun[-1]

    yield begin
    for running in begun:
        running.end()


def text(number: int = 1) -> bytes:
    wanted = request(form("help", f"+6681234{number:04}"))
    heads = "".join(f"{name}: {value}\r\n" for name, value in wanted.headers.items())
    head = f"POST {wanted.path} HTTP/1.1\r\nHost: x\r\n{heads}Content-Length: {len(wanted.body)}\r\n\r\n"
    return head.encode() + wanted.body


def test_it_says_where_it_is_and_how_to_text_it(run):
    house = run()
    assert house.said() == [
        f"Phlov is ready: open http://127.0.0.1:{house.port}/healthz\n",
        f"Text it from this machine, in another window: {PHLOV} chat\n",
    ]
    assert b" 200 OK" in house.answer(text())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_told(run, number):
    house = run()
    house.said()
    assert house.stop(number) == 0
    assert "Traceback" not in house.errors.read_text()


def test_it_is_one_process_of_less_than_90_megabytes(run):
    for _ in range(2):  # with a new house and with an old one
        house = run()
        house.said()
        assert b" 200 OK" in house.answer(text())
        process = psutil.Process(house.process.pid)
        assert process.children(recursive=True) == []
        assert process.memory_full_info().pss < 90 * MEGABYTE
        house.stop()


def test_what_it_is_handed_never_lies_on_a_disk():
    handed = app._handed(b"a token")  # settings and texts: keys among them, and a full /tmp must not stop it
    assert Path(f"/proc/self/fd/{handed}").readlink().name.startswith("memfd:")
    assert os.get_inheritable(handed)
    assert app._taken(str(handed)) == b"a token"


def test_a_port_that_is_taken_is_told_in_one_line(run):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        house = run(PHLOV_PORT=str(taken.getsockname()[1]))
        assert house.process.wait(60) == 1
    (line,) = house.errors.read_text().splitlines()
    assert line.startswith("phlov: cannot listen on 127.0.0.1 port")
    assert "PHLOV_PORT" in line


def test_bodies_that_do_not_come_keep_nobody_waiting(run):
    """Sixty clients that never finish and fifty that barely begin: answers go on, the sixty are hung up on."""
    house = run()
    house.said()
    slow = [house.connect(text(number)[:-40]) for number in range(60)]
    slow += [house.connect(b"POST /webhooks/tw") for _ in range(50)]
    began = time.monotonic()
    assert b" 200 OK" in house.answer(text(100))
    assert time.monotonic() - began < 8
    for line in slow[:60]:
        assert line.recv(4096)[:13] in (b"", b"HTTP/1.1 400 ")  # within 15 s
        line.close()
    assert time.monotonic() - began < 45
    assert b" 200 OK" in house.answer(text(101)), "the door stayed open"
    began = time.monotonic()
    assert house.stop() == 0
    assert time.monotonic() - began < 30
    for line in slow[60:]:
        line.close()


def test_large_bodies_cost_no_memory(run):
    house = run()
    house.said()
    house.answer(text())
    process = psutil.Process(house.process.pid)
    before = process.memory_info().rss
    head = b"POST /webhooks/twilio/sms HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    for _ in range(5):
        with house.connect(head + b"Content-Length: 10000000\r\n\r\n") as line:
            assert b" 413 " in line.recv(4096)
        with house.connect(head + b"Transfer-Encoding: chunked\r\n\r\n") as line:
            try:
                for _ in range(1000):
                    line.sendall(b"2710\r\n" + b"a" * 10000 + b"\r\n")
            except ConnectionError:
                continue
            assert b" 413 " in line.recv(4096)
    assert process.memory_info().rss - before < 10 * MEGABYTE


FORKED = """
import os, sys, threading
from bot.web import server

def look(place, ready):  # as the real one, a thread of the process that forks; it is in the middle of an import
    import slow

server._await = look

def load():
    import slow  # never ends if the process was forked while that thread had the module
    return lambda environ, start: (start("200 OK", []), [str(os.getpid()).encode()])[1]

server.serve(server.Place("127.0.0.1", int(sys.argv[1]), 3, 1), load, lambda: None)
"""


def test_no_thread_is_in_the_middle_of_anything_when_workers_are_forked(tmp_path):
    (tmp_path / "slow.py").write_text("import time\ntime.sleep(1)\n")
    port, answered = free_port(), set()
    serving = subprocess.Popen(
        [sys.executable, "-c", FORKED, str(port)], env={**os.environ, "PYTHONPATH": str(tmp_path)}
    )
    try:
        until = time.monotonic() + 60
        while len(answered) < 3:
            assert time.monotonic() < until, f"{len(answered)} of 3 workers answer"
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=3) as line:
                    line.sendall(b"GET / HTTP/1.0\r\n\r\n")
                    answered.add(line.recv(65536).split(b"\r\n\r\n")[1])
            except (OSError, IndexError):
                time.sleep(0.05)
    finally:
        serving.kill()
        serving.wait()
