"""The numbers of the ledger, as staff look after them: called today, changed, taken out of use and put back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.check.numbers import LIFE
from bot.content import layers
from bot.content.book import Helpline
from bot.content.layers import FIELDS, Misfit
from bot.services import content
from bot.services.content import BadContent, Fault, Kind, Why, Writer
from bot.services.service import Service


@dataclass(frozen=True, slots=True)
class Line:
    """A number as it is told; `own` is what it is itself, where another one is told instead. `stale`: given to people,
    and nobody called it for too long. `version` is what holds of what staff laid over the files (0: nothing), `misfit`
    why that cannot be told."""

    line: Helpline
    own: str | None
    stale: bool
    version: int
    misfit: Misfit | None

    @property
    def emergency(self) -> bool:
        """Whether it is never withheld."""
        return self.line.category.startswith("emergency_")


def every(service: Service) -> list[Line]:
    """Every number, by country as the files have them. Raises `StoreError`."""
    return _lines(service, service.book.helplines.values())


def one(service: Service, name: str) -> Line:
    """One number. Raises `KeyError` and `StoreError`."""
    return _lines(service, [service.book.helplines[name]])[0]


def texts(service: Service, name: str) -> list[str]:
    """The states and notices that name this very number."""
    return layers.named(service.book, name)


def instead(service: Service, name: str) -> list[Helpline]:
    """The numbers that could be said instead of one: those for the same need first."""
    line = service.book.helplines[name]
    found = [
        each
        for each in service.book.helplines.values()
        if each.country == line.country and each.id != name and each.enabled and not each.disabled
    ]
    return sorted(found, key=lambda each: not set(each.roles) & set(line.roles))


def value(service: Service, name: str) -> dict[str, Any]:
    """What may be changed of a number, as it is now. Raises `KeyError` and `StoreError`."""
    return {**filed(service, name), **content.current(service, Kind.HELPLINE).get(name, {})}


def filed(service: Service, name: str) -> dict[str, Any]:
    """The same as the files have it. Raises `KeyError`."""
    line = service.files.helplines[name]
    found: dict[str, Any] = {field: getattr(line, field) for field in FIELDS}
    checked = line.checked_on.isoformat() if line.checked_on else None
    found |= {"disabled": False, "instead": None, "checked_on": checked, "checked_by": line.checked_by}
    return found | {"source": ", ".join(line.sources), "source_date": content.today(service).isoformat()}


def called(service: Service, name: str, *, part: str, source: str, who: Writer) -> int:
    """Somebody called it today, and it is right. `part`: who that was (one of the parts people play), `source` what
    they heard. Raises `BadContent`, `KeyError` and `StoreError`."""
    today = content.today(service).isoformat()
    return _change(
        service,
        name,
        {"checked_on": today, "checked_by": part, "source": source, "source_date": today},
        who,
    )


def edit(service: Service, name: str, new: Mapping[str, Any], who: Writer) -> int:
    """Change what is known of a number, with `source` and `source_date`. Another number was not called yet, unless
    it was today. Raises `BadContent`, `KeyError` and `StoreError`."""
    now = value(service, name)
    other = any(_digits(new[field]) != _digits(now[field]) for field in ("local", "e164") if field in new)
    unchecked = {"checked_on": None, "checked_by": None} if other and not new.get("checked_on") else {}
    return _change(service, name, {**unchecked, **new}, who)


def out_of_use(service: Service, name: str, other: str | None, source: str, who: Writer) -> int:
    """Say it no more; where texts name it, say another of its country instead. Raises as `edit`."""
    today = content.today(service).isoformat()
    new = {"disabled": True, "instead": other, "source": source, "source_date": today}
    return _change(service, name, new, who)


def back_in_use(service: Service, name: str, source: str, who: Writer) -> int:
    """Say it again. Raises as `edit`."""
    today = content.today(service).isoformat()
    new = {"disabled": False, "instead": None, "source": source, "source_date": today}
    return _change(service, name, new, who)


def _change(service: Service, name: str, new: Mapping[str, Any], who: Writer) -> int:
    if name not in service.files.helplines:
        raise BadContent([Fault(Why.UNKNOWN)])
    wanted = {**value(service, name), **new}
    return content.save(service, Kind.HELPLINE, name, wanted, who.by, who.staff_id, upon=who.upon)


def _digits(number: str | None) -> str:
    """A number however it was written."""
    return "".join((number or "").split())


def _lines(service: Service, lines: Iterable[Helpline]) -> list[Line]:
    versions, values = content.versions(service, Kind.HELPLINE), content.current(service, Kind.HELPLINE)
    today = content.today(service)
    return [
        Line(
            line=each,
            own=values.get(each.id, {}).get("local") or service.files.helplines[each.id].local,
            stale=_given(each) and (each.checked_on is None or today - each.checked_on > LIFE),
            version=versions.get(each.id, 0),
            misfit=service.shelf.misfits.get(f"helpline/{each.id}"),
        )
        for each in lines
    ]


def _given(line: Helpline) -> bool:
    """Whether this very number is told to people."""
    return line.enabled and line.instead is None
