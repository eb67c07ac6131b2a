"""The commands for staff, called as a shell calls them: no account begins with a password."""

import os
import re
import sqlite3
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from bot import app, desk_staff
from bot.cli import Wiring, erase
from bot.content.loader import load
from bot.services import access_report

PHLOV = str(Path(sys.executable).with_name("phlov"))
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("PHLOV_")}
CODE = re.compile(r"^  ([A-Z2-7]{4}(?:-[A-Z2-7]{4}){5})$", re.MULTILINE)


@pytest.fixture(scope="module")
def book():
    return load()


@pytest.fixture
def phlov(tmp_path, book, monkeypatch):
    """The commands in this process: loading the texts anew for each would take most of the time."""
    for name in os.environ:
        if name.startswith("PHLOV_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    commands = click.Group(commands=[*desk_staff.COMMANDS, erase])

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        opened = []

        def service(settings):
            opened.append(app.service(settings, book))
            return opened[-1]

        wiring = Wiring(service, app.run, app.work, app.migrate, app.StartError)
        done = CliRunner().invoke(commands, arguments, obj=wiring)
        for each in opened:
            each.database.close()
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)

    return call


def test_the_command_is_there(tmp_path):
    """As a shell calls it."""
    done = subprocess.run(
        [PHLOV, "staff", "add", "Sokha", "--role", "admin"],
        cwd=tmp_path, capture_output=True, timeout=60, env=CLEAN, text=True, check=True,
    )  # fmt: skip
    assert done.stderr == ""
    assert CODE.search(done.stdout)


def test_the_first_admin_is_made_without_a_password(phlov, tmp_path):
    done = phlov("staff", "add", "Sokha", "--role", "admin")
    assert (done.returncode, done.stderr) == (0, "")
    (code,) = CODE.findall(done.stdout)
    assert "/console/welcome" in done.stdout
    assert phlov("staff", "list").stdout == "Sokha\tadmin\tinvited\tpassword only\n"
    again = phlov("staff", "welcome", "sokha", "--new-phone", "--as", "Dara")
    (other,) = CODE.findall(again.stdout)
    assert other != code
    held = b"".join(path.read_bytes() for path in (tmp_path / "var").rglob("*") if path.is_file())
    assert b"Sokha" in held
    for said in (code, other):
        assert said.encode() not in held
        assert said.replace("-", "").encode() not in held


def test_accounts_are_changed_and_closed(phlov):
    phlov("staff", "add", "Sokha", "--role", "admin")
    phlov("staff", "add", "Dara", "--role", "viewer")
    assert phlov("staff", "role", "Dara", "caseworker", "--as", "Sokha").stdout == "Dara is caseworker now.\n"
    assert phlov("staff", "disable", "Dara").stdout == "Dara does not come in any more.\n"
    assert phlov("staff", "list").stdout.splitlines()[0] == "Dara\tcaseworker\tdisabled\tpassword only"
    assert CODE.search(phlov("staff", "welcome", "Dara").stdout)
    assert phlov("staff", "list").stdout.splitlines()[0] == "Dara\tcaseworker\tinvited\tpassword only"


def test_what_cannot_be_done_is_said_in_a_line(phlov):
    phlov("staff", "add", "Sokha", "--role", "admin")
    tries = {
        ("staff", "add", "sokha", "--role", "viewer"): "there is somebody of that name",
        ("staff", "add", "Phlov", "--role", "viewer"): "a name has 1 to 40 characters",
        ("staff", "welcome", "nobody"): "nobody of staff has that name",
        ("staff", "disable", "Sokha"): "this is the only admin",
        ("staff", "role", "Sokha", "viewer"): "this is the only admin",
    }
    for arguments, line in tries.items():
        done = phlov(*arguments)
        assert (done.returncode, done.stdout) == (1, ""), arguments
        assert done.stderr.startswith(f"phlov: {line}"), arguments
    assert phlov("staff", "add", "Dara", "--role", "king").returncode == 2
    assert phlov("staff", "disable", "Sokha", "--as", "012345678").returncode == 2


def test_the_audit_is_checked_by_a_command(phlov, tmp_path):
    assert phlov("audit", "verify").stdout == "0 rows, all as they were written. The end is not begun\n"
    phlov("staff", "add", "Sokha", "--role", "admin")
    phlov("erase", "+85512345678", "--as", "Sokha")
    done = phlov("audit", "verify")
    assert done.returncode == 0
    (end,) = re.findall(r"^2 rows, all as they were written\. The end is (2-[0-9a-f]{16})\n$", done.stdout)
    assert phlov("audit", "verify", "--end", end).returncode == 0
    assert phlov("audit", "verify", "--end", f"3{end[1:]}").returncode == 1
    assert phlov("audit", "verify", "--end", "yesterday").returncode == 2
    with sqlite3.connect(tmp_path / "var" / "phlov.db") as house:
        assert house.execute("SELECT act, who FROM audit WHERE seq = 2").fetchone() == ("contact.erased", "Sokha")
        house.execute("UPDATE audit SET who = 'Dara' WHERE seq = 2")
    house.close()
    done = phlov("audit", "verify")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("phlov: the audit is broken at row 2:")


def test_what_staff_saw_in_a_month_is_written_with_tabs_between(phlov):
    phlov("staff", "add", "Sokha", "--role", "admin", "--as", "Dara")
    this = phlov("audit", "month", datetime.now(access_report.HERE).strftime("%Y-%m")).stdout.splitlines()
    assert this[1].split("\t") == ["name", "came", "failed", "read", "revealed", "exported", "erased", "changed"]
    assert this[2].split("\t") == ["Dara (at a shell)", "0", "0", "0", "0", "0", "0", "1"]
    assert this[3].split("\t")[0] == "all"
    last = phlov("audit", "month").stdout.splitlines()
    assert [line.split("\t")[0] for line in last[1:]] == ["name", "all"]
    assert "such as 2026-11" in phlov("audit", "month", "November").stderr
