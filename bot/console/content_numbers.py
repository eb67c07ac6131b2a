"""The numbers that people are given: which were called lately, and changing one without a new version of Phlov."""

from __future__ import annotations

from typing import Any

import flask

from bot.console.access import door
from bot.console.content import EDIT, LOOK, done, page, pages, tried, writer
from bot.console.doors import field
from bot.console.home import country
from bot.console.visit import console
from bot.content.book import HOME
from bot.content.layers import FIELDS
from bot.content.review import PEOPLE
from bot.services import content, content_lines
from bot.services.content_lines import Line
from bot.services.service import Service


@pages.get("/helplines")
@door(LOOK)
def helplines() -> Any:
    """Those of one country; those to call first where none is chosen and some are due."""
    service = console().service
    lines = content_lines.every(service)
    codes = dict.fromkeys([HOME, *service.book.countries, *(each.line.country for each in lines)])
    due = {code: sum(each.stale for each in lines if each.line.country == code) for code in codes}
    asked = flask.request.args.get("country", HOME)
    if asked not in codes:
        flask.abort(404)
    shown = sorted((each for each in lines if each.line.country == asked), key=_urgent)
    return page(
        "content_numbers.html",
        lines=shown,
        places=[(code, country(code), due[code]) for code in codes],
        asked=asked,
        place=country(asked),
        due=sum(due.values()),
        all=len(lines),
    )


def _urgent(line: Line) -> tuple[bool, bool, bool]:
    """Emergency services first, then those to call, and last what nobody is told."""
    return not line.line.enabled, not line.emergency, not line.stale


def _house(name: str) -> Service:
    """The house; there is no such page if it has no such number."""
    if name not in console().service.book.helplines:
        flask.abort(404)
    return console().service


def _page(name: str, found: list[str] | None = None, at: str = "") -> Any:
    service = _house(name)
    line = content_lines.one(service, name)
    value = content_lines.value(service, name)
    if at == "edit":
        value |= {field_name: field(field_name) for field_name in (*FIELDS, "source", "source_date")}
    texts = content_lines.texts(service, name)
    return page(
        "content_number.html",
        400 if found else 200,
        line=line,
        value=value,
        place=country(line.line.country),
        states=[text for text in texts if text in service.book.states],
        others=content_lines.instead(service, name),
        needed=bool(texts) or name in service.book.elsewhere,
        people=sorted(PEOPLE),
        history=content.history(service, content.Kind.HELPLINE, name, limit=20),
        today=content.today(service).isoformat(),
        faults=found or [],
        at=at,
        part=field("part"),
    )


@pages.get("/helplines/<name>")
@door(LOOK)
def helpline(name: str) -> Any:
    """One number: what is known of it, and what can be done about it."""
    return _page(name)


def _changed(name: str, what: str, found: list[str], at: str = "") -> Any:
    return _page(name, found, at) if found else done("content.helpline", what, name=name)


@pages.post("/helplines/<name>/called")
@door(EDIT)
def called(name: str) -> Any:
    """Somebody called it today."""
    service, who = _house(name), writer()
    told = {"part": field("part"), "source": field("source")}
    return _changed(name, "number_called", tried(lambda: content_lines.called(service, name, **told, who=who)))


@pages.post("/helplines/<name>/edit")
@door(EDIT)
def edit(name: str) -> Any:
    """Another number, other hours."""
    service, who = _house(name), writer()
    new: dict[str, Any] = {each: field(each) for each in (*FIELDS, "source", "source_date")}
    if field("dialled") == "yes":
        new |= {"checked_on": content.today(service).isoformat(), "checked_by": field("part")}
    return _changed(name, "number_edited", tried(lambda: content_lines.edit(service, name, new, who)), "edit")


@pages.post("/helplines/<name>/out")
@door(EDIT)
def out(name: str) -> Any:
    """Nobody is told it any more."""
    service, who = _house(name), writer()
    other, source = field("instead") or None, field("source")
    return _changed(name, "number_out", tried(lambda: content_lines.out_of_use(service, name, other, source, who)))


@pages.post("/helplines/<name>/back")
@door(EDIT)
def back(name: str) -> Any:
    """It is told again."""
    service, who = _house(name), writer()
    return _changed(name, "number_back", tried(lambda: content_lines.back_in_use(service, name, field("source"), who)))
