"""Cases: people who need one of staff. What waits, what was said, and everything that is done about it.

A case is opened by the text that asks for it (`services.case_opening`), one at a time for each person. What staff do is
noted in the transaction that does it. Nothing of a case is ever forwarded to anybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from bot.services import case_rules as rules
from bot.services import case_talk, roles
from bot.services.audit import Event
from bot.services.audit import note as keep_note
from bot.services.case_ending import lapse, tell
from bot.services.case_files import Act, Case, Done, about, account, change, change_open, keep, shown, unread
from bot.services.case_reply import Draft, Fault, compose_reply, reply
from bot.services.case_rules import BY_THE_HOUSE, Refused, Why
from bot.services.case_talk import Note, Said, View
from bot.services.names import folded
from bot.services.reveal import reveal
from bot.services.roles import Role
from bot.services.service import Service
from bot.store import case_talk as talk
from bot.store import cases as store
from bot.store import staff
from bot.store.cases import LAST, MOST, Kind, Known, Outcome, Place
from bot.store.database import Tx
from bot.store.times import DAY

__all__ = [
    "BY_THE_HOUSE",
    "MOST",
    "Case",
    "Counts",
    "Done",
    "Draft",
    "Fault",
    "Kind",
    "Lock",
    "Note",
    "Outcome",
    "Refused",
    "Said",
    "View",
    "Why",
    "assign",
    "case",
    "close",
    "compose_reply",
    "count",
    "lapse",
    "lock",
    "note",
    "of_contact",
    "open_",
    "page",
    "refer",
    "reopen",
    "reply",
    "reveal",
    "unlock",
    "wait",
]

_DANGER: Final = "1"
_OTHERS: Final = "2"


class Lock(NamedTuple):
    """Whether the reply may be written; else `who` is writing one, `until` when at most."""

    ok: bool
    who: str | None
    until: int | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many cases: open ones by kind (those that wait are apart), and those of one of staff. Each at most
    `MOST` + 1."""

    kinds: Mapping[Kind, int]
    waiting: int
    mine: int = 0

    @property
    def open(self) -> int:
        """Cases in which the next word is ours."""
        return sum(self.kinds.values())


def page(
    service: Service,
    which: str,
    staff_id: int | None = None,
    kind: Kind | None = None,
    before: str | None = None,
    *,
    limit: int = 50,
) -> list[Case]:
    """Cases without what was said in them: `open` are those that wait for us, the emergencies first, then whoever
    has waited longest; `waiting` those in which the next word is not ours; `mine` both of these of one of staff.

    The `key` of the last one is the `before` of the next page. Raises `StoreError`.
    """
    now, (part, after) = service.now(), _place(which, before)

    def work(tx: Tx) -> list[Known]:
        if which == "mine":
            return store.mine(tx, staff_id or 0, kind, after, limit)
        if which == "waiting":
            return store.waiting(tx, now, kind, after, limit)
        if which == "closed":
            return store.closed(tx, kind, after, limit)
        kinds = [each for each in Kind if kind in (None, each) and (part, each) != (_OTHERS, Kind.EMERGENCY)]
        return _open(tx, kinds, after, now, limit)

    return [shown(service.vault, each, now, _key(which, each)) for each in service.database.read(work)]


def _open(tx: Tx, kinds: Sequence[Kind], after: Place, now: int, limit: int) -> list[Known]:
    found: list[Known] = []
    if Kind.EMERGENCY in kinds:
        found, after = store.of_kind(tx, Kind.EMERGENCY, now, after, limit), Place()
    others = [each for each in kinds if each is not Kind.EMERGENCY]
    if len(found) < limit:
        rest = [row for each in others for row in store.of_kind(tx, each, now, after, limit - len(found))]
        found += sorted(rest, key=lambda row: (row.news_at, row.id))
    return found[:limit]


def _key(which: str, known: Known) -> str:
    times = {"waiting": known.waits_until, "closed": known.closed_at}
    part = _DANGER if which != "open" or known.kind == Kind.EMERGENCY else _OTHERS
    return f"{part}.{times.get(which, known.news_at)}.{known.id}"


def _place(which: str, before: str | None) -> tuple[str, Place]:
    """Where a page begins; what is no key begins at the first."""
    part, *place = (before or "").split(".")
    if part in (_DANGER, _OTHERS) and len(place) == 2 and all(each.isdecimal() and len(each) < 20 for each in place):
        at, row = map(int, place)
        if max(at, row) < 1 << 63:
            return part, Place(at, row)
    return _DANGER, LAST if which == "closed" else Place()


