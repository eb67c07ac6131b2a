"""Quiet hours: no text that nobody asked for comes at night, where the person is (H15). Pure: instants are given.

A number whose country we do not know may be in Cambodia or where its person wanted to go: it must be day in both.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final
from zoneinfo import TZPATH, ZoneInfo

OPENS: Final = time(8)
CLOSES: Final = time(20)
"""Of the day, by the clocks there: from `OPENS` on, and not from `CLOSES` on."""

HOME: Final = "KH"
UNKNOWN: Final = "ZZ"
"""How a recipient's country is kept if nobody knows it."""

ZONES: Final[Mapping[str, tuple[str, ...]]] = {
    "AE": ("Asia/Dubai",),
    "CN": ("Asia/Shanghai", "Asia/Urumqi"),  # one time by law, but the far west lives by another
    "HK": ("Asia/Hong_Kong",),
    "ID": ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"),
    "JP": ("Asia/Tokyo",),
    "KH": ("Asia/Phnom_Penh",),
    "KR": ("Asia/Seoul",),
    "LA": ("Asia/Vientiane",),
    "MY": ("Asia/Kuala_Lumpur", "Asia/Kuching"),
    "PH": ("Asia/Manila",),
    "SA": ("Asia/Riyadh",),
    "SG": ("Asia/Singapore",),
    "TH": ("Asia/Bangkok",),
    "TW": ("Asia/Taipei",),
    "VN": ("Asia/Ho_Chi_Minh",),
}
"""Every country with a help card; `_elsewhere` has the others. Where it has several zones it must be day in all."""

LONGEST: Final = timedelta(days=2)


def awake(country: str | None, destination: str | None, at: datetime) -> bool:
    """Whether a text may come at this instant (aware) to a number of `country`, to somebody bound for `destination`."""
    return all(_day(zone, at) for zone in zones(country, destination))


def opens(country: str | None, destination: str | None, at: datetime) -> datetime:
    """The first instant from `at` on when a text may come: `at` itself by day."""
    found, until = at.astimezone(UTC), at + LONGEST
    asleep = [zone for zone in zones(country, destination) if not _day(zone, found)]
    while asleep and found < until:
        found = max(_morning(zone, found) for zone in asleep)
        asleep = [zone for zone in zones(country, destination) if not _day(zone, found)]
    return found


def zones(country: str | None, destination: str | None) -> tuple[str, ...]:
    """Where it has to be day."""
    if country is not None and (there := ZONES.get(country) or _elsewhere().get(country)):
        return there
    return ZONES[HOME] + ZONES.get(destination or HOME, ())


@cache
def _elsewhere() -> Mapping[str, tuple[str, ...]]:
    """The zones of every other country, as those who look after the time zones of the world list them."""
    found: dict[str, tuple[str, ...]] = {}
    for line in _listed().splitlines():
        if line and not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            found[country] = (*found.get(country, ()), zone)
    return found


def _listed() -> str:
    for folder in TZPATH:
        if (file := Path(folder, "zone.tab")).is_file():
            return file.read_text(encoding="utf-8")
    return files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")


def _day(zone: str, at: datetime) -> bool:
    return OPENS <= at.astimezone(_zone(zone)).time() < CLOSES


def _morning(zone: str, at: datetime) -> datetime:
    """When the next day begins there; `at` is in the night."""
    there = at.astimezone(_zone(zone))
    morning = datetime.combine(there.date(), OPENS, _zone(zone))
    if there.time() >= OPENS:
        morning = datetime.combine(there.date() + timedelta(days=1), OPENS, _zone(zone))
    return morning.astimezone(UTC)


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
