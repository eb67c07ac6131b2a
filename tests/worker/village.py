"""Gateways of the tests: real channels whose other side does what it is told, and remembers everything."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from time import monotonic

from bot.channels import Condition, Said, Traits
from bot.protocol import DeliveryReport, Inbound, Outbound, Refused, Request, Response, SendError, Sent

Script = Callable[[Outbound, int], Sent]
"""What the gateway does with a text; the second argument counts how often it was given this one."""

PATIENCE = 60.0


def takes(text: Outbound, nth: int) -> Sent:
    """Takes every text."""
    return Sent(f"{text.id}.{nth}")


def refuses(cause: str, *, retry: bool = True, sent: str = "no", **more: object) -> Script:
    """Takes none."""

    def script(text: Outbound, nth: int) -> Sent:
        raise SendError("not taken", retry=retry, sent=sent, cause=cause, **more)

    return script


class Village:
    """A gateway. `handed`: all texts it was given, in that order, with the seconds of the monotonic clock."""

    routes = ()

    def __init__(self, name: str = "village", script: Script = takes, **traits: object) -> None:
        self.name = name
        self.script = script
        self.traits = Traits(**{"timeout": 1.0, **traits})
        self.handed: list[tuple[float, Outbound]] = []
        self.changed = threading.Condition()

    def read(self, request: Request) -> Inbound:
        raise Refused("nobody calls")

    def render(self, replies: Sequence[Said], reference: int) -> Response:
        return Response(200)

    def send(self, outbound: Outbound) -> Sent:
        with self.changed:
            self.handed.append((monotonic(), outbound))
            nth = sum(text.id == outbound.id for _, text in self.handed)
            self.changed.notify_all()
        return self.script(outbound, nth)

    @property
    def texts(self) -> list[str]:
        """The words it was given, in order."""
        return [text.text for _, text in self.handed]

    def wait(self, number: int, within: float = PATIENCE) -> list[Outbound]:
        """Once it was given so many texts."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.handed) >= number, within), f"only {len(self.handed)} texts"
            return [text for _, text in self.handed]


class Asked(Village):
    """One that can be asked; `known` are the ids of the texts it has."""

    def __init__(self, *args: object, **traits: object) -> None:
        super().__init__(*args, **traits)
        self.known: set[int] = set()
        self.questions: list[int] = []

    def ask(self, outbound: Outbound) -> Sent | None:
        self.questions.append(outbound.id)
        return Sent(f"known.{outbound.id}") if outbound.id in self.known else None


class Fetched(Village):
    """One whose texts are fetched. `box` is what waits there; `away` is an error while it cannot be reached."""

    pause = 0.02

    def __init__(self, *args: object, **traits: object) -> None:
        super().__init__(*args, **traits)
        self.box: list[Inbound | DeliveryReport] = []
        self.away: Exception | None = None
        self.looks = 0

    def collect(self) -> list[Inbound | DeliveryReport]:
        with self.changed:
            self.looks += 1
            self.changed.notify_all()
            if self.away is not None:
                raise self.away
            return list(self.box)

    def taken(self, event: Inbound | DeliveryReport) -> None:
        with self.changed:
            self.box.remove(event)
            self.changed.notify_all()

    def put(self, *events: Inbound | DeliveryReport) -> None:
        with self.changed:
            self.box += events

    def until(self, condition: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(condition, PATIENCE)


class Well(Village):
    """One that says how it is."""

    condition_now = Condition()

    def condition(self) -> Condition:
        return self.condition_now
