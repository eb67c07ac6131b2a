"""How many SMS parts may be spent in a day: in all, and to the numbers of one country (threat T6, test F4).

What is over the budget waits for the next day in the outbox, also where answers leave with the response. Emergency
answers have a fifth of each budget on top, for themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.phone import NotAPhone, own_code, parse
from bot.protocol import Outbound
from bot.store import spending
from bot.store.database import Tx
from bot.store.times import DAY, day, moment

UNSERVED: Final = 100
"""Parts a day to the numbers of a country that no help card speaks of: few people text from there, and whoever earns
with numbers that are dear to call makes machines write to us from such places."""
RESERVE: Final = 5
"""Emergencies have a fifth of a budget on top."""
NOWHERE: Final = "ZZ"
HOUR: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class Budgets:
    """Parts a day: in all, to one country, and which countries are served; None is no limit, and all of them."""

    total: int | None = None
    country: int | None = None
    served: frozenset[str] | None = None
    _free: tuple[str, ...] = field(init=False, repr=False, compare=False)
    """How the numbers begin to which, without a limit for every country, there is none."""

    def __post_init__(self) -> None:
        free = ("",) if self.served is None else tuple(f"+{code}" for code in map(own_code, self.served) if code)
        object.__setattr__(self, "_free", free)

    def admit(self, tx: Tx, texts: Sequence[Outbound], now: int) -> list[bool]:
        """Which of the texts may be sent today; their parts are spent. Nobody spends beside us before the commit."""
        wanted = [(text, self._limits(text)) for text in texts]
        keys = sorted({key for _, limits in wanted for key in limits})
        date = today(now)
        before = {key: spending.hold(tx, date, key) for key in keys}
        spent = dict(before)
        admitted = []
        for text, limits in wanted:
            may = all(spent[key] + _cost(text) <= _most(limit, text) for key, limit in limits.items())
            admitted.append(may)
            if may:
                for key in limits:
                    spent[key] += _cost(text)
        for key in keys:
            if spent[key] != before[key]:
                spending.add(tx, date, key, spent[key] - before[key])
        return admitted

    def refund(self, tx: Tx, text: Outbound, parts: int, at: int) -> None:
        """So many parts of a text that was admitted at `at` did not go."""
        for key in sorted(self._limits(text)) if parts else ():
            spending.add(tx, today(at), key, -parts)

    def exhausted(self, tx: Tx, now: int) -> bool:
        """Whether only emergencies go today."""
        return self.total is not None and spending.spent(tx, today(now)) >= self.total

    def used_up(self, tx: Tx, now: int) -> bool:
        """Whether not even emergencies go today."""
        return self.total is not None and spending.spent(tx, today(now)) >= self.total + _reserve(self.total)

    def bounds(self, country: str | None) -> bool:
        """Whether anything is counted for the numbers of a country."""
        limited = self.total is not None or self.country is not None
        return limited or (self.served is not None and (country or NOWHERE) not in self.served)

    def a_day(self, country: str) -> int | None:
        """Parts a day to the numbers of a country (`NOWHERE` if nobody knows it); None without limit."""
        if self.served is None or country in self.served:
            return self.country
        return UNSERVED if self.country is None else min(self.country, UNSERVED)

    def _limits(self, text: Outbound) -> dict[str, int]:
        """The budgets that a text counts against."""
        limits = {} if self.total is None else {spending.ALL: self.total}
        if self.country is None and text.recipient.startswith(self._free):
            return limits
        where = _country(text.recipient)
        limit = self.a_day(where)
        if limit is not None:
            limits[where] = limit
        return limits


def _cost(text: Outbound) -> int:
    """Parts that are still to go."""
    return max(text.parts - text.begin, 0)


def _most(limit: int, text: Outbound) -> int:
    return limit + (_reserve(limit) if text.priority == 0 else 0)


def _reserve(limit: int) -> int:
    return -(-limit // RESERVE)


def _country(number: str) -> str:
    try:
        return parse(number).country or NOWHERE
    except NotAPhone:
        return NOWHERE


def today(now: int) -> str:
    """The day (UTC) a budget is for."""
    return moment(now).date().isoformat()


def again(now: int) -> int:
    """When to look again at a text that is over a budget: when the next day begins, in an hour at the latest."""
    return min(day(now) + DAY, now + HOUR)
