"""A house that could not keep a text says that it is not ready."""

from sqlalchemy import column, table, update

from bot.services.health import readiness
from bot.store.statements import Statement


def test_a_house_in_order_is_ready(service, text):
    text("HUMAN")
    found = readiness(service)
    assert (found.ready, found.problem) == (True, None)
    assert found.counts == {"open_cases": 1}
    assert found.facts["database"].startswith(("SQLite 3", "PostgreSQL 1"))


def test_another_schema_is_not_ready(service):
    newer = update(table("alembic_version", column("version_num"))).values(version_num="9999")
    service.database.write(lambda tx: tx.run(Statement(lambda _: newer)))
    assert "phlov migrate" in str(readiness(service).problem)
