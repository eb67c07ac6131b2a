"""Africa's Talking, and gateways that speak as it does: SMS and USSD as HTTP forms.

Nothing of it is signed. A secret in the query of our addresses stands for a signature (docs/africastalking.md).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from hmac import compare_digest
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlencode

from bot.channels import Said, Traits
from bot.protocol import (
    Cause,
    DeliveryReport,
    Display,
    Inbound,
    Outbound,
    Refused,
    Request,
    Response,
    SendError,
    Sent,
    SessionEnd,
)

if TYPE_CHECKING:
    from bot.channels.http import Answer, Pool
    from bot.config import Settings

SMS: Final = "/webhooks/africastalking/sms"
USSD: Final = "/webhooks/africastalking/ussd"
DELIVERY: Final = "/webhooks/africastalking/delivery"
API: Final = "https://api.africastalking.com/version1/messaging"
FORM: Final = "application/x-www-form-urlencoded"
MOST_FIELDS: Final = 50
TIMEOUT: Final = 10.0

TAKEN: Final = frozenset({100, 101, 102})
"""Processed, sent, queued."""
REASONS: Final[Mapping[int, tuple[str, Cause, bool]]] = {
    401: ("RiskHold", "config", True),
    402: ("InvalidSenderId", "config", True),
    403: ("InvalidPhoneNumber", "bad_number", False),
    404: ("UnsupportedNumberType", "bad_number", False),
    405: ("InsufficientBalance", "credit", True),
    406: ("UserInBlacklist", "opted_out", False),
    407: ("CouldNotRoute", "blocked", False),
    409: ("DoNotDisturbRejection", "blocked", False),
    500: ("InternalServerError", "unknown", True),
    501: ("GatewayError", "unknown", True),
    502: ("RejectedByGateway", "blocked", False),
}
"""What became of a recipient, by `statusCode`: its name, the kind of failure, and whether a later try may work."""
STATES: Final = {
    "Success": "delivered",
    "Sent": "sent",
    "Submitted": "sent",
    "Buffered": "sent",
    "Queued": "accepted",
    "Rejected": "failed",
    "Failed": "undelivered",
    "AbsentSubscriber": "undelivered",
    "Expired": "expired",
}

_WORD: Final = re.compile(r"[A-Za-z0-9_ -]{1,60}")


class AfricasTalking:
    """One short code, for texts and for calls. `username` and `api_key` are for sending; calls need neither."""

    name = "africastalking"
    routes = (("POST", SMS), ("POST", USSD), ("POST", DELIVERY))

    def __init__(
        self,
        secret: str,
        *,
        username: str | None = None,
        api_key: str | None = None,
        sender: str | None = None,
        api_url: str | None = None,
        rate: float | None = None,
        display: Display | None = None,
    ) -> None:
        self._secret = secret.encode()
        self._username = username
        self._api_key = api_key
        self._sender = sender
        self._api_url = api_url or API
        self.traits = Traits(
            reports=True,
            sends=bool(username and api_key),
            rate=rate,
            lanes=4,
            timeout=TIMEOUT,
            thanks=Response(200),
            display=display or Display(entry="accumulated"),
        )

    def read(self, request: Request) -> Inbound | DeliveryReport | SessionEnd:
        """Translate one webhook; raises `Refused` (403 for a wrong secret, other 4xx for a wrong form)."""
        self._verify(request.query)
        fields = _fields(request)
        if request.path == DELIVERY:
            said, reason = _needed(fields, "status"), fields.get("failureReason", "")
            status = STATES.get(said) or (said if _WORD.fullmatch(said) else "unreadable")
            error = reason if _WORD.fullmatch(reason) else None
            return DeliveryReport(self.name, _needed(fields, "id"), status, None, error)
        now = datetime.now(UTC)
        if request.path == SMS:
            return Inbound(self.name, _needed(fields, "from"), fields.get("text", ""), _needed(fields, "id"), now)
        call = _needed(fields, "sessionId")
        if "status" in fields and "text" not in fields:
            return SessionEnd(self.name, call)
        text = fields.get("text", "")
        sender = _needed(fields, "phoneNumber")
        # The call and all that was entered in it so far name this step; the same again is the same step again.
        return Inbound(self.name, sender, text, f"{call}/{text}", now, "ussd", call)

    def render(self, replies: Sequence[Said], reference: int) -> Response:  # noqa: ARG002
        """A screen: CON keeps the call open, END closes it. To a text only that it was taken."""
        if not replies:
            return Response(200)
        word = "END" if any(reply.ends for reply in replies) else "CON"
        text = "\n".join(reply.text for reply in replies)
        return Response(200, f"{word} {text}".encode())

    def send(self, outbound: Outbound) -> Sent:
        """Post one text; raises `SendError`. Its id is that of the later reports. No repeat is known as one."""
        if not (self._username and self._api_key):
            raise SendError("africastalking: no user name and API key are set", retry=True, sent="no", cause="config")
        from bot.channels.http import post, target  # noqa: PLC0415 - a house without sending pays nothing for it

        form = {"username": self._username, "to": outbound.recipient, "message": outbound.text}
        if self._sender:
            form["from"] = self._sender
        headers = {"apiKey": self._api_key, "Accept": "application/json", "Content-Type": FORM}
        body = urlencode(form).encode()
        return _taken(post(self._pool, "POST", target(self._api_url), headers=headers, body=body, timeout=TIMEOUT))

    @cached_property
    def _pool(self) -> Pool:
        from bot.channels.http import pool  # noqa: PLC0415

        return pool(self._api_url)

    def _verify(self, query: str) -> None:
        given = [value for name, value in _pairs(query, "the query") if name == "secret"]
        if len(given) != 1 or not self._secret or not compare_digest(given[0].encode(), self._secret):
            raise Refused("africastalking: wrong secret")


def wire(settings: Settings) -> AfricasTalking:
    """The short code that the settings name."""
    usual = Display()
    display = Display(
        settings.africastalking_ussd_letters or usual.gsm7,
        settings.africastalking_ussd_units or usual.ucs2,
        settings.africastalking_ussd_script,
        settings.africastalking_ussd_entry or "accumulated",
    )
    return AfricasTalking(
        settings.africastalking_secret or "",
        username=settings.africastalking_username,
        api_key=settings.africastalking_api_key,
        sender=settings.africastalking_number,
        api_url=settings.africastalking_api_url,
        rate=settings.africastalking_rate,
        display=display,
    )


def _fields(request: Request) -> dict[str, str]:
    """The form, each field once."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise Refused("africastalking: not a form", status=415)
    try:
        # Broken letters are kept as U+FFFD: who texts is answered, though half of a letter was lost on the way.
        pairs = _pairs(request.body.decode("ascii"), "the form", errors="replace")
    except UnicodeDecodeError:
        raise Refused("africastalking: the form cannot be read", status=400) from None
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise Refused("africastalking: a field comes twice", status=400)
    return fields


