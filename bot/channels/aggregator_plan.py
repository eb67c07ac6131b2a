"""The description of an aggregator: a TOML file, read and checked once at the start."""

from __future__ import annotations

import re
import tomllib
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args
from urllib.parse import urlsplit

from bot.channels.aggregator_table import Table, Unsound
from bot.channels.aggregator_template import NAMES, Template, Tree, as_json, as_path, template, tree
from bot.protocol import Cause, Fate

Shape = Literal["form", "json", "query"]
Joining = Literal["gateway", "udh", "none"]
SHAPES: Final[tuple[Shape, ...]] = get_args(Shape)
PLAIN: Final = "text/plain; charset=utf-8"
ALREADY: Final = "already"
"""Stands for a cause where the aggregator says that it has this text: that is no failure."""
RETRIED: Final = frozenset({"throttled", "credit", "network", "config", "unreachable"})
WORDS: Final = ("accepted", "sent", "delivered", "undelivered", "failed", "expired", "read")


@dataclass(frozen=True, slots=True)
class Fault:
    """An answer that says what went wrong. `cause` is None if the text was taken before."""

    statuses: frozenset[int]
    pattern: re.Pattern[str] | None
    cause: Cause | None
    sent: Fate
    retry: bool


@dataclass(frozen=True, slots=True)
class Sending:
    """How a text is handed over."""

    url: str
    where: Template
    method: str
    headers: Mapping[str, Template]
    shape: Shape
    fields: Tree
    ucs2: Tree
    sender: str
    coding: Mapping[str, str]
    joining: Joining
    statuses: frozenset[int]
    success: re.Pattern[str] | None
    name: re.Pattern[str] | None
    name_path: str | None
    faults: tuple[Fault, ...]
    timeout: float
    rate: float | None
    lanes: int
    part_limit: int
    dedupes: bool


@dataclass(frozen=True, slots=True)
class Watch:
    """How a webhook is known to be the aggregator's."""

    secret: bytes
    query: str | None
    header: str | None
    digest: str | None
    prefix: str
    base64: bool


@dataclass(frozen=True, slots=True)
class Incoming:
    """Where in a webhook a text stands."""

    shape: Shape
    each: str | None
    sender: str
    text: str
    to: str | None
    name: str | None
    date: str | None
    date_form: str
    window: int | None
    hex_field: str | None
    hex_values: frozenset[str]
    plus: bool
    inline: bool


@dataclass(frozen=True, slots=True)
class Reporting:
    """Where in a webhook it stands what became of a text."""

    shape: Shape
    each: str | None
    name: str | None
    reference: str | None
    status: str
    error: str | None
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """All of the file."""

    sending: Sending
    watch: Watch | None
    incoming: Incoming | None
    reporting: Reporting | None
    answer: str
    answer_type: str


def read(file: Path, secrets: Mapping[str, str | None]) -> Plan:
    """The plan in `file`, with `secrets` for `${…}`. Raises `Unsound`."""
    try:
        given = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise Unsound(f"{file}: is no TOML: {error}") from None
    except UnicodeDecodeError:
        raise Unsound(f"{file}: is not UTF-8 text") from None
    except OSError as error:
        raise Unsound(f"{file}: cannot be read: {error.strerror}") from None
    try:
        return _plan(Table(given, "", secrets))
    except Unsound as error:
        raise Unsound(f"{file}: {error}") from None


def _plan(top: Table) -> Plan:
    send, webhook = top.table("send"), top.table("webhook")
    inbound, report = top.table("inbound"), top.table("report")
    top.end()
    if send is None:
        raise Unsound("send: is missing")
    if webhook is None and (inbound or report):
        raise Unsound("webhook: is missing; without a secret anybody could send texts in the name of others")
    plan = Plan(
        _sending(send),
        _watch(webhook) if webhook else None,
        _incoming(inbound) if inbound else None,
        _reporting(report) if report else None,
        webhook.text("answer", "") if webhook else "",
        webhook.text("answer_type", PLAIN) if webhook else PLAIN,
    )
    _check(plan)
    return plan


def _check(plan: Plan) -> None:
    """What is wrong only in company."""
    if plan.incoming and plan.incoming.inline and plan.answer:
        raise Unsound("webhook.answer: would be sent to people as a text, because inbound.reply is inline")
    signed = plan.watch and plan.watch.digest
    if signed and "query" in (plan.incoming and plan.incoming.shape, plan.reporting and plan.reporting.shape):
        raise Unsound("webhook.hmac: signs the body, and a query is not in it; use a secret in the query")


