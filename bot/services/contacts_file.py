"""Read files of contacts as spreadsheets write them, row by row, however large they say they are (X2)."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from io import TextIOWrapper
from pathlib import Path
from typing import Final, NamedTuple

from bot.content import contact_words

LARGEST: Final = 256_000_000
"""Bytes of the largest file."""
MOST_ROWS: Final = 2_000_000
MOST_XLSX_ROWS: Final = 200_000
"""A row of an XLSX leaves a few bytes in memory until the file is read to its end; longer lists are for CSV."""
MOST_COLUMNS: Final = 100
LONGEST_CELL: Final = 500
LONGEST_LINE: Final = 65_536
"""Characters. A longer line, or a cell over many lines, is a quotation mark that nobody closed."""
LOOKED_AT: Final = 20
"""So many rows at the top may come before the headings."""
SEPARATORS: Final = ",;\t|"

_PIECE: Final = 1 << 18
_MARKS: Final = (  # the longer ones first
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_STRANGERS: Final = (
    (b"\xd0\xcf\x11\xe0", "an old Excel file (.xls), or one with a password; save it as .xlsx or as `CSV UTF-8`"),
    (b"%PDF", "a PDF; ask for the sheet it was made from"),
    (b"{\\rtf", "a text document; put the list in a sheet and save it as `CSV UTF-8`"),
    (b"<", "a web page or XML; open it in a spreadsheet and save it as `CSV UTF-8`"),
    (b"\x1f\x8b", "compressed; unpack it first"),
    (b"Rar!", "compressed; unpack it first"),
    (b"7z\xbc\xaf", "compressed; unpack it first"),
)


class BadFile(ValueError):
    """The file cannot be read at all. The text says why, and what to do; it holds nothing of the file."""


class NoPeople(BadFile):
    """The sheet has no column of phone numbers; perhaps another of its `sheets` has. `why` says it without them."""

    def __init__(self, why: str, sheets: tuple[str, ...] = ()) -> None:
        super().__init__(why + (f"; or choose another sheet with --sheet: {', '.join(sheets)[:300]}" if sheets else ""))
        self.why = why
        self.sheets = sheets


class Row(NamedTuple):
    """A row with the number a spreadsheet shows beside it."""

    number: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was looked through once. `digest` is of its bytes; `rows` reads it from the first row, each time.

    `others`: the sheets of it that are not read.
    """

    name: str
    digest: str
    rows: Callable[[], Iterator[Row]]
    others: tuple[str, ...] = ()


def look_through(path: Path, sheet: str | None = None) -> Source:
    """Look at every byte once: what kind of file it is, and whether it can be read. Raises `BadFile` and `OSError`."""
    size = path.stat().st_size
    if size == 0:
        raise BadFile("is empty")
    if size > LARGEST:
        raise BadFile(f"is larger than {LARGEST // 1_000_000} MB; is it the right one? If so, cut it into several")
    with path.open("rb") as file:
        head = file.read(_PIECE)
    if head[:4] == b"PK\x03\x04":
        from bot.services import contacts_xlsx  # noqa: PLC0415 - openpyxl is large

        contacts_xlsx.check(path)
        others = contacts_xlsx.others(path, sheet)
        return Source(path.name, _digest(path, None), lambda: contacts_xlsx.rows(path, sheet), others)
    if sheet is not None:
        raise BadFile("is no XLSX and has no sheets to choose from")
    if stranger := next((words for mark, words in _STRANGERS if head.lstrip().startswith(mark)), None):
        raise BadFile(f"is {stranger}")
    encoding = _encoding(head)
    return Source(path.name, _digest(path, encoding), lambda: _csv_rows(path, encoding))


