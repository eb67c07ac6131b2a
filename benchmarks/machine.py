"""What the machine does meanwhile: CPU time, memory and quiet."""

from __future__ import annotations

import os
import platform
import re
import resource
import sqlite3
import subprocess
import time
from importlib.metadata import version
from pathlib import Path

import psutil

TICKS = os.sysconf("SC_CLK_TCK")


def tree(process: psutil.Process) -> list[psutil.Process]:
    """A process and all that came from it."""
    return [process, *process.children(recursive=True)]


def cpu_seconds(process: psutil.Process) -> float:
    """User and system time of a whole process tree, with the children that have ended."""
    times = [one.cpu_times() for one in tree(process)]
    return sum(t.user + t.system + t.children_user + t.children_system for t in times)


def pss_mb(process: psutil.Process) -> float:
    """Proportional memory of a whole process tree in MiB: what would come free if it went."""
    rollups = [Path(f"/proc/{one.pid}/smaps_rollup").read_text() for one in tree(process)]
    return sum(int(re.findall(r"^Pss:\s+(\d+)", text, re.M)[0]) for text in rollups) / 1024


class Watch:
    """CPU that the whole machine, and our own finished children, have used since it was made."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.busy = self._busy()
        self.children = self._children()

    @staticmethod
    def _busy() -> float:
        user, nice, system, _idle, _iowait, irq, softirq, steal = map(
            int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
        )
        return (user + nice + system + irq + softirq + steal) / TICKS

    @staticmethod
    def _children() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    def foreign(self, ours: float) -> float:
        """Cores kept busy by anybody but the `ours` seconds of the server and the load generator."""
        elapsed = time.monotonic() - self.started
        return max(0.0, (self._busy() - self.busy - (self._children() - self.children) - ours) / elapsed)


def wait_for_quiet(limit: float, minutes: float) -> float:
    """Wait until the load average is under `limit`; give up waiting after `minutes`. The load then is returned."""
    end = time.monotonic() + minutes * 60
    while (load := os.getloadavg()[0]) >= limit and time.monotonic() < end:
        time.sleep(10)
    return load


def cpu_name() -> str:
    names = re.findall(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.M)
    return f"{len(names)} × {names[0]}" if names else platform.processor()


def versions() -> str:
    """Everything that could change a figure, in one line."""
    packages = ("flask", "werkzeug", "granian", "sqlalchemy", "twilio", "cryptography", "phonenumberslite", "psycopg")
    wrk = subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False).stdout.split(" [")[0].strip()
    parts = [f"CPython {platform.python_version()}", *(f"{name} {version(name)}" for name in packages)]
    return ", ".join([*parts, f"SQLite {sqlite3.sqlite_version}", wrk, platform.platform()])


def commit() -> str:
    """The commit that was measured; `-dirty` when the tree held changes."""
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"
