"""YAML read node by node, so that every fault names its file and line and all faults come at once."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml
from yaml import CSafeLoader

from bot.content.faults import Faults, read_text

NULL = "tag:yaml.org,2002:null"
FLAGS = {"true": True, "false": False}
# What people cannot see but would send: control characters, zero-width signs (each costs a unit), direction marks.
HIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")


def read_block(path: Path, name: str, faults: Faults) -> Block | None:
    """The mapping a YAML file holds; None and a fault if it holds anything else."""
    text = read_text(path, name, faults)
    return None if text is None else compose(text, name, faults)


def compose(text: str, name: str, faults: Faults) -> Block | None:
    """The mapping that a YAML text holds; None and a fault if it holds anything else."""
    try:
        node = yaml.compose(text, Loader=CSafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        faults.add(f"{name}:{line}", f"is not YAML ({error.problem or error.context})")
        return None
    except yaml.YAMLError:
        faults.add(f"{name}:1", "is not YAML (a character that YAML does not allow)")
        return None
    return as_block(node, name, f"{name}:1", faults)


def as_block(node: yaml.Node | None, name: str, where: str, faults: Faults) -> Block | None:
    """`node` as a mapping with plain keys, each once."""
    if not isinstance(node, yaml.MappingNode):
        faults.add(where, "must be a mapping (key: value)")
        return None
    items: dict[str, tuple[str, yaml.Node]] = {}
    for key, value in node.value:
        at = f"{name}:{key.start_mark.line + 1}"
        if not isinstance(key, yaml.ScalarNode):
            faults.add(at, "a key must be a plain word")
        elif key.value in items:
            faults.add(at, f"the key {key.value!r} comes twice")
        else:
            items[key.value] = (at, value)
    return Block(name, where, items, faults)


@dataclass(frozen=True, slots=True)
class Block:
    """One YAML mapping. Reading a key that is wrong adds a fault and gives an empty value, so that reading goes on."""

    name: str
    where: str
    items: dict[str, tuple[str, yaml.Node]]
    faults: Faults

    def only(self, *known: str) -> None:
        """Refuses every key that is not among `known`."""
        for key, (at, _) in self.items.items():
            if key not in known:
                self.faults.add(at, f"unknown key {key!r} (known: {', '.join(known)})")

    def at(self, key: str) -> str:
        """`file:line` of a key, or of the mapping where the key is left out."""
        return self.items[key][0] if key in self.items else self.where

    def has(self, key: str) -> bool:
        return key in self.items

    def is_list(self, key: str) -> bool:
        return key in self.items and isinstance(self.items[key][1], yaml.SequenceNode)

    def optional(self, key: str) -> str | None:
        """The scalar of `key` as it is written in the file (`no` stays "no", 0117 stays "0117"); None for null."""
        if key not in self.items:
            return None
        at, node = self.items[key]
        return self._scalar(at, node, key)

    def text(self, key: str) -> str:
        """Like `optional`, but a missing or empty value is a fault. Blank lines round a text are cut off."""
        return self._worded(self.at(key), self.optional(key), key)

    def flag(self, key: str, *, default: bool) -> bool:
        value = self.optional(key)
        if value is not None and value not in FLAGS:
            self.faults.add(self.at(key), f"{key!r} must be true or false")
        return FLAGS.get(value or "", default)

    def number(self, key: str, *, default: int, most: int) -> int:
        """A whole number from 1 to `most`."""
        value = self.optional(key)
        if value is None:
            return default
        if value.isascii() and value.isdecimal() and len(value) < 10 and 1 <= int(value) <= most:
            return int(value)
        self.faults.add(self.at(key), f"{key!r} must be a whole number from 1 to {most}")
        return default

    def day(self, key: str) -> date | None:
        """A day as YYYY-MM-DD; None where there is none."""
        value = self.optional(key)
        if value is None:
            return None
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.faults.add(self.at(key), f"{key!r} must be a day written as 2026-11-22")
            return None

    def choice(self, key: str, allowed: Collection[str], *, default: str | None = None) -> str:
        """One of `allowed`; without a default the key must be there."""
        value = self.optional(key)
        if value is None and default is not None:
            return default
        if value not in allowed:
            self.faults.add(self.at(key), f"{key!r} must be one of: {', '.join(sorted(allowed))}")
        return value or ""

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty where the key is left out."""
        return tuple(text for _, text in self.placed(key))

    def placed(self, key: str) -> list[tuple[str, str]]:
        """Like `texts`, each with its own `file:line`."""
        return [(at, self._worded(at, self._scalar(at, node, key), key)) for at, node in self._list(key)]

    def blocks(self, key: str) -> Iterator[Block]:
        """A list of mappings; empty where the key is left out."""
        for at, node in self._list(key):
            block = as_block(node, self.name, at, self.faults)
            if block:
                yield block

    def inner(self, key: str) -> Block:
        """The mapping under `key`; an empty one where it is left out."""
        if key not in self.items:
            return Block(self.name, self.where, {}, self.faults)
        at, node = self.items[key]
        return as_block(node, self.name, at, self.faults) or Block(self.name, at, {}, self.faults)

    def named(self, key: str | None = None) -> Iterator[tuple[str, Block]]:
        """The mappings under `key` (of this block itself without one) with their names."""
        source = self if key is None else self.inner(key)
        for name, (at, node) in source.items.items():
            block = as_block(node, self.name, at, self.faults)
            if block:
                yield name, block

    def _list(self, key: str) -> Iterator[tuple[str, yaml.Node]]:
        if key not in self.items:
            return
        at, node = self.items[key]
        if not isinstance(node, yaml.SequenceNode):
            self.faults.add(at, f"{key!r} must be a list")
            return
        for item in node.value:
            yield f"{self.name}:{item.start_mark.line + 1}", item

    def _worded(self, at: str, value: str | None, key: str) -> str:
        text = (value or "").strip()
        if not text:
            self.faults.add(at, f"{key!r} is missing or empty")
        elif HIDDEN.search(text):
            self.faults.add(at, f"{key!r} holds an invisible character (zero width, tab or control)")
        return text

    def _scalar(self, at: str, node: yaml.Node, key: str) -> str | None:
        if not isinstance(node, yaml.ScalarNode):
            self.faults.add(at, f"{key!r} must be plain text")
            return None
        value: str = node.value
        return None if node.tag == NULL else value