def _encoding(head: bytes) -> str:
    """By its mark or, in UTF-16 without one, by the zeros between Latin letters."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    sample = head[:1024]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) > len(sample) / 8:
        return "utf-16-be" if even > odd else "utf-16-le"
    return "utf-8"


def _digest(path: Path, encoding: str | None) -> str:
    """The digest of a file, once all of it could be decoded. Raises `BadFile`."""
    told, line = sha256(), 1
    decoder = codecs.getincrementaldecoder(encoding)() if encoding else None
    with path.open("rb") as file:
        try:
            while piece := file.read(_PIECE):
                told.update(piece)
                if decoder is not None:
                    line += _lines(decoder.decode(piece), line)
            if decoder is not None:
                decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            lost = bytes(error.object[: error.start]).count(b"\n")
            raise BadFile(_not_unicode(encoding or "", line + lost)) from None
    return told.hexdigest()


def _lines(text: str, line: int) -> int:
    if "\0" in text:
        number = line + text.count("\n", 0, text.index("\0"))
        raise BadFile(f"line {number}: is no text (it holds a zero byte); save the sheet as `CSV UTF-8`")
    return text.count("\n")


def _not_unicode(encoding: str, line: int) -> str:
    if encoding.startswith("utf-16"):
        return f"line {line}: is cut off or no UTF-16; save the sheet again as `CSV UTF-8`"
    return (
        f"line {line}: is not UTF-8 but an older encoding (such as Windows-1252), in which Khmer is lost and other "
        "letters would only be guessed; open it in the program it comes from and save it as `CSV UTF-8` or .xlsx"
    )


def _csv_rows(path: Path, encoding: str) -> Iterator[Row]:
    """The rows of a CSV file. Raises `BadFile` where it cannot go on."""
    separator, told = _separator(path, encoding)
    with path.open("rb") as raw, TextIOWrapper(raw, encoding, newline="") as file:
        if told:
            file.readline(LONGEST_LINE)
        before = csv.field_size_limit(LONGEST_LINE)
        number = 0
        try:
            for number, cells in enumerate(csv.reader(_bounded(file), delimiter=separator, strict=True), 1):
                if number > MOST_ROWS:
                    raise BadFile(f"has more than {MOST_ROWS:,} rows; cut it into several")
                yield Row(number, cells)
        except csv.Error as error:
            where = f"row {number + 1}: is no CSV"
            raise BadFile(f"{where} ({_csv_fault(error)})") from None
        finally:
            csv.field_size_limit(before)


def _csv_fault(error: csv.Error) -> str:
    """Said without what Python says, which may quote the file."""
    if "field larger" in str(error) or "unexpected end" in str(error):
        return "a quotation mark is opened and never closed"
    return "signs follow a closed quotation mark; write a quotation mark inside a cell twice"


def _bounded(file: TextIOWrapper) -> Iterator[str]:
    """The lines of a file, none longer than a sheet has."""
    number = 0
    while line := file.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE and line[-1] not in "\r\n":
            raise BadFile(f"line {number}: is longer than {LONGEST_LINE:,} characters; is this a list of people?")
        yield line


def _separator(path: Path, encoding: str) -> tuple[str, bool]:
    """What stands between the cells, and whether a first line `sep=;` says so.

    Without one it is the sign that separates the headings, or that most of the first lines have.
    """
    with path.open("rb") as raw, TextIOWrapper(raw, encoding, newline="") as file:
        lines = [line for _ in range(LOOKED_AT) if (line := file.readline(LONGEST_LINE))]
    first = lines[0].rstrip("\r\n") if lines else ""
    if first.lower().startswith("sep=") and len(first) == len("sep=") + 1:
        return first[-1], True
    full = [line for line in lines if line.strip()] or [""]
    return max(SEPARATORS, key=lambda sign: _fits(full, sign)), False


def _fits(lines: list[str], sign: str) -> tuple[bool, int, int]:
    """How well a sign would separate these lines: does one hold the headings then, how many have it, how often."""
    known = contact_words.load().columns
    cells = (cell.strip('" \r\n') for line in lines for cell in line.split(sign))
    headed = any(known.get(contact_words.key(cell)) == "phone" for cell in cells)
    return headed, sum(sign in line for line in lines), lines[0].count(sign)
