"""What became of the texts that went out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from bot.protocol import DeliveryReport
from bot.services import elsewhere, outcomes
from bot.services.outcomes import Spot
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
        if state is not None:
            advanced = reports.advance(tx, key, report, state)
            outcomes.reported(tx, Spot(now, report.channel), state, advanced.texts)
            if not advanced.known:
                service.early.keep(key)  # now: the text may be settled by the next work of this commit
        return other is not None and elsewhere.again(service, tx, report, key, other)

    repeated = service.database.write(work, key)
    if repeated and other is not None:
        service.wake(other)


def heard_before(service: Service, rows: Sequence[int]) -> int:
    """Move texts forward that were reported on before their gateway's names were known; how many.

    Raises `StoreError`.
    """
    now = service.now()
    return service.database.write(lambda tx: _raise(tx, now, _higher(reports.told(tx, rows))))


def catch_up(service: Service) -> int:
    """The same for all texts that were reported on lately: two processes may have missed each other."""
    now = service.now()
    found = _higher(service.database.read(lambda tx: reports.lately(tx, now - LATELY)))
    return service.database.write(lambda tx: _raise(tx, now, found)) if found else 0


class Risen(NamedTuple):
    """A text of which a report is news: where it gets to, and where it was."""

    row: int
    channel: str
    reached: State
    was: int


def _higher(told: Sequence[reports.Told]) -> list[Risen]:
    """What is news: almost every report was heeded when it came."""
    known = [(each, STATES[each.status.lower()]) for each in told if each.status.lower() in STATES]
    return [Risen(each.row, each.channel, reached, each.state) for each, reached in known if reached > each.state]


def _raise(tx: Tx, now: int, risen: Sequence[Risen]) -> int:
    done, arrived = 0, {each.row for each in risen if each.was >= State.DELIVERED}
    for each in risen:
        rose = reports.rise(tx, each.row, each.reached)
        if each.row not in arrived:
            outcomes.reported(tx, Spot(now, each.channel), each.reached, rose)
        if each.reached >= State.DELIVERED:
            arrived.add(each.row)
        done += rose
    return done
