"""K4: a process that stands still for longer than its leases, and goes on, hands nothing over a second time."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from village import Asked

SLEEPER = Path(__file__).with_name("sleeper.py")
PAUSES = 4
LONGER = 1.4
"""Seconds: the leases are of one."""


class Far(ThreadingHTTPServer):
    """Takes texts by their ids, slowly, and says which it has."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Door)
        self.given: list[int] = []
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        with self.server.lock:
            self.server.given.append(int(self.path[1:]))
        time.sleep(0.02)
        self._say(200)

    def do_GET(self):
        with self.server.lock:
            known = int(self.path[1:]) in self.server.given
        self._say(200 if known else 404)

    def _say(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def handle(self):
        try:
            super().handle()
        except ConnectionError:
            return

    def log_message(self, *_):
        """Nobody reads it."""


@pytest.fixture
def far():
    door = Far()
    yield door
    door.shutdown()
    door.server_close()


def test_pauses_longer_than_the_lease_double_nothing(house, come, states, becomes, far, database_url):
    """On PostgreSQL another process takes over meanwhile; on SQLite the same one finds its own leases over."""
    made = house(Asked())
    come(made, *(f"text {n}" for n in range(250)))
    number = 2 if database_url.startswith("postgresql") else 1
    command = [sys.executable, str(SLEEPER), database_url, str(far.server_port)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(number)]
    chance = random.Random(4)
    try:
        for process in processes:
            assert process.stdout.readline() == "running\n"
        for turn in range(PAUSES):
            time.sleep(chance.uniform(0.02, 0.2))
            process = processes[turn % number]
            os.kill(process.pid, signal.SIGSTOP)
            time.sleep(LONGER)
            os.kill(process.pid, signal.SIGCONT)
        becomes(states, {"ACCEPTED": 250}, 40)
    finally:
        for process in processes:
            process.kill()
            process.wait()
            process.stdout.close()
    doubled = {row: times for row, times in Counter(far.given).items() if times > 1}
    assert (len(set(far.given)), doubled) == (250, {})
