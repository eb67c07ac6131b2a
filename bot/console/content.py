"""What people are told, for staff who look after it: numbers, notices, ready answers, campaigns, agencies, topics.

The other pages of this area stand in `content_*.py` and `unmatched.py`; here are its first page, and who changed what.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple, cast

import flask

from bot.console import access
from bot.console.access import door
from bot.console.account import mine
from bot.console.doors import field
from bot.console.visit import console, say, visit
from bot.services import campaigns, content, content_lines, registry
from bot.services.content import BadContent, Change, Fault, Kind, Writer
from bot.services.overview import MOST
from bot.services.roles import Act
from bot.services.unmatched import waiting

pages = flask.Blueprint("content", __name__, url_prefix="/console/content")
LOOK = Act.CONTENT_READ
EDIT = Act.CONTENT_EDIT
ROWS: Final = 50
LATEST: Final = 5
SOON: Final = 14
"""Days before its end from which on a notice is looked at again."""
LANGS: Final = {"km": "km", "km_Latn": "km-Latn", "en": "en"}
"""How a page calls the languages of the texts."""
FILLS: Final = ("most", "units", "parts", "number", "texts", "word", "sign", "state", "what")


class Difference(NamedTuple):
    """One thing that a change made another."""

    label: str
    before: str
    after: str


def _needed(kind: Kind) -> Act:
    """What somebody must be allowed who undoes a change of this kind."""
    return Act.DUTY_EDIT if kind in {Kind.HOURS, Kind.HOLIDAY} else EDIT


def tabs() -> list[tuple[str, str]]:
    """The pages of this area that the visitor may see, with the names of their titles."""
    all_tabs = (
        ("content.index", "content.overview", LOOK),
        ("content.helplines", "content.helplines", LOOK),
        ("content.notices", "content.notices", LOOK),
        ("content.answers", "content.answers", LOOK),
        ("content.topics", "content.topics", LOOK),
        ("content.unmatched", "content.unmatched", Act.UNMATCHED_READ),
        ("content.all_campaigns", "content.campaigns", LOOK),
        ("content.agencies", "content.agencies", LOOK),
        ("content.changes", "content.changes", LOOK),
    )
    return [(endpoint, title) for endpoint, title, needs in all_tabs if access.may(needs)]


def page(template: str, status: int = 200, **values: Any) -> Any:
    """A page of this area."""
    told = {"tabs": tabs(), "edits": access.may(EDIT), "langs": LANGS, "differences": differences, "named": named}
    told["undoes"] = lambda change: access.may(_needed(change.kind))
    return flask.render_template(template, **told, **values), status


def faults(bad: BadContent) -> list[str]:
    """Why a change was refused, in words."""
    return [_said(fault) for fault in bad.faults]


def _said(fault: Fault) -> str:
    fills = {**dict.fromkeys(FILLS, ""), **fault.fills}
    language = fills.pop("language", "")
    fills["spoken"] = say(f"simulator.language.{language}") if language else ""
    return say(f"content.why.{fault.why}", **fills)


def done(endpoint: str, what: str, **places: str) -> Any:
    """Back to a page, which says what was done."""
    return flask.redirect(flask.url_for(endpoint, done=what, **cast(Any, places)), 303)


def seen() -> int:
    """The version that a form was written over."""
    told = field("version")
    return int(told) if told.isascii() and told.isdecimal() and len(told) < 20 else 0


def writer() -> Writer:
    """Who changes something, over which version."""
    return Writer(mine().name, mine().staff_id, seen())


def save(kind: Kind, name: str, value: Mapping[str, Any] | None) -> list[str]:
    """Keep a value, or take one away; why it was refused, nothing if it was done."""
    who = writer()
    return tried(lambda: content.save(console().service, kind, name, value, who.by, who.staff_id, upon=who.upon))


def tried(change: Callable[[], object]) -> list[str]:
    """Make a change; why it was refused, nothing if it was made."""
    try:
        change()
    except BadContent as bad:
        return faults(bad)
    return []


def named(change: Change) -> str:
    """What a change is about, as staff know it."""
    if change.kind is Kind.HELPLINE and change.name in console().service.files.helplines:
        return console().service.files.helplines[change.name].name
    if change.kind is Kind.NOTICE:
        told = change.value or change.was or {}
        return str(told.get("say", {}).get(visit().tongue) or change.name)
    return change.name


def differences(change: Change) -> list[Difference]:
    """What a change made another, thing by thing; the first change of a number, what the files say."""
    service, before = console().service, change.was
    if before is None and change.kind is Kind.HELPLINE and change.name in service.files.helplines:
        before = content_lines.filed(service, change.name)
    was, now = dict(_flat(before or {})), dict(_flat(change.value or {}))
    return [
        Difference(_label(name), was.get(name, ""), now.get(name, ""))
        for name in {**was, **now}
        if was.get(name, "") != now.get(name, "")
    ]


def _flat(value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, told in value.items():
        if isinstance(told, Mapping):
            yield from _flat(told)
        elif isinstance(told, list):
            yield name, ", ".join("–".join(map(str, each)) if isinstance(each, list) else str(each) for each in told)
        elif told is True:
            yield name, say("content.yes")
        elif told not in (None, False, ""):
            yield name, str(told)


def _label(name: str) -> str:
    label = f"content.field.{name}"
    return say(label) if console().words.has(label) else name


@pages.get("")
@door(LOOK)
def index() -> Any:
    """How all of it stands, and what was changed last."""
    service = console().service
    today = content.today(service)
    lines = content_lines.every(service)
    notices = [each for each in service.book.notices if each.valid_until >= today]
    found = registry.listed(service)
    return page(
        "content.html",
        stale=sum(line.stale for line in lines),
        used=sum(line.line.enabled for line in lines),
        misfits=service.shelf.misfits,
        notices=len(notices),
        ending=sum((each.valid_until - today).days <= SOON for each in notices),
        answers=len(content.canned(service)),
        campaigns=len(campaigns.listed(service)),
        agencies=found,
        unmatched=waiting(service) if access.may(Act.UNMATCHED_READ) else 0,
        most=MOST,
        states=len(service.book.states),
        changes=content.history(service, limit=LATEST),
    )


@pages.get("/changes")
@door(LOOK)
def changes() -> Any:
    """Who changed what, the newest first."""
    return _changes([])


@pages.post("/changes/undo")
@door(EDIT)
def undo() -> Any:
    """Let what held before hold again."""
    change = _id(field("change"))
    if change is None:
        flask.abort(400)
    known = next(iter(content.history(console().service, before=change + 1, limit=1)), None)
    if known is not None and known.id == change and not access.may(_needed(known.kind)):
        flask.abort(403)
    found = tried(lambda: content.undo(console().service, change, mine().name))
    return _changes(found) if found else done("content.changes", "content_undone")


def _id(told: str) -> int | None:
    """The id of a change; None for what can be none."""
    number = int(told) if told.isascii() and told.isdecimal() and len(told) < 20 else sys.maxsize
    return number if number < sys.maxsize else None


def _changes(found: list[str]) -> Any:
    known = _id(flask.request.args.get("before", ""))
    rows = content.history(console().service, before=known, limit=ROWS + 1)
    older = rows[ROWS - 1].id if len(rows) > ROWS else None
    return page(
        "content_changes.html", 400 if found else 200, rows=rows[:ROWS], older=older, newest=known is None, faults=found
    )
