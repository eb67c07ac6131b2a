"""The commands of staff, called as a shell calls them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PHLOV = str(Path(sys.executable).with_name("phlov"))
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("PHLOV_")}
LIST = "Company name;Khmer name;License No.\nRumdoul Meas Co.;រំដួលមាស;012/20\n"


@pytest.fixture
def phlov(tmp_path):
    def call(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: PLW1510 - the status is what is tested
            [PHLOV, *arguments], input=given, cwd=tmp_path, capture_output=True, timeout=60, env=CLEAN, text=True
        )

    return call


def test_a_list_is_imported_and_answered_from(phlov, tmp_path):
    (tmp_path / "list.csv").write_text(LIST)
    assert phlov("agencies", "list").returncode == 1
    done = phlov("agencies", "import", "list.csv", "--source", "Ministry", "--date", "2026-11-01")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("1 agencies imported.")
    assert phlov("agencies", "list").stdout.splitlines() == [
        "# Ministry, 2026-11-01, 1 agencies",
        "Rumdoul Meas Co.\tរំដួលមាស\t012/20\t\tlicensed",
    ]
    assert "on the list of 1/11/2026" in phlov("chat", "--lang", "en", given="agency rumdoul meas\n").stdout


def test_a_list_with_faults_is_refused_line_by_line(phlov, tmp_path):
    (tmp_path / "list.csv").write_text(LIST + ";;\nA;;;;x\n;;9\n")
    done = phlov("agencies", "import", "list.csv", "--source", "Ministry", "--date", "2026-11-01")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        "phlov: list.csv: line 4: more cells than headings; a comma too many?",
        "phlov: list.csv: line 5: has no name",
        "phlov: nothing was imported, the list is as it was",
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ["agencies", "import", "none.csv", "--source", "M", "--date", "2026-11-01"],
        ["agencies", "import", "none.csv"],
        ["campaigns", "add", "K", "Name"],
        ["campaigns", "add", "STOP12", "Name"],
        ["campaigns", "phase", "KYA12", "during"],
        ["unmatched", "--days", "0"],
        ["unmatched", "teach", "zzzzzz", "money"],
        ["unmatched", "teach", "zzzzzz", "loans"],
    ],
)
def test_a_wrong_call_is_status_2(phlov, arguments):
    done = phlov(*arguments)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("Error: ")


def test_campaigns(phlov):
    assert phlov("campaigns", "phase", "KYA12", "after").returncode == 1
    assert phlov("campaigns", "add", "kya12", "Road show").stdout == "KYA12: Road show. People join with: JOIN KYA12\n"
    phlov("chat", given="join kya12\n1\n")
    assert phlov("campaigns", "phase", "kya12", "after").returncode == 0
    assert phlov("campaigns", "list").stdout == "KYA12\tafter\t1\tRoad show\n"


def test_unmatched_says_how_long_texts_are_kept(phlov):
    phlov("chat", given="qwertuz plmokn\n")
    first, *rest = phlov("unmatched", "--days", "30").stdout.splitlines()
    assert first == "Texts are kept for 7 days; these are all there are, not those of 30 days."
    assert rest == phlov("unmatched", "--days", "7").stdout.splitlines()


def test_unmatched_shows_no_number_and_no_name(phlov):
    phlov("chat", given="menu\nqwertuz plmokn 012345678 my name is Sok Dara\n")
    shown = phlov("unmatched").stdout
    assert "qwertuz plmokn # my name is *" in shown
    assert "texts: 1, groups: 1" in shown
    assert "Sok" not in shown
    assert "345" not in shown


def test_the_doctor_says_that_all_is_well_or_what_is_not(phlov, tmp_path):
    assert phlov("doctor").stdout == "All is well.\n"
    (tmp_path / ".env").write_text("PHLOV_GAMMU_DATABASE=sqlite:///none.db\nPHLOV_GAMMU_NUMBER=+85512000000\n")
    done = phlov("doctor", "--repair")
    assert done.returncode == 1
    assert "SMSD's database" in done.stdout
