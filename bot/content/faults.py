"""What is wrong with the content, and its files as text: all of the reading that a server loads, without YAML."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class Faults:
    """Collects every reason why the content may not be served, each as `file:line: reason`."""

    found: list[str] = field(default_factory=list)

    def add(self, where: str, reason: str) -> None:
        self.found.append(f"{where}: {reason}")


def read_text(path: Path, name: str, faults: Faults) -> str | None:
    """The file as text; None and a fault if it is missing or not UTF-8."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        faults.add(f"{name}:1", f"cannot be read ({error.strerror})")
        return None
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        faults.add(f"{name}:{line}", "is not UTF-8")
        return None
