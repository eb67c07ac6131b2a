"""W2: fifty copies of one webhook at once, to the real server, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from gateway import post, text
from house import House, kill, nursery, several
from ledger import Verdict, judge

COPIES = 50


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> House:
    return House(tmp_path, {} if database_url.startswith("sqlite") else several(database_url))


def fifty(house: House) -> Verdict:
    """All copies in the same moment."""
    message, barrier = text(), Barrier(COPIES)

    def copy(_: int) -> tuple[int, bytes]:
        barrier.wait()
        return post(house.port, message)

    with ThreadPoolExecutor(COPIES) as pool:
        answers = list(pool.map(copy, range(COPIES)))
    assert {status for status, _ in answers} == {200}
    return judge(house, [message.sid], {message.sid: [body for _, body in answers]})


def test_fifty_copies_give_one_row_one_reply_one_body(house: House) -> None:
    with house.running():
        verdict = fifty(house)
    assert verdict.spotless, verdict
    assert verdict.kept == 1


def test_control_without_the_key_each_copy_is_a_text(tmp_path: Path) -> None:
    house = House(tmp_path)
    with nursery() as nurse:
        group = nurse.start(house, "forget at once")
        verdict = fifty(house)
        kill(group)
    assert verdict.kept == COPIES
    assert not verdict.spotless
