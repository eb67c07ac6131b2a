"""How the pages of broadcasts say counts, reasons, money and filters."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, Final

from bot.console.account import mine
from bot.console.home import country
from bot.console.visit import clock, console, say, visit
from bot.services import broadcast_look, broadcasts, simulator
from bot.services.broadcast_look import Line
from bot.services.compose import Written
from bot.services.cost_rows import Row
from bot.services.disclosure import Figure
from bot.services.hours import UNKNOWN
from bot.services.prices import Total
from bot.text.sms import segments

LANGS: Final = {"km": "km", "km_Latn": "km-Latn", "en": "en"}
"""How a page calls the languages of texts."""
ROOM: Final = {"GSM-7": (160, 153), "UCS-2": (70, 67)}
"""Places in a text of one part, and in each of several."""


def words() -> dict[str, Any]:
    """How the templates of these pages say counts, reasons and money."""
    return {
        "told": told,
        "left_out": broadcast_look.left_out,
        "late": broadcast_look.late,
        "everybody": broadcast_look.everybody,
        "share": _share,
        "money": money,
        "next_step": _next,
        "seconds": _left,
        "reason": _reason,
        "langs": LANGS,
        "size": size,
        "costing": costing,
        "cut": lambda written: segments(written).parts,
        "networks": _networks,
    }


def told(figure: Figure) -> str:
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
    if line.stage == "done" and line.known.closed_at is not None:
        return say("broadcasts.next.closed")
    own = line.stage == "waiting" and broadcasts.same(mine().name, line.known.author)
    return say("broadcasts.next.own" if own else f"broadcasts.next.{line.stage}")


def _reason(names: tuple[str, ...]) -> str:
    """Why somebody is left out, in words."""
    has = console().words.has
    return f" {say('broadcasts.or')} ".join(
        say(f"broadcasts.why.{name}") if has(f"broadcasts.why.{name}") else name for name in names
    )


def money(total: Total) -> str:
    """Sums by currency, with two decimals at least."""
    return ", ".join(f"{exact(amount)} {currency}" for currency, amount in sorted(total.sums.items()))


def exact(amount: Decimal) -> str:
    places = max(2, -int(amount.normalize().as_tuple().exponent))
    return f"{amount:,.{places}f}"


def size(text: Written) -> str:
    """How much room a text takes."""
    room = ROOM[text.encoding]
    places = room[0] if text.parts == 1 else room[1] * text.parts
    return say("write.size", units=text.units, places=places)


def costing(parts: int, countries: Iterable[str]) -> str:
    """Between which sums a text with so many parts costs, by the prices of these countries; "" if none is known."""
    found = []
    for code in countries:
        for cost in simulator.costs(console().service, code, parts):
            least, most = (f"{amount.normalize():f}" for amount in (cost.least, cost.most))
            found.append(f"{country(code)} {least if least == most else f'{least}–{most}'} {cost.currency}")
    return " · ".join(found)


def _networks(row: Row) -> str:
    """Whose costs stand in a row."""
    if row.kind in ("rest", "together"):
        return say(f"write.{row.kind}", count=len(row.where))
    code, network = row.where[0]
    where = say("home.unknown") if code == UNKNOWN else country(code)
    return f"{where} · {network}" if network else where


def place(code: str) -> str:
    from bot.content.provinces import load  # noqa: PLC0415 - it is read once, when a page first names a province

    return load().name(code, visit().tongue) if code else say("home.unknown")


def filters(audience: str) -> Iterator[tuple[str, str]]:
    """Whom it was asked for, in words: what is asked, and the values."""
    for name, values in json.loads(audience).items():
        told = [called(name, value) for value in (values if isinstance(values, list) else [values])]
        yield say(f"broadcasts.filter.{name}"), ", ".join(told)


def called(name: str, value: Any) -> str:
    """How a value of a filter is called."""
    if name in ("provinces", "districts"):
        return place(value)
    if name in ("destinations", "countries"):
        return country("" if value == "ZZ" else value)
    if name == "languages":
        return say(f"home.language.{value}")
    return clock(value) if name in ("joined_after", "joined_before") else str(value)
