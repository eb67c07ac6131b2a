"""What became of the texts that went out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.protocol import DeliveryReport, Outbound
from bot.services.service import Service
from bot.store import reports
from bot.store.database import Tx
from bot.store.state import SETTLED, State

__all__ = ["SETTLED", "STATES", "State", "heard_before", "record"]

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


def heard_before(service: Service, sent: Sequence[Outbound]) -> None:
    """Move texts forward whose reports came before their gateway's names were known here. Raises `StoreError`."""
    told = service.database.read(lambda tx: reports.told(tx, [outbound.id for outbound in sent]))
    if told:
        service.database.write(lambda tx: _raise(tx, told))


def _raise(tx: Tx, told: Sequence[tuple[int, str]]) -> None:
    for row, status in told:
        state = STATES.get(status.lower())
        if state is not None:
            reports.rise(tx, row, state)
