"""Coming in, going out, and giving the password again before what must not be done by whoever finds a laptop open."""

from __future__ import annotations

from typing import Any, cast

import flask

from bot.console.access import ANYBODY, IN, address, door, ours, token
from bot.console.visit import console, give, remember, say, take, visit
from bot.content.console import Tongue
from bot.services import login
from bot.services.staff_rules import MINUTE, SHORTEST, Refused

pages = flask.Blueprint("doors", __name__, url_prefix="/console")


def told(refused: Refused) -> str:
    """Why something was refused, in words."""
    return say(f"doors.why.{refused.why}", minutes=max(1, -(-refused.wait // MINUTE)), least=SHORTEST)


def field(name: str) -> str:
    """What was written into a field; "" if nothing."""
    return flask.request.form.get(name, "")


@pages.get("/login")
@door(ANYBODY)
def log_in() -> Any:
    """Who is in already is shown home."""
    if visit().session is not None:
        return flask.redirect(flask.url_for("home.index"), 303)
    return flask.render_template("login.html", fault=None, name="", wanted=ours(flask.request.args.get("next")))


@pages.post("/login")
@door(ANYBODY)
def log_in_now() -> Any:
    """The same words for whatever was wrong."""
    wanted = ours(field("next"))
    entry = login.Entry(field("name"), field("password"), field("code"), address())
    try:
        signed = login.log_in(console().service, entry, token() or None)
    except Refused as refused:
        page = flask.render_template("login.html", fault=told(refused), name=entry.name[:80], wanted=wanted)
        return page, 429 if refused.wait else 400
    answer = flask.redirect(wanted or flask.url_for("home.index"), 303)
    give(answer, "session", signed.token)
    take(answer, "form")
    if signed.session.language in ("km", "en"):
        remember(answer, cast(Tongue, signed.session.language))
    return answer


@pages.post("/logout")
@door(IN)
def log_out() -> Any:
    """Nothing of it stays in the browser."""
    login.log_out(console().service, token())
    answer = flask.redirect(flask.url_for("doors.log_in", done="logged_out"), 303)
    take(answer, "session")
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


@pages.get("/welcome")
@door(ANYBODY)
def welcome() -> Any:
    """Where a welcome code becomes a password."""
    return flask.render_template("welcome.html", fault=None)


@pages.post("/welcome")
@door(ANYBODY)
def welcome_now() -> Any:
    """Set the password; then they come in as everybody does."""
    if field("password") != field("again"):
        return flask.render_template("welcome.html", fault=say("doors.differ")), 400
    try:
        login.accept(console().service, field("code").strip(), field("password"), address())
    except Refused as refused:
        return flask.render_template("welcome.html", fault=told(refused)), 400
    return flask.redirect(flask.url_for("doors.log_in", done="password_set"), 303)


@pages.get("/prove")
@door(IN)
def prove() -> Any:
    """Ask for the password again."""
    return flask.render_template("prove.html", fault=None, wanted=ours(flask.request.args.get("next")))


@pages.post("/prove")
@door(IN)
def prove_now() -> Any:
    """A new token for the browser; the old one is dead."""
    wanted = ours(field("next"))
    try:
        signed = login.prove(console().service, token(), field("password"), field("code"), address())
    except Refused as refused:
        return flask.render_template("prove.html", fault=told(refused), wanted=wanted), 429 if refused.wait else 400
    answer = flask.redirect(wanted or flask.url_for("home.index"), 303)
    give(answer, "session", signed.token)
    return answer
