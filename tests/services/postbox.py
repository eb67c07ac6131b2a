"""What the tests of the outbox share: texts that come in by a gateway that answers later, and a look at the rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import NamedTuple

import unasked
from sqlalchemy import select, update

from bot.protocol import Inbound, Response
from bot.services import inbox, outbox, recovery
from bot.services.delivery import State
from bot.services.outbox import Held, Wish
from bot.services.service import Service
from bot.store.statements import Statement
from bot.store.tables import Outbound

ME, OTHER = 7, 8
CHANNEL = "kannel"
SENDER = "+85512345678"


class Row(NamedTuple):
    id: int
    state: int
    channel: str
    attempts: int
    repeats: int
    begin: int
    cause: str | None
    owner: int | None
    lease_until: int | None
    due_at: int
    expires_at: int
    provider_key: bytes | None
    to_sealed: bytes | None
    inbound_id: int | None


ROWS = Statement(lambda _: select(*(getattr(Outbound, name) for name in Row._fields)).order_by(Outbound.id))
SPOIL = Statement(lambda _: update(Outbound).values(text_sealed=b"nothing that opens"))


def render(replies, reference):
    return Response(200, "|".join(reply.text for reply in replies).encode())


@dataclass
class Postbox:
    """A house, and who works in it."""

    service: Service
    sids: count = field(default_factory=count)

    def text(self, words="hello", sender=SENDER, *, channel=CHANNEL, inline=False, **more):
        """A text comes in."""
        at = datetime(2026, 11, 2, tzinfo=UTC)
        inbound = Inbound(channel, sender, words, f"in{next(self.sids)}", at, **more)
        return inbox.receive(self.service, inbound, render, inline=inline, reports=inline)

    def news(self, numbers=(SENDER,), **more):
        """A text nobody asked for."""
        return unasked.queue(self.service, CHANNEL, "news", numbers, **more)

    def claim(self, owner=ME, most=10, *, channel=CHANNEL, **more) -> list[Held]:
        return outbox.claim(self.service, owner, Wish(channel, most, **{"posting": True, **more}))

    def begin(self, held, owner=ME) -> bool:
        return outbox.begin(self.service, owner, held)

    def settle(self, *outcomes, owner=ME):
        outbox.settle(self.service, owner, outcomes)

    def unsure(self, owner=ME, channel=CHANNEL) -> list[Held]:
        return recovery.unsure(self.service, owner, channel)

    def decide(self, held, verdict, owner=ME):
        return recovery.decide(self.service, owner, held, verdict)

    def rows(self) -> list[Row]:
        return self.service.database.read(lambda tx: [Row._make(row) for row in tx.all(ROWS)])

    def row(self, held: Held | None = None) -> Row:
        """The row of a text, or the only row."""
        rows = [row for row in self.rows() if held is None or row.id == held.outbound.id]
        assert len(rows) == 1
        return rows[0]

    def states(self) -> list[State]:
        return [State(row.state) for row in self.rows()]

    def spoil(self):
        """Damage every text."""
        self.service.database.write(lambda tx: tx.run(SPOIL))

    def sound(self) -> bool:
        """Whether every rule of the outbox holds."""
        assert recovery.broken(self.service) == {}
        return True
