"""The outbox: rows are the truth. A worker claims texts, hands each to its gateway, and writes down what became of it.

    held = claim(service, "kannel", owner, most=10, posting=True)
    for each in held:
        if begin(service, owner, each): outcomes.append((each, what send() gave or raised))
    held = settle_and_claim(service, owner, outcomes, ...)

`owner` is a number of this run of the process, never used before. Who may move what: docs/decisions/0006-outbox.md.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any, Final, NamedTuple, Protocol, Self

from bot.phone import parse
from bot.protocol import Outbound, SendError, Sent
from bot.services import delivery, leaflets, outcomes, retry
from bot.services.leaflets import Leaflet
from bot.services.outcomes import Spot
from bot.services.service import Service
from bot.store import outbox
from bot.store.crypto import Unsealable
from bot.store.database import Tx
from bot.store.errors import StoreError
from bot.store.lists import listed
from bot.store.outbox import Waiting
from bot.store.state import State
from bot.store.times import moment

LEASE: Final = retry.LEASE / 1000
"""Seconds. No gateway takes as long to answer: the longest `Traits.timeout` is a third of it."""
LONGEST_LEASE: Final = 600.0
"""Nobody asks for a longer one, so what ends later than that was written by a clock that was wrong."""
DEAD: Final = 200
"""So many rows are looked at at once where the first ones had come to their end while they waited."""
ROUNDS: Final = 20
FRESH: Final = 0.05
"""Seconds."""

Outcome = Sent | SendError


class Held(NamedTuple):
    """A text in the hands of a worker. `deadline`: by the monotonic clock, no POST of it may begin after that.

    `lease` names this hold: who has another one has lost the text. `posting`: it counts as handed over already.
    `fresh_until`: until then what the claim has found is believed, unless something happened in this process since the
    `changes` of then; so late may a broadcast leave after a STOP that another process took.
    """

    outbound: Outbound
    attempt: int
    repeats: int
    deadline: float
    fresh_until: float
    changes: int
    lease: int
    posting: bool
    unasked: bool
    due_at: int
    created_at: int
    expires_at: int | None
    claimed_at: int

    @property
    def country(self) -> str | None:
        """The country of the number."""
        return parse(self.outbound.recipient).country


class Keeper(Protocol):
    """What else is to be settled and asked in the same transaction: the gateway's pauses and rate, the budgets."""

    def settled(self, tx: Tx, now: int) -> None:
        """The texts that came back are written down."""

    def room(self, tx: Tx, now: int, most: int) -> int:
        """How many texts may be claimed, at most `most`."""

    def admit(self, tx: Tx, now: int, texts: Sequence[Outbound]) -> Sequence[int | None]:
        """For each text None if it may go now, else when it is to be looked at again."""


class Wish(NamedTuple):
    """What a lane of a worker wants next. `posting`: at once as handed over, for a gateway that takes the same id once
    or can be asked; else each text is marked so by `begin`. `urgent`: emergencies only. `lease` in seconds."""

    channel: str
    most: int
    posting: bool
    urgent: bool = False
    lease: float = LEASE


def claim(service: Service, owner: int, wish: Wish) -> list[Held]:
    """Texts that are due, the most urgent first. Raises `StoreError`; then none is held."""
    return settle_and_claim(service, owner, (), wish)


def settle(service: Service, owner: int, came: Sequence[tuple[Held, Outcome]]) -> None:
    """Write down what became of texts. Raises `StoreError`: then try again, for nobody else knows it.

    That a gateway has a text is kept whoever holds it now; any other outcome only of whoever still holds it. What a
    report has told meanwhile stays.
    """
    settle_and_claim(service, owner, came, None)


def settle_and_claim(
    service: Service,
    owner: int,
    came: Sequence[tuple[Held, Outcome]],
    wish: Wish | None,
    keeper: Keeper | None = None,
) -> list[Held]:
    """Both in one commit; see `settle` and `claim`."""
    now = service.now()
    hold = Hold.begin(service, owner, wish, now) if wish else None
    writes = [_written(service, owner, held, outcome, now) for held, outcome in came]
    tally = outcomes.tally((held.outbound.channel, write.state) for (held, _), write in zip(came, writes, strict=True))

    def work(tx: Tx) -> list[Held]:
        _settle(service, tx, writes, now)
        outcomes.count(tx, now, tally)
        if keeper:
            keeper.settled(tx, now)
        return _claim(tx, hold, keeper) if hold else []

    claimed = service.database.write(work)
    if service.early.take(write.values.get("key") for write in writes):
        with suppress(StoreError):  # the texts are claimed: whoever asked must learn it; `catch_up` finds the reports
            delivery.heard_before(service, [held.outbound.id for held, _ in came])
    return claimed


