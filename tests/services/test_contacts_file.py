"""Files of contacts, as people and spreadsheets save them; and files that are no such thing."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from textwrap import dedent

import pytest
from openpyxl import Workbook

from bot.services import contacts_file, contacts_xlsx
from bot.services.contacts_file import BadFile, Row, look_through
from bot.services.contacts_rows import find_columns

KHMER = "លេខទូរស័ព្ទ"
TABLE = [[KHMER, "ខេត្ត"], ["012000111", "សៀមរាប, ក្រុង"], ["015000222", 'a "b"']]


def written(path: Path, raw: bytes, sheet: str | None = None) -> list[list[str]]:
    path.write_bytes(raw)
    return [row.cells for row in look_through(path, sheet).rows()]


def text(separator: str, ending: str = "\r\n") -> str:
    lines = ([f'"{cell}"'.replace('a "b"', 'a ""b""') for cell in line] for line in TABLE)
    return "".join(separator.join(line) + ending for line in lines)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_encoding_and_separator_gives_the_same_rows(tmp_path, encoding, separator, ending):
    raw = text(separator, ending).encode(encoding)
    if encoding == "utf-16-be":
        raw = b"\xfe\xff" + raw
    if encoding == "utf-16-le":  # found by its zeros; Khmer alone has none
        raw = ("No,phone\n" + text(separator, ending)).encode(encoding)
    assert written(tmp_path / "list.csv", raw)[-3:] == TABLE


@pytest.mark.parametrize(
    ("raw", "rows"),
    [
        (b"sep=;\r\nphone;a,b\r\n1;2\r\n", [["phone", "a,b"], ["1", "2"]]),
        (b"phone\n012\n\n\n015\n", [["phone"], ["012"], [], [], ["015"]]),
        (
            b'phone,note\n012,"two\nlines, one cell"\n015,x',
            [["phone", "note"], ["012", "two\nlines, one cell"], ["015", "x"]],
        ),
        (
            b"My list, of people\nphone;tag\n1;a,b\n2;c,d\n",
            [["My list, of people"], ["phone", "tag"], ["1", "a,b"], ["2", "c,d"]],
        ),
        (b"phone", [["phone"]]),
        (b"\n\nphone\n", [[], [], ["phone"]]),
    ],
)
def test_odd_but_sane_files_are_read(tmp_path, raw, rows):
    assert written(tmp_path / "list.csv", raw) == rows


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "is empty"),
        ("phone;name\n012;Ren\xe9\n".encode("cp1252"), "line 2: is not UTF-8 but an older encoding"),
        (b"phone\n" + b"012\n" * 200_000 + b"\x93hello\x94\n", "line 200002: is not UTF-8"),
        (b"phone\n01\x002\n", "line 2: is no text"),
        ("phone\n012\n".encode("utf-16") + b"\x00", "line 3: is cut off or no UTF-16"),
        (b"\xff\xfe\x00\xd8p\x00", "line 1: is cut off or no UTF-16"),
        (b'phone\n"012\n013\n', "row 2: is no CSV (a quotation mark is opened and never closed)"),
        (b'phone\n"' + b"012\n" * 40_000, "row 2: is no CSV (a quotation mark is opened and never closed)"),
        (b'phone\n"01"2\n', "row 2: is no CSV (signs follow a closed quotation mark"),
        (b"phone\n" + b"," * 70_000 + b"\n", "line 2: is longer than 65,536 characters"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "is an old Excel file (.xls)"),
        (b"%PDF-1.7\n", "is a PDF"),
        (b"<html><table><tr><td>012", "is a web page"),
        (b"\n <?xml version='1.0'?>", "is a web page or XML"),
        (b"\x1f\x8b\x08\x00", "is compressed"),
        (b"{\\rtf1 phone}", "is a text document"),
    ],
)  # fmt: skip
def test_what_is_no_list_is_refused_with_a_reason(tmp_path, raw, why):
    with pytest.raises(BadFile) as refusal:
        written(tmp_path / "list.csv", raw)
    assert str(refusal.value).startswith(why)
    assert "012" not in str(refusal.value)


def test_a_file_that_is_too_large_or_too_long_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(contacts_file, "LARGEST", 10_000_000)
    monkeypatch.setattr(contacts_file, "MOST_ROWS", 100)
    with pytest.raises(BadFile, match="more than 100 rows"):
        written(tmp_path / "list.csv", b"1\n" * 101)
    assert len(written(tmp_path / "list.csv", b"1\n" * 100)) == 100
    with (tmp_path / "list.csv").open("wb") as file:
        file.truncate(10_000_001)
    with pytest.raises(BadFile, match="larger than 10 MB"):
        look_through(tmp_path / "list.csv")


def test_the_digest_is_of_the_bytes(tmp_path):
    written(tmp_path / "a.csv", b"phone\n1\n")
    written(tmp_path / "b.csv", b"phone\n2\n")
    written(tmp_path / "c.csv", b"phone\n1\n")
    digests = [look_through(tmp_path / f"{name}.csv").digest for name in "abc"]
    assert digests[0] == digests[2] != digests[1]


def workbook(path: Path, *sheets: tuple[str, list[list[object]]]) -> Path:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_a_sheet_is_read_as_somebody_would_write_it(tmp_path):
    rows = [
        ["phone", "day", "n", None, "x"],
        ["012000111", datetime.fromisoformat("2026-12-31"), 12000111.0, None, "a\nb"],
        [],
        [85512000111, date(2026, 1, 2), 1.5, True, "'=1+1"],
    ]
    source = look_through(workbook(tmp_path / "list.xlsx", ("People", rows), ("Other", [["tel"]])))
    expected = [
        Row(1, ["phone", "day", "n", "", "x"]),
        Row(2, ["012000111", "2026-12-31", "12000111", "", "a\nb"]),
        Row(3, []),
        Row(4, ["85512000111", "2026-01-02", "1.5", "True", "'=1+1"]),
    ]
    assert list(source.rows()) == list(source.rows()) == expected
    assert [row.cells for row in look_through(tmp_path / "list.xlsx", "Other").rows()] == [["tel"]]
    with pytest.raises(BadFile, match="it has: People, Other"):
        list(look_through(tmp_path / "list.xlsx", "None").rows())


def test_other_sheets_are_told(tmp_path):
    path = workbook(tmp_path / "list.xlsx", ("note", [["A list"]]), ("people", [["phone"], ["012000111"]]), ("old", []))
    assert look_through(path).others == ("people", "old")
    assert look_through(path, "people").others == ("note", "old")
    with pytest.raises(BadFile, match="choose another sheet with --sheet: people, old"):
        find_columns(look_through(path))


def test_a_sheet_is_asked_of_xlsx_only(tmp_path):
    with pytest.raises(BadFile, match="no sheets to choose from"):
        written(tmp_path / "list.csv", b"phone\n", "Sheet1")


def changed(path: Path, part: str, content: bytes, *, more: int = 0) -> Path:
    """The workbook with one part replaced, and so many parts more."""
    with zipfile.ZipFile(workbook(path, ("People", [["phone"], ["012000111"]]))) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        for name, raw in (parts | {part: content}).items():
            new.writestr(name, raw)
        for serial in range(more):
            new.writestr(f"xl/media/{serial}.png", b"")
    return path


SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
CELL = b'<row><c t="inlineStr"><is><t>'
BOMBS: dict[str, Callable[[Path], Path]] = {
    "a sheet of 251 MB": lambda path: changed(path, SHEET, HEAD + b" " * 251_000_000),
    "texts of 17 MB": lambda path: changed(path, STRINGS, b"<sst>" + b"<si><t>a</t></si>" * 1_000_000 + b"</sst>"),
    "texts without end": lambda path: changed(path, STRINGS, b"<sst>" + b"<si/>" * 3_000_000 + b"</sst>"),
    "styles of 8 MB": lambda path: changed(path, "xl/styles.xml", b"<styleSheet>" + b"<a/>" * 2_000_000),
    "one row of four million cells": lambda path: changed(path, SHEET, HEAD + b"<row>" + b"<c/>" * 4_000_000),
    "one cell of 90 MB": lambda path: changed(path, SHEET, HEAD + CELL + b"a" * 90_000_000),
    "one tag of 90 MB": lambda path: changed(path, SHEET, HEAD + b'<row r="' + b"1" * 90_000_000),
    "entities": lambda path: changed(path, SHEET, b'<!DOCTYPE a [<!ENTITY b "bbbb">]>' + HEAD),
    "rows without end": lambda path: changed(path, SHEET, HEAD + b"<row/>" * 300_000 + b"</sheetData></worksheet>"),
    "too many parts": lambda path: changed(path, SHEET, HEAD, more=1_001),
}  # fmt: skip

MEASURE = """
import resource, sys
from pathlib import Path
from bot.services import contacts_xlsx
from bot.services.contacts_file import BadFile, look_through
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for name in sys.argv[1:]:
    try:
        list(look_through(Path(name)).rows())
    except BadFile as refusal:
        print("refused", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_bombs_are_refused_in_little_memory(tmp_path):
    paths = [make(tmp_path / f"{serial}.xlsx") for serial, make in enumerate(BOMBS.values())]
    assert max(path.stat().st_size for path in paths) < 3_000_000
    command = [sys.executable, "-c", MEASURE, *map(str, paths)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    lines = done.stdout.split()
    assert lines[::2] == ["refused"] * len(BOMBS)
    assert max(map(int, lines[1::2])) < 64_000, "KB more than before"


@pytest.mark.parametrize(
    ("part", "content", "why"),
    [
        (SHEET, HEAD + b"<row><c", "looks like an XLSX but is damaged"),
        (SHEET, HEAD + b'<row r="1"><c r="A1" t="s"><v>99</v></c></row></sheetData></worksheet>', "cannot be read"),
        ("xl/workbook.xml", b"<workbook/>", "has no sheet with rows"),
        ("xl/workbook.xml", b"<nothing", "looks like an XLSX but cannot be read"),
        ("[Content_Types].xml", b"<Types/>", "looks like an XLSX but cannot be read"),
    ],
)
def test_a_damaged_workbook_is_refused(tmp_path, part, content, why):
    with pytest.raises(BadFile) as refusal:
        list(look_through(changed(tmp_path / "list.xlsx", part, content)).rows())
    assert str(refusal.value).startswith(why)


def test_other_archives_are_refused(tmp_path):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("list.csv", "phone\n")
    with pytest.raises(BadFile, match="is an archive"):
        written(tmp_path / "a.zip", made.getvalue())
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    with pytest.raises(BadFile, match="OpenDocument"):
        written(tmp_path / "a.ods", made.getvalue())
    with pytest.raises(BadFile, match="damaged"):
        written(tmp_path / "a.xlsx", made.getvalue()[:60])


def test_the_limits_leave_room_for_real_lists(tmp_path):
    rows: list[list[object]] = [["phone", "name", "province", *["x"] * 20]]
    rows += [[f"0120{serial:05d}", f"Made Up {serial}", "Siem Reap", *["y"] * 20] for serial in range(3_000)]
    assert len(list(look_through(workbook(tmp_path / "list.xlsx", ("People", rows))).rows())) == 3_001
    assert contacts_xlsx.MOST_STRINGS >= contacts_file.MOST_XLSX_ROWS


def test_a_file_is_read_in_little_memory(tmp_path):
    program = dedent("""
        import resource, sys
        from pathlib import Path
        from bot.services.contacts_file import look_through
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        rows = sum(1 for _ in look_through(Path(sys.argv[1])).rows())
        print(rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    """)
    with (tmp_path / "list.csv").open("w") as file:
        file.writelines(
            f"0120{serial % 100_000:05d},Made Up Person {serial},Siem Reap,x,y,z\n" for serial in range(400_000)
        )
    command = [sys.executable, "-c", program, str(tmp_path / "list.csv")]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    rows, grown = map(int, done.stdout.split())
    assert rows == 400_000
    assert grown < 8_000, "KB"
