"""One file for each gateway: it reads, renders and sends, and knows no framework, no database, no other channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.protocol import DeliveryReport, Inbound, Outbound, Request, Response, Sent


class Said(Protocol):
    """Anything the conversation wants to say; a channel needs its words only."""

    @property
    def text(self) -> str: ...


class Channel(Protocol):
    """What a gateway's file promises. `routes` are the (method, path) its webhooks come to."""

    name: str
    routes: tuple[tuple[str, str], ...]

    def read(self, request: Request) -> Inbound | DeliveryReport:
        """Verify one webhook and translate it; raises `Refused`."""
        ...

    def render(self, replies: Sequence[Said], reference: int) -> Response:
        """The gateway's own form of an answer; `reference` comes back in its delivery reports."""
        ...

    def send(self, outbound: Outbound) -> Sent:
        """Hand one text to the gateway; raises `SendError`."""
        ...
