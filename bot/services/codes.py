"""Codes that are good once: of the second factor, for the day the phone is lost, and the welcome of somebody new."""

from __future__ import annotations

import base64
import hmac
import json
import os
from typing import Final

from bot.services.audit import Event, note
from bot.services.service import Service
from bot.store import staff as store
from bot.store.crypto import Unsealable
from bot.store.database import Tx
from bot.store.staff import Account

STEP: Final = 30_000
"""Milliseconds for which the second factor shows the same digits."""
DRIFT: Final = 1
"""The clock of a phone may be so many steps away."""
AHEAD: Final = 20
"""A step that far in the future was never shown: the clock was set back since."""
RECOVERY: Final = 10
RECOVERY_BYTES: Final = 10
WELCOME_BYTES: Final = 15
GROUP: Final = 4


def new_code(size: int) -> str:
    """So many random bytes, in letters and digits that are not mistaken for each other, in groups."""
    letters = base64.b32encode(os.urandom(size)).decode()
    return "-".join(letters[at : at + GROUP] for at in range(0, len(letters), GROUP))


def cleaned(code: str) -> str:
    """A code as it was made, however it was typed."""
    return "".join(filter(str.isalnum, code.upper()))


def kept(service: Service, codes: tuple[str, ...]) -> str:
    """What is kept of the codes for the day the phone is lost: JSON."""
    return json.dumps([_hash(service, code) for code in codes])


def accepts(service: Service, tx: Tx, account: Account, code: str) -> bool:
    """Whether the code is right where one is needed; it is used up then."""
    if account.totp_sealed is None:
        return True
    try:
        secret = service.vault.open(account.totp_sealed, "second", account.id).decode()
    except Unsealable:
        return False
    step = shown_at(secret, code, service.now())
    if step is not None:
        return store.use_step(tx, account.id, step, step + AHEAD)
    left = json.loads(account.recovery)
    used = _hash(service, code)
    if not any(hmac.compare_digest(each, used) for each in left):
        return False
    store.change(tx, account.id, recovery=json.dumps([each for each in left if each != used]))
    note(service, tx, Event.CODE_USED, account.name, left=len(left) - 1)
    return True


def shown_at(secret: str, code: str, now: int) -> int | None:
    """At which step the second factor shows these digits; None for none near now."""
    from pyotp import TOTP  # noqa: PLC0415 - only who has a second factor needs it

    digits, here = cleaned(code).encode(), now // STEP
    factor = TOTP(secret)
    for step in range(here - DRIFT, here + DRIFT + 1):
        if hmac.compare_digest(factor.generate_otp(step).encode(), digits):
            return step
    return None


def _hash(service: Service, code: str) -> str:
    return service.vault.keyed("recovery", cleaned(code).encode()).hex()
