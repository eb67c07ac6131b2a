"""SMSD's own tables, as Debian ships them, in both databases that SMSD and Phlov share."""

import re
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta

import pytest
from gateways.smsd import new_database, schema

from bot.channels.gammu_tables import Piece, Tables
from bot.protocol import SendError

TEXT = Piece("ជំនួយ", "", "Unicode_No_Compression")
PARTS = [
    Piece("one ", "050003010201", "Default_No_Compression"),
    Piece("two", "050003010202", "Default_No_Compression"),
]


@pytest.fixture
def address(database_url, tmp_path):
    if database_url.startswith("sqlite"):
        return new_database(tmp_path)
    import psycopg  # noqa: PLC0415

    script = schema("pgsql.sql").replace("CREATE LANGUAGE plpgsql;", "")
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(script.encode())
    return database_url


@pytest.fixture
def tables(address):
    opened = Tables(address)
    yield opened
    opened.close()


@pytest.fixture
def sql(address):
    """Be SMSD, or somebody else who writes there; names as SMSD has them."""

    def run(statement, *values):
        if address.startswith("sqlite"):
            with closing(sqlite3.connect(address.removeprefix("sqlite:///"), isolation_level=None)) as connection:
                return connection.execute(statement, values).fetchall()
        import psycopg  # noqa: PLC0415

        with psycopg.connect(address, autocommit=True) as connection:
            cursor = connection.execute(statement.replace("?", "%s").encode(), values)
            return cursor.fetchall() if cursor.description else []

    return run


@pytest.fixture
def clock(address, sql):
    """A moment so many seconds from now, as the database writes local times."""
    now = "datetime('now', 'localtime')" if address.startswith("sqlite") else "LOCALTIMESTAMP(0)::text"
    [(at,)] = sql(f"SELECT {now}")
    return lambda seconds: str(datetime.fromisoformat(at) + timedelta(seconds=seconds))


def put(tables, creator="phlov:1", pieces=(TEXT,), **more):
    tables.put(creator, "+85512345678", pieces, **{"phone": "MODEM1", "priority": 10, "validity": -1, **more})


def arrive(sql, text="ជំនួយ"):
    sql(
        'INSERT INTO inbox ("Text", "SenderNumber", "UDH", "TextDecoded", "RecipientID", "ReceivingDateTime")'
        " VALUES (?, '+85512345678', '', ?, 'MODEM1', '2026-11-22 17:10:00')",
        text.encode("utf-16-be").hex().upper(),
        text,
    )


def go(sql, status, code=-1, creator="phlov:1", udh="", number=1, days=0):
    sql(
        'INSERT INTO sentitems ("ID", "SequencePosition", "CreatorID", "Status", "StatusCode", "UDH", "Text",'
        " \"TextDecoded\", \"SenderID\", \"SendingDateTime\") VALUES (?, 1, ?, ?, ?, ?, '17', 'x', 'MODEM1', ?)",
        number,
        creator,
        status,
        code,
        udh,
        f"{2026 - days}-11-22 17:10:00",
    )


def phone(sql, name="MODEM1", imei="1", signal=60, since="2026-11-22 17:00:00"):
    sql(
        'INSERT INTO phones ("ID", "IMEI", "IMSI", "Client", "Send", "Signal", "Battery", "InsertIntoDB")'
        " VALUES (?, ?, '', '', 'yes', ?, 87, ?)",
        name,
        imei,
        signal,
        since,
    )


def test_the_version_is_known(tables):
    assert tables.version() == 17


def test_what_came_in_is_read_in_order_and_forgotten(tables, sql):
    arrive(sql)
    arrive(sql, "menu")
    first, second = tables.arrived(10)
    assert (first.decoded, first.sender, first.phone, first.at, first.kind) == (
        "ជំនួយ",
        "+85512345678",
        "MODEM1",
        "2026-11-22 17:10:00",
        -1,
    )
    assert second.decoded == "menu"
    tables.forget([first.id])
    assert [row.decoded for row in tables.arrived(10)] == ["menu"]
    assert sql("SELECT count(*) FROM inbox") == [(1,)]


def test_what_another_program_has_dealt_with_is_left_alone(tables, sql, address):
    arrive(sql)
    sql('UPDATE inbox SET "Processed" = ?', "TRUE" if address.startswith("sqlite") else True)
    assert tables.arrived(10) == []


