"""Migrations: up, down, and equal to the tables the code knows."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, make_url, text

import bot.store.indexes  # noqa: F401 - completes the tables
from bot.store import Unusable, migrate, open_database, selfcheck
from bot.store.schema import ALEMBIC, HEAD
from bot.store.tables import Table


def engine(url):
    parts = make_url(url)
    return create_engine(parts if parts.get_backend_name() == "sqlite" else parts.set(drivername="postgresql+psycopg"))


def test_head_is_the_newest_migration():
    assert ScriptDirectory(str(ALEMBIC)).get_current_head() == HEAD


def test_migrated_schema_is_the_one_the_code_knows(database_url):
    migrate(database_url)
    here = engine(database_url)
    with here.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Table.metadata) == []
    here.dispose()


def test_down_leaves_nothing_and_up_again_works(database_url):
    migrate(database_url)
    migrate(database_url, "base")
    here = engine(database_url)
    assert inspect(here).get_table_names() == ["alembic_version"]
    here.dispose()
    migrate(database_url)
    migrate(database_url)


def test_one_step_down_leaves_the_tables_before(database_url):
    migrate(database_url)
    migrate(database_url, "0001")
    here = engine(database_url)
    tables = set(inspect(here).get_table_names())
    assert "inbound" in tables
    assert tables & {"agency", "agency_list", "campaign", "membership", "unmatched"} == set()
    here.dispose()
    migrate(database_url)


CONTACT = "INSERT INTO contact (id, number_key, number_sealed, created_at, seen_at) VALUES (1, :blob, :blob, 0, 0)"
INBOUND = """
INSERT INTO inbound (id, provider_key, contact_id, channel, medium, received_at) VALUES (2, :blob, 1, 'a', 'sms', 0)
"""
OUTBOUND = """
INSERT INTO outbound (id, inbound_id, contact_id, channel, text_sealed, parts, priority, state, created_at)
VALUES (:id, :inbound, :contact, 'a', :blob, 1, 1, :state, 5)
"""


def test_a_house_in_use_goes_up_and_down_and_sends_nothing_late(database_url):
    """Answers of before have left with their response; a text nobody asked for does not go out weeks after."""
    migrate(database_url, "0002")
    here = engine(database_url)
    rows = {3: (2, None, 10), 4: (2, None, 30), 5: (2, None, 50), 6: (None, 1, 10), 7: (None, 1, 41)}
    with here.begin() as connection:
        for statement in (CONTACT, INBOUND):
            connection.execute(text(statement), {"blob": b"x"})
        for row, (inbound, contact, state) in rows.items():
            values = {"id": row, "inbound": inbound, "contact": contact, "state": state, "blob": b"x"}
            connection.execute(text(OUTBOUND), values)
    for _ in range(2):
        migrate(database_url)
        with here.connect() as connection:
            states = {row: state for row, state in connection.execute(text("SELECT id, state FROM outbound"))}
        assert states == {3: 30, 4: 30, 5: 50, 6: 42, 7: 41}
        store = open_database(database_url)
        assert store.read(lambda tx: selfcheck.broken(tx, 0)) == {}
        store.close()
        migrate(database_url, "0002")
        with here.begin() as connection:  # a version of before takes no notice of the outbox
            connection.execute(text("UPDATE outbound SET state = 10 WHERE id IN (3, 6)"))
    here.dispose()


PERSON = "INSERT INTO contact (id, number_key, created_at, seen_at) VALUES (:id, :key, 0, 0)"
ESCALATION = "INSERT INTO escalation (id, contact_id, kind, opened_at, closed_at) VALUES (:id, :of, :kind, :at, :end)"
ESCALATED = [
    (11, 1, "loop", 100, None),
    (12, 1, "emergency", 300, None),
    (13, 1, "person", 200, None),
    (21, 2, "person", 100, None),
    (22, 2, "emergency", 50, 60),
    (31, 3, "loop", 100, None),
    (41, 4, "emergency", 100, 200),
]
CASES = [
    (11, 1, "emergency", 100, 300, 300),
    (21, 2, "person", 100, 100, None),
    (31, 3, "loop", 100, 100, None),
]


def test_what_was_open_before_there_were_cases_is_a_case_for_each_person(database_url):
    """Of the most urgent kind, since the first, with the last as its news; nothing of what was closed. Duty phones are
    told of emergencies. Also after a version of before has run in between."""
    migrate(database_url, "0005")
    here = engine(database_url)
    with here.begin() as connection:
        for person in range(1, 6):
            connection.execute(text(PERSON), {"id": person, "key": b"%d" % person})
        for row, of, kind, at, end in ESCALATED:
            connection.execute(text(ESCALATION), {"id": row, "of": of, "kind": kind, "at": at, "end": end})
    for _ in range(2):
        migrate(database_url)
        with here.connect() as connection:
            rows = connection.execute(text("SELECT * FROM case_file ORDER BY id")).mappings().all()
            assert connection.execute(text("SELECT COUNT(*) FROM escalation")).scalar() == len(ESCALATED)
        told = ("id", "contact_id", "kind", "opened_at", "news_at", "alert_at")
        assert [tuple(row[name] for name in told) for row in rows] == CASES
        assert {value for row in rows for name, value in row.items() if name not in told} == {0, None}
        store = open_database(database_url)
        assert store.read(lambda tx: selfcheck.broken(tx, 0)) == {}
        store.close()
        migrate(database_url, "0005")
        with here.connect() as connection:
            assert "case_file" not in inspect(connection).get_table_names()
    here.dispose()


def test_sqlite_tables_are_strict_and_their_keys_are_the_rows_own(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'a.db'}"
    migrate(url)
    here = engine(url)
    with here.connect() as connection:
        tables = connection.exec_driver_sql("PRAGMA table_list").all()
        assert {row[1] for row in tables if not row[5]} <= {"sqlite_schema", "sqlite_temp_schema", "alembic_version"}
        indexes = connection.exec_driver_sql("PRAGMA index_list(inbound)").all()
        assert {row[3] for row in indexes} == {"u", "c"}
    here.dispose()


def test_a_directory_is_made_for_the_owner_only(tmp_path: Path):
    migrate(f"sqlite:///{tmp_path / 'new' / 'a.db'}")
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("name", ["", "README.md"])
def test_what_is_no_database_is_named(tmp_path: Path, name):
    (tmp_path / "README.md").write_text("# No database\n" * 100)
    with pytest.raises(Unusable, match=str(tmp_path / name)) as refused:
        migrate(f"sqlite:///{tmp_path / name}")
    assert "PHLOV_DATABASE_URL" in str(refused.value)


def test_a_newer_schema_is_refused(database_url):
    migrate(database_url)
    here = engine(database_url)
    with here.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    here.dispose()
    with pytest.raises(Unusable, match="newer Phlov"):
        migrate(database_url)
