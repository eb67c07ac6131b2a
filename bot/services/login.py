"""How somebody of staff comes in, stays in and goes out.

Nobody learns from an answer, or from how long it took, whether a name is known, an account closed, or which part was
wrong. What a browser shows is only kept as a keyed hash; it is another one after every proof of who they are.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

from bot.services import login_tries, passwords
from bot.services.audit import About, Event, note
from bot.services.codes import accepts, cleaned
from bot.services.names import folded
from bot.services.roles import Act, Role, may, needs_second
from bot.services.service import Service
from bot.services.staff_rules import FRESH_FOR, IDLE, MINUTE, SESSION_LASTS, Refused, Why, check_password, typed
from bot.store import staff as store
from bot.store.database import T, Tx
from bot.store.staff import Account, Inside

LONGEST: Final = 300
"""No name, password or code that is typed is longer."""


class Entry(NamedTuple):
    """What somebody typed to come in. `code`: of the second factor, or one for the day the phone is lost; "" for none.
    `address`: from where."""

    name: str
    password: str
    code: str
    address: str


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody of staff who is in. `csrf` is in every form of theirs. `codes_left`: for the day the phone is lost.

    Milliseconds since 1970; `proved_at` is when they last gave their password, and code if they have one.
    """

    staff_id: int
    name: str
    role: Role
    language: str | None
    csrf: str
    created_at: int
    seen_at: int
    until: int
    proved_at: int
    has_second: bool
    codes_left: int

    def fresh(self, now: int) -> bool:
        """Whether they showed who they are a moment ago."""
        return 0 <= now - self.proved_at <= FRESH_FOR

    def may(self, act: Act) -> bool:
        """Whether they may do it: nothing before they have the second factor that their role needs."""
        return may(self.role, act) and (self.has_second or not needs_second(self.role))


class Signed(NamedTuple):
    """A session, and the `token` that the browser shows from now on."""

    token: str
    session: Session


def log_in(service: Service, entry: Entry, old_token: str | None = None) -> Signed:
    """Come in; the session of `old_token` ends. Raises `Refused` and `StoreError`."""

    def work(tx: Tx, account: Account) -> Signed:
        if old_token:
            store.leave(tx, _key(service, old_token))
        signed = enter(service, tx, account)
        note(service, tx, Event.LOGIN, account.name)
        return signed

    return _checked(service, entry, work)


def current(service: Service, token: str) -> Session | None:
    """Who shows this token; None if they are not in, or not any more. Raises `StoreError`."""
    now, key = service.now(), _key(service, token)
    found = service.database.read(lambda tx: _inside(tx, key, now))
    if found is None:
        return None
    account, inside = found
    if now - inside.seen_at >= MINUTE:
        service.database.write(lambda tx: store.see(tx, key, now), lasting=False)
    return _session(service, token, account, inside)


def prove(service: Service, token: str, password: str, code: str, address: str) -> Signed:
    """Show once more who they are; the session goes on under another token. Raises `Refused` and `StoreError`."""

    def work(tx: Tx, account: Account) -> Signed | None:
        found = _inside(tx, _key(service, token), service.now())
        if found is None or found[0].id != account.id:
            return None
        store.leave(tx, found[1].token)
        signed = enter(service, tx, account, found[1])
        note(service, tx, Event.PROVED, account.name)
        return signed

    return _checked(service, Entry(_name(service, token), password, code, address), work)


def log_out(service: Service, token: str) -> None:
    """Go out, if they are in. Raises `StoreError`."""
    key = _key(service, token)

    def work(tx: Tx) -> None:
        found = _inside(tx, key, service.now())
        store.leave(tx, key)
        if found is not None:
            note(service, tx, Event.LOGOUT, found[0].name)

    service.database.write(work)


def change_password(service: Service, token: str, old: str, code: str, *, new: str, address: str) -> None:
    """Another password; all sessions of theirs end. Raises `Refused` and `StoreError`."""
    name = _name(service, token)
    with passwords.seat():
        hashed = passwords.hashed(check_password(new, name))

    def work(tx: Tx, account: Account) -> bool:
        store.change(tx, account.id, password=hashed, changed_at=service.now())
        store.leave_all(tx, account.id)
        note(service, tx, Event.PASSWORD_CHANGED, account.name)
        return True

    _checked(service, Entry(name, old, code, address), work)


