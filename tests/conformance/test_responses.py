"""Answers that leave with the response to a webhook: what becomes of those that the gateway did not get."""

from __future__ import annotations

import pytest
from conformance.house import WORKER, House

from bot.services.delivery import State

pytestmark = pytest.mark.gateways(lambda wire: wire.inline)


def later(house: House, clock, *minutes: float) -> None:
    for each in minutes:
        clock.forward(minutes=each)
        house.pump()


def state(house: House) -> int:
    return house.rows("outbound", "state")[-1][0]


def lost(house: House, words: str) -> None:
    """A text comes in, and its answer does not reach the gateway."""
    assert house.call(house.wire.text(words, WORKER, "1")).status == 200


def test_an_emergency_answer_that_the_gateway_has_is_not_sent_again(house, clock):
    house.bring("ជំនួយ")
    later(house, clock, 0.5, 1, 1, 1, 5)
    assert len(house.answers()) == 1
    assert state(house) in (State.ACCEPTED, State.SENT)


def test_an_emergency_answer_that_was_reported_is_not_sent_again(house, clock):
    house.bring("ជំនួយ")
    ((row,),) = house.rows("outbound", "id")
    (taken,) = house.wire.gateway.taken
    assert house.tell(taken.name, row, "sent").status < 300
    house.wire.gateway.taken.clear()
    later(house, clock, 0.5, 1, 1, 1)
    assert house.answers() == []
    assert state(house) == State.SENT


def test_an_emergency_answer_that_was_lost_is_sent_once(house, clock):
    lost(house, "ជំនួយ")
    later(house, clock, 0.25)
    assert house.answers() == [], "a report may still come"
    later(house, clock, 1, 1, 1, 5)
    assert len(house.answers()) == 1
    assert "117" in house.answers()[0]


def test_a_lost_webhook_that_comes_again_is_answered_and_not_sent_too(house, clock):
    """The gateway asks again under the same name, and finds the answer in the second response."""
    lost(house, "ជំនួយ")
    house.bring("ជំនួយ", name="1")
    later(house, clock, 1, 1, 1, 5)
    assert len(house.answers()) == 1


def test_a_reply_that_was_lost_is_not_sent_of_itself(house, clock):
    """Whoever asks again is answered again; nobody gets a menu out of nowhere."""
    lost(house, "menu")
    later(house, clock, 1, 1, 5)
    assert house.answers() == []
    house.bring("menu", name="2")
    assert len(house.answers()) == 1
