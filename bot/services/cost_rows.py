"""What a broadcast costs by country and network, as staff may see it: of a few people only together with others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from bot.content.book import HOME
from bot.services.disclosure import Figure, summary
from bot.services.forecast import Cost, Line
from bot.services.prices import Total, total

ROWS: Final = 12
"""So many are shown; the others are summed up."""

Where = tuple[str, str]
Kind = Literal["one", "rest", "few", "together"]


class Row(NamedTuple):
    """One or more networks, each with its country: how many people have them, and what their texts cost.

    `kind`: `one` network, the `rest` of them, one with `few` people, or all of those `together`: of one with few only
    `people` is told, as far as it may be.
    """

    kind: Kind
    where: tuple[Where, ...]
    people: Figure
    parts: int | None
    cost: Total | None


def rows(cost: Cost) -> list[Row]:
    """The networks with the most parts first; then the others together; then those of few people, and their sum."""
    networks: dict[Where, list[Line]] = {}
    for line in cost.lines:
        networks.setdefault((line.country, line.network), []).append(line)
    counts = {" ".join(key): _people(networks[key]) for key in sorted(networks, key=_rank)}
    told = summary(counts)
    hidden = [key for key in networks if " ".join(key) in told.together]
    open_ = [key for key in networks if key not in hidden]
    found = [_row("one", networks, (key,)) for key in open_[:ROWS]]
    if open_[ROWS:]:
        found.append(_row("rest", networks, tuple(open_[ROWS:])))
    found += (Row("few", (key,), told.figures[" ".join(key)], None, None) for key in hidden[:ROWS])
    if hidden:
        found.append(_row("together", networks, tuple(hidden)))
    return found


def _row(kind: Kind, networks: Mapping[Where, list[Line]], keys: tuple[Where, ...]) -> Row:
    lines = [line for key in keys for line in networks[key]]
    people = _people(lines)
    cost = total((line.cost, line.parts) for line in lines)
    return Row(kind, keys, Figure(people, people), sum(line.parts for line in lines), cost)


def _people(lines: list[Line]) -> int:
    return sum(line.people for line in lines)


def _rank(network: Where) -> tuple[bool, str, str]:
    """Which of the larger ones is hidden first, so that a smaller one cannot be counted back: never by its size, which
    that would tell; one abroad or not known before those at home, which staff plan with."""
    country, name = network
    return country == HOME and bool(name), country, name
