"""One worker that empties an outbox: `python -m benchmarks.outbox_worker URL FOLDER GATEWAY [ADDRESS]`.

GATEWAY is `noop` (a file in FOLDER gets a line for each text; `noop4` has four lanes), or `smsgate` or `kannel` at
ADDRESS. Prints one line of JSON when nothing waits any more.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

from huey import MemoryHuey

from bot.app import SWITCH
from bot.channels import Channel, Said, Traits
from bot.channels.kannel import Kannel
from bot.channels.smsgate import SmsGate
from bot.log import set_up
from bot.protocol import Outbound, Refused, Request, Response, Sent
from bot.services.budgets import Budgets
from bot.services.health import Pulse, waits
from bot.services.service import Service
from bot.store.opening import open_store
from bot.worker import Worker
from bot.worker.house import Bells, House

LANES = 1
KEY = "a-signing-key-of-a-benchmark"


class Noop:
    """Notes the id of each text in a file."""

    name = "benchmark"
    routes = ()

    def __init__(self, folder: Path, lanes: int) -> None:
        self.traits = Traits(dedupes=True, lanes=lanes)
        self._noted = os.open(folder / "sent", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def read(self, request: Request) -> Refused:
        raise Refused("it has no webhook")

    def render(self, replies: Sequence[Said], reference: int) -> Response:
        return Response(200)

    def send(self, outbound: Outbound) -> Sent:
        os.write(self._noted, b"%d\n" % outbound.id)
        return Sent(None)


def gateway(kind: str, folder: Path, address: str) -> Channel:
    """The gateway to send by, under the name that the rows have."""
    if kind.startswith("noop"):
        return Noop(folder, int(kind[4:] or LANES))
    made: Channel
    if kind == "smsgate":
        made = SmsGate(address, "phone", "password", KEY)
    else:
        made = Kannel(
            sendsms_url=address, username="u", password="p", secret=KEY, number="1280", callback_url="http://127.0.0.1"
        )
    made.name = Noop.name  # type: ignore[misc]
    return made


def main(url: str, folder: str, kind: str, address: str = "") -> None:
    set_up("json")
    store = open_store(url, Path(folder))
    service = Service(store.database, store.vault, None, None, lambda: datetime.now(UTC))  # type: ignore[arg-type]
    channel = gateway(kind, Path(folder), address)
    channels = {channel.name: channel}
    nobody = SimpleNamespace(outcome=lambda *_: None, fetched=lambda *_: None)
    house = House(service, channels, nobody, Pulse(), Bells.of(channels), Budgets(served=frozenset({"KH"})))
    worker = Worker(house, MemoryHuey(), alone=url.startswith("sqlite"))
    sys.setswitchinterval(SWITCH)  # as `phlov run` does
    print("ready", flush=True)
    sys.stdin.readline()
    began, cpu = time.perf_counter(), time.process_time()
    worker.start()
    while waits(service, channel.name, urgent=False) or house.in_flight:
        time.sleep(0.01)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    worker.stop()
    print(json.dumps({"seconds": seconds, "cpu": cpu}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
