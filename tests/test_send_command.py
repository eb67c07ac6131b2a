"""`phlov send`, `phlov broadcasts` and `phlov example`, called as a shell calls them."""

import os
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from bot import app
from bot.cli import Wiring
from bot.config import Settings
from bot.content.loader import load
from bot.desk_broadcasts import broadcasts
from bot.desk_preview import cost_table, left_out
from bot.desk_send import send
from bot.services import broadcasts as steps
from bot.services import campaigns, contacts
from bot.services.contacts_rows import Asked
from bot.services.forecast import Cost, Line
from bot.services.prices import Price

PHLOV = str(Path(sys.executable).with_name("phlov"))
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("PHLOV_")}
GATEWAY = {
    "PHLOV_KANNEL_SENDSMS_URL": "http://127.0.0.1:9/cgi-bin/sendsms",
    "PHLOV_KANNEL_USERNAME": "phlov",
    "PHLOV_KANNEL_PASSWORD": "secret",
    "PHLOV_KANNEL_SECRET": "0123456789abcdef",
    "PHLOV_KANNEL_NUMBER": "1280",
}
TEXT = "Phlov: a meeting at the commune hall on Saturday at 8. To end these texts send STOP"
KHMER = "Phlov៖ ថ្ងៃសៅរ៍ មានជំនួបនៅសាលាឃុំ ម៉ោង 8 ព្រឹក។ ចង់ឈប់ ផ្ញើ: ឈប់"
WORDS = ("--text", f"en={TEXT}", "--text", f"km={KHMER}")
SEND = ("send", "--campaign", "KYA12", *WORDS, "--as", "Sokha")
HEAD = "phone,language,province,destination,consent,consent date,how,given by\n"


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
    opened = []

    def service(settings):
        opened.append(app.service(settings, book))
        return opened[-1]

    def call(*arguments: str, given: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        wiring = Wiring(service, app.run, app.work, app.migrate, app.StartError)
        done = CliRunner().invoke(
            click.Group(commands=[send, broadcasts]), arguments, input=given, env={**GATEWAY, **more}, obj=wiring
        )
        for each in opened:
            each.database.close()
        opened.clear()
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)

    return call


@pytest.fixture
def shell(tmp_path):
    """The same as a process of its own."""

    def call(*arguments: str, given: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: PLW1510 - the status is what is tested
            [PHLOV, *arguments],
            input=given,
            cwd=tmp_path,
            capture_output=True,
            timeout=120,
            env={**CLEAN, **GATEWAY, **more},
            text=True,
        )

    return call


@pytest.fixture
def people(tmp_path, book):
    """A house with a campaign and as many members as are asked for; every tenth row has no consent."""

    def settle(many: int) -> None:
        service = app.service(Settings(data_dir=tmp_path / "var"), book)
        campaigns.add(service, "KYA12", "Road show")
        day = (datetime.now(UTC) - timedelta(days=3)).date()
        rows = [
            f"+8559600{place:04d},{'en' if place % 3 else 'km'},{'Siem Reap' if place % 2 else 'Prey Veng'},TH,"
            f"{'yes' if place % 10 else 'no'},{day},paper,Dara\n"
            for place in range(1, many + 1)
        ]
        file = tmp_path / "people.csv"
        file.write_text(HEAD + "".join(rows), encoding="utf-8")
        asked = Asked(contacts.campaigns(service), contacts.today(service), campaign="KYA12", wording="Do you want it?")
        listed = contacts.open_list(service, file, asked)
        assert contacts.take_in(service, listed, "Sokha", lambda _: None, lambda _: None)["new"] == many
        service.database.close()

    return settle


def name_in(said: str) -> str:
    return re.search(r"[Bb]roadcast ([0-9a-z]{5})\b", said)[1]


def test_everything_is_shown_and_nothing_is_sent_before_the_number_is_typed(phlov, people):
    people(60)
    done = phlov(*SEND, given="60\n")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "phlov: that is not the number; nothing was sent"
    said = done.stdout
    assert "English: 1 SMS part, 83 of 160 places" in said
    assert "Khmer: 1 SMS part, " in said
    assert "There is no text in Khmer in Latin letters" in said
    assert "Who gets it: 54 people\n  Siem Reap 30, Prey Veng 24\n" in said
    assert "Left out: 6 people\n          6  never said yes to the texts of KYA12\n" in said
    assert "  KH          Smart                         54          54            no price\n" in said
    assert "Cost: 54 SMS parts; no price is known (PHLOV_PRICES_FILE)\n" in said
    assert re.search(r"^Time: from .* to about .* \(Cambodian time\)$", said, re.M)
    assert max(len(line) for line in said.splitlines() if line.isascii()) <= 80
    assert phlov("broadcasts", "list").stdout == "There are no broadcasts yet. To make one: phlov send --help\n"