def begin(service: Service, owner: int, held: Held) -> bool:
    """To be asked right before each POST: may it go? Committed before this returns. Raises `StoreError` (it may not).

    What a claim of a moment ago has found is not asked again. No if the lease is over by the monotonic clock, if
    somebody else holds the row, if a report has settled it, or if it is a text nobody asked for whose person has said
    STOP (which ends it), or whose broadcast was paused or cancelled.
    """
    if monotonic() >= held.deadline:
        return False
    if held.posting and monotonic() < held.fresh_until and service.changes.latest == held.changes:
        return True
    if held.posting and held.attempt == 1 and not held.unasked:
        return True  # nobody can have reported on it yet, or stopped it
    if held.posting and service.database.read(lambda tx: outbox.still(tx, held.outbound.id, owner, held.lease)):
        return True
    return service.database.write(lambda tx: _begun(service, tx, owner, held)) and monotonic() < held.deadline


def _begun(service: Service, tx: Tx, owner: int, held: Held) -> bool:
    begun = not held.posting and outbox.begin(tx, held.outbound.id, owner, held.lease)
    if held.unasked and not begun and outbox.suppress(tx, held.outbound.id, owner, held.lease):
        outcomes.ended(tx, Spot(service.now(), held.outbound.channel), State.SUPPRESSED)
    return begun


def release(service: Service, owner: int, helds: Iterable[Held]) -> None:
    """Give texts back that were claimed and whose POST was never begun: at a graceful stop, or after another's failure.

    Raises `StoreError`; then their leases end by themselves.
    """
    given = tuple(helds)

    def work(tx: Tx) -> None:
        for held in given:
            outbox.release(tx, held.outbound.id, owner, held.lease)

    if given:
        service.database.write(work)


class _Write(NamedTuple):
    """What is to be written about one text."""

    values: dict[str, Any]
    state: State
    cause: str | None = None
    unasked: bool = False


def _written(service: Service, owner: int, held: Held, outcome: Outcome, now: int) -> _Write:
    row = held.outbound.id
    if isinstance(outcome, Sent):
        named = outcome.provider_id
        key = service.vault.provider_key(held.outbound.channel, named) if named else None
        return _Write({"row": row, "key": key}, State.ACCEPTED)
    tried = retry.Tried(held.attempt, held.due_at, held.expires_at)
    state, due = retry.after(outcome, tried, now, random.random())  # noqa: S311 - jitter
    channel, part, fewer = held.outbound.channel, max(held.outbound.begin, outcome.begin), 0
    if state is State.FAILED and retry.elsewhere(outcome, held.outbound.priority, held.repeats):
        other = service.instead(channel)
        if other is not None:
            state, due, channel, part, fewer = State.QUEUED, now, other, 0, 1
        elif service.besides(channel):  # all others are paused now: asked again here until one of them is not
            state, due = State.QUEUED, now + retry.spell(held.attempt)
    values: dict[str, Any] = {"row": row, "holder": owner, "lease": held.lease, "why": outcome.cause}
    if state < delivery.SETTLED:
        values |= {"next_state": int(state), "to_channel": channel, "due": due, "part": part, "fewer": fewer}
    else:
        values |= {"ended": int(state)}
    return _Write(values, state, outcome.cause, held.unasked)


def _settle(service: Service, tx: Tx, writes: Sequence[_Write], now: int) -> None:
    accepted = [write.values for write in writes if write.state is State.ACCEPTED]
    named = [values for values in accepted if values["key"] is not None]
    if named:
        tx.put_many(outbox.ACCEPT, _named_once(named))
    if len(named) < len(accepted):
        tx.put(outbox.ACCEPT_MANY, ids=listed(values["row"] for values in accepted if values["key"] is None))
    if len(accepted) == len(writes):
        return
    for write in writes:
        if write.state is not State.ACCEPTED:
            tx.put(outbox.AGAIN if write.state < delivery.SETTLED else outbox.END, **write.values)
        if write.cause == "opted_out":
            service.changes.note()
            outbox.opt_out(tx, write.values["row"], now)
        elif write.cause == "bad_number" and write.unasked and write.state is State.FAILED:
            outbox.dies(tx, write.values["row"], now)


