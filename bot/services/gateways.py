"""May a gateway be given a text now? Its pauses, its rate, and one probe after trouble, the same for all processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from bot.channels import Traits
from bot.protocol import Cause, SendError, Sent
from bot.services.breaker import HOUR, TEXTS_OWN, Breaker
from bot.store import gateways
from bot.store.database import Tx
from bot.store.gateways import Condition

EMERGENCY: Final = 30_000
"""Milliseconds after which an emergency answer with nowhere else to go tries a gateway that is paused for longer."""
PROBE: Final = 5.0
"""Seconds that others wait for a probe beyond the time it may take."""

PROBLEMS: Final[Mapping[Cause, str]] = {
    "throttled": "wants fewer texts",
    "credit": "has no credit",
    "network": "has no network, or cannot be reached",
    "config": "refuses our settings: look at the password and the sender",
    "unknown": "failed several times running",
}


@dataclass(frozen=True, slots=True)
class Gate:
    """So many texts may go now; if none, look again in `wait` seconds. `probe`: it is tried after trouble."""

    room: int
    wait: float = 0.0
    probe: bool = False
    paused: bool = False


class Trouble(NamedTuple):
    """Why a gateway is left alone, and for how many milliseconds."""

    cause: Cause
    pause: int


@dataclass(frozen=True, slots=True)
class Gateway:
    """A gateway and what this process has learned of it."""

    name: str
    traits: Traits
    breaker: Breaker = field(default_factory=Breaker)

    def gate(self, tx: Tx, now: int, wanted: int, *, urgent: bool = False, known: Condition | None = None) -> Gate:
        """How many of `wanted` texts may be claimed now (ms). `urgent`: emergencies, which wait for no rate.

        `known`: as this transaction has seen it.
        """
        condition = known or gateways.get(tx, self.name)
        if condition.paused_until:
            return _troubled(gateways.hold(tx, self.name, now), now, urgent=urgent)
        if self.traits.rate is None or urgent:
            return Gate(wanted)
        return _paced(gateways.hold(tx, self.name, now), self.traits.rate, now, wanted)

    def taken(self, tx: Tx, now: int, count: int, gate: Gate) -> None:
        """So many texts were claimed through `gate`, in the same transaction."""
        if not count:
            return
        if not gate.probe and self.traits.rate is None:
            return
        condition = gateways.hold(tx, self.name, now)
        if gate.probe:
            others = now + round((self.traits.timeout + PROBE) * 1000)
            until = max(others, condition.paused_until if paused(condition, now) else 0)
            gateways.probe(tx, self.name, until, now)
        if self.traits.rate is not None:
            step, credit = _pace(self.traits.rate)
            start = max(_next(condition, now), now * 1000 - credit)
            gateways.book(tx, self.name, start + count * step)

    def told(self, outcome: Sent | SendError) -> Trouble | None:
        """What the outcome of a text says of the gateway; a trouble if it is to be left alone now."""
        if isinstance(outcome, Sent):
            self.breaker.took()
            return None
        pause = self.breaker.failed(outcome)
        return None if pause is None else Trouble(outcome.cause, round(pause * 1000))

    def works(self, tx: Tx, now: int, *, probed: bool) -> Condition | None:
        """It took a text: what was wrong with it is over. How it is, if that was so before."""
        condition = gateways.get(tx, self.name)
        if condition.paused_until and (probed or condition.paused_until <= now):
            gateways.well(tx, self.name, now, probed=probed)
            return None
        return condition

    def fails(self, tx: Tx, now: int, trouble: Trouble, *, probed: bool) -> None:
        """Leave it alone, all processes."""
        gateways.pause(tx, self.name, now + trouble.pause, PROBLEMS[trouble.cause], now, probed=probed)


def at_work(outcome: Sent | SendError) -> bool:
    """Whether a gateway did what it is there for, though it may not have wanted this text."""
    return isinstance(outcome, Sent) or outcome.cause in TEXTS_OWN


def paused(condition: Condition, now: int) -> bool:
    """Whether a gateway is left alone now. A pause longer than any that is made comes from a clock that went back."""
    return now < condition.paused_until <= now + HOUR * 1000


def _troubled(condition: Condition, now: int, *, urgent: bool) -> Gate:
    """Closed while the pause lasts; then open for a single text."""
    if not condition.paused_until:
        return Gate(1)  # somebody's probe has come back meanwhile
    end = condition.paused_until if paused(condition, now) else now
    if urgent and condition.changed_at <= now:
        end = min(end, condition.changed_at + EMERGENCY)
    if now < end:
        return Gate(0, wait=(end - now) / 1000, paused=True)
    return Gate(1, probe=True)


def _paced(condition: Condition, rate: float, now: int, wanted: int) -> Gate:
    step, credit = _pace(rate)
    start = max(_next(condition, now), now * 1000 - credit)
    if start > now * 1000:
        return Gate(0, wait=(start - now * 1000) / 1_000_000)
    return Gate(min(wanted, 1 + (now * 1000 - start) // step))


def _pace(rate: float) -> tuple[int, int]:
    """Microseconds between two texts, and how much of an idle time may be made up for: a second's worth."""
    step = max(round(1_000_000 / rate), 1)
    return step, max(1_000_000 - step, 0)


def _next(condition: Condition, now: int) -> int:
    """When the next text may go, in microseconds; a time far ahead comes from a clock that went back."""
    return condition.next_at if condition.next_at <= now * 1000 + HOUR * 1_000_000 else 0
