"""Whom a broadcast is for: filters over the members of a campaign, and how many people they and the rules leave."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, fields
from datetime import date
from functools import partial
from threading import Lock
from typing import Any, Final, NamedTuple

from bot.content.book import LANGUAGES
from bot.services.service import Service
from bot.store import audience as store
from bot.store.audience import Kind, Sought
from bot.store.database import Database
from bot.text.khmer import fold

MOST: Final = 1_000
"""No filter has more values than this."""

_PROVINCE = "(?:0[1-9]|1[0-9]|2[0-5])"
_MOMENTS: Final = ("joined_after", "joined_before")


class BadAudience(ValueError):
    """Filters that cannot be used. The text says why."""


def _like(pattern: str) -> Callable[[str], object]:
    return re.compile(pattern).fullmatch


_KNOWN: Mapping[str, tuple[Callable[[str], object], str]] = {
    "provinces": (_like(_PROVINCE), "a province is known by its code, 01 to 25"),
    "districts": (_like(_PROVINCE + "[0-9]{2}"), "a district is known by its code, as 1710"),
    "destinations": (_like("[A-Z]{2}"), "a country is two capital letters, as TH"),
    "languages": (LANGUAGES.__contains__, f"a language is one of {', '.join(LANGUAGES)}"),
    "countries": (_like("[A-Z]{2}"), "a country is two capital letters, as TH, or ZZ if none is known"),
    "campaigns": (_like("[A-Z]{2,8}[0-9]{0,4}"), "a campaign is known by its code, as KYA12"),
}
"""What the values of some filters look like; those of the others are free."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Everybody who said yes to the campaign of a broadcast and whom every filter fits that is set.

    Of a filter with several values any will do; of `not_tags` and `not_given` none. Provinces and districts are
    official codes; `destinations` are where people are or go, `countries` those of their numbers; `campaigns` are
    others to which they said yes as well. `joined_after` (that moment too) and `joined_before` are milliseconds since
    1970. Tags are folded, as they are kept. `day` is a kind and a day, as `("departure", "2026-12-31")`. `not_given`
    are origins of other broadcasts; who named a day of a kind in `undated` is left out.

    Raises `BadAudience` for what nobody could be found by.
    """

    provinces: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    campaigns: tuple[str, ...] = ()
    schools: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    not_tags: tuple[str, ...] = ()
    joined_after: int | None = None
    joined_before: int | None = None
    day: tuple[str, str] | None = None
    not_given: tuple[str, ...] = ()
    undated: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in _LISTS:
            _check_list(name, getattr(self, name))
        for name in _MOMENTS:
            _check_moment(name, getattr(self, name))
        if self.day is not None:
            _check_day(self.day)
        for name in ("tags", "not_tags"):
            object.__setattr__(self, name, tuple(map(fold, getattr(self, name))))

    def dumps(self) -> str:
        """As JSON, which `loads` reads; filters that are not set take no room."""
        return json.dumps(self.filters(), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def loads(cls, written: str) -> Audience:
        """What `dumps` wrote. Raises `BadAudience`, also for a filter that is not known."""
        try:
            found = json.loads(written)
        except ValueError:
            raise BadAudience("an audience is a JSON object of filters") from None
        if not isinstance(found, dict):
            raise BadAudience("an audience is a JSON object of filters")
        unknown = sorted(found.keys() - {each.name for each in fields(cls)})
        if unknown:
            raise BadAudience(f"there is no filter {unknown[0]!r}; there are {', '.join(f.name for f in fields(cls))}")
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in found.items()
        }
        return cls(**values)

    def filters(self) -> dict[str, Any]:
        """Those that are set."""
        return {name: value for name, value in asdict(self).items() if value not in ((), None)}

    def sought(self, campaign: str, now: int, broadcast: int = 0) -> Sought:
        """As the store wants it: for members of a campaign, by the rules as they are now."""
        return Sought(campaign, self.filters(), now, broadcast)


_LISTS: Final = tuple(each.name for each in fields(Audience) if each.name not in (*_MOMENTS, "day"))


def _check_list(name: str, values: object) -> None:
    if not isinstance(values, tuple) or not all(isinstance(value, str) and value.strip() for value in values):
        raise BadAudience(f"{name} wants a list of words")
    if len(values) > MOST:
        raise BadAudience(f"{name} takes {MOST:,} values at most")
    known, words = _KNOWN.get(name, (bool, ""))
    strange = next((value for value in values if not known(value)), None)
    if strange is not None:
        raise BadAudience(f"{name}: {strange!r} is not known; {words}")


def _check_moment(name: str, value: object) -> None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 62):
        raise BadAudience(f"{name} wants milliseconds since 1970")


def _check_day(value: Any) -> None:
    try:
        kind, day = value
        good = bool(kind) and isinstance(kind, str) and date.fromisoformat(day).isoformat() == day
    except (TypeError, ValueError):
        good = False
    if not good:
        raise BadAudience("day wants what kind of day it is and the day, as departure and 2026-12-31")


class Group(NamedTuple):
    """So many recipients of one kind. `country` is ZZ if the number's is not known, `language` km if none is."""

    country: str
    network: str | None
    language: str
    province: str | None
    people: int


class Preview(NamedTuple):
    """Whom a broadcast would reach now. `excluded`: how many are left out and why, in the order of the rules, each
    person once; those who match no filter are in neither. `groups`: the recipients, the largest group first."""

    recipients: int
    excluded: Mapping[str, int]
    groups: tuple[Group, ...]


def _counted(database: Database, sought: Sought) -> Counter[str]:
    """How many of each kind; where it disturbs nobody, two pages at a time."""
    counted: Counter[str] = Counter()
    ends = _page_ends(database)
    lock = Lock()

    def count() -> None:
        while True:
            with lock:
                after, last = next(ends, (0, None))
            if last is None:
                return
            page = database.read(partial(store.preview_page, sought=sought, after=after, last=last))
            with lock:
                counted.update(page)

    lines = database.read(lambda tx: 1 if tx.one_writer else 2)
    with ThreadPoolExecutor(lines) as pool:
        for line in [pool.submit(count) for _ in range(lines)]:
            line.result()
    return counted


def _page_ends(database: Database) -> Iterator[tuple[int, int]]:
    after = 0
    while (last := database.read(partial(store.page_end, after=after))) is not None:
        yield after, last
        after = last


def preview(service: Service, campaign: str, audience: Audience, now: int, broadcast: int = 0) -> Preview:
    """Count whom a broadcast would reach, in pages, so that nobody waits for it. `broadcast`: whose permits count.

    Raises `StoreError`.
    """
    counted = _counted(service.database, audience.sought(campaign, now, broadcast))
    kinds: list[tuple[Kind, int]] = [(store.kind(each), people) for each, people in counted.items()]
    left_out: Counter[str] = Counter()
    for what, people in kinds:
        left_out[what.reason or ""] += people
    groups = [Group(*what[1:], people) for what, people in kinds if what.reason is None]
    groups.sort(key=lambda group: (-group.people, str(group)))
    excluded = {reason: left_out[reason] for reason in store.REASONS if reason in left_out}
    return Preview(sum(group.people for group in groups), excluded, tuple(groups))
