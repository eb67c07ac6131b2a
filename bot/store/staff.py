"""Staff as rows: who may come in, who is in, and who tried."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import BigInteger, BindParameter, bindparam, delete, func, or_, select, update

from bot.store.database import Tx
from bot.store.staff_tables import LoginTry, Staff, StaffSession
from bot.store.statements import Insert, Statement

PAGE = 500


class Account(NamedTuple):
    """One of staff, as it is kept."""

    id: int
    name: str
    folded: str
    role: str
    password: str | None
    totp_sealed: bytes | None
    totp_step: int | None
    recovery: str
    language: str | None
    welcome: bytes | None
    welcome_until: int | None
    created_at: int
    changed_at: int
    disabled_at: int | None


class Inside(NamedTuple):
    """A session, as it is kept."""

    token: bytes
    staff_id: int
    created_at: int
    seen_at: int
    until: int
    proved_at: int
    offered_sealed: bytes | None


class Tried(NamedTuple):
    """How often somebody tried."""

    tries: int
    at: int
    locked_until: int


_ACCOUNT = tuple(Staff.__table__.columns)
_INSIDE = tuple(StaffSession.__table__.columns)
_ID: BindParameter[int] = bindparam("account", type_=BigInteger)
_TOKEN: BindParameter[bytes] = bindparam("shown")

_ADD = Statement(lambda insert: insert(Staff))
_BY_NAME = Statement(lambda _: select(*_ACCOUNT).where(Staff.folded == bindparam("called")))
_BY_ID = Statement(lambda _: select(*_ACCOUNT).where(Staff.id == _ID))
_BY_WELCOME = Statement(lambda _: select(*_ACCOUNT).where(Staff.welcome == bindparam("code")))
_EVERYBODY = Statement(lambda _: select(*_ACCOUNT).order_by(Staff.folded))
_SEEN = Statement(
    lambda _: select(StaffSession.staff_id, func.max(StaffSession.seen_at)).group_by(StaffSession.staff_id)
)
_OTHERS = Statement(
    lambda _: (
        select(func.count())
        .select_from(Staff)
        .where(Staff.role == bindparam("as"), Staff.disabled_at.is_(None), Staff.id != _ID)
    )
)
_CHANGES: dict[frozenset[str], Statement] = {}

_USE_STEP = Statement(
    lambda _: (
        update(Staff)
        .where(
            Staff.id == _ID,
            or_(
                func.coalesce(Staff.totp_step, 0) < bindparam("step", type_=BigInteger),
                Staff.totp_step > bindparam("beyond", type_=BigInteger),
            ),
        )
        .values(totp_step=bindparam("step", type_=BigInteger))
    )
)

_OPEN = Statement(lambda insert: insert(StaffSession))
_FIND = Statement(lambda _: select(*_INSIDE).where(StaffSession.token == _TOKEN))
_SEE = Statement(lambda _: update(StaffSession).where(StaffSession.token == _TOKEN), ("seen_at",))
_OFFER = Statement(lambda _: update(StaffSession).where(StaffSession.token == _TOKEN), ("offered_sealed",))
_CLOSE = Statement(lambda _: delete(StaffSession).where(StaffSession.token == _TOKEN))
_CLOSE_ALL = Statement(lambda _: delete(StaffSession).where(StaffSession.staff_id == _ID))

_TRIED = Statement(
    lambda _: select(LoginTry.tries, LoginTry.at, LoginTry.locked_until).where(LoginTry.key == bindparam("sought"))
)


def _keep(insert: Insert) -> Any:
    new = insert(LoginTry)
    changed = {name: new.excluded[name] for name in ("tries", "at", "locked_until")}
    return new.on_conflict_do_update(index_elements=[LoginTry.key], set_=changed)


_KEEP = Statement(_keep)


def add(tx: Tx, account: Account) -> None:
    """Add one of staff; nobody has that name yet."""
    tx.run(_ADD, **account._asdict())


def called(tx: Tx, folded: str) -> Account | None:
    """Whose name it is."""
    row = tx.one(_BY_NAME, called=folded)
    return Account(*row) if row else None


def get(tx: Tx, account: int) -> Account | None:
    """One of staff."""
    row = tx.one(_BY_ID, account=account)
    return Account(*row) if row else None


def welcomed(tx: Tx, code: bytes) -> Account | None:
    """For whom a welcome code is, by its keyed hash."""
    row = tx.one(_BY_WELCOME, code=code)
    return Account(*row) if row else None


def everybody(tx: Tx) -> list[Account]:
    """All of staff, by name."""
    return [Account(*row) for row in tx.all(_EVERYBODY)]


def seen(tx: Tx) -> dict[int, int]:
    """When those who are in were seen last."""
    return dict(tx.all(_SEEN))


def others(tx: Tx, account: int, role: str) -> int:
    """How many others may come in with this role."""
    row = tx.one(_OTHERS, account=account, **{"as": role})
    return row[0] if row else 0


def change(tx: Tx, account: int, **values: Any) -> None:
    """Set these columns of one of staff."""
    names = frozenset(values)
    if names not in _CHANGES:
        _CHANGES[names] = Statement(lambda _: update(Staff).where(Staff.id == _ID), tuple(sorted(values)))
    tx.run(_CHANGES[names], account=account, **values)


def use_step(tx: Tx, account: int, step: int, beyond: int) -> bool:
    """Use a code of the second factor up; False if it, or a later one, was used before.

    One from after `beyond` was used by a clock that was wrong, and holds nobody up.
    """
    return tx.run(_USE_STEP, account=account, step=step, beyond=beyond) == 1


def enter(tx: Tx, inside: Inside) -> None:
    """Somebody is in."""
    tx.run(_OPEN, **inside._asdict())


def inside(tx: Tx, token: bytes) -> Inside | None:
    """The session of what a browser shows."""
    row = tx.one(_FIND, shown=token)
    return Inside(*row) if row else None


def see(tx: Tx, token: bytes, now: int) -> None:
    """They were seen just now."""
    tx.run(_SEE, shown=token, seen_at=now)


def offer(tx: Tx, token: bytes, sealed: bytes) -> None:
    """Keep the secret of a second factor until it is confirmed."""
    tx.run(_OFFER, shown=token, offered_sealed=sealed)


def leave(tx: Tx, token: bytes) -> int:
    """End a session; how many there were."""
    return tx.run(_CLOSE, shown=token)


def leave_all(tx: Tx, account: int) -> None:
    """End all sessions of one of staff."""
    tx.run(_CLOSE_ALL, account=account)


def tried(tx: Tx, key: bytes) -> Tried | None:
    """How often it was tried."""
    row = tx.one(_TRIED, sought=key)
    return Tried(*row) if row else None


def keep_tried(tx: Tx, key: bytes, tried: Tried) -> None:
    """Keep how often it was tried."""
    tx.run(_KEEP, key=key, **tried._asdict())


_OLD_SESSIONS = select(StaffSession.token).where(
    or_(StaffSession.until < bindparam("now"), StaffSession.seen_at < bindparam("idle")).self_group()
)
_DROP_SESSIONS = Statement(
    lambda _: delete(StaffSession).where(StaffSession.token.in_(_OLD_SESSIONS.limit(PAGE).scalar_subquery()))
)
_OLD_TRIES = select(LoginTry.key).where(LoginTry.at < bindparam("before"), LoginTry.locked_until < bindparam("before"))
_DROP_TRIES = Statement(lambda _: delete(LoginTry).where(LoginTry.key.in_(_OLD_TRIES.limit(PAGE).scalar_subquery())))


def drop_sessions(tx: Tx, now: int, idle: int) -> int:
    """A page of sessions that ended, or in which nobody was seen since `idle`; how many."""
    return tx.run(_DROP_SESSIONS, now=now, idle=idle)


def drop_tries(tx: Tx, before: int) -> int:
    """A page of what was tried long ago; how many."""
    return tx.run(_DROP_TRIES, before=before)
