"""A worker tells the duty phones by itself, through its lanes; two of them tell each once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, update
from village import Village

from bot import worker
from bot.content.loader import load
from bot.services import duty, staff
from bot.services.duty import New
from bot.services.roles import Role
from bot.store.case_tables import CaseFile
from bot.store.statements import Statement
from bot.store.tables import Contact
from bot.worker import Alerting

CONSOLE = "https://phlov.example.org/console/"
PHONES = ["+855120000001", "+855120000002"]
SEEN = Statement(lambda _: update(CaseFile), ("alert_at", "acknowledged_at"))
PERSON = Statement(lambda _: insert(Contact), ("id", "number_key", "created_at", "seen_at"))
CASE = Statement(lambda _: insert(CaseFile), ("id", "contact_id", "kind", "opened_at", "news_at", "alerts", "alert_at"))


@pytest.fixture
def service(service):
    return replace(service, files=load())


@pytest.fixture
def waiting(service):
    """Two phones on duty, and somebody in danger."""
    staff.add(service, "Sophea", Role.CASEWORKER, "Boss")
    for number in PHONES:
        duty.add(service, New("Sophea", number, "village", "en"), "Boss")
    now = service.now()
    row = service.database.new_id(now, 2)
    case = {"contact_id": row, "kind": "emergency", "opened_at": now, "news_at": now, "alerts": 0, "alert_at": now}

    def work(tx):
        tx.run(PERSON, id=row, number_key=b"key", created_at=now, seen_at=now)
        tx.run(CASE, id=row + 1, **case)

    service.database.write(work)


@pytest.mark.usefixtures("waiting")
def test_two_workers_alert_the_phones_in_turn_until_somebody_has_seen_it(
    start, service, hands, monkeypatch, database_url
):
    monkeypatch.setattr(worker, "ALERTS", 0.2)
    village = Village(dedupes=True)
    one = start(village, console=CONSOLE)
    other = one if database_url.startswith("sqlite") else start(village, beside=True, console=CONSOLE)
    (first,) = village.wait(1)
    assert (first.recipient, first.priority) == (PHONES[0], 0)
    assert CONSOLE in first.text
    hands.step = timedelta(minutes=5)
    second = village.wait(2)[1]
    assert second.recipient == PHONES[1]
    service.database.write(lambda tx: tx.run(SEEN, alert_at=None, acknowledged_at=service.now()))
    hands.step = timedelta(minutes=10)
    for house in (one, other):
        Alerting(house).round()
    assert len(village.handed) == 2
