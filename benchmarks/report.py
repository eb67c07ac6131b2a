"""The findings as Markdown: what was measured, against what, what was wanted, and whether it was met."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from benchmarks import machine


@dataclass(frozen=True, slots=True)
class Figure:
    """One claim. `met` is None where there is no target."""

    what: str
    value: str
    baseline: str = ""
    ratio: str = ""
    target: str = ""
    met: bool | None = None

    def row(self) -> list[str]:
        verdict = {True: "met", False: "**not met**", None: ""}[self.met]
        return [self.what, self.value, self.baseline, self.ratio, self.target, verdict]


@dataclass
class Section:
    """One part of the report."""

    title: str
    method: str
    figures: list[Figure] = field(default_factory=list)
    details: list[str] = field(default_factory=list)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def document(command: str, load_average: float, sections: Sequence[Section]) -> str:
    """The whole page. Every figure is from one run of `command`."""
    figures = [figure.row() for section in sections for figure in section.figures]
    head = ["figure", "measured", "baseline", "ratio", "target", ""]
    parts = [
        f"# What it costs, {datetime.now(UTC):%Y-%m-%d}",
        f"Command: `{command}` at commit {machine.commit()}, {datetime.now(UTC):%H:%M} UTC. "
        "Written by that command; not edited.",
        f"CPU: {machine.cpu_name()}. Load average before the run: {load_average:.2f}.  \n{machine.versions()}.",
        table(head, figures),
    ]
    for section in sections:
        parts += [f"## {section.title}", section.method, *section.details]
    return "\n\n".join(parts) + "\n"
