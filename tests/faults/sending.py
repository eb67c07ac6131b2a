"""Texts come in by a gateway whose webhooks have no answer: each reply waits in the outbox and is sent from there."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from conformance.gateway import Gateway, Taken
from conformance.wires.http import HttpWire
from gateway import PER_PERSON, TIMEOUT, Load
from house import House
from sqlalchemy import func, select

from bot.channels import kinds
from bot.config import Settings
from bot.protocol import Inbound, Request
from bot.store import tables
from bot.store.opening import Store
from bot.store.state import State
from bot.store.statements import Statement
from bot.store.tables import Outbound

WORDS = ("help", "ជំនួយ", "costs", "hello", "documents", "loans", "chuoy")
OPEN = Statement(lambda _: select(func.count()).where(Outbound.state < int(State.UNKNOWN)))
ROWS = Statement(
    lambda _: select(tables.Inbound.provider_key, Outbound.id, Outbound.state, Outbound.repeats).outerjoin(
        Outbound, Outbound.inbound_id == tables.Inbound.id
    )
)


def wired(folder: Path, wire: HttpWire, more: Mapping[str, str] | None = None) -> House:
    """A house whose people text by this gateway."""
    settings = {f"PHLOV_{name.upper()}": str(value) for name, value in wire.settings().items()}
    return House(folder, {**settings, **(more or {})})


def webhook(port: int, request: Request, timeout: float = TIMEOUT) -> int:
    """The status of the answer; OSError or HTTPException if there is none."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=timeout)) as line:
        target = f"{request.path}?{request.query}" if request.query else request.path
        line.request(request.method, target, request.body or None, dict(request.headers))
        answer = line.getresponse()
        answer.read()
        return answer.status


@dataclass
class Texts(Load):
    """The same clients, by another gateway."""

    wire: HttpWire | None = None
    said: dict[str, tuple[str, str]] = field(default_factory=dict)

    def _client(self, number: int) -> None:
        chance = random.Random(f"{self.seed} {number}")
        while not self._stop.is_set():
            serial = next(self._serial)
            name, sender = f"{self.seed}-{serial}", f"+85512{100_000 + serial // PER_PERSON:06d}"
            words = chance.choice(WORDS)
            self.sent.add(name)
            self.said[name] = words, sender
            for _ in range(chance.randint(1, 3)):
                while not self._give_up and not self._posted(name, words, sender):
                    time.sleep(0.01)

    def _posted(self, name: str, words: str, sender: str) -> bool:
        try:
            status = webhook(self.port, self.wire.text(words, sender, name))
        except (OSError, HTTPException):
            with self._mutex:
                self.unanswered += 1
            return False
        with self._mutex:
            self.answers[status] += 1
            if status < 300:
                self.taken[name].append(b"")
        return status < 300


REPORTED = 60
"""How often a gateway tries to tell of a text, twice a second. (Kannel as we set it up: four times, ten seconds apart;
here a house is down most of the time.)"""


class Reports(threading.Thread):
    """The gateway tells that the network has a text, soon after it was given it."""

    def __init__(self, port: int, wire: HttpWire) -> None:
        super().__init__(daemon=True)
        self._port, self._wire = port, wire
        self._over = threading.Event()

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()

    def run(self) -> None:
        due: list[tuple[float, int, int]] = []
        seen = 0
        while not self._over.wait(0.01):
            taken = self._wire.gateway.taken
            due += [(time.monotonic() + 0.1, number, REPORTED) for number in range(seen, len(taken))]
            seen = len(taken)
            now = time.monotonic()
            waiting, due = [each for each in due if each[0] <= now], [each for each in due if each[0] > now]
            for _, number, tries in waiting:
                if not self._told(taken[number]) and tries > 1:
                    due.append((now + 0.5, number, tries - 1))

    def _told(self, text: Taken) -> bool:
        try:
            return webhook(self._port, self._wire.report(text.name, text.reference, "sent"), 2) < 300
        except (OSError, HTTPException):
            return False


@dataclass(frozen=True)
class Sent:
    """What became of the answers. `doubled` are those the gateway has twice beyond what their kind allows; `again`
    those it has twice because nobody could know; `unknown` those it has not, that were given up for the same reason."""

    taken: int
    rows: int
    texts: int
    lost: int
    doubled: int
    again: int
    unknown: int

    @property
    def spotless(self) -> bool:
        return not (self.lost or self.doubled)


def drained(store: Store, within: float) -> float:
    """Seconds until nothing waits in the outbox any more; `within` so many it must have become less."""
    began = moved = time.monotonic()
    least = store.database.read(lambda tx: tx.one(OPEN))[0]
    while least and time.monotonic() < moved + within:
        time.sleep(0.1)
        left = store.database.read(lambda tx: tx.one(OPEN))[0]
        if left < least:
            least, moved = left, time.monotonic()
    assert least == 0, f"{least} texts still wait, and none has gone for {within} s"
    return time.monotonic() - began


def judge(store: Store, load: Texts, gateway: Gateway) -> Sent:
    """Every text that was taken against what the gateway was given. The gateway never dies."""
    has = Counter(taken.reference for taken in gateway.taken)
    answers: dict[bytes, list[tuple[int, ...]]] = {}
    for key, *answer in store.database.read(lambda tx: tx.all(ROWS)):
        answers.setdefault(key, []).append(tuple(answer))
    channel = kinds.wire(Settings(**load.wire.settings()))[load.wire.name]
    mine = {}
    for name, (words, sender) in load.said.items():
        event = channel.read(load.wire.text(words, sender, name))
        assert isinstance(event, Inbound)
        mine[name] = answers.get(store.vault.provider_key(channel.name, event.provider_id), [])
    lost = sum(1 for each in load.taken if len(mine[each]) != 1)
    doubled = again = unknown = 0
    for rows in mine.values():
        for row, state, repeats in rows:
            if row is None:
                lost += 1
                continue
            times = has[row]
            lost += times == 0 and state != State.UNKNOWN
            unknown += times == 0 and state == State.UNKNOWN
            again += times == 2 and repeats == 0
            doubled += times > 2 or (times == 2 and repeats > 0)
    return Sent(len(load.taken), len(answers), len(gateway.taken), lost, doubled, again, unknown)
