"""Home: what needs somebody now, and the last weeks."""

from __future__ import annotations

from datetime import date
from typing import Any

import flask

from bot.console import plots
from bot.console.access import door, may
from bot.console.visit import console, say, visit
from bot.services import overview
from bot.services.roles import Act

pages = flask.Blueprint("home", __name__, url_prefix="/console")


@pages.get("/")
@door(Act.HOME_READ)
def index() -> Any:
    """The first page."""
    service = console().service
    now, weeks = overview.now(service), overview.weeks(service)
    return flask.render_template(
        "home.html",
        now=now,
        emergency=now.waiting("emergency"),
        others=[each for each in now.cases if each.kind != "emergency"],
        counted=_counted,
        way=_way,
        calm=not (now.cases or now.unmatched or now.channels or now.unchecked or now.broadcasts or now.failed),
        weeks=weeks,
        columns=plots.columns(weeks.days),
        high=plots.HIGH,
        wide=plots.WIDE,
        most=plots.told(max(day.texts for day in weeks.days)),
        topics=plots.bars(weeks.topics, lambda word: _named("topics", word)),
        languages=plots.bars(weeks.languages, lambda word: _named("home.language", word)),
        countries=plots.bars(weeks.countries, country),
        outcomes=plots.bars(weeks.outcomes, lambda word: say(f"home.outcome.{word}")),
        strips=plots.strips(weeks.health),
        low=plots.LOW,
        told=plots.told,
        short=_short,
    )


def _counted(many: int) -> str:
    """A count that goes up to a bound."""
    return f"{overview.MOST:,}+" if many > overview.MOST else f"{many:,}"


def _way(endpoint: str, **values: Any) -> str | None:
    """Where something is seen to, for those who may."""
    view: Any = flask.current_app.view_functions.get(endpoint)
    return flask.url_for(endpoint, **values) if view is not None and may(view.needs) else None


def _named(kind: str, word: str) -> str:
    """The word of the pages for a topic or a language; what has none is among the others."""
    name = f"{kind}.{word}"
    return say(name if console().words.has(name) else "home.others")


def country(code: str) -> str:
    """The name of a country, as texts say it; the code where they never do."""
    book = console().service.book
    if code in book.countries:
        return book.words("country", book.countries[code].name, visit().tongue)
    return say("home.others") if code == "*" else code or say("home.unknown")


def _short(day: str) -> str:
    """A day of the plots as it is written under them."""
    return date.fromisoformat(day).strftime("%d/%m")
