"""USSD by HTTP from any gateway that a file describes: names of fields, how a call begins and ends, what is answered.

docs/ussd-bridge.md has the descriptions of several. Screens only; nothing can be sent outside a call.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from hmac import compare_digest
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import parse_qsl

from bot.channels import Said, Traits
from bot.channels.aggregator_table import Table, Unsound
from bot.config import SettingsError
from bot.protocol import Display, Inbound, Outbound, Refused, Request, Response, SendError, Sent, SessionEnd

if TYPE_CHECKING:
    from bot.config import Settings

PATH: Final = "/webhooks/ussd"
MOST_FIELDS: Final = 50
JSON: Final = "application/json; charset=utf-8"
_LANGUAGES: Final = ("km", "km_Latn", "en")


@dataclass(frozen=True, slots=True)
class Sign:
    """A field, and those of its values that mean something."""

    field: str
    values: frozenset[str]

    def shows(self, fields: Mapping[str, str]) -> bool:
        return fields.get(self.field, "") in self.values


@dataclass(frozen=True, slots=True)
class Face:
    """One form of an answer. In its body `{text}`, `{call}`, `{sender}` (+855…) and `{msisdn}` (855…) are filled in."""

    body: Any
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What the file says."""

    shape: str
    query: str | None
    header: str | None
    call: str
    sender: str
    text: str
    step: str | None
    code: str | None
    new: Sign | None
    over: Sign | None
    more: Face
    end: Face
    display: Display


class UssdBridge:
    """One service code at one gateway, by its plan."""

    name = "ussd_bridge"
    routes = (("POST", PATH), ("GET", PATH))

    def __init__(self, plan: Plan, secret: str) -> None:
        self._plan = plan
        self._secret = secret.encode()
        self.traits = Traits(inline=True, thanks=Response(200), sends=False, display=plan.display)

    def read(self, request: Request) -> Inbound | SessionEnd:
        """Translate one request; raises `Refused` (403 for a wrong secret, 400 for another form)."""
        plan = self._plan
        self._verify(request)
        fields = _fields(request, plan.shape)
        call, sender, text = (fields.get(name, "") for name in (plan.call, plan.sender, plan.text))
        if not call:
            raise Refused("ussd_bridge: no call where the file says", status=400)
        if plan.over and plan.over.shows(fields):
            return SessionEnd(self.name, call)
        if not sender:
            raise Refused("ussd_bridge: no sender where the file says", status=400)
        began = plan.new.shows(fields) if plan.new else None
        if began:
            text = _behind(text, plan.code)
        step = fields.get(plan.step, "") if plan.step else text
        if not step and plan.step:  # or every step would be taken for the first one again
            raise Refused("ussd_bridge: no step where the file says", status=400)
        if sender.isascii() and sender.isdigit() and not sender.startswith("0"):
            sender = f"+{sender}"
        event = cast("Any", None if began is None else "new" if began else "resume")
        return Inbound(self.name, sender, text, f"{call}/{step}", datetime.now(UTC), "ussd", call, event)

    def render(self, replies: Sequence[Said], reference: int) -> Response:  # noqa: ARG002
        """Never the answer to a call, see `answering`."""
        return self.traits.thanks

    def answering(self, inbound: Inbound) -> Callable[[Sequence[Said], int], Response]:
        """The screen in the gateway's form, which may repeat the call and the sender."""
        sender = inbound.sender
        known = {"call": inbound.session_id or "", "sender": sender, "msisdn": sender.removeprefix("+")}
        return partial(self._screen, known)

    def _screen(self, known: Mapping[str, str], replies: Sequence[Said], reference: int) -> Response:  # noqa: ARG002
        if not replies:
            return self.traits.thanks
        face = self._plan.end if any(reply.ends for reply in replies) else self._plan.more
        body = _filled(face.body, {**known, "text": "\n".join(reply.text for reply in replies)})
        if isinstance(body, str):
            return Response(200, body.encode(), headers=face.headers)
        return Response(200, json.dumps(body, ensure_ascii=False).encode(), JSON, face.headers)

    def send(self, outbound: Outbound) -> Sent:  # noqa: ARG002
        """Nothing can be sent outside a call."""
        raise SendError("the USSD call is over", retry=False, sent="no", cause="unreachable")

    def _verify(self, request: Request) -> None:
        plan = self._plan
        if plan.header:
            given = [request.headers.get(plan.header.lower(), "")]
        else:
            given = [value for name, value in _pairs(request.query) if name == plan.query]
        if len(given) != 1 or not self._secret or not compare_digest(given[0].encode(), self._secret):
            raise Refused("ussd_bridge: wrong secret")


def wire(settings: Settings) -> UssdBridge:
    """The gateway that the settings' file describes; raises `SettingsError`."""
    try:
        plan = read(Path(settings.ussd_bridge_file or ""))
    except Unsound as error:
        raise SettingsError((str(error),)) from None
    return UssdBridge(plan, settings.ussd_bridge_secret or "")


