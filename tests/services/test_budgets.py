"""What may be spent in a day (F4): never more, by however many lanes and processes; emergencies have their own part."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from bot.conversation.session import Reply, Turn
from bot.protocol import Inbound, Outbound, Response
from bot.services import inbox
from bot.services.budgets import UNSERVED, Budgets, again, today
from bot.store import open_database, spending
from bot.store.times import DAY

NOW = 1_790_000_000_000
KHMER, THAI, SATELLITE, BRAZIL = "+85512345678", "+66812345678", "+881612345678", "+5511912345678"


def text(to=KHMER, parts=1, priority=1):
    return Outbound(1, "kannel", to, "hello", parts, priority)


@pytest.fixture
def admit(database):
    return lambda budgets, *texts, now=NOW: database.write(lambda tx: budgets.admit(tx, texts, now))


def test_without_budgets_nothing_is_counted(database, admit):
    served = Budgets(served=frozenset({"KH", "TH"}))
    assert admit(served, text(), text(THAI)) == [True, True]
    assert database.read(lambda tx: spending.of_day(tx, "2026-09-21")) == []


def test_parts_are_spent_until_the_days_budget_is_gone(database, admit):
    budgets = Budgets(total=10, served=frozenset({"KH"}))
    assert admit(budgets, text(parts=4), text(parts=4), text(parts=4), text(parts=2)) == [True, True, False, True]
    assert admit(budgets, text()) == [False]
    assert database.read(lambda tx: budgets.exhausted(tx, NOW))
    assert admit(budgets, text(), now=NOW + DAY) == [True], "the next day has its own"
    assert not database.read(lambda tx: budgets.exhausted(tx, NOW + DAY))


def test_emergencies_have_a_fifth_on_top(admit):
    budgets = Budgets(total=10, served=frozenset({"KH"}))
    admit(budgets, text(parts=10))
    assert admit(budgets, text(), *[text(priority=0)] * 3) == [False, True, True, False]


def test_each_country_has_its_own_and_one_that_nobody_serves_little(admit):
    budgets = Budgets(country=500, served=frozenset({"KH", "TH"}))
    assert admit(budgets, text(parts=500), text(), text(THAI)) == [True, False, True]
    for far in (BRAZIL, SATELLITE):
        assert admit(budgets, text(far, UNSERVED), text(far), text(far, 20, 0), text(far, 1, 0)) == [
            True,
            False,
            True,
            False,
        ]
    assert admit(Budgets(served=frozenset({"KH"})), text(BRAZIL)) == [False], "without any setting too"


def test_what_did_not_go_may_be_spent_again(admit, database):
    budgets = Budgets(total=3, country=3, served=frozenset({"KH"}))
    admit(budgets, text(parts=3))
    database.write(lambda tx: budgets.refund(tx, text(parts=3), 2, NOW))
    assert admit(budgets, text(parts=2), text()) == [True, False]
    assert database.read(lambda tx: spending.of_day(tx, "2026-09-21")) == [("", "", 3), ("", "KH", 3)]
    assert database.write(lambda tx: spending.forget(tx, "2026-09-22")) == 2


def test_many_lanes_never_spend_more(database, database_url):
    """Eight lanes of two processes (PostgreSQL), 400 texts: exactly the budget."""
    budgets = Budgets(total=100, country=60, served=frozenset({"KH", "TH"}))
    other = open_database(database_url) if database_url.startswith("postgresql") else database
    batch = [text(), text(THAI), text(parts=2), text(THAI, 3), text(priority=0)]

    def lane(number: int) -> int:
        into = (database, other)[number % 2]
        return sum(
            each.parts
            for _ in range(10)
            for each, may in zip(batch, into.write(lambda tx: budgets.admit(tx, batch, NOW)), strict=True)
            if may and each.priority
        )

    with ThreadPoolExecutor(8) as pool:
        spent = sum(pool.map(lane, range(8)))
    rows = {country: parts for _, country, parts in database.read(lambda tx: spending.of_day(tx, "2026-09-21"))}
    assert spent <= 100
    assert 100 <= rows[""] <= 120
    assert rows["KH"] + rows["TH"] == rows[""]
    assert rows["KH"] <= 72
    assert rows["TH"] <= 60
    if other is not database:
        other.close()


def test_a_text_over_its_budget_is_looked_at_every_hour_and_at_midnight():
    midnight = NOW - NOW % DAY
    assert again(midnight + 1) == midnight + 3_600_001
    assert again(midnight + DAY - 5) == midnight + DAY


def test_parts_that_have_gone_are_not_paid_twice(admit):
    budgets = Budgets(total=2, served=frozenset({"KH"}))
    assert admit(budgets, replace(text(parts=3), begin=2), text(), text()) == [True, True, False]


def test_answers_that_wait_for_their_day_are_not_paid_before(service, monkeypatch):
    """Two answers to one text, of which the budget has room for the first: neither has gone yet."""
    replies = (Reply("first", "loans"), Reply("second", "loans"))
    monkeypatch.setattr(inbox, "step", lambda *a, **_: Turn(a[2]._replace(language="en", at=a[4]), replies))
    bounded = replace(service, budgets=Budgets(total=1, served=frozenset({"KH"})))
    inbox.receive(bounded, Inbound("twilio", KHMER, "hello", "a", service.clock()), lambda *_: Response(200))
    date = today(service.now())
    assert service.database.read(lambda tx: spending.of_day(tx, date)) == [("", "", 0)]
