"""Twilio: signed forms in, TwiML in the answer, the REST API out."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from email.utils import formatdate
from hashlib import md5
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import signed
from conformance.gateway import TAKEN_ANYWAY, Fault, Heard, Said, Taken
from conformance.wires.http import HttpWire

from bot.protocol import Request, Response


class TwilioWire(HttpWire):
    """One number at Twilio."""

    name: ClassVar[str] = "twilio"
    signs: ClassVar[bool] = True
    number: ClassVar[str] = signed.NUMBER
    inline: ClassVar[bool] = True
    unknown: ClassVar[str] = signed.sid()
    words: ClassVar[Mapping[str, str]] = {"sent": "sent", "delivered": "delivered", "failed": "undelivered"}

    def settings(self) -> Mapping[str, Any]:
        return {
            "twilio_account_sid": signed.ACCOUNT,
            "twilio_auth_token": signed.TOKEN,
            "twilio_number": signed.NUMBER,
            "twilio_api_url": self.gateway.url,
            "public_url": signed.PUBLIC,
        }

    def text(self, words: str, sender: str, name: str) -> Request:
        return signed.request(signed.form(words, sender, _sid(name)))

    def unsigned(self, request: Request) -> Request:
        return Request(request.method, request.path, request.query, signed.headers("bm90IG91cnM="), request.body)

    def report(self, name: str, reference: int | None, status: str) -> Request:
        return signed.callback(signed.report(self.words[status], name), reference)

    def heard(self, response: Response, request: Request) -> Sequence[Taken]:
        if not response.body:
            return ()
        form = parse_qs(request.body.decode())
        message, sender = form["MessageSid"][0], form["From"][0]
        found = ElementTree.fromstring(response.body)
        return [
            self.on_air(_sid(f"{message} {place}"), sender, said.text or "", _reference(said.attrib["action"]))
            for place, said in enumerate(found)
        ]

    def hear(self, heard: Heard, fault: Fault) -> Said:
        assert heard.path == f"/2010-04-01/Accounts/{signed.ACCOUNT}/Messages.json"
        login = base64.b64encode(f"{signed.ACCOUNT}:{signed.TOKEN}".encode()).decode()
        assert heard.headers["authorization"] == f"Basic {login}"
        if heard.method == "GET":
            return self._listed(parse_qs(heard.query))
        form = parse_qs(heard.body.decode(), strict_parsing=True)
        assert form["From"] == [self.number]
        if fault is Fault.NOT_WANTED:
            return _json(400, {"code": 21211, "message": "not a number", "more_info": "", "status": 400})
        if fault is Fault.THROTTLED:
            return _json(429, {"code": 20429, "message": "slower", "more_info": "", "status": 429})
        name = _sid(f"out {len(self.gateway.taken)}")
        if fault is Fault.NONE or fault in TAKEN_ANYWAY:
            self.take(self.on_air(name, form["To"][0], form["Body"][0], _reference(form["StatusCallback"][0])))
        return _json(201, {"sid": name, "status": "queued"})

    def _listed(self, asked: Mapping[str, list[str]]) -> Said:
        """The texts that went to a phone, the last first."""
        at = formatdate(usegmt=True).replace("GMT", "+0000")
        made = {"date_created": at, "date_sent": at, "date_updated": at}
        found = [
            {"sid": taken.name, "to": taken.recipient, "from": self.number, "body": taken.text, **made}
            for taken in reversed(self.gateway.to(asked["To"][0]))
        ]
        return _json(200, {"messages": found, "page": 0, "page_size": 50, "next_page_uri": None})


def _sid(name: str) -> str:
    return f"SM{md5(name.encode()).hexdigest()}"


def _reference(callback: str) -> int:
    (reference,) = parse_qs(urlsplit(callback).query)["ref"]
    return int(reference)


def _json(status: int, body: Mapping[str, Any]) -> Said:
    return Said(status, json.dumps(body).encode(), {"Content-Type": "application/json"})
