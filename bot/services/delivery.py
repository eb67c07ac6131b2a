"""What became of the texts that went out."""

from __future__ import annotations

from dataclasses import replace
from enum import IntEnum

from bot.protocol import DeliveryReport
from bot.services.service import Service
from bot.store import reports
from bot.store.database import Tx


class State(IntEnum):
    """How far a text has come. It only ever rises, in whatever order reports arrive (W9)."""

    QUEUED = 10
    SENDING = 20
    SENT = 30
    FAILED = 40
    UNDELIVERED = 41
    DELIVERED = 50
    READ = 60


STATES = {
    "accepted": State.QUEUED,
    "scheduled": State.QUEUED,
    "queued": State.QUEUED,
    "sending": State.SENDING,
    "sent": State.SENT,
    "canceled": State.FAILED,
    "failed": State.FAILED,
    "undelivered": State.UNDELIVERED,
    "delivered": State.DELIVERED,
    "read": State.READ,
}
"""The words gateways use. A word that is not here is kept as it came and moves nothing."""


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
