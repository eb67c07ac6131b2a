"""The commands for who is on duty, called as a shell calls them: no number is written back."""

import os
import subprocess

import click
import pytest
from click.testing import CliRunner

from bot import app, desk_duty, desk_staff
from bot.cli import Wiring
from bot.content.loader import load

GATE = {
    "PHLOV_SMSGATE_URL": "https://gate.example.org",
    "PHLOV_SMSGATE_USER": "a",
    "PHLOV_SMSGATE_PASSWORD": "b",
    "PHLOV_SMSGATE_SIGNING_KEY": "c",
    "PHLOV_SMSGATE_NUMBER": "+85512999999",
}
NUMBER = "012345678"


@pytest.fixture(scope="module")
def book():
    return load()


@pytest.fixture
def phlov(tmp_path, book, monkeypatch):
    for name in os.environ:
        if name.startswith("PHLOV_"):
            monkeypatch.delenv(name)
    for name, value in GATE.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    commands = click.Group(commands=[*desk_staff.COMMANDS, *desk_duty.COMMANDS])

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


def test_phones_are_added_turned_switched_and_removed(phlov):
    phlov("staff", "add", "Sophea", "--role", "caseworker")
    assert phlov("duty", "list").stdout == ""
    added = phlov("duty", "add", "sophea", NUMBER, "--as", "Dara")
    assert (added.returncode, added.stdout) == (0, "The phone of sophea is told of emergencies now.\n")
    assert phlov("duty", "add", "Sophea", "012345670", "--language", "en", "--as", "Dara").returncode == 0
    first, second = phlov("duty", "list").stdout.splitlines()
    assert first == "1\tSophea\t+855 •••••78\tsmsgate\tkm\ton duty"
    assert second.startswith("2\tSophea\t+855 •••••70\tsmsgate\ten")
    for command in (["earlier", "2"], ["off", "1"], ["test", "2"], ["on", "1"], ["remove", "2"]):
        done = phlov("duty", *command, "--as", "Dara")
        assert done.returncode == 0, done.stderr
        assert NUMBER not in done.stdout
    assert phlov("duty", "list").stdout == "1\tSophea\t+855 •••••70\tsmsgate\ten\ton duty\n"


def test_what_cannot_be_is_said_in_a_line(phlov):
    phlov("staff", "add", "Sophea", "--role", "viewer")
    for arguments, line in (
        (["add", "Sophea", NUMBER], "nobody of that name may answer cases; see phlov staff list"),
        (["add", "Sophea", NUMBER, "--channel", "twilio"], "say which gateway with --channel: smsgate"),
        (["off", "3"], "there is no phone 3; see them with: phlov duty list"),
    ):
        done = phlov("duty", *arguments, "--as", "Dara")
        assert (done.returncode, done.stderr) == (1, f"phlov: {line}\n")


def test_hours_are_set_for_days_and_written(phlov):
    assert phlov("duty", "hours").stdout.splitlines()[0] == "mon\t-"
    assert phlov("duty", "hours", "mon-fri", "8-12", "13-17").returncode == 2
    done = phlov("duty", "hours", "mon-fri", "8-12", "13-17", "--as", "Dara")
    assert done.returncode == 0, done.stderr
    phlov("duty", "hours", "wed,sat", "9:30-24:00", "--as", "Dara")
    phlov("duty", "hours", "fri", "--as", "Dara")
    assert phlov("duty", "hours").stdout.splitlines() == [
        "mon\t8:00-12:00, 13:00-17:00",
        "tue\t8:00-12:00, 13:00-17:00",
        "wed\t9:30-24:00",
        "thu\t8:00-12:00, 13:00-17:00",
        "fri\t-",
        "sat\t9:30-24:00",
        "sun\t-",
    ]
    for wrong in (["fri-mon", "8-12"], ["someday", "8-12"], ["mon", "12-8"]):
        assert phlov("duty", "hours", *wrong, "--as", "Dara").returncode == 2
