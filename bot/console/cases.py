"""Cases: who waits for a person of staff, what was said, and answering, handing over, putting off and closing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import flask

from bot.console import case_page
from bot.console.access import door
from bot.console.account import mine
from bot.console.case_page import Asked
from bot.console.doors import field
from bot.console.visit import console, say
from bot.services import cases, people
from bot.services.cases import Kind, Outcome, Refused, Why
from bot.services.roles import Act

pages = flask.Blueprint("cases", __name__, url_prefix="/console/cases")
LOOK = Act.CASE_READ
ROWS: Final = 50
LISTS: Final = ("open", "mine", "waiting", "closed")
LONGEST_KEY: Final = 50
NEWEST: Final = (1 << 63) - 1
DIGITS: Final = 16
REQUEST: Final = re.compile("[0-9a-f]{32}")


@pages.get("")
@door(LOOK)
def index() -> Any:
    """Who waits: those in danger first, then whoever waits longest."""
    which = flask.request.args.get("list", LISTS[0])
    kind = flask.request.args.get("kind", "")
    before = flask.request.args.get("before", "")[:LONGEST_KEY]
    kinds = [] if which == "closed" else list(Kind)  # few look there, and there may be very many of another kind
    if which not in LISTS or (kind and kind not in kinds):
        flask.abort(404)
    asked = Kind(kind) if kind else None
    found = cases.page(console().service, which, mine().staff_id, asked, before or None, limit=ROWS + 1)
    return flask.render_template(
        "cases.html",
        found=found[:ROWS],
        older=found[ROWS - 1].key if len(found) > ROWS else None,
        which=which,
        lists=_lists(),
        kind=kind,
        kinds=kinds,
        first=not before,
        **case_page.words(),
    )


@pages.get("/<int:case_id>")
@door(LOOK)
def case(case_id: int) -> Any:
    """Everything of one. That it was read is noted."""
    return case_page.page(_id(case_id))


@pages.get("/<int:case_id>/news")
@door(LOOK)
def news(case_id: int) -> Any:
    """Whether something has come, and who answers, for the page that is open: no text is read."""
    known = _known(case_id)
    since = flask.request.args.get("since", "")
    new = since.isascii() and since.isdecimal() and known.news_at > int(since[:16])
    return flask.render_template("case_news.html", case=known, new=new, **case_page.held(known), **case_page.words())


@pages.post("/<int:case_id>/draft")
@door(Act.CASE_WRITE)
def draft(case_id: int) -> Any:
    """An answer that is being written, as the phone would show it. Whoever writes keeps others from answering."""
    known, text = _known(case_id), _answer()
    if not text.strip():
        return flask.render_template("case_draft.html", case=known, draft=None, **case_page.held(known))
    lock = _locked(case_id)
    sized = case_page.sized(text, cases.compose_reply(console().service, case_id, text))
    return flask.render_template(
        "case_draft.html", case=known, **sized, **case_page.held(known, lock), **case_page.words()
    )


@pages.post("/<int:case_id>/reply")
@door(Act.CASE_WRITE)
def reply(case_id: int) -> Any:
    """Look at an answer, or send the one that was looked at: nobody sends what they have not seen with its cost."""
    _known(case_id)
    service, text = console().service, _answer()
    put = field("put")
    if put:
        text = f"{text.rstrip()}\n{put}".strip()[: case_page.LONGEST]
    if field("do") != "send" or put:
        return _look(case_id, text)
    if field("looked") != case_page.looked(text):
        return _look(case_id, text, say("cases.changed"))
    if not REQUEST.fullmatch(field("request")):
        flask.abort(400)
    request = f"{field('request')}.{case_page.looked(text)}"  # who goes back and writes something else sends that, too
    try:
        cases.reply(service, case_id, text, mine().name, mine().staff_id, request=request, seen=_seen())
    except Refused as refused:
        return _look(case_id, text, told(refused)), 409
    return _done("case_sent", case_id, "talk-now")


@pages.post("/<int:case_id>/unlock")
@door(Act.CASE_WRITE)
def unlock(case_id: int) -> Any:
    """Somebody else may answer."""
    return _step("case_let_go", case_id, "reply", lambda: cases.unlock(console().service, case_id, mine().staff_id))


@pages.post("/<int:case_id>/assign")
@door(Act.CASE_WRITE)
def assign(case_id: int) -> Any:
    """Take it on, or hand it over."""
    if field("me") == "yes":
        return _step("case_taken", case_id, "give", lambda: _assigned(case_id, mine().name))
    return _step("case_given", case_id, "give", lambda: _assigned(case_id, field("name") or None))


@pages.post("/<int:case_id>/note")
@door(Act.CASE_WRITE)
def note(case_id: int) -> Any:
    """Something for colleagues."""
    text = field("note")
    work = lambda: cases.note(console().service, case_id, text, mine().name, mine().staff_id)  # noqa: E731
    return _step("case_note", case_id, "note", work, note=text)


@pages.post("/<int:case_id>/refer")
@door(Act.CASE_WRITE)
def refer(case_id: int) -> Any:
    """Keep where the person was sent. Nobody is told."""
    to = field("to") or " ".join(field("name").split())
    work = lambda: cases.refer(console().service, case_id, to, mine().name, mine().staff_id)  # noqa: E731
    return _step("case_referred", case_id, "refer", work)


@pages.post("/<int:case_id>/wait")
@door(Act.CASE_WRITE)
def wait(case_id: int) -> Any:
    """Put it off for some days."""
    days = {str(each): each for each in case_page.DAYS}.get(field("days"))
    if days is None:
        flask.abort(400)
    return _step(
        "case_waits",
        case_id,
        "wait",
        lambda: cases.wait(console().service, case_id, days, mine().name, mine().staff_id, seen=_seen()),
    )


@pages.post("/<int:case_id>/close")
@door(Act.CASE_WRITE)
def close(case_id: int) -> Any:
    """The end, with what became of it."""
    outcome = next((each for each in Outcome if each == field("outcome") and each not in cases.BY_THE_HOUSE), None)
    if outcome is None:
        flask.abort(400)
    return _step(
        "case_closed",
        case_id,
        "close",
        lambda: cases.close(console().service, case_id, outcome, mine().name, mine().staff_id, seen=_seen()),
    )


@pages.post("/<int:case_id>/reopen")
@door(Act.CASE_WRITE)
def reopen(case_id: int) -> Any:
    """It was closed too early."""
    return _step(
        "case_reopened",
        case_id,
        "close",
        lambda: cases.reopen(console().service, case_id, mine().name, mine().staff_id),
    )


@pages.post("/<int:case_id>/reveal")
@door(Act.CONTACT_REVEAL)
def reveal(case_id: int) -> Any:
    """The number, shown this once, and kept with the reason who saw it."""
    known = _known(case_id)
    try:
        number = cases.reveal(console().service, known.contact_id, mine().name, field("why"))
    except Refused as refused:
        status = 429 if refused.why is Why.OFTEN else 400
        return case_page.page(case_id, Asked("safety", told(refused))), status
    return case_page.page(case_id, Asked("safety", number=number))


@pages.post("/<int:case_id>/block")
@door(Act.CONTACT_BLOCK)
def block(case_id: int) -> Any:
    """Nothing more is sent to the person."""
    known = _known(case_id)
    people.block(console().service, known.contact_id, blocked=True, by=mine().name)
    return _done("case_blocked", case_id)


@pages.post("/<int:case_id>/erase")
@door(Act.CONTACT_ERASE)
def erase(case_id: int) -> Any:
    """Leave nothing of the person, nor of the case."""
    known = _known(case_id)
    if field("sure") != "yes":
        return case_page.page(case_id, Asked("safety", say("cases.sure_needed"))), 400
    people.erase(console().service, known.contact_id, by=mine().name)
    return flask.redirect(flask.url_for("cases.index", done="case_erased"), 303)


@pages.errorhandler(Refused)
@pages.errorhandler(people.Unknown)
def gone(_: Exception) -> Any:
    """Somebody was erased while this was asked for."""
    return flask.render_template("wrong.html", name="404"), 404


def told(refused: Refused) -> str:
    """Why something was refused, in words."""
    return say(f"cases.why.{refused.why}")


def _lists() -> dict[str, str]:
    """The lists, and how many cases are in each; of closed ones nobody counts."""
    found = cases.count(console().service, mine().staff_id)
    counts = {"open": found.open, "mine": found.mine, "waiting": found.waiting}
    return {each: _many(counts[each]) if each in counts else "" for each in LISTS}


def _many(count: int) -> str:
    return f"{cases.MOST:,}+" if count > cases.MOST else f"{count:,}"


def _answer() -> str:
    return field("text")[: case_page.LONGEST]


def _seen() -> int | None:
    """When the last text came that stood on the page with this form."""
    written = field("seen")
    return int(written) if written.isascii() and written.isdecimal() and len(written) <= DIGITS else None


def _id(case_id: int) -> int:
    if case_id > NEWEST:
        flask.abort(404)
    return case_id


def _known(case_id: int) -> cases.Case:
    known = cases.case(console().service, _id(case_id))
    if known is None:
        flask.abort(404)
    return known


def _assigned(case_id: int, name: str | None) -> None:
    cases.assign(console().service, case_id, name, mine().name)


def _locked(case_id: int) -> cases.Lock:
    return cases.lock(console().service, case_id, mine().staff_id, mine().name)


def _look(case_id: int, text: str, fault: str = "") -> str:
    lock = _locked(case_id)
    composed = cases.compose_reply(console().service, case_id, text)
    return case_page.page(case_id, Asked("reply", fault, text, composed, lock))


def _step(what: str, case_id: int, at: str, work: Callable[[], object], note: str = "") -> Any:
    """One step; what cannot be done is told where it was asked for, with what was written."""
    _known(case_id)
    try:
        work()
    except Refused as refused:
        return case_page.page(case_id, Asked(at, told(refused), note=note)), 409
    return _done(what, case_id)


def _done(what: str, case_id: int, where: str | None = None) -> Any:
    return flask.redirect(flask.url_for("cases.case", case_id=case_id, done=what, _anchor=where), 303)
