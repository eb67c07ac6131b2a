"""Twilio: numbers abroad. Signed webhooks in; TwiML or the REST API out.

A signature covers the names and values of the fields run together with nothing between them, so it does not say where
one field ends and the next begins. `_sender_at` and `_text` take sender, sid and text from that run alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import ItemsView, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from hmac import compare_digest
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_to_bytes, urlparse
from xml.sax.saxutils import escape

from twilio.request_validator import HMAC_SHA1, RequestValidator, add_port, get_signature_algorithm, remove_port

from bot.channels import Said, Traits
from bot.protocol import DeliveryReport, Inbound, Outbound, Refused, Request, Response, Sent

if TYPE_CHECKING:
    from twilio.rest import Client

    from bot.config import Settings

SMS: Final = "/webhooks/twilio/sms"
STATUS: Final = "/webhooks/twilio/status"
LONGEST: Final = 1600
"""Characters of one text (Twilio error 21617)."""
MOST_FIELDS: Final = 100
FORM: Final = "application/x-www-form-urlencoded"
XML: Final = "text/xml; charset=utf-8"
DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>'

_SID: Final = r"(?:SM|MM)[0-9a-f]{32}"
_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_UNANSWERABLE: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z .&'_-]{0,13}")
_PLACE: Final = r"[^\x00-\x1f+]{0,100}"

_EXACT: Final = {
    name: re.compile(pattern)
    for name, pattern in {
        "MessageSid": _SID,
        "SmsSid": _SID,
        "SmsMessageSid": _SID,
        "MessagingServiceSid": r"MG[0-9a-f]{32}",
        "ApiVersion": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
        "NumMedia": r"[0-9]{1,2}",
        "NumSegments": r"[0-9]{1,3}",
        "SmsStatus": r"[a-z_]{1,20}",
        "MessageStatus": r"accepted|scheduled|queued|sending|sent|delivered|undelivered|failed|read|canceled",
        "ErrorCode": r"[0-9]{0,6}",
        "FromCountry": r"[A-Z]{0,2}",
        "ToCountry": r"[A-Z]{0,2}",
        "FromCity": _PLACE,
        "FromState": _PLACE,
        "FromZip": _PLACE,
        "ToCity": _PLACE,
        "ToState": _PLACE,
        "ToZip": _PLACE,
        "OptOutType": r"START|STOP|HELP",
    }.items()
}
_KNOWN: Final = frozenset(_EXACT) | {"AccountSid", "From", "To", "Body"}

_MESSAGE_SID: Final = re.compile(f"MessageSid({_SID})")
_MESSAGE_STATUS: Final = re.compile("MessageStatus([a-z]+)")
_ERROR_CODE: Final = re.compile("ErrorCode([0-9]*)")
_JOINED: Final = re.compile(r"(?<=[^A-Z\s\u200b(\[{<\"'\u2018\u201c./:-])[B-F][a-z0-9]+(?:[A-Z][a-z0-9]+)+")
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Twilio:
    """One number at Twilio. `public_url` is the address Twilio knows us by; no header of a request can change it."""

    name = "twilio"
    routes = (("POST", SMS), ("POST", STATUS))
    traits = Traits(inline=True, reports=True, lanes=4)

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        number: str,
        public_url: str,
        *,
        shared_key: str | None = None,
        api_url: str | None = None,
        content_retention: str | None = None,
        address_retention: str | None = None,
    ) -> None:
        self._account_sid = account_sid
        self._auth_token = auth_token
        self._number = number
        self._public_url = public_url
        self._api_url = api_url
        self._retention = {"content_retention": content_retention, "address_retention": address_retention}
        self._token = RequestValidator(auth_token)
        self._key = RequestValidator(shared_key or auth_token)
        self._urls = {path: _both_ports(public_url + path) for path in (SMS, STATUS)}

    def read(self, request: Request) -> Inbound | DeliveryReport:
        """Translate one webhook; raises `Refused` (403 for a wrong signature, other 4xx for a wrong form)."""
        fields, run = _parse(request)
        self._verify(request, run)
        self._check(fields)
        if request.path == STATUS:
            return self._report(fields, run, request.query)
        return self._inbound(fields, run)

    def render(self, replies: Sequence[Said], reference: int) -> Response:
        """TwiML. Twilio reports the delivery of each text to our status address, with `reference`."""
        if not replies:
            return Response(200, f"{DECLARATION}<Response/>".encode(), XML)
        head = f'<Message action="{escape(self._callback(reference))}" method="POST">'
        said = "".join(f"{head}{escape(_NOT_XML.sub('', reply.text))}</Message>" for reply in replies)
        return Response(200, f"{DECLARATION}<Response>{said}</Response>".encode(), XML)

    def send(self, outbound: Outbound) -> Sent:
        """Create one message by the REST API; raises `SendError`. Never tried twice here (Twilio has no key for it)."""
        from bot.channels.twilio_rest import create  # noqa: PLC0415 - twilio.rest costs 0.2 s and 20 MiB

        return create(self._client, outbound, self._number, self._callback(outbound.id), **self._retention)

    @cached_property
    def _client(self) -> Client:
        from bot.channels.twilio_rest import connect  # noqa: PLC0415

        return connect(self._account_sid, self._auth_token, self._api_url)

    def _callback(self, reference: int) -> str:
        return f"{self._public_url}{STATUS}?ref={reference}"

    def _verify(self, request: Request, run: str) -> None:
        """One HMAC if Twilio signed the address as it is set here, a second if it added or left out the port."""
        given = request.headers.get("x-twilio-signature", "").encode("latin-1", "replace")
        settings = request.headers.get("x-twilio-webhooks-signature-settings")
        algorithm = get_signature_algorithm(settings) if settings else HMAC_SHA1
        validator = self._token if algorithm == HMAC_SHA1 else self._key
        query = f"?{request.query}" if request.query else ""
        try:
            for url in self._urls[request.path]:
                if compare_digest(validator.compute_signature(f"{url}{query}{run}", None, algorithm).encode(), given):
                    return
        except ValueError as error:
            raise Refused("twilio: unknown signature algorithm") from error
        raise Refused("twilio: wrong signature")

    def _check(self, fields: Mapping[str, str]) -> None:
        """Each field Twilio documents has exactly its form; fields nobody knows yet are let pass."""
        if fields.get("AccountSid") != self._account_sid:
            raise Refused("twilio: another account")
        for name, value in fields.items():
            pattern = _EXACT.get(name)
            if pattern and not pattern.fullmatch(value):
                raise Refused(f"twilio: {name} has a wrong form", status=400)
        sid = _needed(fields, "MessageSid")
        if fields.get("SmsSid", sid) != sid or fields.get("SmsMessageSid", sid) != sid:
            raise Refused("twilio: MessageSid, SmsSid and SmsMessageSid differ", status=400)

    def _inbound(self, fields: Mapping[str, str], run: str) -> Inbound:
        if fields.get("To") != self._number:
            raise Refused("twilio: To is not our number", status=400)
        sender, start = _needed(fields, "From"), _sender_at(fields, run)
        if "Body" not in fields and fields.get("NumMedia", "0") == "0":
            raise Refused("twilio: neither Body nor media", status=400)
        text = _text(fields, run, start) if start >= 0 else ""
        if len(text) > LONGEST:
            raise Refused("twilio: Body is too long", status=400)
        return Inbound(self.name, sender, text, fields["MessageSid"], datetime.now(UTC))

    def _report(self, fields: Mapping[str, str], run: str, query: str) -> DeliveryReport:
        status, sid, error = _needed(fields, "MessageStatus"), fields["MessageSid"], fields.get("ErrorCode")
        stated = (_first(pattern, run) for pattern in (_MESSAGE_SID, _MESSAGE_STATUS, _ERROR_CODE))
        if (sid, status, error) != tuple(stated) or not run[0].isupper():
            raise Refused("twilio: the fields can be read in two ways", status=400)
        reference = re.fullmatch(r"(?:ref=([0-9]{1,19}))?", query)
        if reference is None:
            raise Refused("twilio: the query is not one of ours", status=400)
        number = int(reference[1]) if reference[1] else None
        return DeliveryReport(self.name, sid, status, number, error or None)


class Remembering(Twilio):
    """Twilio where it keeps words and numbers: a text whose outcome is unknown can be looked for."""

    def ask(self, outbound: Outbound) -> Sent | None:
        """The text as Twilio has it, None if it never came; raises `SendError`."""
        from bot.channels.twilio_rest import find  # noqa: PLC0415

        return find(self._client, outbound, self._number)


def wire(settings: Settings) -> Twilio:
    """The number that the settings name. A Twilio that is told to hide words or numbers cannot be asked for a text."""
    hidden = settings.twilio_content_retention == "discard" or settings.twilio_address_retention == "obfuscate"
    return (Twilio if hidden else Remembering)(
        settings.twilio_account_sid or "",
        settings.twilio_auth_token or "",
        settings.twilio_number or "",
        settings.public_url or "",
        shared_key=settings.twilio_shared_key,
        api_url=settings.twilio_api_url,
        content_retention=settings.twilio_content_retention,
        address_retention=settings.twilio_address_retention,
    )


def _both_ports(url: str) -> tuple[str, ...]:
    """`url` as set, then as Twilio may sign it: with its port, without it (RequestValidator allows both)."""
    parts = urlparse(url)
    return tuple(dict.fromkeys(sign for sign in (url, remove_port(parts), add_port(parts))))


def _parse(request: Request) -> tuple[dict[str, str], str]:
    """The form's fields, and the run of names and values that the signature covers (sorted, each pair once)."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise Refused("twilio: not a form", status=415)
    if not request.query.isascii():
        raise Refused("twilio: the address is not ASCII", status=400)
    try:
        pairs = _pairs(request.body)
    except ValueError as error:
        raise Refused("twilio: the form cannot be read", status=400) from error
    fields = dict(pairs)
    if len(fields) < len(pairs) and any(count > 1 and name in _KNOWN for name, count in _count(pairs)):
        raise Refused("twilio: a field comes twice", status=400)
    return fields, "".join(map("".join, sorted(set(pairs))))


