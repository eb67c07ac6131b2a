"""Run as a program: one house dies at a named point while it sends one text; a second one finds what it left.

Prints a line of JSON for each gateway, kind of text and point: how often the phone got the text, and its last state.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import mutants
import unasked
from huey import MemoryHuey
from receiver import render
from sender import OPEN, Listing, Uncounted
from sqlalchemy import select

from bot.conversation.session import Act, Reply, Session, Turn
from bot.log import set_up
from bot.protocol import Inbound, Outbound, Sent
from bot.services import inbox, outbox
from bot.services.budgets import Budgets
from bot.services.health import Pulse
from bot.services.service import Service
from bot.store.opening import open_store
from bot.store.state import State
from bot.store.statements import Statement
from bot.store.tables import Outbound as Row
from bot.worker import Worker, jobs
from bot.worker.house import Bells, House

DIED = 137
KINDS: dict[str, tuple[Reply, tuple[Act, ...]]] = {
    "emergency": (Reply("Call 1280.", "sos", emergency=True), ()),
    "reply": (Reply("A passport costs 100 dollars.", "costs"), ()),
    "confirmation": (Reply("No more texts.", "stop"), ("opt_out",)),
}
STATES = Statement(lambda _: select(Row.state).order_by(Row.id.desc()).limit(1))


class Phone(Listing):
    """The gateway's own list is a file: it does not die with us. It may know an id again."""

    def __init__(self, folder: Path, *, dedupes: bool) -> None:
        super().__init__(4 if dedupes else 1)
        self._list = folder / "phone"

    def send(self, outbound: Outbound) -> Sent:
        """Once on the list for each id, or each time."""
        with self._list.open("a+") as listed:
            listed.seek(0)
            if not self.traits.dedupes or f"{outbound.id}\n" not in listed.readlines():
                listed.write(f"{outbound.id}\n")
        return Sent(None)


def die(*_: object) -> None:
    os._exit(DIED)


def dies_after(work: Callable, when: Callable[..., bool]) -> Callable:
    """The same, but it is the last thing done when `when` says so of its result and arguments."""

    def last(*given: object, **named: object) -> object:
        result = work(*given, **named)
        if when(result, *given):
            die()
        return result

    return last


def claimed(result: object, *_: object) -> bool:
    return bool(result)


def settled(_: object, __: object, ___: object, outcomes: object, *____: object) -> bool:
    return bool(outcomes)


def after_claim() -> None:
    outbox.settle_and_claim = dies_after(outbox.settle_and_claim, claimed)


def before_post() -> None:
    Phone.send = die


def after_post() -> None:
    Phone.send = dies_after(Phone.send, claimed)


def after_mark() -> None:
    outbox.settle_and_claim = dies_after(outbox.settle_and_claim, settled)


POINTS = {"after claim": after_claim, "before post": before_post, "after post": after_post, "after mark": after_mark}


def lived(folder: Path, *, dedupes: bool, kind: str = "") -> None:
    """Send what waits, after a text of this kind was put there; come back when nothing waits."""
    store = open_store(f"sqlite:///{folder / 'phlov.db'}", folder)
    service = Service(store.database, store.vault, None, None, lambda: datetime.now(UTC))
    channel = Phone(folder, dedupes=dedupes)
    channels = {channel.name: channel}
    budgets = Budgets(served=frozenset({"KH"}))
    worker = Worker(
        House(service, channels, Uncounted(), Pulse(), Bells.of(channels), budgets), MemoryHuey(), alone=True
    )
    if kind:
        put(service, channel, kind)
    worker.start()
    while store.database.read(lambda tx: tx.one(OPEN))[0]:
        time.sleep(0.005)
    worker.stop()


def put(service: Service, channel: Listing, kind: str) -> None:
    reply, acts = KINDS.get(kind, (Reply("Hello.", "greeting"), ()))
    inbox.step = lambda _, __, session, *___, **____: Turn(session if session.at else Session(), (reply,), acts)
    text = Inbound(channel.name, "+85512345678", "a text", "1", datetime.now(UTC))
    inbox.receive(service, text, render, inline=kind == "broadcast")
    if kind == "broadcast":
        assert unasked.queue(service, channel.name, "The border is closed.", ["+85512345678"]) == 1


def forked(work: Callable[[], None]) -> int:
    """The exit status of a process that does this."""
    child = os.fork()
    if not child:
        work()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main(scratch: str) -> None:
    mutants.in_a_hurry()
    mutants.retry.SECOND_TRY = 200
    Worker.__init__.__kwdefaults__["every"] = 0.1
    jobs.TICK, jobs.IDLE = 1, 0.1
    set_up("json")
    for number, (dedupes, kind, point) in enumerate(product((True, False), (*KINDS, "broadcast"), POINTS)):
        folder = Path(scratch) / str(number)
        folder.mkdir()

        def first() -> None:
            POINTS[point]()  # noqa: B023 - called at once
            lived(folder, dedupes=dedupes, kind=kind)  # noqa: B023

        assert forked(first) == DIED
        assert forked(lambda: lived(folder, dedupes=dedupes)) == 0  # noqa: B023
        state = forked(lambda: os._exit(last_state(folder)))  # noqa: B023
        texts = (folder / "phone").read_text().split() if (folder / "phone").exists() else []
        found = {"knows": dedupes, "kind": kind, "point": point, "texts": len(texts), "state": State(state).name}
        print(json.dumps(found), flush=True)


def last_state(folder: Path) -> int:
    store = open_store(f"sqlite:///{folder / 'phlov.db'}", folder)
    return int(store.database.read(lambda tx: tx.one(STATES))[0])


if __name__ == "__main__":
    main(*sys.argv[1:])
