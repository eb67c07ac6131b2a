"""One file for each gateway: it reads, renders and sends, and knows no framework, no database, no other channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.protocol import DeliveryReport, Inbound, Outbound, Refused, Request, Response, SendError, Sent


class Said(Protocol):
    """Anything the conversation wants to say; a channel needs its words only."""

    @property
    def text(self) -> str: ...


class Channel(Protocol):
    """What a gateway's file promises. `routes` are the (method, path) its webhooks come to."""

    @property
    def name(self) -> str: ...

    @property
    def routes(self) -> tuple[tuple[str, str], ...]: ...

    def read(self, request: Request) -> Inbound | DeliveryReport:
        """Verify one webhook and translate it; raises `Refused`."""
        ...

    def render(self, replies: Sequence[Said], reference: int) -> Response:
        """The gateway's own form of an answer; `reference` comes back in its delivery reports."""
        ...

    def send(self, outbound: Outbound) -> Sent:
        """Hand one text to the gateway; raises `SendError`."""
        ...


@dataclass(frozen=True, slots=True)
class Unset:
    """Stands where a gateway has no settings yet: its webhooks say so instead of not existing."""

    name: str
    routes: tuple[tuple[str, str], ...]
    advice: str

    def read(self, request: Request) -> Inbound | DeliveryReport:  # noqa: ARG002
        """Always refused, 503: the gateway may try again when somebody has set it up."""
        raise Refused(f"{self.name}: not set up here; {self.advice}", status=503)

    def render(self, replies: Sequence[Said], reference: int) -> Response:  # noqa: ARG002
        """Never asked for."""
        return Response(503)

    def send(self, outbound: Outbound) -> Sent:  # noqa: ARG002
        """Nothing was sent; it may be later."""
        raise SendError(f"{self.name} is not set up", retry=True, sent="no")