def read(file: Path) -> Plan:
    """The plan in a file; raises `Unsound`."""
    try:
        given = tomllib.loads(file.read_text(encoding="utf-8"))
        return plan(Table(given, "", {}))
    except (OSError, ValueError) as error:
        raise Unsound(f"PHLOV_USSD_BRIDGE_FILE: {file}: {getattr(error, 'strerror', None) or error}") from None
    except Unsound as error:
        raise Unsound(f"{file}: {error}") from None


def plan(top: Table) -> Plan:
    """What a table says; raises `Unsound`."""
    secret, ask, answer, screen = (_inner(top, name) for name in ("secret", "ask", "answer", "screen"))
    query, header = secret.maybe("query"), secret.maybe("header")
    if (query is None) == (header is None):
        raise secret.wrong("query", "needs the name of a query field, or `header` that of a header")
    step = ask.maybe("step")
    entry = ask.choice("entry", ("last", "accumulated"), "last")
    script = screen.maybe("script")
    if script is not None and script not in _LANGUAGES:
        raise screen.wrong("script", f"must be one of {', '.join(_LANGUAGES)}")
    display = Display(
        screen.number("letters", 182, 100, 182),
        screen.number("units", 80, 70, 91),
        cast("Any", script),
        cast("Any", "numbered" if step else entry),
    )
    more, end = (_face(answer, name) for name in ("more", "end"))
    made = Plan(
        shape=ask.choice("shape", ("form", "json", "query")),
        query=query,
        header=header,
        call=ask.text("call"),
        sender=ask.text("sender"),
        text=ask.text("text"),
        step=step,
        code=ask.maybe("code"),
        new=_sign(ask, "new"),
        over=_sign(ask, "over"),
        more=more,
        end=end,
        display=display,
    )
    for table in (secret, ask, answer, screen, top):
        table.end()
    return made


def _inner(top: Table, name: str) -> Table:
    return top.table(name) or Table({}, name, {})


def _sign(ask: Table, name: str) -> Sign | None:
    table = ask.table(name)
    if table is None:
        return None
    sign = Sign(table.text("field"), frozenset(table.texts("values")))
    table.end()
    if not sign.values:
        raise table.wrong("values", "is missing")
    return sign


def _face(answer: Table, name: str) -> Face:
    """The answer that goes on, or the last one: what both have and what is its own."""
    table = _inner(answer, name)
    headers = tuple((key, str(value)) for key, value in table.raw("headers").items())
    if not all(re.fullmatch("[!-9;-~]+", key) and re.fullmatch("[ -~]*", value) for key, value in headers):
        raise table.wrong("headers", "must be names and values in ASCII")
    if table.has("text"):
        face = Face(table.text("text"), headers)
    else:
        face = Face({**answer.raw("fields"), **table.raw("fields")}, headers)
    if "{text}" not in json.dumps(face.body):
        raise table.wrong("fields", "must have {text} somewhere")
    table.end()
    return face


def _filled(form: Any, values: Mapping[str, str]) -> Any:
    """A form with its placeholders filled in; what is filled in is not looked at again."""
    if isinstance(form, dict):
        return {key: _filled(value, values) for key, value in form.items()}
    if isinstance(form, list):
        return [_filled(value, values) for value in form]
    if not isinstance(form, str):
        return form
    head, found, tail = form.partition("{text}")
    for name in ("call", "sender", "msisdn"):
        head, tail = (part.replace(f"{{{name}}}", values[name]) for part in (head, tail))
    return head + (values["text"] if found else "") + tail


def _behind(dialled: str, code: str | None) -> str:
    """What was dialled behind the service code: 1 of *1280*1#. Without a code in the file nothing."""
    if code is None:
        return ""
    before, _, rest = dialled.strip("*#").partition(f"{code.strip('*#')}*")
    return "" if before else rest


def _fields(request: Request, shape: str) -> dict[str, str]:
    """All fields of a request as texts, those of inner tables by dotted names."""
    if shape == "query":
        return dict(_pairs(request.query))
    try:
        body = request.body.decode()
    except UnicodeDecodeError:
        raise Refused("ussd_bridge: the body cannot be read", status=400) from None
    if shape == "form":
        return dict(_pairs(body))
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused("ussd_bridge: not JSON", status=400) from None
    if not isinstance(told, dict):
        raise Refused("ussd_bridge: not a table in JSON", status=400)
    return dict(_flat(told, ""))


def _flat(told: Mapping[str, Any], before: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in told.items():
        if isinstance(value, dict) and before.count(".") < 3:
            found += _flat(value, f"{before}{name}.")
        elif isinstance(value, bool):
            found.append((before + name, "true" if value else "false"))
        elif isinstance(value, str | int):
            found.append((before + name, str(value).encode(errors="replace").decode()))  # halves of an emoji
    return found


def _pairs(quoted: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(quoted, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Refused("ussd_bridge: the fields cannot be read", status=400) from None
