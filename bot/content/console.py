"""The words of the staff console, in English and Khmer; read from `messages/console/` when its first page is asked for.

A text is called by its file and its key: `doors.log_in` is `log_in` of `messages/console/doors.yaml`. Words that are
put into it are written as in all texts: `{fill:count}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from bot.content.book import Unsound
from bot.content.catalogs import read_catalog
from bot.content.faults import Faults
from bot.content.template import PLACE, changed, fault, places

ROOT: Final = Path(__file__).resolve().parents[2]
CONTEXT: Final = "console"
"""The msgctxt of all of them in the catalogs."""

Tongue = Literal["km", "en"]
TONGUES: Final[tuple[Tongue, ...]] = ("km", "en")
"""The languages of the pages. Staff read Khmer as it is written: nothing of the console is in Latin letters."""


@dataclass(frozen=True, slots=True)
class Words:
    """Every text by its name, in each language."""

    texts: Mapping[Tongue, Mapping[str, str]]

    def say(self, language: Tongue, name: str, **fills: object) -> str:
        """A text with its words filled in. Raises `KeyError` if there is no such text or a fill is missing."""
        text = self.texts[language][name]
        return PLACE.sub(lambda match: str(fills[match[2]]), text) if "{" in text else text

    def has(self, name: str) -> bool:
        """Whether there is a text of this name."""
        return name in self.texts["en"]


def load(messages: Path = ROOT / "messages", locale: Path = ROOT / "locale") -> Words:
    """The words of these two directories; English where there is no Khmer yet. Raises `Unsound`."""
    from bot.content.loader import po_path  # noqa: PLC0415 - the loader leaves the console's words out by `CONTEXT`

    faults = Faults()
    english = _english(messages, faults)
    path = po_path(locale, "km")
    found = read_catalog(path, path.relative_to(locale.parent).as_posix(), faults)
    khmer = dict(english)
    for name, text in english.items():
        if (CONTEXT, text) in found:
            where, khmer[name] = found[CONTEXT, text]
            reason = changed(text, khmer[name])
            if reason:
                faults.add(where, reason)
    if faults.found:
        raise Unsound(faults.found)
    return Words(MappingProxyType({"en": MappingProxyType(english), "km": MappingProxyType(khmer)}))


def _english(messages: Path, faults: Faults) -> dict[str, str]:
    from bot.content.nodes import read_block  # noqa: PLC0415 - a server that shows no page reads no YAML

    texts = {}
    for path in sorted((messages / "console").glob("*.yaml")):
        block = read_block(path, path.relative_to(messages.parent).as_posix(), faults)
        for key in block.items if block else ():
            text = block.text(key) if block else ""
            wrong = fault(text) or next(
                (f"{{{kind}}} cannot stand here" for kind, _ in places(text) if kind != "fill"), None
            )
            if wrong and block:
                faults.add(block.at(key), wrong)
            texts[f"{path.stem}.{key}"] = text
    return texts
