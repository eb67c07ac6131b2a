"""The second factor: six digits that a phone shows and that change every half minute (TOTP)."""

from __future__ import annotations

from typing import Final, NamedTuple

from pyotp import TOTP, random_base32

from bot.services import codes, login
from bot.services.audit import Event, note
from bot.services.roles import Role, needs_second
from bot.services.service import Service
from bot.services.staff_rules import Refused, Why
from bot.store import staff as store
from bot.store.crypto import Unsealable
from bot.store.database import Tx

HOUSE: Final = "Phlov"


class Offer(NamedTuple):
    """A new secret, for the app on the phone: to type, and as a URI to draw a QR code of."""

    secret: str
    uri: str


class Confirmed(NamedTuple):
    """The session under its new token, and the codes for the day the phone is lost: they are not shown again."""

    signed: login.Signed
    codes: tuple[str, ...]


def offer(service: Service, token: str) -> Offer:
    """A secret to set up. It holds once it is confirmed. Raises `Refused` and `StoreError`."""
    secret = random_base32()

    def work(tx: Tx) -> str:
        account, inside = login.present(service, tx, token)
        store.offer(tx, inside.token, service.vault.seal(secret.encode(), "offered second", account.id))
        return account.name

    name = service.database.write(work)
    return Offer(secret, TOTP(secret).provisioning_uri(name=name, issuer_name=HOUSE))


def confirm(service: Service, token: str, code: str) -> Confirmed:
    """The phone shows the right digits: they are asked for from now on, and all other sessions end.

    Raises `Refused` and `StoreError`.
    """
    fresh = _new_codes()

    def work(tx: Tx) -> Confirmed:
        account, inside = login.present(service, tx, token)
        if inside.offered_sealed is None:
            raise Refused(Why.BAD_CODE)
        try:
            secret = service.vault.open(inside.offered_sealed, "offered second", account.id)
        except Unsealable:
            raise Refused(Why.BAD_CODE) from None
        step = codes.shown_at(secret.decode(), code, service.now())
        if step is None:
            raise Refused(Why.BAD_CODE)
        sealed = service.vault.seal(secret, "second", account.id)
        now, kept = service.now(), codes.kept(service, fresh)
        account = account._replace(totp_sealed=sealed, totp_step=step, recovery=kept)
        store.change(tx, account.id, totp_sealed=sealed, totp_step=step, recovery=kept, changed_at=now)
        store.leave_all(tx, account.id)
        signed = login.enter(service, tx, account, inside)
        note(service, tx, Event.SECOND_ON, account.name)
        return Confirmed(signed, fresh)

    return service.database.write(work)


def renew_codes(service: Service, token: str) -> tuple[str, ...]:
    """New codes for the day the phone is lost; the old ones are worth nothing. Raises `Refused` and `StoreError`."""
    fresh = _new_codes()

    def work(tx: Tx) -> None:
        account, _ = login.present(service, tx, token)
        if account.totp_sealed is None:
            raise Refused(Why.BAD_CODE)
        store.change(tx, account.id, recovery=codes.kept(service, fresh), changed_at=service.now())
        note(service, tx, Event.CODES_RENEWED, account.name)

    service.database.write(work)
    return fresh


def drop(service: Service, token: str) -> None:
    """Do without, where the role allows it; all other sessions end. Raises `Refused` and `StoreError`."""

    def work(tx: Tx) -> None:
        account, inside = login.present(service, tx, token)
        if needs_second(Role(account.role)):
            raise Refused(Why.NEEDED)
        store.change(tx, account.id, totp_sealed=None, totp_step=None, recovery="[]", changed_at=service.now())
        store.leave_all(tx, account.id)
        store.enter(tx, inside)
        note(service, tx, Event.SECOND_OFF, account.name)

    service.database.write(work)


def _new_codes() -> tuple[str, ...]:
    return tuple(codes.new_code(codes.RECOVERY_BYTES) for _ in range(codes.RECOVERY))
