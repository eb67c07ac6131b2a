"""Notices that stand before answers until a day, and answers that staff have ready."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import flask

from bot.check.numbers import is_answer
from bot.console.access import door
from bot.console.content import EDIT, LOOK, SOON, done, faults, page, pages, save, seen
from bot.console.doors import field
from bot.console.home import country
from bot.console.visit import console, say
from bot.content.book import LANGUAGES
from bot.services import content, content_notices
from bot.services.content import BadContent, Kind
from bot.text.sms import segments

NEW = "new"


def topics() -> list[tuple[str, str]]:
    """The topics a notice may be about, by their names: an emergency answer has no room for one."""
    book = console().service.book
    about = {state.topic for state in book.states.values() if state.notices and is_answer(state)} - {"sos"}
    return sorted(((topic, say(f"topics.{topic}")) for topic in about), key=lambda each: each[1])


def _places() -> list[tuple[str, str]]:
    return sorted(((code, country(code)) for code in console().service.book.countries), key=lambda each: each[1])


@pages.get("/notices")
@door(LOOK)
def notices() -> Any:
    """Every notice that is not ended."""
    service = console().service
    today = content.today(service)
    ended = [name for name, value in _versions().items() if value is None]
    known = content_notices.every(service)
    left = {each.notice.id: (each.notice.valid_until - today).days for each in known}
    return page(
        "content_notices.html", known=known, left=left, soon=SOON, ended=ended, places=dict(_places()), country=country
    )


def _versions() -> Mapping[str, object]:
    service = console().service
    held = content.current(service, Kind.NOTICE)
    return {name: held.get(name) for name in content.versions(service, Kind.NOTICE)}


def _blank() -> dict[str, Any]:
    today = content.today(console().service).isoformat()
    empty = {"topics": [], "countries": [], "valid_until": "", "source": "", "source_date": today}
    return {"say": dict.fromkeys(LANGUAGES, ""), **empty}


def _value(name: str) -> tuple[dict[str, Any], int]:
    """What the form of a notice holds at first, and over which version it is written."""
    if name == NEW:
        return _blank(), 0
    service = console().service
    known = next((each for each in content_notices.every(service) if each.notice.id == name), None)
    if known is None:
        flask.abort(404)
    notice = known.notice
    value = {"say": known.texts, "topics": notice.topics, "countries": notice.countries}
    dates = {"valid_until": notice.valid_until.isoformat(), "source": known.source}
    return {**value, **dates, "source_date": known.source_date or _blank()["source_date"]}, known.version


def _notice(name: str, value: Mapping[str, Any], version: int, **more: Any) -> Any:
    told = {"faults": [], "shown": None, **more}
    return page(
        "content_notice.html",
        400 if told["faults"] else 200,
        name=name,
        value=value,
        version=version,
        topics=topics(),
        places=_places(),
        history=content.history(console().service, Kind.NOTICE, name, limit=20) if name != NEW else [],
        **told,
    )


@pages.get("/notices/<name>")
@door(LOOK)
def notice(name: str) -> Any:
    """One notice, or a new one."""
    return _notice(name, *_value(name))


@pages.post("/notices/<name>")
@door(EDIT)
def save_notice(name: str) -> Any:
    """Look how it would stand before an answer, or keep it."""
    service, form = console().service, flask.request.form
    value = {
        "say": {language: field(f"say_{language}") for language in LANGUAGES},
        "topics": form.getlist("topics"),
        "countries": form.getlist("countries"),
        **{each: field(each) for each in ("valid_until", "source", "source_date")},
    }
    called = content_notices.new_name(service) if name == NEW else name
    if field("look"):
        try:
            shown = content_notices.as_shown(service, called, value)
        except BadContent as bad:
            return _notice(name, value, seen(), faults=faults(bad))
        return _notice(name, value, seen(), shown=shown)
    found = save(Kind.NOTICE, called, value)
    return _notice(name, value, seen(), faults=found) if found else done("content.notices", "notice_kept")


@pages.post("/notices/<name>/end")
@door(EDIT)
def end_notice(name: str) -> Any:
    """It is said no more."""
    service = console().service
    if name not in {each.id for each in service.book.notices}:
        flask.abort(404)
    found = save(Kind.NOTICE, name, None)
    return _notice(name, *_value(name), faults=found) if found else done("content.notices", "notice_ended")


@pages.get("/answers")
@door(LOOK)
def answers() -> Any:
    """What staff have ready for people who write; with a name, that one to be changed."""
    name = flask.request.args.get("name", "")
    texts: dict[str, str] = {}
    if name:
        known = {each.name: each.texts for each in content.canned(console().service)}
        if name not in known:
            flask.abort(404)
        texts = {str(language): text for language, text in known[name].items()}
    return _answers(name, texts, content.versions(console().service, Kind.CANNED).get(name, 0))


def _answers(name: str, texts: Mapping[str, str], version: int, found: list[str] | None = None) -> Any:
    ready = [
        (each.name, [(language, text, segments(text)) for language, text in each.texts.items()])
        for each in content.canned(console().service)
    ]
    return page(
        "content_answers.html",
        400 if found else 200,
        ready=ready,
        versions=content.versions(console().service, Kind.CANNED),
        name=name,
        texts=texts,
        version=version,
        faults=found or [],
        languages=LANGUAGES,
        known=any(name == each for each, _ in ready),
    )


@pages.post("/answers")
@door(EDIT)
def save_answer() -> Any:
    """Keep an answer, new or changed."""
    name = " ".join(field("name").split())
    texts: dict[str, str] = {language: field(f"text_{language}") for language in LANGUAGES}
    found = save(Kind.CANNED, name, texts)
    return _answers(name, texts, seen(), found) if found else done("content.answers", "answer_kept")


@pages.post("/answers/remove")
@door(EDIT)
def remove_answer() -> Any:
    """Take one away."""
    name = field("name")
    if name not in content.current(console().service, Kind.CANNED):
        flask.abort(400)
    found = save(Kind.CANNED, name, None)
    return _answers("", {}, 0, found) if found else done("content.answers", "answer_removed")
