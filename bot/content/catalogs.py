"""Translations straight from gettext `.po` files: no compiled copy to go stale, no Babel in the serving process."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bot.content.faults import Faults, read_text
from bot.content.nodes import HIDDEN

LINE = re.compile(r'(?:(msgctxt|msgid|msgstr)\s+)?"((?:[^"\\]|\\.)*)"\s*')
ESCAPE = re.compile(r"\\(.)")
ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}

Key = tuple[str, str]
"""(msgctxt, msgid): the context and the English text."""


class Translation(NamedTuple):
    """One translated text and where it stands."""

    where: str
    text: str


class _Entry:
    """The lines of one entry as they are read."""

    def __init__(self, line: int, *, fuzzy: bool) -> None:
        self.line = line
        self.fuzzy = fuzzy
        self.parts: dict[str, str] = {}
        self.open = ""


def read_catalog(path: Path, name: str, faults: Faults) -> dict[Key, Translation]:
    """Every finished translation of a catalog; fuzzy and empty ones are left out (their readers get English)."""
    text = read_text(path, name, faults)
    found: dict[Key, Translation] = {}
    for entry in _entries(text or "", name, faults):
        key = (entry.parts.get("msgctxt", ""), entry.parts.get("msgid", ""))
        words = entry.parts.get("msgstr", "").strip()
        where = f"{name}:{entry.line}"
        if not key[1] or entry.fuzzy or not words:
            continue
        if key in found:
            faults.add(where, f"{key[1][:30]!r} is translated twice in the context {key[0]!r}")
        elif HIDDEN.search(words):
            faults.add(where, "the translation holds an invisible character (zero width, tab or control)")
        else:
            found[key] = Translation(where, words)
    return found


def _entries(text: str, name: str, faults: Faults) -> Iterator[_Entry]:
    entry: _Entry | None = None
    fuzzy = False
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("#") or not line.strip():
            fuzzy = fuzzy or (line.startswith("#,") and "fuzzy" in line)
            continue
        match = LINE.fullmatch(line.strip())
        starts = match is not None and (match[1] == "msgctxt" or (match[1] == "msgid" and not _expects(entry)))
        if starts:
            if entry:
                yield entry
            entry, fuzzy = _Entry(number, fuzzy=fuzzy), False
        if not match or not entry or not _take(entry, match[1], match[2]):
            faults.add(f"{name}:{number}", "is not a line of a catalog (msgctxt, msgid, msgstr or a quoted text)")
            return
    if entry:
        yield entry


def _expects(entry: _Entry | None) -> bool:
    """Is `entry` still waiting for its msgid?"""
    return entry is not None and entry.open == "msgctxt"


def _take(entry: _Entry, field: str | None, quoted: str) -> bool:
    if field:
        if field in entry.parts:
            return False
        entry.open = field
    words = ESCAPE.sub(lambda match: ESCAPES.get(match[1], match[1]), quoted)
    entry.parts[entry.open] = entry.parts.get(entry.open, "") + words
    return True
