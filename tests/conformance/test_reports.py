"""Delivery reports of every gateway: late, shuffled, twice, of texts that are unknown or not yet stored."""

from __future__ import annotations

import pytest
from conformance.house import WORKER, House

from bot.services.delivery import State

ORDERS = [("sent", "delivered"), ("delivered", "sent"), ("delivered", "delivered", "sent", "sent", "delivered")]


@pytest.fixture
def sent(house: House) -> House:
    """A house whose one answer the gateway has."""
    house.bring("ជំនួយ")
    house.pump()
    assert len(house.wire.gateway.taken) == 1
    return house


def state(house: House) -> int:
    return house.rows("outbound", "state")[-1][0]


def told(house: House, status: str) -> None:
    (taken,) = house.wire.gateway.taken
    ((row,),) = house.rows("outbound", "id")
    assert house.tell(taken.name, row, status).status < 300


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_a_text_never_falls_back(sent, order):
    reached = 0
    for status in order:
        told(sent, status)
        assert state(sent) >= reached
        reached = state(sent)
    assert reached == State.DELIVERED


def test_a_failure_is_kept_and_not_undone(sent):
    told(sent, "sent")
    told(sent, "failed")
    assert state(sent) in (State.UNDELIVERED, State.FAILED)
    failed = state(sent)
    told(sent, "sent")
    assert state(sent) == failed


def test_a_report_that_comes_days_late_counts(sent, clock):
    clock.forward(days=3)
    sent.pump()
    told(sent, "delivered")
    assert state(sent) == State.DELIVERED
    assert len(sent.wire.gateway.taken) == 1


@pytest.mark.gateways(lambda wire: wire.called)
def test_a_report_of_a_text_nobody_knows_is_taken(house):
    for reference in (None, 1, 1 << 62):
        assert house.tell(house.wire.unknown, reference, "delivered").status in house.wire.ignores
    assert house.count("outbound") == 0


@pytest.mark.gateways(lambda wire: wire.called and not wire.inline)
def test_a_report_that_comes_before_we_know_the_name(house):
    """The gateway reports while it has not answered yet."""
    hear = house.wire.gateway.hear

    def hasty(heard, fault):
        said = hear(heard, fault)
        if house.wire.gateway.taken and (heard.body or heard.query):
            taken = house.wire.gateway.taken[-1]
            ((row,),) = house.rows("outbound", "id")
            assert house.tell(taken.name, row, "delivered").status < 300
        return said

    house.wire.gateway.hear = hasty
    house.bring("ជំនួយ")
    house.pump()
    assert state(house) == State.DELIVERED
    assert len(house.answers(WORKER)) == 1
