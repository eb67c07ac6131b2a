"""What the tests of staff share: people who may come in, what they type, and what the audit says of it."""

from __future__ import annotations

from bot.services import audit, login, second, staff
from bot.services.codes import STEP
from bot.services.login import Entry, Signed
from bot.services.roles import Role
from bot.services.service import Service
from bot.services.staff_rules import Refused, Why

PASSWORD = "rice fields at dawn"
HERE, ELSEWHERE = "203.0.113.7", "198.51.100.9"


def taken_in(service: Service, name: str, role: Role = Role.VIEWER, password: str = PASSWORD) -> str:
    """Somebody who has used a welcome code; the name."""
    welcome = staff.add(service, name, role, "Boss")
    return login.accept(service, welcome.code, password, HERE)


def come(service: Service, name: str, password: str = PASSWORD, code: str = "", address: str = HERE) -> Signed:
    return login.log_in(service, Entry(name, password, code, address))


def why(service: Service, *typed: str, **more: str) -> Why | None:
    """Why somebody does not come in; None if they do."""
    try:
        come(service, *typed, **more)
    except Refused as refused:
        return refused.why
    return None


def digits(service: Service, secret: str, steps: int = 0) -> str:
    """What a phone shows, now or some steps of half a minute away."""
    from pyotp import TOTP  # noqa: PLC0415

    return TOTP(secret).generate_otp(service.now() // STEP + steps)


def with_second(service: Service, name: str, role: Role = Role.VIEWER) -> tuple[str, second.Confirmed]:
    """Somebody who has a second factor: its secret, and what they were shown."""
    token = come(service, taken_in(service, name, role)).token
    secret = second.offer(service, token).secret
    return secret, second.confirm(service, token, digits(service, secret))


def events(service: Service) -> list[tuple[str, str | None]]:
    """What was noted, and of whom, the oldest first."""
    return [(noted.event, noted.who) for noted in reversed(audit.page(service, limit=10_000))]
