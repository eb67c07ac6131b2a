"""What texts may refer to (numbers, facts, countries), with the rules of the ledger (design §5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

import phonenumbers

from bot.content.book import ROLES, Country, Fact, Helpline
from bot.content.faults import Faults
from bot.content.template import fault, places
from bot.phone import NotAPhone, parse

DIGITS = re.compile(r"\+?[0-9\u17e0-\u17e9](?:[ .-]?[0-9\u17e0-\u17e9])*")
COUNTRY = re.compile(r"[A-Z]{2}")


def numbers(text: str) -> Iterator[str]:
    """Every number in a text as bare ASCII digits; blanks, dots and hyphens inside it are skipped."""
    for match in DIGITS.finditer(text):
        yield "".join(str(int(sign)) for sign in match[0] if sign.isdecimal())


@dataclass(slots=True)
class Ledger:
    """What has been read so far; each check adds a fault at `where`, a `file:line`."""

    faults: Faults
    sources: set[str] = field(default_factory=set)
    facts: dict[str, Fact] = field(default_factory=dict)
    helplines: dict[str, Helpline] = field(default_factory=dict)
    countries: dict[str, Country] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    needed: list[tuple[str, str]] = field(default_factory=list)

    def need(self, where: str, state: str) -> None:
        """Remembers that `state` must exist; the loader looks when all states are read."""
        self.needed.append((where, state))

    def check_text(self, where: str, text: str, reader: str | None) -> None:
        """A text with placeholders, read only in `reader` (None: anywhere)."""
        reason = fault(text)
        if reason:
            self.faults.add(where, reason)
        for kind, name in places(text):
            if kind in ("tel", "local"):
                self._check_line(where, name, None if kind == "tel" else "own", reader)
            elif kind in ("call", "who") and name not in ROLES.values():
                self.faults.add(where, f"unknown role {name!r} (known: {', '.join(ROLES.values())})")
        self.check_refused(where, text)

    def _check_line(self, where: str, name: str, form: str | None, reader: str | None) -> None:
        line = self.helplines.get(name)
        if line is None:
            self.faults.add(where, f"unknown helpline {name!r}")
        elif not line.enabled:
            self.faults.add(where, f"{name} is not enabled (enter `checked_on` after a test call)")
        elif form is None and line.e164 is None and line.country != reader:
            self.faults.add(where, f"{name} has no e164, so a reader outside {line.country} cannot dial it")

    def check_plain(self, where: str, text: str) -> None:
        """A text without placeholders (labels, names)."""
        if "{" in text or "}" in text:
            self.faults.add(where, "no placeholder is filled in here")
        self.check_refused(where, text)

    def check_refused(self, where: str, text: str) -> None:
        """No number listed under `refused` may be said."""
        for number in numbers(text):
            if number in self.refused:
                self.faults.add(where, f"{number} is refused: {self.refused[number]}")

    def check_fact(self, where: str, name: str) -> None:
        """Only known facts that are sure enough may be stated."""
        known = self.facts.get(name)
        if known is None:
            self.faults.add(where, f"unknown fact {name!r}")
        elif known.confidence == "low":
            self.faults.add(where, f"the fact {name} is of low confidence and may not be stated")

    def check_country(self, where: str, code: str, calling: str | None = None) -> None:
        """`code` is an ISO 3166 code, and `calling` its telephone code where one is given."""
        known = calling_code(code)
        if known is None:
            self.faults.add(where, f"unknown country code {code!r}")
        elif calling is not None and calling != known:
            self.faults.add(where, f"the calling code of {code} is {known}, not {calling}")

    def check_local(self, where: str, line: Helpline) -> None:
        """The number as dialled in its country holds nothing but a number, and is not refused."""
        self.check_country(where, line.country)
        if line.local is None and line.e164 is not None:
            self.faults.add(where, "an e164 without a `local` form")
        if line.local is not None and not DIGITS.fullmatch(line.local):
            self.faults.add(where, f"{line.local!r} is no number as dialled (digits, blanks, hyphens)")
        self.check_refused(where, line.local or "")

    def check_e164(self, where: str, line: Helpline) -> None:
        """The number as dialled from abroad is a valid one of its country, and is not refused."""
        self.check_refused(where, line.e164 or "")
        if line.e164 is not None and not valid(line.e164, line.country):
            self.faults.add(where, f"{line.e164} is no valid number of {line.country} in the form +855...")


@cache
def calling_code(code: str) -> str | None:
    """The telephone code of an ISO country, None for an unknown one."""
    found = phonenumbers.country_code_for_region(code) if COUNTRY.fullmatch(code) else 0
    return f"+{found}" if found else None


def valid(e164: str, country: str) -> bool:
    """Is it a number of `country`, written exactly in E.164?"""
    try:
        number = parse(e164)
    except NotAPhone:
        return False
    written = number.e164 == e164 and number.country == country
    return written and phonenumbers.is_valid_number(phonenumbers.parse(e164))
