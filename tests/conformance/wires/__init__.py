"""One small class for each gateway: how texts come from it, how it takes ours, how it reports. One line each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol

from conformance.gateway import Fault, Gateway, Taken

from bot.protocol import Request, Response


class Wire(Protocol):
    """What the kit must know of a gateway.

    `called`: it calls our webhooks; else its tables are looked at.
    `number` is ours there. `faults` are those it can have. `renames`: it may bring one text twice under two names.
    `dedupes`: it takes one reference once. `inline`: the answer to a text leaves with the response.
    """

    name: ClassVar[str]
    number: ClassVar[str]
    called: ClassVar[bool]
    inline: ClassVar[bool]
    renames: ClassVar[bool]
    dedupes: ClassVar[bool]
    faults: ClassVar[frozenset[Fault]]
    gateway: Gateway

    def __init__(self, folder: Path) -> None: ...

    def settings(self) -> Mapping[str, Any]:
        """Those that turn the gateway on."""


class Called(Wire, Protocol):
    """A gateway that calls our webhooks; the kit has `SmsdWire` for those whose tables are looked at."""

    def text(self, words: str, sender: str, name: str) -> Request:
        """The webhook of a text. The same `name`, the same text."""

    def again(self, words: str, sender: str, name: str) -> Request:
        """The same text once more, under another name where the gateway `renames`."""

    def unsigned(self, request: Request) -> Request:
        """The same by somebody who does not know the secret."""

    def report(self, name: str, reference: int | None, status: str) -> Request:
        """The webhook of a delivery report: `sent`, `delivered` or `failed`."""

    def heard(self, response: Response, request: Request) -> Sequence[Taken]:
        """The texts that the gateway finds in our answer to a webhook."""


def wires() -> dict[str, type[Wire]]:
    """Every wire by its label: the name of its gateway, and what sets it apart from another wire of that gateway."""
    from conformance.wires.africastalking import AfricasTalkingWire  # noqa: PLC0415
    from conformance.wires.aggregator import AggregatorWire, PartsWire  # noqa: PLC0415
    from conformance.wires.kannel import KannelWire  # noqa: PLC0415
    from conformance.wires.smsd import SmsdWire  # noqa: PLC0415
    from conformance.wires.smsgate import SmsGateWire  # noqa: PLC0415
    from conformance.wires.twilio import TwilioWire  # noqa: PLC0415

    made = (TwilioWire, SmsdWire, SmsGateWire, KannelWire, AfricasTalkingWire, AggregatorWire, PartsWire)
    return {getattr(wire, "label", wire.name): wire for wire in made}
