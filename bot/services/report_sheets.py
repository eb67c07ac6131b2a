"""A report as tables of words and numbers, from which every file of it is made: so all of them tell the same."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO
from typing import Final, Literal

from bot.content import provinces
from bot.content.template import PLACE
from bot.printing.edition import Edition
from bot.services.cells import safe, spelt
from bot.services.disclosure import OTHER, SMALL, Figure
from bot.services.prices import Price
from bot.services.reporting import ARRIVED, GONE, LATER, LOST, STOPPED, Report, Row, Table

HIDDEN: Final = "*"
NOWHERE: Final = ("", "ZZ")
HOME: Final = timedelta(hours=7)
"""Cambodian time is so far from UTC, all the year."""

_NUMBER = re.compile("^[0-9\u17e0-\u17e9]+/[0-9\u17e0-\u17e9]+[ .:]*")

Value = str | int


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of a report: its heading, the heads of its columns, its lines."""

    name: str
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


def told(figure: Figure | None) -> Value:
    """A count as it is shown; what is not there is hidden."""
    if figure is None or figure.high is None:
        return HIDDEN
    if figure.exact is not None:
        return figure.exact
    return f"<{SMALL}" if figure.small else f"{figure.low}\u2013{figure.high}"


def share(figure: Figure | None, of: int) -> str:
    """A count as a part of all, in percent; between which percents, if that is all there is to tell."""
    if figure is None or figure.high is None or not of:
        return HIDDEN
    low, high = (100 * count / of for count in (figure.low, figure.high))
    if figure.small:
        return f"<{100 * SMALL / of:.{0 if of <= 100 * SMALL else 1}f} %"
    return f"{_percent(low)} %" if _percent(low) == _percent(high) else f"{_percent(low)}\u2013{_percent(high)} %"


def _percent(value: float) -> str:
    return f"{value:.0f}" if value >= 10 or value == round(value) else f"{value:.1f}"


class Words:
    """The words of a report in the language of an edition."""

    def __init__(self, edition: Edition) -> None:
        self.edition = edition

    def say(self, name: str) -> str:
        """A text of the report."""
        return self.edition.say("print/report", self.edition.book.paper.report[name])

    def column(self, name: str) -> str:
        """What a column is called; several that are told only together are called by all their names."""
        return " + ".join(self.say(part) for part in name.split("+"))

    def place(self, axis: str, code: str) -> str:
        """What a province, a language, a gateway or a country is called."""
        if code == OTHER:
            return self.say("other")
        if code in NOWHERE:
            return self.say("nowhere")
        if axis == "language":
            return self.say(code)
        if axis == "province":
            return self._province(code)
        book = self.edition.book
        return book.country_name(code, self.edition.language) if axis == "country" and code in book.countries else code

    def _province(self, code: str) -> str:
        language: Literal["km", "en"] = "km" if self.edition.language == "km" else "en"
        try:
            return provinces.load().name(code, language)
        except KeyError:
            return code

    def answer(self, label: str) -> str:
        """An answer in the language of the edition; it is kept in English."""
        book = self.edition.book
        choices = (choice for state in book.states.values() if state.asks for choice in state.choices)
        found = next((choice for choice in choices if choice.label == label), None)
        return book.label(found, self.edition.language) if found else label

    def question(self, name: str) -> str:
        """What a question of the quiz asks, in short: of the campaign's quiz (`2`) before and after, or of a broadcast
        (`passport`). Its name where the catalog has it no more."""
        states = self.edition.book.states
        sets = (f"quiz.before.{name}", f"quiz.after.{name}", f"broadcasts.{name}")
        asked = dict.fromkeys(self._asks(state) for state in sets if state in states)
        return " / ".join(each for each in asked if each) or name

    def _asks(self, state: str) -> str:
        """The last line, which asks, without its number and what to send."""
        book = self.edition.book
        line = book.words(state, book.states[state].pages[-1], self.edition.language).splitlines()[-1]
        told = "" if PLACE.search(line) else _NUMBER.sub("", line)
        return told[: told.rfind("?") + 1] or told


def sheets(words: Words, report: Report) -> list[Sheet]:
    """Everything that a report tells."""
    found = [_about(words, report), _summary(words, report), *(_by(words, table) for table in report.tables)]
    if report.crossed:
        found.append(_crossed(words, report.crossed))
    return [*found, *(sheet for sheet in _others(words, report) if sheet.rows)]


def _others(words: Words, report: Report) -> Iterator[Sheet]:
    """The small tables; without rows where there is nothing to tell."""
    say, answer = words.say, words.answer
    answers = ((answer(name), told(each), share(each, report.answered)) for name, each in first(report.answers))
    yield Sheet("answers", say("answers"), (say("answer"), say("total"), say("share")), tuple(answers))
    yield from (_answers_by(words, table) for table in report.answers_by)
    quiz = ((words.question(each.question), _known(each.before), _known(each.after)) for each in report.quiz)
    yield Sheet("quiz", say("quiz"), (say("question"), say("before"), say("after")), tuple(quiz))
    yield _costs(words, report)
    hours = ((clock(hour), f"{10 * tenths} %") for hour, tenths in report.hours.items())
    yield Sheet("hours", say("hours"), (say("hours"), say("share")), tuple(hours))
    excluded = ((say(f"reason_{name}"), told(figure)) for name, figure in first(report.excluded))
    yield Sheet("excluded", say("excluded"), (say("reason"), say("people")), tuple(excluded))


