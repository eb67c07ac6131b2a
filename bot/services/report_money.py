"""What may be said of the money in a report: prices by country and network, and bounds that tell nothing more."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from bot.services.disclosure import LEAST, OTHER, Figure, merged
from bot.services.prices import Price
from bot.services.results import Results, counted, recipients


class Cost(NamedTuple):
    """Recipients by country and network, and what a part costs there; None where nobody knows or it is not one price.

    How many parts they had is not told: where languages differ in it, it tells who reads which.
    """

    country: str
    network: str
    people: int
    price: Price | None


def costs_of(results: Results) -> list[tuple[Cost, set[Price | None]]]:
    """The lines, each with all prices in it."""
    people = counted((f"{cell.country} {cell.network}", cell.people) for cell in recipients(results))
    called = merged(people, LEAST)
    prices: dict[str, set[Price | None]] = {}
    for name in people:
        country, _, network = name.partition(" ")
        prices.setdefault(called[name], set()).add(results.prices.price(country, network or None))
    totals = counted((called[name], count) for name, count in people.items())
    lines = []
    for name, count in totals.items():
        country, _, network = name.partition(" ")
        one = next(iter(prices[name])) if len(prices[name]) == 1 else None
        lines.append((Cost(country, network, count, one), prices[name]))
    return sorted(lines, key=lambda line: (line[0].country == OTHER, -line[0].people, line[0].country, line[0].network))


def spent(results: Results, costs: list[tuple[Cost, set[Price | None]]], lost: Figure) -> tuple[Price, Price] | None:
    """Between what the cost lies for who knows how many people there are by country and by language, and how many
    texts may not have gone: the exact sum would tell more. None where a price is not known, or in two currencies."""
    prices = set().union(*(found for _, found in costs))
    known = {price for price in prices if price is not None}
    currencies = {price.currency for price in known}
    if len(known) < len(prices) or len(currencies) != 1:
        return None
    each = _parts_each(results)
    names = merged(counted((cell.language, cell.people) for cell in recipients(results)), LEAST)
    within: dict[str, list[int]] = {}
    for name, called in names.items():
        within.setdefault(called, []).extend(each[name])
    people = counted((names[cell.language], cell.people) for cell in recipients(results))
    fewest = [(Decimal(min(within[name])), count) for name, count in people.items()]
    most = [(Decimal(max(within[name])), count) for name, count in people.items()]
    cheapest = [(min(_amounts(found)), line.people) for line, found in costs]
    dearest = [(max(_amounts(found)), line.people) for line, found in costs]
    low, high = _paired(sorted(fewest), sorted(cheapest, reverse=True)), _paired(sorted(most), sorted(dearest))
    unsent = (lost.high if lost.high is not None else results.people) * max(most)[0] * max(dearest)[0]
    currency = currencies.pop()
    return Price(max(Decimal(0), low - unsent), currency), Price(high, currency)


def _paired(parts: list[tuple[Decimal, int]], prices: list[tuple[Decimal, int]]) -> Decimal:
    """The cost if people with so many parts and people with such prices are the same, in these orders."""
    paid, parts, prices = Decimal(0), list(parts), list(prices)
    while parts and prices:
        (amount, some), (price, others) = parts.pop(), prices.pop()
        same = min(some, others)
        paid += amount * price * same
        if some > same:
            parts.append((amount, some - same))
        if others > same:
            prices.append((price, others - same))
    return paid


def unsent(lost: Figure, details: Mapping[str, Figure]) -> Figure:
    """How many texts may not have gone; of what is not known it may have."""
    told = [figure for name, figure in details.items() if name != "unknown"]
    return Figure(0, sum(figure.high or 0 for figure in told)) if told else lost


def _amounts(found: set[Price | None]) -> list[Decimal]:
    return [price.amount for price in found if price is not None]


def _parts_each(results: Results) -> dict[str, tuple[int, int]]:
    """The fewest and the most parts of a text in each language: everybody who has it can count them."""
    found: dict[str, tuple[int, int]] = {}
    for cell in recipients(results):
        if cell.people:
            low, high = found.get(cell.language, (cell.parts, 0))
            each = cell.parts // cell.people
            found[cell.language] = (min(low, each), max(high, -(-cell.parts // cell.people)))
    return found
