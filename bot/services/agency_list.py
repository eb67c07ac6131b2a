"""Read a list of licensed agencies from a CSV file, as spreadsheets and ministries write them."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from io import StringIO
from typing import NamedTuple, get_args

from bot.content.agencies import AgencyWords
from bot.conversation.registry import Agency, Status
from bot.services import audit, registry
from bot.services.audit import Event
from bot.services.service import Service
from bot.store.database import Tx
from bot.text.khmer import clean, fold, has_khmer

LARGEST = 5_000_000
MOST_ROWS = 20_000
LONGEST_NAME = 90
LONGEST_LICENCE = 30
LONGEST_PLACE = 30
LONGEST_SOURCE = 60
EAST = timedelta(hours=7)
"""So much earlier than in UTC a day begins in Cambodia, where staff write today's date."""
SHOWN = 20
"""So many faults are told; the first ones mend most of the others."""

_LIST_MARKS = re.compile("[,;/&+|\n\u17d4\u17d6]| and ")
_STATUSES: Mapping[str, Status] = {status: status for status in get_args(Status)}


class BadList(ValueError):
    """The file cannot be imported. `faults` say why, one line each."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        more = len(self.faults) - SHOWN
        shown = [*self.faults[:SHOWN], *([f"and {more} more"] if more > 0 else [])]
        super().__init__("\n".join(shown))


class Line(NamedTuple):
    """One row of the file: where it begins, its cells by the column they belong to, and whether it has too many."""

    number: int
    cells: Mapping[str, str]
    spills: bool


def import_file(service: Service, raw: bytes, source: str, listed_on: date, by: str | None = None) -> int:
    """Replace the list by that of a CSV file; how many agencies it has. Nothing is imported if anything is wrong.

    Raises `BadList` and `StoreError`.
    """
    found, told = looked_at(service, raw, source, listed_on)

    def note(tx: Tx) -> None:
        audit.note(service, tx, Event.AGENCIES_IMPORTED, by, agencies=len(found))

    registry.replace_agencies(service, found, told, listed_on, note)
    return len(found)


def looked_at(service: Service, raw: bytes, source: str, listed_on: date) -> tuple[tuple[Agency, ...], str]:
    """The agencies of a CSV file, and its source in one line. Nothing is imported. Raises `BadList`."""
    source = " ".join(clean(source).split())
    if not 0 < len(source) <= LONGEST_SOURCE:
        raise BadList([f"say who published the list, in at most {LONGEST_SOURCE} characters (--source)"])
    if listed_on > (service.clock() + EAST).date():
        raise BadList([f"{listed_on} has not come yet; --date is the day the list was published"])
    book, place = service.book, cache(service.reader.country)
    found = read(raw, book.lexicon.agencies, lambda text: code if (code := place(text)) in book.countries else None)
    return found, source


def read(raw: bytes, words: AgencyWords, country: Callable[[str], str | None]) -> tuple[Agency, ...]:
    """The agencies of a file. `country` knows places by their names. Raises `BadList` with every fault."""
    lines = _lines(_text(raw), words)
    faults: list[str] = []
    agencies: dict[Agency, int] = {}
    for line in lines:
        try:
            agency = _agency(line, words, country)
        except ValueError as error:
            faults.append(f"line {line.number}: {error}")
            continue
        first = agencies.setdefault(agency, line.number)
        if first != line.number:
            faults.append(f"line {line.number}: the same as line {first}")
    if not agencies and not faults:
        faults.append("there are no agencies below the headings")
    if len(agencies) > MOST_ROWS:
        faults.append(f"more than {MOST_ROWS} agencies; is this the right file?")
    if faults:
        raise BadList(faults)
    return tuple(agencies)


def _text(raw: bytes) -> str:
    if len(raw) > LARGEST:
        raise BadList([f"the file is larger than {LARGEST // 1_000_000} MB; is it the right one?"])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = raw.count(b"\n", 0, error.start) + 1
        raise BadList([f"line {number}: is not UTF-8; save it as `CSV UTF-8` and try again"]) from None
    if "\0" in text:
        raise BadList([f"line {text[: text.index(chr(0))].count(chr(10)) + 1}: is no CSV; save the sheet as CSV UTF-8"])
    return text


def _lines(text: str, words: AgencyWords) -> Iterator[Line]:
    """The rows below the headings; empty ones are left out. Raises `BadList`."""
    told = re.match(r"sep=(.)\r?\n", text)  # a line some spreadsheets put first
    if told:
        text = "\n" + text[told.end() :]
    rows = csv.reader(StringIO(text, newline=""), delimiter=told[1] if told else _separator(text), strict=True)
    columns: list[str] | None = None
    begin = 1
    try:
        for row in rows:
            begin, number = rows.line_num + 1, begin
            if not any(cell.strip() for cell in row):
                continue
            if columns is None:
                columns = _columns(row, words, number)
            else:
                cells = {name: _cell(cell) for name, cell in zip(columns, row, strict=False) if name}
                yield Line(number, cells, any(cell.strip() for cell in row[len(columns) :]))
    except csv.Error as error:
        raise BadList([f"line {begin}: is no CSV ({error})"]) from None
    if columns is None:
        raise BadList(["the file is empty"])


def _separator(text: str) -> str:
    """What stands between the cells: the sign most frequent in the first line that has anything."""
    head = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=head.count)


def _columns(row: list[str], words: AgencyWords, number: int) -> list[str]:
    """For each heading the column it names, or nothing. Raises `BadList`."""
    known = {fold(word): name for name, each in words.columns.items() for word in each}
    columns = [known.get(fold(cell), "") for cell in row]
    twice = sorted({name for name in columns if name and columns.count(name) > 1})
    if twice:
        raise BadList([f"line {number}: two headings mean {', '.join(twice)}; rename one"])
    if not {"name", "name_en", "name_km"} & set(columns):
        seen = ", ".join(cell.strip() for cell in row if cell.strip())[:120]
        raise BadList(
            [f"line {number}: no heading for the name (seen: {seen}); use name_en, name_km, licence, countries, status"]
        )
    return columns


def _cell(cell: str) -> str:
    return " ".join(clean(cell).split())


def _agency(line: Line, words: AgencyWords, country: Callable[[str], str | None]) -> Agency:
    """The agency of a row. Raises ValueError with what is wrong."""
    if line.spills:
        raise ValueError("more cells than headings; a comma too many?")
    cell = line.cells.get
    name_en, name_km, either = cell("name_en", ""), cell("name_km", ""), cell("name", "")
    if either and has_khmer(either):
        name_km = name_km or either
    elif either:
        name_en = name_en or either
    if not any(sign.isalnum() for sign in name_en + name_km):
        raise ValueError("has no name")
    if max(len(name_en), len(name_km)) > LONGEST_NAME:
        raise ValueError(f"a name longer than {LONGEST_NAME} characters; put addresses in another column")
    if len(cell("licence", "")) > LONGEST_LICENCE:
        raise ValueError(f"a licence number longer than {LONGEST_LICENCE} characters")
    places = tuple(dict.fromkeys(_places(cell("countries", ""), country)))
    return Agency(name_en, name_km, cell("licence", ""), places, _status(cell("status", ""), words))


def _places(text: str, country: Callable[[str], str | None]) -> Iterator[str]:
    """ISO codes of places that are known; others as the list writes them."""
    for part in (part.strip() for part in _LIST_MARKS.split(text)):
        if len(part) > LONGEST_PLACE:
            raise ValueError(f"{part[:LONGEST_PLACE]!r}... is no country; put a comma or `/` between countries")
        if part:
            yield part.upper() if re.fullmatch("[A-Za-z]{2}", part) else country(part) or part


def _status(text: str, words: AgencyWords) -> Status:
    """What a list says of a licence; a list that says nothing lists those that have one."""
    if not text:
        return "licensed"
    known = {fold(word): name for name, each in words.status.items() for word in each}
    status = _STATUSES.get(known.get(fold(text), ""))
    if status is None:
        raise ValueError(f"the status {text[:30]!r} is not known; write licensed, suspended or ended")
    return status
