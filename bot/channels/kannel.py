"""Kannel: an operator's SMPP account, or a modem. It fetches our address with each text; we post to its sendsms."""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from bot.channels import Condition, Said, Traits, http, kannel_url
from bot.protocol import DeliveryReport, Ignored, Inbound, Outbound, Refused, Request, Response, SendError, Sent
from bot.text.sms import segments

if TYPE_CHECKING:
    from bot.config import Settings

SMS: Final = "/webhooks/kannel/sms"
DLR: Final = "/webhooks/kannel/dlr"
REPORTS: Final = {"1": "delivered", "2": "undelivered", "4": "sent", "8": "sent", "16": "failed"}
"""What the numbers of Kannel's %d say; 4 is kept by the operator for a phone that is off, 16 was not taken by him."""
URGENT: Final = {0: "3", 1: "1", 2: "0"}
"""Kannel lets a text with a higher number overtake in its own queue."""
LONGEST_WAIT: Final = 2880
"""Minutes after which operator and Kannel may drop a text. Operators refuse texts that want more than they grant."""

_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_LINK: Final = re.compile(
    r"^ +(?P<name>\S+)\[.*\((?P<state>[a-z-]+)(?: .*queued (?P<queued>[0-9]+) msgs)?", re.MULTILINE
)


class Kannel:
    """One short code or number behind a Kannel. `callback_url` is the address at which Kannel finds us."""

    name = "kannel"
    routes = (("GET", SMS), ("GET", DLR))

    def __init__(
        self,
        *,
        sendsms_url: str,
        username: str,
        password: str,
        secret: str,
        number: str,
        callback_url: str,
        rate: float | None = None,
        status: tuple[str, str] | None = None,
    ) -> None:
        self.traits = Traits(reports=True, rate=rate, lanes=8, thanks=Response(200))
        self._login = {"X-Kannel-Username": username, "X-Kannel-Password": password, "X-Kannel-From": number}
        self._secret = secret
        self._callback_url = callback_url
        self._lines, self._target = http.pool(sendsms_url), http.target(sendsms_url)
        self._status = status

    def read(self, request: Request) -> Inbound | DeliveryReport | Ignored:
        """Translate one fetch of get-url or dlr-url; raises `Refused`. What nobody can read is still taken."""
        if request.path == DLR:
            return self._report(request)
        fields = kannel_url.read(request, self._secret)
        message, sender = kannel_url.message_id(fields), kannel_url.sender(fields)
        text = kannel_url.text(fields)
        if text is None:
            return Ignored(self.name)
        return Inbound(self.name, sender, text, message, kannel_url.received_at(fields))

    def render(self, replies: Sequence[Said], reference: int) -> Response:  # noqa: ARG002
        """Nothing: the answer waits in the outbox. Only an empty 200 is silence to Kannel; 204 is a failure to it."""
        return self.traits.thanks

    def send(self, outbound: Outbound) -> Sent:
        """Hand the whole text to Kannel, which cuts it; raises `SendError`. Kannel gives it no name: ours serves."""
        headers, body = self._order(outbound)
        timeout = self.traits.timeout
        answer = http.post(self._lines, "POST", self._target, headers=headers, body=body, timeout=timeout)
        if answer.status == 202:
            return Sent(str(outbound.id))
        raise _refusal(answer)

    def condition(self) -> Condition:
        """What the status page says of the lines to the operators. Without its address nothing is known."""
        if self._status is None:
            return Condition()
        url, password = self._status
        where = f"{http.target(url)}?password={password}"
        try:
            answer = http.post(http.pool(url), "GET", where, headers={}, body=None, timeout=self.traits.timeout)
        except SendError:
            return Condition("Kannel does not answer: is bearerbox running?", dead=True)
        if answer.status != 200 or b"Kannel" not in answer.body or b"Denied" in answer.body[:80]:
            return Condition("Kannel does not show its status: look at PHLOV_KANNEL_STATUS_PASSWORD")
        return _weigh(answer.body.decode("utf-8", "replace"))

    def _order(self, outbound: Outbound) -> tuple[dict[str, str], bytes]:
        """The request for one text. Text, number and password stand in no address, so in no log of addresses."""
        if not _E164.fullmatch(outbound.recipient):
            raise SendError("the recipient is no number", retry=False, sent="no", cause="bad_number")
        shape = segments(outbound.text)
        if len(shape.parts) > self.traits.part_limit:
            raise SendError("the text has too many parts", retry=False, sent="no", cause="too_long")
        plain = shape.encoding == "GSM-7"
        headers = {
            **self._login,
            "Content-Type": f"text/plain; charset={'UTF-8' if plain else 'UTF-16BE'}",
            "X-Kannel-To": outbound.recipient,
            "X-Kannel-Coding": "0" if plain else "2",
            "X-Kannel-Priority": URGENT.get(outbound.priority, "0"),
            "X-Kannel-DLR-Mask": "31",
            "X-Kannel-DLR-Url": self._callback(outbound.id),
        }
        if outbound.valid_until is not None:
            left = (outbound.valid_until - datetime.now(UTC)).total_seconds()
            headers["X-Kannel-Validity"] = str(max(1, min(LONGEST_WAIT, round(left / 60))))
        return headers, outbound.text.encode("utf-8" if plain else "utf-16-be")

    def _callback(self, reference: int) -> str:
        """It holds no secret, only a proof good for this text's reports: Kannel keeps it on its disk for days."""
        return f"{self._callback_url}{DLR}?ref={reference}&proof={self._proof(str(reference))}&status=%d"

    def _proof(self, reference: str) -> str:
        return hmac.digest(self._secret.encode(), f"report {reference}".encode(), "sha256")[:16].hex()

    def _report(self, request: Request) -> DeliveryReport:
        fields = kannel_url.pairs(request)
        reference = fields.get("ref", b"").decode("latin-1")
        if not hmac.compare_digest(fields.get("proof", b""), self._proof(reference).encode()):
            raise Refused("kannel: wrong proof")
        status = fields.get("status", b"").decode("latin-1")
        if not re.fullmatch(r"[0-9]{1,3}", status):
            raise Refused("kannel: status is no number", status=400)
        return DeliveryReport(self.name, reference, REPORTS.get(status, status), int(reference))


