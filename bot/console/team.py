"""The accounts of staff, for admins: who there is, and letting somebody in or out. It needs a password just given."""

from __future__ import annotations

from typing import Any

import flask

from bot.console.access import door
from bot.console.account import fresh, mine
from bot.console.doors import field, told
from bot.console.visit import console
from bot.services import staff
from bot.services.roles import Act, Role
from bot.services.staff_rules import Refused

pages = flask.Blueprint("team", __name__, url_prefix="/console/staff")
LOOK = Act.STAFF_EDIT


def _index(fault: str | None = None, name: str = "") -> str:
    everybody = staff.everybody(console().service)
    return flask.render_template(
        "team.html", everybody=everybody, roles=list(Role), fresh=fresh(), mine=mine(), fault=fault, name=name
    )


def _role() -> Role:
    """The role that was chosen; anything else was not sent by our page."""
    try:
        return Role(field("role"))
    except ValueError:
        flask.abort(400)


def _done(what: str) -> Any:
    return flask.redirect(flask.url_for("team.index", done=what), 303)


@pages.get("")
@door(LOOK)
def index() -> Any:
    """Everybody."""
    return _index()


@pages.post("/add")
@door(LOOK)
def add() -> Any:
    """The welcome code is shown this once."""
    try:
        welcome = staff.add(console().service, field("name"), _role(), mine().name)
    except Refused as refused:
        return _index(told(refused), field("name")[:80]), 400
    return flask.render_template("code.html", welcome=welcome)


@pages.post("/invite")
@door(LOOK)
def invite() -> Any:
    """Another welcome code: what they had until now opens no door any more."""
    try:
        welcome = staff.invite(console().service, field("name"), mine().name, new_phone=field("new_phone") == "yes")
    except Refused as refused:
        return _index(told(refused)), 400
    return flask.render_template("code.html", welcome=welcome)


@pages.post("/role")
@door(LOOK)
def role() -> Any:
    """All their sessions end."""
    try:
        staff.set_role(console().service, field("name"), _role(), mine().name)
    except Refused as refused:
        return _index(told(refused)), 400
    return _done("role")


@pages.post("/disable")
@door(LOOK)
def disable() -> Any:
    """They are out at once."""
    try:
        staff.disable(console().service, field("name"), mine().name)
    except Refused as refused:
        return _index(told(refused)), 400
    return _done("disabled")


@pages.post("/enable")
@door(LOOK)
def enable() -> Any:
    """They may come in again, with a welcome code."""
    try:
        welcome = staff.enable(console().service, field("name"), mine().name)
    except Refused as refused:
        return _index(told(refused)), 400
    return flask.render_template("code.html", welcome=welcome)
