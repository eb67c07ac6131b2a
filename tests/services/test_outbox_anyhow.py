"""Whatever happens in whatever order: no settled text is posted again, none is lost, none goes twice against the rules.

The gateway here remembers what it took, which the house only learns from what it is told.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st
from postbox import CHANNEL, ME, OTHER, Postbox
from sqlalchemy import delete

from bot.protocol import DeliveryReport, SendError, Sent
from bot.services import delivery, outbox, recovery
from bot.services.delivery import SETTLED, State
from bot.services.outbox import Held
from bot.services.recovery import Verdict
from bot.store import tables
from bot.store.sqlite import Sqlite
from bot.store.statements import Statement

EMPTY = tuple(
    Statement(lambda _, table=table: delete(table))
    for table in (
        tables.Outbound,
        tables.Unmatched,
        tables.Inbound,
        tables.Session,
        tables.Escalation,
        tables.DeliveryReport,
    )
)
OPTED_IN = Statement(lambda _: tables.Contact.__table__.update().values(opted_out_at=None))
WORDS = ("hello", "SOS", "STOP", "START")
OUTCOMES = ("taken", "taken, not heard", "refused", "never came, not heard", "for good")
STEPS = (
    "text",
    "news",
    "claim",
    "claim",
    "begin",
    "begin",
    "settle",
    "release",
    "lose",
    "forward",
    "expire",
    "recover",
    "report",
    "decide",
)
step = st.tuples(st.sampled_from(STEPS), st.integers(0, 999), st.sampled_from((ME, OTHER)))


@dataclass
class World:
    """A house with two processes, and a gateway that can be asked or cannot."""

    box: Postbox
    clock: object
    asking: bool
    claimed: dict[int, list[Held]] = field(default_factory=lambda: {ME: [], OTHER: []})
    posted: dict[int, list[tuple[Held, object]]] = field(default_factory=lambda: {ME: [], OTHER: []})
    taken: Counter = field(default_factory=Counter)
    ranks: dict[int, int] = field(default_factory=dict)

    def text(self, number, _):
        self.box.text(WORDS[number % 4])

    def news(self, *_):
        self.box.news()

    def claim(self, number, owner):
        self.claimed[owner] += self.box.claim(owner, 1 + number % 3, posting=number % 2 == 0)

    def begin(self, number, owner):
        if not self.claimed[owner]:
            return
        held = self.claimed[owner].pop(number % len(self.claimed[owner]))
        before = {row.id: row for row in self.box.rows()}
        if not self.box.begin(held, owner):
            return
        row = before[held.outbound.id]
        assert row.owner == owner, "posted by who does not hold it"
        assert row.state in (State.CLAIMED, State.POSTING), "posted again though it is over"
        self.posted[owner].append((held, self.post(held.outbound.id, OUTCOMES[number % len(OUTCOMES)])))

    def post(self, row, outcome):
        self.taken[row] += outcome.startswith("taken")
        if outcome == "taken":
            return Sent(self.name(row))
        unheard = outcome.endswith("not heard")
        return SendError("no", retry=outcome != "for good", sent="unknown" if unheard else "no")

    def name(self, row):
        return f"{row}-{self.taken[row]}"

    def settle(self, number, owner):
        batch = self.posted[owner][: 1 + number % 3]
        self.posted[owner] = self.posted[owner][len(batch) :]
        self.box.settle(*batch, owner=owner)

    def release(self, _, owner):
        outbox.release(self.box.service, owner, self.claimed[owner])
        self.claimed[owner] = []

    def lose(self, _, owner):
        """The process dies; what it posted was posted."""
        self.claimed[owner], self.posted[owner] = [], []

    def forward(self, number, owner):
        """Time goes by; somebody looks after the leases every now and then."""
        self.clock.forward(seconds=(1, 30, 61, 700)[number % 4])
        if number % 4 == 3:
            self.expire(number, owner)

    def expire(self, _, owner):
        recovery.expire_leases(self.box.service, [held.outbound.id for held, _ in self.posted[owner]])

    def recover(self, _, owner):
        """A new process where the other one has died."""
        self.lose(0, ME + OTHER - owner)
        recovery.recover(self.box.service, owner)

    def report(self, number, _):
        known = [row.id for row in self.box.rows() if self.taken[row.id]]
        if known:
            row = known[number % len(known)]
            status = ("sent", "delivered", "failed")[number % 3]
            reference = row if number % 2 else None
            delivery.record(self.box.service, DeliveryReport(CHANNEL, self.name(row), status, reference))

    def decide(self, number, owner):
        for held in self.box.unsure(owner):
            row = held.outbound.id
            if not self.asking:
                verdict = Verdict.BLIND
            elif number % 5 == 0:
                verdict = Verdict.LATER
            else:
                verdict = Sent(self.name(row)) if self.taken[row] else Verdict.ABSENT
            self.box.decide(held, verdict, owner)

    def check(self):
        self.box.sound()
        for row in self.box.rows():
            rank = row.state if row.state >= SETTLED else 0
            assert rank >= self.ranks.get(row.id, 0), "a state fell (I5)"
            self.ranks[row.id] = rank
            spare = 0 if self.asking else 1
            assert self.taken[row.id] <= 1 + spare, "sent too often (I3)"
            if row.state == State.ACCEPTED:
                assert self.taken[row.id], "said to be sent, and was not"

    def finish(self, outcomes):
        """Everybody goes on, and after a while the gateway works: everything comes to an end."""
        for owner in (ME, OTHER):
            self.lose(0, owner)
        for turn in range(60):
            self.clock.forward(seconds=61)
            recovery.expire_leases(self.box.service)
            self.decide(1, ME)
            self.claim(2, ME)
            while self.claimed[ME]:
                self.begin(outcomes[turn % len(outcomes)] if turn < 20 else 0, ME)
            self.settle(999, ME)
            self.check()
            if all(row.state >= SETTLED for row in self.box.rows()):
                return
        raise AssertionError("left behind (I7)")


def test_no_order_of_events_loses_or_doubles_a_text(service, clock, monkeypatch):
    monkeypatch.setattr(outbox, "monotonic", lambda: clock().timestamp())
    many = isinstance(service.database, Sqlite)

    @settings(max_examples=40 if many else 12, deadline=None)
    @given(
        steps=st.lists(step, min_size=20, max_size=60),
        outcomes=st.lists(st.integers(0, 4), min_size=1, max_size=4),
        asking=st.booleans(),
    )
    def anyhow(steps, outcomes, asking):
        service.database.write(lambda tx: [tx.run(statement) for statement in (*EMPTY, OPTED_IN)])
        world = World(Postbox(service), clock, asking)
        for name, number, owner in [("text", 1, ME), ("news", 0, ME), *steps]:
            getattr(world, name)(number, owner)
            world.check()
        world.finish(outcomes)

    anyhow()
