"""Kannel: it fetches our address with each text, takes ours by sendsms, and fetches another address for reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import parse_qs, quote, urlsplit

from conformance.gateway import TAKEN_ANYWAY, Fault, Heard, Said
from conformance.wires.http import HttpWire

from bot.protocol import Request

SECRET = "a-secret-only-kannel-and-we-know"


class KannelWire(HttpWire):
    """One short code."""

    name: ClassVar[str] = "kannel"
    number: ClassVar[str] = "+85512000003"
    ignores: ClassVar[tuple[int, ...]] = (403,)
    """Each text's own proof is in the address that Kannel fetches."""
    codes: ClassVar[Mapping[str, str]] = {"sent": "8", "delivered": "1", "failed": "2"}

    def settings(self) -> Mapping[str, Any]:
        return {
            "kannel_sendsms_url": f"{self.gateway.url}/cgi-bin/sendsms",
            "kannel_username": "phlov",
            "kannel_password": "a-password",
            "kannel_secret": SECRET,
            "kannel_number": self.number,
            "kannel_callback_url": "http://127.0.0.1:8000",
            "kannel_rate": 1000,
        }

    def text(self, words: str, sender: str, name: str) -> Request:
        fields = {
            "from": sender, "to": self.number, "text": words, "coding": "0", "charset": "UTF-8",
            "id": f"159fa71c-{name.encode().hex()[:40]}", "smsc": "FAKE", "ts": "1795340647", "secret": SECRET,
        }  # fmt: skip
        query = "&".join(f"{field}={quote(value, safe='')}" for field, value in fields.items())
        return Request("GET", "/webhooks/kannel/sms", query, {}, b"")

    def report(self, name: str, reference: int | None, status: str) -> Request:
        """Kannel fetches what it was told to with the text, its own word put in."""
        given = self.callbacks.get(name, f"http://x/webhooks/kannel/dlr?ref={reference or 1}&proof=none&status=%d")
        parts = urlsplit(given)
        return Request("GET", parts.path, parts.query.replace("%d", self.codes[status]), {}, b"")

    def unsigned(self, request: Request) -> Request:
        return replace(request, query=request.query.replace(SECRET, "a-guess").replace("proof=", "proof=0"))

    def hear(self, heard: Heard, fault: Fault) -> Said:
        assert (heard.method, heard.path) == ("POST", "/cgi-bin/sendsms")
        headers = heard.headers
        assert (headers["x-kannel-username"], headers["x-kannel-password"]) == ("phlov", "a-password")
        if fault is Fault.THROTTLED:
            return Said(429, b"slower")
        if fault is Fault.NOT_WANTED:
            return Said(400, b"Number(s) has/have been denied by white- and/or black-lists.")
        if fault is Fault.NONE or fault in TAKEN_ANYWAY:
            callback = headers["x-kannel-dlr-url"]
            (reference,) = parse_qs(urlsplit(callback).query)["ref"]
            name = f"{reference} {len(self.gateway.taken)}"
            self.callbacks[name] = callback
            self.take(self.on_air(name, headers["x-kannel-to"], _read(heard), int(reference)))
        return Said(202, b"0: Accepted for delivery", {"Content-Type": "text/plain"})

    @property
    def callbacks(self) -> dict[str, str]:
        """The addresses for reports, by text."""
        return self.__dict__.setdefault("told", {})


def _read(heard: Heard) -> str:
    """The text as the phone shows it: without coding 2 whatever is no GSM letter becomes a question mark."""
    charset = heard.headers["content-type"].rpartition("charset=")[2]
    text = heard.body.decode(charset)
    if heard.headers["x-kannel-coding"] == "2":
        return text
    return text.encode("latin-1", "replace").decode("latin-1") if "€" not in text else text
