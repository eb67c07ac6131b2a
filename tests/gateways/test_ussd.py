"""USSD over real HTTP: Phlov as it is run, a phone that dials it, and the API that is to send what was chosen there."""

from __future__ import annotations

import json
import sqlite3
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from statistics import median

import pytest
from faults.house import House
from peer import Peer, listening, says
from ussd_simulator import LIMIT, TOOK, Call, Screen

SECRET = "a-secret-of-the-route"
TAKEN = {
    "SMSMessageData": {
        "Message": "Sent to 1/1 Total Cost: USD 0.0100",
        "Recipients": [
            {"statusCode": 101, "number": "+85512000001", "status": "Success", "cost": "USD 0.01", "messageId": "ATX1"}
        ],
    }
}
START = "Phlov ជាម៉ាស៊ីនឆ្លើយ។ គេអាចអានបាន។"
_PHONES = count(85512000001)


@dataclass
class World:
    house: House
    api: Peer

    def call(self, **more: object) -> Call:
        """From a phone that never called before, unless one is given."""
        return Call(self.house.port, SECRET, **{"phone": f"+{next(_PHONES)}", **more})

    def rows(self, query: str, *given: object) -> list[tuple]:
        with closing(sqlite3.connect(self.house.file, timeout=60)) as database:
            return database.execute(query, given).fetchall()

    def post(self, path: str, secret: str = SECRET, **fields: str) -> int:
        url = f"http://127.0.0.1:{self.house.port}/webhooks/africastalking/{path}?secret={secret}"
        try:
            with urllib.request.urlopen(url, urllib.parse.urlencode(fields).encode(), timeout=60) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with listening(says(201, json.dumps(TAKEN).encode())) as api:
        settings = {
            "PHLOV_AFRICASTALKING_SECRET": SECRET,
            "PHLOV_AFRICASTALKING_USERNAME": "sandbox",
            "PHLOV_AFRICASTALKING_API_KEY": "a-key",
            "PHLOV_AFRICASTALKING_NUMBER": "1280",
            "PHLOV_AFRICASTALKING_API_URL": f"{api.url}/version1/messaging",
        }
        house = House(tmp_path_factory.mktemp("ussd"), settings)
        with house.running():
            yield World(house, api)
        assert median(TOOK) < LIMIT, "screens came too late"


def until(done: Callable[[], object], what: str) -> None:
    end = time.monotonic() + 60
    while not done():
        assert time.monotonic() < end, what
        time.sleep(0.01)


def choosing(screen: Screen, words: str) -> str:
    """The key of the line that says so."""
    return next(line.split(" ")[0] for line in screen.lines if line[:1].isdigit() and words in line)


def in_english(call: Call) -> Screen:
    call.enter(choosing(call.dial(), "Language"))
    return call.enter("3")


def test_help_is_two_keys_away(world):
    call = world.call(phone="+66811112222")
    assert call.dial().text.startswith(START)
    call.enter("1")
    answer = call.enter("1")
    assert answer.open
    assert "191" in answer.text
    assert world.rows("SELECT kind FROM escalation") != []


def test_to_the_menu_on_and_back(world):
    call = world.call()
    first = in_english(call)
    legal = call.enter(choosing(call.enter(choosing(first, "Before you go")), "Legal"))
    assert "1297" in legal.text
    seen = [legal.text]
    while (screen := call.enter("9")).text != seen[-1]:
        seen.append(screen.text)
        assert len(seen) < 20
    for text in reversed(seen[:-1]):
        assert call.enter("0").text == text
    assert call.enter("00").text == first.text


def test_a_repeated_request_gets_the_same_screen_and_moves_nothing(world):
    call = world.call()
    first, again = call.dial(), call.again()
    assert first.raw == again.raw
    helping = call.enter("1")
    assert [call.again().raw, call.again().raw] == [helping.raw, helping.raw]
    danger = call.enter("1")
    assert "117" in danger.text
    assert call.again().raw == danger.raw


def test_a_gateway_that_sends_the_last_entry_alone_is_understood(world):
    call, other = world.call(accumulates=False), world.call()
    for entries in ("9", "1", "2", "9", "0"):
        if not call.screens:
            call.dial()
            other.dial()
        assert call.enter(entries).text == other.enter(entries).text


def test_one_that_repeats_nine_goes_on_as_soon_as_it_is_known(world):
    call = world.call(accumulates=False)
    call.dial()
    call.enter("1")
    second = call.enter("9")  # no longer what the whole call would be: from here on each entry is one
    time.sleep(2.1)  # within two seconds the same entry is the same request
    third = call.enter("9")
    assert second.text != third.text