def test_the_same_command_twice_is_one_broadcast(phlov, shell, people):
    people(60)
    done = shell(*SEND, given="54\n")
    assert (done.returncode, done.stderr) == (0, "")
    name = name_in(done.stdout)
    assert f"To stop it: phlov broadcasts cancel {name} --as YOU" in done.stdout
    again = phlov(*SEND[:-1], "Dara", "--yes")
    assert again.returncode == 0
    assert f": broadcast {name}. Nothing new was made.\n" in again.stdout
    assert len(phlov("broadcasts", "list").stdout.splitlines()) == 1
    another = phlov(*SEND, "--yes", "--again")
    assert name_in(another.stdout) != name
    assert len(phlov("broadcasts", "list").stdout.splitlines()) == 2


def test_one_that_comes_again(phlov, people):
    people(60)
    start = ["--at", "2099-11-30T09:00", "--until", "2099-12-01T09:00"]
    for wrong in (["--every", "7"], ["--every", "7", "--last", "2099-12-01T09:00"]):
        assert phlov(*SEND, *start, *wrong, "--yes").returncode == 2
    done = phlov(*SEND, *start, "--every", "7", "--last", "2099-12-15T09:00", "--yes")
    assert "It comes again every 7 days, the last time on " in done.stdout
    assert "14 Dec 2099" in done.stdout
    assert "Nothing new was made" in phlov(*SEND, *start, "--every", "7", "--last", "2099-12-15T09:00").stdout


def test_what_was_written_and_not_handed_in_is_gone_on_with(phlov, people, monkeypatch):
    def away(*_: object) -> None:
        raise steps.BadBroadcast("the power went")

    people(60)
    with monkeypatch.context() as patch:
        patch.setattr(steps, "submit", away)
        assert phlov(*SEND, "--yes").returncode == 1
    assert "draft" in phlov("broadcasts", "list").stdout
    name = name_in(phlov(*SEND, "--yes").stdout)
    (line,) = phlov("broadcasts", "list").stdout.splitlines()
    assert line.startswith(name)
    assert "waits for its time" in line


def test_filters_and_prices(phlov, people, tmp_path):
    people(60)
    (tmp_path / "prices.csv").write_text("country,network,price,currency\nKH,Smart,0.0131,XTS\n")
    only = ("--province", "សៀមរាប", "--destination", "th", "--network", "smart")
    said = phlov(*SEND, *only, PHLOV_PRICES_FILE="prices.csv").stdout
    assert "Who gets it: 30 people\n  Siem Reap 30\n" in said
    assert "Cost: 30 SMS parts, 0.393 XTS\n" in said
    budget = phlov(*SEND, "--pace", "10", PHLOV_BUDGET_DAY="20").stdout
    assert "It has to wait for " in budget
    assert "the budget" in budget
    said = phlov(*SEND, "--province", "Kampong Cham").stderr
    assert said == "phlov: it would reach 0 people; 20 are the fewest, so that nobody stands out\n"


@pytest.mark.parametrize("country", ["TH", "th", "Thailand", "thai", "srok thai", "ប្រទេសថៃ", "Bangkok"])
def test_countries_are_named_as_in_lists_of_people(phlov, people, country):
    people(60)
    assert "Who gets it: 54 people\n" in phlov(*SEND, "--destination", country).stdout
    assert phlov(*SEND, "--country", country).stderr.startswith("phlov: it would reach 0 people")


def test_other_filters_are_read_as_in_lists_of_people(phlov, people):
    people(60)
    for home in ("Cambodia", "កម្ពុជា", "kh"):
        assert "Who gets it: 54 people\n" in phlov(*SEND, "--country", home, "--country", "zz").stdout
    for english in ("English", "en", "អង់គ្លេស"):
        assert "Who gets it: 36 people\n" in phlov(*SEND, "--language", english).stdout
    assert "it would reach 0 people" in phlov(*SEND, "--destination", "South Korea", "--destination", "ជប៉ុន").stderr


def test_a_bad_price_table_is_told_line_by_line(phlov, people, tmp_path):
    (tmp_path / "prices.csv").write_text("country,price,currency\nKH,much,XTS\n")
    done = phlov("broadcasts", "list", PHLOV_PRICES_FILE="prices.csv")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "phlov: PHLOV_PRICES_FILE: the prices cannot be used:",
        "prices.csv: line 2: write the price of one SMS part as 0.025",
    ]


