"""Texts to every gateway, each fault on their way, and each kind of text: what the phone gets, and what we know of it.

A text is taken by the gateway once; twice only where the gateway has it, did not say so, knows no id of ours and cannot
be asked, and then only an emergency answer or a fresh reply, which counts it (`attempts`).
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import unasked
from conformance.gateway import TAKEN_ANYWAY, Fault
from conformance.house import BROADCAST, CONFIRMATION, EMERGENCY, REPLY, WORKER, House
from conformance.wires import wires

from bot.channels import Asking
from bot.services.delivery import State

WORDS = {EMERGENCY: "ជំនួយ", REPLY: "passport", CONFIRMATION: "STOP"}
REPEATED = (EMERGENCY, REPLY)
"""Kinds that are sent again when nobody knows whether they went."""
NEWS = "ព័ត៌មានថ្មី: សូមអាន"


WENT = (State.ACCEPTED, State.SENT)
"""SMSD tells at once that a text is on the air."""


@dataclass
class Sending:
    """One text of a kind on its way."""

    house: House
    kind: str

    def queue(self) -> None:
        """Put it in the outbox, and nothing else."""
        if self.kind == BROADCAST:
            self.house.bring("menu", name="before")
            self.house.pump()
            self.house.wire.gateway.taken.clear()
            assert unasked.queue(self.house.service, self.house.wire.name, NEWS, [WORKER]) == 1
        else:
            self.house.bring(WORDS[self.kind])

    @property
    def row(self) -> tuple:
        """State, cause and attempts of the text."""
        return self.house.rows("outbound", "state", "cause", "attempts")[-1]

    @property
    def times(self) -> int:
        """How often the gateway has it."""
        return len(self.house.wire.gateway.taken)


@pytest.fixture
def sending(house, kind):
    return Sending(house, kind)


def knows(house: House, fault: Fault) -> bool:
    """Whether the outcome of a text can be found out, or a second try is the same text."""
    finds_out = house.channel.traits.dedupes or isinstance(house.channel, Asking)
    return finds_out and fault not in house.wire.unsure


def later(house: House, clock, minutes: float = 0, seconds: float = 0) -> None:
    """Time goes by, and the worker works."""
    clock.forward(minutes=minutes, seconds=seconds)
    house.pump()


def fail(sending: Sending, *faults: Fault) -> None:
    """The next texts fail so, and the worker works."""
    if {Fault.HANGS_AFTER, Fault.HANGS_BEFORE} & set(faults):
        sending.house.hurry()
    sending.house.wire.gateway.script.extend(faults)
    sending.house.pump()


def test_a_text_is_taken_once_and_known_to_be(sending):
    sending.queue()
    sending.house.pump()
    assert sending.times == 1
    assert sending.row[0] in WENT


@pytest.mark.faults(Fault.THROTTLED)
def test_a_gateway_that_wants_to_be_left_in_peace_is(sending, fault, clock):
    sending.queue()
    fail(sending, fault)
    assert sending.times == 0
    assert sending.row[:2] == (State.QUEUED, "throttled")
    later(sending.house, clock, seconds=5)
    assert sending.times == 0, "it asked for 7 seconds"
    later(sending.house, clock, minutes=1)
    assert (sending.times, sending.row[0]) == (1, State.ACCEPTED)


@pytest.mark.faults(Fault.NOT_WANTED)
def test_a_number_that_nobody_has_is_tried_once(sending, fault, clock):
    sending.queue()
    fail(sending, fault)
    later(sending.house, clock, minutes=5)
    assert (sending.times, sending.row[0]) == (0, State.FAILED)
    assert sending.row[1] in ("bad_number", "unknown", "blocked")


def test_a_gateway_that_is_away_is_waited_for(sending, clock):
    sending.queue()
    with sending.house.wire.gateway.away():
        sending.house.pump()
        assert (sending.times, *sending.row[:2]) == (0, State.QUEUED, "network")
        later(sending.house, clock, minutes=5)
        assert sending.row[0] == State.QUEUED
    later(sending.house, clock, minutes=4)
    assert sending.times == 1
    assert sending.row[0] in WENT


@pytest.mark.faults(*TAKEN_ANYWAY)
def test_a_text_that_was_taken_without_a_word(sending, fault, clock):
    """The gateway has it and we do not know."""
    sending.queue()
    fail(sending, fault)
    assert sending.times == 1
    if knows(sending.house, fault):
        later(sending.house, clock, minutes=1)
        assert (sending.times, sending.row[0]) == (1, State.ACCEPTED)
        return
    later(sending.house, clock, seconds=30)
    assert sending.times == 1, "a report may still come"
    for _ in range(5):
        later(sending.house, clock, minutes=2)
    if sending.kind in REPEATED:
        assert (sending.times, sending.row[2]) == (2, 2)
        assert sending.row[0] in WENT
    else:
        assert (sending.times, sending.row[0]) == (1, State.UNKNOWN)


@pytest.mark.faults(*TAKEN_ANYWAY)
def test_twice_without_a_word_is_not_sent_a_third_time(sending, fault, clock):
    sending.queue()
    fail(sending, fault, fault)
    for _ in range(8):
        later(sending.house, clock, minutes=2)
    assert sending.times == (1 if knows(sending.house, fault) or sending.kind not in REPEATED else 2)
    assert sending.row[0] == (State.ACCEPTED if knows(sending.house, fault) else State.UNKNOWN)


@pytest.mark.faults(Fault.HANGS_BEFORE)
def test_a_text_that_was_lost_without_a_word(sending, fault, clock):
    """The gateway does not have it and we do not know."""
    sending.queue()
    fail(sending, fault)
    for _ in range(5):
        later(sending.house, clock, minutes=2)
    if knows(sending.house, fault) or sending.kind in REPEATED:
        assert (sending.times, sending.row[0]) == (1, State.ACCEPTED)
    else:
        assert (sending.times, sending.row[0]) == (0, State.UNKNOWN)


@pytest.mark.gateways(lambda wire: wire.references)
@pytest.mark.faults(*TAKEN_ANYWAY)
def test_a_report_says_what_the_gateway_did_not(sending, fault, clock):
    sending.queue()
    fail(sending, fault)
    (taken,) = sending.house.wire.gateway.taken
    (row,) = sending.house.rows("outbound", "id")[-1]
    assert sending.house.tell(taken.name, row, "delivered").status < 300
    assert sending.row[0] == State.DELIVERED
    for _ in range(3):
        later(sending.house, clock, minutes=2)
    assert (sending.times, sending.row[0]) == (1, State.DELIVERED)


@pytest.mark.gateways(lambda wire: not wire.inline)
def test_an_emergency_goes_first(house, clock):
    people = [f"+8551234500{number}" for number in range(6)]
    for number, person in enumerate(people):
        house.bring("menu", person, f"hello {number}")
    house.pump()
    unasked.queue(house.service, house.wire.name, NEWS, people)
    for number, person in enumerate(people):
        clock.forward(seconds=1)
        house.bring("passport", person, f"asks {number}")
    house.bring("ជំនួយ", "+85512345099", "helps")
    before = len(house.wire.gateway.taken)
    house.pump()
    order = [taken.recipient for taken in house.wire.gateway.taken[before:]]
    assert order[0] == "+85512345099"
    assert [taken.text == NEWS for taken in house.wire.gateway.taken[before:]] == [False] * 7 + [True] * 6


def test_after_stop_nothing_comes_that_nobody_asked_for(house, clock):
    house.bring("menu", name="1")
    house.pump()
    assert unasked.queue(house.service, house.wire.name, NEWS, [WORKER]) == 1
    house.bring("STOP", name="2")
    assert unasked.queue(house.service, house.wire.name, NEWS, [WORKER]) == 0
    for _ in range(3):
        later(house, clock, minutes=1)
    assert NEWS not in house.answers()
    assert State.SUPPRESSED in [state for (state,) in house.rows("outbound", "state")]
    house.bring("ជំនួយ", name="3")
    house.pump()
    assert len(house.answers()) == 3, "who asks is answered"


def test_every_fault_is_tried_with_some_gateway():
    assert frozenset().union(*(wire.faults for wire in wires().values())) == set(Fault)


@pytest.mark.gateways(lambda wire: Fault.CUT_AFTER in wire.faults and not wire.inline)
def test_the_whole_way_on_each_database(each_house, clock):
    """An answer taken without a word, one that the gateway throttles, and a text that nobody asked for."""
    house = each_house
    house.wire.gateway.script.extend([Fault.CUT_AFTER, Fault.THROTTLED])
    for number in range(3):
        house.bring("ជំនួយ", f"+8551234500{number}", f"helps {number}")
        clock.forward(seconds=1)
    house.pump()
    people = [f"+8551234500{number}" for number in range(3)]
    assert unasked.queue(house.service, house.wire.name, NEWS, people) == 3
    for _ in range(6):
        later(house, clock, minutes=2)
    counts = [[taken.text == NEWS for taken in house.wire.gateway.to(person)].count(False) for person in people]
    assert sum(counts) == (3 if house.channel.traits.dedupes else 4)
    assert [house.answers(person).count(NEWS) for person in people] == [1, 1, 1]
    assert {state for (state,) in house.rows("outbound", "state")} == {State.ACCEPTED}
