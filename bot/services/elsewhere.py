"""An emergency answer that did not arrive goes once more, by another gateway."""

from __future__ import annotations

from bot.protocol import DeliveryReport
from bot.services.replies import SECOND
from bot.services.service import Service
from bot.store import elsewhere
from bot.store.crypto import Unsealable
from bot.store.database import Tx
from bot.store.state import State

NOT_ARRIVED = frozenset({State.FAILED, State.UNDELIVERED})


def again(service: Service, tx: Tx, report: DeliveryReport, key: bytes, channel: str) -> bool:
    """Queue the emergency answer a report speaks of once more, by `channel`; whether that was done.

    Not if it has been repeated before, if its time is over, or if its person was forgotten meanwhile.
    """
    now = service.now()
    lost = elsewhere.lost(tx, report.channel, key, report.reference or 0, now)
    if lost is None or not lost.inbound_id < lost.id <= lost.inbound_id + SECOND:
        return False
    row, vault = lost.id + SECOND, service.vault
    try:
        number = vault.open(lost.number_sealed, "number", lost.contact_id)
        text = vault.open(lost.text_sealed, "outbound", lost.id)
    except Unsealable:
        return False
    return elsewhere.repeat(
        tx,
        lost.id,
        id=row,
        inbound_id=lost.inbound_id,
        contact_id=None,
        channel=channel,
        text_sealed=vault.seal(text, "outbound", row),
        parts=lost.parts,
        priority=0,
        state=State.QUEUED,
        created_at=now,
        to_sealed=vault.seal(number, "to", row),
        due_at=now,
        expires_at=lost.expires_at,
        lease_until=None,
        repeats=0,
    )
