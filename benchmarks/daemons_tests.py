"""What the tests know of daemons: how to start Kannel and gammu-smsd, a modem, `phlov run`, texts nobody asked for."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "tests"))

import unasked
from faults.house import NO_TWILIO, House
from gateways import kannel, smsd
from gateways.fakemodem import FakeModem

__all__ = ["NO_TWILIO", "FakeModem", "House", "kannel", "needed", "smsd", "unasked"]

PROGRAMS = {"bearerbox": "kannel", "smsbox": "kannel", "gammu-smsd": "gammu-smsd libdbd-sqlite3"}


def needed() -> None:
    """Raise if a daemon is missing, with the packages to install: figures without it would be of something else."""
    missing = {packages for name, packages in PROGRAMS.items() if shutil.which(name, path=kannel.PATH) is None}
    if missing:
        raise RuntimeError(f"needs real daemons; do: apt install {' '.join(sorted(missing))}")