def _sending(send: Table) -> Sending:
    url, where = _address(send)
    shape, fields = _fields(send)
    success = send.table("success") or Table({}, "send.success", send.secrets)
    coding = {"gsm7": "0", "ucs2": "8", **send.raw("coding")}
    if set(coding) != {"gsm7", "ucs2"} or not all(isinstance(word, str) for word in coding.values()):
        raise send.wrong("coding", "must have the texts gsm7 and ucs2")
    sending = Sending(
        url=url,
        where=where,
        method=send.choice("method", ("POST", "GET", "PUT"), "GET" if shape == "query" else "POST"),
        headers=_headers(send),
        shape=shape,
        fields=fields,
        ucs2=send.made("when_ucs2", tree, send.raw("when_ucs2")),
        sender=_fixed(send, "from") or "",
        coding=coding,
        joining=send.choice("concatenation", get_args(Joining), "gateway"),  # type: ignore[arg-type]
        statuses=success.statuses("status", (200, 201, 202)),
        success=success.pattern("pattern"),
        name=success.pattern("id", groups=1),
        name_path=success.maybe("id_json"),
        faults=tuple(_fault(fault) for fault in send.tables("errors")),
        timeout=float(send.number("timeout", 10, 1, 60)),
        rate=_rate(send),
        lanes=send.number("lanes", 2, 1, 16),
        part_limit=send.number("part_limit", 10, 1, 10),
        dedupes=send.flag("dedupes", fallback=False),
    )
    send.end()
    success.end()
    _check_sending(send, sending)
    return sending


def _fixed(table: Table, key: str) -> str | None:
    """A text with secrets in it, if need be, but without holes."""
    written = table.maybe(key)
    if written is None:
        return None
    made = table.made(key, template, written)
    if made.names:
        raise table.wrong(key, "is the same for every text: only ${...} may stand in it")
    return made.fill({})


def _headers(send: Table) -> Mapping[str, Template]:
    given = send.raw("headers")
    if not all(isinstance(value, str) for value in given.values()):
        raise send.wrong("headers", "must be texts")
    headers = {name: send.made(f"headers.{name}", template, value) for name, value in given.items()}
    login = _fixed(send, "login")
    if login is not None:
        headers["Authorization"] = Template((f"Basic {b64encode(login.encode()).decode()}",))
    for name, value in headers.items():
        _check_header(send, name, value)
    return headers


def _address(send: Table) -> tuple[str, Template]:
    """The host, which is fixed, and the rest of the address, which may have holes."""
    given = send.text("url")
    found = re.fullmatch(r"(https?://[^/?#\s{}$@]+)(/[^#\s]*)?", given)
    try:
        sound = found and urlsplit(found[1]).hostname and urlsplit(found[1]).port != 0
    except ValueError:
        sound = False
    if not found or not sound:
        raise send.wrong("url", "must be an address such as https://sms.example.com/send, its host without braces")
    quoted = {name: value and as_path(value) for name, value in send.secrets.items()}
    return found[1], send.made("url", lambda written, _: template(written, quoted), found[2] or "/")


def _fields(send: Table) -> tuple[Shape, Tree]:
    shapes = [shape for shape in SHAPES if send.has(shape)]
    if len(shapes) != 1:
        raise send.wrong("form", "there must be one of [send.form], [send.json] and [send.query], and only one")
    shape = shapes[0]
    fields = send.raw(shape)
    if shape != "json" and any(isinstance(value, dict | list) for value in fields.values()):
        raise send.wrong(shape, "must hold single values; only JSON has tables and lists")
    return shape, send.made(shape, tree, fields)


def _check_header(send: Table, name: str, value: Template) -> None:
    """Only an id of ours may stand in a header: numbers and texts would be seen by whatever lies between."""
    if not re.fullmatch(r"[A-Za-z0-9-]{1,60}", name):
        raise send.wrong(f"headers.{name}", "is no name of a header")
    if value.names - {"id", "part"}:
        raise send.wrong(f"headers.{name}", "may hold no other braces than {id} and {part}")
    if not re.fullmatch(r"[\x20-\x7e]+", value.fill({"id": "1", "part": "1"})):
        raise send.wrong(f"headers.{name}", "must be of plain ASCII characters")


def _check_sending(send: Table, sending: Sending) -> None:
    used = _names(sending.fields) | sending.where.names
    more = _names(sending.ucs2)
    if not {"to", "to_no_plus"} & used:
        raise send.wrong(sending.shape, "{to} or {to_no_plus} stands nowhere")
    if not {"text", "text_hex_ucs2"} & (used | more):
        raise send.wrong(sending.shape, "{text} or {text_hex_ucs2} stands nowhere")
    if sending.joining == "udh" and "udh" not in used | more:
        raise send.wrong("concatenation", "is udh, but {udh} stands nowhere")
    if not (sending.success or sending.name or sending.name_path):
        raise send.wrong(
            "success", "needs a pattern, an id or an id_json: a status alone is said by any portal on the way"
        )
    for word in sending.coding.values():
        try:
            as_json({**sending.fields, **sending.ucs2}, {**dict.fromkeys(NAMES, "1"), "coding": word})
        except ValueError:
            raise send.wrong(
                sending.shape, f"what is a number here cannot be one, such as {word!r} for coding"
            ) from None
    if sending.dedupes and "id" not in used | more | _names(dict(sending.headers)):
        raise send.wrong("dedupes", "is true, but {id} stands nowhere")


