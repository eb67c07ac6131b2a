"""Help: what staff need to know, on two pages that can be printed. The browser tests make its pictures."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import flask

from bot.console import assets
from bot.console.access import STAFF, door
from bot.console.visit import console, say, visit

pages = flask.Blueprint("guide", __name__, url_prefix="/console/guide")


class Part(NamedTuple):
    """What there is to know of one thing: so many sentences, and a picture of a page."""

    name: str
    sentences: int
    picture: str | None = None


SHEETS: Final = (
    (Part("come_in", 3), Part("morning", 3, "home"), Part("answer", 5, "case"), Part("try", 1, "try")),
    (Part("many", 4, "write"), Part("people", 4, "people"), Part("numbers", 4, "numbers"), Part("wrong", 4)),
)
NAMES: Final = {
    "home": "home.title",
    "cases": "cases.title",
    "broadcasts": "broadcasts.title",
    "contacts": "contacts.title",
    "content": "content.title",
    "simulator": "simulator.title",
    "account": "account.title",
    "have_welcome": "doors.have_welcome",
    "log_out": "doors.log_out",
    "pause": "broadcasts.pause",
}
"""Pages and buttons that the sentences name, so that they are called here as they are there."""
SIZE: Final = (360, 420)
"""Of every picture, in pixels."""


@pages.get("")
@door(STAFF)
def index() -> Any:
    """Both pages."""
    names = {name: say(text) for name, text in NAMES.items() if console().words.has(text)}
    return flask.render_template("guide.html", sheets=SHEETS, names=names, picture=_picture, size=SIZE)


def _picture(name: str | None) -> str | None:
    """Where a picture is, in the language of the page."""
    file = f"guide/{name}-{visit().tongue}.webp"
    return assets.address(file) if file in assets.assets() else None
