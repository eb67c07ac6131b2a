"""Other programs open the database of a serving house: `phlov erase`, `phlov chat`, a backup, somebody with sqlite3."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from gateway import Load, post, text
from house import PHLOV, House, clean
from ledger import judge

LOOK = "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute('SELECT count(*) FROM inbound').fetchone()[0])"


def test_another_program_that_comes_and_goes_loses_nothing(tmp_path: Path) -> None:
    house = House(tmp_path)
    look = [sys.executable, "-c", LOOK, str(house.file)]
    erase = [str(PHLOV), "erase", "+85599123456"]
    with house.running():
        with Load(house.port) as load:
            for command in (look, erase, look):
                subprocess.run(command, env={**clean(), **house.settings()}, check=True, capture_output=True)
        last = text()
        status, body = post(house.port, last)
        assert status == 200
        seen = subprocess.run(look, check=True, capture_output=True, text=True)
        assert int(seen.stdout) == len(load.sent) + 1, "others do not see what the house keeps"
    verdict = judge(house, {*load.sent, last.sid}, {**load.taken, last.sid: [body]})
    assert verdict.spotless, verdict
