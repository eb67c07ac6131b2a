"""A phone and an operator that speak USSD as Africa's Talking does, over real HTTP: the other side of the talk.

They join all entries of a call by `*` (or send the last alone, as some gateways do), send a request again when told to,
want CON or END within a second and a text that fits a screen, and tell afterwards how the call went.
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import quote, urlencode

from bot.text.sms import measure

PATH = "/webhooks/africastalking/ussd"
LIMIT = 1.0
"""Seconds in which a screen has to come, on a machine that does not stand still meanwhile."""
CUT = 15.0
"""Seconds after which it ends the call."""
TOOK: list[float] = []
"""Seconds of every screen of every call."""
_CALLS: Iterator[int] = count(1)


class Broken(AssertionError):
    """The answer would have ended the call with an error on the phone."""


@dataclass(frozen=True)
class Screen:
    """What the phone shows. `open`: it has a field to answer in."""

    text: str
    open: bool
    raw: bytes
    seconds: float

    @property
    def lines(self) -> list[str]:
        return self.text.split("\n")


@dataclass
class Call:
    """One call from one phone, `dial` to hang up."""

    port: int
    secret: str
    phone: str
    code: str = "*1280#"
    accumulates: bool = True
    name: str = field(default_factory=lambda: f"ATUid_{next(_CALLS):032x}")
    entries: list[str] = field(default_factory=list)
    screens: list[Screen] = field(default_factory=list)

    def dial(self, behind: str = "") -> Screen:
        """`*1280#`, or with `behind` (1*2) further on at once: `*1280*1*2#`."""
        self.entries = behind.split("*") if behind else []
        return self._request(behind)

    def enter(self, text: str) -> Screen:
        """Answer the screen that is shown."""
        if not (self.screens and self.screens[-1].open):
            raise AssertionError("there is no field to answer in")
        self.entries.append(text)
        return self._request("*".join(self.entries) if self.accumulates else text)

    def again(self) -> Screen:
        """The same request once more, as after an answer that was lost."""
        return self._request(self._last)

    def hang_up(self, status: str = "Incomplete") -> int:
        """The notification at the end; its HTTP status."""
        told = {
            "date": "2026-11-22 10:10:10",
            "sessionId": self.name,
            "serviceCode": self.code,
            "networkCode": "45601",
            "phoneNumber": self.phone,
            "status": status,
            "cost": "0",
            "durationInMillis": "12000",
            "hopsCount": str(len(self.screens)),
            "input": "*".join(self.entries),
            "lastAppResponse": self.screens[-1].raw.decode() if self.screens else "",
            "errorMessage": "",
        }
        return self._post(told)[0]

    def _request(self, text: str) -> Screen:
        self._last = text
        asked = {
            "sessionId": self.name,
            "serviceCode": self.code,
            "phoneNumber": self.phone,
            "networkCode": "45601",
            "text": text,
        }
        began = time.perf_counter()
        status, kind, body = self._post(asked)
        screen = understood(status, kind, body, time.perf_counter() - began)
        self.screens.append(screen)
        TOOK.append(screen.seconds)
        return screen

    def _post(self, fields: dict[str, str]) -> tuple[int, str, bytes]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            line.request(
                "POST",
                f"{PATH}?secret={quote(self.secret)}",
                urlencode(fields),
                {"Content-Type": "application/x-www-form-urlencoded"},
            )
            answer = line.getresponse()
            return answer.status, answer.getheader("Content-Type") or "", answer.read()
        finally:
            line.close()


def understood(status: int, kind: str, body: bytes, seconds: float) -> Screen:
    """What an operator makes of an answer; raises `Broken` where the phone would show an error."""
    if status != 200 or not kind.startswith("text/plain"):
        raise Broken(f"{status} {kind}")
    text = body.decode()
    word, _, shown = text.partition(" ")
    if word not in ("CON", "END"):
        raise Broken(f"begins with neither CON nor END: {text[:10]!r}")
    encoding, ends = measure(shown)
    if ends[-1] > (182 if encoding == "GSM-7" else 80):
        raise Broken(f"{ends[-1]} units of {encoding}")
    if seconds > CUT:
        raise Broken(f"came after {seconds:.1f} s")
    return Screen(shown, word == "CON", body, seconds)
