"""The commands for series, called as a shell calls them."""

import os
import subprocess
import sys
from pathlib import Path

PHLOV = str(Path(sys.executable).with_name("phlov"))
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("PHLOV_")}
GATEWAY = {
    "PHLOV_KANNEL_SENDSMS_URL": "http://127.0.0.1:9/cgi-bin/sendsms",
    "PHLOV_KANNEL_USERNAME": "me",
    "PHLOV_KANNEL_PASSWORD": "secret",
    "PHLOV_KANNEL_SECRET": "x" * 20,
    "PHLOV_KANNEL_NUMBER": "1280",
}


def test_a_series_is_started_by_one_and_approved_by_another(tmp_path):
    def phlov(*arguments: str, **more: str) -> tuple[int, str]:
        done = subprocess.run(  # noqa: PLW1510 - the status is what is tested
            [PHLOV, *arguments], cwd=tmp_path, capture_output=True, timeout=60, env=CLEAN | more, text=True
        )
        return done.returncode, done.stdout + done.stderr

    start = ("series", "start", "departure", "kya12", "--as", "Bopha")
    status, told = phlov(*start)
    assert (status, "gateway" in told) == (2, True), "there is none that sends"
    phlov("campaigns", "add", "KYA12", "Road show")
    assert phlov(*start, **GATEWAY)[0] == 0
    approve = ("series", "approve", "departure", "KYA12", "--as")
    assert phlov(*approve, "bopha") == (1, "phlov: not done: whoever started it cannot approve it; ask somebody else\n")
    assert phlov(*approve, "Dara")[0] == 0
    status, told = phlov("series", "list")
    assert told.splitlines()[0] == "departure\tKYA12\trunning\tBopha\tDara"
    assert "# departure: invitation, papers, contract" in told


def test_no_command_takes_the_name_of_the_house_for_a_person():
    for command in (
        ["series", "start", "x", "KYA12"],
        ["broadcasts", "cancel", "x"],
        ["send"],
        ["contacts", "import", __file__],
    ):
        ran = subprocess.run([PHLOV, *command, "--as", "Phlov"], capture_output=True, text=True, check=False)
        assert ran.returncode == 2
        assert "give your own name" in ran.stderr
