"""What brings the outbox back: after a crash, a lost lease, an unknown outcome, a gateway that fails, a wrong clock."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import Enum, auto
from typing import Final, NamedTuple

from bot.protocol import Sent
from bot.services import outbox, outcomes, retry
from bot.services.outbox import LEASE, LONGEST_LEASE, Held, Hold, Wish
from bot.services.outcomes import Spot
from bot.services.service import Service
from bot.store import recovery, selfcheck
from bot.store.database import Tx
from bot.store.state import State

LEASE_MS: Final = retry.LEASE
LONGEST_MS: Final = round(LONGEST_LEASE * 1000)
ASK_AGAIN: Final = 30_000
"""Milliseconds until a gateway that could not say is asked again."""
ASKED_IN_VAIN: Final = 24 * retry.HOUR
"""So long after a text's end a gateway is still asked whether it went; then it will never be known."""
PUT_OFF: Final = 2 * retry.MOST_ASKED
"""No reply is put off further than this, unless by a clock that was wrong."""


class Verdict(Enum):
    """What is known of a text whose outcome was unknown; `Sent` if the gateway says that it has it."""

    ABSENT = auto()
    """The gateway was asked: it never came."""
    DEDUPES = auto()
    """The gateway takes the same id once: hand it over again."""
    BLIND = auto()
    """The gateway neither dedupes nor can be asked: the rule for its kind decides."""
    LATER = auto()
    """The gateway could not be asked now."""


def recover(service: Service, owner: int) -> int:
    """At the start of the only process on its database: take back all that others held; how many texts.

    What was claimed waits again; what was on its way is `UNSURE`. Raises `StoreError`.
    """
    now = service.now()
    return service.database.write(lambda tx: recovery.recover(tx, owner, now, LEASE_MS))


def expire_leases(service: Service, in_flight: Collection[int] = ()) -> int:
    """The same for leases that ended, and for answers in a response of which nobody said in 60 s that they came.

    `in_flight` are the ids that this process is handing over at this moment: they are left alone, for the wall clock
    may have jumped. How many texts were freed. Raises `StoreError`.
    """
    now = service.now()

    def work(tx: Tx) -> int:
        freed = recovery.expire(tx, in_flight, now, LEASE_MS, LONGEST_MS)
        recovery.unstrand(tx, now, PUT_OFF, LEASE_MS)
        return freed

    return service.database.write(work)


def unsure(service: Service, owner: int, channel: str, most: int = 10, lease: float = LEASE) -> list[Held]:
    """Texts of a channel whose outcome is unknown and to be decided now; nobody else is given them meanwhile."""
    now = service.now()
    hold = Hold.begin(service, owner, Wish(channel, most, posting=True, lease=lease), now)

    def work(tx: Tx) -> list[Held]:
        rows = recovery.unsure(tx, channel, now, LONGEST_MS, most)
        held = outbox.opened(tx, hold, rows, spoilt_is=State.UNKNOWN)
        if held:
            recovery.hold(tx, [each.outbound.id for each in held], owner, hold.lease)
        return held

    return service.database.write(work)


def decide(service: Service, owner: int, held: Held, verdict: Sent | Verdict) -> State | None:
    """Act on what is known; the state the text is in now, None if it is not ours to decide any more.

    `UNSURE` means that it waits on: for a report, or for the gateway to be asked again. An emergency answer does not
    wait for a gateway that cannot be asked, if there is another one. Raises `StoreError`.
    """
    if isinstance(verdict, Sent):
        outbox.settle(service, owner, [(held, verdict)])
        return State.ACCEPTED
    now = service.now()
    new = _decided(held, verdict, now)
    row, part = held.outbound.id, held.outbound.begin
    other = service.instead(held.outbound.channel) if verdict is Verdict.LATER and _presses(held, now) else None
    if other is not None:
        new, part = _New(State.QUEUED, now, fewer=1), 0

    def work(tx: Tx) -> bool:
        if new.state >= State.UNKNOWN:
            given_up = recovery.give_up(tx, row, owner, held.lease, new.state)
            if given_up:
                outcomes.ended(tx, Spot(now, held.outbound.channel), new.state)
            return given_up
        moved = {"next_state": int(new.state), "due": new.due_at, "fewer": new.fewer, "until": new.until}
        to = {"to_channel": other or held.outbound.channel, "part": part}
        return recovery.decide(tx, row, owner, held.lease, **moved, **to)

    decided = service.database.write(work)
    if decided and other is not None:
        service.wake(other)
    return new.state if decided else None


