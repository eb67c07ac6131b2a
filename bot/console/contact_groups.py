"""How many people are in which group, and saving a list of them, which needs a reason and a password just given."""

from __future__ import annotations

from itertools import groupby
from typing import Any, Final

import flask

from bot.console.access import door
from bot.console.account import fresh, mine
from bot.console.contacts import FILTERS, LONGEST_WHY, campaigns, pages, place, value_of, words
from bot.console.doors import field
from bot.console.home import country
from bot.console.visit import clock, console, say
from bot.services import contacts_export, contacts_saved
from bot.services.contacts_export import Group
from bot.services.contacts_saved import A_DAY, MOST, Refused
from bot.services.roles import Act

LONGEST_CODE: Final = 12


@pages.get("/groups")
@door(Act.CONTACT_READ)
def groups() -> Any:
    """Counting takes seconds where there are very many people, so it is asked for."""
    return _groups()


@pages.post("/groups")
@door(Act.CONTACT_READ)
def count_groups() -> Any:
    """Count them, unless somebody did a moment ago."""
    service = console().service
    at, found = service.counted.get("groups", lambda: (service.now(), contacts_export.coded_groups(service)))
    return _groups(at, found)


@pages.get("/export")
@door(Act.CONTACT_EXPORT)
def export() -> Any:
    """What is to be said before a list is saved."""
    return _export()


@pages.post("/export")
@door(Act.CONTACT_EXPORT)
def save() -> Any:
    """The list as a file. Its first line says who saved it."""
    code = field("campaign")[:LONGEST_CODE] or None
    if code is not None and code not in dict(campaigns()):
        flask.abort(400)
    service, by, now = console().service, mine().name, clock(console().service.now())
    try:
        saved = contacts_saved.save(
            service, code, by, field("why"), lambda mark: say("contacts.export_line", who=by, time=now, mark=mark)
        )
    except Refused as refused:
        return _export(say(f"contacts.export_{refused.why}", count=f"{MOST:,}")), 400
    answer = flask.Response(saved.content, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f"attachment; filename=people-{saved.mark}.csv"
    return answer


def _groups(at: int | None = None, found: list[Group] | None = None) -> str:
    shown = {
        kind: [(_called(each), each.people, _link(each)) for each in several]
        for kind, several in groupby(found or (), lambda each: each.kind)
    }
    return flask.render_template("groups.html", at=at, shown=shown, **words())


def _link(group: Group) -> str | None:
    """Where those of a group are shown, if they can be looked for."""
    if group.kind not in FILTERS or value_of(group.kind, group.value) is None:
        return None
    wanted: dict[str, Any] = {group.kind: group.value}
    return flask.url_for("contacts.index", **wanted)


def _called(group: Group) -> str:
    """What a group is called."""
    kind, value = group.kind, group.value
    if not value:
        return say("contacts.not_told")
    if kind in contacts_export.AREAS:
        return place(value)
    if kind == "destination":
        return country(value)
    if kind == "language":
        return say(f"home.language.{value}")
    return dict(campaigns()).get(value, value) if kind == "campaign" else value


def _export(fault: str | None = None) -> str:
    return flask.render_template(
        "export.html",
        fault=fault,
        campaigns=campaigns(),
        fresh=fresh(),
        most=LONGEST_WHY,
        people=f"{MOST:,}",
        times=A_DAY,
        given=lambda name: field(name) if fault else "",
        **words(),
    )