def _pairs(quoted: str, what: str, errors: str = "strict") -> list[tuple[str, str]]:
    try:
        return parse_qsl(quoted, keep_blank_values=True, errors=errors, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Refused(f"africastalking: {what} cannot be read", status=400) from None


def _needed(fields: Mapping[str, str], name: str) -> str:
    value = fields.get(name, "")
    if not value:
        raise Refused(f"africastalking: {name} is missing", status=400)
    return value


def _taken(answer: Answer) -> Sent:
    """The id of a text that was taken; raises `SendError` for every other answer."""
    from bot.channels.http import refusal  # noqa: PLC0415

    if answer.status not in (200, 201):
        raise refusal(answer)
    data = _data(answer.body)
    recipients = data.get("Recipients")
    if not isinstance(recipients, list) or not recipients or not isinstance(recipients[0], dict):
        raise _refused_whole(str(data.get("Message", "")))
    first = recipients[0]
    code = first.get("statusCode")
    if first.get("status") == "Success" or code in TAKEN:
        name = first.get("messageId")
        return Sent(name if isinstance(name, str) and name not in ("", "None") else None)
    reason, cause, retry = REASONS.get(code if isinstance(code, int) else 0, ("another status", "unknown", False))
    raise SendError(f"africastalking: {reason}", retry=retry, sent="no", cause=cause)


def _data(body: bytes) -> dict[str, Any]:
    """What it says of the text. An answer that is none of its own leaves open whether it has the text."""
    try:
        data = json.loads(body)["SMSMessageData"]
    except (ValueError, KeyError, TypeError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise SendError("africastalking: the answer cannot be understood", retry=True, sent="unknown")
    return data


def _refused_whole(message: str) -> SendError:
    """No recipient was looked at: something is wrong with the account, and the message names it in one word."""
    known = {reason: (cause, retry) for reason, cause, retry in REASONS.values()}
    cause, retry = known.get(message.strip(), ("config", True))
    reason = message.strip() if message.strip() in known else "no recipient was taken"
    return SendError(f"africastalking: {reason}", retry=retry, sent="no", cause=cause)
