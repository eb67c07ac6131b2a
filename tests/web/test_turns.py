"""While pages are drawn the turns of threads are short; then they are as they were."""

import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from bot.web.turns import SHORT, Turns


@pytest.fixture
def usual():
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.02)
    yield pytest.approx(0.02)
    sys.setswitchinterval(before)


def test_turns_are_short_while_any_page_is_drawn(usual):
    turns = Turns()
    with turns:
        with turns:
            assert sys.getswitchinterval() == pytest.approx(SHORT)
        assert sys.getswitchinterval() == pytest.approx(SHORT)
    assert sys.getswitchinterval() == usual


def test_a_page_that_breaks_gives_them_back(usual):
    with pytest.raises(LookupError), Turns():
        raise LookupError
    assert sys.getswitchinterval() == usual


def test_many_pages_at_once_give_them_back(usual):
    turns, together = Turns(), Barrier(8, timeout=60)

    def page(_):
        together.wait()
        for _ in range(200):
            with turns:
                assert sys.getswitchinterval() == pytest.approx(SHORT)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(page, range(8)))
    assert sys.getswitchinterval() == usual
