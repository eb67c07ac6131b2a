"""Run as a program under strace: answers wait in the outbox and are sent; each that was handed over is acknowledged.

    python sender.py FOLDER COUNT LANES [MUTANT]

An acknowledgement is one line on stdout: the id of the answer, written when the gateway has it and before we know.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import mutants
from huey import MemoryHuey
from receiver import render, step
from sqlalchemy import func, select

from bot.channels import Said, Traits
from bot.protocol import Inbound, Outbound, Refused, Request, Response, Sent
from bot.services import inbox
from bot.services.budgets import Budgets
from bot.services.health import Pulse
from bot.services.service import Service
from bot.store.opening import open_store
from bot.store.state import State
from bot.store.statements import Statement
from bot.store.tables import Outbound as Row
from bot.worker import Worker
from bot.worker.house import Bells, House

OPEN = Statement(lambda _: select(func.count()).where(Row.state < int(State.UNKNOWN)))


class Listing:
    """A gateway that keeps a list of what it was given."""

    name = "listing"
    routes = ()

    def __init__(self, lanes: int) -> None:
        self.traits = Traits(lanes=lanes, dedupes=lanes > 1)

    def read(self, request: Request) -> Inbound:
        raise Refused("it has no webhook")

    def render(self, replies: Sequence[Said], reference: int) -> Response:
        return render((), 0)

    def send(self, outbound: Outbound) -> Sent:
        os.write(1, b"SM%032x\n" % outbound.id)
        return Sent(f"name {outbound.id}")


class Uncounted:
    """Nobody looks at the counts."""

    def outcome(self, channel: str, outcome: str, times: int = 1) -> None:
        pass

    fetched = outcome


def main(folder: str, count: str, lanes: str, mutant: str = "") -> None:
    if mutant:
        mutants.MUTANTS[mutant]()
    inbox.step = step
    store = open_store(f"sqlite:///{Path(folder) / 'phlov.db'}", Path(folder))
    service = Service(store.database, store.vault, None, None, lambda: datetime.now(UTC))
    channel = Listing(int(lanes))
    channels = {channel.name: channel}
    house = House(service, channels, Uncounted(), Pulse(), Bells.of(channels), Budgets(served=frozenset({"KH"})))
    worker = Worker(house, MemoryHuey(immediate=False), alone=True)
    worker.start()
    for number in range(int(count)):
        text = Inbound(channel.name, f"+85512{100_000 + number // 4:06d}", "costs", f"{number}", datetime.now(UTC))
        inbox.receive(service, text, channel.render, inline=False)
        house.bells.ring(channel.name)
    while store.database.read(lambda tx: tx.one(OPEN))[0]:
        time.sleep(0.01)
    worker.stop()
    assert threading.active_count() < 10
    store.database.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
