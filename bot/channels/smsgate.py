"""An Android phone as gateway: SMSGate (capcom6), on the LAN without Internet or by its own server.

A webhook has an event id, but the same text comes with another one when it is told twice (two webhooks of one address,
an inbox read again), and `messageId` is a hash of 32 bits. So a text is known again by itself: who, when, and what.
"""

from __future__ import annotations

import hmac
import json
import re
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from time import monotonic, time
from typing import TYPE_CHECKING, Any, Final

from bot.channels import Condition, Said, Traits
from bot.channels.http import Answer, Pool, moment, pool, post, refusal, target
from bot.protocol import DeliveryReport, Event, Ignored, Inbound, Outbound, Refused, Request, Response, SendError, Sent

if TYPE_CHECKING:
    from bot.config import Settings

WEBHOOK: Final = "/webhooks/smsgate"
MOST_TEXTS: Final = 200
SHORTEST_LIFE: Final = 5
"""Seconds, the least that SMSGate takes for `ttl`."""

PRIORITIES: Final = (127, 0, -64)
"""For emergency, reply and broadcast; from 100 on SMSGate waits for no limit and no pause of its own."""

_STATUS: Final = {
    "sms:sent": "sent",
    "sms:delivered": "delivered",
    "sms:failed": "failed",
    "sms:cancelled": "canceled",
}
"""A delivered text of several parts is told once for each: they are one report to us, for the first that arrived."""
_OURS: Final = re.compile(r"phlov-([1-9][0-9]{0,18})")
_RESULT: Final = re.compile(r"RESULT_[A-Z_]{1,40}|TTL expired|No SIMs found")
_FULL: Final = re.compile(rb"too (?:many|old) |device", re.IGNORECASE)
_BROKEN: Final = ("messages:failed", "battery:level")
"""Checks of the phone that matter here. That it has no Internet is as it should be in a village."""


class SmsGate:
    """One phone, or all phones of one account. `window`: seconds its clock and ours may differ; 0 asks for no time."""

    name = "smsgate"
    routes = (("POST", WEBHOOK),)

    def __init__(
        self,
        url: str,
        user: str,
        password: str,
        key: str,
        *,
        sim: int | None = None,
        window: int = 300,
        rate: float | None = None,
        clock: Callable[[], float] = time,
    ) -> None:
        self.traits = Traits(dedupes=True, reports=True, lanes=2, rate=rate)
        self._lines: Pool = pool(url)
        self._where = target(url).rstrip("/")
        login = b64encode(f"{user}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {login}", "Content-Type": "application/json"}
        self._key = key.encode()
        self._sim = sim
        self._window = window
        self._clock = clock

    def read(self, request: Request) -> Event | tuple[Event, ...]:
        """Translate one webhook; raises `Refused` (403 for a wrong signature or time, 400 for what is no webhook)."""
        self._verify(request)
        told = _document(request.body)
        event, payload = told.get("event"), told.get("payload")
        if not isinstance(event, str):
            raise Refused("smsgate: no event", status=400)
        if event == "sms:received":
            return self._inbound(payload)
        if event == "sms:batch:received":
            return self._batch(payload)
        if event in _STATUS:
            return self._report(_STATUS[event], payload)
        return Ignored(self.name)

    def render(self, replies: Sequence[Said], reference: int) -> Response:  # noqa: ARG002
        """Answers never leave with the response: SMSGate only wants to hear that the text was taken."""
        return Response(200)

    def send(self, outbound: Outbound) -> Sent:
        """Hand one text to the phone; raises `SendError`. It takes an id once, so a second try is the same text."""
        ends = monotonic() + self.traits.timeout
        answer = self._say("POST", "/messages?skipPhoneValidation=true", self._form(outbound), self.traits.timeout)
        if answer.status in (200, 201, 202) and _names(answer, outbound):
            return Sent(_name(outbound))
        if answer.status == 409:
            return Sent(_name(outbound))  # it has it already
        if answer.status >= 500 and self._has(outbound, ends - monotonic()):
            return Sent(_name(outbound))  # older ones say 500 to an id they know
        raise _refused(answer)

    def ask(self, outbound: Outbound) -> Sent | None:
        """Whether the phone knows the text; raises `SendError` if it does not say."""
        answer = self._say("GET", f"/messages/{_name(outbound)}", None, self.traits.timeout)
        if answer.status == 200 and _names(answer, outbound):
            return Sent(_name(outbound))
        if answer.status == 404:
            return None
        raise SendError(f"SMSGate answered HTTP {answer.status}", retry=True, sent="unknown", after=answer.after)

    def condition(self) -> Condition:
        """Its own word on its health, and whether its clock and ours agree: else its texts would be refused."""
        try:
            answer = self._say("GET", "/health", None, self.traits.timeout)
        except SendError as error:
            return Condition(f"smsgate: {error}", dead=True)
        if answer.status not in (200, 500):
            return Condition(f"smsgate: the phone answered HTTP {answer.status} when asked how it is")
        gauges, wrong = _health(answer.body)
        apart = self._apart(answer)
        if apart is not None:
            gauges += (("clock_difference", apart),)
            if self._window and abs(apart) > self._window:
                wrong = f"the phone's clock and ours are {abs(apart) / 60:.0f} minutes apart; its texts are refused"
        return Condition(f"smsgate: {wrong}" if wrong else None, gauges)

    def _verify(self, request: Request) -> None:
        """The signature covers the body as it came and the time run together; the time is made anew for each try."""
        stamp = request.headers.get("x-timestamp", "")
        given = request.headers.get("x-signature", "").encode("latin-1", "replace")
        made = hmac.new(self._key, request.body + stamp.encode("latin-1", "replace"), sha256)
        if not hmac.compare_digest(made.hexdigest().encode(), given.lower()):
            raise Refused("smsgate: wrong signature")
        if not re.fullmatch(r"[0-9]{1,12}", stamp):
            raise Refused("smsgate: no time", status=400)
        if self._window and abs(self._clock() - int(stamp)) > self._window:
            raise Refused(f"smsgate: signed more than {self._window} s ago or ahead by the phone's clock")

    def _inbound(self, payload: object) -> Inbound:
        try:
            given = dict(payload)  # type: ignore[call-overload]
            sender, text = given.get("sender") or given["phoneNumber"], given.get("message") or ""
            at = datetime.fromisoformat(given["receivedAt"])
            at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
        except (KeyError, TypeError, ValueError, OverflowError):
            raise Refused("smsgate: a text without sender or time", status=400) from None
        if not isinstance(sender, str) or not isinstance(text, str):
            raise Refused("smsgate: a text that is none", status=400)
        known = json.dumps([sender, int(at.timestamp()), text]).encode()
        return Inbound(self.name, sender, text, sha256(known).hexdigest(), at)

    def _batch(self, payload: object) -> tuple[Event, ...]:
        """What can be read of it: one broken text must not lose the others."""
        texts = payload.get("messages") if isinstance(payload, dict) else None
        if not isinstance(texts, list):
            raise Refused("smsgate: a batch without texts", status=400)
        if len(texts) > MOST_TEXTS:
            raise Refused("smsgate: too many texts at once", status=413)
        found: list[Event] = []
        for text in texts:
            try:
                found.append(self._inbound(text))
            except Refused:
                found.append(Ignored(self.name))
        return tuple(found)

    def _report(self, status: str, payload: object) -> Event:
        """What became of one of our texts; others may send with the same phone."""
        given = payload if isinstance(payload, dict) else {}
        ours = _OURS.fullmatch(str(given.get("messageId", "")))
        if not ours:
            return Ignored(self.name)
        why = _RESULT.search(str(given.get("reason", "")))  # in its words a number may stand
        if status == "failed" and why and why[0] == "TTL expired":
            status = "expired"
        return DeliveryReport(self.name, ours[0], status, int(ours[1]), why[0] if why else None)

    def _form(self, outbound: Outbound) -> bytes:
        form: dict[str, Any] = {
            "id": _name(outbound),
            "textMessage": {"text": outbound.text},
            "phoneNumbers": [outbound.recipient],
            "withDeliveryReport": True,
            "priority": PRIORITIES[min(outbound.priority, 2)],
        }
        if self._sim:
            form["simNumber"] = self._sim
        if outbound.valid_until:
            left = outbound.valid_until.timestamp() - self._clock()
            if left <= 0:
                raise SendError("its time is over", retry=False, sent="no", cause="expired")
            form["ttl"] = max(int(left), SHORTEST_LIFE)
        return json.dumps(form).encode()

    def _has(self, outbound: Outbound, left: float) -> bool:
        if left <= 0:
            return False
        try:
            answer = self._say("GET", f"/messages/{_name(outbound)}", None, left)
        except SendError:
            return False
        return answer.status == 200 and _names(answer, outbound)

    def _say(self, method: str, where: str, body: bytes | None, timeout: float) -> Answer:
        return post(self._lines, method, self._where + where, headers=self._headers, body=body, timeout=timeout)

    def _apart(self, answer: Answer) -> float | None:
        theirs = moment(answer.headers.get("date", ""))
        return None if theirs is None else round(theirs.timestamp() - self._clock())


