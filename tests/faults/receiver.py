"""Run as a program under strace: several people text at once; each text that `receive` gave back is acknowledged.

    python receiver.py FOLDER COUNT THREADS [MUTANT [beside]]

An acknowledgement is one line on stdout: the id of the text. A text that could not be kept is tried again. With
`beside` work that need not last goes on meanwhile, as while recipients are written down.
"""

from __future__ import annotations

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import mutants

from bot.conversation import engine
from bot.conversation.session import Reply, Session, Turn
from bot.protocol import Inbound, Response
from bot.services import inbox
from bot.services.service import Service
from bot.store import marks
from bot.store.errors import StoreError

ERASE_EVERY = 40
"""An erasure writes the WAL back into the file and empties it: that too must survive a cut at any moment."""


def step(book: object, reader: object, session: Session, text: str, now: datetime, **_: object) -> Turn:
    """A conversation of one answer: this is about the disk."""
    return Turn(session, (Reply("An answer as long as most. " * 5, "costs"),), ("erase",) if text == "erase" else ())


def render(replies: tuple[Reply, ...], reference: int) -> Response:
    return Response(200, f"{reference}{replies}".encode())


def receive(service: Service, number: int) -> None:
    name = f"SM{number:032x}"
    words = "erase" if number % ERASE_EVERY == 0 else "costs"
    sender = f"+85512{100_000 + number // 4:06d}"
    inbound = Inbound("twilio", sender, words, name, datetime.now(UTC))
    while True:
        try:
            inbox.receive(service, inbound, render)
        except StoreError:
            time.sleep(0.01)
        else:
            break
    os.write(1, name.encode() + b"\n")


def work_beside(service: Service, over: Event) -> None:
    number = 0
    while not over.is_set():
        number += 1
        with suppress(StoreError):
            service.database.write(lambda tx, name=f"{number}": marks.put(tx, name, 1), lasting=False)
        over.wait(0.001)


def main(folder: str, count: str, threads: str, mutant: str = "", beside: str = "") -> None:
    if mutant:
        mutants.MUTANTS[mutant]()
    from bot.store.opening import open_store  # noqa: PLC0415 - after the mutant

    assert engine.step is inbox.step
    inbox.step = step
    store = open_store(f"sqlite:///{Path(folder) / 'phlov.db'}", Path(folder))
    service = Service(store.database, store.vault, None, None, lambda: datetime.now(UTC))
    over = Event()
    with ThreadPoolExecutor(1) as other:
        aside = other.submit(work_beside, service, over) if beside else None
        with ThreadPoolExecutor(int(threads)) as pool:
            for done in [pool.submit(receive, service, number) for number in range(1, int(count) + 1)]:
                done.result()
        over.set()
        if aside:
            aside.result()
    store.database.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
