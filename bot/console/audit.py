"""The audit, for admins: who did what, who saw what, and whether nobody changed it afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import flask

from bot.console.access import door
from bot.console.visit import console, say
from bot.services import access_report, audit, staff
from bot.services.roles import Act

pages = flask.Blueprint("audit", __name__, url_prefix="/console/audit")
LOOK = Act.AUDIT_READ
ROWS: Final = 50
FIRST: Final = date(2000, 1, 1)


def _page(verified: audit.Verified | None = None) -> str:
    before = flask.request.args.get("before", "")
    who = flask.request.args.get("who", "").strip()[:80]
    known = int(before) if before.isascii() and before.isdecimal() and len(before) < 18 else None
    rows = audit.page(console().service, known, ROWS + 1, who=who or None)
    older = rows[ROWS - 1].seq if len(rows) > ROWS else None
    return flask.render_template(
        "audit.html",
        rows=rows[:ROWS],
        older=older,
        newest=known is None,
        who=who,
        verified=verified,
        named=_named,
        names=staff.names(console().service),
        details=_details,
    )


def _named(event: str) -> str:
    """What happened, in words."""
    name = f"audit.{event}"
    return say(name) if console().words.has(name) else event


def _details(detail: Mapping[str, int | bool | str]) -> list[tuple[str, str]]:
    """What is told of it: the word for it and how much or what; nothing of what is not so."""
    has, told = console().words.has, []
    for name, value in detail.items():
        if value:
            kinds = {
                "role": "role",
                "before": "role",
                "outcome": "cases.outcome",
                "act": "broadcasts.act",
                "duty": "duty.act",
            }
            kind = kinds.get(name, "")
            word = f"{kind}.{value}"
            shown = "" if value is True else say(word) if has(word) else str(value)
            told.append((say(f"detail.{name}") if has(f"detail.{name}") else name, shown))
    return told


@pages.get("")
@door(LOOK)
def index() -> Any:
    """The newest first."""
    return _page()


@pages.get("/month")
@door(LOOK)
def month() -> Any:
    """What staff saw and took in a month."""
    service = console().service
    now = access_report.month_of(service)
    asked = _month(flask.request.args.get("month", "")) or now
    report = access_report.report(service, min(asked, now))
    return flask.render_template(
        "access.html",
        report=report,
        kinds=list(access_report.Kind),
        before=access_report.before(report.month),
        after=access_report.after(report.month) if report.month < now else None,
        named=_named,
        details=_details,
    )


def _month(told: str) -> date | None:
    """A month that was asked for, by its first day; None for one in which there was no Phlov."""
    try:
        asked = date.fromisoformat(f"{told}-01")
    except ValueError:
        return None
    return asked if asked >= FIRST else None


@pages.post("/verify")
@door(LOOK)
def verify() -> Any:
    """Go through the whole chain."""
    return _page(audit.verify(console().service))
