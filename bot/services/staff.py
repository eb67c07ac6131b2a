"""Accounts of staff: who is taken in, as what, and who may not come in any more. None of them begins with a password.

Whoever looks after the house, or an admin, makes the account and hands its welcome code over; with that the person
chooses a password nobody else knows. Every change of what somebody may do ends all their sessions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Literal, NamedTuple

from bot.services import codes
from bot.services.audit import About, Event, note
from bot.services.names import folded
from bot.services.roles import Role
from bot.services.service import Service
from bot.services.staff_rules import WELCOME_LASTS, Refused, Why, check_name
from bot.store import staff as store
from bot.store.database import T, Tx
from bot.store.staff import Account

_LOCK: Final = b"staff\0\0\0"
"""Accounts are changed one after the other, so that two admins cannot take the last place from each other."""


class Welcome(NamedTuple):
    """The code with which somebody comes in for the first time, or again. It is shown once and good once."""

    name: str
    code: str
    until: int


class Member(NamedTuple):
    """One of staff, as others see it. `seen_at`: when they were seen last, if they are in."""

    name: str
    role: Role
    language: str | None
    state: Literal["invited", "active", "disabled"]
    has_second: bool
    created_at: int
    seen_at: int | None


def add(service: Service, name: str, role: Role, by: str | None) -> Welcome:
    """Take somebody in. Raises `Refused` and `StoreError`."""
    kept, now = check_name(name), service.now()
    welcome, row = _welcome(kept, now), service.database.new_id(now)
    account = Account(
        id=row,
        name=kept,
        folded=folded(kept),
        role=role,
        password=None,
        totp_sealed=None,
        totp_step=None,
        recovery="[]",
        language=None,
        welcome=_key(service, welcome),
        welcome_until=welcome.until,
        created_at=now,
        changed_at=now,
        disabled_at=None,
    )

    def work(tx: Tx) -> None:
        if store.called(tx, account.folded) is not None:
            raise Refused(Why.TAKEN)
        store.add(tx, account)
        note(service, tx, Event.STAFF_ADDED, by, about=About("staff", row), role=role.value)

    service.database.write(work, _LOCK)
    return welcome


def invite(service: Service, name: str, by: str | None, *, new_phone: bool = False) -> Welcome:
    """A new welcome code for somebody: their password is worth nothing from now on and their sessions end.

    With `new_phone` the second factor goes too. Raises `Refused` and `StoreError`.
    """
    now = service.now()
    welcome = _welcome(check_name(name), now)

    def work(tx: Tx, account: Account) -> Welcome:
        if account.disabled_at is not None:
            raise Refused(Why.UNKNOWN)
        _change(service, tx, account, **_anew(service, welcome, new_phone=new_phone))
        note(service, tx, Event.STAFF_INVITED, by, about=About("staff", account.id), new_phone=new_phone)
        return welcome._replace(name=account.name)

    return _step(service, name, work)


def set_role(service: Service, name: str, role: Role, by: str | None) -> None:
    """Another role. Raises `Refused` and `StoreError`."""

    def work(tx: Tx, account: Account) -> None:
        if account.role == role:
            return
        _keep_an_admin(tx, account)
        _change(service, tx, account, role=role.value)
        note(
            service,
            tx,
            Event.STAFF_ROLE,
            by,
            about=About("staff", account.id),
            before=account.role,
            role=role.value,
        )

    _step(service, name, work)


def disable(service: Service, name: str, by: str | None) -> None:
    """They do not come in any more, and are out at once. Raises `Refused` and `StoreError`."""

    def work(tx: Tx, account: Account) -> None:
        if account.disabled_at is not None:
            return
        _keep_an_admin(tx, account)
        _change(service, tx, account, disabled_at=service.now(), password=None, welcome=None, welcome_until=None)
        note(service, tx, Event.STAFF_DISABLED, by, about=About("staff", account.id))

    _step(service, name, work)


def enable(service: Service, name: str, by: str | None, *, new_phone: bool = False) -> Welcome:
    """They may come in again, with a new welcome code. Raises `Refused` and `StoreError`."""
    now = service.now()
    welcome = _welcome(check_name(name), now)

    def work(tx: Tx, account: Account) -> Welcome:
        if account.disabled_at is None:
            raise Refused(Why.UNKNOWN)
        _change(service, tx, account, disabled_at=None, **_anew(service, welcome, new_phone=new_phone))
        note(service, tx, Event.STAFF_ENABLED, by, about=About("staff", account.id))
        return welcome._replace(name=account.name)

    return _step(service, name, work)


def set_language(service: Service, name: str, language: str) -> None:
    """In which language they read the pages. Raises `Refused` and `StoreError`."""
    _step(service, name, lambda tx, account: store.change(tx, account.id, language=language))


def everybody(service: Service) -> list[Member]:
    """All of staff, by name. Raises `StoreError`."""
    accounts, seen = service.database.read(lambda tx: (store.everybody(tx), store.seen(tx)))
    return [
        Member(
            each.name,
            Role(each.role),
            each.language,
            "disabled" if each.disabled_at is not None else "active" if each.password else "invited",
            each.totp_sealed is not None,
            each.created_at,
            seen.get(each.id),
        )
        for each in accounts
    ]


def names(service: Service) -> dict[int, str]:
    """The name of each account, also of those that are closed, by its id. Raises `StoreError`."""
    return {each.id: each.name for each in service.database.read(store.everybody)}


def _step(service: Service, name: str, work: Callable[[Tx, Account], T]) -> T:
    called = folded(name)

    def on(tx: Tx) -> T:
        account = store.called(tx, called)
        if account is None:
            raise Refused(Why.UNKNOWN)
        return work(tx, account)

    return service.database.write(on, _LOCK)


def _change(service: Service, tx: Tx, account: Account, **values: object) -> None:
    """What somebody may do changes: they are out."""
    store.change(tx, account.id, changed_at=service.now(), **values)
    store.leave_all(tx, account.id)


def _anew(service: Service, welcome: Welcome, *, new_phone: bool) -> Mapping[str, object]:
    """No password before the welcome code is used; no second factor before they set up a new phone."""
    second = {"totp_sealed": None, "totp_step": None, "recovery": "[]"} if new_phone else {}
    return {"password": None, "welcome": _key(service, welcome), "welcome_until": welcome.until, **second}


def _keep_an_admin(tx: Tx, account: Account) -> None:
    """Nobody could let anybody in at the console without one."""
    if account.role == Role.ADMIN and account.disabled_at is None and not store.others(tx, account.id, Role.ADMIN):
        raise Refused(Why.LAST_ADMIN)


def _welcome(name: str, now: int) -> Welcome:
    return Welcome(name, codes.new_code(codes.WELCOME_BYTES), now + WELCOME_LASTS)


def _key(service: Service, welcome: Welcome) -> bytes:
    return service.vault.keyed("welcome", codes.cleaned(welcome.code).encode())
