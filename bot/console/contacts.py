"""People: found by number or by what is known of them, and the page of one. Numbers are in no page and no address."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping
from datetime import date
from typing import Any, Final

import flask

from bot.console.access import door
from bot.console.account import fresh, mine
from bot.console.doors import field
from bot.console.home import country
from bot.console.visit import console, local, say, visit
from bot.content.console import TONGUES
from bot.phone import NotAPhone
from bot.services import cases, people
from bot.services.campaigns import every as known_campaigns
from bot.services.contacts_cells import Unread, numbered
from bot.services.people import Person
from bot.services.roles import Act
from bot.text.khmer import fold

pages = flask.Blueprint("contacts", __name__, url_prefix="/console/contacts")
LOOK = Act.CONTACT_READ
LONGEST_WHY: Final = 200
LONGEST_ID: Final = people.NEWEST
LONGEST_KEY: Final = 20
FILTERS: Final = ("province", "destination", "campaign", "tag")
_LIKE: Final[Mapping[str, re.Pattern[str]]] = {
    "province": re.compile("0[1-9]|1[0-9]|2[0-5]"),
    "destination": re.compile("[A-Z]{2}"),
    "campaign": re.compile("[A-Z]{2,8}[0-9]{0,4}"),
    "tag": re.compile(".{1,40}"),
}
"""What can stand in an address of these pages; a number cannot."""


@pages.get("")
@door(LOOK)
def index() -> Any:
    """The newest people, or those that a few filters fit. What can be no filter is taken out of the address."""
    asked = flask.request.args
    if any(name in asked and value_of(name, asked[name]) is None for name in FILTERS):
        return flask.redirect(flask.url_for("contacts.index"), 303)
    return _index()


@pages.post("/find")
@door(LOOK)
def find() -> Any:
    """Somebody by their number, which is in no address."""
    try:
        found = people.find(console().service, field("number"), mine().name)
    except NotAPhone:
        return _index(say("contacts.no_number")), 400
    if found is None:
        return _index(say("contacts.nobody")), 404
    return flask.redirect(flask.url_for("contacts.person", contact_id=found), 303)


@pages.post("/show")
@door(LOOK)
def show() -> Any:
    """Filters come by a form, so that a number somebody writes into one goes into no address."""
    wanted: dict[str, Any] = {name: value for name in FILTERS if (value := value_of(name, field(name)))}
    if any(field(name).strip() and name not in wanted for name in FILTERS):
        return _index(say("contacts.no_tag")), 400
    return flask.redirect(flask.url_for("contacts.index", **wanted), 303)


@pages.get("/<int:contact_id>")
@door(LOOK)
def person(contact_id: int) -> Any:
    """All that is known of somebody. That it was looked at is noted."""
    return _page(contact_id)


@pages.post("/<int:contact_id>/tags")
@door(Act.CONTACT_TAG)
def tags(contact_id: int) -> Any:
    """Put marks on somebody, or take one off."""
    add = re.split("[,;|]", field("add"))
    try:
        people.tag(console().service, _id(contact_id), add, [field("remove")], mine().name)
    except Unread:
        return _page(contact_id, say("contacts.no_tag")), 400
    except people.Unknown:
        flask.abort(404)
    return _done("person_tagged", contact_id)


@pages.post("/<int:contact_id>/block")
@door(Act.CONTACT_BLOCK)
def block(contact_id: int) -> Any:
    """Nothing that they did not ask for goes to them."""
    return _blocked(contact_id, blocked=True)


@pages.post("/<int:contact_id>/unblock")
@door(Act.CONTACT_BLOCK)
def unblock(contact_id: int) -> Any:
    """It may go to them again."""
    return _blocked(contact_id, blocked=False)


@pages.post("/<int:contact_id>/reveal")
@door(Act.CONTACT_REVEAL)
def reveal(contact_id: int) -> Any:
    """The number, for whoever says what for; it stands on this one page and nowhere else."""
    if numbered(field("why")):
        return _page(contact_id, say("contacts.reveal.number")), 400
    try:
        number = cases.reveal(console().service, _id(contact_id), mine().name, " ".join(field("why").split()))
    except cases.Refused as refused:
        return _page(contact_id, told(refused)), 400
    return _page(contact_id, number=number)


@pages.post("/<int:contact_id>/erase")
@door(Act.CONTACT_ERASE)
def erase(contact_id: int) -> Any:
    """Leave nothing of them, for whoever writes the word that says so."""
    if fold(field("word")) not in {fold(console().words.say(tongue, "contacts.erase_word")) for tongue in TONGUES}:
        return _page(contact_id, say("contacts.erase_needed")), 400
    try:
        people.erase(console().service, _id(contact_id), mine().name)
    except people.Unknown:
        flask.abort(404)
    return flask.redirect(flask.url_for("contacts.index", done="person_erased"), 303)


def told(refused: cases.Refused) -> str:
    """Why a number was not shown."""
    name = f"contacts.reveal.{refused.why}"
    return say(name if console().words.has(name) else "contacts.reveal.refused")


def campaigns() -> list[tuple[str, str]]:
    """Codes and names of all campaigns."""
    return [(code, f"{each.name} ({code})") for code, each in known_campaigns(console().service).items()]


def provinces() -> list[tuple[str, str]]:
    """Codes and names of all provinces, as somebody looks for one."""
    from bot.content.provinces import load  # noqa: PLC0415 - it is read once, when a page first names a province

    areas = load()
    return sorted(((code, areas.name(code, visit().tongue)) for code in areas.provinces), key=lambda each: each[1])


def countries() -> list[tuple[str, str]]:
    """Codes and names of the countries that have a help card."""
    return sorted(((code, country(code)) for code in console().service.book.countries), key=lambda each: each[1])


def _index(fault: str | None = None) -> str:
    asked = flask.request.args if flask.request.method == "GET" else {}
    wanted = {name: value for name in FILTERS if (value := value_of(name, asked.get(name, "")))}
    before = asked.get("before", "")
    known = before.isascii() and before.isdecimal() and len(before) < LONGEST_KEY and int(before) <= people.NEWEST
    page = people.page(console().service, wanted, int(before) if known else people.NEWEST)
    return flask.render_template(
        "contacts.html",
        fault=fault,
        lines=page.lines,
        older=page.older,
        wanted=wanted,
        first=not known,
        provinces=provinces(),
        countries=countries(),
        campaigns=campaigns(),
        **words(),
    )


def value_of(name: str, given: str) -> str | None:
    """What a filter is asked for, if it can be."""
    value = fold(given) if name == "tag" else given.strip()
    return value if _LIKE[name].fullmatch(value) and not numbered(value) else None


def _page(contact_id: int, fault: str | None = None, number: str | None = None) -> str:
    found = people.look(console().service, _id(contact_id), mine().name)
    if found is None:
        flask.abort(404)
    return flask.render_template(
        "person.html",
        person=found,
        fault=fault,
        number=number,
        fresh=fresh(),
        most=LONGEST_WHY,
        facts=_facts(found),
        asked=lambda consent: people.asked(console().service.book, consent),
        can=lambda name: mine().may(Act(name)),
        **words(),
    )


def _facts(person: Person) -> list[tuple[str, str]]:
    """What is known, and the word for it; nothing of what is not."""
    known = person.known
    told = {
        "language": say(f"home.language.{known.language}") if known.language else "",
        "country": country(known.country) if known.country else "",
        "network": known.network or "",
        "province": place(known.province) if known.province else "",
        "district": place(known.district) if known.district else "",
        "destination": country(known.destination) if known.destination else "",
        "school": known.school or "",
    }
    return [(say(f"contacts.{name}"), value) for name, value in told.items() if value]


def place(code: str) -> str:
    """The name of a province or a district."""
    from bot.content.provinces import load  # noqa: PLC0415 - it is read once, when a page first names a province

    return load().name(code, visit().tongue)


def words() -> dict[str, Callable[..., Any]]:
    """What the templates of these pages ask for."""
    return {"country": country, "place": place, "day": _day, "written": _written, "known_pages": _known_pages}


def _known_pages() -> Container[str]:
    return flask.current_app.view_functions


def _day(at: int) -> str:
    return local(at).strftime("%d/%m/%Y")


def _written(day: str) -> str:
    """A day of a list, as it is written here."""
    return date.fromisoformat(day).strftime("%d/%m/%Y")


def _blocked(contact_id: int, *, blocked: bool) -> Any:
    try:
        people.block(console().service, _id(contact_id), blocked=blocked, by=mine().name)
    except people.Unknown:
        flask.abort(404)
    return _done("person_blocked" if blocked else "person_unblocked", contact_id)


def _id(contact_id: int) -> int:
    if contact_id > people.NEWEST:
        flask.abort(404)
    return contact_id


def _done(what: str, contact_id: int) -> Any:
    return flask.redirect(flask.url_for("contacts.person", contact_id=contact_id, done=what), 303)
