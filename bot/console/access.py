"""Who may see a page and send its forms. Every page says so with `door`; one that does not cannot be served."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum
from functools import partial
from hmac import compare_digest
from typing import Any, Final, NamedTuple, TypeVar
from urllib.parse import urlsplit

import flask
from werkzeug.wrappers import Response

from bot.console.visit import console, cookie_name, form, visit
from bot.services import login
from bot.services.roles import FRESH, Act
from bot.services.service import Service


class Gate(Enum):
    """What a page asks of its visitor where no act is named."""

    ANYBODY = 1
    IN = 2
    """Has given name and password; perhaps the second factor is still to be set up."""
    STAFF = 3
    """Has come in as their role wants it."""


ANYBODY, IN, STAFF = Gate
Needs = Gate | Act
View = TypeVar("View", bound=Callable[..., Any])
SEES: Final = ("same-origin", "none")
"""What a browser says of a form that was sent from a page of ours, or by hand."""
OURS: Final = re.compile(r"/console/[0-9A-Za-z_/.-]*(\?[0-9A-Za-z_=&%.+-]*)?")


class Takes(NamedTuple):
    """A form with a file: how many bytes it may have, and where the file goes while it comes in."""

    longest: int
    begin: Callable[[Service], Any]


def door(needs: Needs, takes: Takes | None = None) -> Callable[[View], View]:
    """Say who may come to a view, and whether its form may bring a file."""

    def mark(view: View) -> View:
        view.needs = needs  # type: ignore[attr-defined]
        view.takes = takes  # type: ignore[attr-defined]
        return view

    return mark


def complete(app: flask.Flask) -> None:
    """Raises `LookupError` if there is a page that does not say who may see it."""
    for endpoint, view in app.view_functions.items():
        if not isinstance(getattr(view, "needs", None), Gate | Act):
            raise LookupError(f"the page {endpoint} does not say who may see it")


def may(needs: Needs) -> bool:
    """Whether the visitor may see a page that needs this."""
    session = visit().session
    if isinstance(needs, Act):
        return session is not None and session.may(needs)
    return needs is ANYBODY or (session is not None and (needs is IN or not lacks_second(session)))


def lacks_second(session: login.Session) -> bool:
    """Whether somebody has yet to set up the second factor that their role needs."""
    return not session.may(Act.HOME_READ)


def check() -> Response | None:
    """Before every page: let the visitor in, send them where they can come in, or refuse (403)."""
    request = flask.request
    if request.endpoint is None or request.endpoint == "static":
        return None
    view: Any = flask.current_app.view_functions[request.endpoint]
    needs: Needs = view.needs
    visit().session = session = _session()
    if request.method == "POST":
        _same_site()
    if needs is not ANYBODY:
        if session is None:
            return to_login()
        if needs is not IN and lacks_second(session):
            return flask.redirect(flask.url_for("account.second_factor"), 303)
        if not may(needs):
            flask.abort(403)
    if request.method == "POST":
        _may_bring(view.takes)
        _own_form(session, needs)
        if needs in FRESH and session is not None and not session.fresh(console().service.now()):
            return to_proof(request.referrer or "")
    return None


def token() -> str:
    """What the browser shows for its session, "" if nothing."""
    return flask.request.cookies.get(cookie_name("session"), "")


def address() -> str:
    """Where the visitor is. A web server on this machine in front of us puts the address it sees last."""
    peer = flask.request.remote_addr or ""
    if peer in ("127.0.0.1", "::1"):
        told = flask.request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        return told[:64] or peer
    return peer


def to_login() -> Response:
    """To the door, and then back to where they wanted to go."""
    wanted = flask.request.full_path.rstrip("?") if flask.request.method == "GET" else ""
    return flask.redirect(flask.url_for("doors.log_in", next=ours(wanted)), 303)


def to_proof(page: str) -> Response:
    """To where the password is given again, and then to a page."""
    parts = urlsplit(page)
    return flask.redirect(flask.url_for("doors.prove", next=ours(parts.path)), 303)


def ours(path: str | None) -> str | None:
    """A path of the console, None for every other address: nobody is sent elsewhere by a link."""
    found = path and OURS.fullmatch(path) and "//" not in path and ".." not in path
    return path if found and path != "/console/" else None


def _session() -> login.Session | None:
    shown = token()
    return login.current(console().service, shown) if shown else None


def _same_site() -> None:
    """Refuse a form of somebody else's page."""
    headers = flask.request.headers
    origin = headers.get("Origin")
    hosts = {flask.request.host, urlsplit(console().known_as or "").netloc} - {""}
    if headers.get("Sec-Fetch-Site", "none") not in SEES or (origin and urlsplit(origin).netloc not in hosts):
        flask.abort(403)


def _may_bring(takes: Takes | None) -> None:
    """Only now, when it is known who sends it, is a long form read."""
    if takes is not None:
        form().max_content_length = takes.longest
        form().keep = partial(takes.begin, console().service)


def _own_form(session: login.Session | None, needs: Needs) -> None:
    """Refuse a form that does not carry the token of its session, or of its browser where nobody is in yet."""
    wanted = session.csrf if session is not None and needs is not ANYBODY else visit().form
    known = needs is not ANYBODY or not visit().new_form
    if not known or not compare_digest(flask.request.form.get("form", "").encode(), wanted.encode()):
        flask.abort(403)
