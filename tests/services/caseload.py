"""What the tests of cases share: people who text, those of staff who work on cases, and a look at the rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import insert, select, update

from bot.content.book import Book
from bot.services import cases
from bot.services.cases import Case, Kind, View
from bot.services.service import Service
from bot.store import selfcheck
from bot.store.case_tables import CaseFile, CaseNote
from bot.store.staff_tables import Staff
from bot.store.statements import Statement
from bot.store.tables import Contact

SOKHA, DARA, VIEWER = "Sokha", "Dara", "Bopha"
ROLES = {SOKHA: "caseworker", DARA: "admin", VIEWER: "viewer"}
IDS = {name: row for row, name in enumerate(ROLES, 1)}
ME = (SOKHA, IDS[SOKHA])
HE = (DARA, IDS[DARA])
NUMBER, OTHER, THIRD = "+85512345678", "+85512345679", "+66812345670"

_STAFF = Statement(
    lambda _: insert(Staff), ("id", "name", "folded", "role", "recovery", "created_at", "changed_at", "password")
)


class Row(NamedTuple):
    """A case as it is kept."""

    id: int
    contact_id: int
    kind: str
    opened_at: int
    news_at: int
    acknowledged_at: int | None
    assigned: int | None
    locked_by: int | None
    locked_until: int | None
    alerts: int
    alert_at: int | None
    waits_until: int | None
    closed_at: int | None
    outcome: str | None
    referred: str | None


_ROWS = Statement(lambda _: select(*(getattr(CaseFile, name) for name in Row._fields)).order_by(CaseFile.id))


def employ(service: Service) -> None:
    """Those of staff; how they come in is tested elsewhere."""

    def work(tx: Any) -> None:
        for name, role in ROLES.items():
            more = {"recovery": "[]", "created_at": 0, "changed_at": 0, "password": "x"}
            tx.run(_STAFF, id=IDS[name], name=name, folded=name.lower(), role=role, **more)

    service.database.write(work)


def rows(service: Service) -> list[Row]:
    """All cases."""
    return [Row(*row) for row in service.database.read(lambda tx: tx.all(_ROWS))]


def notes(service: Service) -> int:
    """How many notes there are."""
    return len(service.database.read(lambda tx: tx.all(Statement(lambda _: select(CaseNote.id)))))


def every(service: Service, *columns: Any) -> list[Any]:
    """These columns of all rows."""
    return service.database.read(lambda tx: tx.all(Statement(lambda _: select(*columns).order_by(columns[0]))))


def change(service: Service, table: Any, **values: Any) -> None:
    """Set columns of all rows."""
    service.database.write(lambda tx: tx.run(Statement(lambda _: update(table).values(**values))))


def of(service: Service, number: str = NUMBER) -> int:
    """The contact with a number."""
    key = service.vault.number_key(number)
    found = Statement(lambda _: select(Contact.id).where(Contact.number_key == key))
    return service.database.read(lambda tx: tx.all(found))[0][0]


def the_case(service: Service, number: str = NUMBER) -> Case:
    """The newest case of a number."""
    return cases.of_contact(service, of(service, number))[0]


def read(service: Service, number: str = NUMBER, who: tuple[str, int] = ME) -> View:
    """Somebody of staff reads it."""
    view = cases.open_(service, the_case(service, number).id, *who)
    assert view is not None
    return view


def sound(service: Service) -> None:
    """Nothing is there that must never be."""
    assert service.database.read(lambda tx: selfcheck.broken(tx, 0)) == {}


def refused(work: Callable[[], object]) -> str | None:
    """Why something is not done; None if it is."""
    try:
        work()
    except cases.Refused as error:
        return error.why
    return None


def kinds(found: list[Case]) -> list[Kind]:
    return [each.kind for each in found]


class Said(NamedTuple):
    """What a reply is checked against."""

    alarming: frozenset[str] = frozenset({"police"})
    refused: dict[str, str] = {"023999999": "it is dead"}  # noqa: RUF012
    helplines: dict[str, str] = {"kh-1288": "a line"}  # noqa: RUF012


def small_book() -> Book:
    """As much of a book as a reply needs."""
    return Said()  # type: ignore[return-value]