def _pairs(body: bytes) -> list[tuple[str, str]]:
    """As `urllib.parse.parse_qsl` reads a form, strictly UTF-8, in half its time. Raises ValueError."""
    items = [item.partition("=") for item in body.decode("ascii").split("&") if item]
    if len(items) > MOST_FIELDS:
        raise ValueError("too many fields")
    return [(_plain(name), _plain(value)) for name, _, value in items]


def _plain(quoted: str) -> str:
    if "%" in quoted or "+" in quoted:
        return unquote_to_bytes(quoted.replace("+", " ")).decode()
    return quoted


def _count(pairs: Sequence[tuple[str, str]]) -> ItemsView[str, int]:
    return Counter(name for name, _ in pairs).items()


def _needed(fields: Mapping[str, str], name: str) -> str:
    try:
        return fields[name]
    except KeyError:
        raise Refused(f"twilio: {name} is missing", status=400) from None


def _first(pattern: re.Pattern[str], run: str) -> str | None:
    found = pattern.search(run)
    return found[1] if found else None


def _sender_at(fields: Mapping[str, str], run: str) -> int:
    """Where `From` begins in the run: at the last `From+`, so whatever stands in a text, sender and sid stay the same.

    -1 for a sender without + (a short code, a name), who is never answered; then no `From+` may be hidden anywhere.
    """
    sender = fields["From"]
    start = run.rfind("From+")
    if start < 0 and _UNANSWERABLE.fullmatch(sender):
        return start
    found = _E164.match(run, start + 4)
    sid = _MESSAGE_SID.search(run, start)
    if start < 0 or not found or found[0] != sender or not sid or sid[1] != fields["MessageSid"]:
        raise Refused("twilio: From or MessageSid can be read in two ways", status=400)
    return start


def _text(fields: Mapping[str, str], run: str, start: int) -> str:
    """The text by the run alone: from the first `Body` to where `From` begins, wherever the request says that it ends.

    A field with a name in between can then not be told from the end of a text; it is, if it looks like Twilio's: two
    words joined (`ButtonText`), right after a text that ends in no space or bracket. A cut there is the same for all.
    """
    said, first = fields.get("Body"), run.find("Body", 0, start)
    if (said is None) != (first < 0) or not run.startswith(said or "", first + 4):
        raise Refused("twilio: Body can be read in two ways", status=400)
    if said is None:
        return ""
    text = run[first + 4 : start]
    if text == said and not _JOINED.search(text):
        return text
    ends = (found.start() for found in _JOINED.finditer(text) if "Body" < found[0] < "From")
    return text[: next(ends, len(text))]
