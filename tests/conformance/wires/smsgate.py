"""SMSGate: signed JSON in; Basic authentication and JSON out; it knows each id of ours once."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from typing import Any, ClassVar
from zlib import crc32

from conformance.gateway import TAKEN_ANYWAY, Fault, Heard, Said
from conformance.wires.http import HttpWire

from bot.protocol import Request

KEY = "a-key-only-the-phone-and-we-know"
LOGIN = base64.b64encode(b"phone:a-password").decode()
BEGAN = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)


class SmsGateWire(HttpWire):
    """One Android phone."""

    name: ClassVar[str] = "smsgate"
    signs: ClassVar[bool] = True
    number: ClassVar[str] = "+85512000001"
    renames: ClassVar[bool] = True
    dedupes: ClassVar[bool] = True
    unknown: ClassVar[str] = "phlov-4611686018427387905"
    events: ClassVar[Mapping[str, str]] = {"sent": "sms:sent", "delivered": "sms:delivered", "failed": "sms:failed"}

    def settings(self) -> Mapping[str, Any]:
        return {
            "smsgate_url": self.gateway.url,
            "smsgate_user": "phone",
            "smsgate_password": "a-password",
            "smsgate_signing_key": KEY,
            "smsgate_number": self.number,
            "smsgate_rate": 6000,
        }

    def text(self, words: str, sender: str, name: str) -> Request:
        return self._event("sms:received", f"event {name}", self._message(words, sender, name))

    def again(self, words: str, sender: str, name: str) -> Request:
        return self._event("sms:received", f"another {next(self._serial)}", self._message(words, sender, name))

    def report(self, name: str, reference: int | None, status: str) -> Request:
        told = {"messageId": name, "phoneNumber": "+85512345678", "sender": "+85512345678"}
        told |= {"reason": "RESULT_ERROR_GENERIC_FAILURE"} if status == "failed" else {}
        return self._event(self.events[status], f"event {next(self._serial)}", told)

    def unsigned(self, request: Request) -> Request:
        return replace(request, headers={**request.headers, "x-signature": "0" * 64})

    def hear(self, heard: Heard, fault: Fault) -> Said:
        assert heard.headers["authorization"] == f"Basic {LOGIN}"
        if heard.method == "GET":
            return self._asked(heard.path.rpartition("/")[2])
        assert (heard.method, heard.path) == ("POST", "/messages")
        form = json.loads(heard.body)
        (recipient,) = form["phoneNumbers"]
        if fault is Fault.THROTTLED:
            return Said(429, b'{"message":"Too Many Requests"}')
        if fault is Fault.NOT_WANTED:
            return Said(400, b'{"message":"phoneNumbers[0] is not valid"}')
        if fault is Fault.NONE or fault in TAKEN_ANYWAY:
            reference = int(form["id"].rpartition("-")[2])
            if not self.take(self.on_air(form["id"], recipient, form["textMessage"]["text"], reference)):
                return Said(409, b'{"message":"conflict"}')
        answer = {"id": form["id"], "deviceId": "D", "state": "Pending", "recipients": [], "states": {}}
        return Said(202, json.dumps(answer).encode(), {"Content-Type": "application/json"})

    def _asked(self, name: str) -> Said:
        known = any(taken.name == name for taken in self.gateway.taken)
        return Said(200, json.dumps({"id": name, "state": "Sent"}).encode()) if known else Said(404, b"{}")

    _serial = count()

    def _message(self, words: str, sender: str, name: str) -> dict[str, Any]:
        at = BEGAN + timedelta(seconds=crc32(name.encode()) % 1_000_000)
        told = {"messageId": f"{crc32(f'{sender}{words}{at}'.encode()):08x}", "message": words, "sender": sender}
        return {**told, "simNumber": 1, "receivedAt": at.isoformat(timespec="milliseconds")}

    def _event(self, event: str, name: str, payload: Mapping[str, Any]) -> Request:
        told = {"id": name, "webhookId": "w", "deviceId": "D", "event": event, "payload": payload}
        body, stamp = json.dumps(told).encode(), str(int(time.time()))
        signature = hmac.new(KEY.encode(), body + stamp.encode(), sha256).hexdigest()
        headers = {"content-type": "application/json", "x-signature": signature, "x-timestamp": stamp}
        return Request("POST", "/webhooks/smsgate", "", headers, body)
