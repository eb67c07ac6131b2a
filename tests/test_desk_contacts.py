"""The commands for lists of people, called as a shell calls them; one is killed in the middle."""

from __future__ import annotations

import csv
import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from bot import app, desk_contacts
from bot.cli import Wiring
from bot.config import Settings
from bot.desk_contacts import contacts
from bot.services import campaigns
from bot.store.files import claim_run
from bot.store.statements import Statement
from bot.store.tables import ContactImport

PHLOV = str(Path(sys.executable).with_name("phlov"))
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("PHLOV_")}
LIST = "Name;លេខទូរស័ព្ទ;ខេត្ត\nA;012000111;សៀមរាប\nB;8.55E+10;\nC;012000111;\nD;015000222;Narnia\n"
CONSENT = ["--campaign", "kya12", "--how", "paper", "--wording", "May we text you?", "--by", "Made Up"]


@pytest.fixture
def phlov(tmp_path):
    def call(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: PLW1510 - the status is what is tested
            [PHLOV, *arguments], input=given, cwd=tmp_path, capture_output=True, timeout=60, env=CLEAN, text=True
        )

    return call


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("house")


@pytest.fixture(scope="module")
def house(folder) -> Wiring:
    """One house, opened once, for all calls that need no process of their own."""
    opened = app.service(Settings(data_dir=folder))
    yield Wiring(lambda _: opened, app.run, app.work, app.migrate, app.StartError)
    opened.database.close()


def taking(*more: str, file: str = "list.csv") -> list[str]:
    return [
        "contacts",
        "import",
        file,
        "--as",
        "Dara",
        *CONSENT,
        "--on",
        time.strftime("%Y-%m-%d", time.gmtime()),
        *more,
    ]


def known(folder: Path) -> int:
    with sqlite3.connect(folder / "var" / "phlov.db") as database:
        return int(database.execute("SELECT count(*) FROM contact").fetchone()[0])


def test_a_list_is_shown_first_and_taken_in_when_one_says_yes(phlov, tmp_path):
    (tmp_path / "list.csv").write_text(LIST)
    assert "there is no campaign KYA12" in phlov(*taking()).stderr
    phlov("campaigns", "add", "KYA12", "Road show")
    refused = phlov(*taking(), given="n\n")
    assert refused.returncode == 1
    assert "nothing was written" in refused.stderr
    assert known(tmp_path) == 0
    assert refused.stdout.splitlines()[:9] == [
        "Columns that are read: phone (លេខទូរស័ព្ទ), province (ខេត្ត)",
        "Columns that are not read, and not kept: Name",
        "What people said yes to, where no column tells it: May we text you?",
        "        2  new",
        "        1  again in the file",
        "        1  without a number that can be texted: left out",
        "        4  rows in all",
        "        2  new consents",
        "        1  cells were not understood and count as empty",
    ]
    with (tmp_path / "list-faults.csv").open(encoding="utf-8-sig") as file:
        head, *rows = csv.reader(file)
    assert head == ["row", "column", "what is wrong", "number ends with", "row taken in"]
    assert [(row[0], row[1], row[3], row[4]) for row in rows] == [
        ("3", "phone", "510", "no"),
        ("4", "phone", "111", "no"),
        ("5", "province", "222", "yes"),
    ]
    assert stat.S_IMODE((tmp_path / "list-faults.csv").stat().st_mode) == 0o600
    taken = phlov(*taking(), given="y\n")
    assert taken.returncode == 0
    assert taken.stderr == ""
    assert known(tmp_path) == 2
    assert phlov("campaigns", "list").stdout == "KYA12\tbefore\t2\tRoad show\n"
    again = phlov(*taking("--yes"))
    assert "is in already" in again.stdout
    once_more = phlov(*taking("--yes", "--again"))
    assert once_more.returncode == 0
    assert "        2  known, nothing new" in once_more.stdout
    everything = refused.stdout + taken.stdout + once_more.stdout + (tmp_path / "list-faults.csv").read_text()
    assert "12000111" not in everything


def test_a_list_that_changes_nothing_is_not_asked_about(house, tmp_path, monkeypatch):
    def call(rows: str) -> Result:
        (tmp_path / "list.csv").write_text(f"phone,province,blocked\n{rows}")
        asked = ["import", "list.csv", "--as", "Dara"]
        return CliRunner(env=dict.fromkeys(set(os.environ) - set(CLEAN))).invoke(contacts, asked, obj=house, input="y")

    monkeypatch.chdir(tmp_path)
    nobody = call("8.55E+10,17,\n")
    assert nobody.exit_code == 1
    assert "Take them in?" not in nobody.output
    assert "nobody on this list can be taken in; nothing was written" in nobody.stderr
    assert "Take them in?" in call("012000441,17,\n").stdout
    same = call("+85512000441,Siem Reap,\nnone,17,\n")
    assert (same.exit_code, "Take them in?" in same.stdout) == (0, False)
    assert "nothing was written" in same.stdout
    changed = call("012000441,17,yes\n")
    assert (changed.exit_code, "Take them in?" in changed.stdout) == (0, True), "it changes somebody"
    assert "        1  now blocked, because the list says so" in changed.stdout


