"""How well texts are understood: `python -m tests.understanding.measure [FILE.tsv] [--half HALF] [--wrong]`.

Prints right of all by topic and script (`also_ok` counts), for the development questions or the texts of a file.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

from bot.content.faults import Faults
from bot.content.lexicon import load
from bot.content.model import read
from bot.conversation.understand import Reader, Understanding

ROOT = Path(__file__).parents[2]
OWN = Path(__file__).with_name("texts.tsv")
DEV = ROOT / "tests" / "questions-dev.tsv"


@dataclass(frozen=True)
class Row:
    """One labelled text. `topics`: every topic that counts as right."""

    id: str
    script: str
    text: str
    topic: str
    topics: frozenset[str]
    country: str
    half: str


def rows(path: Path, half: str | None = None) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    read = [
        Row(
            row["id"],
            row["script"],
            row["text"],
            row["topic"],
            frozenset([row["topic"], *filter(None, row["also_ok"].split(","))]),
            row["country"],
            row.get("half", ""),
        )
        for row in found
    ]
    return [row for row in read if half in (None, row.half)]


def reader() -> Reader:
    model = read(ROOT / "messages", Faults())
    return Reader(SimpleNamespace(lexicon=load(ROOT / "messages"), model=model))


def table(pairs: list[tuple[Row, Understanding]]) -> str:
    """Right of all, for each topic and script."""
    right: Counter[tuple[str, str]] = Counter()
    every: Counter[tuple[str, str]] = Counter()
    for row, found in pairs:
        for key in ((row.topic, row.script), (row.topic, "all"), ("all", row.script), ("all", "all")):
            every[key] += 1
            right[key] += found.topic in row.topics
    scripts = ("km", "latn", "en", "all")
    lines = [f"{'topic':26}" + "".join(f"{script:>10}" for script in scripts)]
    for topic in [*sorted({row.topic for row, _ in pairs}), "all"]:
        cells = (f"{right[topic, script]}/{every[topic, script]}" if every[topic, script] else "" for script in scripts)
        lines.append(f"{topic:26}" + "".join(f"{cell:>10}" for cell in cells))
    return "\n".join(lines)


def summary(pairs: list[tuple[Row, Understanding]]) -> str:
    """The figures the targets are set for."""
    sos = [found.topic == "sos" for row, found in pairs if row.topic == "sos"]
    others = [found.topic == "sos" for row, found in pairs if "sos" not in row.topics]
    stops = sum(found.topic == "stop" for row, found in pairs if row.topic != "stop")
    placed = [found.country == row.country for row, found in pairs if row.country]
    free = [found.country is None for row, found in pairs if not row.country]
    return (
        f"emergency recall {sum(sos)}/{len(sos)}; false alarms {sum(others)}/{len(others)}; false opt-outs {stops}; "
        f"country right where one is meant {sum(placed)}/{len(placed)}, none where none {sum(free)}/{len(free)}"
    )


def main(arguments: list[str]) -> None:
    path = next((Path(each) for each in arguments if each.endswith(".tsv")), DEV)
    half = arguments[arguments.index("--half") + 1] if "--half" in arguments else None
    ear = reader()
    pairs = [(row, ear.understand(row.text)) for row in rows(path, half)]
    print(table(pairs))
    print(summary(pairs))
    if "--wrong" in arguments:
        for row, found in pairs:
            if found.topic not in row.topics or (row.country or None) != found.country:
                print(f"{row.id} [{row.topic} {row.country}] got {found.topic} {found.country}: {row.text}")


if __name__ == "__main__":
    main(sys.argv[1:])
