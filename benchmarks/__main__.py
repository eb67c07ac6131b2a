"""Run the measurements and write them down: `python -m benchmarks [--short] [--only abcdefghijklm] [--out FILE]`."""

from __future__ import annotations

import argparse
import shlex
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import (
    audience,
    busy,
    console,
    contacts,
    contacts_import,
    daemons,
    machine,
    outbox,
    release,
    report,
    slow_disk,
    starting,
    understanding_speed,
    webhook,
)
from benchmarks.console_fill import Size
from benchmarks.report import Section

EVIDENCE = Path(__file__).parent.parent / "docs" / "evidence"
QUIET = 0.7
PAGES = {"main-path": "abcde", "delivery": "fghi", "broadcasts": "jkl", "console": "m"}
"""What is written where if nobody names a file."""


def main() -> int:
    asked = arguments()
    load_average = machine.wait_for_quiet(QUIET, asked.wait)
    if load_average >= QUIET:
        print(f"The machine is busy (load average {load_average:.2f}); figures may swing.", file=sys.stderr)
    sections = []
    failed = False
    with tempfile.TemporaryDirectory(prefix="phlov-benchmarks-") as name:
        for part, measure in plan(Path(name), asked.keep, short=asked.short).items():
            if part in asked.only:
                section, broken = measured(part, measure)
                failed |= broken
                sections.append(section)
    command = shlex.join(["python", "-m", "benchmarks", *sys.argv[1:]])
    page = report.document(command, load_average, sections)
    print(page)
    if asked.out:
        asked.out.parent.mkdir(parents=True, exist_ok=True)
        asked.out.write_text(page, encoding="utf-8")
        print(f"Written to {asked.out}", file=sys.stderr)
    return 1 if failed else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure Phlov (about ten minutes).")
    parser.add_argument(
        "--only",
        default="abcde",
        metavar="LETTERS",
        help="which parts to run: abcde main path, fghi delivery, jkl broadcasts, m console",
    )
    parser.add_argument("--short", action="store_true", help="few short rounds: does it run? The figures are rough")
    parser.add_argument(
        "--wait", type=float, default=20, metavar="MINUTES", help="how long to wait for a quiet machine"
    )
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="where the house of (m) stays, so that another run need not fill it"
    )
    parser.add_argument(
        "--out", type=Path, help="the Markdown file; nothing is written for a short or partial run without it"
    )
    asked = parser.parse_args()
    page = next((page for page, letters in PAGES.items() if set(asked.only) == set(letters)), None)
    if asked.out is None and not asked.short and page:
        asked.out = EVIDENCE / f"{datetime.now(UTC):%Y-%m-%d}-{page}.md"
    return asked


def plan(folder: Path, keep: Path | None, *, short: bool) -> dict[str, Callable[[], Section]]:
    """Every part by its letter; each has a folder of its own and gives the disk back before the next."""
    rounds, seconds = (2, 2) if short else (7, 4)
    return {
        "a": lambda: webhook.measure(made(folder / "a"), rounds, seconds),
        "b": lambda: slow_disk.measure(made(folder / "b"), seconds),
        "c": lambda: understanding_speed.measure(200 if short else 2000),
        "d": lambda: contacts.measure(made(folder / "d"), 1 if short else 6, seconds),
        "e": lambda: starting.measure(made(folder / "e"), 1 if short else 5),
        "f": lambda: outbox.measure(made(folder / "f"), 1 if short else 2, 4_000 if short else 20_000),
        "g": lambda: busy.measure(made(folder / "g"), 5 if short else 40, 2_000 if short else 100_000),
        "h": lambda: daemons.measure(made(folder / "h"), short=short),
        "i": lambda: busy.memory(made(folder / "i"), 4_000 if short else 200_000),
        "j": lambda: audience.measure(made(folder / "j"), 50_000 if short else 1_000_000, 5 if short else 20),
        "k": lambda: contacts_import.measure(made(folder / "k"), 50_000 if short else 1_000_000, 5 if short else 20),
        "l": lambda: release.measure(made(folder / "l"), 10 if short else 100),
        "m": lambda: console.measure(
            (keep or made(folder / "m")).absolute(),
            Size().part(0.01 if short else 1),
            2 if short else 10,
            2 if short else 12,
        ),
    }


def made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def measured(part: str, measure: Callable[[], Section]) -> tuple[Section, bool]:
    """The section, or what went wrong: one broken part must not cost the others."""
    begun = time.monotonic()
    try:
        section = measure()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is written down and the command fails
        return Section(f"({part}) was not measured", f"`{type(error).__name__}: {error}`"), True
    print(f"({part}) took {time.monotonic() - begun:.0f} s", file=sys.stderr)
    return section, False


if __name__ == "__main__":
    sys.exit(main())