def accept(service: Service, code: str, password: str, address: str) -> str:
    """Use a welcome code to choose a password, and say by which name they come in. Raises `Refused` and `StoreError`.

    A password that is too easy does not use the code up.
    """
    key = service.vault.keyed("welcome", cleaned(code[:LONGEST]).encode())
    place = login_tries.keys(service, "", address).address
    with passwords.seat():
        service.database.write(lambda tx: login_tries.count_address(tx, place, service.now()))
        account = service.database.read(lambda tx: _welcomed(tx, key, service.now()))
        hashed = passwords.hashed(check_password(password, account.name)) if account else None

    def work(tx: Tx) -> str | None:
        known = _welcomed(tx, key, service.now())
        if known is None or hashed is None:
            note(service, tx, Event.LOGIN_FAILED, None, welcome_code=True)
            return None
        values = {"password": hashed, "welcome": None, "welcome_until": None, "changed_at": service.now()}
        store.change(tx, known.id, **values)
        store.leave_all(tx, known.id)
        note(service, tx, Event.WELCOMED, known.name)
        return known.name

    name = service.database.write(work, key)
    if name is None:
        raise Refused(Why.BAD_WELCOME)
    return name


def enter(service: Service, tx: Tx, account: Account, before: Inside | None = None) -> Signed:
    """A session under a new token; it ends when `before` would have ended."""
    token, now = secrets.token_urlsafe(32), service.now()
    created_at, until = (before.created_at, before.until) if before else (now, now + SESSION_LASTS)
    inside = Inside(_key(service, token), account.id, created_at, now, until, now, None)
    store.enter(tx, inside)
    return Signed(token, _session(service, token, account, inside))


def present(service: Service, tx: Tx, token: str) -> tuple[Account, Inside]:
    """Who is in and showed who they are a moment ago. Raises `Refused`."""
    now = service.now()
    found = _inside(tx, _key(service, token), now)
    if found is None or not 0 <= now - found[1].proved_at <= FRESH_FOR:
        raise Refused(Why.OUT)
    return found


def _checked(service: Service, entry: Entry, work: Callable[[Tx, Account], T | None]) -> T:
    """Do it if name, password and code are right. The try is counted before anything is looked at."""
    name = folded(entry.name[:LONGEST])
    tried = login_tries.keys(service, name, entry.address)

    def begin(tx: Tx) -> tuple[Account | None, int]:
        now = service.now()
        login_tries.count_address(tx, tried.address, now)
        return store.called(tx, name), login_tries.count_name(tx, tried, now)

    with passwords.seat():
        account, locked = service.database.write(begin, tried.name)
        right = passwords.right(account.password if account else None, typed(entry.password[:LONGEST]))

    def settle(tx: Tx) -> T | None:
        fresh = store.called(tx, name)
        same = right and account and fresh and fresh.disabled_at is None and fresh.password == account.password
        if fresh is not None and same and accepts(service, tx, fresh, entry.code[:LONGEST]):
            login_tries.forgive(tx, tried, service.now())
            done = work(tx, store.get(tx, fresh.id) or fresh)
            if done is not None:
                return done
        whose = About("staff", fresh.id) if fresh else None  # it need not have been they: nobody did it
        note(service, tx, Event.LOGIN_FAILED, None, about=whose, locked_minutes=locked // MINUTE)
        return None

    done = service.database.write(settle, tried.name)
    if done is None:
        raise Refused(Why.WRONG)
    return done


def _key(service: Service, token: str) -> bytes:
    return service.vault.keyed("session", token.encode("utf-8", "surrogatepass"))


def _inside(tx: Tx, key: bytes, now: int) -> tuple[Account, Inside] | None:
    """A session that holds, and whose it is."""
    inside = store.inside(tx, key)
    account = store.get(tx, inside.staff_id) if inside else None
    if inside is None or account is None or account.disabled_at is not None:
        return None
    holds = now < inside.until and abs(now - inside.seen_at) < IDLE  # also where the clock was set back
    return (account, inside) if holds else None


def _name(service: Service, token: str) -> str:
    found = current(service, token)
    if found is None:
        raise Refused(Why.OUT)
    return found.name


def _session(service: Service, token: str, account: Account, inside: Inside) -> Session:
    csrf = base64.urlsafe_b64encode(service.vault.keyed("form", token.encode("utf-8", "surrogatepass"))).decode()
    return Session(
        staff_id=account.id,
        name=account.name,
        role=Role(account.role),
        language=account.language,
        csrf=csrf.rstrip("="),
        created_at=inside.created_at,
        seen_at=inside.seen_at,
        until=inside.until,
        proved_at=inside.proved_at,
        has_second=account.totp_sealed is not None,
        codes_left=len(json.loads(account.recovery)),
    )


def _welcomed(tx: Tx, key: bytes, now: int) -> Account | None:
    account = store.welcomed(tx, key)
    good = account and account.disabled_at is None and account.welcome_until and now < account.welcome_until
    return account if good else None
