"""Phones of this machine's own: one that a person plays (`phlov chat`), and those of an example, which only receive.

Nothing leaves this machine.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from threading import Lock
from typing import Final

from bot.channels import Said, Traits
from bot.protocol import DeliveryReport, Display, Inbound, Medium, Outbound, Refused, Request, Response, SendError, Sent

DIAL: Final = "*1280#"
"""Begins a USSD call; so does any other code, and digits after the first star are entered at once: `*1280*1#`."""

_DIALLED: Final = re.compile(r"\*[0-9]+((?:\*[0-9]+)*)#")


class Terminal:
    """A phone made of a keyboard and a screen. If the medium is USSD it is one call, until a code is dialled."""

    name = "terminal"
    routes = ()
    traits = Traits(inline=True, display=Display())

    def __init__(self, sender: str, medium: Medium = "sms") -> None:
        self._sender = sender
        self._medium = medium
        self._begin()

    def _begin(self) -> None:
        self._call = f"terminal-{uuid.uuid4()}"
        self._steps = 0

    def typed(self, text: str) -> Inbound:
        """A line as the text of this phone; every line is a new text."""
        if self._medium == "ussd" and (dialled := _DIALLED.fullmatch(text)):
            self._begin()
            text = dialled[1].removeprefix("*")
        self._steps += 1
        event = None if self._medium == "sms" else ("new" if self._steps == 1 else "resume")
        return Inbound(
            self.name,
            self._sender,
            text,
            f"{self._call}-{self._steps}",
            datetime.now(UTC),
            self._medium,
            None if self._medium == "sms" else self._call,
            event,  # type: ignore[arg-type]  # the two words are checked by the test
        )

    def read(self, request: Request) -> Inbound | DeliveryReport:  # noqa: ARG002
        """A terminal has no webhook."""
        raise Refused("terminal: no webhook", status=404)

    def render(self, replies: Sequence[Said], reference: int) -> Response:  # noqa: ARG002 - nothing is reported back
        """The replies as they are, a blank line between them."""
        return Response(200, "\n\n".join(reply.text for reply in replies).encode())

    def send(self, outbound: Outbound) -> Sent:  # noqa: ARG002
        """Nobody can be reached on a terminal that did not ask."""
        raise SendError("the terminal only answers", retry=False, sent="no")


class Phones:
    """Made-up phones that keep the texts they get, the first first. The `broken` ones get none; all others report."""

    name = "terminal"
    routes = ()
    pause = 0.2

    def __init__(self, broken: Collection[str] = (), rate: float | None = None) -> None:
        self.traits = Traits(dedupes=True, reports=True, rate=rate)
        self.shown: list[Outbound] = []
        self._broken = frozenset(broken)
        self._reports: dict[str, DeliveryReport] = {}
        self._lock = Lock()

    def read(self, request: Request) -> Inbound | DeliveryReport:  # noqa: ARG002
        """No webhook either."""
        raise Refused("terminal: no webhook", status=404)

    def render(self, replies: Sequence[Said], reference: int) -> Response:  # noqa: ARG002
        """Never asked for."""
        return Response(200)

    def send(self, outbound: Outbound) -> Sent:
        """The text is on its phone now; the same one a second time changes nothing."""
        if outbound.recipient in self._broken:
            raise SendError("this phone is switched off", retry=False, sent="no", cause="unreachable")
        named = f"phone-{outbound.id}"
        with self._lock:
            if all(shown.id != outbound.id for shown in self.shown):
                self.shown.append(outbound)
                self._reports[named] = DeliveryReport(self.name, named, "delivered", outbound.id)
        return Sent(named)

    def collect(self) -> Sequence[DeliveryReport]:
        """What phones said about their texts."""
        with self._lock:
            return tuple(self._reports.values())

    def taken(self, event: Inbound | DeliveryReport) -> None:
        """It need not be said again."""
        with self._lock:
            self._reports.pop(getattr(event, "provider_id", ""), None)
