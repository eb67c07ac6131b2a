"""Sending by Twilio's REST API: the only file that pays for `twilio.rest`, imported at the first send."""

from __future__ import annotations

import json
import logging
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from twilio.base.exceptions import TwilioException
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

from bot.channels.http import CAUSES, Answer, pool, post, target
from bot.protocol import Cause, Outbound, SendError, Sent

TIMEOUT: Final = 10.0
"""Seconds for one request in all; the library itself would wait for ever."""
API: Final = "https://api.twilio.com"
LONGEST_WAIT: Final = 36_000
"""Seconds that Twilio keeps a text at most (ValidityPeriod)."""
SLACK: Final = timedelta(minutes=1)
"""What Twilio's clock and ours may differ."""
ID_RANDOM_BITS: Final = 22
"""An id is the milliseconds when its row was made, and so many random bits (bot/store/ids.py)."""

ERRORS: Final[Mapping[int, Cause]] = {
    20003: "config",
    20005: "config",
    20429: "throttled",
    21211: "bad_number",
    21408: "blocked",  # this country is not switched on: a matter of one person, not of all
    21606: "config",
    21608: "blocked",
    21610: "opted_out",
    21611: "throttled",
    21612: "blocked",
    21614: "bad_number",
    21617: "too_long",
    30001: "throttled",
    30002: "credit",
    30003: "unreachable",
    30004: "blocked",
    30005: "bad_number",
    30006: "bad_number",
    30007: "blocked",
    30017: "unreachable",
    30018: "config",
    30036: "expired",
}
"""Twilio's own errors; those of one country or one person never stop the whole gateway."""
LATER: Final = frozenset({30008, 30036})
_LATER_CAUSES: Final = frozenset({"throttled", "config", "credit", "network", "unreachable"})
"""After these the same text may be taken later."""
UNREADABLE: Final = (TwilioException, ValueError, TypeError, AttributeError, KeyError)
"""What the library raises on an answer of another shape."""


class Wire(HttpClient):
    """The library's requests on lines of ours: one deadline for all of it, nothing repeated, nothing logged."""

    def __init__(self, address: str) -> None:
        super().__init__(logging.getLogger(__name__), False, TIMEOUT)  # never written to: the library's own wire would
        self._lines = pool(address)

    def request(  # type: ignore[override]  # noqa: PLR0917 - as the library calls it
        self,
        method: str,
        uri: str,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        **_: Any,
    ) -> Response:
        """One request to the one address there is; raises `SendError` for every answer that is no success."""
        query = f"?{urlencode(params, doseq=True)}" if params else ""
        login = {"Authorization": f"Basic {b64encode(':'.join(auth).encode()).decode()}"} if auth else {}
        body = urlencode(data, doseq=True).encode() if data else None
        answer = post(
            self._lines,
            method,
            target(uri) + query,
            headers={**(headers or {}), **login},
            body=body,
            timeout=TIMEOUT,
        )
        if not 200 <= answer.status < 300:
            raise _refusal(answer)
        return Response(answer.status, answer.body.decode("utf-8", "replace"), answer.headers)


def connect(account_sid: str, auth_token: str, api_url: str | None) -> Client:
    """A client with a time limit that never repeats a request by itself."""
    return Client(account_sid, auth_token, http_client=Wire(api_url or API))


def create(client: Client, outbound: Outbound, sender: str, callback: str, **more: str | None) -> Sent:
    """Create the message; raises `SendError`. What is known of the text after each failure is told by `sent`."""
    asked = {name: value for name, value in more.items() if value}
    if outbound.valid_until:
        asked["validity_period"] = str(_left(outbound.valid_until))
    try:
        message = client.messages.create(
            to=outbound.recipient,
            from_=sender,
            body=outbound.text,
            status_callback=callback,
            smart_encoded=False,
            **asked,
        )
    except UNREADABLE:
        raise SendError("Twilio's answer cannot be read", retry=True, sent="unknown") from None
    if not message.sid:
        raise SendError("Twilio's answer names no message", retry=True, sent="unknown")
    return Sent(message.sid)


def find(client: Client, outbound: Outbound, sender: str) -> Sent | None:
    """The text, if it went to this person since its row was made; raises `SendError` if Twilio does not say.

    Twilio keeps no name of ours, so the same words to the same person count as the text: then that person has them.
    It is not asked by DateSent, which would leave out those that still wait in its queue.
    """
    made = datetime.fromtimestamp((outbound.id >> ID_RANDOM_BITS) / 1000, UTC) - SLACK
    try:
        for message in client.messages.list(to=outbound.recipient, from_=sender, limit=50):
            since = message.date_created or made
            if message.body == outbound.text and message.sid and since >= made:
                return Sent(message.sid)
    except UNREADABLE:
        raise SendError("Twilio's answer cannot be read", retry=True, sent="unknown") from None
    return None


def _left(until: datetime) -> int:
    left = int((until - datetime.now(UTC)).total_seconds())
    if left <= 0:
        raise SendError("its time is over", retry=False, sent="no", cause="expired")
    return min(left, LONGEST_WAIT)


def _refusal(answer: Answer) -> SendError:
    code = _code(answer.body)
    reason = f"Twilio answered HTTP {answer.status}, error {code or 'not named'}"
    if answer.status >= 500:
        return SendError(reason, retry=True, sent="unknown", after=answer.after)
    cause = CAUSES.get(answer.status, "unknown") if code is None else ERRORS.get(code, "unknown")
    if answer.status in (401, 403, 429):
        cause = CAUSES[answer.status]
    retry = cause in _LATER_CAUSES or code in LATER
    return SendError(reason, retry=retry, sent="no", cause=cause, after=answer.after)


def _code(body: bytes) -> int | None:
    try:
        code = json.loads(body)["code"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return code if isinstance(code, int) else None
