"""What all threads of a worker share: the house, its gateways, and what is on its way at this moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import randbits
from threading import Condition, Event
from time import monotonic
from typing import Final, Protocol

from bot.channels import Channel
from bot.services.budgets import Budgets
from bot.services.gateways import Gateway
from bot.services.health import Pulse
from bot.services.outbox import LEASE
from bot.services.service import Service

POLL: Final = 1.0
"""Seconds between two looks at the outbox of a gateway when nobody calls."""
NAP: Final = 0.5
LONGEST_NAP: Final = 5.0
"""Seconds to wait for a database that failed; ever longer."""


class Counts(Protocol):
    """Where a worker counts what it does; never whom for."""

    def outcome(self, channel: str, outcome: str, times: int = 1) -> None:
        """A text was handed over, put off, given up ..."""

    def fetched(self, channel: str, outcome: str, parts: int = 0) -> None:
        """A text or a report was fetched from a gateway."""


class Bell:
    """Wakes one of those who wait, or the next one who comes to wait."""

    def __init__(self) -> None:
        self._condition = Condition()
        self._rung = False

    def ring(self, *, everybody: bool = False) -> None:
        """Rung twice before anybody hears it, it has been rung once."""
        with self._condition:
            self._rung = True
            if everybody:
                self._condition.notify_all()
            else:
                self._condition.notify()

    def wait(self, seconds: float) -> None:
        """Until it rings, but no longer than so."""
        with self._condition:
            if not self._rung:
                self._condition.wait(seconds)
            self._rung = False


@dataclass(frozen=True, slots=True)
class Bells:
    """Two for each gateway that can send: for its urgent lane, and for the others."""

    urgent: Mapping[str, Bell]
    usual: Mapping[str, Bell]

    @classmethod
    def of(cls, names: Mapping[str, object]) -> Bells:
        """For gateways by name."""
        return cls({name: Bell() for name in names}, {name: Bell() for name in names})

    def ring(self, channel: str) -> None:
        """Something was put into the outbox of a gateway; of one that is not set up nothing is known."""
        for bells in (self.urgent, self.usual):
            if channel in bells:
                bells[channel].ring()

    def ring_all(self) -> None:
        """Everybody is to look up."""
        for bells in (self.urgent, self.usual):
            for bell in bells.values():
                bell.ring(everybody=True)


@dataclass(frozen=True, slots=True)
class House:
    """One worker. `channels` are those that can send; `owner` is a number of this run, never used before.

    `lease` in seconds, `poll` between two looks: tests have less time. `console`: its address, as alerts tell it.
    """

    service: Service
    channels: Mapping[str, Channel]
    counts: Counts
    pulse: Pulse
    bells: Bells
    budgets: Budgets = field(default_factory=Budgets)
    owner: int = field(default_factory=lambda: randbits(62))
    lease: float = LEASE
    poll: float = POLL
    console: str | None = None
    stopping: Event = field(default_factory=Event)
    in_flight: set[int] = field(default_factory=set)
    gateways: Mapping[str, Gateway] = field(init=False)

    def __post_init__(self) -> None:
        gateways = {name: Gateway(name, channel.traits) for name, channel in self.channels.items()}
        object.__setattr__(self, "gateways", gateways)

    def lease_of(self, channel: Channel) -> float:
        """At least three times as long as the gateway may take."""
        return max(self.lease, 3 * channel.traits.timeout)


class Nap:
    """Pauses that grow while something keeps failing, told once."""

    def __init__(self, stopping: Event) -> None:
        self._stopping = stopping
        self._seconds = NAP

    @property
    def first(self) -> bool:
        """Whether nothing has failed since it went well."""
        return self._seconds == NAP

    def well(self) -> None:
        """It works again."""
        self._seconds = NAP

    def take(self) -> None:
        """Wait; not at all if everybody is to stop."""
        self._stopping.wait(self._seconds)
        self._seconds = min(self._seconds * 2, LONGEST_NAP)


def fits(deadline: float, timeout: float) -> bool:
    """Whether a POST that begins now is over before its lease is."""
    return monotonic() + timeout <= deadline
