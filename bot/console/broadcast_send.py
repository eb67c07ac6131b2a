"""From a draft to a broadcast that goes: tried on a few phones, counted, handed in; another time for one that waits."""

from __future__ import annotations

from typing import Any, Final

import flask

from bot.console import broadcast_form, broadcasts, foresight
from bot.console.access import door
from bot.console.account import fresh, mine
from bot.console.broadcast_form import TIME
from bot.console.broadcast_words import filters, words
from bot.console.broadcast_write import own_draft, refused
from bot.console.doors import field
from bot.console.visit import console, local, say
from bot.services import broadcasts as service
from bot.services import draft_rows, drafts
from bot.services.audience import Audience
from bot.services.broadcasts import BadBroadcast, Confirmed
from bot.services.roles import Act
from bot.services.trial import BadTrial
from bot.store import broadcasts as store
from bot.store.broadcasts import Known
from bot.store.stages import OVER, Stage
from bot.text.khmer import digits

pages = broadcasts.pages
PHONES: Final = 3
"""Phones of a test from a page."""
LARGEST: Final = 12


@pages.get("/<int:broadcast>/send")
@door(Act.BROADCAST_WRITE)
def sending(broadcast: int) -> Any:
    """The draft before it is handed in."""
    return _page(own_draft(broadcast))


@pages.post("/<int:broadcast>/send/count")
@door(Act.BROADCAST_WRITE)
def counted(broadcast: int) -> Any:
    """Whom it reaches, what it costs, how long it takes; and the form to hand it in."""
    return _page(own_draft(broadcast), counting=True)


@pages.post("/<int:broadcast>/send")
@door(Act.BROADCAST_SEND)
def send(broadcast: int) -> Any:
    """Hand it in, as it was shown and to as many people. A second click does nothing more."""
    known = broadcasts.known_one(broadcast)
    if not broadcasts.is_own(known):
        flask.abort(403)
    if known.state == Stage.DRAFT:
        composed = drafts.judged(console().service, known, drafts.texts(console().service, broadcast))
        typed = "".join(each for each in digits(field("recipients")) if each.isdigit())[:LARGEST]
        try:
            if not composed.sound:
                raise BadBroadcast("the text cannot be sent as it is", "unsound")
            confirmed = Confirmed(field("version"), int(typed or 0))
            service.submit(console().service, broadcast, mine().name, confirmed)
        except BadBroadcast as bad:
            return _page(own_draft(broadcast), fault=refused(bad), counting=bad.name != "unsound"), 400
    stage = broadcasts.known_one(broadcast).state
    if stage >= OVER:  # somebody else threw it away meanwhile: its page says so
        return flask.redirect(flask.url_for("broadcasts.one", broadcast=broadcast), 303)
    done = "broadcast_waits" if stage == Stage.WAITING else "broadcast_sent"
    return flask.redirect(flask.url_for("broadcasts.one", broadcast=broadcast, done=done), 303)


@pages.post("/<int:broadcast>/try")
@door(Act.BROADCAST_WRITE)
def try_out(broadcast: int) -> Any:
    """Its texts, on a few phones of staff."""
    known = own_draft(broadcast)
    given = [each for each in field("number").replace(",", "\n").splitlines() if each.strip()]
    try:
        if not 0 < len(given) <= PHONES:
            raise BadTrial("too many phones", "many", most=PHONES)
        sent = drafts.try_out(console().service, broadcast, mine().name, given)
    except BadTrial as bad:
        return _page(known, fault=say(f"write.trial.{bad.name}", **bad.fills)), 400
    if not sent.phones:
        return _page(known, fault=say("write.trial.stopped")), 400
    return flask.redirect(flask.url_for("broadcasts.sending", broadcast=broadcast, done="broadcast_tried"), 303)


@pages.get("/<int:broadcast>/time")
@door(Act.BROADCAST_WRITE)
def time(broadcast: int) -> Any:
    """When it goes, to be changed as long as it has not begun."""
    known = _waiting(broadcast)
    fields = {"starts": local(known.starts_at).strftime(TIME), "ends": local(known.ends_at).strftime(TIME)}
    return _time_page(known, broadcast_form.Form(broadcast_form.Fields(fields)))


@pages.post("/<int:broadcast>/time")
@door(Act.BROADCAST_WRITE)
def retime(broadcast: int) -> Any:
    """Give it another time."""
    known, form = _waiting(broadcast), broadcast_form.sent()
    window = broadcast_form.window(form)
    try:
        if form.faults:
            raise BadBroadcast("no time", "time")
        service.schedule(console().service, broadcast, mine().name, window)
    except BadBroadcast as bad:
        return _time_page(known, form, refused(bad)), 400
    return flask.redirect(flask.url_for("broadcasts.one", broadcast=broadcast, done="broadcast_time"), 303)


def _waiting(broadcast: int) -> Known:
    known = broadcasts.known_one(broadcast)
    if known.state not in (Stage.WAITING, Stage.SCHEDULED):
        flask.abort(404)
    return known


def _time_page(known: Known, form: broadcast_form.Form, fault: str | None = None) -> str:
    return flask.render_template("broadcast_time.html", known=known, form=form, fault=fault)


def _page(known: Known, fault: str | None = None, *, counting: bool = False) -> str:
    house = console().service
    composed = drafts.judged(house, known, drafts.texts(house, known.id))
    rows = house.database.read(lambda tx: store.texts(tx, known.id))
    counts = foresight.foresee(known) if counting else {"seen": None}
    return foresight.answer(
        "send.html",
        "send_counted.html",
        known=known,
        fault=fault,
        fresh=fresh(),
        composed=composed,
        problem=broadcast_form.problem,
        homes=broadcast_form.homes(Audience.loads(known.audience)),
        version=draft_rows.version(known, rows),
        filters=list(filters(known.audience)),
        phones=PHONES,
        **counts,
        **words(),
    )
