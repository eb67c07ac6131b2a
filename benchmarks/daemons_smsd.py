"""gammu-smsd with a modem on a pseudo-terminal, by itself and with Phlov behind it, both at the same time."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks.contacts import number
from benchmarks.daemons_house import TEXT, Behind, pace, wait
from benchmarks.daemons_tests import FakeModem, smsd
from benchmarks.report import Figure
from bot.channels import gammu_parts
from bot.channels.gammu_tables import Tables

ASKED = "menu"
"""What people text: its answer is short, for SMSD takes a second for each part."""


class Box:
    """A modem, SMSD and its tables."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        folder.mkdir(parents=True)
        self.address = smsd.new_database(folder)
        self.tables = Tables(self.address)
        stack.callback(self.tables.close)
        self.modem = stack.enter_context(FakeModem(folder / "modem"))
        stack.enter_context(smsd.Smsd(folder, self.address, folder / "modem"))
        wait(self.tables.phones, "SMSD finds its modem")

    def put(self, numbers: Sequence[str]) -> None:
        """Rows straight into SMSD's outbox, the parts cut as Phlov cuts them."""
        for place, each in enumerate(numbers):
            pieces = gammu_parts.pieces(TEXT, place, 8)
            self.tables.put(f"other:{place}", each, pieces, phone="MODEM1", priority=-10, validity=-1)

    def receive(self, numbers: Sequence[str]) -> None:
        for each in numbers:
            self.modem.receive(each, ASKED)

    def times(self) -> list[float]:
        """When each part was in the network."""
        return [part.at for part in self.modem.on_air()]

    def whole(self) -> int:
        """Texts of which the last part was in the network."""
        return sum(not part.header or part.header[-1] == part.header[-2] for part in self.modem.on_air())


def measure(folder: Path, count: int) -> dict[str, tuple[float, float]]:
    """What was measured through Phlov, and by SMSD alone."""
    numbers = [number(place) for place in range(count)]
    with ExitStack() as stack:
        alone, behind = Box(folder / "alone", stack), Box(folder / "through", stack)
        settings = {"PHLOV_GAMMU_DATABASE": behind.address, "PHLOV_GAMMU_NUMBER": "+85599000000"}
        phlov = Behind(folder / "phlov", "gammu", settings)
        stack.enter_context(phlov.running(count))
        alone.put(numbers)
        phlov.queue(numbers)
        wait(lambda: min(box.whole() for box in (alone, behind)) >= count, "both send all")
        sent = pace(behind.times(), 2), pace(alone.times(), 2)
        wait(lambda: not phlov.open(), "Phlov knows that all went")

        began = time.monotonic()
        behind.receive(numbers)
        waiting = {"read": lambda: not behind.modem.stored, "kept": lambda: phlov.inbound() >= count}
        came = {}
        while waiting:
            for name in [name for name, holds in waiting.items() if holds()]:
                came[name] = time.monotonic() - began
                del waiting[name]
            if time.monotonic() > began + 60:
                raise RuntimeError("not all texts came in")
            time.sleep(0.02)
        wait(lambda: not phlov.open() and behind.whole() >= 2 * count, "all are answered")
        if behind.whole() != 2 * count or len(behind.modem.on_air()) != phlov.parts():
            raise RuntimeError("other texts went than were to go")
        answers = pace(behind.times()[2 * count :])
    return {"out": sent, "in": (count / came["kept"], count / came["read"]), "answers": (answers, 2 * sent[1])}


ROWS = {
    "out": "SMSD out, two-part Khmer, on the air: texts",
    "in": "SMSD in, kept by Phlov : read by SMSD",
    "answers": "SMSD out, answers to those, on the air: parts",
}


def figures(found: dict[str, tuple[float, float]]) -> list[Figure]:
    return [
        Figure(what, f"{found[name][0]:.2f}/s", f"{found[name][1]:.2f}/s", f"{found[name][0] / found[name][1]:.2f}")
        for name, what in ROWS.items()
    ]
