"""Two phones to try the house on, as anybody may text it. Nothing that is written here reaches or changes anything."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final, cast, get_args

import flask

from bot.console.access import door
from bot.console.account import mine
from bot.console.doors import field
from bot.console.visit import console, say, visit
from bot.content.book import Language
from bot.conversation.countries import HOME
from bot.services import simulator
from bot.services.roles import Act

pages = flask.Blueprint("simulator", __name__, url_prefix="/console/simulator")
LOOK = Act.SIMULATE
LANGS: Final = {"km": "km", "km_Latn": "km-Latn", "en": "en"}
"""How a page calls the languages of the texts."""


def _page(talk: simulator.Talk, last: str = "", fault: str | None = None) -> str:
    """The phones. `last`: the one that was written on just now."""
    service, tongue = console().service, visit().tongue
    places = [(code, service.book.country_name(code, tongue)) for code in service.book.countries]
    return flask.render_template(
        "simulator.html",
        talk=talk,
        played=simulator.play(service, talk),
        sealed=simulator.seal(service, talk, mine().csrf),
        places=places,
        place=dict(places)[talk.country],
        last="ussd" if last == "dial" else last,
        fault=fault,
        langs=LANGS,
        languages=simulator.LANGUAGES,
        longest=simulator.LONGEST,
        most=simulator.MOST,
        costing=_costing,
    )


def _begun() -> simulator.Talk:
    """The phone that was chosen; one at home, where none was."""
    country = flask.request.values.get("country", "").strip() or HOME
    language = flask.request.values.get("language", "").strip() or None
    try:
        return simulator.begin(console().service, country, cast(Language | None, language))
    except ValueError:
        flask.abort(400)


def _costing(costs: tuple[simulator.Cost, ...]) -> str:
    """What something costs, in words."""
    told = []
    for each in costs:
        least, most = _plain(each.least), _plain(each.most)
        told.append(f"{least} {each.currency}" if least == most else f"{least}–{most} {each.currency}")
    return " / ".join(told) or say("simulator.no_price")


def _plain(amount: Decimal) -> str:
    """An amount without noughts at its end."""
    return f"{amount.normalize():f}"


@pages.get("")
@door(LOOK)
def index() -> Any:
    """Both phones, switched on."""
    return _page(_begun())


@pages.post("")
@door(LOOK)
def write() -> Any:
    """What was written on one of them, answered."""
    service, way = console().service, field("way")
    if way not in get_args(simulator.Way):
        flask.abort(400)
    try:
        talk = simulator.unseal(service, field("talk"), mine().csrf)
    except simulator.Stale:
        return _page(simulator.begin(service, HOME), fault=say("simulator.stale")), 400
    return _page(simulator.enter(service, talk, cast(simulator.Way, way), field("text")), way)
