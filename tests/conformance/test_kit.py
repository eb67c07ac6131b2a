"""The kit itself: every gateway is in it, and its fake gateway does what its faults say."""

import urllib.error
import urllib.request
from dataclasses import fields
from http.client import HTTPException

import pytest
from conformance.gateway import NOT_TAKEN, TAKEN_ANYWAY, UNDERSTOOD, Fault, Gateway, Said, Taken
from conformance.wires import wires
from conformance.wires.calls import CALLS

from bot.channels.kinds import KINDS
from bot.config import Settings


def test_every_gateway_has_a_wire():
    assert {wire.name for wire in wires().values()} | {call.name for call in CALLS} == {kind.name for kind in KINDS}


def test_every_fault_is_told_apart():
    assert TAKEN_ANYWAY | NOT_TAKEN | {Fault.NONE} == set(Fault)
    assert not TAKEN_ANYWAY & NOT_TAKEN
    assert UNDERSTOOD < NOT_TAKEN


def hear(gateway, heard, fault):
    if fault is Fault.NONE or fault in TAKEN_ANYWAY:
        gateway.taken.append(Taken("1", "+85512345678", heard.body.decode()))
    return Said(202, b"taken")


@pytest.mark.parametrize("fault", sorted(set(Fault) - {Fault.REFUSED}, key=lambda fault: fault.name))
def test_a_fault_is_as_its_name_says(fault):
    gateway = Gateway(lambda heard, fault: hear(gateway, heard, fault))
    gateway.open()
    gateway.script.append(fault)
    try:
        with urllib.request.urlopen(gateway.url, b"hello", timeout=0.3) as answer:
            status, body = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            status, body = error.code, error.read()
    except (OSError, HTTPException):
        status, body = None, b""
    finally:
        gateway.close()
    assert [taken.text for taken in gateway.taken] == ["hello"] * (fault is Fault.NONE or fault in TAKEN_ANYWAY)
    answered = {Fault.NONE: 202, Fault.NOT_WANTED: 202, Fault.ERROR_AFTER: 500, Fault.JUNK_AFTER: 200}
    assert status == {**answered, Fault.THROTTLED: 429}.get(fault)
    assert (body == b"taken") == (fault in (Fault.NONE, Fault.NOT_WANTED, Fault.THROTTLED))


def test_a_gateway_that_is_away_refuses_the_connection():
    gateway = Gateway(lambda heard, fault: Said(202))
    gateway.open()
    with gateway.away(), pytest.raises(urllib.error.URLError, match="refused"):
        urllib.request.urlopen(gateway.url, timeout=1)
    urllib.request.urlopen(gateway.url, timeout=1).close()
    gateway.close()


def test_our_numbers_are_known_at_every_gateway():
    """A text from one gateway's number to another one of ours is a loop as much as one from itself."""
    numbers = {item.name: f"+8551200000{place}" for place, item in enumerate(fields(Settings)) if "number" in item.name}
    assert len(numbers) >= 6
    assert Settings(**numbers).own_numbers == frozenset(numbers.values())
