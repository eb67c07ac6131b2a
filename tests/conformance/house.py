"""One Phlov with one gateway: the real site, store, inbox and outbox; only the gateway is ours."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Flask
from sqlalchemy import func, select
from stories.stage import words

from bot.channels import Channel, Polled, africastalking, twilio_rest
from bot.channels.kinds import wire as wire_all
from bot.config import Settings
from bot.protocol import Request, Response
from bot.services.health import Pulse
from bot.services.service import Service
from bot.store.crypto import Vault
from bot.store.database import Database, Row
from bot.store.statements import Statement
from bot.store.tables import Contact, Escalation, Inbound, Outbound
from bot.web.metrics import Metrics
from bot.web.site import create
from bot.worker import house as worker_house
from bot.worker.chores import Order
from bot.worker.collecting import Collector
from bot.worker.house import Bells
from bot.worker.lanes import Lane

KEY = bytes(range(32))
EMERGENCY, REPLY, CONFIRMATION, BROADCAST = KINDS_OF_TEXT = "emergency", "reply", "confirmation", "broadcast"
WORKER = "+85512345678"
TABLES = {"contact": Contact, "inbound": Inbound, "outbound": Outbound, "escalation": Escalation}


class Tally(Counter[str]):
    """What the worker counted."""

    def outcome(self, channel: str, outcome: str, times: int = 1) -> None:
        self[outcome] += times

    def fetched(self, channel: str, outcome: str, parts: int = 0) -> None:
        self[outcome] += 1


@dataclass
class House:
    """Everything between a gateway and the disk."""

    database: Database
    wire: Any
    clock: Any
    service: Service = field(init=False)
    site: Flask = field(init=False)
    channel: Channel = field(init=False)
    lanes: list[Lane] = field(init=False, repr=False)
    order: Order = field(init=False, repr=False)
    collector: Collector | None = field(init=False, repr=False)
    names: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        settings = Settings(**self.wire.settings())
        book, reader = words()
        channels = wire_all(settings)
        self.service = Service(self.database, Vault(KEY), book, reader, self.clock, settings.own_numbers)
        self.channel = channels[self.wire.name]
        self.site = create(self.service, channels, Metrics(), settings)
        worker = worker_house.House(
            self.service, {self.wire.name: self.channel}, Tally(), Pulse(), Bells.of({self.wire.name: self.channel})
        )
        self.lanes = [Lane(worker, self.channel, urgent=True), Lane(worker, self.channel)]
        self.order = Order(worker, alone=True, uptime=lambda: self.clock().timestamp())
        self.collector = None if self.called else Collector(worker, self.channel, self.channel)

    def call(self, request: Request) -> Response:
        """A webhook as it is; what the gateway hears."""
        given = self.site.test_client().open(
            request.path,
            method=request.method,
            query_string=request.query,
            data=request.body,
            headers=list(request.headers.items()),
        )
        return Response(given.status_code, given.data, given.content_type, tuple(given.headers.items()))

    @property
    def called(self) -> bool:
        """Whether the gateway calls our webhooks; else its tables are looked at."""
        return not isinstance(self.channel, Polled)

    def bring(self, words: str, sender: str = WORKER, name: str = "1") -> Response:
        """A text comes in, as all of this name before. The gateway takes what answers it once for a name."""
        if not self.called:
            self.wire.put(words, sender, name)
            return self.collect()
        return self.hand(self.wire.text(words, sender, name), name)

    def hand(self, request: Request, name: str) -> Response:
        """A webhook of a text; what the gateway finds in the answer, it sends to the phone."""
        response = self.call(request)
        if name not in self.names and response.status < 300:
            self.names.add(name)
            self.wire.gateway.taken += self.wire.heard(response, request)
        return response

    def tell(self, name: str, reference: int | None, status: str) -> Response:
        """A delivery report comes in."""
        told = self.wire.report(name, reference, status)
        return self.call(told) if self.called else self.collect()

    def collect(self) -> Response:
        """What the worker does with a gateway that does not call."""
        self.collector._round()
        return Response(200)

    def pump(self, rounds: int = 2) -> None:
        """What the worker's threads do, step by step: each lane until nothing is due, then a round of order."""
        for _ in range(rounds):
            for lane in self.lanes:
                held = lane._next() if lane._due() else []
                while held:
                    held = lane._deliver(held)
                lane._fail_over()
            if not self.called:
                self.collect()
            self.order.round()

    def hurry(self) -> None:
        """The gateway gets half a second to answer."""
        self.channel.traits = replace(self.channel.traits, timeout=0.5)
        twilio_rest.TIMEOUT = africastalking.TIMEOUT = 0.5  # the fixture of the wire puts them back

    def rows(self, table: str, *columns: str) -> list[Row]:
        """The table's rows in the order of their ids, whole or some columns."""
        sought = TABLES[table]
        wanted = [getattr(sought, column) for column in columns] or [sought]
        return self.database.read(lambda tx: tx.all(Statement(lambda _: select(*wanted).order_by(sought.id))))

    def count(self, table: str) -> int:
        sought = Statement(lambda _: select(func.count()).select_from(TABLES[table]))
        return int((self.database.read(lambda tx: tx.one(sought)) or (0,))[0])

    def answers(self, sender: str = WORKER) -> list[str]:
        """The texts that the gateway has taken for a phone."""
        return [taken.text for taken in self.wire.gateway.to(sender)]