def _names(fields: Tree) -> frozenset[str]:
    if isinstance(fields, Template):
        return fields.names
    inner = fields.values() if isinstance(fields, dict) else fields if isinstance(fields, list) else ()
    return frozenset().union(*(_names(value) for value in inner))


def _rate(send: Table) -> float | None:
    a_minute = send.number("per_minute", 0, 0, 100_000)
    return a_minute / 60 if a_minute else None


def _fault(fault: Table) -> Fault:
    statuses, pattern = fault.statuses("status", ()), fault.pattern("pattern")
    cause = fault.choice("cause", (*get_args(Cause), ALREADY))
    sent = fault.choice("sent", get_args(Fate), "no")
    retry = fault.flag("retry", fallback=cause in RETRIED or sent == "unknown")
    fault.end()
    if not statuses and not pattern:
        raise fault.wrong("status", "is missing, and so is a pattern: this would be every answer")
    return Fault(statuses, pattern, None if cause == ALREADY else cause, sent, retry)  # type: ignore[arg-type]


def _watch(webhook: Table) -> Watch:
    written = webhook.text("secret")
    if "${" not in written:
        raise webhook.wrong(
            "secret", "must be a reference such as ${PHLOV_AGGREGATOR_WEBHOOK_SECRET}, not the secret itself"
        )
    secret = _fixed(webhook, "secret") or ""
    digest = webhook.choice("hmac", ("sha256", "sha512", "sha1"), "sha256") if webhook.has("hmac") else None
    watch = Watch(
        secret.encode(),
        webhook.maybe("query"),
        webhook.maybe("header"),
        digest,
        webhook.text("prefix", ""),
        webhook.choice("encoding", ("hex", "base64"), "hex") == "base64",
    )
    webhook.text("answer", "")
    webhook.text("answer_type", PLAIN)
    webhook.end()
    if (watch.query is None) == (watch.header is None):
        raise webhook.wrong("query", "there must be one of query and header, and only one: where the secret stands")
    if digest and not watch.header:
        raise webhook.wrong("hmac", "is looked for in a header; name it")
    return watch


def _incoming(inbound: Table) -> Incoming:
    shape: Any = inbound.choice("shape", SHAPES)
    incoming = Incoming(
        shape=shape,
        each=inbound.maybe("each"),
        sender=inbound.text("from"),
        text=inbound.text("text"),
        to=inbound.maybe("to"),
        name=inbound.maybe("id"),
        date=inbound.maybe("date"),
        date_form=inbound.text("date_form", "iso"),
        window=inbound.number("window", 0, 0, 3600) or None,
        hex_field=inbound.maybe("hex_field"),
        hex_values=frozenset(inbound.texts("hex_values")),
        plus=inbound.flag("plus", fallback=True),
        inline=inbound.choice("reply", ("outbox", "inline"), "outbox") == "inline",
    )
    inbound.end()
    if not (incoming.name or incoming.date or incoming.window):
        raise inbound.wrong(
            "id", "is missing, and so are date and window: a repeated text could not be told from a new one"
        )
    if incoming.each and (shape != "json" or incoming.inline):
        raise inbound.wrong("each", "is for JSON whose replies wait in the outbox")
    if bool(incoming.hex_field) != bool(incoming.hex_values):
        raise inbound.wrong("hex_field", "hex_field and hex_values go together")
    return incoming


def _reporting(report: Table) -> Reporting:
    shape: Any = report.choice("shape", SHAPES)
    words = report.raw("words")
    for word, ours in words.items():
        if ours not in WORDS:
            raise report.wrong(f"words.{word}", f"must be one of {', '.join(WORDS)}")
    reporting = Reporting(
        shape=shape,
        each=report.maybe("each"),
        name=report.maybe("id"),
        reference=report.maybe("reference"),
        status=report.text("status"),
        error=report.maybe("error"),
        words=words,
    )
    report.end()
    if not (reporting.name or reporting.reference):
        raise report.wrong("id", "is missing, and so is reference: nobody could tell which text is meant")
    if reporting.each and shape != "json":
        raise report.wrong("each", "is for JSON")
    return reporting
