"""The commands, called as a shell calls them: what goes in, what comes out, and the exit status."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli import NOBODY

PHLOV = str(Path(sys.executable).with_name("phlov"))
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("PHLOV_")}


@pytest.fixture
def phlov(tmp_path):
    def call(*arguments: str, given: str | bytes = "", **settings: str) -> subprocess.CompletedProcess[str]:
        data = given if isinstance(given, bytes) else given.encode()
        done = subprocess.run(  # noqa: PLW1510 - the status is what is tested
            [PHLOV, *arguments], input=data, cwd=tmp_path, capture_output=True, timeout=60, env={**CLEAN, **settings}
        )
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())

    return call


def test_help_names_every_command(phlov):
    done = phlov("--help")
    assert done.returncode == 0
    for command in ("run", "chat", "understand", "segments", "check", "erase", "migrate", "worker", "purge"):
        assert f"  {command} " in done.stdout


@pytest.mark.parametrize("arguments", [["nonsense"], ["chat", "--medium", "fax"], ["erase"], ["chat", "--from", "1"]])
def test_a_wrong_call_is_status_2(phlov, arguments):
    done = phlov(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith("Error: ")


def test_wrong_settings_are_status_2_and_a_line_each(phlov):
    done = phlov("run", PHLOV_PORT="x", PHLOV_PROT="8000")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "phlov: PHLOV_PROT: there is no such setting; did you mean PHLOV_PORT?",
        "phlov: PHLOV_PORT: must be a whole number",
    ]


def test_a_data_directory_that_cannot_be_made(phlov, tmp_path):
    (tmp_path / "file").touch()
    done = phlov("chat", PHLOV_DATA_DIR=str(tmp_path / "file" / "var"))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "PHLOV_DATA_DIR" in done.stderr


def test_a_data_directory_that_cannot_be_looked_at(phlov):
    done = phlov("run", PHLOV_DATA_DIR="a" * 300)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "PHLOV_DATA_DIR" in done.stderr


# segments


@pytest.mark.parametrize(
    ("given", "encoding", "units", "parts"),
    [
        ("", "GSM-7", 0, [""]),
        ("help", "GSM-7", 4, ["help"]),
        ("help\n", "GSM-7", 5, ["help\n"]),
        ("a\r\nb", "GSM-7", 4, ["a\r\nb"]),
        ("€", "GSM-7", 2, ["€"]),
        ("ជំនួយ", "UCS-2", 5, ["ជំនួយ"]),
        ("\ufeffx", "UCS-2", 2, ["\ufeffx"]),
    ],
)
def test_segments_takes_the_text_as_it_is(phlov, given, encoding, units, parts):
    done = phlov("segments", given=given)
    assert json.loads(done.stdout) == {"encoding": encoding, "units": units, "parts": parts}


def test_segments_refuses_what_is_no_text(phlov):
    done = phlov("segments", given=b"a\xff")
    assert (done.returncode, done.stdout) == (2, "")


# understand


def test_understand_answers_every_line_with_one(phlov):
    lines = ["help", "", " ", "ជំនួយ\u200b", "a\u2028b", "\x0b\x0c", "STOP\r", "last"]
    done = phlov("understand", given="\n".join(lines))
    assert (done.returncode, done.stderr) == (0, "")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) == len(lines)
    assert all(set(one) == {"topic", "country", "confidence", "language"} for one in found)
    assert (found[0]["topic"], found[6]["topic"]) == ("sos", "stop")
    assert "a\u2028b" not in done.stdout


def test_understand_takes_any_bytes(phlov):
    done = phlov("understand", given=b"\xff\xfe\x00\n\xe1\x9e\n")
    assert (done.returncode, done.stdout.count("\n")) == (0, 2)


def test_understand_answers_before_the_next_line_comes(tmp_path):
    with subprocess.Popen(
        [PHLOV, "understand"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=tmp_path, env=CLEAN
    ) as process:
        process.stdin.write("help\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["topic"] == "sos"
        process.stdin.close()


# chat


def test_chat_answers_and_shows_what_it_costs(phlov):
    done = phlov("chat", given="help\nជំនួយ\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("You are +85510000001.")
    assert "> help\n" in done.stdout
    assert "[1 SMS part, GSM-7, " in done.stdout
    assert ", UCS-2, " in done.stdout


def test_chat_remembers(phlov):
    phlov("chat", given="menu\n")
    answers = [phlov("chat", "--from", who, given="1\n").stdout.splitlines()[1:] for who in (NOBODY, "+85510000002")]
    assert answers[0] != answers[1], "a line of the open menu for one, a number without a menu for the other"


def test_chat_is_not_paced(phlov):
    assert phlov("chat", given="menu\n" * 12).stdout.count(" SMS part") == 12


def test_chat_as_another_phone_in_another_language(phlov):
    done = phlov("chat", "--from", "+66812345678", "--lang", "km", given="help\n")
    assert done.returncode == 0
    assert "> khmer\n" in done.stdout
    assert "191" in done.stdout


def test_chat_on_the_screens_of_a_call(phlov):
    done = phlov("chat", "--medium", "ussd", "--lang", "en", given="1\n9\n0\n00\nSTOP\n*1280*1*1#\n")
    assert done.returncode == 0
    shown = done.stdout.split("> ")
    assert shown[1].startswith("*1280#\nPhlov ")
    assert re.search(r"\[CON, UCS-2, [0-9]+ of 80 units\]", shown[1])
    assert shown[2].startswith("english\nPhlov answers automatically.")
    assert shown[3].endswith("9 More\n0 Back\n[CON, GSM-7, 180 of 182 units]\n\n")
    assert shown[5].partition("\n")[2] == shown[3].partition("\n")[2]
    assert shown[7].endswith("[END, GSM-7, 70 of 182 units]\n\n")
    assert shown[8].startswith("*1280*1*1#\nCambodia: 117 police")


def test_chat_lines_of_its_own_fit_a_narrow_screen(phlov):
    own = [line for line in phlov("chat", given="help\n").stdout.splitlines() if line.startswith(("You", "[", ">"))]
    assert max(map(len, own)) <= 80


# the rest


def test_erase(phlov):
    phlov("chat", "--from", "+85512345678", given="help\n")
    assert phlov("erase", "012 345 678").stdout.startswith("Forgotten.")
    assert phlov("erase", "+85512345678").returncode == 0
    assert phlov("erase", "1294").returncode == 2


def test_migrate_and_purge(phlov):
    assert phlov("migrate").stdout == "The database is up to date.\n"
    assert phlov("purge", "--confirm-clock").returncode == 0


def test_check_says_how_many(phlov):
    done = phlov("check")
    assert done.stdout.splitlines()[-1].endswith(" warnings")
    assert done.returncode == (0 if done.stdout.splitlines()[-1].startswith("0 errors") else 1)


def test_the_database_and_the_key_are_for_the_owner_only(phlov, tmp_path):
    phlov("chat", given="help\n")
    for path in (tmp_path / "var").iterdir():
        assert path.stat().st_mode & 0o077 == 0, path.name
