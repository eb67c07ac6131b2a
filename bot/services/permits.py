"""One person gets one broadcast although they were in danger lately: two of staff say so, and why (H14)."""

from __future__ import annotations

from bot.phone import parse
from bot.services import broadcasts
from bot.services.broadcasts import BadBroadcast, same, staff
from bot.services.service import Service
from bot.store import broadcasts as store
from bot.store import erasure
from bot.store.broadcasts import Happened, Known
from bot.store.database import Tx
from bot.store.stages import Stage


def ask(service: Service, broadcast: int, number: str, by: str, reason: str) -> None:
    """Ask for an exception. Raises `NotAPhone`, `BadBroadcast` and `StoreError`."""
    key = service.vault.number_key(parse(number).e164)

    def step(tx: Tx, known: Known) -> None:
        person = _person(tx, known, key)
        if not reason.strip():
            raise BadBroadcast("an exception needs a reason")
        if store.permit(tx, known.id, person) is not None:
            return
        now = service.now()
        tx.run(store.ADD_PERMIT, broadcast_id=known.id, contact_id=person, reason=reason.strip(), asked_by=by, at=now)
        broadcasts.happened(service, tx, known, Happened(now, by, "ask", None))

    broadcasts.step(service, broadcast, step)


def grant(service: Service, broadcast: int, number: str, by: str) -> None:
    """Agree to it as the second person. Raises `NotAPhone`, `BadBroadcast` and `StoreError`."""
    key = service.vault.number_key(parse(number).e164)

    def step(tx: Tx, known: Known) -> None:
        person = _person(tx, known, key)
        asked = store.permit(tx, known.id, person)
        if asked is None:
            raise BadBroadcast("nobody has asked for an exception for this person")
        if not staff(by) or same(by, asked[0]):
            raise BadBroadcast("whoever asked for the exception cannot grant it; ask somebody else")
        if asked[1] is None:
            now = service.now()
            store.grant(tx, known.id, person, by, now)
            broadcasts.happened(service, tx, known, Happened(now, by, "grant", None))

    broadcasts.step(service, broadcast, step)


def _person(tx: Tx, known: Known, key: bytes) -> int:
    if known.state > Stage.SCHEDULED:
        raise BadBroadcast(f"it is {broadcasts.called(known)}; its recipients are settled")
    person = erasure.person(tx, key)
    if person is None:
        raise BadBroadcast("nobody with this number is known")
    return person
