"""USSD through Kannel: an operator's SMPP line whose optional fields say which call a text belongs to.

Kannel knows no calls. It hands the fields on as meta-data and takes them back with the answer (docs/kannel.md#ussd).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final
from urllib.parse import quote_from_bytes, unquote_to_bytes

from bot.channels import Said, Traits, kannel_url
from bot.protocol import Display, Ignored, Inbound, Outbound, Request, Response, SendError, Sent, SessionEnd
from bot.text.sms import measure

if TYPE_CHECKING:
    from bot.config import Settings

USSD: Final = "/webhooks/kannel/ussd"

NEW: Final = (0, 1)
"""ussd_service_op of SMPP 3.4, 5.3.2.44: a phone dials (PSSD and PSSR indication)."""
ANSWER: Final = 18
"""USSR confirm: what the person typed on our screen."""
VENDOR: Final = 32
"""From here on the numbers are the operators' own: they tell of calls that are over."""
ASK, END = 2, 17
"""USSR request: show this and wait for an answer. PSSR response: show this, and the call is over."""

_SMPP: Final = re.compile(rb"\?smpp\?([^?]*)")
_CALL: Final = re.compile(r"([0-9a-f]{0,8})\.([0-9a-f]{0,8})")


class KannelUssd:
    """The service code people dial, such as *1280#, on a Kannel with a USSD line. Screens only; it sends nothing."""

    name = "kannel_ussd"
    routes = (("GET", USSD),)

    def __init__(self, secret: str, code: str, display: Display) -> None:
        self.traits = Traits(inline=True, thanks=Response(200), sends=False, display=display)
        self._secret = secret
        self._code = code.strip("*#")

    def read(self, request: Request) -> Inbound | SessionEnd | Ignored:
        """Translate one fetch of get-url; raises `Refused`. A line without the fields is taken as it comes."""
        fields = kannel_url.read(request, self._secret)
        message, sender, text = kannel_url.message_id(fields), kannel_url.sender(fields), kannel_url.text(fields)
        meta = _meta(fields.get("meta", b""))
        call = f"{meta.get('its_session_info', b'').hex()}.{meta.get('user_message_reference', b'').hex()}"
        operation = meta.get("ussd_service_op", b"")[:1]
        dialled = operation[0] in NEW if operation else (text or "").startswith("*")
        if operation and operation[0] >= VENDOR:
            return SessionEnd(self.name, call)
        if text is None or (operation and not dialled and operation[0] != ANSWER):
            return Ignored(self.name)
        at = kannel_url.received_at(fields)
        if dialled:
            return Inbound(self.name, sender, self._behind(text), message, at, "ussd", call, "new")
        return Inbound(self.name, sender, text, message, at, "ussd", call, "resume")

    def render(self, replies: Sequence[Said], reference: int) -> Response:  # noqa: ARG002
        """Never the answer to a call, see `answering`; an empty 200 is silence to Kannel."""
        return self.traits.thanks

    def answering(self, inbound: Inbound) -> Callable[[Sequence[Said], int], Response]:
        """The screen, with the fields that put it into this call. Without replies the call goes on unanswered."""
        return partial(_screen, inbound.session_id or "")

    def send(self, outbound: Outbound) -> Sent:  # noqa: ARG002
        """Nothing can be sent outside a call."""
        raise SendError("the USSD call is over", retry=False, sent="no", cause="unreachable")

    def _behind(self, dialled: str) -> str:
        """What was dialled behind the service code: 1 of *1280*1#."""
        code, _, rest = dialled.strip("*#").partition(f"{self._code}*")
        return "" if code else rest


def wire(settings: Settings) -> KannelUssd:
    """The service code that the settings name."""
    display = Display(script=settings.kannel_ussd_script, entry="numbered")
    return KannelUssd(settings.kannel_secret or "", settings.kannel_ussd_code or "", display)


def _meta(raw: bytes) -> dict[str, bytes]:
    """The optional fields of SMPP in Kannel's meta-data, `?smpp?name=value&…`, each value with % of its own."""
    found = _SMPP.search(raw)
    items = found[1].split(b"&") if found else ()
    named = (item.partition(b"=") for item in items if item)
    return {name.decode("latin-1"): unquote_to_bytes(value.replace(b"+", b" ")) for name, _, value in named}


def _screen(call: str, replies: Sequence[Said], reference: int) -> Response:  # noqa: ARG001
    if not replies:
        return Response(200)
    text, ends = "\n".join(reply.text for reply in replies), any(reply.ends for reply in replies)
    headers = (
        ("X-Kannel-Coding", "0" if measure(text)[0] == "GSM-7" else "2"),
        ("X-Kannel-BInfo", "USSD"),
        ("X-Kannel-Meta-Data", f"?smpp?{'&'.join(_fields(call, ends=ends))}"),
    )
    return Response(200, text.encode(), headers=headers)


def _fields(call: str, *, ends: bool) -> list[str]:
    """The call's own fields come back as they were, but for the last bit of its_session_info: it says if it is over."""
    named = _CALL.fullmatch(call)
    session, number = (bytes.fromhex(named[1]), bytes.fromhex(named[2])) if named else (b"", b"")
    found = [f"ussd_service_op={_quoted(bytes([END if ends else ASK]))}"]
    if session:
        found.append(f"its_session_info={_quoted(session[:-1] + bytes([session[-1] & 0xFE | ends]))}")
    if number:
        found.append(f"user_message_reference={_quoted(number)}")
    return found


def _quoted(value: bytes) -> str:
    return quote_from_bytes(value, safe="")
