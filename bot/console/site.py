"""The application of the console: its pages, the headers of every answer, and what is shown when something is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import flask
from flask.sessions import SecureCookieSession, SessionInterface
from jinja2 import StrictUndefined
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from bot.config import Settings
from bot.console import (
    access,
    account,
    assets,
    audit,
    broadcast_area,
    cases,
    contact_area,
    content_area,
    doors,
    duty,
    guide,
    home,
    simulator,
    team,
    visit,
)
from bot.content import console as content
from bot.log import failure
from bot.services.service import Service
from bot.store.errors import StoreError

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("style", "script", "font", "connect")),
        "img-src 'self' data:",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not `no-referrer`: with it browsers send forms of our own pages as from nowhere, and we could not tell them apart.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
LONGEST_FORM: Final = 32_768
KNOWN: Final = frozenset({400, 401, 403, 404, 405, 413, 429, 503})
"""What has words of its own; of all else it is said that something went wrong."""


class NoSession(SessionInterface):
    """Who somebody is stands in the database, not in a cookie."""

    def open_session(self, _: flask.Flask, __: flask.Request) -> SecureCookieSession:
        return SecureCookieSession()

    def is_null_session(self, _: object) -> bool:
        return True


def create(service: Service, settings: Settings) -> flask.Flask:
    """The console of a house, all of it below `/console/`."""
    words = content.load()
    house = replace(service, door="console")
    app = visit.Console(house, words, settings)
    app.session_interface = NoSession()
    app.config.update(MAX_CONTENT_LENGTH=LONGEST_FORM, PROVIDE_AUTOMATIC_OPTIONS=False)
    app.jinja_options = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    app.before_request(_begin)
    app.before_request(access.check)
    app.after_request(_finish)
    app.register_error_handler(HTTPException, _wrong)
    app.register_error_handler(StoreError, _busy)
    app.register_error_handler(Exception, _broken)
    app.add_url_rule("/console/static/<path:name>", "static", access.door(access.ANYBODY)(assets.send))
    areas = (
        home,
        cases,
        broadcast_area,
        contact_area,
        content_area,
        doors,
        account,
        simulator,
        duty,
        team,
        audit,
        guide,
    )
    for area in areas:
        app.register_blueprint(area.pages)
    _names(app, words)
    access.complete(app)
    return app


def _names(app: flask.Flask, words: content.Words) -> None:
    """What every template knows."""
    app.jinja_env.globals.update(
        say=visit.say,
        token=visit.token,
        door_token=visit.door_token,
        visit=visit.visit,
        asset=assets.address,
        clock=visit.clock,
        age=visit.age,
        may=access.may,
        has=words.has,
        menu=_menu,
        here=_here,
    )


def _menu() -> list[tuple[str, str]]:
    """The endpoints of the areas that this visitor may see, and the names of their titles."""
    areas = (
        ("home.index", "home.title", access.STAFF),
        ("cases.index", "cases.title", cases.LOOK),
        ("broadcasts.index", "broadcasts.title", broadcast_area.LOOK),
        ("contacts.index", "contacts.title", contact_area.LOOK),
        ("content.index", "content.title", content_area.LOOK),
        ("simulator.index", "simulator.title", simulator.LOOK),
        ("duty.index", "duty.title", duty.LOOK),
        ("team.index", "team.title", team.LOOK),
        ("audit.index", "audit.title", audit.LOOK),
        ("guide.index", "guide.title", access.STAFF),
        ("account.index", "account.title", access.STAFF),
    )
    return [(endpoint, title) for endpoint, title, needs in areas if access.may(needs)]


def _here(tongue: str) -> str:
    """The page that is shown, in another language; after a form that has no page of its own, the first of its area."""
    request = flask.request
    asked = {name: value for name, value in request.args.items() if name not in ("lang", "done")}
    if request.method == "GET" and request.endpoint is not None:
        return flask.url_for(request.endpoint, **{**(request.view_args or {}), **asked, "lang": tongue})
    found = _page_of(request.path) or _page_of(request.path.rpartition("/")[0])
    endpoint, places = found or (f"{request.blueprint}.index", {})
    known = endpoint in flask.current_app.view_functions
    return flask.url_for(endpoint if known else "home.index", **(places if known else {}), lang=tongue)


def _page_of(path: str) -> tuple[str, Mapping[str, Any]] | None:
    """The page of this address, and what it shows."""
    try:
        return flask.current_app.url_map.bind("").match(path, "GET")
    except HTTPException:
        return None


def _begin() -> None:
    flask.g.visit = visit.begin()
    visit.console().service.shelf.current()


def _finish(answer: flask.Response) -> flask.Response:
    """The headers, and the cookies that any page may give."""
    answer.headers.update(HEADERS)
    if flask.request.endpoint != "static":
        answer.headers["Cache-Control"] = "no-store"
        now = flask.g.get("visit")
        if now is not None and now.asked_tongue:
            visit.remember(answer, now.asked_tongue)
        if now is not None and now.new_form and now.shown:
            visit.give(answer, "form", now.form)
    return answer


def _page(status: int) -> tuple[str, int]:
    name = str(status) if status in KNOWN else "500"
    return flask.render_template("wrong.html", name=name), status


def _wrong(error: HTTPException) -> Any:
    """Flask asks for this at everything that was refused; a redirect is none of it."""
    if error.response is not None or not error.code:
        return error
    answer = flask.make_response(_page(error.code))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return answer


def _busy(error: StoreError) -> Any:
    failure("a page could not be shown", error)
    return _page(503)


def _broken(error: Exception) -> Any:
    failure("a page failed", error)
    return _page(500)
