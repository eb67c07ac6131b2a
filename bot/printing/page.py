"""From values to one HTML page: the templates, and the Khmer font inside the page."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from bot.content.ledger import DIGITS
from bot.printing.edition import Edition

FONTS = Path(__file__).resolve().parents[1] / "fonts"
KHMER = "U+1780-17FF, U+19E0-19FF, U+200C-200D, U+25CC"
LATIN = "U+0000-00FF, U+2000-200B, U+2010-206F"


@dataclass(frozen=True, slots=True)
class Face:
    """One part of the font: `letters` says for which signs a browser takes it."""

    weight: int
    letters: str
    data: str


def render(name: str, edition: Edition, **values: object) -> str:
    """The page of the template `name`. Every value is escaped; the page asks for nothing over the network."""
    template = _templates().get_template(f"{name}.html")
    return template.render(edition=edition, lang=edition.language.replace("_", "-"), faces=faces(), **values)


@cache
def faces() -> tuple[Face, ...]:
    """The font, ready to stand in a page."""
    return tuple(
        Face(weight, letters, b64encode((FONTS / f"noto-sans-khmer-{script}-{weight}.woff2").read_bytes()).decode())
        for weight in (400, 700)
        for script, letters in (("khmer", KHMER), ("latin", LATIN))
    )


def whole(text: str) -> Markup:
    """The text with each number kept on one line."""
    parts, end = [], 0
    for match in DIGITS.finditer(text):
        parts += [escape(text[end : match.start()]), Markup('<span class="whole">{}</span>').format(match[0])]
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])


@cache
def _templates() -> Environment:
    found = Environment(
        loader=PackageLoader("bot.printing"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["whole"] = whole
    return found
