"""The life of a broadcast: written, handed in, approved, scheduled, paused, stopped. Each step is kept with its event.

Every step may be asked for twice (a double click, a replay, two machines): the second time changes nothing. From a
wrong stage it is refused in one sentence (`BadBroadcast`). What then happens by itself is `services.conductor`'s.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, NamedTuple

from bot.content.book import Language
from bot.services import asking, audit, chain, draft_rows
from bot.services.audience import Audience, preview
from bot.services.audit import About, Event
from bot.services.names import folded
from bot.services.retry import HOUR
from bot.services.service import Service
from bot.store import broadcasts as store
from bot.store import campaigns, release
from bot.store.broadcasts import Happened, Known
from bot.store.database import T, Tx
from bot.store.stages import OVER, Stage
from bot.store.times import DAY
from bot.text.khmer import clean, fold

ALONE: Final = 100
"""To so many people one of staff may send alone; above it a second one approves."""
GROWTH: Final = 1.1
"""A second person agreed to a size: what has grown by more than a tenth is asked about again."""
FEWEST: Final = 20
"""To fewer people nothing is sent: a text to a handful tells who they are (H17)."""
LONGEST: Final = 21 * DAY
"""From the first text to the last: the rows of those that went are kept for 30 days."""
SERIES: Final = "series:"
"""How the origin of a step of a series begins: nobody picks whom it reaches, so it may be for few."""
HOUSE: Final = "phlov"
"""Who did what the house did by itself."""
LONGEST_TITLE: Final = 80


class BadBroadcast(Exception):
    """It cannot be done with this broadcast. One clear sentence; pages have words of their own for some, by `name`."""

    def __init__(self, said: str, name: str = "", **fills: object) -> None:
        super().__init__(said)
        self.name, self.fills = name, fills


class Words(NamedTuple):
    """What is said in one language. `opens`: the state that an answer leads into, if it asks something."""

    words: str
    opens: str | None = None


class Repeat(NamedTuple):
    """The same again every so many days, as long as it begins by `until` (milliseconds)."""

    days: int
    until: int


class Confirmed(NamedTuple):
    """What somebody who hands a draft in has seen: the `version` of it, and how many people get it."""

    version: str
    recipients: int


class Window(NamedTuple):
    """From when until when it may be sent. Milliseconds since 1970."""

    starts_at: int
    ends_at: int


@dataclass(frozen=True, slots=True)
class Draft:
    """A broadcast as it is asked for. `request` names the asking: the same one again is the same broadcast.

    `pace`: texts an hour, None for no limit. `approver`: who agreed already, as with a series; to how many people.
    `state`: the text of the catalog that its words are, where that is to be seen to.
    """

    request: str
    campaign: str
    title: str
    channel: str
    author: str
    texts: Mapping[Language, Words]
    audience: Audience
    window: Window
    pace: int | None = None
    repeats: Repeat | None = None
    origin: str | None = None
    approver: str | None = None
    approved_for: int | None = None
    state: str | None = None


def lock(broadcast: int) -> bytes:
    """The key under which one thing after the other is done with a broadcast."""
    return sha256(b"broadcast %d" % broadcast).digest()[:8]


def create(service: Service, draft: Draft) -> int:
    """Keep a new broadcast as a draft; its id, or that of the one already made for this request.

    Raises `BadBroadcast` and `StoreError`.
    """
    check(service, draft)
    now = service.now()
    first = service.database.new_id(now, 1 + len(draft.texts))
    known = draft_rows.as_kept(draft, first, now)

    def work(tx: Tx) -> int:
        before = store.asked_for(tx, draft.request)
        if before is not None:
            return before.id
        check_campaign(tx, draft)
        tx.run(store.ADD, **known._asdict())
        draft_rows.keep_words(service, tx, first, draft, first + 1)
        happened(service, tx, known, Happened(now, draft.author, "create", None))
        return first

    return service.database.write(work, sha256(draft.request.encode()).digest()[:8])


def submit(service: Service, broadcast: int, by: str, confirmed: Confirmed | None = None) -> Stage:
    """Hand a draft in: it waits for a second person if it is for more than `ALONE`, else for its time.

    `confirmed`: it is refused if it, or the number of its recipients, is not as they saw it.
    Raises `BadBroadcast` and `StoreError`.
    """
    known = get(service, broadcast)
    seen = preview(service, known.campaign, Audience.loads(known.audience), service.now(), broadcast)
    told = {"recipients": seen.recipients, "excluded": dict(seen.excluded)}

    def work(tx: Tx, known: Known) -> Stage:
        if known.state > Stage.DRAFT:
            return Stage(known.state)
        if confirmed is not None and confirmed.version != draft_rows.version(known, store.texts(tx, broadcast)):
            raise BadBroadcast("it was changed meanwhile; look at it again", "changed")
        if seen.recipients < fewest(known):
            raise BadBroadcast(
                f"it would reach {seen.recipients} people; it needs {FEWEST} at least", "few", most=FEWEST
            )
        if confirmed is not None and confirmed.recipients != seen.recipients:
            raise BadBroadcast("that is not the number of its recipients", "miscounted")
        if known.ends_at <= service.now():
            raise BadBroadcast("its end is over; give it another time", "ended")
        alone = seen.recipients <= ALONE or known.approver is not None
        stage = Stage.SCHEDULED if alone else Stage.WAITING
        counts = json.dumps({**json.loads(known.counts), **told})
        become(service, tx, known, stage, Happened(service.now(), by, "submit", None), counts=counts)
        return stage

    return step(service, broadcast, work)


def approve(service: Service, broadcast: int, by: str, version: str | None = None) -> None:
    """A second person agrees; to the `version` they were shown, if there was one. The author cannot.

    Raises `BadBroadcast` and `StoreError`.
    """

    def work(tx: Tx, known: Known) -> None:
        check_approval(known, by)
        if known.approver is not None:
            return
        if version is not None and version != draft_rows.version(known, store.texts(tx, broadcast)):
            raise BadBroadcast("it was changed meanwhile; look at it again", "changed")
        counts = json.loads(known.counts)
        counts["approved_for"] = counts["recipients"]
        event = Happened(service.now(), by, "approve", None)
        become(service, tx, known, Stage.SCHEDULED, event, approver=by, counts=json.dumps(counts))

    step(service, broadcast, work)


def check_approval(known: Known, by: str) -> None:
    """Raises `BadBroadcast` if somebody cannot approve it, as it is now."""
    if not staff(by):
        raise BadBroadcast(f"say who approves it, by a name; {HOUSE} is what the house does by itself")
    if same(by, known.author):
        raise BadBroadcast("whoever wrote it cannot approve it; ask somebody else")
    if known.approver is None and known.state != Stage.WAITING:
        raise BadBroadcast(f"it is {called(known)}; only one that waits for approval can be approved")


def schedule(service: Service, broadcast: int, by: str, window: Window) -> None:
    """Give it another time, as long as it has not begun. Who agreed to it agreed to its time, too: if somebody else
    changes that, it waits for a second person again. Raises `BadBroadcast` and `StoreError`."""
    _possible(window, service.now())

    def work(tx: Tx, known: Known) -> None:
        if (known.starts_at, known.ends_at) == window:
            return
        if known.state > Stage.SCHEDULED:
            raise BadBroadcast(f"it is {called(known)}; its time cannot be changed any more")
        event = Happened(service.now(), by, "schedule", None)
        if known.approver is None or same(by, known.approver) or (known.origin or "").startswith(SERIES):
            become(service, tx, known, Stage(known.state), event, **window._asdict())
        else:
            become(service, tx, known, Stage.WAITING, event, approver=None, **window._asdict())

    step(service, broadcast, work)


def pause(service: Service, broadcast: int, by: str, why: str) -> None:
    """Nothing more of it goes until somebody lets it go on. Raises `BadBroadcast` and `StoreError`."""
    step(service, broadcast, lambda tx, known: halt(service, tx, known, Happened(service.now(), by, "pause", why)))


def halt(service: Service, tx: Tx, known: Known, event: Happened) -> None:
    """The same inside a transaction that holds the `lock`."""
    if known.state == Stage.PAUSED:
        return
    if not Stage.SCHEDULED <= known.state < Stage.PAUSED:
        raise BadBroadcast(f"it is {called(known)}; only one that is scheduled or under way can be paused")
    service.changes.note()
    become(service, tx, known, Stage.PAUSED, event, paused_from=known.state, paused_why=event.detail)


def resume(service: Service, broadcast: int, by: str) -> None:
    """Let it go on. After the house itself stopped it, only what goes from now on is judged.

    Raises `BadBroadcast` and `StoreError`.
    """

    def work(tx: Tx, known: Known) -> None:
        if Stage.SCHEDULED <= known.state < Stage.PAUSED:
            return
        if known.state != Stage.PAUSED:
            raise BadBroadcast(f"it is {called(known)}; only one that is paused can go on")
        now = service.now()
        stage, more = Stage(known.paused_from or Stage.SCHEDULED), dict[str, Any]()
        paused = store.last(tx, known.id, "pause")
        if paused is not None and paused[0] == HOUSE and stage >= Stage.CANARY:
            stage, more = Stage.RUNNING, {"canary_until": now}
        event = Happened(now, by, "resume", None)
        become(service, tx, known, stage, event, paused_from=None, paused_why=None, **more)
        release.go_on(tx, known.id, now)

    step(service, broadcast, work)
    service.wake(get(service, broadcast).channel)


def cancel(service: Service, broadcast: int, by: str) -> None:
    """Stop it for good: nothing of it is claimed from this commit on. If it is repeated, those that have been made and
    have not begun stop with it, and no more are made.

    Raises `BadBroadcast` and `StoreError`.
    """

    def work(tx: Tx, known: Known) -> None:
        if known.state == Stage.CANCELLED:
            return
        if known.state > OVER:
            raise BadBroadcast(f"it is {called(known)}; there is nothing left to stop")
        service.changes.note()
        become(service, tx, known, Stage.CANCELLED, Happened(service.now(), by, "cancel", None))

    step(service, broadcast, work)
    known = get(service, broadcast)
    for other in service.database.read(lambda tx: chain.to_come(tx, known)):
        step(service, other, lambda tx, fresh: None if chain.begun(fresh) else work(tx, fresh))


def get(service: Service, broadcast: int) -> Known:
    """A broadcast as it is now. Raises `BadBroadcast` if there is none, and `StoreError`."""
    return _existing(service.database.read(lambda tx: store.get(tx, broadcast)))


def listed(service: Service) -> list[Known]:
    """Every broadcast that is not closed. Raises `StoreError`."""
    return service.database.read(store.unclosed)


def history(service: Service, broadcast: int) -> list[Happened]:
    """What was done with a broadcast, by whom and when. Raises `StoreError`."""
    return service.database.read(lambda tx: store.history(tx, broadcast))


def same(one: str, other: str) -> bool:
    """Whether two names of staff are the same person's, however they are written."""
    return folded(one) == folded(other)


