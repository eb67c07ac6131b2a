"""One house for each gateway, on SQLite; some tests ask for PostgreSQL too."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory

import pytest
from conformance.gateway import Fault
from conformance.house import KINDS_OF_TEXT, House
from conformance.wires import Wire, wires

from bot.channels import africastalking, gammu, twilio_rest
from bot.store import migrate, open_database

WIRES = wires()
NAMES = list(WIRES)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "gateways(fits): only those whose wire fits")
    config.addinivalue_line("markers", "faults(*faults): each with every gateway and kind of text that can have it")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every gateway in its turn; where a test is about a text on its way, every kind of text, and every fault."""
    if "wire" not in metafunc.fixturenames:
        return
    marks = {mark.name: mark for mark in metafunc.definition.iter_markers()}
    fits = marks["gateways"].args[0] if "gateways" in marks else lambda wire: True
    names = [name for name in NAMES if fits(WIRES[name])]
    if "kind" not in metafunc.fixturenames:
        metafunc.parametrize("wire", names, indirect=True)
        return
    rows = [(name, kind) for name in names for kind in kinds_of(WIRES[name])]
    if "fault" not in metafunc.fixturenames:
        metafunc.parametrize(("wire", "kind"), rows, indirect=["wire"])
        return
    faults = sorted(marks["faults"].args, key=lambda fault: fault.name)
    cases = [(name, kind, fault) for name, kind in rows for fault in faults if happens(WIRES[name], kind, fault)]
    ids = [f"{name}-{kind}-{fault.name.lower()}" for name, kind, fault in cases]
    metafunc.parametrize(("wire", "kind", "fault"), cases, indirect=["wire"], ids=ids)


def kinds_of(wire: type[Wire]) -> tuple[str, ...]:
    """The kinds of text that the outbox sends by a gateway; answers that leave with the response are not among them."""
    return KINDS_OF_TEXT[-1:] if wire.inline else KINDS_OF_TEXT


def happens(wire: type[Wire], kind: str, fault: Fault) -> bool:
    """Whether to try a fault: all of them with one kind of text, and the plainest of them with every kind."""
    whole = fault in (Fault.CUT_AFTER, Fault.HANGS_BEFORE, Fault.THROTTLED, Fault.NOT_WANTED)
    return fault in wire.faults and (whole or kind == kinds_of(wire)[0])


@pytest.fixture
def clock(clock):
    """Begins now: some gateways' files look at the machine's own clock, and it must not be past a text's end."""
    clock.time = datetime.now(UTC)
    return clock


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database, to be copied."""
    file = tmp_path_factory.mktemp("empty") / "phlov.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture
def folder() -> Iterator[Path]:
    """In memory where there is such a place: these tests are about gateways, and wait for no disk."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(prefix="phlov-", dir=memory if os.access(memory, os.W_OK) else None) as made:
        yield Path(made)


@pytest.fixture
def wire(request: pytest.FixtureRequest, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    """A gateway, ready to be called."""
    monkeypatch.setattr(gammu, "LOOK", 0.01)
    monkeypatch.setattr(twilio_rest, "TIMEOUT", 3.0)
    monkeypatch.setattr(africastalking, "TIMEOUT", 3.0)
    made = WIRES[request.param](folder)
    made.gateway.open()
    yield made
    made.gateway.close()


@pytest.fixture
def house(empty: Path, folder: Path, wire, clock) -> Iterator[House]:
    database = open_database(f"sqlite:///{copy(empty, folder)}")
    yield House(database, wire, clock)
    database.close()


@pytest.fixture
def each_house(database, wire, clock) -> House:
    """On SQLite and on PostgreSQL."""
    return House(database, wire, clock)