def test_a_text_is_written_as_smsd_wants_it(tables, sql):
    put(tables, pieces=PARTS, validity=143)
    columns = '"DestinationNumber", "TextDecoded", "Coding", "UDH", "Class", "SenderID", "DeliveryReport", "Priority"'
    assert sql(f'SELECT {columns}, "RelativeValidity", "CreatorID" FROM outbox') == [
        ("+85512345678", "one ", "Default_No_Compression", "050003010201", -1, "MODEM1", "yes", 10, 143, "phlov:1")
    ]
    assert sql('SELECT "SequencePosition", "TextDecoded", "UDH", "Coding" FROM outbox_multipart') == [
        (2, "two", "050003010202", "Default_No_Compression")
    ]
    assert str(sql('SELECT "MultiPart" FROM outbox')[0][0]).lower() == "true"


def test_no_time_has_split_seconds_and_each_is_over_by_any_clock(tables, sql):
    put(tables)
    [times] = sql('SELECT "InsertIntoDB", "SendingDateTime", "SendingTimeOut" FROM outbox')
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", str(time)) for time in times)
    assert [str(time)[:4] for time in times[1:]] == ["2000", "2000"]


def test_a_text_is_not_written_twice(tables, sql):
    put(tables)
    put(tables)
    assert sql("SELECT count(*) FROM outbox") == [(1,)]


def test_all_parts_are_written_or_none(tables, sql):
    with pytest.raises(SendError):
        put(tables, pieces=[PARTS[0], PARTS[1]._replace(coding="Klingon")])
    assert sql("SELECT count(*) FROM outbox") == [(0,)]
    assert tables.queued("phlov:1") is None


def test_a_text_waits_is_moved_and_taken_back_until_a_modem_has_it(tables, sql):
    put(tables, pieces=PARTS)
    queued = tables.queued("phlov:1")
    assert (queued.phone, queued.picked, queued.failed) == ("MODEM1", False, False)
    tables.move(queued.id, "MODEM2")
    assert tables.queued("phlov:1").phone == "MODEM2"
    assert tables.withdraw(queued.id)
    assert tables.queued("phlov:1") is None
    assert sql("SELECT count(*) FROM outbox_multipart") == [(0,)]
    put(tables)
    sql("""UPDATE outbox SET "SendingTimeOut" = '2026-11-22 17:11:00'""")
    queued = tables.queued("phlov:1")
    assert queued.picked
    tables.move(queued.id, "MODEM2")
    assert not tables.withdraw(queued.id)
    assert tables.queued("phlov:1").phone == "MODEM1"


def test_a_refused_text_is_taken_back_with_the_code_of_the_part_that_did_not_go(tables, sql):
    put(tables, pieces=PARTS)
    sql("""UPDATE outbox SET "Retries" = 1, "Status" = 'SendingOK', "SendingTimeOut" = '2026-11-22 17:20:00'""")
    sql("""UPDATE outbox_multipart SET "StatusCode" = 38""")
    queued = tables.queued("phlov:1")
    assert queued.failed
    assert tables.take_back(queued.id, {-1}) == 38
    assert tables.queued("phlov:1") is None
    assert tables.gone("phlov:1") == []
    assert sql("SELECT count(*) FROM outbox_multipart") == [(0,)]


def test_a_text_of_which_nobody_knows_leaves_a_mark(tables):
    put(tables, pieces=PARTS)
    assert tables.take_back(tables.queued("phlov:1").id, {-1}) == -1
    assert tables.queued("phlov:1") is None
    assert [(part.status, part.code) for part in tables.gone("phlov:1")] == [("SendingError", -1)]


@pytest.mark.parametrize(
    ("started", "picked", "cut"),
    [
        (-60, -30, False),
        (-30, -60, True),
        (3600, -5, False),  # the clock was put right after SMSD's start
        (-30, 3600, True),  # a power cut, and a clock that begins an hour earlier: nobody has it in his hands
    ],
)
def test_a_text_that_smsd_had_in_its_hands_when_it_was_killed_is_known(tables, sql, clock, started, picked, cut):
    """SMSD picks a text for 60 seconds; if it has been started since, it will send it again after them."""
    phone(sql, since=clock(started))
    put(tables)
    assert not tables.queued("phlov:1").failed
    sql('UPDATE outbox SET "SendingTimeOut" = ?', clock(picked + 60))
    assert tables.queued("phlov:1").failed is cut


