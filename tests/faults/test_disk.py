"""P2: a disk that fails to sync. P3: a disk that is full. P4: a database that somebody else holds."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from gateway import Text, post, text
from house import House, held, kill, nursery
from ledger import Verdict, judge

ANSWER_WITHIN = 14
"""Seconds until a gateway is told to come again; Twilio waits 15."""
DISK = 3 << 20


class Told:
    """What a gateway that posts one text after another was told."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.statuses: list[int] = []
        self.taken: dict[str, list[bytes]] = {}
        self.sent: list[str] = []

    def post(self) -> int:
        message = text(sender=f"+85512{100_000 + len(self.sent):06d}")
        self.sent.append(message.sid)
        status, body = post(self.house.port, message)
        self.statuses.append(status)
        if status == 200:
            self.taken[message.sid] = [body]
        return status

    def judge(self) -> Verdict:
        return judge(self.house, self.sent, self.taken)


FAILING_SYNC = ("strace", "-f", "-qq", "-e", "trace=fdatasync", "-e", "inject=fdatasync:error=EIO:when=12..20")


def test_nothing_is_taken_that_could_not_be_synced(strace: str, tmp_path: Path) -> None:
    house = House(tmp_path, {"PHLOV_THREADS": "2"})
    told, ready = Told(house), set()
    house.make()
    with house.running(*FAILING_SYNC, "-o", str(tmp_path / "trace")):
        # strace counts the syncs of each thread for itself: one that has had little to do fails later than the others.
        while len(told.statuses) < 60 or (told.statuses[-10:] != [200] * 10 and len(told.statuses) < 200):
            if told.post() != 200:
                ready.add(house.ready())
        assert house.ready() == 200
    assert 503 in ready, "the house did not say that it cannot write"  # a thread of its own may write in between
    assert told.statuses.count(503) >= 5, told.statuses
    assert set(told.statuses) == {200, 503}
    assert told.statuses[-10:] == [200] * 10
    verdict = told.judge()
    assert verdict.spotless, verdict
    assert verdict.kept == verdict.taken


@contextmanager
def small_disk(place: Path) -> Iterator[bool]:
    """A disk of a few megabytes at `place`, if mounting is allowed."""
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(place)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_takes_nothing_and_then_goes_on(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as mounted:
        if not mounted:
            pytest.skip("mounting a small disk is not allowed here; the next test stands in for this one")
        house = House(tmp_path, {"PHLOV_DATA_DIR": str(tmp_path / "disk" / "var")})
        told, ballast = Told(house), tmp_path / "disk" / "ballast"
        with house.running():
            assert told.post() == 200
            ballast.write_bytes(bytes(DISK // 2))
            while len(told.statuses) < 300 and told.post() == 200:
                pass
            full = [told.post() for _ in range(10)]
            ready = house.ready()
            ballast.unlink()
            after = [told.post() for _ in range(10)]
            ready_again = house.ready()
        verdict = told.judge()
    assert (ready, ready_again) == (503, 200)
    assert told.statuses.count(503) >= 5, full
    assert set(told.statuses) == {200, 503}
    assert after == [200] * 10
    assert verdict.spotless, verdict
    assert verdict.kept == verdict.taken


FULL = ("strace", "-f", "-qq", "-e", "trace=pwrite64", "-e", "inject=pwrite64:error=ENOSPC:when=120..240")


def test_writes_refused_for_want_of_space_take_nothing(strace: str, tmp_path: Path) -> None:
    house = House(tmp_path, {"PHLOV_THREADS": "2"})
    told = Told(house)
    house.make()
    with house.running(*FULL, "-o", str(tmp_path / "trace")):
        for _ in range(1000):  # strace counts for each thread: both have to come through their 120 refusals
            told.post()
            if told.statuses[-10:] == [200] * 10 and 503 in told.statuses:
                break
    assert told.statuses.count(503) >= 5
    assert set(told.statuses) == {200, 503}
    assert told.statuses[-10:] == [200] * 10
    verdict = told.judge()
    assert verdict.spotless, verdict
    assert verdict.kept == verdict.taken


def test_control_a_failed_commit_taken_for_done_is_seen(strace: str, tmp_path: Path) -> None:
    house = House(tmp_path, {"PHLOV_THREADS": "2"})
    house.make()
    with nursery(*FAILING_SYNC, "-o", str(tmp_path / "trace")) as nurse:
        group = nurse.start(house, "swallow failed commits")
        told = Told(house)
        for _ in range(60):
            told.post()
        kill(group)
    assert told.judge().lost


def test_texts_wait_for_a_database_held_for_three_seconds(tmp_path: Path) -> None:
    house = House(tmp_path)
    with house.running():
        statuses, seconds = while_held(house, [text(sender=f"+855123456{n:02d}") for n in range(8)], 3)
    assert statuses == {200}
    assert min(seconds) > 2.5, "the database was not held"


def test_texts_are_sent_away_in_time_if_it_is_held_longer(tmp_path: Path) -> None:
    house = House(tmp_path)
    texts = [text(sender=f"+855123456{n:02d}") for n in range(8)]
    with house.running():
        statuses, seconds = while_held(house, texts, 30)
        assert statuses == {503}
        assert max(seconds) < ANSWER_WITHIN
        bodies = {message.sid: post(house.port, message) for message in texts}
    assert {status for status, _ in bodies.values()} == {200}
    verdict = judge(house, list(bodies), {name: [body] for name, (_, body) in bodies.items()})
    assert verdict.spotless, verdict


def while_held(house: House, texts: list[Text], most: float) -> tuple[set[int], list[float]]:
    """Post while another holds the database for `most` seconds, or until all are answered; statuses and seconds."""

    def timed(message: Text) -> tuple[int, float]:
        begun = time.monotonic()
        return post(house.port, message, most + ANSWER_WITHIN)[0], time.monotonic() - begun

    with ThreadPoolExecutor(len(texts)) as pool:
        with held(house):
            until = time.monotonic() + most
            answers = [pool.submit(timed, message) for message in texts]
            while time.monotonic() < until and not all(answer.done() for answer in answers):
                time.sleep(0.02)
        told = [answer.result() for answer in answers]
    return {status for status, _ in told}, [seconds for _, seconds in told]