def count(service: Service, staff_id: int | None = None) -> Counts:
    """How many cases there are. Raises `StoreError`."""
    now = service.now()

    def work(tx: Tx) -> Counts:
        kinds = {kind: store.count(tx, "kind", of_kind=kind, now=now) for kind in Kind}
        mine = store.count(tx, "mine", of_staff=staff_id) if staff_id is not None else 0
        return Counts(kinds, store.count(tx, "waiting", now=now), mine)

    return service.database.read(work)


def case(service: Service, case_id: int) -> Case | None:
    """How a case stands, without what was said in it; None if there is none. Raises `StoreError`."""
    known = service.database.read(lambda tx: store.get(tx, case_id))
    return shown(service.vault, known, service.now()) if known else None


def of_contact(service: Service, contact_id: int) -> list[Case]:
    """The cases of a person, the newest first. Raises `StoreError`."""
    found = service.database.read(lambda tx: store.of_contact(tx, contact_id))
    return [shown(service.vault, each, service.now()) for each in found]


def open_(service: Service, case_id: int, by: str, staff_id: int | None = None) -> View | None:
    """Read a case with all that was said; noted, in the transaction that reads it. None if there is none.

    If whoever reads works on cases, somebody has seen it: the duty phones are left alone. Raises `StoreError`.
    """
    now = service.now()

    def work(tx: Tx) -> tuple[list[Known], list[talk.Note], talk.Talk] | None:
        known = store.get(tx, case_id)
        if known is None:
            return None
        if known.closed_at is None and known.acknowledged_at is None and _works(tx, staff_id):
            store.act(tx, "acknowledge", case_id, at=now)
            known = known._replace(acknowledged_at=now)
        notes = talk.notes(tx, case_id)
        replies = [each.outbound_id for each in notes if each.outbound_id is not None]
        texts = talk.talk(tx, known.contact_id, replies[-talk.NEWEST :])
        earlier = [each for each in store.of_contact(tx, known.contact_id) if each.id != case_id]
        keep_note(service, tx, Event.CASE_READ, by, about=about(case_id))
        return [known, *earlier], notes, texts

    found = service.database.write(work)
    if found is None:
        return None
    (this, *earlier), notes, texts = found
    vault = service.vault
    return View(
        case=shown(vault, this, now),
        said=case_talk.said(vault, texts, notes),
        notes=case_talk.done(vault, notes),
        earlier=[shown(vault, each, now) for each in earlier],
    )


def _works(tx: Tx, staff_id: int | None) -> bool:
    """Whether somebody may do something about a case."""
    known = staff.get(tx, staff_id) if staff_id is not None else None
    return known is not None and _may(known)


def _may(known: staff.Account) -> bool:
    return known.disabled_at is None and roles.may(Role(known.role), roles.Act.CASE_WRITE)


def lock(service: Service, case_id: int, staff_id: int, by: str) -> Lock:
    """Keep others from answering for five minutes, or for another five. Raises `Refused` and `StoreError`."""
    now = service.now()
    until = now + rules.LOCK

    def work(tx: Tx) -> Known | None:
        if store.act(tx, "lock", case_id, staff=staff_id, at=now, until=until):
            return None
        known = store.get(tx, case_id)
        if known is None:
            raise Refused(Why.GONE)
        return known

    held = service.database.write(work)
    if held is None:
        return Lock(ok=True, who=by, until=until)
    if held.closed_at is not None:
        return Lock(ok=False, who=None, until=None)
    return Lock(ok=False, who=held.holder, until=held.locked_until)


def unlock(service: Service, case_id: int, staff_id: int) -> None:
    """Let others answer. Raises `StoreError`."""
    service.database.write(lambda tx: store.act(tx, "unlock", case_id, staff=staff_id))


def assign(service: Service, case_id: int, name: str | None, by: str) -> None:
    """Make it the case of one of staff, or of nobody. Raises `Refused` and `StoreError`."""

    def work(tx: Tx, _: Known) -> None:
        owner = staff.called(tx, folded(name)) if name else None
        if name and (owner is None or not _may(owner)):
            raise Refused(Why.NOBODY)
        store.act(tx, "assign", case_id, staff=owner.id if owner else None)
        keep(service, tx, case_id, Act(Done.ASSIGN, account(tx, by), owner.name if owner else None))
        keep_note(service, tx, Event.CASE_ASSIGNED, by, about=about(case_id))

    change_open(service, case_id, work)