def test_what_is_dialled_behind_the_code_is_gone_through(world):
    direct = world.call().dial("1*1")
    call = world.call()
    call.dial()
    call.enter("1")
    assert direct.text == call.enter("1").text
    assert "117" in direct.text


def test_a_text_may_hold_a_star(world):
    call = world.call()
    call.dial()
    starred = call.enter("help * me")
    assert "117" in starred.text
    assert call.enter("00").text.startswith("Phlov answers")


def test_a_cut_call_is_offered_again_but_not_what_is_nobodys_business(world):
    call = world.call()
    call.dial()
    call.enter("9")
    legal = call.enter("1")
    assert call.hang_up() == 200
    again = world.call(phone=call.phone)
    offered = again.dial()
    assert [line[:2] for line in offered.lines[-2:]] == ["1 ", "2 "]
    assert again.enter("1").text == legal.text
    third = world.call(phone=call.phone)
    third.dial()
    assert third.enter("2").text.startswith(START)
    third.enter("SOS")
    assert world.call(phone=call.phone).dial().text.startswith(START)


def test_an_sms_goes_out_only_after_the_warning(world):
    before = len(world.api.asked)
    call = world.call(phone="+66811113333")
    in_english(call)
    call.enter("1")
    answer = call.enter("1")
    warned = call.enter(choosing(answer, "SMS"))
    assert "stays in this phone" in warned.text
    assert call.enter("0").text == answer.text
    call.enter(choosing(answer, "SMS"))
    assert world.rows("SELECT 1 FROM outbound WHERE to_sealed IS NOT NULL OR parts > 0") == []
    assert len(world.api.asked) == before
    sent = call.enter("1")
    assert "on its way" in sent.text
    assert call.again().raw == sent.raw
    until(lambda: len(world.api.asked) > before, "the SMS is sent")
    form = world.api.asked[-1].form
    assert form["to"] == ["+66811113333"]
    assert form["from"] == ["1280"]
    assert answer.text.startswith(form["message"][0])
    assert world.api.asked[-1].headers["apikey"] == "a-key"
    assert world.post("delivery", id="ATX1", status="Success", phoneNumber="+66811113333") == 200
    until(lambda: world.rows("SELECT state FROM outbound WHERE parts > 0") == [(50,)], "the report arrives")
    assert call.enter("0").text == answer.text
    assert len(world.api.asked) == before + 1


def test_stop_ends_the_call_and_the_next_one_is_answered(world):
    call = world.call()
    in_english(call)
    stopped = call.enter("STOP")
    assert (stopped.open, stopped.text.startswith("Stopped")) == (False, True)
    assert call.again().raw == stopped.raw
    later = world.call(phone=call.phone)
    assert later.dial().text.startswith("Phlov answers")
    assert "117" in [later.enter("1"), later.enter("1")][1].text


def test_erase_ends_the_call_and_leaves_nothing(world):
    call = world.call()
    in_english(call)
    erased = call.enter("ERASE")
    assert (erased.open, erased.text.startswith("Erased")) == (False, True)
    assert call.again().raw == erased.raw
    assert world.call(phone=call.phone).dial().text.startswith(START)


def test_a_text_by_sms_is_answered_through_the_api(world):
    before = len(world.api.asked)
    told = {"from": "+66811114444", "to": "1280", "text": "SOS", "date": "2026-11-22 10:10:10", "linkId": "L"}
    assert world.post("sms", id="m-1", **told) == 200
    assert world.post("sms", id="m-1", **told) == 200
    until(lambda: len(world.api.asked) > before, "the answer is sent")
    assert "191" in world.api.asked[-1].form["message"][0]
    assert world.rows("SELECT count(*) FROM inbound WHERE medium = 'sms'") == [(1,)]


@pytest.mark.parametrize("path", ["sms", "ussd", "delivery"])
def test_a_stranger_is_refused(world, path):
    told = {"id": "1", "from": "+85512345678", "text": "SOS", "sessionId": "1", "phoneNumber": "+85512345678"}
    assert world.post(path, secret="another-secret-here", **told, status="Success") == 403


def test_the_gateway_for_sms_must_be_one_that_can_send(tmp_path):
    house = House(tmp_path, {"PHLOV_AFRICASTALKING_SECRET": SECRET, "PHLOV_USSD_SMS": "africastalking"})
    process = house.command()
    assert process.wait(60) == 1
    assert "PHLOV_USSD_SMS: no gateway is set up that is called africastalking" in house.log.read_text()


def test_without_one_no_sms_is_offered(tmp_path):
    house = House(tmp_path, {"PHLOV_AFRICASTALKING_SECRET": SECRET, "PHLOV_USSD_SMS": "none"})
    with house.running():
        assert "SMS" not in Call(house.port, SECRET, "+66811115555").dial("2*3*1*1").text
