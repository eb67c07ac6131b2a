"""What the page of a case shows, and the words that its templates need."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final, NamedTuple

import flask

from bot.console.account import fresh, mine
from bot.console.home import country
from bot.console.visit import console, say, visit
from bot.content.book import Helpline
from bot.conversation.countries import HOME
from bot.services import cases, content, roles, staff
from bot.services.case_rules import LONGEST_NAME, LONGEST_NOTE, SHORTEST_REASON
from bot.services.cases import Case, Draft, Fault, Lock
from bot.services.roles import Act
from bot.text.khmer import has_khmer
from bot.text.sms import segments

LANGS: Final = {"km": "km", "km_Latn": "km-Latn", "en": "en"}
"""How a page calls the languages of texts."""
LONGEST: Final = 1_000
"""Characters of an answer that is being written; what may go is shorter (`cases.compose_reply`)."""
LONGEST_WHY: Final = 200
RECENT: Final = 20
"""Texts that are shown at once; what is older is folded."""
DAYS: Final = (1, 2, 3, 7, 14, 30)
"""For how long a case may be put off."""


class Ready(NamedTuple):
    """An answer that editors have written, in one language."""

    name: str
    language: str
    text: str
    parts: int


class Asked(NamedTuple):
    """What somebody did on the page a moment ago, and what is to be told about it. `at` names the part of the page that
    the fault is about; `number` is shown this once."""

    at: str = ""
    fault: str = ""
    text: str = ""
    draft: Draft | None = None
    lock: Lock | None = None
    note: str = ""
    number: str = ""


def page(case_id: int, asked: Asked | None = None) -> str:
    """The page; that it was read is noted. 404 if there is no such case."""
    asked = asked or Asked()
    service, me = console().service, mine()
    view = cases.open_(service, case_id, me.name, me.staff_id)
    if view is None:
        flask.abort(404)
    case = view.case
    return flask.render_template(
        "case.html",
        case=case,
        view=view,
        asked=asked,
        request_id=flask.request.form.get("request") or secrets.token_hex(16),
        ready=list(ready(case.language)),
        fresh=fresh(),
        colleagues=colleagues(case),
        places=helplines(case.country),
        days=DAYS,
        recent=RECENT,
        most=LONGEST,
        most_note=LONGEST_NOTE,
        most_name=LONGEST_NAME,
        most_why=LONGEST_WHY,
        least_why=SHORTEST_REASON,
        outcomes=[each for each in cases.Outcome if each not in cases.BY_THE_HOUSE],
        person="contacts.person" in flask.current_app.view_functions,
        **words(),
        **held(case, asked.lock),
        **sized(asked.text, asked.draft),
    )


def held(case: Case, lock: Lock | None = None) -> dict[str, Any]:
    """Who is answering it now: `other` keeps us from it, `until` is how long."""
    now = console().service.now()
    who, until = (lock.who, lock.until) if lock else (case.locked_by, case.locked_until)
    if who is None or until is None or until <= now:
        return {"holder": None, "other": False, "until": 0}
    return {"holder": who, "other": who != mine().name, "until": until}


def sized(text: str, draft: Draft | None) -> dict[str, Any]:
    """An answer as the phone shows it. `looked` says which text it was."""
    if draft is None:
        return {"draft": None}
    return {
        "draft": draft,
        "empty": Fault.EMPTY in draft.faults,
        "looked": looked(text),
        "size": segments(draft.text),
        "lang": tongue_of(draft.text),
    }


def looked(text: str) -> str:
    """What a text is known by, between looking at it and sending it."""
    return sha256(" ".join(text.split()).encode()).hexdigest()[:24]


def ready(language: str | None) -> Iterator[Ready]:
    """The answers that editors have written: those in the language of the person first."""
    found = [
        Ready(each.name, spoken, text, len(segments(text).parts))
        for each in content.canned(console().service)
        for spoken, text in each.texts.items()
        if text
    ]
    yield from sorted(found, key=lambda each: (each.language != (language or "km"), each.name))


def colleagues(case: Case) -> list[str]:
    """Who could see to it instead, by name."""
    return [
        each.name
        for each in staff.everybody(console().service)
        if each.state == "active" and roles.may(each.role, Act.CASE_WRITE) and each.name != case.assigned
    ]


def helplines(code: str | None) -> list[Helpline]:
    """Where a person may be sent: the lines where they are, then those at home."""
    book = console().service.book
    names = dict.fromkeys((*book.cards.get(code or "", ()), *book.elsewhere, *book.cards.get(HOME, ())))
    return [book.helplines[name] for name in names if book.helplines[name].enabled]


def helpline(name: str) -> str:
    """The name of a place that somebody was sent to."""
    line = console().service.book.helplines.get(name)
    return line.name if line else name


def words() -> dict[str, Any]:
    """How the templates of these pages say things."""
    return {
        "mine": mine(),
        "country": country,
        "province": province,
        "tongue_of": tongue_of,
        "helpline": helpline,
        "costing": costing,
        "langs": LANGS,
        "spoken": _spoken,
        "for_days": _for_days,
    }


def costing(draft: Draft) -> str:
    """What an answer costs, in words."""
    if draft.cost is None:
        return say("simulator.no_price")
    return f"{_plain(draft.cost)} {draft.currency}"


def _plain(amount: Decimal) -> str:
    places = max(2, -int(amount.normalize().as_tuple().exponent))
    return f"{amount:,.{places}f}"


def _spoken(language: str | None) -> str:
    name = f"home.language.{language}"
    return say(name if console().words.has(name) else "home.unknown")


def _for_days(count: int | str) -> str:
    return say("cases.one_day") if int(count) == 1 else say("frame.days", count=count)


def tongue_of(text: str) -> str:
    """How a page calls the language of a text that may be in any: lines of Khmer need more room."""
    return "km" if has_khmer(text) else "en"


def province(code: str) -> str:
    """The name of a province in the language of the pages."""
    from bot.content.provinces import load  # noqa: PLC0415 - it is read once, when a page first names a province

    return load().name(code, visit().tongue)
