"""What is filled in when a text is said: `{tel:ID}` `{local:ID}` `{call:ROLE}` `{who:ROLE}` `{country}`, and by a tool
`{fill:NAME}`."""

from __future__ import annotations

import re
from typing import NamedTuple

PLACE = re.compile(r"\{(tel|local|call|who|country|fill)(?::([A-Za-z0-9_-]+))?\}")

KNOWN = "{tel:ID} {local:ID} {call:ROLE} {who:ROLE} {country} {fill:NAME}"


class Place(NamedTuple):
    """One placeholder: `kind` is the word before the colon; `name` the ledger id, role or fill ("" for country)."""

    kind: str
    name: str


def places(text: str) -> tuple[Place, ...]:
    """Every placeholder of a text, in order."""
    return tuple(Place(match[1], match[2] or "") for match in PLACE.finditer(text))


def fault(text: str) -> str | None:
    """Why the braces of a text cannot be filled in, or None."""
    if re.search(r"[{}]", PLACE.sub("", text)):
        return f"a brace that is no placeholder (known: {KNOWN})"
    for kind, name in places(text):
        if (kind == "country") == bool(name):
            return "{country} takes no name, every other placeholder needs one"
    return None


def changed(source: str, translation: str) -> str | None:
    """What a translation lost or added among the placeholders, or None; their order is free."""
    if fault(translation):
        return fault(translation)
    wanted, found = sorted(PLACE.findall(source)), sorted(PLACE.findall(translation))
    if wanted == found:
        return None
    return f"placeholders differ: {_names(wanted)} in English, {_names(found)} here"


def _names(found: list[tuple[str, str]]) -> str:
    return " ".join("{" + ":".join(filter(None, pair)) + "}" for pair in found) or "none"
