"""The files of the village box: what they say can be run as it stands."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from gateways.smsd import SHIPPED, new_database

PLACE = Path(__file__).parents[2] / "deploy" / "village"


def test_there_are_twelve_steps_and_they_use_every_file():
    told = (PLACE / "README.md").read_text()
    steps = re.findall(r"^(\d+)\. \*\*", told, re.MULTILINE)
    assert steps == [str(number) for number in range(1, 13)]
    install = "\n".join(line for line in told.splitlines() if "install" in line)
    for file in PLACE.iterdir():
        if file.name != "README.md":
            assert file.name in install or f"phlov*{file.suffix}" in install, file.name


@pytest.mark.parametrize(
    ("setting", "value"),
    [("maxretries", "0"), ("debuglevel", "0"), ("service", "sql"), ("deliveryreport", "sms"), ("runonreceive", None)],
)
def test_smsd_is_told_what_phlov_needs(setting, value):
    assert SHIPPED.get(setting) == value


def test_the_key_can_be_written_on_paper_and_typed_again(tmp_path):
    told = (PLACE / "README.md").read_text()
    write, read = re.findall(r"`(basenc [^`]*master\.key)`", told)
    key = bytes(range(224, 256))
    (tmp_path / "master.key").write_bytes(key)

    def say(command, typed=b""):
        command = command.replace("/var/lib/phlov", str(tmp_path))
        return subprocess.run(command, shell=True, input=typed, capture_output=True, check=True).stdout

    paper = say(write)
    assert re.fullmatch(rb"[0-9A-F]{64}\n", paper)
    (tmp_path / "master.key").unlink()
    say(read, paper)
    assert (tmp_path / "master.key").read_bytes() == key


def need(program, package=None):
    """Without it a test is skipped at home and fails where changes are accepted."""
    if shutil.which(program) is None:
        hint = f"{program} is needed; on Debian: apt install {package or program}"
        if os.environ.get("CI"):
            pytest.fail(hint)
        pytest.skip(hint)


def test_systemd_understands_the_units():
    need("systemd-analyze", package="systemd")
    units = sorted(PLACE.glob("phlov*.service")) + sorted(PLACE.glob("phlov*.timer"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, check=False
    )
    said = [line for line in done.stderr.splitlines() if "is not executable" not in line and PLACE.name in line]
    assert said == []


@pytest.fixture
def healthy():
    """A server that says ok."""

    class Ok(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Ok)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def watch(address, database):
    need("curl")
    need("sqlite3")
    env = {"PATH": "/usr/bin:/bin", "PHLOV": address, "SMSD_DB": str(database), "RESTART": "echo restart", "AS": ""}
    env["SMSD_LOG"] = str(database.with_name("smsd.log"))
    done = subprocess.run([PLACE / "watch"], env=env, capture_output=True, text=True, check=True)
    return [line for line in done.stdout.splitlines() if line.startswith("restart")]


def seen(database, seconds):
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("DELETE FROM phones")
        connection.execute(
            "INSERT INTO phones (ID, IMEI, IMSI, Client, UpdatedInDB)"
            " VALUES ('MODEM1', '1', '', '', datetime('now', ? || ' seconds'))",
            (-seconds,),
        )


def test_the_watchdog_starts_anew_what_hangs_and_nothing_else(tmp_path, healthy):
    new_database(tmp_path)
    database = tmp_path / "smsd.db"
    assert watch(healthy, database) == []
    seen(database, 5)
    assert watch(healthy, database) == []
    seen(database, 600)
    assert watch(healthy, database) == ["restart phlov-smsd"]
    assert watch("http://127.0.0.1:1", tmp_path / "none.db") == ["restart phlov"]


def test_smsds_log_does_not_fill_the_memory(tmp_path, healthy):
    new_database(tmp_path)
    log = tmp_path / "smsd.log"
    for size, left in ((900_000, 900_000), (1_100_000, 0)):
        log.write_bytes(b"x" * size)
        assert watch(healthy, tmp_path / "smsd.db") == []
        assert log.stat().st_size == left


def test_a_copy_is_whole_and_goes_to_the_stick(tmp_path):
    need("sqlite3")
    (tmp_path / "stick").mkdir()
    with closing(sqlite3.connect(tmp_path / "phlov.db")) as connection:
        connection.execute("PRAGMA journal_mode = wal")
        connection.execute("CREATE TABLE contact (id INTEGER)")
        connection.execute("INSERT INTO contact VALUES (7)")
        connection.commit()
        copies = tmp_path / "copies"
        env = {"PATH": "/usr/bin:/bin", "DATA": str(tmp_path), "COPIES": str(copies), "STICK": str(tmp_path / "stick")}
        for _ in range(2):  # a second copy on one day replaces the first
            subprocess.run([PLACE / "backup"], env=env, check=True)
    [copy], [other] = copies.iterdir(), (tmp_path / "stick").iterdir()
    for file in (copy, other):
        assert file.stat().st_mode & 0o077 == 0
        with closing(sqlite3.connect(file)) as connection:
            assert connection.execute("SELECT id FROM contact").fetchall() == [(7,)]
