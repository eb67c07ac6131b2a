"""K2: SIGKILL while a broadcast goes out, by a gateway that knows nothing: nobody is handed to it twice, and the sums
balance.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conformance.gateway import Fault, Gateway, Heard, Said
from conformance.wires import wires
from house import House, Nursery, kill, nursery
from sending import wired
from sqlalchemy import insert, select

from bot.conversation.registry import Campaign
from bot.services import broadcasts, recovery
from bot.services.audience import Audience
from bot.services.broadcasts import Draft, Window, Words
from bot.services.conductor import Conductor
from bot.services.service import Service
from bot.store import campaigns, results
from bot.store.opening import open_store
from bot.store.stages import Stage
from bot.store.state import State
from bot.store.statements import Statement
from bot.store.tables import Contact, Membership, Outbound, Recipient
from bot.store.times import DAY
from tests.conftest import new_postgres

KILLS = int(os.environ.get("FAULTS_KILLS", "15"))
PEOPLE = 10_000 if KILLS >= 100 else 1500
BACK = 60.0
"""Seconds after the last start in which everybody has it."""
PATIENCE = 3.0
BUSY = 30
SLOW = 0.004
"""Seconds the gateway takes for a text: so that all kills meet some on their way."""

_CONTACT = Statement(
    lambda _: insert(Contact),
    ("id", "number_key", "number_sealed", "language", "created_at", "seen_at", "country"),
)
_MEMBER = Statement(
    lambda _: insert(Membership), ("contact_id", "code", "channel", "language", "question", "joined_at")
)
_ROWS = Statement(
    lambda _: (
        select(Recipient.contact_id, Recipient.state, Outbound.state, Contact.number_sealed)
        .outerjoin(Outbound, Outbound.id == Recipient.outbound_id)
        .join(Contact, Contact.id == Recipient.contact_id)
    )
)


@pytest.fixture(scope="module")
def nurse() -> Nursery:
    with nursery() as started:
        yield started


@dataclass(frozen=True)
class Became:
    """What became of everybody. `doubled`: handed over more than once; `lost`: not at all, though nobody says so."""

    recipients: int
    doubled: int
    lost: int
    unknown: int
    sums: dict[str, int]


def opened(house: House) -> Service:
    store = open_store(house.url, house.data)
    return Service(store.database, store.vault, None, None, lambda: datetime.now(UTC))


def begun(house: House, many: int) -> int:
    """A broadcast to so many people, approved and due."""
    service = opened(house)
    with closing(service.database):
        now = service.now()
        service.database.write(lambda tx: campaigns.keep(tx, Campaign("KYA12", "Know your agency"), now))
        first = service.database.new_id(now, many)
        for page in range(0, many, 50):
            people, members = [], []
            for nth in range(page, min(page + 50, many)):
                contact, number = first + nth, f"+85512{100_000 + nth}"
                people.append({
                    "id": contact, "number_key": service.vault.number_key(number), "language": "en",
                    "number_sealed": service.vault.seal(number.encode(), "number", contact), "country": "KH",
                    "created_at": now, "seen_at": now,
                })  # fmt: skip
                members.append({
                    "contact_id": contact, "code": "KYA12", "channel": "kannel", "language": "en", "question": "yes",
                    "joined_at": now,
                })  # fmt: skip
            service.database.write(lambda tx, people=people: tx.put_many(_CONTACT, people))
            service.database.write(lambda tx, members=members: tx.put_many(_MEMBER, members))
        draft = Draft(
            "once", "KYA12", "News", "kannel", "Sokha", {"en": Words("The office moves.")}, Audience(),
            Window(now, now + 10 * DAY),
        )  # fmt: skip
        made = broadcasts.create(service, draft)
        assert broadcasts.submit(service, made, "Sokha") is Stage.WAITING
        broadcasts.approve(service, made, "Dara")
        return made


def killed(
    nurse: Nursery, folder: Path, more: dict[str, str], mutant: str, kills: int = KILLS, many: int = PEOPLE
) -> Became:
    """Kill all processes of a house at random moments while a broadcast goes out, and judge what the gateway heard."""
    wire = wires()["kannel"](folder)
    house = wired(folder, wire, more)
    house.make()
    made = begun(house, many)
    hear = wire.gateway.hear

    def slowly(heard: Heard, fault: Fault) -> Said:
        time.sleep(SLOW)
        said = hear(heard, fault)
        time.sleep(SLOW)
        return said

    wire.gateway.hear = slowly
    chance = random.Random(f"broadcast {mutant}")
    wire.gateway.open()
    group = nurse.start(house, mutant)
    met = 0
    try:
        for turn in range(kills):
            before = len(wire.gateway.taken)
            time.sleep(chance.uniform(0.05, 0.6))
            if turn % 2:  # of the others many come while it starts, expands, or watches its canary
                under_way(wire.gateway, before)
            kill(group)
            met += before < len(wire.gateway.taken) < many
            group = nurse.start(house, mutant)
        began = time.monotonic()
        service = opened(house)
        with closing(service.database):
            while broadcasts.get(service, made).state != Stage.DONE:
                assert time.monotonic() < began + BACK, f"{len(wire.gateway.taken)} of {many} went, then it stood still"
                time.sleep(0.1)
            took = time.monotonic() - began
            kill(group)
            became = judged(service, made, Counter(taken.recipient for taken in wire.gateway.taken))
    finally:
        kill(group)
        wire.gateway.close()
    print(f"\n{mutant}: {kills} kills, {met} while texts went, done {took:.1f} s after the last start, {became}")
    assert met > kills // 4, "the kills met no traffic"
    return became


def under_way(gateway: Gateway, before: int) -> None:
    """Return as soon as all lanes are at work, or nothing goes any more."""
    until = time.monotonic() + PATIENCE
    while len(gateway.taken) < before + BUSY and time.monotonic() < until:
        time.sleep(0.005)


def judged(service: Service, made: int, heard: Counter[str]) -> Became:
    """Every recipient against what the gateway was given; then the broadcast is closed, three days later."""
    rows = service.database.read(lambda tx: tx.all(_ROWS))
    doubled = lost = unknown = 0
    for contact, planned, state, sealed in rows:
        number = service.vault.open(sealed, "number", contact).decode()
        assert planned == 1, "everybody's turn came"
        doubled += heard[number] > 1
        unknown += state == State.UNKNOWN
        lost += heard[number] == 0 and state != State.UNKNOWN
    assert recovery.broken(service) == {}
    later = Service(service.database, service.vault, None, None, lambda: datetime.now(UTC) + timedelta(hours=73))
    last = Conductor(later, {}, uptime=lambda: later.clock().timestamp())
    last.round()
    assert broadcasts.get(service, made).closed_at is not None
    assert recovery.broken(service) == {}
    sums = service.database.read(lambda tx: dict(results.sums(tx, results.head(tx, made)).outcomes))
    return Became(len(rows), doubled, lost, unknown, sums)


def fair(became: Became, many: int = PEOPLE) -> bool:
    assert became.recipients == many
    assert (became.doubled, became.lost) == (0, 0), became
    assert sum(became.sums.values()) == many, "the sums balance"
    assert became.sums.get("unknown", 0) == became.unknown
    return became.sums["accepted"] + became.unknown == many


def test_everybody_is_handed_over_once_whatever_is_killed(nurse: Nursery, tmp_path: Path) -> None:
    became = killed(nurse, tmp_path, {}, "day and night")
    assert fair(became), became


def test_nor_by_three_workers_on_postgresql(nurse: Nursery, tmp_path: Path, postgres: str) -> None:
    more = {"PHLOV_DATABASE_URL": new_postgres(postgres), "PHLOV_WORKERS": "3"}
    leases = "day and night" if KILLS >= 100 else "day and night, short leases"
    kills, many = (KILLS, PEOPLE) if KILLS >= 100 else (KILLS // 2, PEOPLE // 2)
    became = killed(nurse, tmp_path, more, leases, kills, many)
    assert fair(became, many), became


def test_control_what_was_on_its_way_is_not_simply_given_again(nurse: Nursery, tmp_path: Path) -> None:
    assert killed(nurse, tmp_path, {}, "give what was on its way again", kills=6, many=600).doubled
