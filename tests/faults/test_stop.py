"""K5: started twice by mistake. K6: told to stop in the middle of its work."""

from __future__ import annotations

import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path

from gateway import post, text
from house import House, end, held
from ledger import judge

EXIT_WITHIN = 30
STOPS = 3


def test_a_second_phlov_is_refused_in_one_line(tmp_path: Path) -> None:
    house = House(tmp_path)
    with house.running():
        other = House(tmp_path / "other", {"PHLOV_DATA_DIR": str(house.data)})
        assert "already runs" in refusal(other)
        assert post(house.port, text())[0] == 200
    with house.running():
        assert post(house.port, text())[0] == 200, "the claim outlived the process"


def refusal(house: House) -> str:
    """The only line of a `phlov run` that does not start."""
    house.folder.mkdir()
    process = house.command()
    try:
        assert process.wait(EXIT_WITHIN) == 1
    finally:
        end(process)
    (line,) = house.log.read_text().splitlines()
    return line


def test_a_port_in_use_is_refused_in_one_line(tmp_path: Path) -> None:
    house = House(tmp_path)
    with house.running():
        other = House(tmp_path / "other", port=house.port)
        assert str(house.port) in refusal(other)


def test_requests_that_wait_for_the_database_are_answered_before_the_end(tmp_path: Path) -> None:
    house = House(tmp_path)
    texts = [text(sender=f"+855123456{n:02d}") for n in range(8)]
    with house.running() as process, ThreadPoolExecutor(len(texts)) as pool:
        with held(house):
            answers = [pool.submit(post, house.port, message) for message in texts]
            time.sleep(1.5)
            process.send_signal(signal.SIGTERM)
            time.sleep(0.7)
            assert not any(answer.done() for answer in answers)
        told = {message.sid: answer.result() for message, answer in zip(texts, answers, strict=True)}
        assert process.wait(EXIT_WITHIN) == 0
    assert {status for status, _ in told.values()} == {200}
    verdict = judge(house, list(told), {name: [body] for name, (_, body) in told.items()})
    assert verdict.spotless, verdict
    assert verdict.kept == len(texts)


def test_a_stop_under_load_leaves_nothing_taken_and_unanswered(tmp_path: Path) -> None:
    house = House(tmp_path)
    asked = Asked(house.port)
    for _ in range(STOPS):
        with house.running() as process:
            threads = [threading.Thread(target=asked.ask_until_closed) for _ in range(8)]
            for thread in threads:
                thread.start()
            time.sleep(0.5)
            process.send_signal(signal.SIGTERM)
            begun = time.monotonic()
            assert process.wait(EXIT_WITHIN) == 0
            assert time.monotonic() - begun < EXIT_WITHIN
            for thread in threads:
                thread.join()
    assert len(asked.answers) > 8 * STOPS
    assert {status for status, _ in asked.answers.values()} == {200}
    verdict = judge(house, asked.sent, {name: [body] for name, (_, body) in asked.answers.items()})
    assert verdict.spotless, verdict
    assert verdict.kept == verdict.taken, "a text was taken, and its answer was not given"


class Asked:
    """Clients that ask one text after another until the house is closed."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.sent: list[str] = []
        self.answers: dict[str, tuple[int, bytes]] = {}

    def ask_until_closed(self) -> None:
        while True:
            message = text(sender=f"+85512{100_000 + len(self.sent):06d}")
            self.sent.append(message.sid)
            try:
                self.answers[message.sid] = post(self.port, message)
            except (OSError, HTTPException):
                return
