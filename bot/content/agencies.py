"""How people and lists write about agencies, read from messages/agencies.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from bot.content.faults import Faults

if TYPE_CHECKING:
    from bot.content.nodes import Block

COLUMNS = ("name", "name_en", "name_km", "licence", "countries", "status")
STATUS = ("licensed", "suspended", "ended")

_NONE: Mapping[str, tuple[str, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class AgencyWords:
    """`generic`: what does not tell one company from another. `asking`: words round the name in a question.
    `sentence`: words that no name holds. `columns`, `status`: how a list writes its headings and a licence's state."""

    generic: tuple[str, ...] = ()
    asking: tuple[str, ...] = ()
    sentence: tuple[str, ...] = ()
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NONE)
    status: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NONE)


def read(messages: Path, faults: Faults) -> AgencyWords:
    """The words; none where there is no such file. Every fault goes to `faults` as `file:line: reason`."""
    from bot.content.nodes import read_block  # noqa: PLC0415 - a server reads no YAML

    path = messages / "agencies.yaml"
    block = read_block(path, path.relative_to(messages.parent).as_posix(), faults) if path.exists() else None
    if block is None:
        return AgencyWords()
    block.only("generic", "asking", "sentence", "columns", "status")
    return AgencyWords(
        _split(block, "generic"),
        _split(block, "asking"),
        _split(block, "sentence"),
        _groups(block, "columns", COLUMNS),
        _groups(block, "status", STATUS),
    )


def _groups(block: Block, key: str, names: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    inner = block.inner(key)
    inner.only(*names)
    return MappingProxyType({name: _split(inner, name) for name in names})


def _split(block: Block, key: str) -> tuple[str, ...]:
    return tuple(filter(None, (word.strip() for word in block.text(key).split(","))))
