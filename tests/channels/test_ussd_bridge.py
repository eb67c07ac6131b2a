"""USSD gateways by description: those of the docs, by rows of their wires, and what a wrong description is told."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.aggregator_table import Unsound
from bot.channels.ussd_bridge import PATH, UssdBridge, read, wire
from bot.config import Settings, SettingsError
from bot.conversation.session import Reply
from bot.protocol import Display, Inbound, Outbound, Refused, Request, Response, SendError, SessionEnd

SECRET = "a-secret-of-the-route"
PAGE = Path(__file__).parents[2] / "docs" / "ussd-bridge.md"
SHOWN = dict(re.findall(r"## Like (\w+).*?```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))
SCREEN, LAST = (Reply("1 ជំនួយ", "menu"),), (Reply('He said "no" {call}', "stop", ends=True),)


def gateway(like: str, folder: Path) -> UssdBridge:
    file = folder / "bridge.toml"
    file.write_text(SHOWN[like], encoding="utf-8")
    return wire(Settings(ussd_bridge_file=str(file), ussd_bridge_secret=SECRET))


def posted(told: object, query: str = f"secret={SECRET}", **headers: str) -> Request:
    return Request("POST", PATH, query, headers, json.dumps(told).encode())


def hubtel(kind: str, message: str, sequence: int) -> Request:
    told = {"Type": kind, "Mobile": "66812345678", "SessionId": "S1", "ServiceCode": "1280", "Message": message}
    return posted({**told, "Operator": "x", "Sequence": sequence, "ClientState": "", "Platform": "USSD"})


def arkesel(new: bool, data: str) -> Request:
    told = {"sessionID": "S1", "userID": "U", "newSession": new, "msisdn": "66812345678", "userData": data}
    return posted({**told, "network": "x"}, "", **{"x-secret": SECRET})


def korba(operation: int, text: str) -> Request:
    return posted({"sessionID": "S1", "msisdn": "66812345678", "ussdString": text, "ussdServiceOp": operation})


def comviva(**fields: str) -> Request:
    query = urlencode({"SessionID": "S1", "MSISDN": "66812345678", "password": SECRET, **fields})
    return Request("GET", PATH, query, {}, b"")


ROWS = [
    ("Hubtel", hubtel("Initiation", "*1280#", 1), ("", "S1/1", "new")),
    ("Hubtel", hubtel("Initiation", "*1280*1*2#", 1), ("1*2", "S1/1", "new")),
    ("Hubtel", hubtel("Initiation", "*999*1#", 1), ("", "S1/1", "new")),
    ("Hubtel", hubtel("Response", "9", 2), ("9", "S1/2", "resume")),
    ("Hubtel", hubtel("Response", "9", 3), ("9", "S1/3", "resume")),
    ("Hubtel", hubtel("Release", "", 4), None),
    ("Hubtel", hubtel("Timeout", "", 4), None),
    ("Arkesel", arkesel(True, "*1280*1#"), ("", "S1/", "new")),
    ("Arkesel", arkesel(False, "2"), ("2", "S1/2", "resume")),
    ("Korba", korba(1, "*1280#"), ("", "S1/", "new")),
    ("Korba", korba(18, "ជំនួយ"), ("ជំនួយ", "S1/ជំនួយ", "resume")),
    ("Comviva", comviva(input=""), ("", "S1/", None)),
    ("Comviva", comviva(input="1"), ("1", "S1/1", None)),
    ("Comviva", comviva(clean="clean-session"), None),
]


@pytest.mark.parametrize(("like", "request_", "expected"), ROWS)
def test_what_comes_in(tmp_path, like, request_, expected):
    found = gateway(like, tmp_path).read(request_)
    if expected is None:
        assert found == SessionEnd("ussd_bridge", "S1")
        return
    assert isinstance(found, Inbound)
    assert (found.channel, found.sender, found.medium, found.session_id) == (
        "ussd_bridge",
        "+66812345678",
        "ussd",
        "S1",
    )
    assert (found.text, found.provider_id, found.session_event) == expected


ANSWERS = [
    ("Hubtel", hubtel("Response", "1", 2),
     {"SessionId": "S1", "Label": "Phlov", "DataType": "input", "FieldType": "text"}, "Message",
     {"Type": "response"}, {"Type": "release"}),
    ("Arkesel", arkesel(False, "1"), {"sessionID": "S1", "userID": "PHLOV", "msisdn": "66812345678"}, "message",
     {"continueSession": True}, {"continueSession": False}),
    ("Korba", korba(18, "1"), {}, "message", {"ussdServiceOp": 2}, {"ussdServiceOp": 17}),
]  # fmt: skip


@pytest.mark.parametrize(("like", "request_", "both", "place", "more", "end"), ANSWERS)
def test_what_is_answered(tmp_path, like, request_, both, place, more, end):
    channel = gateway(like, tmp_path)
    answer = channel.answering(channel.read(request_))
    going, ending = answer(SCREEN, 1), answer(LAST, 1)
    assert json.loads(going.body) == {**both, **more, place: SCREEN[0].text}
    assert json.loads(ending.body) == {**both, **end, place: LAST[0].text}
    assert going.content_type.startswith("application/json")
    assert answer((), 0) == Response(200)


def test_what_is_answered_in_plain_text(tmp_path):
    channel = gateway("Comviva", tmp_path)
    answer = channel.answering(channel.read(comviva(input="1")))
    going, ending = answer(SCREEN, 1), answer(LAST, 1)
    assert (going.body.decode(), dict(going.headers)["Freeflow"]) == (SCREEN[0].text, "FC")
    assert (ending.body.decode(), dict(ending.headers)["Freeflow"]) == (LAST[0].text, "FB")


def test_what_its_screens_show(tmp_path):
    assert gateway("Hubtel", tmp_path).traits.display == Display(entry="numbered")
    assert gateway("Arkesel", tmp_path).traits.display == Display(160, 80, "en", "last")
    assert not gateway("Korba", tmp_path).traits.sends
    with pytest.raises(SendError):
        gateway("Korba", tmp_path).send(Outbound(1, "ussd_bridge", "+66812345678", "x", 1))


REFUSED = [
    ("Korba", Request("POST", PATH, "", {}, korba(1, "").body), 403),
    ("Korba", posted({}, "secret=another"), 403),
    ("Korba", posted({}, f"secret={SECRET}&secret={SECRET}"), 403),
    ("Arkesel", posted({"sessionID": "S1", "msisdn": "1"}), 403),
    ("Korba", posted([]), 400),
    ("Korba", posted({}), 400),
    ("Korba", posted({"sessionID": "S1", "ussdString": "1"}), 400),
    ("Hubtel", posted({"SessionId": "S1", "Mobile": "66812345678", "Type": "Response", "Message": "1"}), 400),
    ("Korba", Request("POST", PATH, f"secret={SECRET}", {}, b"\xff"), 400),
    ("Korba", Request("POST", PATH, f"secret={SECRET}", {}, b"[" * 20_000), 400),
    ("Comviva", Request("GET", PATH, "SessionID=%FF", {}, b""), 400),
]


@pytest.mark.parametrize(("like", "request_", "status"), REFUSED)
def test_what_is_refused(tmp_path, like, request_, status):
    with pytest.raises(Refused) as refused:
        gateway(like, tmp_path).read(request_)
    assert refused.value.status == status


def test_half_an_emoji_breaks_nothing(tmp_path):
    body = b'{"sessionID": "S1", "msisdn": "66812345678", "ussdString": "\\ud83d", "ussdServiceOp": 18}'
    found = gateway("Korba", tmp_path).read(Request("POST", PATH, f"secret={SECRET}", {}, body))
    assert found.text == "?"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.dictionaries(st.sampled_from(["sessionID", "msisdn", "ussdString", "a"]), inner) | st.lists(inner),
    max_leaves=8,
)


@given(st.binary(max_size=200) | JSON.map(lambda told: json.dumps(told).encode()))
def test_no_body_breaks_it(tmp_path_factory, body):
    channel = gateway("Korba", tmp_path_factory.getbasetemp())
    try:
        channel.read(Request("POST", PATH, f"secret={SECRET}", {}, body))
    except Refused as refused:
        assert refused.status == 400


KORBA = SHOWN["Korba"]
WRONG = [
    (KORBA.replace("[secret]", "[secrets]"), "secret.query: needs the name"),
    (KORBA.replace('query = "secret"', 'query = "secret"\nheader = "X"'), "secret.query: needs the name"),
    (KORBA.replace('shape = "json"', 'shape = "xml"'), "ask.shape: must be one of"),
    (KORBA.replace('call = "sessionID"', ""), "ask.call: is missing"),
    (KORBA.replace("entry =", "entries ="), "did you mean entry?"),
    (KORBA.replace('values = ["1"]', "values = [1]"), "values: must be a list of texts"),
    (KORBA.replace('values = ["1"]', "values = []"), "values: is missing"),
    (KORBA.replace("{text}", "{words}"), "must have {text}"),
    (KORBA + '\n[screen]\nunits = 20\n', "screen.units: must be from 70 to 91"),
    (KORBA + '\n[screen]\nscript = "th"\n', "screen.script: must be one of"),
    (KORBA.replace("more = {", 'more = { headers = { "a b" = "c" },'), "headers: must be names"),
    ("a = [", "PHLOV_USSD_BRIDGE_FILE"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line"), WRONG)
def test_a_wrong_description_is_told_in_one_line(tmp_path, text, line):
    file = tmp_path / "bridge.toml"
    file.write_text(text)
    with pytest.raises(Unsound) as unsound:
        read(file)
    assert str(file) in str(unsound.value)
    assert line in str(unsound.value)
    assert "\n" not in str(unsound.value)
    with pytest.raises(SettingsError):
        wire(Settings(ussd_bridge_file=str(file), ussd_bridge_secret=SECRET))


def test_a_file_that_is_not_there():
    with pytest.raises(Unsound, match="No such file"):
        read(Path("/nonexistent/bridge.toml"))
