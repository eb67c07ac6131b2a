"""Any gateway that speaks HTTP, as a file describes it (docs/aggregator.md): no code for each of them."""

from __future__ import annotations

import hmac
import json
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from time import monotonic, time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from bot.channels import Said, Traits
from bot.channels.aggregator_plan import Fault, Incoming, Plan, Reporting, Sending, Shape, read
from bot.channels.aggregator_table import Unsound
from bot.channels.aggregator_template import as_form, as_json, as_path
from bot.channels.http import Answer, pool, post, refusal
from bot.config import SettingsError
from bot.protocol import DeliveryReport, Event, Ignored, Inbound, Outbound, Refused, Request, Response, SendError, Sent
from bot.text.sms import segments

if TYPE_CHECKING:
    from bot.config import Settings

SMS: Final = "/webhooks/aggregator/sms"
REPORT: Final = "/webhooks/aggregator/report"
MOST_FIELDS: Final = 100
MOST_EVENTS: Final = 200
LONGEST_NAME: Final = 200
TYPES: Final = {"form": "application/x-www-form-urlencoded", "json": "application/json"}

_REFERENCE: Final = re.compile(r"([1-9][0-9]{0,18})(?:-[0-9]{1,2})?")
"""Our own id as an aggregator gives it back; `{id}-{part}` names one part."""
_WORD: Final = re.compile(r"[A-Za-z0-9 _.:-]{1,40}")

Fields = Mapping[str, Any]


