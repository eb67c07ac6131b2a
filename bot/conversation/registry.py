"""What staff gave the house besides its texts: the list of licensed agencies, and the campaigns people may join."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Literal

from bot.conversation.hours import Hours

Phase = Literal["before", "after"]
"""Where a campaign stands: its quiz is asked once before its events and once after them."""

Status = Literal["licensed", "suspended", "ended"]
"""What the list says of a licence. `ended`: withdrawn, or its time is over."""


@dataclass(frozen=True, slots=True)
class Agency:
    """One line of the list. `countries` are ISO codes, or the list's own words for a place without a help card."""

    name_en: str
    name_km: str = ""
    licence: str = ""
    countries: tuple[str, ...] = ()
    status: Status = "licensed"


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign and the code on its banners, in capital letters: KYA12."""

    code: str
    name: str
    phase: Phase = "before"


@dataclass(frozen=True, slots=True, eq=False)
class Registry:
    """All of it at one moment. `agencies_date` is the date of the list itself; without a list it is None.

    `series` names the campaigns for which a series of texts runs; `joined` the campaigns that the person who texts
    belongs to, looked up only where a text depends on it. `hours` are those in which staff read; None if they promise
    none.
    """

    agencies: tuple[Agency, ...] = ()
    agencies_source: str | None = None
    agencies_date: date | None = None
    campaigns: Mapping[str, Campaign] = field(default_factory=lambda: MappingProxyType({}))
    series: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    joined: frozenset[str] = frozenset()
    hours: Hours | None = None


EMPTY = Registry()
