"""Forgetting: a person who asks for it, and everything that is too old (H21, H22)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from bot.phone import parse
from bot.services import audit, case_ending, discarding
from bot.services.audit import About, Event, note
from bot.services.service import Service
from bot.store import erasure, marks, retention, staff
from bot.store.case_retention import sweep_cases
from bot.store.database import Database, Tx
from bot.store.retention import Age, Rule, sweep
from bot.store.times import DAY

TEXTS = 7 * DAY
OUTBOUND = 30 * DAY
REPORTS = 30 * DAY
CASES = 30 * DAY
SESSIONS = DAY
BROADCASTS = 30 * DAY
PAST_DAYS = 35 * DAY
"""The last step of a series may come a month after its day, and two days late."""
DORMANT = 180 * DAY
IMPORTS = 180 * DAY
"""As long as a consent on a list can hold: an older list has to be asked for again anyway."""
STAFF_IDLE = DAY
"""A session of staff has ended long before (`services.staff_rules`)."""
LOGIN_TRIES = 30 * DAY
TRUSTED_GAP = timedelta(hours=24)


class ClockDoubted(Exception):
    """The clock is more than a day away from the last purge: nothing is deleted until somebody has looked at it."""


@dataclass(frozen=True, slots=True)
class Purged:
    """How many rows were emptied or deleted."""

    inbound: int = 0
    outbound: int = 0
    reports: int = 0
    cases: int = 0
    lapsed: int = 0
    case_files: int = 0
    sessions: int = 0
    unmatched: int = 0
    memberships: int = 0
    recipients: int = 0
    tags: int = 0
    days: int = 0
    told: int = 0
    imports: int = 0
    uploads: int = 0
    contacts: int = 0
    staff_sessions: int = 0
    login_tries: int = 0
    audit: int = 0


def erase(service: Service, number: str, by: str | None = None) -> bool:
    """Leave nothing of a number but an opt-out tombstone; whether there was anything. Noted as done by `by`.

    Raises `NotAPhone`.
    """
    return erase_key(service, service.vault.number_key(parse(number).e164), by)


def erase_key(service: Service, key: bytes, by: str | None = None) -> bool:
    """The same for the number with this key."""
    now = service.now()

    def work(tx: Tx) -> bool:
        service.changes.note()
        found = erasure.person(tx, key)
        contact_id = service.database.new_id(now) if found is None else found
        if found is None:
            erasure.bury(tx, contact_id, key, now)
        else:
            erasure.forget(tx, contact_id, now)
        note(service, tx, Event.CONTACT_ERASED, by, about=About("contact", contact_id))
        return found is not None

    known = service.database.write(work, key)
    service.database.scrub()
    return known


def purge(service: Service, *, confirmed: bool = False) -> Purged:
    """Empty and delete what is older than its time, in pages, each its own transaction. Safe to stop and repeat.

    Raises `ClockDoubted` if the clock jumped more than 24 hours since the last purge, unless `confirmed` (T1c).
    The first purge of a house only remembers the time.
    """
    now = service.now()
    last = service.database.read(lambda tx: marks.get(tx, marks.PURGED_AT))
    if last is not None and abs(now - last) > TRUSTED_GAP.total_seconds() * 1000 and not confirmed:
        raise ClockDoubted("the clock is more than 24 hours away from the last purge; check the date, then confirm")
    purged = Purged() if last is None and not confirmed else _purged(service, now)
    service.database.write(lambda tx: _trusted(tx, now, confirmed=confirmed))
    service.database.scrub()
    return purged


def _trusted(tx: Tx, now: int, *, confirmed: bool) -> None:
    """The clock was right at this purge; if somebody says so, also where it contradicts what broadcasts have seen."""
    marks.put(tx, marks.PURGED_AT, now)
    if confirmed:
        marks.drop(tx, marks.CONDUCTED_AT)
        marks.drop(tx, marks.DOUBTED_UNTIL)


def _purged(service: Service, now: int) -> Purged:
    database = service.database

    def swept(rule: Rule, life: int) -> int:
        return sweep(database, rule, aged(life))

    def aged(life: int) -> Age:
        return Age(now - life, now + DAY, now - CASES)

    return Purged(
        lapsed=case_ending.lapse(service),
        case_files=sweep_cases(database, aged(TEXTS), aged(OUTBOUND)),
        unmatched=swept(retention.UNMATCHED, TEXTS),
        inbound=swept(retention.INBOUND_TEXTS, TEXTS),
        outbound=swept(retention.OUTBOUND_TEXTS, TEXTS) + swept(retention.OUTBOUND, OUTBOUND),
        reports=swept(retention.REPORTS, REPORTS),
        cases=swept(retention.CASES, CASES),
        sessions=swept(retention.SESSIONS, SESSIONS),
        memberships=swept(retention.MEMBERSHIPS, DORMANT),
        recipients=retention.sweep_recipients(database, Age(now - BROADCASTS, now + DAY))
        + swept(retention.PERMITS, BROADCASTS),
        tags=swept(retention.TAGS, DORMANT),
        days=swept(retention.DAYS, DORMANT) + swept(retention.PAST_DAYS, PAST_DAYS),
        contacts=swept(retention.DORMANT, DORMANT) + swept(retention.DORMANT_UNWANTED, DORMANT),
        told=swept(retention.TOLD, DORMANT),
        imports=swept(retention.IMPORTS, IMPORTS),
        uploads=discarding.forget_old(service),
        staff_sessions=_dropped(database, lambda tx: staff.drop_sessions(tx, now, now - STAFF_IDLE)),
        login_tries=_dropped(database, lambda tx: staff.drop_tries(tx, now - LOGIN_TRIES)),
        audit=audit.purge(service, now - audit.KEPT),
    )


def _dropped(database: Database, page: Callable[[Tx], int]) -> int:
    """How many rows went, in pages."""
    done = 0
    while rows := database.write(page):
        done += rows
    return done
