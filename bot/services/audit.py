"""What staff did, saw and tried: kept in the transaction that did it, each row chained to the one before.

A row holds no number and no text of anybody. Whoever changes a row, or takes one out, breaks the chain, and `verify`
says where: the chain and both its ends are keyed, so that the database alone is not enough to make another.
"""

from __future__ import annotations

import hmac
import json
import sys
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import partial
from hashlib import sha256
from typing import Final, NamedTuple

from bot.services.names import folded
from bot.services.service import Service
from bot.store import audit as store
from bot.store import marks, staff
from bot.store.audit import Row
from bot.store.crypto import Unsealable, Vault
from bot.store.database import T, Tx
from bot.store.times import DAY

KEPT: Final = 365 * DAY
PAGE: Final = 1_000
DIGITS: Final = 6
"""A word with so many digits may hold a number of somebody."""
FIRST: Final = bytes(32)
"""What the very first row is chained to."""


class Event(StrEnum):
    """What was done, seen or tried."""

    LOGIN = "login"
    LOGIN_FAILED = "login.failed"
    LOGOUT = "logout"
    PROVED = "proved"
    WELCOMED = "welcomed"
    PASSWORD_CHANGED = "password.changed"  # noqa: S105 - this is what it is about
    SECOND_ON = "second.on"
    SECOND_OFF = "second.off"
    CODES_RENEWED = "codes.renewed"
    CODE_USED = "code.used"
    STAFF_ADDED = "staff.added"
    STAFF_INVITED = "staff.invited"
    STAFF_ROLE = "staff.role"
    STAFF_DISABLED = "staff.disabled"
    STAFF_ENABLED = "staff.enabled"
    CONTACT_BLOCKED = "contact.blocked"
    CONTACT_UNBLOCKED = "contact.unblocked"
    CONTACT_ERASED = "contact.erased"
    CONTACT_SOUGHT = "contact.sought"
    CONTACT_READ = "contact.read"
    CONTACT_TAGGED = "contact.tagged"
    CONTACTS_UPLOADED = "contacts.uploaded"
    CONTACTS_DISCARDED = "contacts.discarded"
    CONTACTS_EXPORTED = "contacts.exported"
    CONTACTS_WRITTEN = "contacts.written"
    CONTACTS_IMPORTED = "contacts.imported"
    CONTACT_REVEALED = "contact.reveal"
    CASE_READ = "case.read"
    CASE_NOTED = "case.noted"
    CASE_REPLIED = "case.replied"
    CASE_REFERRED = "case.referred"
    CASE_ASSIGNED = "case.assigned"
    CASE_WAITS = "case.waits"
    CASE_CLOSED = "case.closed"
    CASE_REOPENED = "case.reopened"
    BROADCAST = "broadcast"
    SERIES = "series"
    DUTY = "duty"
    CONTENT_CHANGED = "content.changed"
    CONTENT_UNDONE = "content.undone"
    CAMPAIGN_NAMED = "campaign.named"
    CAMPAIGN_PHASE = "campaign.phase"
    AGENCIES_IMPORTED = "agencies.imported"
    UNMATCHED_READ = "unmatched.read"
    UNMATCHED_TAUGHT = "unmatched.taught"


class About(NamedTuple):
    """What it is about: a row of a table, by its id."""

    kind: str
    id: int


class Noted(NamedTuple):
    """A row as it is read. `why`: the reason that was given, unless it is forgotten by now."""

    seq: int
    at: int
    who: str | None
    staff_id: int | None
    event: str
    about: About | None
    detail: Mapping[str, int | bool | str]
    why: str | None


class End(NamedTuple):
    """What a chain came to at a row. Written down elsewhere it shows later that nothing was put back to before it."""

    seq: int
    sum: str

    def __str__(self) -> str:
        return f"{self.seq}-{self.sum}"


class Verified(NamedTuple):
    """How many rows there are, the number of the first that is not as it was written (None: all are), and the end."""

    rows: int
    broken: int | None
    end: End | None


def note(
    service: Service,
    tx: Tx,
    event: Event,
    by: str | None,
    *,
    about: About | None = None,
    why: str | None = None,
    **detail: int | bool | str,
) -> None:
    """Keep what is done in this transaction: after the last lock it takes, for others wait here until its commit.

    `by`: the name it was done by; None where that is not known. `why` is sealed. `detail`: counts and words of the
    house; one that may hold a number raises `ValueError`.
    """
    told = json.dumps(detail, ensure_ascii=False, sort_keys=True)
    if any(_numbered(value) for value in (by, *detail.values())):
        raise ValueError("what is noted must hold no number of anybody")
    tx.alone(store.LOCK)
    seq, before = store.last(tx) or (0, FIRST)
    seq += 1
    sealed = service.vault.seal(why.encode(), "why", seq) if why else None
    row = Row(
        seq=seq,
        at=service.now(),
        who=by,
        staff_id=_account(service, tx, by),
        act=event,
        about=about.kind if about else None,
        about_id=about.id if about else None,
        detail=told,
        why_sealed=sealed,
        why_hash=sha256(sealed).digest() if sealed else None,
        previous=before,
        chained=b"",
    )
    row = row._replace(chained=_chain(service.vault, row))
    store.add(tx, row)
    if seq == 1:
        marks.put(tx, store.BEGIN, _sign(service.vault, store.BEGIN, 0, FIRST))
    marks.put(tx, store.END, _sign(service.vault, store.END, seq, row.chained))


