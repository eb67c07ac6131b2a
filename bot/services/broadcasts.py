"""Texts nobody asked for: only to people who wrote to us and did not say stop."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from bot.phone import parse
from bot.services import retry
from bot.services.delivery import State
from bot.services.replies import parts
from bot.services.service import Service
from bot.store import audience
from bot.store.database import Tx


def suppressed(service: Service, numbers: Iterable[str]) -> set[str]:
    """Those of the numbers that no broadcast may go to: opted out, erased, or never heard from. Raises `NotAPhone`."""
    keys = {number: service.vault.number_key(parse(number).e164) for number in numbers}
    return service.database.read(
        lambda tx: {number for number, key in keys.items() if audience.reachable(tx, key) is None}
    )


class Window(NamedTuple):
    """From when until when a text is worth sending, in milliseconds since 1970."""

    opens: int
    ends: int


def queue(service: Service, channel: str, text: str, numbers: Iterable[str], window: Window | None = None) -> int:
    """Put one text in the outbox for each number that is not suppressed at this moment; how many. One transaction.

    Without a window it goes now, within a day. Raises `NotAPhone` and `StoreError`; then nothing is kept.
    """
    now = service.now()
    opens, ends = window or Window(now, now + retry.BROADCAST)
    keys = {service.vault.number_key(parse(number).e164) for number in numbers}

    def work(tx: Tx) -> int:
        people = [found for key in sorted(keys) if (found := audience.reachable(tx, key)) is not None]
        for person in people:
            row = service.database.new_id(now)
            tx.run(
                audience.ADD,
                id=row,
                inbound_id=None,
                contact_id=person,
                channel=channel,
                text_sealed=service.vault.seal(text.encode(), "outbound", row),
                parts=parts(text),
                priority=2,
                state=State.QUEUED,
                created_at=now,
                to_sealed=None,
                due_at=opens,
                expires_at=ends,
                lease_until=None,
                repeats=0,
            )
        return len(people)

    queued = service.database.write(work)
    if queued:
        service.wake(channel)
    return queued
