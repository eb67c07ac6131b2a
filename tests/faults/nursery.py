"""Run as a program: forks a serving Phlov for each line of JSON on stdin, and writes its process group on stdout."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import sys
import traceback
from collections.abc import Iterator

import alembic.command  # noqa: F401 - so that a start need not
import granian.server.mp  # noqa: F401
import mutants
import sqlalchemy.dialects.sqlite  # noqa: F401

import bot.channels.twilio
import bot.conversation.understand
import bot.services.privacy
import bot.store.opening
import bot.store.sqlite
import bot.web.site
import bot.worker  # noqa: F401
from bot import app
from bot.config import environment
from bot.content import loader

BECOME_REAPER = 36  # PR_SET_CHILD_SUBREAPER of prctl(2): workers whose parent was killed do not stay as zombies


def main() -> None:
    book = loader.load()
    loader.load = lambda: book
    ctypes.CDLL(None).prctl(BECOME_REAPER, 1)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            serve(json.loads(line))
        with contextlib.suppress(OSError):  # it has done it itself, or is gone
            os.setpgid(child, child)
        print(child, flush=True)


def serve(order: dict) -> None:
    """What `phlov run` does, in a new process group, without becoming a new program for it."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setpgid(0, 0)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(order["folder"])
    os.environ.update(order["settings"])
    if order["mutant"]:
        mutants.MUTANTS[order["mutant"]]()
    with ending():
        settings = environment.load()
        if order["new"]:
            app.migrate(settings)
        app.serve(settings)


@contextlib.contextmanager
def ending() -> Iterator[None]:
    """End this fork, and say why it ended before it was told to."""
    try:
        yield
    finally:
        if sys.exc_info()[0]:
            traceback.print_exc()
        os._exit(1)


if __name__ == "__main__":
    main()
