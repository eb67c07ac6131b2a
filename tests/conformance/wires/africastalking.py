"""Africa's Talking: forms both ways, a secret in the address, and no answer that leaves with the response."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlencode

from conformance.gateway import TAKEN_ANYWAY, Fault, Heard, Said
from conformance.wires.http import HttpWire

from bot.protocol import Request

SECRET = "a-secret-only-they-and-we-know"
FORM = "application/x-www-form-urlencoded"


class AfricasTalkingWire(HttpWire):
    """One short code with a number of its own."""

    name: ClassVar[str] = "africastalking"
    number: ClassVar[str] = "+85512000004"
    references: ClassVar[bool] = False
    states: ClassVar[Mapping[str, str]] = {"sent": "Sent", "delivered": "Success", "failed": "Failed"}
    refused: ClassVar[tuple[int, str]] = (403, "InvalidPhoneNumber")

    def settings(self) -> Mapping[str, Any]:
        return {
            "africastalking_secret": SECRET,
            "africastalking_username": "phlov",
            "africastalking_api_key": "a-key",
            "africastalking_number": self.number,
            "africastalking_api_url": f"{self.gateway.url}/version1/messaging",
        }

    def text(self, words: str, sender: str, name: str) -> Request:
        told = {"id": f"id {name}", "from": sender, "to": self.number, "text": words, "date": "2026-11-02 10:00:00"}
        return self._webhook("sms", {**told, "linkId": "x"})

    def report(self, name: str, reference: int | None, status: str) -> Request:
        return self._webhook("delivery", {"id": name, "status": self.states[status], "networkCode": "45601"})

    def unsigned(self, request: Request) -> Request:
        return replace(request, query="secret=a-guess")

    def hear(self, heard: Heard, fault: Fault) -> Said:
        assert (heard.method, heard.path, heard.headers["apikey"]) == ("POST", "/version1/messaging", "a-key")
        form = parse_qs(heard.body.decode(), strict_parsing=True)
        assert (form["username"], form["from"]) == (["phlov"], [self.number])
        if fault is Fault.THROTTLED:
            return Said(429, b"slower")
        if fault is Fault.NOT_WANTED:
            code, status = self.refused
            return self._answer(form["to"][0], code, status, "None")
        name = f"ATXid_{len(self.gateway.taken)}"
        if fault is Fault.NONE or fault in TAKEN_ANYWAY:
            self.take(self.on_air(name, form["to"][0], form["message"][0]))
        return self._answer(form["to"][0], 101, "Success", name)

    def _answer(self, recipient: str, code: int, status: str, name: str) -> Said:
        told = {"statusCode": code, "number": recipient, "status": status, "cost": "KES 1", "messageId": name}
        body = {"SMSMessageData": {"Message": "Sent to 1/1 Total Cost: KES 1", "Recipients": [told]}}
        return Said(201, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def _webhook(self, path: str, fields: Mapping[str, str]) -> Request:
        body = urlencode(fields).encode()
        return Request("POST", f"/webhooks/africastalking/{path}", f"secret={SECRET}", {"content-type": FORM}, body)