def test_a_text_that_may_not_go_is_refused_with_the_reason(phlov, people):
    people(30)
    bad = "en=Victims of trafficking: see bit.ly/x {name}"
    done = phlov("send", "--campaign", "kya12", "--text", bad, "--as", "Sokha", "--yes")
    assert done.returncode == 1
    assert done.stderr == "phlov: the text cannot be sent as it is; nothing was sent\n"
    assert "Mend this (English): The word 'traffick" in done.stdout
    assert "Mend this (English): bit.ly hides where it leads" in done.stdout
    assert phlov("broadcasts", "list").stdout.startswith("There are no broadcasts")


def test_a_text_of_the_catalog(phlov, people):
    people(30)
    done = phlov("send", "--campaign", "KYA12", "--state", "broadcasts.passport", "--as", "Sokha", "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert "  | 3. The boss\n  | Phlov: to stop send STOP\n" in done.stdout
    shown = phlov("broadcasts", "show", name_in(done.stdout)).stdout
    assert "broadcasts.passport" in shown
    preview, kept = (re.findall(r"^  \| .*|^.*: [0-9] SMS part", said, re.M) for said in (done.stdout, shown))
    assert sorted(preview) == sorted(kept)
    assert len([line for line in kept if line.startswith("  | Phlov")]) == 3
    tried = phlov("send", "--state", "broadcasts.papers", "--test", "012345678").stdout
    assert "makes it 2 parts instead of 1." in tried
    assert "  | Phlov: to stop send STOP\n" in tried
    assert phlov("send", "--campaign", "KYA12", "--state", "none.such", "--as", "S", "--yes").returncode == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("send", *WORDS, "--as", "S"), "--campaign is missing"),
        (("send", "--campaign", "KYA12", *WORDS), "--as is missing"),
        (("send", "--campaign", "KYA12", "--as", "S"), "give either --text km=... (and other languages) or --state ID"),
        (("send", "--campaign", "KYA12", "--as", "S", "--text", "Hello"), "begin with km=, km_Latn= and en="),
        ((*SEND, "--text", "en=Again"), "--text: en is given twice"),
        ((*SEND, "--province", "Atlantis"), "'Atlantis' is not known"),
        ((*SEND, "--destination", "Atlantis"), "--destination: 'Atlantis' is no country that is known"),
        ((*SEND, "--country", "XX"), "--country: 'XX' is no country that is known; write its name or its two letters"),
        ((*SEND, "--language", "French"), "--language: 'French' is not known; write km, km_Latn or en"),
        ((*SEND[:-1], "phlov"), "phlov is what the house does by itself; give your own name"),
        (("broadcasts", "approve", "00000", "--as", " PHLOV"), "phlov is what the house does by itself"),
        ((*SEND, "--channel", "pigeon"), "no gateway is set up that is called pigeon; there is kannel"),
        ((*SEND, "--at", "tomorrow"), "Invalid value for '--at'"),
        ((*SEND, "--at", "2020-01-01 09:00"), "it would have ended already, on Sat 04 Jan 2020 09:00"),
        ((*SEND, "--at", "2030-01-02 09:00", "--until", "2030-01-01 09:00"), "it would have ended before it begins"),
    ],
)
def test_a_wrong_call_is_status_2(phlov, people, arguments, words):
    people(1)
    done = phlov(*arguments)
    assert done.returncode == 2
    assert words in done.stderr


def test_what_is_not_there_is_status_1(phlov, people):
    people(1)
    assert phlov(*SEND[:2], "NONE1", *SEND[3:]).stderr.startswith("phlov: there is no campaign NONE1;")
    assert phlov(*SEND[:-2], "--as", "S", "--text", "km_Latn=@none.txt").stderr == (
        "phlov: none.txt: No such file or directory\n"
    )
    assert "there is no broadcast zzzzz" in phlov("broadcasts", "show", "zzzzz").stderr
    nothing = dict.fromkeys(GATEWAY, "")
    assert "no gateway is set up that can send" in phlov(*SEND, **nothing).stderr


