"""What comes round: bring the outbox back to order, look at the gateways, forget what is too old."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from math import inf
from time import monotonic
from typing import Final

from bot.channels import Asking, Channel, Watched
from bot.log import failure, log
from bot.protocol import SendError, Sent
from bot.services import clock, delivery, privacy, recovery
from bot.services.budgets import today
from bot.services.conductor import Conductor
from bot.services.delivery import State
from bot.services.health import LATE
from bot.services.outbox import Held
from bot.services.recovery import Verdict
from bot.services.service import Service
from bot.store import gateways, spending
from bot.store.database import Tx
from bot.store.errors import StoreError
from bot.store.times import DAY
from bot.worker.house import House

HOUR: Final = 3600.0
FIRST: Final = 60.0
"""Seconds: not at once, so that a start is quick; not late, so that a box switched on for an hour a day purges."""
ROUND: Final = 30.0
"""Seconds between two rounds of order."""
SERIES: Final = 600.0
"""Seconds between two looks at which series of texts have a step today."""
ALERTS: Final = 5.0
"""Seconds between two looks at whether staff on duty are to be told of somebody."""
SETTLE: Final = 20_000
"""Milliseconds after which a gateway is asked about a text: it may still be busy with it before."""
JUMP: Final = 5000
"""Milliseconds. A clock that is put right by less than this happens all the time."""
KEPT: Final = 35 * DAY
"""So long spendings can be looked up."""


def purge(service: Service) -> None:
    """One purge; what keeps it from being done is logged, and the next hour tries again."""
    try:
        recovery.end_overdue(service)
        log.info("purged", **asdict(privacy.purge(service)))
        service.database.write(lambda tx: spending.forget(tx, today(service.now() - KEPT)))
    except privacy.ClockDoubted:
        log.error("not purged: the clock jumped by more than a day; check it, then run `phlov purge --confirm-clock`")
    except StoreError as error:
        failure("not purged", error)


def follow(service: Service) -> None:
    """Make the broadcasts of the series of texts that are due today; what cannot be made now is made later."""
    from bot.services import series  # noqa: PLC0415 - of no use to a process that only serves
    from bot.services.broadcasts import BadBroadcast  # noqa: PLC0415

    try:
        made = series.round(service)
    except (BadBroadcast, StoreError) as error:
        failure("series not followed", error)
    else:
        if made:
            log.info("series followed", broadcasts=made)


class Order:
    """What a crash, a lost lease, a gateway that fails or a wrong clock left behind is brought back to order.

    `alone`: no other process works on this database, so that all that others held can be taken back at the start.
    """

    def __init__(self, house: House, *, alone: bool, uptime: Callable[[], float] | None = None) -> None:
        self._house = house
        self._alone = alone
        self._recovered = not alone
        self._uptime = uptime or clock.since_boot
        self._booted = False
        self._start = self._offset()
        self._asking = sorted(house.channels.items())

    def restore(self) -> None:
        """Once, before anything is claimed. If the database refuses, the next round does it. Raises `StoreError`."""
        if not self._booted:
            clock.booted(self._house.service, self._uptime)
            self._booted = True
        if not self._recovered:
            texts = recovery.recover(self._house.service, self._house.owner)
            self._recovered = True
            if texts:
                log.info("texts taken back", texts=texts)

    def round(self) -> None:
        """One round; what it cannot do the next one does."""
        try:
            self.restore()
            self._mind_the_clock()
            self._house.service.shelf.current()  # where no text comes in nobody else asks what staff changed
            freed = recovery.expire_leases(self._house.service, tuple(self._house.in_flight))
            if freed:
                log.warning("leases ended", texts=freed)
            delivery.catch_up(self._house.service)
            for name, channel in self._asking:
                self._decide(name, channel)
            self._fail_over()
        except StoreError as error:
            failure("no order", error)
        self._house.bells.ring_all()

    def _offset(self) -> int:
        """Between the wall clock and one that nobody sets and that goes on while a machine sleeps; milliseconds."""
        return self._house.service.now() - round(self._uptime() * 1000)

    def _mind_the_clock(self) -> None:
        """Several machines are not set at once: there each lease and pause that is absurd is seen for itself."""
        offset = self._offset()
        jump, self._start = offset - self._start, offset
        if self._alone and abs(jump) >= JUMP:
            log.warning("the clock was set", seconds=round(jump / 1000))
            recovery.clock_moved(self._house.service, jump)

    def _decide(self, name: str, channel: Channel) -> None:
        """Texts whose outcome nobody knows."""
        service, owner = self._house.service, self._house.owner
        patience = channel.traits.timeout  # what is wrong with one text must not keep the others from being decided on
        while not self._house.stopping.is_set():
            held = recovery.unsure(service, owner, name, lease=self._house.lease_of(channel))
            for each in held:
                verdict, vain = self._verdict(channel, each) if patience > 0 else (Verdict.LATER, 0.0)
                patience -= vain
                state = recovery.decide(service, owner, each, verdict)
                self._count(name, verdict, state)
            if not held:
                return

    def _early(self, held: Held) -> bool:
        return self._house.service.now() - held.due_at < SETTLE

    def _verdict(self, channel: Channel, held: Held) -> tuple[Sent | Verdict, float]:
        """What is known, and for how many seconds it was asked in vain: too many where nothing can be reached."""
        if channel.traits.dedupes or not isinstance(channel, Asking):
            return Verdict.DEDUPES if channel.traits.dedupes else Verdict.BLIND, 0.0
        if self._early(held):
            return Verdict.LATER, 0.0
        began = monotonic()
        try:
            return channel.ask(held.outbound) or Verdict.ABSENT, 0.0
        except SendError as error:
            # Never to be known: a modem that gave no answer forgets what it did.
            if error.sent == "unknown" and not error.retry:
                return Verdict.BLIND, 0.0
            return Verdict.LATER, inf if error.cause == "network" else monotonic() - began
        except Exception as error:  # noqa: BLE001 - a mistake in a gateway's file: the others are to be decided on
            failure("gateway's file failed", error)
            return Verdict.LATER, monotonic() - began

    def _count(self, name: str, verdict: Sent | Verdict, state: State | None) -> None:
        outcome = None
        if state is State.ACCEPTED:
            outcome = "found"
        elif state is State.UNKNOWN:
            outcome = "unknown"
        elif state is State.EXPIRED:
            outcome = "expired"
        elif state is State.QUEUED:
            outcome = "repeated" if verdict in (Verdict.BLIND, Verdict.LATER) else "again"
        if outcome is not None:
            self._house.counts.outcome(name, outcome)

    def _fail_over(self) -> None:
        """Emergency answers of gateways that are not set up any more go another way.

        A gateway may be set up for another process alone: what that one sends in time is not taken from it.
        """
        service = self._house.service
        late = 0 if self._alone else LATE
        for depth in recovery.depths(service):
            stranded = depth.channel not in self._house.channels and depth.age >= late
            if stranded and depth.priority == 0 and depth.state is State.QUEUED:
                other = service.instead(depth.channel)
                if other is not None:
                    recovery.move_emergencies(service, depth.channel, other)


class Conducting:
    """Broadcasts, as long as the database can be asked."""

    def __init__(self, house: House) -> None:
        self._conductor = Conductor(house.service, {name: each.traits for name, each in house.channels.items()})
        self._well = True

    def round(self) -> None:
        """One round. That it fails is told once."""
        try:
            self._conductor.round()
            self._well = True
        except StoreError as error:
            if self._well:
                failure("broadcasts not conducted", error)
            self._well = False


class Alerting:
    """Duty phones are told of emergencies that nobody has seen, as long as the database can be asked."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._well = True

    def round(self) -> None:
        """One round. That it fails is told once."""
        from bot.services import duty  # noqa: PLC0415 - of no use to a process that only serves

        try:
            if duty.round(self._house.service, self._house.console):
                log.info("staff on duty alerted")
            self._well = True
        except StoreError as error:
            if self._well:
                failure("staff on duty not alerted", error)
            self._well = False


class Watch:
    """Asks gateways how they are."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._watched = [(name, each) for name, each in house.channels.items() if isinstance(each, Watched)]

    def round(self) -> None:
        """Look at each; what staff should know is kept for all processes. What a pause says goes first."""
        service = self._house.service
        for name, channel in self._watched:
            condition = channel.condition()
            self._house.pulse.seen(name, condition)
            try:
                known = service.database.read(gateways.every).get(name, gateways.Condition())
                if known.paused_until == 0 and known.problem != condition.problem:
                    service.database.write(partial(_note, name, condition.problem, service.now()))
            except StoreError as error:
                failure("not noted", error)


def _note(name: str, line: str | None, now: int, tx: Tx) -> None:
    gateways.note(tx, name, line, now)
