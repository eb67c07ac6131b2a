"""What is done about each kind of failure, and for how long a text is worth it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.protocol import SendError
from bot.services import retry
from bot.services.delivery import SETTLED, State
from bot.services.retry import HOUR, MINUTE, SECOND, Tried, after, unanswered

NOW = 1_000_000_000


def failed(cause="unknown", *, again=True, sent="no", attempts=1, wait=None, chance=1.0, left=HOUR):
    error = SendError("no", retry=again, sent=sent, cause=cause, after=wait)
    state, due = after(error, Tried(attempts, NOW - 5, NOW + left), NOW, chance)
    return state, due - NOW if state is State.QUEUED else None


@pytest.mark.parametrize(
    ("attempts", "longest"),
    [(1, SECOND), (2, 5 * SECOND), (3, 15 * SECOND), (4, MINUTE), (5, 5 * MINUTE), (6, 15 * MINUTE), (7, 30 * MINUTE)],
)
def test_each_failure_of_a_text_is_followed_by_a_longer_pause(attempts, longest):
    assert failed(attempts=attempts) == (State.QUEUED, longest)
    assert failed(attempts=attempts, chance=0.5) == (State.QUEUED, longest // 2)


def test_the_longest_pause_is_half_an_hour():
    assert failed(attempts=1000) == (State.QUEUED, 30 * MINUTE)


@pytest.mark.parametrize("cause", ["throttled", "credit", "network", "config"])
@pytest.mark.parametrize("again", [True, False])
def test_where_the_whole_gateway_suffers_a_text_keeps_its_place(cause, again):
    assert failed(cause, again=again) == (State.QUEUED, -5)
    assert failed(cause, again=again, attempts=3) == (State.QUEUED, -5)


def test_a_text_that_seems_to_stop_a_gateway_lets_others_pass():
    assert failed("network", attempts=4) == (State.QUEUED, MINUTE)
    assert failed("network", attempts=400) == (State.QUEUED, 5 * MINUTE)


def test_a_gateway_may_ask_for_a_pause_but_not_for_a_week():
    assert failed("throttled", wait=17.5) == (State.QUEUED, 17_500)
    assert failed("throttled", wait=7 * 86_400, left=100 * HOUR) == (State.QUEUED, HOUR)
    assert failed("throttled", wait=-3) == (State.QUEUED, -5)


@pytest.mark.parametrize("cause", ["bad_number", "opted_out"])
def test_nobody_is_sent_what_cannot_reach_them(cause):
    assert failed(cause) == (State.FAILED, None)


@pytest.mark.parametrize("cause", ["blocked", "too_long", "unreachable", "unknown"])
def test_what_will_not_work_later_is_over(cause):
    assert failed(cause, again=False) == (State.FAILED, None)


def test_an_unknown_outcome_is_never_just_sent_again():
    for cause in ("network", "unknown", "bad_number"):
        assert failed(cause, sent="unknown") == (State.UNSURE, None)


def test_the_end_of_a_text_is_its_end():
    assert failed(attempts=5, left=5 * MINUTE) == (State.EXPIRED, None)
    assert failed(attempts=5, left=5 * MINUTE + 1) == (State.QUEUED, 5 * MINUTE)
    assert failed("expired") == (State.EXPIRED, None)
    no_end = after(SendError("no", retry=True, sent="no"), Tried(9, NOW, None), NOW, 1.0)
    assert no_end.state is State.QUEUED


@given(
    st.sampled_from(["throttled", "credit", "network", "config", "unreachable", "unknown"]),
    st.integers(0, 500),
    st.floats(0, 1),
)
def test_no_pause_is_longer_than_the_longest(cause, attempts, chance):
    state, due = failed(cause, attempts=attempts, chance=chance, left=100 * HOUR)
    assert state is State.QUEUED
    assert -5 <= due <= retry.LONGEST


@pytest.mark.parametrize(
    ("priority", "repeats", "age", "unsure_for", "state"),
    [
        (0, 1, 70 * HOUR, MINUTE, State.QUEUED),
        (0, 1, MINUTE, MINUTE - 1, None),
        (0, 0, MINUTE, MINUTE, State.UNKNOWN),
        (1, 1, 10 * MINUTE - 1, MINUTE, State.QUEUED),
        (1, 1, 10 * MINUTE, MINUTE, State.UNKNOWN),
        (1, 1, 2 * MINUTE, MINUTE - 1, None),
        (1, 0, MINUTE, MINUTE, State.UNKNOWN),
        (2, 0, MINUTE, MINUTE, State.UNKNOWN),
    ],
)
def test_what_nobody_can_tell_is_decided_by_its_kind(priority, repeats, age, unsure_for, state):
    decided = unanswered(priority, repeats, age, unsure_for)
    assert (decided.state if decided else None) == state
    assert state is None or decided.state is State.QUEUED or decided.state >= SETTLED