def _named_once(accepted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """PostgreSQL sees the rows of one statement as they were before it: a name given twice in it is taken once."""
    if len({write["key"] for write in accepted}) == len(accepted):
        return accepted
    seen: set[object] = set()
    for write in accepted:
        if write["key"] in seen:
            write["key"] = None
        seen.add(write["key"])
    return accepted


class Hold(NamedTuple):
    """Who takes texts, for which wish, when, and until when: by the wall clock and by the monotonic one."""

    service: Service
    owner: int
    wish: Wish
    now: int
    lease: int
    deadline: float
    fresh_until: float
    changes: int

    @classmethod
    def begin(cls, service: Service, owner: int, wish: Wish, now: int) -> Self:
        """From this moment on."""
        seconds = min(wish.lease, LONGEST_LEASE)
        began, until, changes = monotonic(), now + round(seconds * 1000), service.changes.latest
        return cls(service, owner, wish, now, until, began + seconds, began + FRESH, changes)


def _claim(tx: Tx, hold: Hold, keeper: Keeper | None) -> list[Held]:
    """Texts to go now; those whose time is over, whose person has said STOP, or that staff stopped, end here."""
    wish, now = hold.wish, hold.now
    spot = Spot(now, wish.channel)
    most = keeper.room(tx, now, wish.most) if keeper else wish.most
    for turn in range(ROUNDS if most > 0 else 0):
        rows = outbox.due(tx, wish.channel, now, DEAD if turn else most, urgent=wish.urgent)
        known = leaflets.read(tx, hold.service.vault, rows)
        going = leaflets.may_go(tx, hold.service, _alive(tx, rows, spot), known, spot)
        held = opened(tx, hold, going[:most], known)
        if keeper and held:
            held = _admitted(tx, hold, keeper, held)
        if held:
            state = State.POSTING if wish.posting else State.CLAIMED
            outbox.take(tx, [each.outbound.id for each in held], state, hold.owner, hold.lease)
        if held or not rows:
            return held
    return []


def _alive(tx: Tx, rows: list[Waiting], spot: Spot) -> list[Waiting]:
    """Rows that still want to go; the others are ended."""
    expired = [row.id for row in rows if row.expires_at is not None and row.expires_at <= spot.now]
    stopped = [row.id for row in rows if row.contact_id is not None and _stopped(row) and row.id not in expired]
    if not expired and not stopped:
        return rows
    outcomes.end(tx, spot, expired, State.EXPIRED)
    outcomes.end(tx, spot, stopped, State.SUPPRESSED)
    ended = {*expired, *stopped}
    return [row for row in rows if row.id not in ended]


def _stopped(row: Waiting) -> bool:
    return row.opted_out_at is not None or row.blocked_at is not None or row.number_sealed is None


def _admitted(tx: Tx, hold: Hold, keeper: Keeper, held: list[Held]) -> list[Held]:
    """Texts that may go now; the others wait for the time they were told."""
    later = keeper.admit(tx, hold.now, [each.outbound for each in held])
    for each, due in zip(held, later, strict=True):
        if due is not None:
            outbox.put_off(tx, each.outbound.id, due)
    return [each for each, due in zip(held, later, strict=True) if due is None]


def opened(
    tx: Tx,
    hold: Hold,
    rows: Sequence[Waiting],
    known: Mapping[int, Leaflet] | None = None,
    *,
    spoilt_is: State = State.FAILED,
) -> list[Held]:
    """Rows in the open; one that does not open comes to its end and holds nobody up. `known`: their leaflets."""
    held, spoilt = [], []
    if known is None:
        known = leaflets.read(tx, hold.service.vault, rows)
    for row in rows:
        try:
            held.append(_open(hold, row, known))
        except (Unsealable, UnicodeDecodeError):
            spoilt.append(row.id)
    if spoilt:
        outcomes.end(tx, Spot(hold.now, hold.wish.channel), spoilt, spoilt_is, "config")
    return held


def _open(hold: Hold, row: Waiting, known: Mapping[int, Leaflet]) -> Held:
    """A row with its text and its number in the open."""
    open_ = hold.service.vault.open
    if row.to_sealed is not None:
        recipient = open_(row.to_sealed, "to", row.id).decode()
    elif row.number_sealed is not None and row.contact_id is not None:
        recipient = open_(row.number_sealed, "number", row.contact_id).decode()
    else:
        raise Unsealable("a text that waits has no number")
    if row.text_sealed is not None:
        text = open_(row.text_sealed, "outbound", row.id).decode()
    else:
        text = leaflets.words(row, known)
    until = moment(row.expires_at) if row.expires_at is not None else None
    return Held(
        Outbound(row.id, hold.wish.channel, recipient, text, row.parts, row.priority, row.begin, until),
        row.attempts + 1,
        row.repeats,
        hold.deadline,
        hold.fresh_until,
        hold.changes,
        hold.lease,
        hold.wish.posting,
        row.contact_id is not None,
        row.due_at,
        row.created_at,
        row.expires_at,
        hold.now,
    )