@pytest.mark.parametrize(
    ("excluded", "told"),
    [
        ({"emergency": 1}, "          1  said STOP, asked for urgent help"),
        ({"stopped": 1}, "          1  said STOP, asked for urgent help"),
        ({"stopped": 3, "emergency": 4, "cap": 50}, "          7  said STOP, asked for urgent help"),
        ({"case": 2, "emergency": 2}, "          4  said STOP, asked for urgent help"),
        ({"case": 2, "emergency": 7}, "          2  said STOP or have an open case with staff"),
        ({"case": 5, "emergency": 7}, "          5  have an open case with staff"),
        ({"stopped": 3, "emergency": 5}, "          5  asked for urgent help"),
    ],
)
def test_it_is_not_told_that_one_of_a_few_asked_for_help(excluded, told):
    lines = list(left_out(excluded, "KYA12"))
    assert any(line.startswith(told) for line in lines)
    assert sum(int(line[:11]) for line in lines[1:] if line[:11].strip()) == sum(excluded.values())


def test_nobody_costs_nothing():
    assert "Cost: nothing" in list(cost_table(Cost(())))


def test_a_long_cost_has_a_line_of_its_own():
    dear = {"KHR": Decimal("246030000.5"), "USD": Decimal("720.456")}
    lines = tuple(Line("KH", "Smart", "km", 60_000, 120_000, Price(each, name)) for name, each in dear.items())
    told = "\n".join(cost_table(Cost(lines)))
    assert "240,000\n" in told
    assert max(map(len, told.splitlines())) < 80


def cost_rows(*groups):
    """The table of groups of (country, network, people), each text of one part at a cent."""
    lines = [Line(*key, "en", many, many, Price(Decimal(many) / 100, "USD")) for *key, many in groups]
    return [" ".join(line.split()) for line in cost_table(Cost(tuple(sorted(lines, key=lambda line: -line.parts))))][1:]


def test_one_number_abroad_hides_only_what_would_give_it_away():
    assert cost_rows(("KH", "Smart", 500), ("KH", "Metfone", 300), ("MY", "", 40), ("TH", "", 1)) == [
        "KH Smart 500 500 5.00 USD",
        "KH Metfone 300 300 3.00 USD",
        "MY - (not shown)",
        "TH - under 5",
        "these 2 together 41 41 0.41 USD",
        "Cost: 841 SMS parts, 8.41 USD",
        "",
    ]
    assert cost_rows(("KH", "Smart", 54), ("TH", "", 1))[:3] == [
        "KH Smart (not shown)",
        "TH - under 5",
        "these 2 together 55 55 0.55 USD",
    ]


def test_what_hides_a_few_people_is_not_chosen_by_size():
    few = ("TH", "", 1)
    for one, other in ((500, 40), (40, 500)):
        rows = cost_rows(("KH", "Smart", one), ("KH", "Metfone", other), few)
        assert f"KH Smart {one} {one} {one / 100:.2f} USD" in rows
        assert "KH Metfone (not shown)" in rows


def test_nothing_is_hidden_where_nobody_is_alone():
    rows = cost_rows(("KH", "Smart", 500), ("ZZ", "", 5))
    assert rows[:2] == ["KH Smart 500 500 5.00 USD", "not known - 5 5 0.05 USD"]
    many = cost_rows(*((f"{letter}X", "", 5 + place) for place, letter in enumerate("ABCDEFGHIJKLMN")))
    assert many[12].startswith("all others 11 11 ")


def test_a_large_one_waits_for_somebody_else(phlov, people, tmp_path):
    people(130)
    (tmp_path / "prices.csv").write_text("country,network,price,currency\nKH,Smart,0.0131,XTS\n")
    done = phlov(*SEND, "--yes")
    name = name_in(done.stdout)
    assert f"phlov broadcasts approve {name} --as THEIR-NAME" in done.stdout
    for more in ((), ("--yes",)):
        mine = phlov("broadcasts", "approve", name, "--as", " sokha", *more, given="y\n")
        refused = "phlov: not done: whoever wrote it cannot approve it; ask somebody else\n"
        assert (mine.returncode, mine.stdout, mine.stderr) == (1, "", refused)
    asked = phlov("broadcasts", "approve", name, "--as", "Dara", given="n\n", PHLOV_PRICES_FILE="prices.csv")
    assert asked.returncode == 1
    assert TEXT[:40] in asked.stdout
    assert "Who gets it: 117 people" in asked.stdout
    shown, question, _ = asked.stdout.partition("Shall it be sent?")
    assert question
    assert "If it is sent now, it goes to 117 people:\n" in shown
    assert re.search(r"^  KH +Smart +117 +117 +1\.5327 XTS$", shown, re.M)
    assert "Cost: 117 SMS parts, 1.5327 XTS\n" in shown
    assert re.search(r"^Time: from .* to about .* \(Cambodian time\)$", shown, re.M)
    assert phlov("broadcasts", "approve", name, "--as", "Dara", given="y\n").returncode == 0
    shown = phlov("broadcasts", "show", name).stdout
    assert "written by Sokha, approved by Dara" in shown
    assert "Now: waits for its time" in shown


