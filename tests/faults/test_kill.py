"""K1: SIGKILL while texts come in. K4: the whole house stands still for a while, as on a laptop that sleeps."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest
from gateway import Load, post, text
from house import House, Nursery, kill, nursery, several
from ledger import Verdict, judge

from tests.conftest import new_postgres

KILLS = int(os.environ.get("FAULTS_KILLS", "50"))
CONTROL_KILLS = 6
FIRST_STARTS = 10
FIRST_START = 0.3
"""Seconds a first start takes to make the database and the key, on a busy machine."""


@pytest.fixture(scope="module")
def nurse() -> Nursery:
    with nursery() as started:
        yield started


def killed(nurse: Nursery, house: House, kills: int, mutant: str = "") -> Verdict:
    """Kill a house under load at random moments, start it again each time, and judge what it kept."""
    chance = random.Random(f"kill {mutant}")
    group = nurse.start(house, mutant)
    try:
        with Load(house.port) as load:
            for _ in range(kills):
                time.sleep(chance.uniform(0.02, 0.4))
                kill(group)
                group = nurse.start(house, mutant)
    finally:
        kill(group)
    assert set(load.answers) <= {200, 503}
    assert load.unanswered >= kills, "the kills met no traffic"
    verdict = judge(house, load.sent, load.taken)
    print(f"\n{mutant or 'Phlov'}: {kills} kills, {sum(load.answers.values())} answers, {verdict}")
    return verdict


def test_no_kill_loses_or_doubles_a_text(nurse: Nursery, tmp_path: Path) -> None:
    verdict = killed(nurse, House(tmp_path), KILLS)
    assert verdict.taken > KILLS
    assert verdict.spotless, verdict


def test_nor_on_postgresql(nurse: Nursery, tmp_path: Path, postgres: str) -> None:
    verdict = killed(nurse, House(tmp_path, several(new_postgres(postgres))), KILLS // 5)
    assert verdict.taken > KILLS // 5
    assert verdict.spotless, verdict


@pytest.mark.parametrize("attempt", range(FIRST_STARTS))
def test_a_first_start_that_was_killed_is_made_good_by_the_second(nurse: Nursery, tmp_path: Path, attempt: int) -> None:
    house = House(tmp_path)
    group = nurse.begin(house)
    time.sleep(0.01 + attempt / FIRST_STARTS * FIRST_START)
    kill(group)
    group = nurse.start(house)
    message = text()
    status, body = post(house.port, message)
    kill(group)
    assert status == 200
    assert judge(house, [message.sid], {message.sid: [body]}).spotless


def test_control_an_answer_before_the_commit_is_lost(nurse: Nursery, tmp_path: Path) -> None:
    assert killed(nurse, House(tmp_path), CONTROL_KILLS, "answer before commit").lost


def test_control_ids_kept_in_memory_double(nurse: Nursery, tmp_path: Path) -> None:
    verdict = killed(nurse, House(tmp_path), CONTROL_KILLS, "forget at restart")
    assert verdict.kept > verdict.taken
    assert verdict.differing


def test_a_pause_loses_and_doubles_nothing(nurse: Nursery, tmp_path: Path) -> None:
    house = House(tmp_path)
    group = nurse.start(house)
    try:
        with Load(house.port) as load:
            for _ in range(2):
                time.sleep(0.5)
                os.killpg(group, signal.SIGSTOP)
                before = len(load.taken)
                time.sleep(2)
                assert len(load.taken) <= before + load.clients, "the house did not stand still"
                os.killpg(group, signal.SIGCONT)
            time.sleep(0.5)
    finally:
        kill(group)
    assert set(load.answers) == {200}
    assert not load.unanswered
    verdict = judge(house, load.sent, load.taken)
    assert verdict.taken > 20
    assert verdict.spotless, verdict
