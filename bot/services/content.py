"""What staff change without a deploy: versions laid over the files, each with who, when and why, and each undone alone.

What phones are told follows within half a minute in every process, as the registry does.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from bot.content.book import LANGUAGES, Language
from bot.content.layers import lay
from bot.services import audit, registry
from bot.services.audit import About, Event
from bot.services.content_kinds import BadContent, Fault, Ground, Kind, Value, Why, Writer
from bot.services.service import Service
from bot.store import content as store
from bot.store import marks
from bot.store.database import Tx

__all__ = [
    "BadContent",
    "Canned",
    "Change",
    "Fault",
    "Ground",
    "Kind",
    "Why",
    "Writer",
    "canned",
    "current",
    "history",
    "save",
    "undo",
]

TRIES: Final = 5
"""Others may change something while it is looked whether a change is sound."""
LONGEST: Final = 16_000
"""Characters of a value."""
EAST: Final = timedelta(hours=7)
"""So much earlier than in UTC a day begins in Cambodia."""


@dataclass(frozen=True, slots=True)
class Change:
    """A version. `was` is the value that held before it, `newest` whether it holds now."""

    id: int
    kind: Kind
    name: str
    value: Value | None
    was: Value | None
    who: str
    at: int
    undone_at: int | None
    undone_by: str | None
    newest: bool


class Canned(NamedTuple):
    """An answer that staff have ready, in the languages they gave it."""

    name: str
    texts: Mapping[Language, str]


def today(service: Service) -> date:
    """The day in Cambodia."""
    return (service.clock() + EAST).date()


def save(  # noqa: PLR0917 - who and what are all there is to it
    service: Service,
    kind: Kind,
    name: str,
    value: Value | None,
    by: str,
    staff_id: int | None = None,
    *,
    upon: int | None = None,
) -> int:
    """Let this value hold from now on; None takes it away: a number is again what the files say, anything else is no
    more. The id of the version. `upon`: the version that the writer saw (0: none).

    Raises `BadContent`, also when somebody else was faster, and `StoreError`.
    """

    def work(tx: Tx, kept: str | None) -> int:
        now = service.now()
        if upon is not None and (store.newest(tx, kind, name) or 0) != upon:
            raise BadContent([Fault(Why.OTHERS)])
        row = store.Row(made, kind, name, kept, staff_id, by, now)
        change = store.add(tx, row)
        registry.changed(tx, now)
        audit.note(service, tx, Event.CONTENT_CHANGED, by, about=About("content", change), kind=kind.value)
        return change

    made = service.database.new_id(service.now())
    change: int = _changed(service, lambda ground, _: _kept(ground, kind, name, value), work)
    return change


def undo(service: Service, change: int, by: str) -> None:
    """Let what held before a version hold again. Only the newest of its name can be undone.

    Raises `BadContent` and `StoreError`.
    """
    row = service.database.read(lambda tx: store.get(tx, change))
    if row is None or row.undone_at is not None:
        raise BadContent([Fault(Why.NEWEST)])
    kind, name = Kind(row.kind), row.name

    def check(ground: Ground, rows: list[store.Row]) -> None:
        """What held before may not fit any more, and then nothing is undone."""
        from bot.services.content_rules import check_laid  # noqa: PLC0415

        older = service.database.read(lambda tx: store.history(tx, kind, name, change, sys.maxsize))
        before = next((told.row for told in older if told.row.undone_at is None), None)
        others = [row for row in rows if (row.kind, row.name) != (kind, name)]
        check_laid(ground, store.layers([*others, *([before] if before else [])]))

    def work(tx: Tx, _: None) -> None:
        if store.newest(tx, kind, name) != change or not store.undo(tx, change, service.now(), by):
            raise BadContent([Fault(Why.NEWEST)])
        registry.changed(tx, service.now())
        audit.note(service, tx, Event.CONTENT_UNDONE, by, about=About("content", change), kind=kind.value)

    _changed(service, check, work)


def current(service: Service, kind: Kind) -> Mapping[str, Value]:
    """What holds now of a kind, by name. Raises `StoreError`."""
    return service.database.read(lambda tx: store.held(store.current(tx), kind))


def versions(service: Service, kind: Kind) -> Mapping[str, int]:
    """The version of each name that holds now, also where it took something away. Raises `StoreError`."""
    return {row.name: row.id for row in service.database.read(store.current) if row.kind == kind}


def history(
    service: Service, kind: Kind | None = None, name: str | None = None, before: int | None = None, limit: int = 50
) -> list[Change]:
    """The versions before one, the newest first: of a kind, of one thing, or all of them. Raises `StoreError`."""
    below = sys.maxsize if before is None else before
    return [_change(told) for told in service.database.read(lambda tx: store.history(tx, kind, name, below, limit))]


def canned(service: Service) -> list[Canned]:
    """The answers that staff have ready, by name. Raises `StoreError`."""
    found = current(service, Kind.CANNED)
    return [
        Canned(name, {each: found[name][each] for each in LANGUAGES if each in found[name]}) for name in sorted(found)
    ]


def _kept(ground: Ground, kind: Kind, name: str, value: Value | None) -> str | None:
    from bot.services.content_rules import check_laid, cleaned  # noqa: PLC0415 - who only reads needs none of the checks

    if value is None:
        if kind is Kind.HELPLINE:
            rest = {each: told for each, told in ground.layers.helplines.items() if each != name}
            check_laid(ground, ground.layers._replace(helplines=rest))
        return None
    kept = json.dumps(cleaned(ground, kind, name, value), ensure_ascii=False, sort_keys=True)
    if len(kept) > LONGEST:
        raise BadContent([Fault(Why.LONG, {"most": LONGEST})])
    return kept


def _changed(service: Service, check: Callable[[Ground, list[store.Row]], Any], work: Callable[[Tx, Any], Any]) -> Any:
    """Look whether a change is sound, and make it unless anything else was changed meanwhile: then look again."""

    def seen(tx: Tx) -> tuple[int | None, list[store.Row]]:
        return marks.get(tx, marks.REGISTRY), list(store.current(tx))

    for _ in range(TRIES):
        mark, rows = service.database.read(seen)
        over = store.layers(rows)
        kept = check(Ground(service.files, over, lay(service.files, over).book, today(service)), rows)

        def write(tx: Tx, mark: int | None = mark, kept: Any = kept) -> tuple[bool, Any]:
            return (True, work(tx, kept)) if marks.get(tx, marks.REGISTRY) == mark else (False, None)

        done, found = service.database.write(write, registry.ONE_AT_A_TIME)
        if done:
            service.shelf.look_again()
            service.shelf.current()
            return found
    raise BadContent([Fault(Why.OTHERS)])


def _change(told: store.Told) -> Change:
    row = told.row
    return Change(
        id=row.id,
        kind=Kind(row.kind),
        name=row.name,
        value=store.value(row.value) if row.value else None,
        was=store.value(told.was) if told.was else None,
        who=row.who,
        at=row.at,
        undone_at=row.undone_at,
        undone_by=row.undone_by,
        newest=told.newest == row.id,
    )