class Aggregator:
    """One account at one aggregator, by its plan."""

    name = "aggregator"
    routes = (("POST", SMS), ("GET", SMS), ("POST", REPORT), ("GET", REPORT))

    def __init__(self, plan: Plan, number: str = "") -> None:
        sending = plan.sending
        self._plan = plan
        self._sending = sending
        self._sender = sending.sender or number
        self._lines = pool(sending.url, lines=sending.lanes + 1)
        self._thanks = Response(200, plan.answer.encode(), plan.answer_type)
        self.traits = Traits(
            inline=bool(plan.incoming and plan.incoming.inline),
            dedupes=sending.dedupes,
            reports=plan.reporting is not None,
            rate=sending.rate,
            lanes=sending.lanes,
            timeout=sending.timeout,
            part_limit=sending.part_limit,
            thanks=self._thanks,
        )

    def read(self, request: Request) -> Event | tuple[Event, ...]:
        """Translate one webhook; raises `Refused` (403 for a wrong secret, 400 for what the plan does not describe)."""
        self._verify(request)
        asked = self._plan.reporting if request.path == REPORT else self._plan.incoming
        if asked is None:
            raise Refused("aggregator: the file does not describe this webhook", status=404)
        fields = _fields(request, asked.shape)
        told = self._events(asked, _each(fields, asked.each))
        return told[0] if len(told) == 1 else told

    def render(self, replies: Sequence[Said], reference: int) -> Response:  # noqa: ARG002
        """The words themselves, where they leave with the response; else the thanks that the plan names."""
        if not replies:
            return self._thanks
        return Response(200, "\n\n".join(reply.text for reply in replies).encode())

    def send(self, outbound: Outbound) -> Sent:
        """Hand over one text, whole or part after part; raises `SendError` that says which part has not gone."""
        if outbound.valid_until and outbound.valid_until <= datetime.now(UTC):
            raise SendError("its time is over", retry=False, sent="no", cause="expired")
        ends = monotonic() + self.traits.timeout
        cut = segments(outbound.text)
        pieces = (outbound.text,) if self._sending.joining == "gateway" else cut.parts
        name: str | None = None
        for part in range(outbound.begin, len(pieces)):
            values = self._values(outbound, pieces, part, cut.encoding)
            try:
                name = self._hand(values, cut.encoding == "UCS-2", ends - monotonic())
            except SendError as error:
                error.begin = part
                raise
        return Sent(name)

    def _events(self, asked: Incoming | Reporting, given: Sequence[Any]) -> tuple[Event, ...]:
        """What can be read of it: one broken text must not lose the others. Raises `Refused` if none can."""
        found: list[Event] = []
        broken: list[Refused] = []
        for fields in given:
            try:
                found.append(self._event(asked, fields))
            except Refused as error:
                broken.append(error)
        if not found:
            raise broken[0]
        return (*found, *(Ignored(self.name) for _ in broken))

    def _event(self, asked: Incoming | Reporting, fields: Fields) -> Event:
        return self._inbound(asked, fields) if isinstance(asked, Incoming) else self._report(asked, fields)

    def _verify(self, request: Request) -> None:
        watch = self._plan.watch
        if watch is None:
            raise Refused("aggregator: the file does not describe webhooks", status=404)
        wanted = watch.secret
        if watch.digest:
            made = hmac.new(watch.secret, request.body, watch.digest).digest()
            wanted = watch.prefix.encode() + (b64encode(made) if watch.base64 else made.hex().encode())
        if watch.header:
            given = request.headers.get(watch.header.lower(), "")
        else:
            given = dict(_pairs(request.query)).get(watch.query or "", "")
        if not hmac.compare_digest(wanted, given.encode("utf-8", "replace")):
            raise Refused("aggregator: wrong secret")

    def _inbound(self, asked: Incoming, fields: Fields) -> Inbound:
        sender, text = _text(fields, asked.sender).strip(), _text(fields, asked.text)
        if not sender or _at(fields, asked.text) is None:  # an empty text is one; a wrong name in the file is not
            raise Refused("aggregator: no sender or no text where the file says", status=400)
        if asked.hex_field and _text(fields, asked.hex_field) in asked.hex_values:
            text = _from_hex(text)
        if asked.plus and re.fullmatch(r"[1-9][0-9]{9,14}", sender):
            sender = f"+{sender}"
        date = _text(fields, asked.date) if asked.date else ""
        name = _text(fields, asked.name) if asked.name else ""
        if not name:
            name = _derived(asked, [sender, _text(fields, asked.to) if asked.to else "", text], date)
        if len(name) > LONGEST_NAME:
            name = sha256(name.encode()).hexdigest()
        return Inbound(self.name, sender, text, name, _moment(date, asked.date_form))

    def _report(self, asked: Reporting, fields: Fields) -> Event:
        said = _text(fields, asked.status)
        reference = _REFERENCE.fullmatch(_text(fields, asked.reference)) if asked.reference else None
        name = _text(fields, asked.name) if asked.name else ""
        if not (name or reference):
            return Ignored(self.name)
        status = asked.words.get(said) or (said if _WORD.fullmatch(said) else "unreadable")
        error = _text(fields, asked.error) if asked.error else ""
        number = int(reference[1]) if reference else None
        name = name[:LONGEST_NAME] or f"ref:{number}"
        return DeliveryReport(self.name, name, status, number, error if _WORD.fullmatch(error) else None)

    def _values(self, outbound: Outbound, pieces: Sequence[str], part: int, encoding: str) -> Mapping[str, str]:
        text, total = pieces[part], len(pieces)
        joined = self._sending.joining == "udh" and total > 1
        return {
            "to": outbound.recipient,
            "to_no_plus": outbound.recipient.removeprefix("+"),
            "from": self._sender,
            "text": text,
            "text_hex_ucs2": text.encode("utf-16-be", "replace").hex().upper(),
            "id": str(outbound.id),
            "coding": self._sending.coding["ucs2" if encoding == "UCS-2" else "gsm7"],
            "udh": f"050003{outbound.id & 0xFF:02X}{total:02X}{part + 1:02X}" if joined else "",
            "parts": str(outbound.parts if total == 1 else total),
            "part": str(part + 1),
        }

    def _hand(self, values: Mapping[str, str], ucs2: bool, left: float) -> str | None:
        """One request and what its answer means."""
        if left <= 0:
            raise SendError("no time is left for the next part", retry=True, sent="no")
        sending = self._sending
        where, body, headers = _request(sending, values, ucs2)
        answer = post(self._lines, sending.method, where, headers=headers, body=body, timeout=left)
        return _meaning(sending, answer)


def wire(settings: Settings) -> Aggregator:
    """The aggregator that the settings' file describes; raises `SettingsError`."""
    names = ("aggregator_number", "aggregator_user", "aggregator_secret", "aggregator_webhook_secret")
    secrets = {f"PHLOV_{name.upper()}": getattr(settings, name) for name in names}
    try:
        plan = read(Path(settings.aggregator_file or ""), secrets)
    except Unsound as error:
        raise SettingsError((str(error),)) from None
    return Aggregator(plan, settings.aggregator_number or "")


def _request(sending: Sending, values: Mapping[str, str], ucs2: bool) -> tuple[str, bytes | None, Mapping[str, str]]:
    """Where, what and with which headers; each value escaped for its place."""
    where = sending.where.fill(values, as_path)
    fields = {**sending.fields, **sending.ucs2} if ucs2 else sending.fields
    headers = {name: value.fill(values) for name, value in sending.headers.items()}
    if sending.shape == "query":
        return f"{where}{'&' if '?' in where else '?'}{as_form(fields, values)}", None, headers
    write = as_form if sending.shape == "form" else as_json
    if not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = TYPES[sending.shape]
    return where, write(fields, values).encode(), headers