def note(service: Service, case_id: int, text: str, by: str, staff_id: int | None = None) -> None:
    """Write down something for colleagues; the person never sees it. Raises `Refused` and `StoreError`."""
    written = _written(text, rules.LONGEST_NOTE)

    def work(tx: Tx, _: Known) -> None:
        keep(service, tx, case_id, Act(Done.NOTE, staff_id or account(tx, by), text=written))
        keep_note(service, tx, Event.CASE_NOTED, by, about=about(case_id))

    change_open(service, case_id, work)


def refer(service: Service, case_id: int, to: str, by: str, staff_id: int | None = None) -> None:
    """Write down where the person was sent: a line of the ledger, or a name. Nobody is told of it.

    Raises `Refused` and `StoreError`.
    """
    named = _written(to, rules.LONGEST_NAME)
    listed = named in service.book.helplines if service.book else False
    if not listed and sum(map(str.isdigit, named)) >= rules.DIGITS:
        raise Refused(Why.NUMBER)
    word, text = (named, None) if listed else (None, named)

    def work(tx: Tx, _: Known) -> None:
        store.act(tx, "refer", case_id, to=word or "other")
        keep(service, tx, case_id, Act(Done.REFER, staff_id or account(tx, by), word, text))
        keep_note(service, tx, Event.CASE_REFERRED, by, about=about(case_id))

    change_open(service, case_id, work)


def wait(
    service: Service, case_id: int, days: int, by: str, staff_id: int | None = None, *, seen: int | None = None
) -> None:
    """Look at it again in so many days, or when the person texts.

    Raises `Refused`, also if they have texted since `seen` (the `news_at` that was shown), and `StoreError`.
    """
    if not 0 < days <= rules.LONGEST_WAIT:
        raise Refused(Why.DAYS)
    now = service.now()

    def work(tx: Tx, known: Known) -> None:
        unread(known, seen)
        store.act(tx, "wait", case_id, at=now, until=now + days * DAY)
        keep(service, tx, case_id, Act(Done.WAIT, staff_id or account(tx, by), str(days)))
        keep_note(service, tx, Event.CASE_WAITS, by, about=about(case_id), days=days)

    change_open(service, case_id, work)


def close(
    service: Service, case_id: int, outcome: Outcome, by: str, staff_id: int | None = None, *, seen: int | None = None
) -> None:
    """End it. What the person was escalated for ends, too: broadcasts come again 30 days after a call for help.

    Raises `Refused`, also while somebody else is answering, or if the person has texted since `seen` (the `news_at`
    that was shown), and `StoreError`.
    """
    if outcome in BY_THE_HOUSE:
        raise ValueError(f"nobody closes a case as {outcome}")
    now = service.now()

    def work(tx: Tx, known: Known) -> None:
        me = staff_id or account(tx, by)
        unread(known, seen)
        if known.locked_until is not None and known.locked_until > now and known.locked_by != me:
            raise Refused(Why.LOCKED, known.holder, known.locked_until)
        store.close_escalations(tx, known.contact_id, now)
        store.act(tx, "close", case_id, at=now, how=outcome)
        keep(service, tx, case_id, Act(Done.CLOSE, me, outcome))
        tell(tx, outcome, now, known.country, known.language)
        keep_note(service, tx, Event.CASE_CLOSED, by, about=about(case_id), outcome=outcome)

    change_open(service, case_id, work)


def reopen(service: Service, case_id: int, by: str, staff_id: int | None = None) -> None:
    """It was not over, nor is what the person was escalated for. Raises `Refused`, also if another case of this person
    is open, and `StoreError`."""
    now = service.now()

    def work(tx: Tx, known: Known) -> None:
        if known.closed_at is None:
            raise Refused(Why.OPEN)
        if any(each.closed_at is None for each in store.of_contact(tx, known.contact_id)):
            raise Refused(Why.ANOTHER)
        store.open_escalations(tx, known.contact_id, known.closed_at)
        store.act(tx, "reopen", case_id, at=now)
        keep(service, tx, case_id, Act(Done.REOPEN, staff_id or account(tx, by)))
        keep_note(service, tx, Event.CASE_REOPENED, by, about=about(case_id))

    change(service, case_id, work)


def _written(text: str, most: int) -> str:
    """What somebody wrote, without blanks around it. Raises `Refused`."""
    written = text.strip()
    if not written:
        raise Refused(Why.EMPTY)
    if len(written) > most:
        raise Refused(Why.LONG)
    return written
