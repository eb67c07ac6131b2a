"""What a page of a list changes, compared with what is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, NamedTuple

from bot.services.contacts_cells import Consent, ending
from bot.services.contacts_pages import Counts, Line, Page
from bot.services.contacts_rows import Fault, Person
from bot.services.service import Service
from bot.store import contacts as store
from bot.store.database import Tx
from bot.store.times import DAY, day

CHANNEL: Final = "import"
"""Stands where the gateway of a consent by text would."""
DEPARTURE: Final = "departure"
STOPPED: Final = "has said STOP or ERASE; only START from this phone changes that"
WITHDRAWN: Final = "says no here and said yes before: that consent is taken back"
NEWER: Final = "says no here, but said yes on a later day, which stands; to send nothing more: phlov contacts block"
UNWILLING: Final = (
    "does not say yes here and said yes before, which stands: this is no plain no to a campaign; "
    "to send nothing more: phlov contacts block"
)

_TOLD = ("language", "province", "district", "destination", "school")


@dataclass(slots=True)
class Plan:
    """What a page changes, as the statements of the store want it. `add` lacks the sealed numbers."""

    counts: Counts = field(default_factory=Counts)
    faults: list[Fault] = field(default_factory=list)
    add: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    change: list[dict[str, Any]] = field(default_factory=list)
    join: list[dict[str, Any]] = field(default_factory=list)
    leave: list[dict[str, Any]] = field(default_factory=list)
    forget_days: list[dict[str, Any]] = field(default_factory=list)
    tag: list[dict[str, Any]] = field(default_factory=list)
    day: list[dict[str, Any]] = field(default_factory=list)


class _Kept(NamedTuple):
    """What is kept of the people of a page besides their own rows."""

    memberships: dict[int, dict[str, int]]
    tags: set[tuple[int, str]]
    days: set[tuple[int, str, str]]


def compare(service: Service, tx: Tx, page: Page, *, hold: bool = False) -> Plan:
    """Compare a page with what is known."""
    known = store.find(tx, [row.key for row in page.rows], hold=hold)
    ids = [each.id for each in known.values()]
    kept = _Kept({}, set(), set())
    if ids:
        kept = _Kept(store.memberships(tx, ids), set(store.tags(tx, ids)), set(store.days(tx, ids)))
    plan, now = Plan(), service.now()
    first = service.database.new_id(now, len(page.rows))
    for serial, row in enumerate(page.rows):
        found = known.get(row.key)
        if found is None:
            _add(plan, row, first + serial, now)
            _belong(plan, row.person, first + serial, _NOTHING, now)
            plan.counts["new"] += 1
        elif found.erased or found.opted_out_at is not None:
            plan.counts["stopped"] += 1
            plan.faults.append(Fault(row.number, "phone", STOPPED, ending(row.person.e164), lost=True))
            continue
        else:
            withdrew, person = _withdraw(plan, row, kept.memberships.get(found.id, {}), found.id)
            changed = _change(plan, row, found, now) | _belong(plan, person, found.id, kept, now) | withdrew
            plan.counts["changed" if changed else "known"] += 1
            plan.counts["withdrawn"] += withdrew
        plan.counts["silent"] += row.person.consent is None
        plan.counts["blocked"] += row.person.blocked and (found is None or found.blocked_at is None)
    plan.counts["joined"] = len(plan.join)
    return plan


_NOTHING = _Kept({}, set(), set())


def _withdraw(plan: Plan, row: Line, joined: Mapping[str, int], contact_id: int) -> tuple[bool, Person]:
    """A no takes back the yes to its campaign, if it is not older; whether it does, and what else the row says. Who has
    no campaign left keeps no day either: no series counts from it, as after STOP."""
    person = row.person
    if not person.unwilling or not joined:
        return False, person
    named = [each for each in person.refused if each.code in joined]
    left = [each.code for each in named if each.at is None or each.at + DAY > joined[each.code]]
    for code in dict.fromkeys(left):
        plan.leave.append({"of": contact_id, "left": code})
    why = WITHDRAWN if left else NEWER if named else UNWILLING
    if named or not person.refused:
        plan.faults.append(Fault(row.number, "consent", why, ending(person.e164), lost=False))
    if left and joined.keys() <= set(left):
        plan.forget_days.append({"person": contact_id})
        person = person._replace(departure=None)
    return bool(left), person


def _add(plan: Plan, row: Line, contact_id: int, now: int) -> None:
    person = row.person
    new = {
        "id": contact_id,
        "number_key": row.key,
        "opted_out_at": None,
        "created_at": day(now),
        "seen_at": min(person.consent.at, now) if person.consent else day(now),
        "language": person.language,
        "province": person.province,
        "district": person.district,
        "destination": person.destination,
        "school": person.school,
        "country": person.country,
        "network": row.network,
        "blocked_at": now if person.blocked else None,
    }
    plan.add.append((person.e164, new))


def _change(plan: Plan, row: Line, found: store.Known, now: int) -> bool:
    """What the list says goes before what was known; what it does not say stays."""
    told = {name: getattr(row.person, name) or getattr(found, name) for name in _TOLD}
    if row.person.province and row.person.province != found.province and row.person.district is None:
        told["district"] = None  # it would be in another province
    told |= {"country": row.person.country or found.country, "network": row.network or found.network}
    consent = row.person.consent
    told["blocked_at"] = found.blocked_at or (now if row.person.blocked else None)  # no list unblocks anybody
    told["seen_at"] = max(found.seen_at, min(consent.at, now)) if consent else found.seen_at
    if all(getattr(found, name) == value for name, value in told.items()):
        return False
    plan.change.append({"row": found.id, **told})
    return True


def _belong(plan: Plan, person: Person, contact_id: int, kept: _Kept, now: int) -> bool:
    """Consent, tags and days that are new; whether there are any."""
    changed = False
    consent = person.consent
    if consent is not None and consent.code not in kept.memberships.get(contact_id, {}):
        changed = True
        of = {"contact_id": contact_id, "channel": CHANNEL, "joined_at": min(consent.at, now)}
        plan.join.append({**of, **_proof(consent)})
    for tag in person.tags:
        if (contact_id, tag) not in kept.tags:
            changed = True
            plan.tag.append({"contact_id": contact_id, "tag": tag})
    if person.departure and (contact_id, DEPARTURE, person.departure) not in kept.days:
        changed = True
        plan.day.append({"contact_id": contact_id, "kind": DEPARTURE, "day": person.departure})
    return changed


@lru_cache(maxsize=256)
def _proof(consent: Consent) -> Mapping[str, str]:
    return {
        "code": consent.code,
        "language": consent.language,
        "question": consent.question,
        "how": consent.how,
        "given_by": consent.given_by,
    }
