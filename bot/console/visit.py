"""Who asks for a page, and in which language: what holds for one request."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from typing import Any, Final, cast

import flask
from markupsafe import Markup
from werkzeug.wrappers import Response

from bot.config import Settings
from bot.content.console import TONGUES, Tongue, Words
from bot.services.login import Session
from bot.services.service import Service

HOME_TIME: Final = timezone(timedelta(hours=7))
"""Phnom Penh, all the year round."""
TONGUE: Final = "phlov-lang"
"""The cookie with the language; it tells nothing else."""
YEAR: Final = 365 * 86_400
HIDDEN: Final = Markup('<input type="hidden" name="form" value="{}">')
FORM: Final = 32
"""Bytes of the token in the forms of those who are not logged in."""


class Form(flask.Request):
    """A request. A file in it goes where `keep` says, and never onto a disk as it came."""

    keep: Callable[[], Any] = BytesIO

    def _get_file_stream(self, *_: Any, **__: Any) -> Any:
        return self.keep()


class Console(flask.Flask):
    """The application, with the house it shows. `plain`: cookies also go over http (a box without TLS)."""

    request_class = Form

    def __init__(self, service: Service, words: Words, settings: Settings) -> None:
        super().__init__("bot.console", static_folder=None)
        self.service = service
        self.words = words
        self.settings = settings
        self.plain = settings.console_plain
        self.known_as = settings.public_url


def console() -> Console:
    """The application that answers now."""
    return cast(Console, flask.current_app)


def form() -> Form:
    """The request that is answered now."""
    return cast(Form, flask.request)


@dataclass(slots=True)
class Visit:
    """One request. `form`: the token of its forms where nobody need be in; `new_form`: the browser has not got it yet,
    `shown`: and must now."""

    tongue: Tongue
    asked_tongue: Tongue | None
    session: Session | None = None
    form: str = ""
    new_form: bool = False
    shown: bool = False


def visit() -> Visit:
    """The request that is answered now."""
    return cast(Visit, flask.g.visit)


def begin() -> Visit:
    """What the request itself tells: the language, and the token of a form it may send."""
    asked = _tongue(flask.request.args.get("lang"))
    kept = _tongue(flask.request.cookies.get(TONGUE))
    best = flask.request.accept_languages.best_match(TONGUES, default="km")
    given = flask.request.cookies.get(cookie_name("form"), "")
    known = len(given) == 2 * FORM and given.isalnum() and given.isascii()
    form = given if known else secrets.token_hex(FORM)
    return Visit(asked or kept or cast(Tongue, best), asked, form=form, new_form=not known)


def token() -> Markup:
    """For the forms of those who are in."""
    session = visit().session
    return HIDDEN.format(session.csrf) if session is not None else door_token()


def door_token() -> Markup:
    """For the forms at the door, which carry what the browser shows in a cookie."""
    visit().shown = True
    return HIDDEN.format(visit().form)


def _tongue(name: str | None) -> Tongue | None:
    return next((tongue for tongue in TONGUES if tongue == name), None)


def say(name: str, **fills: object) -> str:
    """A text in the language of the page."""
    return console().words.say(visit().tongue, name, **fills)


def remember(answer: Response, tongue: Tongue) -> None:
    """Keep the language for the next pages."""
    secure = not console().plain
    answer.set_cookie(TONGUE, tongue, max_age=YEAR, path="/console/", secure=secure, httponly=True, samesite="Lax")


def cookie_name(what: str) -> str:
    """The name of a cookie of ours: browsers take one with this beginning only over TLS and from this very host."""
    name = "phlov" if what == "session" else f"phlov-{what}"
    return name if console().plain else f"__Host-{name}"


def give(answer: Response, what: str, value: str) -> None:
    """Give the browser a cookie that it keeps until it is closed."""
    secure = not console().plain
    answer.set_cookie(cookie_name(what), value, path="/", secure=secure, httponly=True, samesite="Strict")


def take(answer: Response, what: str) -> None:
    """Take a cookie back."""
    secure = not console().plain
    answer.delete_cookie(cookie_name(what), path="/", secure=secure, httponly=True, samesite="Strict")


def local(at: int) -> datetime:
    """An instant (ms) by the clocks of Cambodia."""
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(HOME_TIME)


def clock(at: int) -> str:
    """The day and the time as Cambodians write them."""
    return local(at).strftime("%d/%m/%Y %H:%M")


def age(at: int) -> str:
    """How long ago it was, in one unit."""
    minutes = max(0, console().service.now() - at) // 60_000
    for unit, name in ((1440, "frame.days"), (60, "frame.hours"), (1, "frame.minutes")):
        if minutes >= unit:
            return say(name, count=minutes // unit)
    return say("frame.just_now")
