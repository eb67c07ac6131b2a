"""What became of a broadcast, for people outside the house; and what an SMS part costs."""

from __future__ import annotations

from typing import Any, Final

import flask

from bot.console import broadcasts, foresight
from bot.console.access import door
from bot.console.account import mine
from bot.console.broadcast_words import LANGS, exact
from bot.console.doors import field
from bot.console.home import country
from bot.console.visit import console, say, visit
from bot.content.book import LANGUAGES
from bot.services import report_files, results
from bot.services.prices import ANY
from bot.services.report_files import KINDS
from bot.services.reporting import TooFew
from bot.services.roles import Act
from bot.store.broadcasts import Known

pages = broadcasts.pages
TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
ROWS: Final = 50


@pages.get("/<int:broadcast>/report")
@door(Act.REPORT_READ)
def report(broadcast: int) -> Any:
    """The report, as files to take along; its tables are shown when somebody asks."""
    return _page(_closed(broadcast))


@pages.post("/<int:broadcast>/report/tables")
@door(Act.REPORT_READ)
def tables(broadcast: int) -> Any:
    """The tables of the report, on the page."""
    known = _closed(broadcast)
    service = console().service
    try:
        found = report_files.tables(service, results.results(service, broadcast), visit().tongue)
    except TooFew:
        return _page(known, say("report.few")), 400
    return _page(known, tables=found)


@pages.post("/<int:broadcast>/report")
@door(Act.REPORT_READ)
def take(broadcast: int) -> Any:
    """The report as a file. It is noted who took it."""
    known = _closed(broadcast)
    kind, language = field("kind"), field("language")
    if kind not in KINDS or language not in LANGUAGES:
        flask.abort(400)
    try:
        made = report_files.take(console().service, broadcast, language, kind, mine().name)
    except TooFew:
        return _page(known, say("report.few")), 400
    answer = flask.Response(made, content_type=TYPES[kind])
    # Its name tells nothing of whom it was for: it stays on the laptop of whoever takes it.
    answer.headers["Content-Disposition"] = f'attachment; filename="phlov-report.{kind}"'
    return answer


@pages.get("/prices")
@door(Act.BROADCAST_READ)
def prices() -> Any:
    """The prices that staff wrote down; nobody else knows any."""
    known = console().service.prices
    rows = sorted(known.parts.items())
    begin = min(broadcasts.key("from") or 0, len(rows))
    beginnings: dict[str, list[str]] = {}
    for prefix, network in sorted(known.networks.items()):
        beginnings.setdefault(network, []).append(prefix)
    shown = [
        (country(code), "" if network == ANY else network, f"{exact(price.amount)} {price.currency}")
        for (code, network), price in rows[begin : begin + ROWS]
    ]
    return flask.render_template(
        "prices.html",
        rows=shown,
        more=begin + ROWS if len(rows) > begin + ROWS else None,
        first=not begin,
        networks=sorted(beginnings.items())[:ROWS],
        file=bool(console().settings.prices_file),
    )


def _closed(broadcast: int) -> Known:
    """One whose counts change no more."""
    known = broadcasts.known_one(broadcast)
    if known.closed_at is None:
        flask.abort(404)
    return known


def _page(known: Known, fault: str | None = None, tables: Any = ()) -> str:
    return foresight.answer(
        "report.html",
        "report_tables.html",
        known=known,
        fault=fault,
        tables=tables,
        kinds=KINDS,
        languages=LANGUAGES,
        langs=LANGS,
    )
