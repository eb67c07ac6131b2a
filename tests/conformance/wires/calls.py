"""USSD: calls instead of texts. A step is what a person entered last; its screen is in the answer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from conformance.gateway import Fault, Gateway, Heard, Said, Taken
from conformance.wires import africastalking, kannel

from bot.protocol import Request, Response


class Call:
    """One call of one phone at a time; no texts go out by this gateway."""

    name: ClassVar[str]
    number: ClassVar[str]
    called: ClassVar[bool] = True

    def __init__(self, folder: Path) -> None:
        self.gateway = Gateway(self.hear)

    def settings(self) -> Mapping[str, Any]:
        raise NotImplementedError

    def step(self, entries: Sequence[str], sender: str, call: str) -> Request:
        """The webhook of the last entry of a call; without entries its beginning."""
        raise NotImplementedError

    def over(self, sender: str, call: str) -> Request:
        """The phone hung up."""
        raise NotImplementedError

    def unsigned(self, request: Request) -> Request:
        raise NotImplementedError

    def screen(self, response: Response) -> str:
        """What the phone shows; AssertionError for what would end the call with an error."""
        raise NotImplementedError

    def heard(self, response: Response, request: Request) -> Sequence[Taken]:
        return ()

    def hear(self, heard: Heard, fault: Fault) -> Said:
        raise AssertionError("nobody chose to be sent a text")


class AfricasTalkingCall(Call):
    """All entries of the call, joined by a star."""

    name: ClassVar[str] = "africastalking"
    number: ClassVar[str] = "+85512000004"

    def settings(self) -> Mapping[str, Any]:
        return {"africastalking_secret": africastalking.SECRET, "africastalking_number": self.number}

    def step(self, entries: Sequence[str], sender: str, call: str) -> Request:
        return self._form({"text": "*".join(entries)}, sender, call)

    def over(self, sender: str, call: str) -> Request:
        return self._form({"status": "Incomplete", "input": "1"}, sender, call)

    def unsigned(self, request: Request) -> Request:
        return replace(request, query="secret=a-guess")

    def screen(self, response: Response) -> str:
        word, _, text = response.body.decode().partition(" ")
        assert word in ("CON", "END")
        return text

    def _form(self, more: Mapping[str, str], sender: str, call: str) -> Request:
        told = {"sessionId": call, "serviceCode": "*1280#", "phoneNumber": sender, "networkCode": "45601", **more}
        headers = {"content-type": africastalking.FORM}
        query = f"secret={africastalking.SECRET}"
        return Request("POST", "/webhooks/africastalking/ussd", query, headers, urlencode(told).encode())


class KannelCall(Call):
    """An SMPP line with a call's number in the optional fields."""

    name: ClassVar[str] = "kannel_ussd"
    number: ClassVar[str] = "+85512000003"

    def settings(self) -> Mapping[str, Any]:
        return {
            "kannel_sendsms_url": f"{self.gateway.url}/cgi-bin/sendsms",
            "kannel_username": "phlov",
            "kannel_password": "a-password",
            "kannel_secret": kannel.SECRET,
            "kannel_number": self.number,
            "kannel_ussd_code": "*1280#",
        }

    def step(self, entries: Sequence[str], sender: str, call: str) -> Request:
        operation = "%12" if entries else "%01"
        text = entries[-1] if entries else "*1280#"
        return self._fetch(text, operation, sender, call, f"{call}-{len(entries)}")

    def over(self, sender: str, call: str) -> Request:
        return self._fetch("", "%20", sender, call, f"{call}-over")

    def unsigned(self, request: Request) -> Request:
        return replace(request, query=request.query.replace(kannel.SECRET, "a-guess"))

    def screen(self, response: Response) -> str:
        assert response.status == 200
        headers = dict(response.headers)
        text = response.body.decode()
        assert not text or "ussd_service_op" in headers["X-Kannel-Meta-Data"]
        return text

    def _fetch(self, text: str, operation: str, sender: str, call: str, name: str) -> Request:
        session = "".join(f"%{octet:02X}" for octet in (int(call) << 1 & 0xFFFF).to_bytes(2, "big"))
        meta = f"?smpp?ussd_service_op={operation}&its_session_info={session}&"
        fields = {
            "from": sender, "to": "1280", "text": text, "coding": "0", "charset": "UTF-8", "id": f"id-{name}",
            "ts": "1795340647", "meta": meta, "secret": kannel.SECRET,
        }  # fmt: skip
        query = "&".join(f"{field}={quote(value, safe='')}" for field, value in fields.items())
        return Request("GET", "/webhooks/kannel/ussd", query, {}, b"")


PLAN = """
[secret]
header = "X-Secret"
[ask]
shape = "json"
call = "SessionId"
sender = "Mobile"
text = "Message"
step = "Sequence"
code = "*1280#"
new = { field = "Type", values = ["Initiation"] }
over = { field = "Type", values = ["Release", "Timeout"] }
[answer.more.fields]
Type = "Response"
Message = "{text}"
[answer.end.fields]
Type = "Release"
Message = "{text}"
"""


class BridgeCall(Call):
    """Any gateway that a file describes; here JSON, with a number for each step."""

    name: ClassVar[str] = "ussd_bridge"
    number: ClassVar[str] = "1280"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.file = folder / "bridge.toml"
        self.file.write_text(PLAN)

    def settings(self) -> Mapping[str, Any]:
        return {"ussd_bridge_file": str(self.file), "ussd_bridge_secret": kannel.SECRET}

    def step(self, entries: Sequence[str], sender: str, call: str) -> Request:
        kind = "Response" if entries else "Initiation"
        return self._json(kind, entries[-1] if entries else "*1280#", sender, call, len(entries) + 1)

    def over(self, sender: str, call: str) -> Request:
        return self._json("Release", "", sender, call, 99)

    def unsigned(self, request: Request) -> Request:
        return replace(request, headers={**request.headers, "x-secret": "a-guess"})

    def screen(self, response: Response) -> str:
        told = json.loads(response.body)
        assert told["Type"] in ("Response", "Release")
        return str(told["Message"])

    def _json(self, kind: str, text: str, sender: str, call: str, step: int) -> Request:
        told = {"SessionId": call, "Mobile": sender, "Message": text, "Type": kind, "Sequence": step}
        headers = {"content-type": "application/json", "x-secret": kannel.SECRET}
        return Request("POST", "/webhooks/ussd", "", headers, json.dumps(told).encode())


CALLS: tuple[type[Call], ...] = (AfricasTalkingCall, KannelCall, BridgeCall)
