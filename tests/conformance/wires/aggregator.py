"""An aggregator by its description: one that takes a form, and one that wants each part in an address, as hex."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlencode
from zlib import crc32

from conformance.gateway import TAKEN_ANYWAY, Fault, Heard, Said, Taken
from conformance.wires.http import HttpWire

from bot.protocol import Request

SECRET = "a-secret-only-they-and-we-know"
EXAMPLES = Path(__file__).parents[3] / "deploy" / "aggregators"


class AggregatorWire(HttpWire):
    """The example with a form."""

    name: ClassVar[str] = "aggregator"
    number: ClassVar[str] = "+85512000005"
    example: ClassVar[str] = "form"
    words: ClassVar[Mapping[str, str]] = {"sent": "Sent", "delivered": "Success", "failed": "Failed"}

    def settings(self) -> Mapping[str, Any]:
        written = (EXAMPLES / f"{self.example}.toml").read_text()
        file = self.folder / "aggregator.toml"
        written = re.sub(r'(url = ")https?://[^/"]+', rf"\g<1>{self.gateway.url}", written)
        file.write_text(re.sub("per_minute = [0-9]+", "per_minute = 6000", written))
        return {
            "aggregator_file": str(file),
            "aggregator_number": self.number,
            "aggregator_user": "phlov",
            "aggregator_secret": "a-password",
            "aggregator_webhook_secret": SECRET,
        }

    def text(self, words: str, sender: str, name: str) -> Request:
        fields = {"from": sender, "to": self.number, "text": words, "id": f"id {name}", "date": "2026-11-02 10:00"}
        return self._form("sms", fields)

    def report(self, name: str, reference: int | None, status: str) -> Request:
        told = {"id": name, "status": self.words[status]}
        return self._form("report", {**told, "clientRef": str(reference)} if reference else told)

    def unsigned(self, request: Request) -> Request:
        return replace(request, query=request.query.replace(SECRET, "a-guess"))

    def hear(self, heard: Heard, fault: Fault) -> Said:
        assert (heard.method, heard.path, heard.headers["apikey"]) == ("POST", "/v1/messaging", "a-password")
        form = parse_qs(heard.body.decode(), strict_parsing=True)
        if fault is Fault.THROTTLED:
            return Said(429, b"slower")
        if fault is Fault.NOT_WANTED:
            return self._answer("InvalidPhoneNumber", "None")
        name = f"A{len(self.gateway.taken)}"
        if fault is Fault.NONE or fault in TAKEN_ANYWAY:
            self.take(self.on_air(name, form["to"][0], form["message"][0], int(form["clientRef"][0])))
        return self._answer("Success", name)

    def _answer(self, status: str, name: str) -> Said:
        body = {"Recipients": [{"status": status, "messageId": name}]}
        return Said(201, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def _form(self, path: str, fields: Mapping[str, str]) -> Request:
        headers = {"content-type": "application/x-www-form-urlencoded"}
        body = urlencode(fields).encode()
        return Request("POST", f"/webhooks/aggregator/{path}", f"token={SECRET}", headers, body)


class PartsWire(AggregatorWire):
    """The example of an old gateway: a text has no name, Khmer is hex, and each part is a request of its own."""

    label: ClassVar[str] = "aggregator-parts"
    example: ClassVar[str] = "get"
    faults: ClassVar[frozenset[Fault]] = frozenset({Fault.NONE, Fault.REFUSED, Fault.THROTTLED})
    unknown: ClassVar[str] = ""
    words: ClassVar[Mapping[str, str]] = {"sent": "8", "delivered": "1", "failed": "2"}

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.parts: dict[str, dict[int, str]] = {}

    def text(self, words: str, sender: str, name: str) -> Request:
        at = datetime(2026, 11, 2, 10) + timedelta(seconds=crc32(name.encode()) % 1_000_000)  # noqa: DTZ001
        fields = {"msisdn": sender, "shortcode": "1280", "time": str(at)}
        coded = {"msg": words.encode("utf-16-be").hex(), "type": "unicode"}
        query = urlencode({**fields, **(coded if not words.isascii() else {"msg": words}), "key": SECRET})
        return Request("GET", "/webhooks/aggregator/sms", query, {}, b"")

    def report(self, name: str, reference: int | None, status: str) -> Request:
        told = {"ref": f"{reference or 1}-1", "dlr": self.words[status], "key": SECRET}
        return Request("GET", "/webhooks/aggregator/report", urlencode(told), {}, b"")

    def hear(self, heard: Heard, fault: Fault) -> Said:
        assert (heard.method, heard.path) == ("GET", "/push")
        asked = {name: values[0] for name, values in parse_qs(heard.query).items()}
        assert (asked["user"], asked["pass"], asked["sender"]) == ("phlov", "a-password", "1280")
        if fault is Fault.THROTTLED:
            return Said(429, b"slower")
        unicode = asked.get("type") == "unicode"
        text = bytes.fromhex(asked["text"]).decode("utf-16-be") if unicode else asked["text"]
        row, _, part = asked["ref"].partition("-")
        parts = self.parts.setdefault(row, {})
        assert int(part) not in parts, "a part that went is not sent again"
        parts[int(part)] = text
        total = int(asked["udh"][8:10], 16) if asked.get("udh") else 1
        if len(parts) == total:
            units = tuple(len(parts[each].encode("utf-16-be")) // 2 for each in sorted(parts)) if unicode else ()
            said = "".join(parts[each] for each in sorted(parts))
            self.take(Taken(f"row {row}", f"+{asked['dest']}", said, int(row), units))
        return Said(200, f"OK: {row}-{part}".encode(), {"Content-Type": "text/plain"})
