"""USSD calls of every gateway that has them: each step gets its screen, the same for a repeat, whatever happens."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from shutil import copy

import pytest
from conformance.house import WORKER, House
from conformance.wires.calls import CALLS

from bot.store import open_database
from bot.text.sms import measure

KEYS = ("1", "2", "0", "00", "3", "9", "9", "0", "hello", "1", "1", "0", "00", "4", "2")


@pytest.fixture(params=CALLS, ids=lambda call: call.name)
def line(request, empty, folder, clock) -> Iterator[House]:
    wire = request.param(folder)
    wire.gateway.open()
    database = open_database(f"sqlite:///{copy(empty, folder)}")
    yield House(database, wire, clock)
    database.close()
    wire.gateway.close()


def enter(line: House, *entries: str, sender: str = WORKER, call: str = "7") -> str:
    """What the phone shows after the last entry."""
    response = line.call(line.wire.step(entries, sender, call))
    assert response.status == 200
    return line.wire.screen(response)


def test_every_step_gets_a_screen_that_fits(line):
    """No guard paces a call: a hand holds the phone."""
    for end in range(len(KEYS) + 1):
        text = enter(line, *KEYS[:end])
        encoding, ends = measure(text)
        assert text
        assert ends[-1] <= (182 if encoding == "GSM-7" else 80)
    assert line.count("inbound") == len(KEYS) + 1
    line.pump()
    assert line.wire.gateway.taken == [], "nobody asked for a text"


def test_a_step_that_comes_again_gets_the_same_screen_and_moves_nothing(line):
    enter(line)
    first = enter(line, "1")
    assert [enter(line, "1") for _ in range(3)] == [first] * 3
    assert line.count("inbound") == 2
    there = enter(line, "1", "1")
    assert there != first
    assert enter(line, "1", "1") == there


def test_twenty_copies_of_a_step_at_once_are_one_step(line):
    enter(line)
    request = line.wire.step(["1"], WORKER, "7")
    with ThreadPoolExecutor(20) as pool:
        responses = list(pool.map(lambda _: line.call(request), range(20)))
    assert len({response.body for response in responses}) == 1
    assert line.count("inbound") == 2


def test_calls_of_many_phones_do_not_mix(line):
    people = [f"+8551234500{number}" for number in range(5)]
    alone = enter(line, call="1"), enter(line, "1", call="1"), enter(line, "1", "2", call="1")
    steps = [(step, number) for step in range(3) for number in range(5)]
    for step, number in sorted(steps, key=lambda each: (each[0], random.Random(each[1]).random())):
        keys = ("1", "2")[:step]
        assert enter(line, *keys, sender=people[number], call=str(10 + number)) == alone[step]


def test_who_does_not_know_the_secret_gets_no_screen(line):
    for request in (line.wire.step([], WORKER, "7"), line.wire.over(WORKER, "7")):
        assert line.call(line.wire.unsigned(request)).status in (401, 403)
    assert line.count("inbound") == line.count("contact") == 0


def test_a_call_cut_anywhere_is_never_our_mistake(line):
    request = line.wire.step(["1", "2"], WORKER, "7")
    for end in range(0, len(request.body), 5):
        assert line.call(replace(request, body=request.body[:end])).status < 500
    for end in range(0, len(request.query), 7):
        assert line.call(replace(request, query=request.query[:end])).status < 500
    assert line.call(replace(request, headers={})).status < 500


def test_whatever_is_entered_gets_a_screen(line):
    for number, entry in enumerate(["", " ", "*", "#", "ជំនួយ", "\U0001f64f", "x" * 180, "ជ" * 900, "'\"<>&%00\n"]):
        enter(line, call=str(number))
        assert line.call(line.wire.step([entry], WORKER, str(number))).status < 500
    assert enter(line, "1", call="99", sender="+66812345678")


def test_the_end_of_a_call_is_thanked_for_and_keeps_nothing(line):
    enter(line, "1")
    before = line.count("inbound")
    for call in ("7", "7", "999"):
        assert line.call(line.wire.over(WORKER, call)).status < 300
    assert line.count("inbound") == before


def test_who_has_no_number_gets_no_conversation(line):
    for sender in ("Smart", "1297", line.wire.number):
        assert line.call(line.wire.step([], sender, "7")).status < 500
    assert (line.count("outbound"), line.count("contact")) == (0, 0)