def _meaning(sending: Sending, answer: Answer) -> str | None:
    """The aggregator's name for the text, None if it gives none; raises `SendError`."""
    said = answer.body.decode("utf-8", "replace")
    for fault in sending.faults:
        if _fits(fault, answer.status, said):
            if fault.cause is None:
                return None
            reason = f"the aggregator answered HTTP {answer.status} ({fault.cause})"
            raise SendError(reason, retry=fault.retry, sent=fault.sent, cause=fault.cause, after=answer.after)
    if answer.status not in sending.statuses:
        raise refusal(answer)
    if sending.success and not sending.success.search(said):
        raise SendError("the answer is no success that is known", retry=True, sent="unknown")
    if not (sending.name or sending.name_path):
        return None
    name = _named(sending, said)
    if not name and not sending.success:
        raise SendError("the answer names no text", retry=True, sent="unknown")
    return name


def _fits(fault: Fault, status: int, said: str) -> bool:
    if fault.statuses and status not in fault.statuses:
        return False
    return fault.pattern is None or fault.pattern.search(said) is not None


def _named(sending: Sending, said: str) -> str | None:
    if sending.name:
        found = sending.name.search(said)
        return found[1] if found else None
    try:
        return _text(json.loads(said), sending.name_path or "") or None
    except (ValueError, RecursionError, Refused):
        return None


def _fields(request: Request, shape: Shape) -> Any:
    """What a webhook tells, as plain values."""
    if shape == "json":
        try:
            return json.loads(request.body)
        except (ValueError, RecursionError):
            raise Refused("aggregator: not JSON", status=400) from None
    try:
        # Broken letters are kept as U+FFFD: who texts is answered, though half of a letter was lost on the way.
        pairs = _pairs(request.query if shape == "query" else request.body.decode("ascii"), errors="replace")
    except UnicodeDecodeError:
        raise Refused("aggregator: not a form", status=400) from None
    counted = Counter(name for name, _ in pairs)
    return {name: value if counted[name] == 1 else None for name, value in pairs}


def _pairs(written: str, errors: str = "strict") -> list[tuple[str, str]]:
    try:
        return parse_qsl(written, keep_blank_values=True, errors=errors, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Refused("aggregator: the form cannot be read", status=400) from None


def _each(fields: Any, path: str | None) -> Sequence[Any]:
    found = _at(fields, path) if path else [fields]
    if not isinstance(found, list) or not found:
        raise Refused("aggregator: the list is not there", status=400)
    if len(found) > MOST_EVENTS:
        raise Refused("aggregator: too many at once", status=413)
    return found


def _at(fields: Any, path: str) -> Any:
    """What stands at `results.0.id`; a name with dots in it goes before its pieces. None if nothing does."""
    if isinstance(fields, dict) and path in fields:
        return fields[path]
    for step in path.split("."):
        if isinstance(fields, dict):
            fields = fields.get(step)
        elif isinstance(fields, list) and step.isdecimal() and int(step[:4]) < len(fields):
            fields = fields[int(step[:4])]
        else:
            return None
    return fields


def _text(fields: Any, path: str) -> str:
    """The text or whole number at `path`; empty if there is none. A field of a form that comes twice is no text."""
    found = _at(fields, path)
    if found is None and not (isinstance(fields, dict) and path in fields):
        return ""
    if isinstance(found, bool) or not isinstance(found, str | int):
        raise Refused("aggregator: a field is no text", status=400)
    return str(found)


def _from_hex(text: str) -> str:
    try:
        return bytes.fromhex(text).decode("utf-16-be", "replace")
    except ValueError:
        raise Refused("aggregator: the text is no hex", status=400) from None


def _derived(asked: Incoming, told: list[str], date: str) -> str:
    """A name for a text that has none: who, what and when. Without a date `when` is a stretch of our own clock."""
    if date:
        when = date
    elif asked.window:
        when = str(int(time()) // asked.window)
    else:
        raise Refused("aggregator: a text without id and date", status=400)
    return sha256(json.dumps([*told, when]).encode()).hexdigest()


def _moment(date: str, form: str) -> datetime:
    """When the text came, by the aggregator; now if it does not say so in the form of the plan."""
    try:
        if form in ("unix", "unix_ms"):
            return datetime.fromtimestamp(int(date) / (1000 if form == "unix_ms" else 1), UTC)
        at = datetime.fromisoformat(date) if form == "iso" else datetime.strptime(date, form)  # noqa: DTZ007
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.now(UTC)
