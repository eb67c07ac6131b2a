"""Broadcasts: how each goes, whom it leaves out, what it costs; agreeing to one, holding it, stopping it for good."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import flask

from bot.console import broadcast_form, foresight
from bot.console.access import door
from bot.console.account import fresh, mine
from bot.console.broadcast_words import filters, words
from bot.console.broadcast_words import place as place  # noqa: PLC0414 - pages of people name places, too
from bot.console.doors import field
from bot.console.visit import console, say
from bot.services import broadcast_look, broadcasts, disclosure, draft_rows
from bot.services.broadcast_look import Line, Look
from bot.services.broadcasts import BadBroadcast
from bot.services.roles import Act
from bot.store import broadcasts as store
from bot.store.broadcasts import Known
from bot.store.stages import Stage

pages = flask.Blueprint("broadcasts", __name__, url_prefix="/console/broadcasts")
LOOK = Act.BROADCAST_READ
ROWS: Final = 20
LONGEST_KEY: Final = 20
LONGEST_WHY: Final = 120
DIGITS: Final = 6
"""A reason with so many digits may hold somebody's number."""
HELD: Final = frozenset({Stage.SCHEDULED, Stage.EXPANDING, Stage.CANARY, Stage.RUNNING})


@pages.get("/")
@door(LOOK)
def index() -> Any:
    """Those that still go or will; then those that are over."""
    before, ended = key("before"), key("ended")
    still, older = ([], None) if ended else _page(before, over=False)
    over, oldest = ([], None) if before else _page(ended, over=True)
    return flask.render_template(
        "broadcasts.html",
        write=Act.BROADCAST_WRITE,
        still=still,
        older=older,
        over=over,
        oldest=oldest,
        first=not (before or ended),
        **words(),
    )


@pages.get("/<int:broadcast>")
@door(LOOK)
def one(broadcast: int) -> Any:
    """Everything of one."""
    return _one(broadcast)


@pages.get("/<int:broadcast>/progress")
@door(LOOK)
def progress(broadcast: int) -> Any:
    """How far it is, for the page that shows it already."""
    line = broadcast_look.line(console().service, known_one(broadcast))
    return flask.render_template("progress.html", line=line, **words())


@pages.get("/<int:broadcast>/approve")
@door(Act.BROADCAST_APPROVE)
def approval(broadcast: int) -> Any:
    """What is to be agreed to. How many people it reaches now is counted when somebody asks."""
    return _approval(broadcast)


@pages.post("/<int:broadcast>/approve/count")
@door(Act.BROADCAST_APPROVE)
def approval_counted(broadcast: int) -> Any:
    """Whom it reaches, what it costs and how long it takes as of now, and the button to agree."""
    return _approval(broadcast, counted=True)


@pages.post("/<int:broadcast>/approve")
@door(Act.BROADCAST_APPROVE)
def approve(broadcast: int) -> Any:
    """Agree. Whoever wrote it cannot."""
    known = known_one(broadcast)
    if broadcasts.same(mine().name, known.author):
        return _approval(broadcast, say("broadcasts.own")), 403
    service, by, version = console().service, mine().name, field("version") or None
    return _done("broadcast_approved", broadcast, lambda: broadcasts.approve(service, broadcast, by, version))


@pages.post("/<int:broadcast>/pause")
@door(Act.BROADCAST_WRITE)
def pause(broadcast: int) -> Any:
    """Nothing more of it goes until somebody lets it go on."""
    why = " ".join(field("why").split())
    if not why or len(why) > LONGEST_WHY:
        return _one(broadcast, say("broadcasts.why_needed")), 400
    if sum(map(str.isdigit, why)) >= DIGITS:
        return _one(broadcast, say("broadcasts.why_number")), 400
    service, by = console().service, mine().name
    return _done("broadcast_paused", broadcast, lambda: broadcasts.pause(service, broadcast, by, why))


@pages.post("/<int:broadcast>/resume")
@door(Act.BROADCAST_APPROVE)
def resume(broadcast: int) -> Any:
    """Let it go on: that sends to many, and needs a password just given."""
    return _done("broadcast_resumed", broadcast, lambda: broadcasts.resume(console().service, broadcast, mine().name))


@pages.post("/<int:broadcast>/cancel")
@door(Act.BROADCAST_WRITE)
def cancel(broadcast: int) -> Any:
    """Stop it for good."""
    if field("sure") != "yes":
        return _one(broadcast, say("broadcasts.sure_needed")), 400
    return _done("broadcast_cancelled", broadcast, lambda: broadcasts.cancel(console().service, broadcast, mine().name))


def key(name: str) -> int | None:
    given = flask.request.args.get(name, "")
    known = given.isascii() and given.isdecimal() and len(given) < LONGEST_KEY and int(given) <= broadcast_look.NEWEST
    return int(given) if known else None


def _page(before: int | None, *, over: bool) -> tuple[list[Line], int | None]:
    """A page of them, and before which the next begins."""
    found = broadcast_look.listed(console().service, ROWS + 1, before, over=over)
    return found[:ROWS], found[ROWS - 1].known.id if len(found) > ROWS else None


def known_one(broadcast: int) -> Known:
    if broadcast > broadcast_look.NEWEST:
        flask.abort(404)
    try:
        return broadcasts.get(console().service, broadcast)
    except BadBroadcast:
        flask.abort(404)


def _sought(broadcast: int) -> Look:
    return broadcast_look.look(console().service, known_one(broadcast).id)


def _done(what: str, broadcast: int, work: Callable[[], None]) -> Any:
    """One step; what cannot be done with it as it is now is told with how it is."""
    known_one(broadcast)
    try:
        work()
    except BadBroadcast:
        return _one(broadcast, say("broadcasts.refused")), 409
    return flask.redirect(flask.url_for("broadcasts.one", broadcast=broadcast, done=what), 303)


def _one(broadcast: int, fault: str | None = None) -> str:
    look = _sought(broadcast)
    stage = Stage(look.line.known.state)
    return flask.render_template(
        "broadcast.html",
        look=look,
        fault=fault,
        fresh=fresh(),
        filters=list(filters(look.line.known.audience)),
        held=stage in HELD,
        paused=stage is Stage.PAUSED,
        waiting=stage is Stage.WAITING,
        drafted=stage is Stage.DRAFT,
        unbegun=stage <= Stage.SCHEDULED,
        copy=broadcast_form.may_copy(look.line.known),
        own=is_own(look.line.known),
        over=broadcast_look.over(look.line.known),
        house=broadcasts.HOUSE,
        write=mine().may(Act.BROADCAST_WRITE),
        agree=mine().may(Act.BROADCAST_APPROVE),
        most=LONGEST_WHY,
        least=disclosure.LEAST,
        **words(),
    )


def is_own(known: Known) -> bool:
    """Whether whoever asks wrote it."""
    return broadcasts.same(mine().name, known.author)


def _approval(broadcast: int, fault: str | None = None, *, counted: bool = False) -> str:
    look = _sought(broadcast)
    known = look.line.known
    counts = foresight.foresee(known) if counted else {"seen": None}
    rows = console().service.database.read(lambda tx: store.texts(tx, broadcast))
    return foresight.answer(
        "approve.html",
        "approve_counted.html",
        version=draft_rows.version(known, rows),
        look=look,
        known=known,
        fault=fault,
        fresh=fresh(),
        filters=list(filters(known.audience)),
        waiting=known.state == Stage.WAITING,
        own=is_own(look.line.known),
        **counts,
        **words(),
    )
