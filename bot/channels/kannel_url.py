"""What Kannel writes into the addresses it fetches: a secret, and fields whose bytes may be of any alphabet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from hmac import compare_digest
from typing import Final
from urllib.parse import unquote_to_bytes

from bot.protocol import Refused, Request

MOST_FIELDS: Final = 40
LONGEST: Final = 1600
"""Characters of a text that are read; a longer one is cut. To refuse it would only bring it again."""

_ID: Final = re.compile(rb"[0-9A-Za-z._:-]{1,64}")
_ABROAD: Final = re.compile(r"[1-9][0-9]{9,14}")
_CODECS: Final = {
    "utf-8": "utf-8",
    "utf-16be": "utf-16-be",
    "utf-16": "utf-16",
    "ucs-2": "utf-16-be",
    "iso-8859-1": "latin-1",
    "latin1": "latin-1",
    "us-ascii": "latin-1",
    "windows-1252": "cp1252",
}

Fields = Mapping[str, bytes]


def read(request: Request, secret: str) -> Fields:
    """The fields of an address that knows our secret. Raises `Refused`, 403 without the secret."""
    fields = pairs(request)
    if not compare_digest(fields.get("secret", b""), secret.encode()):
        raise Refused("kannel: wrong secret")
    return fields


def pairs(request: Request) -> Fields:
    """The fields as bytes, decoded from % once. Raises `Refused`, 400, for one that comes twice."""
    items = [item.partition("=") for item in request.query.split("&") if item]
    if len(items) > MOST_FIELDS:
        raise Refused("kannel: too many fields", status=400)
    fields = {name: _plain(value) for name, _, value in items}
    if len(fields) < len(items):
        raise Refused("kannel: a field comes twice", status=400)
    return fields


def message_id(fields: Fields) -> str:
    """Kannel's name of a text (%I), the same at every try. Raises `Refused`."""
    found = fields.get("id", b"")
    if not _ID.fullmatch(found):
        raise Refused("kannel: no id; get-url needs id=%I", status=400)
    return found.decode()


def sender(fields: Fields) -> str:
    """Who texts. An operator may leave out the +; ten digits that begin with no 0 are a number with its country."""
    if "from" not in fields:
        raise Refused("kannel: no sender; get-url needs from=%p", status=400)
    found = fields["from"].decode("utf-8", "replace")
    return f"+{found}" if _ABROAD.fullmatch(found) else found


def text(fields: Fields) -> str | None:
    """The words, None for bytes that are none (a picture, a setting for the phone). Broken letters are kept as U+FFFD.

    `charset` (%C) names the alphabet; where Kannel was not asked for it, `coding` (%c) 2 means UTF-16.
    """
    if "text" not in fields:
        raise Refused("kannel: no text; get-url needs text=%b", status=400)
    raw, coding = fields["text"], fields.get("coding", b"")
    if coding == b"1":
        try:
            return raw.decode()[:LONGEST]
        except UnicodeDecodeError:
            return None
    named = fields.get("charset", b"").decode("latin-1").lower()
    codec = _CODECS.get(named, "utf-16-be" if coding == b"2" else "utf-8")
    return raw.decode(codec, "replace")[:LONGEST]


def received_at(fields: Fields) -> datetime:
    """When Kannel got it (%T): it may have waited on its disk. Never later than now."""
    now = datetime.now(UTC)
    told = fields.get("ts", b"")
    if not told.isdigit() or len(told) > 10:
        return now
    return min(now, datetime.fromtimestamp(int(told), UTC))


def _plain(quoted: str) -> bytes:
    return unquote_to_bytes(quoted.replace("+", " ").encode("latin-1", "replace"))
