"""A report as a file to give away: a page to print, or tables."""

from __future__ import annotations

from typing import Final, Literal

from bot.content.book import Language
from bot.services import audit, campaign_report, results
from bot.services.audit import About, Event
from bot.services.report_sheets import Sheet, Words, csv_file, sheets, xlsx_file
from bot.services.reporting import Report
from bot.services.results import Results
from bot.services.service import Service

Kind = Literal["html", "csv", "xlsx"]
KINDS: Final[tuple[Kind, ...]] = ("html", "csv", "xlsx")


def file(service: Service, found: Results, language: Language, kind: Kind) -> bytes:
    """The report on some results. Raises `TooFew`."""
    told, words = _told(service, found, language)
    if kind == "html":
        from bot.printing import report as page  # noqa: PLC0415 - only who prints loads what draws
        from bot.services.report_page import view  # noqa: PLC0415

        return page.report(words.edition, view(words, told)).encode()
    return (csv_file if kind == "csv" else xlsx_file)(sheets(words, told))


def tables(service: Service, found: Results, language: Language) -> list[Sheet]:
    """The same as tables. Raises `TooFew`."""
    told, words = _told(service, found, language)
    return sheets(words, told)


def take(service: Service, broadcast: int, language: Language, kind: Kind, by: str) -> bytes:
    """The report on a broadcast for somebody who takes it along, which is noted. Raises `TooFew` and `StoreError`."""
    made = file(service, results.results(service, broadcast), language, kind)
    about = About("broadcast", broadcast)
    service.database.write(lambda tx: audit.note(service, tx, Event.BROADCAST, by, about=about, act="report"))
    return made


def _told(service: Service, found: Results, language: Language) -> tuple[Report, Words]:
    from bot.printing import Edition  # noqa: PLC0415

    told = campaign_report.of(found)
    today = service.clock().date()
    return told, Words(Edition(service.book, language, today, today, code=found.campaign))
