"""Requests as Twilio makes them, with valid signatures, for tests of the channel, of the site and of the server."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping, Sequence
from hashlib import sha1
from urllib.parse import urlencode
from uuid import uuid4

from bot.channels.twilio import SMS, STATUS, Twilio
from bot.protocol import Request

ACCOUNT = "AC" + "0123456789abcdef" * 2
TOKEN = "a-token-only-twilio-and-we-know"
NUMBER = "+15005550006"
PUBLIC = "https://phlov.example.org"
WORKER = "+66812345678"

Pairs = Sequence[tuple[str, str]]


def channel(public_url: str = PUBLIC, **more: str) -> Twilio:
    return Twilio(ACCOUNT, TOKEN, NUMBER, public_url, **{"api_url": "http://127.0.0.1:9", **more})


def sid() -> str:
    return f"SM{uuid4().hex}"


def form(text: str = "help", sender: str = WORKER, message: str | None = None, **more: str) -> dict[str, str]:
    """The twenty fields of a text."""
    message = message or sid()
    return {
        "ToCountry": "US",
        "ToState": "",
        "SmsMessageSid": message,
        "NumMedia": "0",
        "ToCity": "",
        "FromZip": "10110",
        "SmsSid": message,
        "FromState": "Krung Thep",
        "SmsStatus": "received",
        "FromCity": "BANGKOK",
        "Body": text,
        "FromCountry": "TH",
        "To": NUMBER,
        "MessagingServiceSid": "MG" + "ab" * 16,
        "ToZip": "",
        "NumSegments": "1",
        "MessageSid": message,
        "AccountSid": ACCOUNT,
        "From": sender,
        "ApiVersion": "2010-04-01",
        **more,
    }


def report(status: str = "delivered", message: str | None = None, **more: str) -> dict[str, str]:
    """The fields of a status callback."""
    message = message or sid()
    return {
        "SmsSid": message,
        "SmsStatus": status,
        "MessageStatus": status,
        "To": WORKER,
        "MessageSid": message,
        "AccountSid": ACCOUNT,
        "From": NUMBER,
        "ApiVersion": "2010-04-01",
        **more,
    }


def sign(url: str, pairs: Pairs, key: str = TOKEN, digest: object = sha1) -> str:
    """The signature by its definition, not by the library's code."""
    run = url + "".join(name + value for name, value in sorted(set(pairs)))
    return base64.b64encode(hmac.new(key.encode(), run.encode(), digest).digest()).decode()


def headers(signature: str, **more: str) -> dict[str, str]:
    return {
        "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
        "x-twilio-signature": signature,
        **{name.replace("_", "-"): value for name, value in more.items()},
    }


def request(
    fields: Mapping[str, str] | Pairs, *, path: str = SMS, query: str = "", signature: str | None = None
) -> Request:
    """A request that is validly signed unless another signature is given."""
    pairs = list(fields.items()) if isinstance(fields, Mapping) else list(fields)
    url = f"{PUBLIC}{path}" + (f"?{query}" if query else "")
    given = sign(url, pairs) if signature is None else signature
    return Request("POST", path, query, headers(given), urlencode(pairs).encode())


def callback(fields: Mapping[str, str], reference: int | None = 7) -> Request:
    return request(fields, path=STATUS, query="" if reference is None else f"ref={reference}")
