"""K1 for answers that wait in the outbox: SIGKILL while texts come in and go out. K4: a pause longer than a lease."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import pytest
from conformance.gateway import Gateway
from conformance.wires import wires
from house import House, Nursery, held, kill, nursery, several
from sending import Reports, Sent, Texts, drained, judge, webhook, wired

from bot.store.opening import open_store
from tests.conftest import new_postgres

KILLS = int(os.environ.get("FAULTS_KILLS", "12"))
PAUSES = int(os.environ.get("FAULTS_PAUSES", "4"))
CONTROL_PAUSES = 4
LANES = 9
"""Of Kannel, with the urgent one."""
BACK = 60.0
"""Seconds after a crash in which all is to be at work again."""


@pytest.fixture(scope="module")
def nurse() -> Nursery:
    with nursery() as started:
        yield started


@contextmanager
def opened(gateway: Gateway) -> Iterator[Gateway]:
    gateway.open()
    try:
        yield gateway
    finally:
        gateway.close()


def killed(
    nurse: Nursery, folder: Path, gateway: str, kills: int, more: dict[str, str], mutant: str = "", within: float = BACK
) -> Sent:
    """Kill a house at random moments while it answers by this gateway, and judge what the gateway was given."""
    wire = wires()[gateway](folder)
    house = wired(folder, wire, more)
    chance = random.Random(f"kill {gateway} {mutant}")
    group = nurse.start(house, mutant)
    with opened(wire.gateway), Reports(house.port, wire):
        try:
            with Texts(house.port, wire=wire) as load:
                for _ in range(kills):
                    time.sleep(chance.uniform(0.05, 0.4))
                    kill(group)
                    group = nurse.start(house, mutant)
            return settled(house, load, wire.gateway, kills, mutant, within)
        finally:
            kill(group)


def settled(house: House, load: Texts, gateway: Gateway, kills: int, mutant: str, within: float = BACK) -> Sent:
    """Wait until nothing waits any more, beside the serving house, and compare."""
    store = open_store(house.url, house.data)
    with closing(store.database):
        seconds = drained(store, within)
        verdict = judge(store, load, gateway)
    print(f"\n{load.wire.name} {mutant or 'as shipped'}: {kills} kills, empty after {seconds:.1f} s, {verdict}")
    assert load.unanswered >= kills, "the kills met no traffic"
    return verdict


def test_no_kill_loses_or_doubles_an_answer_by_a_gateway_that_knows_ids_again(nurse: Nursery, tmp_path: Path) -> None:
    verdict = killed(nurse, tmp_path, "smsgate", KILLS, {})
    assert verdict.taken > KILLS
    assert verdict.spotless, verdict
    assert (verdict.again, verdict.unknown) == (0, 0)


def test_nor_on_postgresql(nurse: Nursery, tmp_path: Path, postgres: str) -> None:
    more = {"PHLOV_DATABASE_URL": new_postgres(postgres)}
    verdict = killed(nurse, tmp_path, "smsgate", KILLS // 4, more)
    assert verdict.taken > KILLS // 4
    assert verdict.spotless, verdict


def test_by_a_gateway_that_knows_nothing_an_answer_comes_twice_rather_than_never(
    nurse: Nursery, tmp_path: Path
) -> None:
    verdict = killed(nurse, tmp_path, "kannel", KILLS, {}, "in a hurry")
    assert verdict.taken > KILLS
    assert verdict.spotless, verdict
    assert verdict.again <= KILLS * LANES, "a crash leaves one text of each lane in doubt"


def test_control_what_a_crash_left_is_not_sent_by_itself(nurse: Nursery, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="still wait"):
        killed(nurse, tmp_path, "smsgate", 8, {}, "leave what a crash left", within=10)


def test_control_what_was_on_its_way_is_not_simply_sent_again(nurse: Nursery, tmp_path: Path) -> None:
    assert killed(nurse, tmp_path, "kannel", 12, {}, "send again what was on its way").doubled


def paused(nurse: Nursery, folder: Path, url: str, pauses: int, mutant: str) -> Sent:
    """Two workers on one database; one after the other stands still for longer than its lease."""
    wire = wires()["kannel"](folder)
    house = wired(folder, wire, several(url))
    chance = random.Random(f"pause {mutant}")
    group = nurse.start(house, mutant)
    hear = wire.gateway.hear
    wire.gateway.hear = lambda heard, fault: time.sleep(0.05) or hear(heard, fault)  # there is always a text on its way
    with opened(wire.gateway):
        try:
            with Texts(house.port, wire=wire) as load:
                for turn in range(pauses):
                    time.sleep(chance.uniform(0.1, 0.4))
                    both = psutil.Process(group).children()
                    both[turn % len(both)].suspend()
                    time.sleep(2.5)
                    both[turn % len(both)].resume()
            return settled(house, load, wire.gateway, 0, mutant)
        finally:
            kill(group)


def test_a_pause_longer_than_the_lease_doubles_nothing(nurse: Nursery, tmp_path: Path, postgres: str) -> None:
    verdict = paused(nurse, tmp_path, new_postgres(postgres), PAUSES, "short leases")
    assert verdict.taken > PAUSES
    assert verdict.spotless, verdict


def test_control_a_worker_that_does_not_look_at_its_lease_doubles(
    nurse: Nursery, tmp_path: Path, postgres: str
) -> None:
    assert paused(nurse, tmp_path, new_postgres(postgres), CONTROL_PAUSES, "no fence").doubled


def test_a_call_for_help_is_answered_while_the_database_is_held(nurse: Nursery, tmp_path: Path) -> None:
    wire = wires()["smsgate"](tmp_path)
    house = wired(tmp_path, wire)
    group = nurse.start(house)
    person = "+85512345678"
    with opened(wire.gateway):
        try:
            with held(house):
                assert webhook(house.port, wire.text("help", person, "a")) == 503
                assert webhook(house.port, wire.text("costs", person, "b")) == 503
                (answer,) = wire.gateway.to(person)
                assert "117" in answer.text
                assert house.ready() == 503
            assert webhook(house.port, wire.text("help", person, "a")) == 200
            until = time.monotonic() + BACK
            while len(wire.gateway.to(person)) < 2:
                assert time.monotonic() < until, "the text that came again was not answered"
                time.sleep(0.05)
            assert wire.gateway.to(person)[1].text == answer.text
            assert house.ready() == 200
        finally:
            kill(group)
