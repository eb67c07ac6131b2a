"""What is put where in a request of an aggregator: a value is always escaped for the place it stands in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, quote_plus

Values = Mapping[str, str]
Tree = Any
"""A value of TOML with a Template for each text in it."""

NAMES: Final = frozenset(
    {"to", "to_no_plus", "from", "text", "text_hex_ucs2", "id", "coding", "udh", "parts", "part"}
)  # fmt: skip
"""What may stand in braces."""
NUMBERS: Final = frozenset({"id", "parts", "part", "coding", "to_no_plus"})
"""What may be a number in JSON."""

_PIECE: Final = re.compile(
    r"\$\{(?P<secret>[A-Za-z_][A-Za-z0-9_]*)\}|\{(?P<name>[a-z0-9_]+)(?P<number>:number)?\}|(?P<brace>\{\{|\}\})|[{}]"
)


class Wrong(ValueError):
    """A template that cannot be used. The text says why and holds no secret."""


@dataclass(frozen=True, slots=True)
class Hole:
    """A place for a value."""

    name: str


@dataclass(frozen=True, slots=True)
class Template:
    """Text with holes. It is taken apart once, so nothing that is put into a hole is ever read as a template."""

    pieces: tuple[str | Hole, ...]
    number: bool = False

    @property
    def names(self) -> frozenset[str]:
        """The holes there are."""
        return frozenset(piece.name for piece in self.pieces if isinstance(piece, Hole))

    def fill(self, values: Values, escape: Callable[[str], str] = str) -> str:
        """The text with `values` in its holes; they alone are escaped."""
        return "".join(escape(values[piece.name]) if isinstance(piece, Hole) else piece for piece in self.pieces)


def template(written: str, secrets: Mapping[str, str | None]) -> Template:
    """Take `written` apart: `{to}`, `${PHLOV_AGGREGATOR_SECRET}`, `{{` and `}}` for braces. Raises `Wrong`."""
    pieces: list[str | Hole] = []
    number, end = False, 0
    for found in _PIECE.finditer(written):
        pieces.append(written[end : found.start()])
        end = found.end()
        if found["secret"]:
            pieces.append(_secret(found["secret"], secrets))
        elif found["name"]:
            pieces.append(_hole(found["name"]))
            number = number or bool(found["number"])
        elif found["brace"]:
            pieces.append(found["brace"][0])
        else:
            raise Wrong("a brace without its other half; a brace itself is written twice")
    whole = tuple(piece for piece in (*pieces, written[end:]) if piece)
    if number:
        _check_number(whole)
    return Template(whole, number)


def _secret(name: str, secrets: Mapping[str, str | None]) -> str:
    if name not in secrets:
        raise Wrong(f"there is no ${{{name}}}; there are {', '.join(secrets)}")
    value = secrets[name]
    if not value:
        raise Wrong(f"{name} is not set")
    return value


def _hole(name: str) -> Hole:
    if name not in NAMES:
        raise Wrong(f"there is no {{{name}}}; there are {', '.join(sorted(NAMES))}")
    return Hole(name)


def _check_number(pieces: tuple[str | Hole, ...]) -> None:
    (first, *more) = pieces
    if more or not isinstance(first, Hole) or first.name not in NUMBERS:
        raise Wrong(f"only {', '.join(sorted(NUMBERS))} can be a number, and nothing may stand beside it")


def tree(given: Tree, secrets: Mapping[str, str | None]) -> Tree:
    """A table of TOML with its texts taken apart. Raises `Wrong`."""
    if isinstance(given, str):
        return template(given, secrets)
    if isinstance(given, dict):
        return {name: tree(value, secrets) for name, value in given.items()}
    if isinstance(given, list):
        return [tree(value, secrets) for value in given]
    if isinstance(given, bool | int | float):
        return given
    raise Wrong("dates have no form of their own here; write a text")


def as_path(value: str) -> str:
    """For a piece of an address: what means anything in one is escaped."""
    return quote(value, safe="")


def as_form(fields: Mapping[str, Tree], values: Values) -> str:
    """Fields as a form or a query has them; names and values are escaped whole."""
    filled = (
        (name, field.fill(values) if isinstance(field, Template) else _plain(field)) for name, field in fields.items()
    )
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in filled)


def as_json(fields: Tree, values: Values) -> str:
    """Fields as JSON has them."""
    return json.dumps(_filled(fields, values))


def _filled(field: Tree, values: Values) -> Any:
    if isinstance(field, Template):
        text = field.fill(values)
        return int(text) if field.number else text
    if isinstance(field, dict):
        return {name: _filled(value, values) for name, value in field.items()}
    if isinstance(field, list):
        return [_filled(value, values) for value in field]
    return field


def _plain(value: float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
