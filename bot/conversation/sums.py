"""Reading a loan from a text: `500 18 12`, `$500 12 months at 1.5% a month`, `2 lean 18 12`, in Khmer digits too."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Literal, NamedTuple

from bot.content.lexicon import SIZES, Words
from bot.text.khmer import clean, digits, fold

Period = Literal["year", "month"]

YEARLY_FROM = 6
"""A rate without a period is meant for a year from here on (banks and microfinance), else for a month (lenders)."""

RIEL_FROM = 100_000
"""An amount without a unit is in riel from here on."""

MOST_LETTERS = 10
"""More letters that are no unit than this make a sentence; beside such letters those of a size count too."""

COINS = frozenset(("dollar", "riel"))
MONEY = COINS | SIZES.keys()
"""Units of an amount."""

TIME = frozenset(("month", "year"))

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


class Said(NamedTuple):
    """The units named in a text, how many letters belong to none, and how many to words of size."""

    units: list[str]
    strays: int
    sized: int


class Units:
    """Knows the words for dollar, riel, percent, month, year, "every" and sizes, and words that may stand between."""

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
        strays = sum(each.strays for each in said)
        if strays and strays + sum(each.sized for each in said) > MOST_LETTERS:
            return None
        pieces = []
        for number, mark in enumerate(marks):
            before, after = said[number].units, said[number + 1].units
            value = _value(text[_begin(text, mark) : mark.end()])
            coin = before[-1:] if text[: _begin(text, mark)].endswith("$") else []
            next_coin = number + 1 < len(marks) and text[: _begin(text, marks[number + 1])].endswith("$")
            named = coin + (after[:-1] if next_coin else after)
            pieces.append(Piece(value * SIZES.get(after[0] if after else "", 1), frozenset(named)))
        return _summed(pieces)

    def period(self, text: str) -> Period | None:
        """What time a text of nothing but `month`, `a year` and the like names."""
        said = self._named(clean(text).casefold())
        times = set(said.units) - {"every", "between"}
        if said.strays or len(times) != 1:
            return None
        return "month" if times == {"month"} else "year" if times == {"year"} else None

    def _named(self, text: str) -> Said:
        """What is said in a text between two numbers."""
        found = list(self._word.finditer(fold(text.replace("%", " percent "))))
        units = [self._names[match["unit"]] for match in found if match["unit"]]
        sized = sum(len(match[0]) for match in found if match["unit"] and self._names[match["unit"]] in SIZES)
        return Said(units, sum(bool(match["stray"]) for match in found), sized)


def loan(pieces: list[Piece]) -> Loan | None:
    """The loan of three numbers: each by its unit, else amount, rate and months in this order; None for nonsense."""
    if len(pieces) != 3:
        return None
    amount, rate, term = _sorted(pieces)
    months = term.value * 12 if "year" in term.units and "month" not in term.units else term.value
    if months != months.to_integral_value():
        return None
    stated = rate.units & TIME or (term.units & TIME if "every" in term.units else frozenset())
    period: Period = "year" if rate.value >= YEARLY_FROM else "month"
    if stated:
        period = "year" if "year" in stated else "month"
    riel = "riel" in amount.units or ("dollar" not in amount.units and amount.value >= RIEL_FROM)
    return Loan(amount.value, riel, rate.value, period, int(months), bool(stated))


def _sorted(pieces: list[Piece]) -> tuple[Piece, Piece, Piece]:
    """Amount, rate and term."""
    left = list(pieces)
    rate = next((piece for piece in left if "percent" in piece.units), None)
    if rate is not None:
        left.remove(rate)
    amount = left.pop(_amount(left))
    if rate is None:
        turned = amount is not pieces[0] and _is_term(left[0]) and not _is_term(left[1])
        rate = left.pop(1 if turned else 0)
    return amount, rate, left[0]


def _amount(pieces: list[Piece]) -> int:
    """The place of the amount: the first, unless the units plainly tell of another.

    A unit may stand at the wrong number, as in `500 18 12 usd`, so what is larger is asked for too.
    """
    first, *others = pieces
    if len(others) == 1 and others[0].units & COINS:
        return 1
    larger = [place for place, piece in enumerate(others, 1) if piece.value > first.value]
    named = next((place for place in larger if pieces[place].units & MONEY), None)
    if named and not first.units & MONEY:
        return named
    return 1 if 1 in larger and _is_term(first) and not _is_term(pieces[1]) else 0


def _is_term(piece: Piece) -> bool:
    return bool(piece.units & TIME) and not piece.units & (MONEY | {"every"})


def _summed(pieces: list[Piece]) -> list[Piece]:
    """With 2 million 500 thousand as one amount."""
    summed: list[Piece] = []
    for piece in pieces:
        last = summed[-1] if summed else None
        if last and 0 < _size(piece) < _size(last) and last.units <= MONEY | {"between"}:
            summed[-1] = Piece(last.value + piece.value, last.units | piece.units)
        else:
            summed.append(piece)
    return summed


def _size(piece: Piece) -> int:
    """The smallest size said of a number; 0 for none."""
    return min((SIZES[unit] for unit in piece.units if unit in SIZES), default=0)


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