def test_pause_resume_cancel(phlov, people):
    people(60)
    name = name_in(phlov(*SEND, "--yes", "--at", "2030-01-01 09:00").stdout)
    assert phlov("broadcasts", "pause", name, "--as", "Dara", "--why", "a wrong day").returncode == 0
    assert "paused (a wrong day)" in phlov("broadcasts", "show", name).stdout
    assert phlov("broadcasts", "resume", name, "--as", "Dara").stdout == "It goes on.\n"
    assert phlov("broadcasts", "cancel", name, "--as", "Dara", given="n\n").returncode == 1
    assert phlov("broadcasts", "cancel", name, "--as", "Dara", "--yes").returncode == 0
    late = phlov("broadcasts", "resume", name, "--as", "Dara")
    assert (late.returncode, late.stderr.startswith("phlov: not done: it is cancelled")) == (1, True)
    assert "Dara: stopped for good" in phlov("broadcasts", "show", name).stdout
    assert phlov("broadcasts", "watch", name).returncode == 0


def test_a_test_goes_to_phones_of_staff_only(phlov, people, tmp_path):
    people(30)
    (tmp_path / "staff.txt").write_text("# ours\n012 345 678\n+85512345679 # the driver's\n")
    done = phlov("send", *WORDS, "--test", "@staff.txt", "--test", "+85512345678")
    assert (done.returncode, done.stderr) == (0, "")
    assert "4 texts for 2 phones wait in the outbox" in done.stdout
    assert phlov("broadcasts", "list").stdout.startswith("There are no broadcasts")
    many = [each for place in range(21) for each in ("--test", f"+855123456{place:02d}")]
    assert phlov("send", *WORDS, *many).stderr.startswith("phlov: a test goes to 1 to 20 phones, these are 21")
    wrong = phlov("send", *WORDS, "--test", "1280").stderr
    assert wrong.startswith("phlov: number 1 of the list is no phone number")
    assert "1280" not in wrong


def test_ctrl_c_ends_the_watching_and_not_the_broadcast(phlov, people, tmp_path):
    people(60)
    name = name_in(phlov(*SEND, "--yes").stdout)
    with subprocess.Popen(
        [PHLOV, "broadcasts", "watch", name],
        stdout=subprocess.PIPE,
        cwd=tmp_path,
        env={**CLEAN, **GATEWAY, "PYTHONUNBUFFERED": "1"},
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - a shell's & turns it off
    ) as process:
        assert process.stdout.readline().startswith("waits for its time: 0 queued")
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "You only stopped watching: the broadcast goes on." in said
    assert f"phlov broadcasts pause {name} --as YOU" in said
    assert "waits for its time" in phlov("broadcasts", "list").stdout


def test_the_example_of_three_provinces(shell, tmp_path):
    """From the list to the report on a machine without settings."""
    keep = tmp_path / "kept"
    done = shell("example", "three-provinces", "--keep", str(keep), **dict.fromkeys(GATEWAY, ""))
    assert (done.returncode, done.stderr) == (0, "")
    said = done.stdout
    assert "72 rows: 72 new people, 66 said yes to ROAD26;" in said
    assert "Who gets it: 63 people" in said
    assert "Left out: 9 people" in said
    assert "done: 0 queued, 62 delivered, 1 failed" in said
    assert re.search(r"^  [0-9]+ phones, such as \+66 \*+[0-9]{2}:$|^  [0-9]+ phones, such as \+855 ", said, re.M)
    own = [line for line in said.splitlines() if line.isascii() and str(keep) not in line]
    assert max(map(len, own)) <= 80
    assert "  Did the texts arrive?\n    Recipients " in said
    told = said.partition("  Province\n")[2]
    assert all(re.search(rf"^    {name} +2[0-9]\b", told, re.M) for name in ("Siem Reap", "Prey Veng", "Kampong Cham"))
    assert all((keep / f"report-{language}.html").read_text() for language in ("km", "km_Latn", "en"))
    assert not (tmp_path / "var").exists()
    again = shell("example", "three-provinces", "--keep", str(keep))
    assert again.stderr == f"phlov: {keep} is not empty; name a new directory\n"
