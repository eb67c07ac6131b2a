"""What sending a broadcast now would mean, for the pages on which somebody decides. Counting may take seconds where a
million people are known: no page waits for it, it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from threading import Lock
from typing import Any, Final

import flask

from bot.channels import Channel, Traits, sends
from bot.console.broadcast_words import place
from bot.console.doors import field
from bot.console.visit import clock, console
from bot.services import broadcast_look, broadcasts, disclosure
from bot.services.budgets import Budgets
from bot.store.broadcasts import Known
from bot.store.times import milliseconds

GATEWAYS: Final = "gateways"
PATIENCE: Final = 8
"""Seconds that somebody waits while others have theirs counted."""
_counting = Lock()
"""One at a time: texts of people are answered by the same process."""


def foresee(known: Known, parts: Mapping[str, int] | None = None) -> dict[str, Any]:
    """What `foreseen.html` shows. `parts`: of its texts, by language, where they are not kept yet."""
    traits, budgets = _way(known.channel)
    if not _counting.acquire(timeout=PATIENCE):
        flask.abort(503)
    try:
        seen = broadcast_look.foresee(console().service, known, traits, budgets, parts)
    finally:
        _counting.release()
    places = disclosure.summary(seen.provinces).figures
    return {
        "seen": seen,
        "few": seen.recipients < broadcasts.fewest(known),
        "fewest": broadcasts.FEWEST,
        "alone": broadcasts.ALONE,
        "first": _time(seen.schedule.first),
        "last": _time(seen.schedule.last),
        "places": [(place(code), figure) for code, figure in places.items() if seen.provinces[code]],
    }


def piece() -> bool:
    """Whether the script of a page asks, which puts the answer into the page."""
    return field("piece") == "yes"


def channels() -> list[str]:
    """The gateways that are set up and can send."""
    return [name for name, gateway in _gateways().items() if sends(gateway)]


def _gateways() -> Mapping[str, Channel]:
    """All of them; made once, for that reads certificates."""
    from bot.channels.kinds import wire  # noqa: PLC0415 - only pages that send ask gateways what they can

    made = console().extensions
    if GATEWAYS not in made:
        made[GATEWAYS] = wire(console().settings)
    found: Mapping[str, Channel] = made[GATEWAYS]
    return found


def _way(channel: str) -> tuple[Traits, Budgets]:
    """How fast the gateway is, and what may be spent."""
    settings, gateway = console().settings, _gateways().get(channel)
    budgets = Budgets(settings.budget_day, settings.budget_country, frozenset(console().service.book.countries))
    return gateway.traits if gateway else Traits(), budgets


def _time(at: datetime | None) -> str | None:
    return None if at is None else clock(milliseconds(at))


def answer(page: str, piece_of_it: str, **shown: Any) -> str:
    """A page, or only the piece of it that was asked for."""
    return flask.render_template(piece_of_it if piece() else page, **shown)
