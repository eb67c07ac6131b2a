"""How lists of people write their headings and cells, read from messages/contacts.yaml when asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from bot.content.book import LANGUAGES, Unsound
from bot.content.faults import Faults
from bot.text.khmer import fold

if TYPE_CHECKING:
    from bot.content.nodes import Block

FILE = Path(__file__).resolve().parents[2] / "messages" / "contacts.yaml"
COLUMNS = (
    "phone",
    "province",
    "district",
    "language",
    "destination",
    "school",
    "tags",
    "campaign",
    "consent",
    "consent_on",
    "how",
    "given_by",
    "wording",
    "departure",
    "blocked",
)
HOW = ("paper", "spoken", "web", "sms", "ussd")


@dataclass(frozen=True, slots=True)
class ContactWords:
    """For each kind of word what it means: `columns`, `languages`, `how` consent was given, whether one `agreed`.

    `telling`: which column a heading may be meant for that holds such a word.
    """

    columns: Mapping[str, str]
    languages: Mapping[str, str]
    how: Mapping[str, str]
    agreed: Mapping[str, str]
    telling: Mapping[str, str]


@cache
def load(file: Path = FILE) -> ContactWords:
    """The words of a file. Raises `Unsound`."""
    from bot.content.nodes import read_block  # noqa: PLC0415 - a server reads no YAML

    faults = Faults()
    block = read_block(file, f"messages/{file.name}", faults)
    if block is None:
        raise Unsound(faults.found)
    block.only("columns", "languages", "how", "agreed", "telling")
    words = ContactWords(
        _meanings(block.inner("columns"), COLUMNS),
        _meanings(block.inner("languages"), LANGUAGES),
        _meanings(block.inner("how"), HOW),
        _meanings(block.inner("agreed"), ("yes", "no")),
        _meanings(block.inner("telling"), ("consent", "blocked")),
    )
    if faults.found:
        raise Unsound(faults.found)
    return words


def key(text: str) -> str:
    """The form in which a heading or a cell is looked up."""
    return fold(text).replace(" ", "")


def _meanings(block: Block, names: Iterable[str]) -> Mapping[str, str]:
    known = tuple(names)
    block.only(*known)
    found: dict[str, str] = {key(name.replace("_", " ")): name for name in known}
    for name in known:
        for word in block.text(name).split(","):
            before = found.setdefault(key(word), name)
            if before != name:
                block.faults.add(block.at(name), f"{word.strip()!r} already means {before}")
    return found