def wire(settings: Settings) -> Kannel:
    """The Kannel that the settings name."""
    status = settings.kannel_status_url, settings.kannel_status_password
    return Kannel(
        sendsms_url=settings.kannel_sendsms_url or "",
        username=settings.kannel_username or "",
        password=settings.kannel_password or "",
        secret=settings.kannel_secret or "",
        number=settings.kannel_number or "",
        callback_url=settings.kannel_callback_url or f"http://127.0.0.1:{settings.port}",
        rate=settings.kannel_rate or 10,
        status=(status[0], status[1]) if status[0] and status[1] else None,
    )


def _refusal(answer: http.Answer) -> SendError:
    """403, 404 and odd 400s: our settings or Kannel's; they vary with no text. 503: smsbox has lost bearerbox."""
    reason = f"Kannel answered HTTP {answer.status}"
    if answer.status == 400 and b"denied" in answer.body:
        return SendError(f"{reason}: denied by its lists", retry=False, sent="no", cause="blocked")
    if answer.status in (400, 401, 403, 404, 405):
        return SendError(reason, retry=True, sent="no", cause="config")
    if answer.status == 503:
        return SendError(reason, retry=True, sent="no", cause="network", after=answer.after)
    return http.refusal(answer)


def _weigh(page: str) -> Condition:
    """The status page in words: is anything connected, and how much waits."""
    boxes, _, links = page.partition("SMSC connections:")
    found = list(_LINK.finditer(links))
    queued = sum(int(link["queued"] or 0) for link in found)
    gauges = (("lines", sum(link["state"] == "online" for link in found)), ("queued", queued))
    if re.search(r"^Status: (?:isolated|suspended|full)", boxes, re.MULTILINE):
        return Condition("Kannel takes no texts: it was told so, by kannel-guard if that runs", gauges)
    if "smsbox:" not in boxes:
        return Condition("Kannel's smsbox is not running", gauges, dead=True)
    lost = [link["name"] for link in found if link["state"] != "online"]
    if lost or not found:
        problem = f"Kannel has no line to {', '.join(lost) or 'any operator'}"
        return Condition(problem, gauges, dead=len(lost) == len(found))
    return Condition(None, gauges)
