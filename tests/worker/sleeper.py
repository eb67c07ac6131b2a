"""A worker as a process of its own, with short leases: `sleeper.py DATABASE_URL GATEWAY_PORT`. It says when it runs."""

from __future__ import annotations

import sys
import threading
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from tempfile import mkdtemp
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parent))
from conftest import Tally
from village import Village

from bot.protocol import Outbound, SendError, Sent
from bot.services.health import Pulse
from bot.services.service import Service
from bot.store import open_database
from bot.store.crypto import Vault
from bot.worker import Worker
from bot.worker.chores import Order
from bot.worker.house import Bells, House
from bot.worker.jobs import queue

TIMEOUT = 0.3


class Far(Village):
    """A gateway over HTTP that can be asked.

    Each thread keeps its connection, as channels do: who is stopped between the last look at the lease and the first
    byte of a request sends it when they wake, and nothing on our side can help that; the time is kept short.
    """

    def __init__(self, port: int) -> None:
        super().__init__(lanes=2, timeout=TIMEOUT)
        self.port = port
        self.lines = threading.local()

    def send(self, outbound: Outbound) -> Sent:
        self._call("POST", outbound.id)
        return Sent(f"far.{outbound.id}")

    def ask(self, outbound: Outbound) -> Sent | None:
        return Sent(f"far.{outbound.id}") if self._call("GET", outbound.id) == 200 else None

    def _call(self, method: str, row: int) -> int:
        line = getattr(self.lines, "line", None) or HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        self.lines.line = None
        try:
            line.request(method, f"/{row}")
            answer = line.getresponse()
            answer.read()
        except (OSError, HTTPException) as error:
            line.close()
            raise SendError("no answer", retry=True, sent="unknown") from error
        self.lines.line = line
        return answer.status


def main() -> None:
    url, port = sys.argv[1], int(sys.argv[2])
    book = SimpleNamespace(countries={"KH": None})
    service = Service(open_database(url), Vault(bytes(range(32))), book, None, lambda: datetime.now(UTC))
    channels = {"village": Far(port)}
    house = House(service, channels, Tally(), Pulse(), Bells.of(channels), lease=1.0, poll=0.05)
    Worker(house, queue("sqlite", Path(mkdtemp())), alone=False).start()
    order = Order(house, alone=False)
    print("running", flush=True)
    while True:
        order.round()
        threading.Event().wait(0.2)


if __name__ == "__main__":
    main()
