"""Texts a second of gammu-smsd alone, and of Phlov through it: `python -m benchmarks.smsd 60`.

Alone: so many rows wait in SMSD's outbox, and a modem on a pseudo-terminal takes each at once. Through Phlov: as many
people text HELP, and the time runs until each has been answered by `phlov run`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from gateways.fakemodem import FakeModem  # noqa: E402
from gateways.smsd import Smsd, new_database, until  # noqa: E402

from bot.channels.gammu_tables import Piece, Tables  # noqa: E402

PORT = 18_733
WORDS = "\u1787\u17c6\u1793\u17bd\u1799"
"""HELP, in Khmer."""
PATIENCE = 600.0


def alone(tables: Tables, modem: FakeModem, texts: int) -> float:
    """Seconds for what waits in SMSD's outbox already."""
    piece = Piece("hello", "", "Default_No_Compression")
    for number in range(texts):
        tables.put(f"bench:{number}", f"+8551200{number:04d}", [piece], phone="MODEM1", priority=0, validity=-1)
    began = time.monotonic()
    until(lambda: len(modem.on_air()) >= texts, PATIENCE)
    return time.monotonic() - began


def through_phlov(modem: FakeModem, texts: int) -> float:
    """Seconds from the first text that comes in to the last answer in the network."""
    began = time.monotonic()
    for number in range(texts):
        until(lambda: modem.stored < 40, PATIENCE)
        modem.receive(f"+8551300{number:04d}", WORDS)
    until(lambda: sum(number.startswith("+8551300") for number in modem.texts()) >= texts, PATIENCE)
    return time.monotonic() - began


def _ready() -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{PORT}/healthz") as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def measure(texts: int) -> dict[str, float]:
    """Both, one after the other, with one daemon and one modem."""
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        address, device = new_database(place), place / "modem"
        tables = Tables(address)
        settings = {
            "PHLOV_DATA_DIR": str(place / "data"),
            "PHLOV_GAMMU_DATABASE": address,
            "PHLOV_GAMMU_NUMBER": "+85599000000",
            "PHLOV_PORT": str(PORT),
        }
        env = {name: value for name, value in os.environ.items() if not name.startswith("PHLOV_")} | settings
        with FakeModem(device) as modem, Smsd(place, address, device):
            until(tables.phones, 60)
            by_itself = alone(tables, modem, texts)
            command = [sys.executable, "-m", "bot", "run"]
            with subprocess.Popen(
                command, env=env, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            ) as house:
                try:
                    until(_ready, 60)
                    answered = through_phlov(modem, texts)
                finally:
                    house.terminate()
        tables.close()
    return {
        "texts": texts,
        "smsd_per_second": round(texts / by_itself, 3),
        "phlov_per_second": round(texts / answered, 3),
        "ratio": round(by_itself / answered, 3),
    }


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 60)))
