"""What only PostgreSQL does: connections that die, locks that last, one statement for many writes."""

import threading

import psycopg
import pytest

from bot.store import Busy, Unwritten, marks, migrate, open_database
from bot.store.messages import ADD_CONTACT
from tests.conftest import new_postgres

END_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE pid <> pg_backend_pid() AND datname = current_database()
"""


@pytest.fixture
def url(postgres):
    address = new_postgres(postgres)
    migrate(address)
    return address


@pytest.fixture
def database(url):
    opened = open_database(url)
    yield opened
    opened.close()


def put(name, value=1):
    return lambda tx: marks.put(tx, name, value)


def test_a_connection_that_died_while_idle_is_replaced(url, database):
    database.write(put("a"))
    with psycopg.connect(url, autocommit=True) as other:
        other.execute(END_OTHERS)
    database.write(put("b"))
    assert database.read(lambda tx: marks.get(tx, "b")) == 1


def test_a_connection_that_dies_in_the_middle_keeps_nothing(url, database):
    def dies(tx):
        marks.put(tx, "half", 1)
        with psycopg.connect(url, autocommit=True) as other:
            other.execute(END_OTHERS)
        marks.put(tx, "whole", 1)

    with pytest.raises(Unwritten):
        database.write(dies)
    assert database.failed_at is not None
    assert database.read(lambda tx: marks.get(tx, "half")) is None
    database.write(put("after"))
    assert database.failed_at is None


def test_a_swallowed_error_is_no_commit(database):
    def swallows(tx):
        marks.put(tx, "half", 1)
        with pytest.raises(psycopg.Error):
            tx.run(
                ADD_CONTACT,
                id=1,
                number_key=None,
                number_sealed=None,
                language=None,
                opted_out_at=None,
                created_at=1,
                seen_at=1,
                country=None,
                network=None,
            )

    with pytest.raises(Unwritten, match="undid"):
        database.write(swallows)


def test_a_lock_that_stays_is_busy(url, database):
    with psycopg.connect(url) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(7)")
        with database._engine.connect() as held:  # one short wait for this test, not five seconds
            held.exec_driver_sql("SET lock_timeout = '200ms'")
        with pytest.raises(Busy):
            database.write(put("m"), b"\x07")
        database.write(put("m"), b"\x08")


def test_works_of_one_key_never_overlap(database):
    inside = []

    def alone(tx):
        inside.append(1)
        assert len(inside) == 1
        marks.put(tx, "sum", (marks.get(tx, "sum") or 0) + 1)
        inside.pop()

    threads = [threading.Thread(target=lambda: [database.write(alone, b"\x07") for _ in range(20)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert database.read(lambda tx: marks.get(tx, "sum")) == 80


def test_commits_are_durable_whatever_the_server_says(url):
    with psycopg.connect(url, autocommit=True) as other:
        name = other.info.dbname
        other.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off'.encode())
    opened = open_database(url)
    with opened._begun(b"BEGIN") as connection:
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)
    opened.close()
