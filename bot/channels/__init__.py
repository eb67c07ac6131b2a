"""One file for each gateway: it reads, renders and sends, and knows no framework, no database, no other channel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from bot.protocol import (
    DeliveryReport,
    Display,
    Event,
    Inbound,
    Outbound,
    Refused,
    Request,
    Response,
    SendError,
    Sent,
)


class Said(Protocol):
    """Anything the conversation wants to say; a channel needs its words, and of a screen whether it is the last."""

    @property
    def text(self) -> str: ...

    @property
    def ends(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Traits:
    """What a gateway promises, and what it needs to be asked gently.

    `inline`: answers leave with the response to the webhook; else they wait in the outbox. `dedupes`: the same
    `Outbound.id` handed over twice is one text to it. `reports`: it tells later what became of a text.
    `rate`: texts a second, None for no limit; `lanes`: so many texts may be on their way to it at once, each for at
    most `timeout` seconds. `part_limit`: parts of one text. `thanks`: the answer to a report. `sends`: texts can be
    handed to it. `display`: what its USSD screens show, whose answers always leave with the response; None if it has
    none.
    """

    inline: bool = False
    dedupes: bool = False
    reports: bool = False
    rate: float | None = None
    lanes: int = 1
    timeout: float = 10.0
    part_limit: int = 10
    thanks: Response = field(default=Response(204))
    sends: bool = True
    display: Display | None = None


class Channel(Protocol):
    """What a gateway's file promises. `routes` are the (method, path) its webhooks come to."""

    @property
    def name(self) -> str: ...

    @property
    def routes(self) -> tuple[tuple[str, str], ...]: ...

    @property
    def traits(self) -> Traits: ...

    def read(self, request: Request) -> Event | tuple[Event, ...]:
        """Verify one webhook and translate it; raises `Refused`. Several events share one answer: `render((), 0)`."""
        ...

    def render(self, replies: Sequence[Said], reference: int) -> Response:
        """The gateway's own form of an answer; `reference` comes back in its delivery reports.

        Without replies it only says that the text was taken.
        """
        ...

    def send(self, outbound: Outbound) -> Sent:
        """Hand one text to the gateway, once; raises `SendError`. Called from several threads at once."""
        ...


@runtime_checkable
class Calling(Protocol):
    """A gateway whose answer has to name the call it belongs to; for all others `render` is enough."""

    def answering(self, inbound: Inbound) -> Callable[[Sequence[Said], int], Response]:
        """What `render` is for the answer to this one text."""
        ...


@runtime_checkable
class Asking(Protocol):
    """A gateway that can be asked what became of a text whose outcome nobody knows."""

    def ask(self, outbound: Outbound) -> Sent | None:
        """The text as the gateway has it, None if it never came; raises `SendError` if it cannot tell now."""
        ...


@runtime_checkable
class Polled(Protocol):
    """A gateway that does not call us: its texts and reports are fetched."""

    @property
    def pause(self) -> float:
        """Seconds between two looks."""

    def collect(self) -> Sequence[Inbound | DeliveryReport]:
        """What waits there now, oldest first; the same again until it is `taken`. Raises `SendError` if it is away."""
        ...

    def taken(self, event: Inbound | DeliveryReport) -> None:
        """It is kept here: the gateway may forget it. Called after the commit."""
        ...


@dataclass(frozen=True, slots=True)
class Condition:
    """How a gateway is. `problem`: one line for staff, None if all is well. `gauges` go into `/metrics` (`signal`).

    `dead`: nothing can go out by it, so that nobody need try to find out.
    """

    problem: str | None = None
    gauges: tuple[tuple[str, float], ...] = ()
    dead: bool = False


@runtime_checkable
class Watched(Protocol):
    """A gateway that can say how it is."""

    def condition(self) -> Condition:
        """Look now; never raises, and comes back within `Traits.timeout`."""
        ...


@runtime_checkable
class Mendable(Protocol):
    """A gateway whose own files on this machine can be looked into, and repaired."""

    def examine(self, *, repair: bool) -> Sequence[str]:
        """One line for each thing that is wrong, and what was done about it; never raises."""
        ...


@dataclass(frozen=True, slots=True)
class Unset:
    """Stands where a gateway has no settings yet: its webhooks say so instead of not existing."""

    name: str
    routes: tuple[tuple[str, str], ...]
    advice: str
    traits: Traits = Traits()

    def read(self, request: Request) -> Event:  # noqa: ARG002
        """Always refused, 503: the gateway may try again when somebody has set it up."""
        raise Refused(f"{self.name}: not set up here; {self.advice}", status=503)

    def render(self, replies: Sequence[Said], reference: int) -> Response:  # noqa: ARG002
        """Never asked for."""
        return Response(503)

    def send(self, outbound: Outbound) -> Sent:  # noqa: ARG002
        """Nothing was sent; it may be later."""
        raise SendError(f"{self.name} is not set up", retry=True, sent="no", cause="config")


def sends(channel: Channel) -> bool:
    """Whether it is set up, and can send texts nobody asked for."""
    return channel.traits.sends and not isinstance(channel, Unset)
