"""Broadcasts: how each goes, whom it leaves out, what it costs; agreeing to one, holding it, stopping it for good."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import flask

from bot.channels import Traits
from bot.console.access import door
from bot.console.account import fresh, mine
from bot.console.doors import field
from bot.console.home import country
from bot.console.visit import clock, console, say, visit
from bot.services import broadcast_look, broadcasts, disclosure
from bot.services.broadcast_look import Line, Look
from bot.services.broadcasts import BadBroadcast
from bot.services.budgets import Budgets
from bot.services.disclosure import Figure
from bot.services.prices import Total
from bot.services.roles import Act
from bot.store.broadcasts import Known
from bot.store.stages import Stage
from bot.store.times import milliseconds

pages = flask.Blueprint("broadcasts", __name__, url_prefix="/console/broadcasts")
LOOK = Act.BROADCAST_READ
ROWS: Final = 20
LONGEST_KEY: Final = 20
LONGEST_WHY: Final = 120
DIGITS: Final = 6
"""A reason with so many digits may hold somebody's number."""
HELD: Final = frozenset({Stage.SCHEDULED, Stage.EXPANDING, Stage.CANARY, Stage.RUNNING})


@pages.get("/")
@door(LOOK)
def index() -> Any:
    """Those that still go or will; then those that are over."""
    before, ended = _key("before"), _key("ended")
    still, older = ([], None) if ended else _page(before, over=False)
    over, oldest = ([], None) if before else _page(ended, over=True)
    return flask.render_template(
        "broadcasts.html", still=still, older=older, over=over, oldest=oldest, first=not (before or ended), **_words()
    )


@pages.get("/<int:broadcast>")
@door(LOOK)
def one(broadcast: int) -> Any:
    """Everything of one."""
    return _one(broadcast)


@pages.get("/<int:broadcast>/progress")
@door(LOOK)
def progress(broadcast: int) -> Any:
    """How far it is, for the page that shows it already."""
    line = broadcast_look.line(console().service, _known(broadcast))
    return flask.render_template("progress.html", line=line, **_words())


@pages.get("/<int:broadcast>/approve")
@door(Act.BROADCAST_APPROVE)
def approval(broadcast: int) -> Any:
    """Whom it reaches, what it costs and how long it takes as of now: before somebody agrees."""
    return _approval(broadcast)


@pages.post("/<int:broadcast>/approve")
@door(Act.BROADCAST_APPROVE)
def approve(broadcast: int) -> Any:
    """Agree. Whoever wrote it cannot."""
    known = _known(broadcast)
    if broadcasts.same(mine().name, known.author):
        return _approval(broadcast, say("broadcasts.own")), 403
    return _done("broadcast_approved", broadcast, lambda: broadcasts.approve(console().service, broadcast, mine().name))


@pages.post("/<int:broadcast>/pause")
@door(Act.BROADCAST_WRITE)
def pause(broadcast: int) -> Any:
    """Nothing more of it goes until somebody lets it go on."""
    why = " ".join(field("why").split())
    if not why or len(why) > LONGEST_WHY:
        return _one(broadcast, say("broadcasts.why_needed")), 400
    if sum(map(str.isdigit, why)) >= DIGITS:
        return _one(broadcast, say("broadcasts.why_number")), 400
    service, by = console().service, mine().name
    return _done("broadcast_paused", broadcast, lambda: broadcasts.pause(service, broadcast, by, why))


@pages.post("/<int:broadcast>/resume")
@door(Act.BROADCAST_APPROVE)
def resume(broadcast: int) -> Any:
    """Let it go on: that sends to many, and needs a password just given."""
    return _done("broadcast_resumed", broadcast, lambda: broadcasts.resume(console().service, broadcast, mine().name))


@pages.post("/<int:broadcast>/cancel")
@door(Act.BROADCAST_WRITE)
def cancel(broadcast: int) -> Any:
    """Stop it for good."""
    if field("sure") != "yes":
        return _one(broadcast, say("broadcasts.sure_needed")), 400
    return _done("broadcast_cancelled", broadcast, lambda: broadcasts.cancel(console().service, broadcast, mine().name))


def _key(name: str) -> int | None:
    given = flask.request.args.get(name, "")
    known = given.isascii() and given.isdecimal() and len(given) < LONGEST_KEY and int(given) <= broadcast_look.NEWEST
    return int(given) if known else None


def _page(before: int | None, *, over: bool) -> tuple[list[Line], int | None]:
    """A page of them, and before which the next begins."""
    found = broadcast_look.listed(console().service, ROWS + 1, before, over=over)
    return found[:ROWS], found[ROWS - 1].known.id if len(found) > ROWS else None


def _known(broadcast: int) -> Known:
    if broadcast > broadcast_look.NEWEST:
        flask.abort(404)
    try:
        return broadcasts.get(console().service, broadcast)
    except BadBroadcast:
        flask.abort(404)


def _sought(broadcast: int) -> Look:
    return broadcast_look.look(console().service, _known(broadcast).id)


def _done(what: str, broadcast: int, work: Callable[[], None]) -> Any:
    """One step; what cannot be done with it as it is now is told with how it is."""
    _known(broadcast)
    try:
        work()
    except BadBroadcast:
        return _one(broadcast, say("broadcasts.refused")), 409
    return flask.redirect(flask.url_for("broadcasts.one", broadcast=broadcast, done=what), 303)