def read_and_note(
    service: Service,
    work: Callable[[Tx], T],
    event: Event,
    by: str | None,
    *,
    about: About | None = None,
    why: str | None = None,
) -> T:
    """Read something private, and keep that it was read, in one transaction. Raises `StoreError`; nothing is read."""

    def both(tx: Tx) -> T:
        found = work(tx)
        note(service, tx, event, by, about=about, why=why)
        return found

    return service.database.write(both)


def page(
    service: Service, before: int | None = None, limit: int = 50, *, about: About | None = None, who: str | None = None
) -> list[Noted]:
    """What was noted before the row `before`, the newest first: about one thing, or by somebody, or all of it.

    Raises `StoreError`.
    """
    below = sys.maxsize if before is None else before

    def work(tx: Tx) -> list[Row]:
        if about is not None:
            return store.newest_about(tx, about.kind, about.id, below, limit)
        return store.newest(tx, below, limit, who)

    return [read(service.vault, row) for row in service.database.read(work)]


def verify(service: Service, written: End | None = None) -> Verified:
    """Look whether every row is as it was written and none is missing, also that of an end `written` down before.

    Raises `StoreError`.
    """
    return service.database.read(partial(_verified, service.vault, written))


def purge(service: Service, before: int) -> int:
    """Take out what was noted before a time, but for the newest row, in pages; how many rows.

    The rest can be checked as before: it now begins where the last of them ended.
    """
    done = 0
    while rows := service.database.write(partial(_drop_old, service.vault, before)):
        done += rows
    return done


def _drop_old(vault: Vault, before: int, tx: Tx) -> int:
    tx.alone(store.LOCK)
    old: tuple[int, bytes] | None = None
    oldest = store.oldest(tx, PAGE)
    for seq, at, chained in oldest[:-1]:  # the newest stays, so that an empty chain is never right
        if at >= before:
            break
        old = seq, chained
    if old is None:
        return 0
    marks.put(tx, store.BEGIN, _sign(vault, store.BEGIN, *old))
    return store.drop(tx, old[0])


def _verified(vault: Vault, written: End | None, tx: Tx) -> Verified:
    begin, end = marks.get(tx, store.BEGIN), marks.get(tx, store.END)
    rows, seq, chained = 0, 0, FIRST
    while found := store.after(tx, seq, PAGE):
        if not rows:  # older ones were taken out
            seq, chained = found[0].seq - 1, found[0].previous
            if begin != _sign(vault, store.BEGIN, seq, chained):
                return Verified(0, seq, None)
        for row in found:
            if row.seq != seq + 1 or row.previous != chained or not _as_written(vault, row, written):
                return Verified(rows, seq + 1, None)
            rows, seq, chained = rows + 1, row.seq, row.chained
    whole = rows > 0 or not store.anybody(tx)
    if not whole or end != (_sign(vault, store.END, seq, chained) if rows else None) or (written and written.seq > seq):
        return Verified(rows, seq + 1, None)
    return Verified(rows, None, _end(seq, chained) if rows else None)


def _as_written(vault: Vault, row: Row, written: End | None) -> bool:
    if written is not None and row.seq == written.seq and _end(row.seq, row.chained) != written:
        return False
    reason = row.why_sealed is None or row.why_hash == sha256(row.why_sealed).digest()
    return reason and hmac.compare_digest(row.chained, _chain(vault, row))


def _end(seq: int, chained: bytes) -> End:
    return End(seq, chained[:8].hex())


def _chain(vault: Vault, row: Row) -> bytes:
    """What a row and the one before come to; the reason by its hash only, so that it can be forgotten."""
    told = row._replace(why_sealed=None, chained=b"")
    return vault.keyed("audit", json.dumps(told, ensure_ascii=False, default=bytes.hex).encode())


def _sign(vault: Vault, name: str, seq: int, chained: bytes) -> int:
    """63 bits for a mark, which say where the chain begins or ends."""
    return int.from_bytes(vault.keyed(name, b"%d %b" % (seq, chained))[:8]) >> 1


def _account(service: Service, tx: Tx, by: str | None) -> int | None:
    """Whose name it is, where they came in by it. Anybody at a shell can give any name."""
    known = staff.called(tx, folded(by)) if by and service.door == "console" else None
    return known.id if known else None


def _numbered(value: object) -> bool:
    return isinstance(value, str) and sum(map(str.isdigit, value)) >= DIGITS


def read(vault: Vault, row: Row) -> Noted:
    """A row as it is read."""
    about = About(row.about, row.about_id) if row.about is not None and row.about_id is not None else None
    return Noted(row.seq, row.at, row.who, row.staff_id, row.act, about, json.loads(row.detail), _reason(vault, row))


def _reason(vault: Vault, row: Row) -> str | None:
    if row.why_sealed is None:
        return None
    try:
        return vault.open(row.why_sealed, "why", row.seq).decode()
    except Unsealable:  # somebody changed the row: `verify` tells
        return None
