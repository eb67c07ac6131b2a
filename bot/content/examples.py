"""The example texts that understanding is learned from: messages/examples/<topic>.tsv, one text a line.

Tab-separated, UTF-8, no quoting; columns `base` (variants of one text share it), `country` (ISO code, if the text names
one), `text`, and `also_ok` (other topics that would serve as well, with commas; may be left out).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.content.book import TOPICS
from bot.content.faults import Faults, read_text

COLUMNS = ("base", "country", "text")
_COUNTRY = re.compile("(?:[A-Z]{2})?")


@dataclass(frozen=True, slots=True)
class Example:
    """A text and what it is about. `base` is unique over all files but for variants of the same text."""

    topic: str
    base: str
    country: str | None
    text: str
    also_ok: tuple[str, ...]


def read(messages: Path, faults: Faults) -> list[Example]:
    """All examples, by topic and in the order of the files; every fault goes to `faults` as `file:line: reason`."""
    found: list[Example] = []
    for path in sorted((messages / "examples").glob("*.tsv")):
        name = path.relative_to(messages.parent).as_posix()
        if path.stem not in TOPICS:
            faults.add(f"{name}:1", f"there is no topic {path.stem!r}")
            continue
        text = read_text(path, name, faults)
        found += _lines(text or "", path.stem, name, faults)
    first: dict[str, Example] = {}
    for example in found:
        same = first.setdefault(example.text, example)
        if same is not example:
            faults.add(f"{messages.name}/examples/{example.topic}.tsv:1", f"{example.text!r} is there twice")
    return found


def _lines(text: str, topic: str, name: str, faults: Faults) -> Iterator[Example]:
    head, *lines = text.split("\n")
    if tuple(head.split("\t")[:3]) != COLUMNS:
        faults.add(f"{name}:1", f"must begin with the columns {', '.join(COLUMNS)}, with tabs between")
        return
    for number, line in enumerate(lines, 2):
        if not line:
            continue
        base, country, said, *more = [*line.split("\t"), "", ""][: max(3, line.count("\t") + 1)]
        also = tuple(filter(None, more[0].split(","))) if more else ()
        if not said.strip() or not _COUNTRY.fullmatch(country) or len(more) > 1 or not TOPICS.issuperset(also):
            faults.add(f"{name}:{number}", "must be base, country (two capital letters or nothing), text, other topics")
            continue
        yield Example(topic, base, country or None, said, also)
