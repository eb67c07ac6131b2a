"""Every text as the phone shows it, in each language, by SMS and on USSD screens."""

from __future__ import annotations

from typing import Any, Final

import flask

from bot.console.access import door
from bot.console.content import LOOK, page, pages
from bot.console.home import country
from bot.console.visit import console, visit
from bot.content.book import HOME
from bot.services import content_shown

ROWS: Final = 50


@pages.get("/topics")
@door(LOOK)
def topics() -> Any:
    """All texts, or those with some words in them."""
    words = flask.request.args.get("words", "").strip()[: content_shown.LONGEST_QUERY]
    after = flask.request.args.get("after", "")[:80]
    found = content_shown.find(console().service, words, after, ROWS + 1)
    following = found[ROWS - 1].id if len(found) > ROWS else None
    tongue = visit().tongue
    return page(
        "content_topics.html", found=found[:ROWS], words=words, following=following, first=not after, tongue=tongue
    )


@pages.get("/topics/<name>")
@door(LOOK)
def topic(name: str) -> Any:
    """One of them."""
    service = console().service
    state = service.book.states.get(name)
    if state is None:
        flask.abort(404)
    places = content_shown.countries(service, state)
    here, there = (flask.request.args.get(each, "") for each in ("here", "there"))
    if not {here, there} <= {"", *places}:
        flask.abort(404)
    here = here or (HOME if HOME in places else places[0])
    shown = content_shown.shown(service, name, here, there or None)
    return page(
        "content_topic.html",
        state=state,
        shown=shown,
        places=[(code, country(code)) for code in places],
        home=here,
        there=there,
    )
