"""Reports come late, twice, in any order, and of texts nobody knows; a text's state only rises (W9)."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update

from bot.protocol import DeliveryReport
from bot.services.delivery import STATES, State, record
from bot.store.statements import Statement
from bot.store.tables import DeliveryReport as Row
from bot.store.tables import Outbound

STATE = Statement(lambda _: select(Outbound.state))
REPORTS = Statement(lambda _: select(func.count()).select_from(Row))
AGAIN = (
    Statement(lambda _: update(Outbound).values(state=State.ACCEPTED, provider_key=None)),
    Statement(lambda _: delete(Row)),
)


def state(service):
    return State(service.database.read(lambda tx: tx.one(STATE))[0])


def count(service):
    return service.database.read(lambda tx: tx.one(REPORTS))[0]


def reference(received):
    return int(received.response.body.partition(b":")[0])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_state_is_the_highest_reported_whatever_the_order(service, text, data):
    received = text("hello", sid="SM1", sender="+85512345678")
    if received.duplicate:
        service.database.write(lambda tx: [tx.run(statement) for statement in AGAIN])
    known = reference(received)
    statuses = data.draw(st.lists(st.sampled_from(sorted(STATES)), min_size=1, max_size=8))
    named = data.draw(st.lists(st.booleans(), min_size=len(statuses), max_size=len(statuses)))
    named[0] = True
    before = State.ACCEPTED
    for status, by_name in zip(statuses, named, strict=True):
        record(service, DeliveryReport("twilio", "SMout", status, known if by_name else None))
        assert state(service) >= before
        before = state(service)
    assert before == max(STATES[status] for status in statuses)
    assert count(service) == len(set(statuses))


def test_a_report_of_an_unknown_text_is_kept(service):
    for _ in range(2):
        record(service, DeliveryReport("twilio", "SMnobody", "delivered"))
        record(service, DeliveryReport("twilio", "SMnobody", "delivered", 42))
        record(service, DeliveryReport("twilio", "SMnobody", "failed", 2**63, "30003"))
    assert count(service) == 2


@pytest.mark.parametrize("status", ["read-by-cat", "", "DELIVERED"])
def test_a_word_nobody_knows_is_kept_and_moves_nothing(service, text, status):
    received = text("hello")
    record(service, DeliveryReport("twilio", "SMout", status, reference(received)))
    assert count(service) == 1
    assert state(service) == (State.DELIVERED if status == "DELIVERED" else State.ACCEPTED)


def test_another_gateway_does_not_move_our_text(service, text):
    received = text("hello")
    record(service, DeliveryReport("kannel", "SMout", "delivered", reference(received)))
    assert state(service) == State.ACCEPTED
