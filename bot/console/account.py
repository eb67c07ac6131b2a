"""Everybody's own account: the language of the pages, the password, the second factor, codes for a lost phone."""

from __future__ import annotations

from typing import Any, cast

import flask

from bot.console.access import IN, STAFF, address, door, token
from bot.console.doors import field, told
from bot.console.visit import console, give, remember, say, take, visit
from bot.content.console import TONGUES
from bot.services import login, second, staff
from bot.services.roles import needs_second
from bot.services.staff_rules import Refused

pages = flask.Blueprint("account", __name__, url_prefix="/console/account")


def mine() -> login.Session:
    """The session of whoever asks: `access` lets nobody else come here."""
    return cast(login.Session, visit().session)


def fresh() -> bool:
    """Whether they gave their password a moment ago."""
    return mine().fresh(console().service.now())


def to_proof(endpoint: str) -> Any:
    """Ask for the password, and come back."""
    return flask.redirect(flask.url_for("doors.prove", next=flask.url_for(endpoint)), 303)


def _index(fault: str | None = None, at: str = "") -> str:
    return flask.render_template("account.html", mine=mine(), fresh=fresh(), fault=fault, at=at)


@pages.get("")
@door(STAFF)
def index() -> Any:
    """What they can change of their own."""
    return _index()


@pages.post("/language")
@door(STAFF)
def language() -> Any:
    """The pages speak it from now on, on this browser and wherever they come in."""
    wanted = field("language")
    if wanted not in TONGUES:
        flask.abort(400)
    staff.set_language(console().service, mine().name, wanted)
    answer = flask.redirect(flask.url_for("account.index", done="language"), 303)
    remember(answer, wanted)
    return answer


@pages.post("/password")
@door(STAFF)
def password() -> Any:
    """All their sessions end, this one too."""
    if field("new") != field("again"):
        return _index(say("doors.differ"), "password"), 400
    try:
        login.change_password(
            console().service, token(), field("old"), field("code"), new=field("new"), address=address()
        )
    except Refused as refused:
        return _index(told(refused), "password"), 429 if refused.wait else 400
    answer = flask.redirect(flask.url_for("doors.log_in", done="password_set"), 303)
    take(answer, "session")
    return answer


@pages.get("/second")
@door(IN)
def second_factor() -> Any:
    """A secret for the app on their phone, as a picture and as letters."""
    if not fresh():
        return to_proof("account.second_factor")
    return _offered()


@pages.post("/second")
@door(IN)
def confirm() -> Any:
    """The app shows the right digits: from now on they are asked for. The codes are shown this once."""
    try:
        done = second.confirm(console().service, token(), field("code"))
    except Refused as refused:
        return _offered(told(refused)), 400
    visit().session = done.signed.session
    answer = flask.make_response(flask.render_template("codes.html", codes=done.codes))
    give(answer, "session", done.signed.token)
    return answer


@pages.post("/second/off")
@door(STAFF)
def off() -> Any:
    """Only who needs none may do without."""
    if not fresh():
        return to_proof("account.index")
    try:
        second.drop(console().service, token())
    except Refused as refused:
        return _index(told(refused), "second"), 400
    return flask.redirect(flask.url_for("account.index", done="second_off"), 303)


@pages.post("/codes")
@door(STAFF)
def codes() -> Any:
    """New codes; the old ones are worth nothing."""
    if not fresh():
        return to_proof("account.index")
    try:
        renewed = second.renew_codes(console().service, token())
    except Refused as refused:
        return _index(told(refused), "second"), 400
    return flask.render_template("codes.html", codes=renewed)


def _offered(fault: str | None = None) -> Any:
    import segno  # noqa: PLC0415 - few pages draw

    try:
        offer = second.offer(console().service, token())
    except Refused:
        return to_proof("account.second_factor")
    picture = segno.make(offer.uri, error="m").svg_data_uri(scale=4, border=3, dark="#000", light="#fff")
    letters = [offer.secret[at : at + 4] for at in range(0, len(offer.secret), 4)]
    needed = needs_second(mine().role)
    return flask.render_template("second.html", picture=picture, letters=letters, fault=fault, needed=needed)
