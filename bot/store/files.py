"""Files next to the database: locks between processes, and making sure of a directory."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from types import TracebackType

from bot.store.errors import Busy, Unusable

SHORT_PAUSE = 0.0005
PAUSE = 0.003
"""Seconds between two looks at a lock somebody else has: first short ones, for most hold it for a few milliseconds."""
CHUNK = 1 << 16
MOST = 64
"""So many chunks are written by one call."""


class FileLock:
    """One holder at a time, over all processes. Waits at most `wait` seconds, then raises `Busy`."""

    def __init__(self, path: Path, wait: float) -> None:
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self.wait = wait

    def __enter__(self) -> None:
        end, pause = None, SHORT_PAUSE
        while not self.take():
            end = end or time.monotonic() + self.wait
            if time.monotonic() >= end:
                raise Busy("another process holds the database")
            time.sleep(pause)
            pause = min(pause * 1.5, PAUSE)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        fcntl.flock(self._handle, fcntl.LOCK_UN)

    def take(self) -> bool:
        """Take it if nobody has it."""
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        """Let go for good."""
        os.close(self._handle)


def claim_run(path: Path) -> FileLock:
    """Claim the database for the one process that serves it; keep what is given back while serving (K5).

    Raises `Unusable` if another process serves it. The claim ends with the process, however it ends.
    """
    claim = FileLock(path.with_name(path.name + ".run"), 0)
    if not claim.take():
        claim.close()
        raise Unusable(f"phlov already runs on {path}; stop it first, or set PHLOV_DATA_DIR to another directory")
    return claim


def make_directory(path: Path) -> None:
    """The directory, if there is none yet; nobody but its owner looks inside."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)


def sync_directory(path: Path) -> None:
    """Put the names of new files on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def fill(path: Path, size: int) -> None:
    """Write zeros over the whole of an empty file that is there. Raises `OSError`; then it is empty again."""
    chunk = bytes(CHUNK)
    handle = os.open(path, os.O_WRONLY)
    try:
        for begin in range(0, size, MOST * CHUNK):
            os.writev(handle, [chunk[: size - at] for at in range(begin, min(begin + MOST * CHUNK, size), CHUNK)])
        os.fsync(handle)
    except OSError:
        os.ftruncate(handle, 0)
        raise
    finally:
        os.close(handle)


def write_again(path: Path) -> None:
    """Write what a file holds over itself, and wait for the disk. Raises `OSError`.

    After a sync that failed some of it may be in memory only, and no later sync would write that (Linux).
    """
    handle = os.open(path, os.O_RDWR)
    try:
        at = 0
        while chunk := os.pread(handle, CHUNK, at):
            at += os.pwrite(handle, chunk, at)
        os.fsync(handle)
    finally:
        os.close(handle)
