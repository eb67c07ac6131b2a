"""Whom a broadcast is for, as staff write it: places, countries and languages by names in Khmer or Latin letters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from phonenumbers import SUPPORTED_REGIONS

from bot.content import contact_words, provinces
from bot.content.contact_words import key
from bot.services import contacts
from bot.services.audience import Audience
from bot.services.cells import plain
from bot.services.contacts_cells import line
from bot.services.hours import UNKNOWN
from bot.services.service import Service

NAMED: Final = (
    *("provinces", "districts", "destinations", "languages", "countries", "networks", "schools"),
    *("tags", "not_tags", "campaigns"),
)
"""The filters that staff choose by names."""


class Unclear(ValueError):
    """Nobody knows what is meant by `value` in the filter `name`."""

    def __init__(self, name: str, value: str) -> None:
        super().__init__(f"{name}: {value!r} is not known")
        self.name, self.value = name, value


def audience(service: Service, asked: Mapping[str, Sequence[str]], **more: Any) -> Audience:
    """The filters, with what was named by its code, and other words as the lists of people have them.

    Raises `Unclear`, and `BadAudience`.
    """
    places = provinces.load()
    spoken = contact_words.load().languages
    towns = contacts.countries(service)
    called = {name.lower(): name for name in service.prices.networks.values()}

    def country(name: str) -> str | None:
        code = name.strip().upper()
        return code if code in SUPPORTED_REGIONS else towns.get(key(name))

    readings: dict[str, Callable[[str], str | None]] = {
        "provinces": places.province,
        "districts": places.district,
        "destinations": country,
        "countries": lambda name: UNKNOWN if name.strip().upper() == UNKNOWN else country(name),
        "languages": lambda name: spoken.get(key(name)),
        "networks": lambda name: called.get(name.lower(), name),
        "schools": lambda name: line(plain(name)),
        "campaigns": str.upper,
    }
    read: dict[str, Any] = {name: _read(name, asked.get(name, ()), readings.get(name, str)) for name in NAMED}
    return Audience(**read, **more)


def _read(name: str, values: Iterable[str], reading: Callable[[str], str | None]) -> tuple[str, ...]:
    found = []
    for value in values:
        known = reading(value)
        if known is None:
            raise Unclear(name, value)
        found.append(known)
    return tuple(dict.fromkeys(found))
