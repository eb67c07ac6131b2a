"""Lists of people come in by a page: given as a file, shown as they would be taken in, then taken in or thrown away."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from typing import Any, Final

import flask

from bot.console import faults
from bot.console.access import Takes, door
from bot.console.account import mine
from bot.console.contacts import LONGEST_ID, campaigns, pages, words
from bot.console.doors import field
from bot.console.visit import console, say
from bot.services import discarding, uploads
from bot.services.cells import safe
from bot.services.contacts_cells import LONGEST_NAME, LONGEST_WORDING, Unread
from bot.services.incoming import LARGEST, Incoming
from bot.services.roles import Act
from bot.services.uploads import How, Look, Refused

ROWS: Final = 10
SHOWN: Final = 100
"""Faults on the page; the file has more of them."""
WAYS: Final = ("paper", "spoken", "web")
COUNTS: Final = ("new", "changed", "known", "repeated", "stopped", "wrong")
BESIDES: Final = ("joined", "silent", "withdrawn", "blocked", "unread")
PARTS: Final = ("campaign", "how", "wording", "given_by", "on")
"""What a consent needs."""
LONGEST: Final = LARGEST + 100_000


@pages.get("/lists")
@door(Act.CONTACT_IMPORT)
def lists() -> Any:
    """Where a list is given, and those that somebody gave."""
    return _lists()


@pages.post("/lists")
@door(Act.CONTACT_IMPORT, Takes(LONGEST, Incoming))
def give() -> Any:
    """A list has come. It is kept sealed, and nothing of it is taken in yet."""
    given = flask.request.files.get("list")
    if given is None or not given.filename or not isinstance(given.stream, Incoming) or not given.stream.size:
        return _lists(say("lists.no_file")), 400
    if given.stream.size > LARGEST:
        flask.abort(413)
    try:
        how = _how(given.filename)
        upload = uploads.keep(console().service, given.stream, how, mine().name, mine().staff_id)
    except Unread as error:
        return _lists(say("lists.bad_consent", why=faults.told(str(error)))), 400
    return flask.redirect(flask.url_for("contacts.one_list", upload=upload), 303)


@pages.get("/lists/<int:upload>")
@door(Act.CONTACT_IMPORT)
def one_list(upload: int) -> Any:
    """What would become of it, how far it is, or what became of it."""
    return _one(_known(upload))


@pages.get("/lists/<int:upload>/progress")
@door(Act.CONTACT_IMPORT)
def list_progress(upload: int) -> Any:
    """How far it is, for the page that shows it already."""
    return flask.render_template("list_progress.html", look=_known(upload))


@pages.get("/lists/<int:upload>/faults.csv")
@door(Act.CONTACT_IMPORT)
def list_faults(upload: int) -> Any:
    """What is wrong with it, row by row, as a sheet; no more of a number than its end."""
    look = _known(upload)
    text = io.StringIO()
    sheet = csv.writer(text)
    sheet.writerow([say(f"lists.fault_{name}") for name in ("row", "column", "why", "ending", "lost")])
    for fault in look.report.faults:
        lost = say("lists.left_out" if fault.lost else "lists.cell_only")
        shown = (str(fault.row), say(f"lists.column.{fault.column}"), faults.told(fault.why), fault.ending, lost)
        sheet.writerow(map(safe, shown))
    answer = flask.Response(text.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = "attachment; filename=faults.csv"
    return answer


@pages.post("/lists/<int:upload>/sheet")
@door(Act.CONTACT_IMPORT)
def list_sheet(upload: int) -> Any:
    """Look through another sheet of it."""
    return _done(upload, lambda: uploads.read_sheet(console().service, _known(upload).kept.id, field("sheet")))


@pages.post("/lists/<int:upload>/confirm")
@door(Act.CONTACT_IMPORT)
def list_confirm(upload: int) -> Any:
    """Take it in: the worker begins in a moment."""
    return _done(
        upload,
        lambda: uploads.confirm(console().service, _known(upload).kept.id, mine().staff_id, field("version") or None),
    )


@pages.post("/lists/<int:upload>/discard")
@door(Act.CONTACT_IMPORT)
def list_discard(upload: int) -> Any:
    """Throw it away; who is taken in already stays."""
    if _known(upload).stage == "taking":
        return _one(_known(upload), say("lists.refused")), 409
    discarding.discard(console().service, upload, mine().name)
    return flask.redirect(flask.url_for("contacts.lists", done="list_discarded"), 303)


def _how(name: str) -> How:
    """What the form says of consent. Raises `Unread`."""
    given = {each: field(each).strip() or None for each in PARTS}
    if given["how"] not in (None, *WAYS):
        flask.abort(400)
    if given["on"]:
        try:
            date.fromisoformat(given["on"])
        except ValueError:
            raise Unread("is no day there is (the day comes before the month)") from None
    tags = tuple(filter(None, (each.strip() for each in field("tags").split(","))))
    return How(uploads.named(name), tags=tags, **given)


def _lists(fault: str | None = None) -> str:
    return flask.render_template(
        "lists.html",
        fault=fault,
        looks=uploads.mine(console().service, mine().staff_id, ROWS),
        campaigns=campaigns(),
        ways=WAYS,
        given=lambda name: field(name) if fault else "",
        most_name=LONGEST_NAME,
        most_words=LONGEST_WORDING,
        largest=LARGEST // 1_000_000,
        **words(),
    )


def _known(upload: int) -> Look:
    """A list of whoever asks; those of others are nobody's business."""
    found = uploads.look(console().service, upload) if upload <= LONGEST_ID else None
    if found is None or found.kept.staff_id != mine().staff_id:
        flask.abort(404)
    return found


def _one(look: Look, fault: str | None = None) -> str:
    how = look.how
    return flask.render_template(
        "list.html",
        look=look,
        fault=fault,
        counts=[(name, look.counts[name]) for name in COUNTS if look.counts[name] or name == "new"],
        besides=[(name, look.counts[name]) for name in BESIDES if look.counts[name]],
        missing=[name for name in PARTS if not getattr(how, name)],
        wrong=look.report.faults[:SHOWN],
        retold=faults.told,
        **words(),
    )


def _done(upload: int, work: Callable[[], None]) -> Any:
    try:
        work()
    except Refused:
        return _one(_known(upload), say("lists.refused")), 409
    return flask.redirect(flask.url_for("contacts.one_list", upload=upload), 303)
