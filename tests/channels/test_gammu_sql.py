"""The SQL of SMSD's tables, as each database gets it. That it works is tried in `test_gammu_tables`."""

import re
import sqlite3
from contextlib import closing

import pytest
from gateways.smsd import new_database

from bot.channels import gammu_sql

STATEMENTS = {name: value for name, value in vars(gammu_sql).items() if name.isupper() and isinstance(value, str)}
ONLY_SQLITE = {"SPLIT_SECONDS", "CUT_SECONDS", "DROP_HALF"}

each = pytest.mark.parametrize("name", sorted(STATEMENTS))


@each
def test_sqlite_understands_it(name, tmp_path):
    statement = gammu_sql.for_sqlite(STATEMENTS[name])
    values = dict.fromkeys(re.findall(r":([a-z]+)", statement), 1)
    new_database(tmp_path)
    with closing(sqlite3.connect(tmp_path / "smsd.db")) as connection:
        assert connection.execute(f"EXPLAIN {statement}", values).fetchall()


@each
def test_postgresql_gets_no_word_of_sqlite_and_its_own_kind_of_values(name):
    statement = gammu_sql.for_postgres(STATEMENTS[name])
    if name not in ONLY_SQLITE:
        assert not re.search(r"julianday|datetime\(|lower\(|(?<![:0-9]):[a-z]", statement)
    assert len(re.findall(r"%\([a-z]+\)s", statement)) == len(re.findall(r"(?<!:):[a-z]+", STATEMENTS[name])) + (
        "DAYS_AGO" in STATEMENTS[name]
    )


@each
def test_columns_are_quoted_for_postgresql_keeps_their_capitals(name):
    bare = re.sub(r"'[^']*'|\"[^\"]*\"", "", gammu_sql.for_postgres(STATEMENTS[name]))
    assert not re.search(r"[A-Z][a-z]", bare)
