"""What became of the texts that went out."""

from __future__ import annotations

from dataclasses import replace
from enum import IntEnum

from bot.protocol import DeliveryReport
from bot.services.service import Service
from bot.store import reports
from bot.store.database import Tx


class State(IntEnum):
    """How far a text has come. Below `SETTLED` it is the outbox's; from there on it only ever rises (W9, I5)."""

    QUEUED = 10
    """Waits for its time."""
    CLAIMED = 15
    """A worker holds it until its lease ends; nothing of it has left the house."""
    POSTING = 20
    """On its way: if the worker dies now, nobody knows whether it went."""
    UNSURE = 25
    """Nobody knows whether it went; the gateway is to be asked, or the rule for its kind decides."""
    UNKNOWN = 28
    """It will never be known, unless a report comes, and it is not sent again."""
    ACCEPTED = 30
    """The gateway has it; so have texts that left with a response."""
    SENT = 33
    """The network has it."""
    FAILED = 40
    UNDELIVERED = 41
    EXPIRED = 42
    """Its time was over before it could go."""
    SUPPRESSED = 43
    """The person said STOP before it went."""
    CANCELLED = 44
    """Staff stopped it before it went."""
    DELIVERED = 50
    READ = 60


SETTLED = State.UNKNOWN

STATES = {
    "accepted": State.ACCEPTED,
    "scheduled": State.ACCEPTED,
    "queued": State.ACCEPTED,
    "sending": State.ACCEPTED,
    "sent": State.SENT,
    "canceled": State.FAILED,
    "failed": State.FAILED,
    "expired": State.UNDELIVERED,
    "undelivered": State.UNDELIVERED,
    "delivered": State.DELIVERED,
    "read": State.READ,
}
"""The words for reports; each gateway's file translates its own. Another word is kept as it came and moves nothing."""


def record(service: Service, report: DeliveryReport) -> None:
    """Keep a report once, also one of a text we do not know, and move its text forward. Raises `StoreError`."""
    now = service.now()
    key = service.vault.provider_key(report.channel, report.provider_id)
    if report.reference is not None and report.reference >= 1 << 63:
        report = replace(report, reference=None)  # no id of ours
    state = STATES.get(report.status.lower())

    def work(tx: Tx) -> None:
        reports.keep(tx, service.database.new_id(now), key, report, now)
        if state is not None:
            reports.advance(tx, key, report, state)

    service.database.write(work, key)
