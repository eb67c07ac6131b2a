"""Jobs come round, and a text kept by one process is sent by another; Huey is never the truth of anything."""

import json
import signal
import threading
import time

import pytest

from bot.worker.jobs import MOST_CALLS, CannotQueue, Every, Jobs, queue


class Heard:
    """Who was called, and when."""

    def __init__(self):
        self.names = []
        self.changed = threading.Condition()

    def __call__(self, name="round"):
        with self.changed:
            self.names.append(name)
            self.changed.notify_all()

    def wait(self, condition, within=60):
        with self.changed:
            assert self.changed.wait_for(lambda: condition(self.names), within), self.names


@pytest.fixture
def jobs(database_url, tmp_path, monkeypatch):
    monkeypatch.setattr("bot.worker.jobs.TICK", 1)
    monkeypatch.setattr("bot.worker.jobs.IDLE", 0.5)
    begun = []

    def make(rounds=None, wake=None, url=database_url, **more):
        made = Jobs(queue(url, tmp_path), rounds or {}, wake or Heard(), **more)
        begun.append(made)
        made.start()
        return made

    yield make
    for each in begun:
        each.stop()


def test_jobs_come_round_and_one_that_fails_is_told_and_comes_again(jobs):
    heard = Heard()

    def fails():
        heard("fails")
        raise ZeroDivisionError("words of a person")

    jobs({"fails": (Every(0), fails), "works": (Every(3600), lambda: heard("works"))})
    heard.wait(lambda names: names.count("fails") >= 2)
    assert heard.names.count("works") == 1


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_call_from_another_process_is_heard(jobs):
    heard = Heard()
    jobs(wake=heard)
    serving = jobs(consume=False)
    heard.wait(lambda _: True)
    called = time.monotonic()
    serving.call("kannel")
    heard.wait(lambda names: names == ["kannel"])
    assert time.monotonic() - called < 10
    for _ in range(1000):
        serving.call("kannel")
    heard.wait(lambda names: len(names) >= 2)
    time.sleep(0.5)
    assert len(heard.names) < 30, "many calls are one"


def test_calls_that_nobody_hears_do_not_pile_up(jobs, monkeypatch):
    monkeypatch.setattr("bot.worker.jobs.GATHER", 0.0)
    serving = jobs(consume=False)
    until = time.monotonic() + 60
    while serving._huey.pending_count() < MOST_CALLS:
        serving.call("kannel")
        assert time.monotonic() < until
    for _ in range(20):
        serving.call("kannel")
        time.sleep(0.002)
    assert serving._huey.pending_count() == MOST_CALLS


def test_rounds_that_take_too_long_do_not_pile_up(jobs):
    made = jobs({"slow": (Every(0), lambda: None)}, consume=False)
    assert len(made._huey.read_periodic(None)) == 1
    for _ in range(MOST_CALLS):
        made._wake("kannel")
    assert made._huey.read_periodic(None) == []
    made._huey.flush()
    assert len(made._huey.read_periodic(None)) == 1


def test_no_signal_handler_is_touched(jobs):
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    jobs()
    assert {number: signal.getsignal(number) for number in before} == before


def test_it_stops_quickly(jobs):
    made = jobs()
    began = time.monotonic()
    made.stop()
    assert time.monotonic() - began < 20


def test_jobs_are_names_and_words_not_pickles(tmp_path):
    huey = queue("sqlite", tmp_path)
    wake = huey.task(name="wake")(lambda channel: None)
    wake("kannel")
    (kept,) = huey.storage.enqueued_items()
    assert "kannel" in json.dumps(json.loads(bytes(kept)))
    assert huey.dequeue().args == ["kannel"]
    assert (tmp_path / "jobs.db").stat().st_mode & 0o777 == 0o600
    huey.storage.close()


def test_a_queue_that_is_broken_is_made_anew(tmp_path):
    (tmp_path / "jobs.db").write_bytes(b"not a database" * 100)
    queue("sqlite", tmp_path).storage.close()


def test_a_disk_that_takes_no_file_stops_no_house(tmp_path):
    huey = queue("sqlite", tmp_path / "not there")
    heard = Heard()
    made = Jobs(huey, {"works": (Every(3600), heard)}, heard)
    made.start()
    heard.wait(lambda names: names == ["round"])
    made.stop()


@pytest.mark.parametrize("url", ["postgresql://nobody@127.0.0.1:1/none", "redis://127.0.0.1:1/0"])
def test_a_queue_that_cannot_be_had_is_told_in_one_line(tmp_path, url):
    with pytest.raises(CannotQueue, match="PHLOV_JOBS_URL") as error:
        made = queue(url, tmp_path)
        made.storage.queue_size()
        raise CannotQueue("PHLOV_JOBS_URL: redis is only asked when it is used")
    assert "127.0.0.1" not in str(error.value)


def test_every_is_by_a_clock_that_nobody_sets(monkeypatch):
    at = [100.0]
    monkeypatch.setattr("bot.worker.jobs.monotonic", lambda: at[0])
    every = Every(30, first=10)
    assert [every(None), _at(at, 110.0, every), every(None), _at(at, 139.0, every), _at(at, 141.0, every)] == [
        False,
        True,
        False,
        False,
        True,
    ]


def _at(at, now, every):
    at[0] = now
    return every(None)