def test_who_says_no_now_is_counted_before_anything_is_written(house, tmp_path, monkeypatch):
    def call(*more: str, given: str) -> str:
        asked = ["import", "list.csv", "--as", "Dara", *CONSENT, "--on", time.strftime("%Y-%m-%d", time.gmtime())]
        runner = CliRunner(env=dict.fromkeys(set(os.environ) - set(CLEAN)))
        return runner.invoke(contacts, [*asked, *more], obj=house, input=given).stdout

    monkeypatch.chdir(tmp_path)
    campaigns.add(house.service(None), "KYA12", "Road show")
    (tmp_path / "list.csv").write_text("phone,consent\n012000661,yes\n012000662,yes\n")
    assert "        2  new consents" in call("--yes", given="")
    (tmp_path / "list.csv").write_text("phone,consent\n012000661,no\n012000662,yes\n")
    line = "        1  said no now, and yes before: that consent is taken back"
    assert line in call(given="n\n")
    assert line in call(given="y\n").partition("Taken in:")[2]
    assert line not in call("--again", given="y\n")
    (tmp_path / "list.csv").write_text("phone,consent\n012000662,no\n")
    assert line in call("--yes", given="")  # nobody of this list is in what the next test counts


def test_an_import_with_nothing_left_to_do_still_ends(house, tmp_path, monkeypatch):
    """All pages are in, but the process was gone before that was written down."""

    def call() -> Result:
        asked = ["import", "list.csv", "--as", "Dara"]
        return CliRunner(env=dict.fromkeys(set(os.environ) - set(CLEAN))).invoke(contacts, asked, obj=house, input="y")

    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.csv").write_text("phone\n012000551\n")
    ended = update(ContactImport).values(finished_at=None)
    assert "Take them in?" in call().stdout
    house.service(None).database.write(lambda tx: tx.run(Statement(lambda _: ended)))
    done = call()
    assert (done.exit_code, "Take them in?" in done.stdout) == (0, False)
    assert "Taken in:" in done.stdout
    assert "is in already" in call().stdout


def test_people_without_consent_are_told_of(house, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.csv").write_text(LIST)
    asked = ["import", "list.csv", "--as", "Dara", "--yes", "--tag", "Show"]
    done = CliRunner(env=dict.fromkeys(set(os.environ) - set(CLEAN))).invoke(contacts, asked, obj=house)
    assert done.exit_code == 0
    assert "        2  without consent: they are kept, and nothing can be sent to them" in done.stdout
    assert "not told by the command: --campaign, --how, --wording, --by, --on" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "status", "line"),
    [
        (["import", "list.csv"], 2, "Missing option '--as'"),
        (["import", "none.csv", "--as", "D"], 2, "does not exist"),
        (["import", "list.csv", "--as", "D", "--on", "2036-01-01"], 2, "the consent is of a day that has not come yet"),
        (["import", "list.csv", "--as", "D", "--on", "2020-01-01"], 2, "the consent is older than 180 days"),
        (["import", "list.csv", "--as", "D", "--tag", "x" * 41], 2, "the tags are more"),
        (["import", "list.csv", "--as", "D", "--faults", "list.csv"], 2, "this is the list itself"),
        (["import", "list.csv", "--as", "D", "--faults", "no/where.csv"], 1, "No such file or directory"),
        (["import", "list.csv", "--as", "D", "--sheet", "A"], 1, "list.csv: is no XLSX"),
        (["import", "list.csv", "--as", "D", "--wording", "none.txt"], 2, "there is no file none.txt"),
        (["import", "empty.csv", "--as", "D"], 1, "empty.csv: is empty"),
        (["export", "list.csv", "--as", "D", "--reason", "x"], 1, "list.csv is there already"),
        (["import", "names.csv", "--as", "D"], 1, "names.csv: has no column of phone numbers"),
        (["export", "out.txt", "--as", "D", "--reason", "x"], 2, "FILE ends with .csv or .xlsx"),
        (["export", "out.csv", "--as", "D", "--reason", "for 012000111"], 2, "without numbers of people"),
        (["export", "out.csv", "--as", "D"], 2, "Missing option '--reason'"),
        (["export", "out.csv", "--as", "D", "--reason", "x", "--campaign", "NO1"], 1, "there is no campaign NO1"),
        (["block", "1280"], 2, "NUMBER is no phone number"),
        (["block", "012000999"], 1, "nobody is known by this number"),
        (["tag", "012000999", "a"], 1, "nobody is known by this number"),
    ],
)
def test_a_wrong_call_says_why(house, tmp_path, monkeypatch, arguments, status, line):
    (tmp_path / "list.csv").write_text(LIST)
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "names.csv").write_text("name\nA\n")
    monkeypatch.chdir(tmp_path)
    done = CliRunner(env=dict.fromkeys(set(os.environ) - set(CLEAN))).invoke(contacts, arguments, obj=house)
    assert done.exit_code == status
    assert line in done.stderr
    assert "12000" not in done.stderr


