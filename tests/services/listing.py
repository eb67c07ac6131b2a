"""A house that knows its book, a campaign, and lists written for the test. All numbers are made up (000, 111 ...)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.services import contacts
from bot.services.contacts_pages import Counts, PeopleList
from bot.services.contacts_rows import Asked, Fault
from bot.services.service import Service
from bot.store.database import Tx
from bot.store.statements import Statement

TODAY = date(2026, 11, 2)
ASKED = Asked(frozenset({"KYA12", "SR7"}), TODAY)
PAPER = replace(
    ASKED,
    campaign="KYA12",
    how="paper",
    wording="May we text you?",
    wording_language="en",
    given_by="Made Up",
    on=date(2026, 11, 1),
)


@dataclass
class Desk:
    """Takes lists in, and remembers what was told of them."""

    service: Service
    folder: Path
    faults: list[Fault] = field(default_factory=list)

    def opened(self, text: str | bytes | Path, asked: Asked = PAPER) -> PeopleList:
        path = text if isinstance(text, Path) else self.folder / "list.csv"
        if path is not text:
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return contacts.open_list(self.service, path, asked)

    def preview(self, text: str | bytes | Path, asked: Asked = PAPER) -> dict[str, int]:
        self.faults.clear()
        return shown(contacts.preview(self.service, self.opened(text, asked), self.faults.append))

    def take(self, text: str | bytes | Path, asked: Asked = PAPER, step: Callable[[int], None] = id) -> dict[str, int]:
        self.faults.clear()
        return shown(contacts.take_in(self.service, self.opened(text, asked), "me", self.faults.append, step))

    def rows(self, table: Any, *columns: Any) -> list[Sequence[Any]]:
        """What is kept."""
        statement = Statement(lambda _: select(*columns).select_from(table).order_by(*columns))
        return self.service.database.read(lambda tx: tx.all(statement))

    def run(self, statement: Statement, **values: Any) -> None:
        def work(tx: Tx) -> None:
            tx.run(statement, **values)

        self.service.database.write(work)


def shown(counts: Counts) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count}