def staff(name: str) -> bool:
    """Whether somebody of staff can be called so: it is a name, and not the house's own."""
    return bool(folded(name)) and not same(name, HOUSE)


def fewest(known: Known) -> int:
    """To how many people it has to go at least."""
    return 1 if (known.origin or "").startswith(SERIES) else FEWEST


def agreed(known: Known, people: int) -> bool:
    """Whether it may go to so many: they may have become more since it was handed in. A series reaches whom it may."""
    if (known.origin or "").startswith(SERIES):
        return True
    asked = 0 if known.approver is None else json.loads(known.counts).get("approved_for", 0)
    return people <= max(ALONE, GROWTH * asked)


def called(known: Known) -> str:
    """Its stage in a word."""
    return Stage(known.state).name.lower()


def happened(service: Service, tx: Tx, known: Known, event: Happened) -> None:
    """Keep what was done; if it was one of staff, also where all they do is kept."""
    tx.run(store.ADD_EVENT, id=service.database.new_id(event.at), broadcast_id=known.id, **event._asdict())
    if not same(event.who, HOUSE) and not (event.act == "create" and known.origin):
        audit.note(service, tx, Event.BROADCAST, event.who, about=About("broadcast", known.id), act=event.act)


def become(service: Service, tx: Tx, known: Known, stage: Stage, event: Happened, **more: Any) -> None:
    """Take a broadcast to another stage, with the event that says so."""
    store.change(tx, known.id, state=int(stage), **more)
    happened(service, tx, known, event)