def test_people_are_blocked_tagged_counted_and_written_out(house, folder, tmp_path, monkeypatch):
    def call(*arguments: str) -> str:
        done = CliRunner(env=dict.fromkeys(set(os.environ) - set(CLEAN))).invoke(contacts, arguments, obj=house)
        assert done.exit_code == 0, done.output
        return done.output

    monkeypatch.chdir(tmp_path)
    campaigns.add(house.service(None), "KYA12", "Road show")
    (tmp_path / "words.txt").write_text("\ufeffអនុញ្ញាតទេ?\n", encoding="utf-8")
    (tmp_path / "list.csv").write_text("phone,province\n" + "".join(f"01200033{end},23\n" for end in range(6)))
    _, *command = taking("--yes")
    command[command.index("--wording") + 1] = "words.txt"
    call(*command)
    assert call("tag", "012000331", "Teacher", "b") == "b, teacher\n"
    assert call("tag", "012000331", "--remove", "b") == "teacher\n"
    assert call("tag", "012000331", "--remove", "teacher") == "(no tags)\n"
    assert call("block", "012000331").startswith("Blocked")
    assert call("unblock", "012000331") == "Not blocked any more.\n"
    assert "province\tKep\t6" in call("groups").splitlines()

    exporting = ["contacts", "export", "out.csv", "--as", "Dara", "--reason", "call list", "--campaign", "kya12"]
    env = CLEAN | {"PHLOV_DATA_DIR": str(folder)}
    done = subprocess.run([PHLOV, *exporting], cwd=tmp_path, capture_output=True, env=env, text=True, check=True)
    assert done.stdout.startswith("6 people written to out.csv")
    event = json.loads(done.stderr)
    assert (event["event"], event["by"], event["reason"], event["campaign"], event["people"]) == (
        "contacts exported", "Dara", "call list", "KYA12", 6
    )  # fmt: skip
    assert "12000" not in done.stdout + done.stderr
    with (tmp_path / "out.csv").open(encoding="utf-8-sig") as file:
        assert {row["wording"] for row in csv.DictReader(file)} == {"អនុញ្ញាតទេ?"}


def test_an_import_that_is_killed_goes_on_by_the_same_command(phlov, tmp_path):
    """kill -9 at three moments; then everybody is there once, and the counts are those of an import in one go."""
    people = 30_000
    with (tmp_path / "list.csv").open("w") as file:
        file.write("phone,province\n")
        file.writelines(f"0120{serial:05d},17\n" for serial in range(people))
        file.write("012000000,17\nnone,17\n")
    phlov("campaigns", "add", "KYA12", "Road show")
    command, kills, before = taking("--yes"), 0, 0
    claim = claim_run(tmp_path / "var" / "phlov.db")  # beside a house that is served an import takes small steps
    while kills < 3:
        started = subprocess.Popen([PHLOV, *command], cwd=tmp_path, env=CLEAN, stdout=subprocess.PIPE)
        try:
            wait_for_more(tmp_path, before + 1_000, started)
            started.send_signal(signal.SIGKILL)
        finally:
            started.kill()
            started.communicate()
        before, kills = known(tmp_path), kills + 1
        assert 0 < before < people, "it was killed in the middle"
    claim.close()
    done = phlov(*command)
    assert done.returncode == 0
    assert "it goes on from there" in done.stdout
    assert known(tmp_path) == people
    with sqlite3.connect(tmp_path / "var" / "phlov.db") as database:
        assert database.execute("SELECT count(*) FROM membership").fetchone() == (people,)
        ((report,),) = database.execute("SELECT report FROM contact_import").fetchall()
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert {name: count for name, count in json.loads(report).items() if count} == {
        "rows": people + 2, "new": people, "joined": people, "repeated": 1, "wrong": 1
    }  # fmt: skip
    assert "is in already" in phlov(*command).stdout


def test_beside_a_house_that_is_served_it_takes_small_steps(phlov, tmp_path, monkeypatch):
    phlov("campaigns", "add", "KYA12", "Road show")
    monkeypatch.setenv("PHLOV_DATA_DIR", str(tmp_path / "var"))
    assert not desk_contacts._served()
    claim = claim_run(tmp_path / "var" / "phlov.db")
    assert desk_contacts._served()
    (tmp_path / "list.csv").write_text("phone\n012000111\n")
    assert phlov(*taking("--yes")).returncode == 0
    claim.close()
    assert not desk_contacts._served()


def wait_for_more(folder: Path, people: int, started: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 120
    while known(folder) < people:
        assert started.poll() is None, "it ended before it was killed"
        assert time.monotonic() < end
        time.sleep(0.01)
