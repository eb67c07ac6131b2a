"""The values that travel between the floors; no behaviour, no framework."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Medium = Literal["sms", "ussd"]
SessionEvent = Literal["new", "resume", "close"]


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, free of any framework. Header names are lower case; `body` is as it came."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Response:
    """What goes back over HTTP."""

    status: int
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Inbound:
    """One text from a person. `sender` is as the gateway wrote it; `received_at` is UTC."""

    channel: str
    sender: str
    text: str
    provider_id: str
    received_at: datetime
    medium: Medium = "sms"
    session_id: str | None = None
    session_event: SessionEvent | None = None


@dataclass(frozen=True, slots=True)
class Outbound:
    """One text to a person. `priority`: 0 emergency, 1 reply, 2 broadcast."""

    id: int
    channel: str
    recipient: str
    text: str
    parts: int
    priority: int = 1


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What a gateway says became of a text. `reference` is our own outbound id when the gateway gives it back."""

    channel: str
    provider_id: str
    status: str
    reference: int | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """The gateway took the text and calls it `provider_id`."""

    provider_id: str


class SendError(Exception):
    """A text was not taken. `retry`: a later try may work. `sent`: `no`, or `unknown` when the gateway may have it."""

    def __init__(self, reason: str, *, retry: bool, sent: Literal["no", "unknown"]) -> None:
        super().__init__(reason)
        self.retry = retry
        self.sent = sent


class Refused(Exception):
    """A request that is not to be believed or understood; nothing of it is kept. `status` is the HTTP answer (4xx)."""

    def __init__(self, reason: str, *, status: int = 403) -> None:
        super().__init__(reason)
        self.status = status
