"""Reading a loan from a text: `500 18 12` or `$500 12 months at 1.5% a month`, in Khmer digits too."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Literal, NamedTuple

from bot.content.lexicon import Words
from bot.text.khmer import clean, digits, fold

Period = Literal["year", "month"]

YEARLY_FROM = 6
"""A rate without a period is meant for a year from here on (banks and microfinance), else for a month (lenders)."""

RIEL_FROM = 100_000
"""An amount without a unit is in riel from here on."""

MOST_LETTERS = 10
"""More letters that are no unit than this make a sentence."""

_NUMBER = re.compile(r"-?[0-9]+(?:[.,][0-9]+)*")
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]{1,3}(?:\.[0-9]{3}){2,}|[1-9][0-9]{0,2}\.000")


class Loan(NamedTuple):
    """An offer as it was read. `stated` is whether the text said what time the rate is for."""

    amount: Decimal
    riel: bool
    rate: Decimal
    period: Period
    months: int
    stated: bool

    @property
    def monthly(self) -> Decimal:
        """The rate as a part of one per month."""
        return self.rate / (1200 if self.period == "year" else 100)


class Piece(NamedTuple):
    """A number of the text with the units said of it."""

    value: Decimal
    units: frozenset[str]


class Units:
    """Knows the words for dollar, riel, percent, month, year, for "every", and words that may stand between."""

    def __init__(self, words: Mapping[str, Words]) -> None:
        self._names = {fold(word): name for name, each in words.items() for word in each}
        longest_first = sorted(self._names, key=len, reverse=True)
        latin = "|".join(re.escape(word) for word in longest_first if word.isascii() and word.isalpha()) or "(?!)"
        other = "|".join(re.escape(word) for word in longest_first if not (word.isascii() and word.isalpha())) or "(?!)"
        self._word = re.compile(rf"(?P<unit>\b(?:{latin})\b|{other})|(?P<stray>[^ ])")

    def read(self, text: str) -> list[Piece] | None:
        """The numbers of a text with their units; None where it reads like a sentence."""
        text = digits(clean(text)).casefold()
        marks = list(_NUMBER.finditer(text))
        edges = [0, *(edge for mark in marks for edge in (_begin(text, mark), mark.end())), len(text)]
        said = [self._named(text[left:right]) for left, right in zip(edges[::2], edges[1::2], strict=True)]
        if sum(strays for _, strays in said) > MOST_LETTERS:
            return None
        pieces = []
        for number, mark in enumerate(marks):
            before, after = said[number][0], said[number + 1][0]
            value = _value(text[_begin(text, mark) : mark.end()])
            coin = before[-1:] if text[: _begin(text, mark)].endswith("$") else []
            next_coin = number + 1 < len(marks) and text[: _begin(text, marks[number + 1])].endswith("$")
            pieces.append(Piece(value, frozenset(coin + (after[:-1] if next_coin else after))))
        return pieces

    def period(self, text: str) -> Period | None:
        """What time a text of nothing but `month`, `a year` and the like names."""
        named, strays = self._named(clean(text).casefold())
        times = set(named) - {"every", "between"}
        if strays or len(times) != 1:
            return None
        return "month" if times == {"month"} else "year" if times == {"year"} else None

    def _named(self, text: str) -> tuple[list[str], int]:
        """The units named in a text between two numbers, and how many letters belong to none."""
        found = list(self._word.finditer(fold(text.replace("%", " percent "))))
        return [self._names[match["unit"]] for match in found if match["unit"]], sum(bool(m["stray"]) for m in found)


def loan(pieces: list[Piece]) -> Loan | None:
    """The loan of three numbers: each by its unit, else amount, rate and months in this order; None for nonsense."""
    if len(pieces) != 3:
        return None
    amount, rate, term = _sorted(pieces)
    months = term.value * 12 if "year" in term.units and "month" not in term.units else term.value
    if months != months.to_integral_value():
        return None
    stated = rate.units & {"year", "month"} or (
        term.units & {"year", "month"} if "every" in term.units else frozenset()
    )
    period: Period = "year" if rate.value >= YEARLY_FROM else "month"
    if stated:
        period = "year" if "year" in stated else "month"
    riel = "riel" in amount.units or ("dollar" not in amount.units and amount.value >= RIEL_FROM)
    return Loan(amount.value, riel, rate.value, period, int(months), bool(stated))


def _sorted(pieces: list[Piece]) -> tuple[Piece, Piece, Piece]:
    """Amount, rate and term."""
    left = list(pieces)
    rate = next((piece for piece in left if "percent" in piece.units), None)
    if rate is None:
        return left[0], left[1], left[2]
    left.remove(rate)
    if left[1].units & {"dollar", "riel"}:
        left.reverse()
    return left[0], rate, left[1]


def _begin(text: str, mark: re.Match[str]) -> int:
    """Where a number begins: the line between 500-18-12 is no sign."""
    joined = mark.start() > 0 and text[mark.start() - 1] not in " \n"
    return mark.start() + (mark[0].startswith("-") and joined)


def _value(text: str) -> Decimal:
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "") if "," in text else text.replace(".", "")
    try:
        return Decimal(text.replace(",", "."))
    except InvalidOperation:  # such as 1.2.3
        return Decimal(0)
