"""strace: whether it is here, and what it saw of a database's files."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

CALLS = "write,pwrite64,ftruncate,unlink,rename,fsync,fdatasync"
HINT = "strace is needed, and leave to trace one's own processes; on Debian: apt install strace"


@cache
def works() -> bool:
    """Some containers forbid ptrace."""
    strace = shutil.which("strace")
    return bool(strace) and subprocess.run([strace, "-qq", "-e", "trace=none", "true"], check=False).returncode == 0


@pytest.fixture(scope="session")
def strace() -> str:
    """The program; without it tests are skipped at home and fail where changes are accepted."""
    if works():
        return "strace"
    if os.environ.get("CI"):
        pytest.fail(HINT)
    pytest.skip(HINT)


def recorder(trace: Path, *more: str) -> list[str]:
    """strace with its options to record what a program does to its files, contents included."""
    options = ["-f", "-qq", "-y", "-xx", "-s", "1000000", "-e", f"trace={CALLS}", "-e", "signal=none"]
    return ["strace", *options, *more, "-o", str(trace)]


@dataclass(frozen=True)
class Call:
    """One system call. It `begins` and `ends` at these lines of the trace; calls of other threads may lie between."""

    name: str
    file: str
    begins: int
    ends: int
    data: bytes = b""
    offset: int = 0
    failed: bool = False


BEGUN = re.compile(r"(?P<pid>\d+) +(?P<rest>.*) <unfinished \.\.\.>")
RESUMED = re.compile(r"(?P<pid>\d+) +<\.\.\. \w+ resumed>(?P<rest>.*)")
WHOLE = re.compile(r"(?P<pid>\d+) +(?P<rest>\w+\(.*)")
CALL = re.compile(r"(?P<name>\w+)\((?:\d+<(?P<file>[^>]*)>|\"(?P<path>[^\"]*)\")(?P<more>.*)\) += (?P<result>-?\d+)")
DATA = re.compile(r", \"(?P<data>(?:\\x[0-9a-f]{2})*)\"(?P<cut>\.\.\.)?, \d+(?:, (?P<offset>\d+))?")


def read(trace: Path) -> Iterator[Call]:
    """The calls in the order in which they ended. The zeros that an empty WAL is filled with (`writev`) are not among
    them: to SQLite they are as good as no file.
    """
    open_calls: dict[str, tuple[int, str]] = {}
    with trace.open() as lines:
        for number, line in enumerate(lines):
            if begun := BEGUN.match(line):
                open_calls[begun["pid"]] = number, begun["rest"]
            elif resumed := RESUMED.match(line):
                begins, rest = open_calls.pop(resumed["pid"])
                yield from _call(rest + resumed["rest"], begins, number)
            elif whole := WHOLE.match(line):
                yield from _call(whole["rest"], number, number)


def _call(line: str, begins: int, ends: int) -> Iterator[Call]:
    found = CALL.match(line)
    if not found:
        return
    name, failed = found["name"], found["result"].startswith("-")
    file = _text(found["file"] or found["path"])
    if name in ("write", "pwrite64"):
        written = DATA.match(found["more"])
        assert written and not written["cut"], f"strace cut a write short: {line[:80]}"
        data = bytes.fromhex(written["data"].replace("\\x", ""))[: max(0, int(found["result"]))]
        yield Call(name, file, begins, ends, data, int(written["offset"] or 0), failed)
    elif name == "ftruncate":
        yield Call(name, file, begins, ends, offset=int(found["more"].strip(", ")), failed=failed)
    else:
        yield Call(name, file, begins, ends, failed=failed)


def _text(path: str) -> str:
    """-xx writes names in hexadecimal too."""
    return bytes.fromhex(path.replace("\\x", "")).decode() if path.startswith("\\x") else path
