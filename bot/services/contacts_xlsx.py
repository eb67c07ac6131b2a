"""Read an XLSX file of contacts row by row; what would fill the memory is refused before it is unpacked (X2)."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time
from pathlib import Path
from typing import IO, Any, Final
from xml.etree.ElementTree import ParseError
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile, ZipInfo

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from bot.services.cells import unspelt
from bot.services.contacts_file import MOST_COLUMNS, MOST_XLSX_ROWS, BadFile, Row

MOST_FILES: Final = 1_000
MOST_STRINGS: Final = 400_000
LARGEST_STRINGS: Final = 16_000_000
"""Bytes, unpacked, of the list of texts, which must be in memory as a whole."""
LARGEST_OTHER: Final = 4_000_000
"""Bytes, unpacked, of any other part that is read as a whole: styles, the list of sheets, relations."""
LARGEST_SHEET: Final = 250_000_000
LARGEST_SHEETS: Final = 300_000_000
"""Bytes, unpacked, of all sheets and texts together: each is looked through."""
MOST_PACKED: Final = 100
"""So many times as large as they are packed sheets and texts may be, if they are not small."""
MOST_ELEMENTS: Final = 12_000_000
"""Elements in all sheets and texts: 200,000 rows of twenty columns, and their texts."""
LONGEST_ROW: Final = 131_072
"""Characters: four times what a spreadsheet takes into a cell."""
SHEETS: Final = "xl/worksheets/"
STRINGS: Final = "xl/sharedStrings.xml"

_PIECE: Final = 1 << 16
_WIDEST_TAG: Final = 1 << 18

_CSV: Final = "save the sheet as `CSV UTF-8` and import that"
_MOST_INSIDE: Final = 5_000
"""Elements inside one row: a hundred columns take three or four each; sheets with wide formats have more."""
_UNREADABLE: Final = (
    BadZipFile,
    InvalidFileException,
    ParseError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    OSError,
    EOFError,
)
"""What openpyxl raises at files that are no workbook; it has no error of its own for it."""


def check(path: Path) -> None:
    """Look at the directory of the archive only. Raises `BadFile` for anything that is no sheet, or a bomb."""
    try:
        with ZipFile(path) as archive:
            parts = archive.infolist()
    except (BadZipFile, ValueError, NotImplementedError):
        raise BadFile(f"looks like an XLSX but is damaged; {_CSV}") from None
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names:
        known = "an OpenDocument sheet (.ods); save it as .xlsx or as `CSV UTF-8`" if "mimetype" in names else None
        raise BadFile(f"is {known}" if known else "is an archive (zip) and no XLSX; unpack it first")
    if len(parts) > MOST_FILES or len(names) < len(parts):
        raise BadFile(f"has more parts than a list of people needs; {_CSV}")
    for part in parts:
        _check_part(part)
    walked = [part for part in parts if part.filename == STRINGS or _is_sheet(part)]
    _check_packed(walked)
    with ZipFile(path) as archive:
        elements = 0
        for part in walked:
            elements += _check_inside(archive, part, MOST_ELEMENTS - elements)


def _check_part(part: ZipInfo) -> None:
    if part.flag_bits & 1:
        raise BadFile("has a password; save it without one")
    most = LARGEST_OTHER
    if _is_sheet(part):
        most = LARGEST_SHEET
    elif part.filename == STRINGS:
        most = LARGEST_STRINGS
    elif not part.filename.endswith((".xml", ".rels")):
        return  # pictures and the like are never unpacked
    if part.file_size > most:
        raise BadFile(f"would take more than {most // 1_000_000} MB of memory in one part; {_CSV}")


def _check_packed(parts: list[ZipInfo]) -> None:
    """Lists of people are packed to a tenth; what is packed to much less says the same thing very often."""
    most = max(LARGEST_OTHER, MOST_PACKED * sum(part.compress_size for part in parts))
    if sum(part.file_size for part in parts) > min(most, LARGEST_SHEETS):
        raise BadFile(f"would take more than {min(most, LARGEST_SHEETS) // 1_000_000} MB of memory in one part; {_CSV}")


def _is_sheet(part: ZipInfo) -> bool:
    return part.filename.startswith(SHEETS) and part.filename.endswith(".xml")


def _check_inside(archive: ZipFile, part: ZipInfo, most: int) -> int:
    """Walk through a part without keeping any of it: how many elements are in it, and how much of one cell."""
    walk = _Walk(part.filename == STRINGS, most)
    try:
        with archive.open(part) as file:
            walk.through(file)
    except (BadZipFile, expat.ExpatError, NotImplementedError, EOFError, ValueError):
        raise BadFile(f"looks like an XLSX but is damaged; {_CSV}") from None
    return walk.elements


class _Walk:
    """Counts what a reader would have to hold at once, and raises `BadFile` when it is too much."""

    def __init__(self, strings: bool, most: int) -> None:
        self.elements = 0
        self._most = most
        self._strings = strings
        self._rows = self._cells = self._text = 0
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.StartElementHandler = self._start
        self._parser.CharacterDataHandler = self._read

    def through(self, file: IO[bytes]) -> None:
        fed = 0
        while piece := file.read(_PIECE):
            self._parser.Parse(piece, False)
            fed += len(piece)
            if fed - self._parser.CurrentByteIndex > _WIDEST_TAG:
                self._refuse()
        self._parser.Parse(b"", True)

    def _start(self, name: str, _: object) -> None:
        self.elements += 1
        if self.elements > self._most:
            raise BadFile(f"has more parts than a list of people needs; {_CSV}")
        name = name.rpartition(":")[2]
        if name in {"row", "si"}:
            self._rows += 1
            self._cells = self._text = 0
            if self._rows > (MOST_STRINGS if self._strings else MOST_XLSX_ROWS):
                raise BadFile(f"has more than {MOST_XLSX_ROWS:,} rows, or too many different texts; {_CSV}")
        else:
            self._cells += 1
            if self._cells > _MOST_INSIDE:
                self._refuse()

    def _read(self, text: str) -> None:
        self._text += len(text)
        if self._text > LONGEST_ROW:
            self._refuse()

    def _refuse(self, *_: object) -> None:
        raise BadFile(f"holds more in one row or cell than a list of people needs; {_CSV}")


def others(path: Path, sheet: str | None) -> tuple[str, ...]:
    """The names of the sheets that `rows` does not read. Raises `BadFile`."""
    with _opened(path) as book:
        names = [each.title for each in book.worksheets]
        return tuple(name for name in names if name != _chosen(names, sheet))


def rows(path: Path, sheet: str | None) -> Iterator[Row]:
    """The rows of a sheet: of the one that is named, else of the first. Raises `BadFile`."""
    with _opened(path) as book:
        yield from _read(book[_chosen([each.title for each in book.worksheets], sheet)])


def _chosen(names: list[str], sheet: str | None) -> str:
    if sheet is not None and sheet not in names:
        raise BadFile(f"has no sheet of this name; it has: {', '.join(names)[:300]}")
    if not names:
        raise BadFile("has no sheet with rows")
    return sheet or names[0]


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of parts that openpyxl passes over: pictures, checks of cells
        with path.open("rb") as file:  # by its name it would be judged by its ending
            try:
                book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
            except _UNREADABLE:
                raise BadFile(f"looks like an XLSX but cannot be read; {_CSV}") from None
            try:
                yield book
            finally:
                book.close()


def _read(sheet: Any) -> Iterator[Row]:
    sheet.reset_dimensions()  # what a file says of its own size is often wrong
    number = 0
    try:
        for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS + 1, values_only=True), 1):
            if number > MOST_XLSX_ROWS:
                raise BadFile(f"has more than {MOST_XLSX_ROWS:,} rows; {_CSV}")
            yield Row(number, _stripped([_written(cell) for cell in cells]))
    except BadFile:
        raise
    except _UNREADABLE:
        raise BadFile(f"cannot be read after row {number}; {_CSV}") from None


def _stripped(cells: list[str]) -> list[str]:
    """Without the empty cells at the end, which the sheet has and the list has not."""
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _written(cell: object) -> str:
    """A cell as somebody would write it: whole numbers without a point, days as 2026-12-31."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return unspelt(cell)
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    if isinstance(cell, datetime):
        return (cell.date() if cell.time() == time() else cell).isoformat()
    return str(cell)
