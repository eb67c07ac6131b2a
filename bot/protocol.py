"""The values that travel between the floors; no behaviour, no framework."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Medium = Literal["sms", "ussd"]
SessionEvent = Literal["new", "resume", "close"]
Fate = Literal["no", "unknown"]
Cause = Literal[
    "opted_out",  # the gateway's own list says that this person wants nothing
    "bad_number",  # nobody has this number
    "blocked",  # the gateway or the operator refuses this person or these words
    "unreachable",  # the phone is off or out of reach
    "throttled",  # too many texts for this gateway
    "credit",  # the account or the SIM has no money left
    "network",  # the gateway has no network, or cannot be reached
    "config",  # wrong password, unknown sender: somebody must look at the settings
    "too_long",
    "expired",
    "unknown",
]
"""Why a text was not taken, in words that no gateway owns."""


@dataclass(frozen=True, slots=True)
class Display:
    """What the phones behind a gateway show of a USSD call: `gsm7` septets, or `ucs2` units where Khmer is among them.

    `script` is the only one they can show, None if each person's own will do. `entry` is how the gateway passes on
    what a person enters: all of the call joined by `*` (`accumulated`), the `last` entry alone, or that with an id of
    its own for each step, the same when it is repeated (`numbered`).
    """

    gsm7: int = 182
    ucs2: int = 80
    script: Literal["km", "km_Latn", "en"] | None = None
    entry: Literal["accumulated", "last", "numbered"] = "numbered"


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
    """What goes back over HTTP. `headers` are those that a gateway wants besides the usual ones."""

    status: int
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


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
    """One text to a person. `priority`: 0 emergency, 1 reply, 2 broadcast.

    `id` is the same at every try, so a gateway that knows it again takes the text once. `begin` is the first part that
    has not gone yet, for a gateway that is given part after part. After `valid_until` (UTC) nobody wants the text.
    """

    id: int
    channel: str
    recipient: str
    text: str
    parts: int
    priority: int = 1
    begin: int = 0
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What a gateway says became of a text. `reference` is our own outbound id when the gateway gives it back."""

    channel: str
    provider_id: str
    status: str
    reference: int | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class SessionEnd:
    """A USSD call is over, as its gateway tells afterwards."""

    channel: str
    session_id: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """A sound message of a gateway that asks for nothing: it is thanked for, and nothing of it is kept."""

    channel: str


Event = Inbound | DeliveryReport | SessionEnd | Ignored
"""What a gateway may tell."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The gateway took the text and calls it `provider_id`; None if it gives it no name (reports then name ours)."""

    provider_id: str | None


class SendError(Exception):
    """A text was not taken. The words say why and name no person, number or text.

    `retry`: a later try may work. `sent`: `no`, or `unknown` when the gateway may have it. `cause` says what kind of
    failure it was; of `throttled`, `credit`, `network` and `config` the whole gateway suffers, not this text alone.
    `after`: seconds before which the gateway wants nothing more. `begin`: the first part that has not gone.
    """

    def __init__(
        self,
        reason: str,
        *,
        retry: bool,
        sent: Fate,
        cause: Cause = "unknown",
        after: float | None = None,
        begin: int = 0,
    ) -> None:
        super().__init__(reason)
        self.retry = retry
        self.sent = sent
        self.cause = cause
        self.after = after
        self.begin = begin


class Refused(Exception):
    """A request that is not to be believed or understood; nothing of it is kept. `status` is the HTTP answer (4xx)."""

    def __init__(self, reason: str, *, status: int = 403) -> None:
        super().__init__(reason)
        self.status = status
