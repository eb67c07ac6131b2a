"""What became of the texts that went out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.protocol import DeliveryReport
from bot.services import elsewhere
from bot.services.service import Service
from bot.store import reports
from bot.store.database import Tx
from bot.store.state import SETTLED, State

__all__ = ["SETTLED", "STATES", "State", "catch_up", "heard_before", "record"]

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


LATELY = 120_000
"""Milliseconds: reports as young as this are looked at again by every reconciliation."""


def record(service: Service, report: DeliveryReport) -> None:
    """Keep a report once, also one of a text we do not know, and move its text forward. Raises `StoreError`.

    An emergency answer that did not arrive goes once more by another gateway, if there is one.
    """
    now = service.now()
    key = service.vault.provider_key(report.channel, report.provider_id)
    if report.reference is not None and report.reference >= 1 << 63:
        report = replace(report, reference=None)  # no id of ours
    state = STATES.get(report.status.lower())
    other = service.instead(report.channel) if state in elsewhere.NOT_ARRIVED else None

    def work(tx: Tx) -> bool:
        service.changes.note()
        reports.keep(tx, service.database.new_id(now), key, report, now)
        if state is not None and not reports.advance(tx, key, report, state):
            service.early.keep(key)  # now: the text may be settled by the next work of this commit
        return other is not None and elsewhere.again(service, tx, report, key, other)

    repeated = service.database.write(work, key)
    if repeated and other is not None:
        service.wake(other)


def heard_before(service: Service, rows: Sequence[int]) -> int:
    """Move texts forward that were reported on before their gateway's names were known; how many.

    Raises `StoreError`.
    """
    return service.database.write(lambda tx: _raise(tx, _higher(reports.told(tx, rows))))


def catch_up(service: Service) -> int:
    """The same for all texts that were reported on lately: two processes may have missed each other."""
    since = service.now() - LATELY
    found = _higher(service.database.read(lambda tx: reports.lately(tx, since)))
    return service.database.write(lambda tx: _raise(tx, found)) if found else 0


Risen = Sequence[tuple[int, State]]


def _higher(told: Sequence[tuple[int, str, int]]) -> Risen:
    """What is news: almost every report was heeded when it came."""
    known = [(row, STATES[status.lower()], state) for row, status, state in told if status.lower() in STATES]
    return [(row, reached) for row, reached, state in known if reached > state]


def _raise(tx: Tx, risen: Risen) -> int:
    return sum(reports.rise(tx, row, state) for row, state in risen)
