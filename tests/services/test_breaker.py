"""When a gateway is left alone: running failures, causes of its own, growing pauses, and one that works again."""

import pytest

from bot.protocol import SendError
from bot.services.breaker import FAILURES, FIRST, LONGEST, Breaker


class Time:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def error(cause="unknown", sent="no", **more):
    return SendError("not taken", retry=True, sent=sent, cause=cause, **more)


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def breaker(time):
    return Breaker(time)


def test_five_failures_running_open_it(breaker):
    assert [breaker.failed(error(sent="unknown")) for _ in range(FAILURES)] == [None] * 4 + [30.0]
    assert breaker.open


def test_a_text_that_is_taken_in_between_starts_the_count_again(breaker):
    for _ in range(3):
        for _ in range(FAILURES - 1):
            assert breaker.failed(error()) is None
        breaker.took()
    assert not breaker.open


@pytest.mark.parametrize("cause", ["bad_number", "blocked", "unreachable", "opted_out", "too_long", "expired"])
def test_a_text_that_is_refused_for_its_own_sake_shows_a_gateway_at_work(breaker, cause):
    for _ in range(FAILURES - 1):
        breaker.failed(error())
    assert breaker.failed(error(cause)) is None
    assert breaker.failed(error()) is None, "the count began again"


@pytest.mark.parametrize("cause", ["throttled", "network", "credit", "config"])
def test_causes_of_the_gateway_pause_it_at_once_and_ever_longer(breaker, time, cause):
    pauses = []
    for _ in range(12):
        pauses.append(breaker.failed(error(cause)))
        time.now += pauses[-1]
    assert pauses[0] == FIRST[cause]
    assert pauses[1] == 2 * pauses[0]
    assert pauses[-1] == LONGEST[cause]
    breaker.took()
    assert breaker.failed(error(cause)) == FIRST[cause]


def test_an_open_one_doubles_to_five_minutes_with_every_probe_that_fails(breaker, time):
    for _ in range(FAILURES - 1):
        breaker.failed(error())
    pauses = []
    for _ in range(6):
        pauses.append(breaker.failed(error()))
        time.now += pauses[-1]
    assert pauses == [30, 60, 120, 240, 300, 300]


def test_texts_that_were_under_way_do_not_make_the_pause_longer(breaker, time):
    assert breaker.failed(error("network")) == 5
    assert [breaker.failed(error("network")) for _ in range(3)] == [None] * 3
    time.now += 5
    assert breaker.failed(error("network")) == 10


@pytest.mark.parametrize(("after", "pause"), [(0, 1), (7, 7), (120, 120), (1e9, 3600)])
def test_a_gateway_says_itself_how_long(breaker, after, pause):
    assert breaker.failed(error("throttled", after=after)) == pause
