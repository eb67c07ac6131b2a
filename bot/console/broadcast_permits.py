"""Exceptions: somebody in danger gets one broadcast after all, because two of staff say so (H14)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import flask

from bot.console import broadcasts
from bot.console.access import door
from bot.console.account import fresh, mine
from bot.console.broadcast_write import refused
from bot.console.doors import field
from bot.console.visit import console, say
from bot.phone import NotAPhone
from bot.services import broadcast_look, permits
from bot.services import broadcasts as service
from bot.services.broadcasts import BadBroadcast
from bot.services.faces import masked
from bot.services.roles import Act
from bot.store.broadcasts import Asked, Known
from bot.store.stages import Stage

pages = broadcasts.pages
LONGEST_WHY: Final = 200
SHORTEST_WHY: Final = 10


@pages.get("/<int:broadcast>/exceptions")
@door(Act.BROADCAST_APPROVE)
def exceptions(broadcast: int) -> Any:
    """For whom somebody asked, and who agreed."""
    return _page(_open(broadcast))


@pages.post("/<int:broadcast>/exceptions")
@door(Act.BROADCAST_APPROVE)
def ask(broadcast: int) -> Any:
    """Ask for one person, by the number."""
    known = _open(broadcast)
    number, why = field("number").strip(), " ".join(field("why").split())
    if not SHORTEST_WHY <= len(why) <= LONGEST_WHY:
        return _page(known, say("exceptions.why_needed", least=SHORTEST_WHY)), 400
    if sum(map(str.isdigit, why)) >= broadcasts.DIGITS:
        return _page(known, say("broadcasts.why_number")), 400
    return _done(known, "permit_asked", lambda: permits.ask(console().service, broadcast, number, mine().name, why))


@pages.post("/<int:broadcast>/exceptions/grant")
@door(Act.BROADCAST_APPROVE)
def grant(broadcast: int) -> Any:
    """Agree as the second person."""
    known, given = _open(broadcast), field("person")
    if not (given.isascii() and given.isdecimal() and len(given) < broadcasts.LONGEST_KEY):
        flask.abort(400)
    person = int(given)
    if person > broadcast_look.NEWEST:
        flask.abort(400)
    return _done(known, "permit_granted", lambda: permits.grant_to(console().service, broadcast, person, mine().name))


def _done(known: Known, what: str, work: Callable[[], None]) -> Any:
    try:
        work()
    except NotAPhone:
        return _page(known, say("exceptions.no_number")), 400
    except BadBroadcast as bad:
        return _page(known, refused(bad)), 400
    return flask.redirect(flask.url_for("broadcasts.exceptions", broadcast=known.id, done=what), 303)


def _open(broadcast: int) -> Known:
    """One whose recipients are not settled yet."""
    known = broadcasts.known_one(broadcast)
    if known.state > Stage.SCHEDULED:
        flask.abort(404)
    return known


def _page(known: Known, fault: str | None = None) -> str:
    house = console().service

    def face(asked: Asked) -> str:
        sealed = asked.number_sealed
        return masked(None if sealed is None else house.vault.open(sealed, "number", asked.contact_id).decode())

    asked = [(each, face(each), service.same(each.asked_by, mine().name)) for each in permits.listed(house, known.id)]
    return flask.render_template(
        "exceptions.html",
        known=known,
        fault=fault,
        fresh=fresh(),
        asked=asked,
        most=LONGEST_WHY,
        least=SHORTEST_WHY,
    )
