"""What an SMS part costs, as staff wrote it down, and which network a number belongs to. No price is ever guessed.

The table is a CSV file that `PHLOV_PRICES_FILE` names, with the columns `prefix` or `country` (or both), `network`,
`price` and `currency`. A contact keeps its country and its network, not its prefix: so one network of a country has
one price, and what a broadcast costs can be told without opening a single number.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Final, NamedTuple

from bot.phone import calling_code, parse

COLUMNS: Final = ("prefix", "country", "network", "price", "currency")
LARGEST: Final = 1_000_000
"""Bytes of the longest table that is read."""
ANY: Final = ""
"""The network of a price that holds for all networks of a country without their own."""

_PREFIX = re.compile(r"\+[1-9][0-9]{0,9}")
_PRICE = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_CURRENCY = re.compile("[A-Z]{3}")
_COUNTRY = re.compile("[A-Z]{2}")
_NETWORK = re.compile(r"[^\s\x00-\x1f](?:[^\x00-\x1f]{0,38}[^\s\x00-\x1f])?")


class BadPrices(ValueError):
    """The table cannot be used. One line for each thing that is wrong."""


class Price(NamedTuple):
    """What one part costs."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Prices:
    """The prices of parts by country and network, and the networks of numbers by their beginning (longest wins)."""

    networks: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[tuple[str, str], Price] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        """Whether staff gave any price."""
        return bool(self.parts)

    def network_of(self, number: str) -> str | None:
        """The network of a number, None if nobody knows. Raises `NotAPhone`."""
        e164 = parse(number).e164
        return next((self.networks[e164[:end]] for end in range(11, 1, -1) if e164[:end] in self.networks), None)

    def price(self, country: str | None, network: str | None) -> Price | None:
        """What a part to a number of this network costs, else of this country; None if staff gave no price."""
        own = self.parts.get((country or "", network or ANY))
        return own or self.parts.get((country or "", ANY))

    def price_to(self, number: str) -> Price | None:
        """What a part to this number costs; None if staff gave no price. Raises `NotAPhone`."""
        return self.price(parse(number).country, self.network_of(number))

    def cost(self, country: str | None, network: str | None, parts: int) -> Price | None:
        """What so many parts cost; None if nobody knows."""
        found = self.price(country, network)
        return None if found is None else Price(found.amount * parts, found.currency)


class Total(NamedTuple):
    """Sums by currency, and the parts whose price nobody gave."""

    sums: Mapping[str, Decimal]
    unpriced: int


def total(costs: Iterable[tuple[Price | None, int]]) -> Total:
    """The sum of costs, each with its parts; exact, and never of one currency with another."""
    sums: dict[str, Decimal] = {}
    unpriced = 0
    for cost, parts in costs:
        if cost is None:
            unpriced += parts
        else:
            sums[cost.currency] = sums.get(cost.currency, Decimal(0)) + cost.amount
    return Total(sums, unpriced)


def read(file: str | Path | None, networks: Mapping[str, str]) -> Prices:
    """The prices of a file of staff beside the networks of the book. Without a file nothing has a price.

    Raises `BadPrices`.
    """
    if file is None:
        return Prices(networks)
    path = Path(file)
    try:
        with path.open("rb") as opened:
            raw = opened.read(LARGEST + 1)
    except OSError as error:
        raise BadPrices(f"{path}: {error.strerror}") from None
    if len(raw) > LARGEST:
        raise BadPrices(f"{path.name}: is longer than a table of prices can be ({LARGEST:,} bytes)")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadPrices(f"{path.name}: is not UTF-8 text (at byte {error.start}); save it as CSV UTF-8") from None
    return table(text, networks, path.name)


class _Row(NamedTuple):
    prefix: str
    country: str
    network: str
    price: Price


def table(text: str, networks: Mapping[str, str], name: str = "prices") -> Prices:
    """The prices that a CSV text holds. Raises `BadPrices` with a line for each fault."""
    first = text.partition("\n")[0]
    separator = next((sign for sign in ";\t" if first.count(sign) > first.count(",")), ",")
    lines = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    faults: list[str] = []
    rows: list[tuple[int, _Row]] = []
    try:
        columns = [head.strip().lower() for head in next(lines, [])]
        _check_columns(name, columns)
        for cells in lines:
            if any(cell.strip() for cell in cells):
                found = _row(columns, cells)
                if isinstance(found, str):
                    faults.append(f"{name}: line {lines.line_num}: {found}")
                else:
                    rows.append((lines.line_num, found))
    except csv.Error as error:
        raise BadPrices(f"{name}: line {lines.line_num}: is no CSV ({error})") from None
    faults += (f"{name}: line {line}: {fault}" for line, fault in _quarrels(rows))
    if faults:
        raise BadPrices("\n".join(faults))
    own = {row.prefix: row.network for _, row in rows if row.prefix and row.network}
    return Prices({**networks, **own}, {(row.country, row.network): row.price for _, row in rows})


def _check_columns(name: str, columns: list[str]) -> None:
    strange = [head for head in columns if head not in COLUMNS]
    missing = [head for head in ("price", "currency") if head not in columns]
    if strange or missing or not {"prefix", "country"} & set(columns) or len(set(columns)) < len(columns):
        raise BadPrices(f"{name}: line 1: the columns are prefix or country, network, price, currency; each once")


def _row(columns: list[str], cells: list[str]) -> _Row | str:
    """One line of the table, or what is wrong with it."""
    if len(cells) > len(columns):
        return "more cells than headings; a comma too many?"
    given = {head: cell.strip() for head, cell in zip(columns, cells, strict=False)}
    prefix, network = given.get("prefix", "").replace(" ", ""), given.get("network", "")
    code, owner = (calling_code(prefix) if _PREFIX.fullmatch(prefix) else None) or ("", None)
    country = given.get("country", "").upper() or owner or ""
    price, currency = given.get("price", ""), given.get("currency", "").upper()
    faults = (
        (prefix and not code, "a prefix is written as +85510"),
        (not _COUNTRY.fullmatch(country), "say the country, as KH; this line names none, or several share its prefix"),
        (owner and owner != country, f"numbers that begin with {code} are not of {country}"),
        (prefix != code and not network, "say the network of this prefix"),
        (network and not _NETWORK.fullmatch(network), "a network has at most 40 characters, on one line"),
        (not _PRICE.fullmatch(price), "write the price of one SMS part as 0.025"),
        (not _CURRENCY.fullmatch(currency), "write the currency in three letters, as USD or KHR"),
    )
    fault = next((words for wrong, words in faults if wrong), None)
    return fault or _Row(prefix, country, network, Price(Decimal(price), currency))


def _quarrels(rows: Iterable[tuple[int, _Row]]) -> Iterator[tuple[int, str]]:
    """Lines that say otherwise than one before them."""
    prices: dict[tuple[str, str], tuple[int, Price]] = {}
    owners: dict[str, tuple[int, str]] = {}
    for line, row in rows:
        where = (row.country, row.network)
        before, price = prices.setdefault(where, (line, row.price))
        if price != row.price:
            what = f"{row.network or 'every network'} in {row.country} has another price on line {before}"
            yield line, f"{what}; give one of them a network name of its own"
        if row.prefix:
            before, network = owners.setdefault(row.prefix, (line, row.network))
            if network != row.network:
                yield line, f"{row.prefix} belongs to {network} on line {before}"