def step(service: Service, broadcast: int, work: Callable[[Tx, Known], T], *, lasting: bool = True) -> T:
    """One step of one broadcast, while nobody else does one. Raises what `work` raises, and `BadBroadcast`."""
    return service.database.write(
        lambda tx: work(tx, _existing(store.get(tx, broadcast))), lock(broadcast), lasting=lasting
    )


def _existing(known: Known | None) -> Known:
    if known is None:
        raise BadBroadcast("there is no such broadcast")
    return known


def check(service: Service, draft: Draft) -> None:
    """Raises `BadBroadcast` if it cannot be made at all."""
    if not draft.texts or not all(said.words.strip() for said in draft.texts.values()):
        raise BadBroadcast("it has no words", "no_words")
    if not 0 < len(" ".join(clean(draft.title).split())) <= LONGEST_TITLE:
        raise BadBroadcast(f"a title has 1 to {LONGEST_TITLE} characters", "title", most=LONGEST_TITLE)
    if not fold(draft.author) or not draft.request:
        raise BadBroadcast("it needs the name of whoever writes it, and of what was asked for")
    if same(draft.author, HOUSE) or (draft.approver is not None and not staff(draft.approver)):
        raise BadBroadcast(f"{HOUSE} is what the house does by itself; give your own name")
    if draft.approver is not None and same(draft.approver, draft.author):
        raise BadBroadcast("whoever wrote it cannot approve it; ask somebody else")
    if draft.pace is not None and draft.pace < 1:
        raise BadBroadcast("a pace is one text an hour at least", "pace")
    if draft.repeats is not None and draft.repeats.days < 1:
        raise BadBroadcast("it can be repeated once a day at most", "often")
    for state in {said.opens for said in draft.texts.values() if said.opens is not None}:
        if not asking.may_ask(service.book, state, draft.origin):
            raise BadBroadcast("this question may not be asked by a broadcast", "question")
    _possible(draft.window, service.now())


def _possible(window: Window, now: int) -> None:
    if window.ends_at <= max(window.starts_at, now):
        raise BadBroadcast("it would end before it begins", "backwards")
    if window.ends_at - window.starts_at < HOUR:
        raise BadBroadcast("give it an hour at least", "hour")
    if window.ends_at - max(window.starts_at, now) > LONGEST:
        raise BadBroadcast(f"it may take {LONGEST // DAY} days at most", "longest", count=LONGEST // DAY)


def check_campaign(tx: Tx, draft: Draft) -> None:
    """Raises `BadBroadcast` if the campaign of a draft is none."""
    if draft.campaign not in campaigns.read(tx):
        raise BadBroadcast(f"there is no campaign {draft.campaign}", "campaign")
