"""Houses with real threads and gateways that do what they are told, on both databases."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from types import SimpleNamespace

import pytest
from rows import ROWS
from village import PATIENCE, Village

from bot.conversation.session import Reply, Turn
from bot.protocol import Inbound
from bot.services import inbox
from bot.services.delivery import State
from bot.services.health import Pulse
from bot.services.route import Route
from bot.services.service import Service
from bot.store import open_database
from bot.store.crypto import Vault
from bot.worker import Worker
from bot.worker.house import Bells, House
from bot.worker.jobs import queue


def scripted(book, reader, session, text, now, registry):
    """Says what it was told; HELP is an emergency."""
    if text == "BREAK":
        raise RuntimeError("a mistake in the conversation")
    emergency = text.startswith("HELP")
    reply = Reply(f"answer to {text}", "sos" if emergency else "loans", emergency=emergency)
    return Turn(session._replace(language="en", at=now), (reply,))


class Tally:
    """Counts, as the metrics do."""

    def __init__(self):
        self.outcomes = Counter()

    def outcome(self, channel, outcome, times=1):
        self.outcomes[outcome] += times

    def fetched(self, channel, outcome, parts=0):
        self.outcomes[f"fetched {outcome}"] += 1


class Hands:
    """What a clock is set by."""

    def __init__(self):
        self.step = timedelta()

    def __call__(self):
        return datetime.now(UTC) + self.step


@pytest.fixture
def hands():
    return Hands()


@pytest.fixture
def service(database, hands, monkeypatch):
    monkeypatch.setattr(inbox, "step", scripted)
    book = SimpleNamespace(countries={"KH": None, "TH": None})
    return Service(database, Vault(bytes(range(32))), book, None, hands, frozenset())


@pytest.fixture
def house(service):
    """A worker's house over gateways."""

    def make(*channels: Village, database=None, **more) -> House:
        named = {channel.name: channel for channel in channels}
        bells, route = Bells.of(named), Route(tuple(named))
        base = replace(service, database=database) if database else service
        calling = replace(base, wake=bells.ring, instead=lambda name: route.instead(base, name))
        return House(calling, named, Tally(), Pulse(), bells, **{"lease": 3.0, "poll": 0.05, **more})

    return make


@pytest.fixture
def start(house, database_url, tmp_path) -> Iterator[Callable[..., House]]:
    """A worker at work, stopped at the end."""
    begun, others = [], []

    def begin(*channels: Village, beside: bool = False, **more) -> House:
        if beside:  # another process, with connections of its own
            others.append(open_database(database_url))
            more["database"] = others[-1]
        made = house(*channels, **more)
        begun.append(Worker(made, queue("sqlite", tmp_path), alone=database_url.startswith("sqlite")))
        begun[-1].start()
        return made

    yield begin
    for worker in begun:
        assert worker.stop(), "a thread did not stop"
    for database in others:
        database.close()


@pytest.fixture
def come():
    """Let texts come in, each from a person of its own."""
    numbers = count(100_000)

    def texts(house: House, *words: str, channel="village", sender=None) -> None:
        for each in words:
            who = sender or f"+85512{next(numbers)}"
            text = Inbound(channel, who, each, f"in{next(numbers)}", datetime.now(UTC))
            inbox.receive(house.service, text, house.channels[channel].render, inline=False)

    return texts


@pytest.fixture
def states(service):
    """How far all texts have come."""
    return lambda: Counter(State(state).name for _, state, _ in service.database.read(lambda tx: tx.all(ROWS)))


@pytest.fixture
def becomes():
    """Wait until something is so."""

    def wait(what: Callable[[], object], wanted: object = True, within: float = PATIENCE) -> None:
        until = time.monotonic() + within
        while (found := what()) != wanted:
            assert time.monotonic() < until, f"is {found}, not {wanted}"
            time.sleep(0.01)

    return wait