def test_what_went_is_told_blanked_and_forgotten(tables, sql):
    go(sql, "SendingOK")
    go(sql, "SendingError", 38, number=2)
    go(sql, "SendingOK", creator="another program", number=3)
    assert [(part.status, part.code) for part in tables.gone("phlov:1")] == [("SendingOK", -1), ("SendingError", 38)]
    assert {part.creator for part in tables.reported()} == {"phlov:1"}
    tables.settle("phlov:1", ["SendingError", "Error"])
    assert [part.status for part in tables.gone("phlov:1")] == ["SendingOK"]
    tables.blank("phlov:1")
    assert sql("""SELECT "Text", "TextDecoded" FROM sentitems WHERE "CreatorID" = 'phlov:1'""") == [("", "")]
    tables.forget_sent("phlov:1")
    assert tables.gone("phlov:1") == []
    assert sql('SELECT "TextDecoded" FROM sentitems') == [("x",)]


def test_a_text_whose_report_never_came_is_forgotten_after_days(tables, sql):
    go(sql, "SendingOK", days=1)
    go(sql, "SendingOK", creator="another program", number=2, days=1)
    tables.forget_old(3)
    assert sql('SELECT "CreatorID" FROM sentitems') == [("another program",)]


def test_the_modem_with_the_least_to_do_comes_first(tables, sql):
    phone(sql)
    phone(sql, "MODEM2", "2", signal=30)
    put(tables)
    found = tables.phones()
    assert [(each.id, each.sends, each.signal, each.battery, each.waiting) for each in found] == [
        ("MODEM2", True, 30, 87, 0),
        ("MODEM1", True, 60, 87, 1),
    ]
    assert all(-2 <= each.age < 60 for each in found)


def test_rows_too_long_for_one_sms_are_counted(tables, sql):
    put(tables, pieces=[TEXT._replace(text="ក" * 71)])
    put(tables, "phlov:2", pieces=[TEXT._replace(text="ក" * 70)])
    put(tables, "phlov:3", pieces=[PARTS[0]._replace(text="a" * 161)])
    assert tables.damage() == (0, 2)


def test_split_seconds_are_cut_off(tmp_path):
    tables = Tables(new_database(tmp_path))
    put(tables)
    with closing(sqlite3.connect(tmp_path / "smsd.db")) as connection, connection:
        connection.execute("UPDATE outbox SET InsertIntoDB = '2026-11-22 09:27:31.000000'")
    assert tables.damage() == (1, 0)
    tables.mend()
    assert tables.damage() == (0, 0)
    assert tables.journal() == "wal"
    tables.close()


def test_a_file_that_is_not_there_is_not_made(tmp_path):
    tables = Tables(f"sqlite:///{tmp_path / 'smsd.db'}")
    with pytest.raises(SendError) as away:
        tables.arrived(1)
    assert (away.value.sent, away.value.retry, away.value.cause) == ("no", True, "network")
    assert not (tmp_path / "smsd.db").exists()


def test_a_server_that_is_not_there_is_told():
    with pytest.raises(SendError) as away:
        Tables("postgresql://nobody@127.0.0.1:1/none").arrived(1)
    assert away.value.cause == "network"


def test_an_error_names_no_text_and_no_number(tmp_path):
    tables = Tables(new_database(tmp_path))
    with pytest.raises(SendError) as wrong:
        put(tables, pieces=[TEXT._replace(coding="+85512345678")])
    tables.close()
    assert "855" not in str(wrong.value)


def test_deleted_words_are_overwritten(tmp_path):
    tables = Tables(new_database(tmp_path))
    put(tables, pieces=[PARTS[0]._replace(text="a canary nobody may find")])
    kept = tables.queued("phlov:1")
    with closing(sqlite3.connect(tmp_path / "smsd.db")) as smsd:  # it has the file open all the time
        smsd.execute("SELECT 1 FROM gammu").fetchall()
        tables.withdraw(kept.id)
        files = [tmp_path / "smsd.db", tmp_path / "smsd.db-wal"]
        assert any(b"canary" in file.read_bytes() for file in files)
        tables.scrub()
        assert not any(b"canary" in file.read_bytes() for file in files)
    tables.close()
