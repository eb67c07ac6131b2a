"""A house that could not keep a text says that it is not ready."""

from dataclasses import replace

import pytest
from sqlalchemy import column, table, update

from bot.protocol import Outbound
from bot.services import health
from bot.services.budgets import Budgets
from bot.services.health import problem
from bot.store.errors import Busy, Unwritten
from bot.store.statements import Statement


def test_a_house_in_order_is_ready(service, text):
    text("HUMAN")
    assert problem(service) is None


def test_another_schema_is_not_ready(service):
    newer = update(table("alembic_version", column("version_num"))).values(version_num="9999")
    service.database.write(lambda tx: tx.run(Statement(lambda _: newer)))
    assert "phlov migrate" in str(problem(service))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_full_disk_is_not_ready_until_there_is_room(service, text, monkeypatch):
    """An empty transaction succeeds there: once a text was not kept, only a real write shows that the next one will."""
    full = "CREATE TRIGGER full_{0} BEFORE INSERT ON {0} BEGIN SELECT RAISE(ABORT, 'no room'); END"
    for table_name in ("inbound", "mark"):
        service.database._writer.execute(full.format(table_name))
    assert problem(service) is None, "nobody has seen it yet"
    with pytest.raises(Unwritten):
        text("hello")
    assert problem(service) == "a text could not be kept less than a minute ago"
    monkeypatch.setattr(health, "LATELY", 0.0)
    for _ in range(2):
        assert problem(service) == "SQLite refused: no room"
    for table_name in ("inbound", "mark"):
        service.database._writer.execute(f"DROP TRIGGER full_{table_name}")
    assert problem(service) is None
    assert text("hello").replies


def test_a_database_that_is_held_is_not_ready(service, monkeypatch):
    def held(*_: object) -> None:
        raise Busy("another process holds the database")

    monkeypatch.setattr(type(service.database), "write", held)
    assert problem(service) == "another process holds the database"


def test_a_budget_that_is_spent_is_told_and_turns_red_where_nobody_in_danger_is_answered(service):
    bounded = replace(service, budgets=Budgets(total=10, served=frozenset({"KH"})))

    def spend(parts, priority):
        text = Outbound(1, "kannel", "+85512345678", "hello", parts, priority)
        assert service.database.write(lambda tx: bounded.budgets.admit(tx, [text], service.now())) == [True]

    spend(9, 1)
    assert health.look(bounded) == health.Report()
    spend(1, 1)
    (warning,) = health.look(bounded).warnings
    assert "only emergency answers go" in warning
    assert not health.look(bounded).broken
    spend(2, 0)
    assert "used up" in health.look(bounded).broken[0]
