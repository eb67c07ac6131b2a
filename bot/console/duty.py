"""Who is told when an emergency waits, and when staff read: the phones on duty, the hours of the week, the holidays."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

import flask

from bot.console.access import door, may
from bot.console.account import mine
from bot.console.doors import field
from bot.console.foresight import channels
from bot.console.visit import HOME_TIME, console, say, visit
from bot.content.book import HOME, LANGUAGES
from bot.conversation import hours as told
from bot.services import content, duty, opening, staff
from bot.services.content import BadContent, Kind
from bot.services.duty import New, Refused
from bot.services.opening import BadHours
from bot.services.roles import Act
from bot.services.roles import may as role_may

pages = flask.Blueprint("duty", __name__, url_prefix="/console/duty")
LOOK = Act.DUTY_READ
EDIT = Act.DUTY_EDIT
HOURS = Act.CONTENT_EDIT
LONGEST: Final = 60
"""Characters of the hours of a day."""
DIGITS: Final = 19
MONTH: Final = 31
"""Days."""


@pages.get("")
@door(LOOK)
def index() -> Any:
    """All of it on one page."""
    return _page()


@pages.post("/add")
@door(EDIT)
def add() -> Any:
    """One more phone."""
    known = channels()
    channel = field("channel") or (known[0] if len(known) == 1 else "")
    new = New(field("owner"), field("number"), channel if channel in known else "", field("language"))
    try:
        duty.add(console().service, new, mine().name)
    except Refused as refused:
        return _page(say(f"duty.why.{refused.why}")), 400
    return _done("duty_added")


@pages.post("/change")
@door(EDIT)
def change() -> Any:
    """Try a phone, let it be, let it have its turn earlier, or forget it."""
    written, what, service, by = field("phone"), field("what"), console().service, mine().name
    phone = int(written) if written.isdecimal() and len(written) <= DIGITS else 0
    try:
        if what == "test":
            duty.test(service, phone, by, _address())
        elif what in ("on", "off"):
            duty.switch(service, phone, by, on=what == "on")
        elif what == "earlier":
            duty.earlier(service, phone, by)
        elif what == "remove":
            duty.remove(service, phone, by)
        else:
            flask.abort(400)
    except Refused as refused:
        return _page(say(f"duty.why.{refused.why}")), 400
    return _done("duty_tried" if what == "test" else "duty_changed")


@pages.post("/hours")
@door(HOURS)
def hours() -> Any:
    """The hours of the week; a day without any is one on which nobody reads."""
    given = {day: field(day)[:LONGEST] for day in opening.DAYS}
    week: dict[str, opening.Spans] = {}
    wrong = []
    for day, text in given.items():
        try:
            week[day] = opening.read(text)
        except BadHours:
            wrong.append(day)
    if wrong:
        return _page(say("duty.bad_hours", days=", ".join(say(f"duty.day.{day}") for day in wrong)), given), 400
    upon = field("upon")
    seen = int(upon) if upon.isdecimal() and len(upon) <= DIGITS else 0
    service = console().service
    try:
        content.save(service, Kind.HOURS, opening.WEEK, week, mine().name, mine().staff_id, upon=seen)
    except BadContent:
        return _page(say("duty.others"), given), 409
    return _done("duty_hours")


@pages.post("/holiday")
@door(HOURS)
def holiday() -> Any:
    """A day on which nobody reads, or the days up to another one."""
    try:
        first, last = date.fromisoformat(field("day")), date.fromisoformat(field("until") or field("day"))
    except ValueError:
        return _page(say("duty.bad_day")), 400
    if not _today() <= first <= last <= _today() + timedelta(days=400) or (last - first).days > MONTH:
        return _page(say("duty.bad_day")), 400
    try:
        for day in (first + timedelta(days=n) for n in range((last - first).days + 1)):
            value = {"name": field("called")[:LONGEST]}
            content.save(console().service, Kind.HOLIDAY, day.isoformat(), value, mine().name, mine().staff_id)
    except BadContent:
        return _page(say("duty.others")), 409
    return _done("duty_holiday")


@pages.post("/holiday/end")
@door(HOURS)
def no_holiday() -> Any:
    """It is a day like others again."""
    service = console().service
    if field("day") not in content.current(service, Kind.HOLIDAY):
        return _page(say("duty.bad_day")), 400
    try:
        content.save(service, Kind.HOLIDAY, field("day"), None, mine().name, mine().staff_id)
    except BadContent:
        return _page(say("duty.others")), 409
    return _done("duty_holiday_off")


def _done(what: str) -> Any:
    return flask.redirect(flask.url_for("duty.index", done=what), 303)


def _page(fault: str | None = None, given: dict[str, str] | None = None) -> str:
    service = console().service
    week = content.current(service, Kind.HOURS).get(opening.WEEK, {})
    days = given or {day: opening.written(week.get(day, ())) for day in opening.DAYS}
    today = _today()
    return flask.render_template(
        "duty.html",
        fault=fault,
        phones=duty.phones(service),
        owners=_owners() if may(EDIT) else [],
        channels=channels() if may(EDIT) else [],
        languages=LANGUAGES,
        edit=EDIT,
        set_hours=HOURS,
        days=days,
        reads=any(week.get(day) for day in opening.DAYS),
        upon=content.versions(service, Kind.HOURS).get(opening.WEEK, 0),
        holidays=[
            (day, f"{date.fromisoformat(day):%d/%m/%Y}", value["name"])
            for day, value in sorted(content.current(service, Kind.HOLIDAY).items())
            if date.fromisoformat(day) >= today
        ],
        today=today.isoformat(),
        said=_said(),
        alert=_alert(),
    )


def _owners() -> list[str]:
    """Who can answer cases: nobody else is to be called out."""
    return [
        each.name
        for each in staff.everybody(console().service)
        if each.state != "disabled" and role_may(each.role, Act.CASE_WRITE)
    ]


def _said() -> str:
    """What somebody in Cambodia who asks for a person is told now."""
    service, tongue = console().service, visit().tongue
    state, fills = told.said(service.shelf.current().hours, service.clock())
    return service.book.answer(state, tongue, here=HOME, there=None, today=_today(), fills=fills)


def _alert() -> str:
    """An alert, as a phone shows it."""
    address = _address()
    fills = (("count", "1"), *((("where", address),) if address else ()))
    state = duty.ALERT + duty.LINKED if address else duty.ALERT
    return console().service.book.answer(state, visit().tongue, here=None, there=None, today=_today(), fills=fills)


def _address() -> str | None:
    known = console().known_as
    return f"{known.rstrip('/')}/console/" if known else None


def _today() -> date:
    return console().service.clock().astimezone(HOME_TIME).date()