def _one(broadcast: int, fault: str | None = None) -> str:
    look = _sought(broadcast)
    stage = Stage(look.line.known.state)
    return flask.render_template(
        "broadcast.html",
        look=look,
        fault=fault,
        fresh=fresh(),
        filters=list(_filters(look.line.known.audience)),
        held=stage in HELD,
        paused=stage is Stage.PAUSED,
        waiting=stage is Stage.WAITING,
        own=_own(look),
        over=broadcast_look.over(look.line.known),
        house=broadcasts.HOUSE,
        write=mine().may(Act.BROADCAST_WRITE),
        agree=mine().may(Act.BROADCAST_APPROVE),
        most=LONGEST_WHY,
        **_words(),
    )


def _own(look: Look) -> bool:
    return broadcasts.same(mine().name, look.line.known.author)


def _approval(broadcast: int, fault: str | None = None) -> str:
    look = _sought(broadcast)
    known = look.line.known
    traits, budgets = _way(known.channel)
    seen = broadcast_look.foresee(console().service, known, traits, budgets)
    first, last = (None if at is None else _time(at) for at in (seen.schedule.first, seen.schedule.last))
    places = disclosure.summary(seen.provinces).figures
    return flask.render_template(
        "approve.html",
        look=look,
        seen=seen,
        fault=fault,
        fresh=fresh(),
        first=first,
        last=last,
        places=[(_place(code), figure) for code, figure in places.items() if seen.provinces[code]],
        filters=list(_filters(known.audience)),
        waiting=known.state == Stage.WAITING,
        own=_own(look),
        **_words(),
    )


def _way(channel: str) -> tuple[Traits, Budgets]:
    """How fast the gateway is, and what may be spent."""
    from bot.channels.kinds import wire  # noqa: PLC0415 - only this page asks a gateway what it can

    settings = console().settings
    gateway = wire(settings).get(channel)
    budgets = Budgets(settings.budget_day, settings.budget_country, frozenset(console().service.book.countries))
    return gateway.traits if gateway else Traits(), budgets


def _time(at: datetime) -> str:
    return clock(milliseconds(at))


def _words() -> dict[str, Any]:
    """How the templates of these pages say counts, reasons and money."""
    return {
        "told": _told,
        "left_out": broadcast_look.left_out,
        "late": broadcast_look.late,
        "everybody": broadcast_look.everybody,
        "share": _share,
        "money": _money,
        "next_step": _next,
        "seconds": _left,
        "reason": _reason,
    }


def _told(figure: Figure) -> str:
    """A count as it may be shown: itself, or the bounds that are told of it."""
    if figure.exact is not None:
        return f"{figure.exact:,}"
    if figure.small:
        return f"<{figure.high + 1}" if figure.high else ""
    return say("broadcasts.hidden") if figure.high is None else f"{figure.low:,}–{figure.high:,}"


def _share(line: Line) -> int:
    """How much of it is done, in percent, from nothing but what is told."""
    assert line.progress is not None  # noqa: S101 - the template asks for it only then
    queued = line.outcomes["queued"]
    waiting = queued.low if queued.high is None else queued.high
    return 100 * (line.progress.total - waiting) // line.progress.total if line.progress.total else 0


def _left(count: int) -> str:
    """So many seconds in one unit."""
    minutes = -(-count // 60)
    name = "frame.minutes" if minutes < 120 else "frame.hours"
    return say(name, count=minutes if name == "frame.minutes" else round(minutes / 60))


def _next(line: Line) -> str:
    """What somebody has to do with it now."""
    own = line.stage == "waiting" and broadcasts.same(mine().name, line.known.author)
    return say("broadcasts.next.own" if own else f"broadcasts.next.{line.stage}")


def _reason(names: tuple[str, ...]) -> str:
    """Why somebody is left out, in words."""
    has = console().words.has
    return f" {say('broadcasts.or')} ".join(
        say(f"broadcasts.why.{name}") if has(f"broadcasts.why.{name}") else name for name in names
    )


def _money(total: Total) -> str:
    """Sums by currency, with two decimals at least."""
    return ", ".join(f"{_exact(amount)} {currency}" for currency, amount in sorted(total.sums.items()))


def _exact(amount: Decimal) -> str:
    places = max(2, -int(amount.normalize().as_tuple().exponent))
    return f"{amount:,.{places}f}"


def _place(code: str) -> str:
    from bot.content.provinces import load  # noqa: PLC0415 - it is read once, when a page first names a province

    return load().name(code, visit().tongue) if code else say("home.unknown")


def _filters(audience: str) -> Iterator[tuple[str, str]]:
    """Whom it was asked for, in words: what is asked, and the values."""
    for name, values in json.loads(audience).items():
        told = [_value(name, value) for value in (values if isinstance(values, list) else [values])]
        yield say(f"broadcasts.filter.{name}"), ", ".join(told)


def _value(name: str, value: Any) -> str:
    if name in ("provinces", "districts"):
        return _place(value)
    if name in ("destinations", "countries"):
        return country("" if value == "ZZ" else value)
    if name == "languages":
        return say(f"home.language.{value}")
    return clock(value) if name in ("joined_after", "joined_before") else str(value)
