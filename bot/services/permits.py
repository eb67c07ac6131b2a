"""One person gets one broadcast although they were in danger lately: two of staff say so, and why (H14)."""

from __future__ import annotations

import base64
import binascii
from typing import Final

from bot.phone import parse
from bot.services import broadcasts
from bot.services.broadcasts import BadBroadcast, same, staff
from bot.services.service import Service
from bot.store import broadcasts as store
from bot.store import erasure
from bot.store.broadcasts import Asked, Happened, Known
from bot.store.crypto import Unsealable
from bot.store.database import Tx
from bot.store.stages import Stage

MOST: Final = 100
"""Exceptions of one broadcast that a page shows."""


def ask(service: Service, broadcast: int, number: str, by: str, reason: str) -> None:
    """Ask for an exception. Raises `NotAPhone`, `BadBroadcast` and `StoreError`."""
    key = service.vault.number_key(parse(number).e164)

    def step(tx: Tx, known: Known) -> None:
        person = _person(tx, known, key)
        if not reason.strip():
            raise BadBroadcast("an exception needs a reason", "reason")
        if store.permit(tx, known.id, person) is not None:
            return
        now = service.now()
        kept = _sealed(service, known.id, person, reason.strip())
        tx.run(store.ADD_PERMIT, broadcast_id=known.id, contact_id=person, reason=kept, asked_by=by, at=now)
        broadcasts.happened(service, tx, known, Happened(now, by, "ask", None))

    broadcasts.step(service, broadcast, step)


def grant(service: Service, broadcast: int, number: str, by: str) -> None:
    """Agree to it as the second person. Raises `NotAPhone`, `BadBroadcast` and `StoreError`."""
    key = service.vault.number_key(parse(number).e164)

    def step(tx: Tx, known: Known) -> None:
        _grant(service, tx, known, _person(tx, known, key), by)

    broadcasts.step(service, broadcast, step)


def _grant(service: Service, tx: Tx, known: Known, person: int, by: str) -> None:
    _unsettled(known)
    asked = store.permit(tx, known.id, person)
    if asked is None:
        raise BadBroadcast("nobody has asked for an exception for this person")
    if not staff(by) or same(by, asked[0]):
        raise BadBroadcast("whoever asked for the exception cannot grant it; ask somebody else", "asker")
    if asked[1] is None:
        now = service.now()
        store.grant(tx, known.id, person, by, now)
        broadcasts.happened(service, tx, known, Happened(now, by, "grant", None))


def _unsettled(known: Known) -> None:
    if known.state > Stage.SCHEDULED:
        raise BadBroadcast(f"it is {broadcasts.called(known)}; its recipients are settled", "settled")


def grant_to(service: Service, broadcast: int, contact: int, by: str) -> None:
    """The same for somebody whom a page shows. Raises `BadBroadcast` and `StoreError`."""
    broadcasts.step(service, broadcast, lambda tx, known: _grant(service, tx, known, contact, by))


def listed(service: Service, broadcast: int) -> list[Asked]:
    """For whom somebody asked. Raises `StoreError`."""
    found = service.database.read(lambda tx: store.permits(tx, broadcast, MOST))
    return [each._replace(reason=_opened(service, broadcast, each)) for each in found]


def _sealed(service: Service, broadcast: int, person: int, reason: str) -> str:
    """What staff write about somebody is kept as what they wrote themselves."""
    return base64.b64encode(service.vault.seal(reason.encode(), f"permit {broadcast}", person)).decode()


def _opened(service: Service, broadcast: int, asked: Asked) -> str:
    try:
        sealed = base64.b64decode(asked.reason, validate=True)
        return service.vault.open(sealed, f"permit {broadcast}", asked.contact_id).decode()
    except (binascii.Error, Unsealable):  # of a house that is older than the seal
        return asked.reason


def _person(tx: Tx, known: Known, key: bytes) -> int:
    _unsettled(known)
    person = erasure.person(tx, key)
    if person is None:
        raise BadBroadcast("nobody with this number is known", "nobody")
    return person