def wire(settings: Settings) -> SmsGate:
    """The phone that the settings name."""
    return SmsGate(
        settings.smsgate_url or "",
        settings.smsgate_user or "",
        settings.smsgate_password or "",
        settings.smsgate_signing_key or "",
        sim=settings.smsgate_sim,
        window=settings.smsgate_window,
        rate=settings.smsgate_rate / 60,
    )


def _name(outbound: Outbound) -> str:
    """What SMSGate calls our text: 36 characters at most."""
    return f"phlov-{outbound.id}"


def _names(answer: Answer, outbound: Outbound) -> bool:
    """Whether an answer speaks of our text: any router between us may say 200."""
    try:
        return json.loads(answer.body).get("id") == _name(outbound)  # type: ignore[no-any-return]
    except (ValueError, AttributeError, RecursionError):
        return False


def _refused(answer: Answer) -> SendError:
    """A phone that is away makes its server say 400 or 503 about the device or its queue."""
    if answer.status in (400, 503) and _FULL.search(answer.body):
        reason = f"SMSGate answered HTTP {answer.status}: its phone is away or its queue is full"
        return SendError(reason, retry=True, sent="no", cause="network", after=answer.after)
    return refusal(answer)


def _document(body: bytes) -> Mapping[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused("smsgate: not JSON", status=400) from None
    if not isinstance(told, dict):
        raise Refused("smsgate: not an object", status=400)
    return told


def _health(body: bytes) -> tuple[tuple[tuple[str, float], ...], str | None]:
    """The battery, and what is wrong by the phone's own checks; nothing if it says nothing."""
    try:
        checks = json.loads(body)["checks"]
        battery = checks.get("battery:level", {}).get("observedValue")
        wrong = [name for name in _BROKEN if checks.get(name, {}).get("status") == "fail"]
        gauges = (("battery", float(battery)),) if isinstance(battery, int | float) else ()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        return (), None
    return gauges, f"the phone says that these are wrong: {', '.join(wrong)}" if wrong else None