def _answers_by(words: Words, table: Table) -> Sheet:
    """Who answered, by province or language: how many, and how many gave which answer."""
    say = words.say
    named = (say("other") if name == OTHER else words.answer(name) for name in table.columns)
    rows = tuple(
        (words.place(table.axis, row.name), row.people, *(told(row.figures.get(name)) for name in table.columns))
        for row in table.rows
    )
    title = f"{say('answers')}: {say(table.axis)}"
    return Sheet(f"answers_{table.axis}", title, (say(table.axis), say("total"), *named), rows)


def first(figures: Mapping[str, Figure]) -> list[tuple[str, Figure]]:
    """The largest first, and what is hidden last: its order must not tell more than the figures."""
    return sorted(figures.items(), key=lambda item: (item[1].exact is None, -(item[1].exact or 0), item[0]))


def _known(side: tuple[Figure, int] | None) -> str:
    return share(*side) if side else ""


def _about(words: Words, report: Report) -> Sheet:
    say = words.say
    notes = (say("note_small"), *([say("note_open")] if report.open else []))
    rows = [(say("campaign"), ""), *((day(starts_at), title) for title, starts_at in report.titles), (say("made"), "")]
    return Sheet("about", say("title"), (say("title"), ""), (*rows, *((note, "") for note in notes)))


def _summary(words: Words, report: Report) -> Sheet:
    say = words.say
    rows: list[tuple[Value, ...]] = [(say("people"), report.people, "")]
    for name in (ARRIVED, GONE, LOST, LATER):
        rows.append((say(name), told(report.outcomes[name]), share(report.outcomes[name], report.people)))
    rows += ((f"{say(LOST)}: {say(name)}", told(figure), "") for name, figure in report.details.items())
    rows.append((say(STOPPED), told(report.stopped), share(report.stopped, report.people)))
    if report.spent:
        rows.append((say("spent"), between(*report.spent), ""))
    return Sheet("summary", say("outcomes"), (say("outcomes"), say("people"), say("share")), tuple(rows))


def _by(words: Words, table: Table) -> Sheet:
    say = words.say
    head = (say(table.axis), say("people"), *(words.column(name) for name in table.columns))
    rows = tuple(
        (words.place(table.axis, row.name), row.people, *(told(row.figures.get(name)) for name in table.columns))
        for row in table.rows
    )
    return Sheet(table.axis, say(table.axis), head, rows)


def _crossed(words: Words, table: Table) -> Sheet:
    head = (words.say("province"), words.say("people"), *(words.place("language", name) for name in table.columns))

    def line(row: Row) -> tuple[Value, ...]:
        return (
            words.place("province", row.name),
            row.people,
            *(told(row.figures.get(name)) for name in table.columns),
        )

    return Sheet("provinces_languages", words.say("crossed"), head, tuple(line(row) for row in table.rows))


def _costs(words: Words, report: Report) -> Sheet:
    say = words.say
    rows = tuple(
        (words.place("country", line.country), line.network, line.people, money(line.price) if line.price else HIDDEN)
        for line in report.costs
    )
    return Sheet("cost", say("cost"), (say("country"), say("network"), say("people"), say("price")), rows)


def money(price: Price) -> str:
    """An amount with its currency."""
    return f"{price.amount.normalize():,f} {price.currency}"


def between(low: Price, high: Price) -> str:
    """Two amounts of one currency, or one where they are the same."""
    if low.amount == high.amount:
        return f"{low.amount:,.2f} {low.currency}"
    return f"{low.amount:,.2f}\u2013{high.amount:,.2f} {low.currency}"


def day(at: int) -> str:
    """A day in Cambodia."""
    return _local(at).strftime("%d-%m-%Y")


def clock(at: int) -> str:
    """An hour of a day in Cambodia."""
    return _local(at).strftime("%d-%m-%Y %H:%M")


def _local(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC) + HOME


def csv_file(found: Iterable[Sheet]) -> bytes:
    """One CSV for all tables: in each line the table, the line's name, the column, and the value. With a byte order
    mark, so that spreadsheets see that it is UTF-8."""
    out = StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(("table", "row", "column", "value"))
    writer.writerows([safe(str(cell)) for cell in line] for line in _lines(found))
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _lines(found: Iterable[Sheet]) -> Iterator[tuple[Value, ...]]:
    for sheet in found:
        named = 2 if sheet.name == "cost" else 1
        for row in sheet.rows:
            for head, value in zip(sheet.head[named:], row[named:], strict=True):
                if value != "" or sheet.name == "about":
                    yield sheet.title, " ".join(str(part) for part in row[:named] if part), head, value


def xlsx_file(found: Iterable[Sheet]) -> bytes:
    """A workbook with a sheet for each table. Nothing in it is a formula."""
    from openpyxl import Workbook  # noqa: PLC0415 - 10 MB that a server does not need
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415

    book = Workbook(write_only=True)
    for sheet in found:
        page = book.create_sheet(sheet.name)
        page.freeze_panes = "A2"
        page.column_dimensions["A"].width = 40
        for row in (sheet.head, *sheet.rows):
            cells = []
            for value in row:
                cell = WriteOnlyCell(page, value=value if isinstance(value, int) else spelt(safe(value)))
                if not isinstance(value, int):
                    cell.data_type = "s"
                cells.append(cell)
            page.append(cells)
    out = BytesIO()
    book.save(out)
    return out.getvalue()