def _presses(held: Held, now: int) -> bool:
    """Whether a text of which its gateway cannot say where it is has waited long enough: twice is better than never."""
    alive = held.expires_at is None or now < held.expires_at
    return alive and held.outbound.priority == 0 and held.repeats > 0 and now - held.due_at >= retry.SECOND_TRY


class _New(NamedTuple):
    state: State
    due_at: int = 0
    fewer: int = 0
    until: int | None = None


def _decided(held: Held, verdict: Verdict, now: int) -> _New:
    """`due_at` of an unsure text is when it was handed over, and stays so while it waits."""
    over = held.expires_at is not None and held.expires_at <= now
    if verdict is Verdict.LATER:
        hopeless = held.expires_at is not None and held.expires_at + ASKED_IN_VAIN <= now
        return _New(State.UNKNOWN) if hopeless else _New(State.UNSURE, held.due_at, until=now + ASK_AGAIN)
    if verdict is Verdict.ABSENT:
        return _New(State.EXPIRED) if over else _New(State.QUEUED, now)
    if over:
        return _New(State.UNKNOWN)
    if verdict is Verdict.DEDUPES:
        return _New(State.QUEUED, now)
    since = max(now - held.due_at, 0)
    after = retry.unanswered(held.outbound.priority, held.repeats, now - held.created_at, since)
    if after is None:
        return _New(State.UNSURE, held.due_at, until=min(held.due_at, now) + retry.SECOND_TRY)
    return _New(after.state, now, fewer=1)


def move(service: Service, owner: int, helds: Sequence[Held], channel: str) -> int:
    """Claimed texts that were not handed over go by another channel; how many. Raises `StoreError`."""
    now = service.now()

    def work(tx: Tx) -> int:
        return sum(recovery.move_held(tx, held.outbound.id, owner, held.lease, to=channel, now=now) for held in helds)

    return _moved(service, channel, service.database.write(work) if helds else 0)


def move_emergencies(service: Service, of: str, channel: str) -> int:
    """Emergency answers that wait for a channel that is away go by another one; how many. Raises `StoreError`."""
    now = service.now()
    return _moved(service, channel, service.database.write(lambda tx: recovery.move_waiting(tx, of, channel, 0, now)))


def _moved(service: Service, channel: str, count: int) -> int:
    if count:
        service.wake(channel)
    return count


def clock_moved(service: Service, by: int) -> None:
    """The wall clock was moved by `by` milliseconds under a house of one process: what waits is moved with it, or an
    answer would come to its end while it waits for a minute. Raises `StoreError`."""
    before = service.now() - by if by > 0 else None  # what came after a clock was put forward has the right times
    service.database.write(lambda tx: recovery.shift(tx, by, before))


def end_overdue(service: Service) -> int:
    """End what nobody claims any more though its time is over: texts for a gateway that is no longer set up. How many.

    Raises `StoreError`.
    """
    now = service.now()

    def work(tx: Tx) -> int:
        found = recovery.end_overdue(tx, now, now - ASKED_IN_VAIN)
        for (channel, state), texts in sorted(found.items()):
            outcomes.ended(tx, Spot(now, channel), state, texts)
        return sum(found.values())

    return service.database.write(work)


def broken(service: Service) -> dict[str, int]:
    """The rules of the outbox that do not hold, and how many rows break each; for tests and a nightly look."""
    long_ago = service.now() - 2 * LONGEST_MS
    return service.database.read(lambda tx: selfcheck.broken(tx, long_ago))


class Depth(NamedTuple):
    """How many texts of a kind wait, and since when the first of them is due (milliseconds; 0: none is)."""

    channel: str
    state: State
    priority: int
    texts: int
    age: int


def depths(service: Service) -> list[Depth]:
    """All that is not settled. Raises `StoreError`."""
    now = service.now()
    rows = service.database.read(recovery.depth)
    return [Depth(name, State(state), priority, texts, max(now - due, 0)) for name, state, priority, texts, due in rows]
