"""What a row says of a person: numbers as spreadsheets spoil them, cells that say nothing, missing headings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from listing import ASKED

from bot.services.contacts_file import BadFile, Row, look_through
from bot.services.contacts_rows import Columns, Fault, Person, Reader, find_columns

COUNTRIES = {"korea": "KR"}


def read(*cells: str, columns: tuple[str, ...] = ("phone",)) -> tuple[Person | None, list[Fault]]:
    faults: list[Fault] = []
    at = Columns({name: place for place, name in enumerate(columns)}, {}, (), 2)
    return Reader(at, replace(ASKED, tags=("all",)), COUNTRIES.get).read(Row(2, list(cells)), faults), faults


def opened(path: Path, text: str) -> Columns:
    path.write_text(text)
    return find_columns(look_through(path))


NUMBERS = [
    ("012000111", "+85512000111", "as dialled"),
    ("012 000 111", "+85512000111", "with blanks"),
    ("'012000111", "+85512000111", "as text of a spreadsheet"),
    ("'+85512000111", "+85512000111", "as an export writes it"),
    ("12000111", "+85512000111", "the leading zero lost"),
    ("12000111.0", "+85512000111", "and made a number"),
    ("85512000111.00", "+85512000111", "the same with a code"),
    ("12000111,0", "+85512000111", "where a comma is the point"),
    ("012.000.111", "+85512000111", "points between"),
    ("០១២-០០០-១១១", "+85512000111", "Khmer digits"),
    ("\ufeff012000111\u200b", "+85512000111", "invisible signs"),
    ("00 855 12 000 111", "+85512000111", "00 for +"),
    ("+66810000333", "+66810000333", "abroad"),
    ("8.55E+10", "the spreadsheet rounded the number; make the column text and enter it again", "rounded"),
    ("1.2E+07", "the spreadsheet rounded the number; make the column text and enter it again", "rounded"),
    ("", "there is no number", "nothing"),
    ("012000111 / 015000222", "more than one number in the cell", "two"),
    ("none", "not written as a phone number", "a word"),
    ("1280", "fewer than 8 digits: a short code or no phone number", "a short code"),
    ("66810000333", "no such phone number", "another country's without +"),
    ("0120001111111", "no such phone number", "too long"),
    ("#N/A", "not written as a phone number", "a fault of a formula"),
    ("1" * 600, "the cell is longer than 500 characters", "no number"),
]


@pytest.mark.parametrize(("cell", "meant", "why"), NUMBERS)
def test_numbers_as_lists_have_them(cell, meant, why):
    person, faults = read(cell)
    if meant.startswith("+"):
        assert person == Person(meant, "TH" if meant[:3] == "+66" else "KH", tags=("all",)), why
        assert faults == []
    else:
        assert person is None
        assert [(fault.row, fault.column, fault.why, fault.lost) for fault in faults] == [(2, "phone", meant, True)]
        assert len(faults[0].ending) <= 3


def test_a_row_that_is_too_short_has_no_number():
    assert read(columns=("province", "phone"))[1] == [Fault(2, "phone", "there is no number", "", lost=True)]


@pytest.mark.parametrize(
    ("column", "cell", "why"),
    [
        ("province", "Narnia", "is no province that is known (Narnia)"),
        ("province", "012000999", "is no province that is known"),
        ("district", "Samrong", "is no district that is known (Samrong)"),
        ("language", "Klingon", "is no language that is known (Klingon); write km, km_Latn or en"),
        ("destination", "Narnia", "is no country that is known (Narnia)"),
        ("destination", "ZZ", "is no country that is known (ZZ)"),
        ("school", "x" * 81, "is longer than 80 characters"),
        ("school", "x" * 501, "is longer than 500 characters"),
        ("tags", "x" * 41, "are more than 10 tags, or one is longer than 40 characters"),
        ("tags", ";".join(map(str, range(11))), "are more than 10 tags, or one is longer than 40 characters"),
        ("departure", "soon", "is no day; write it as 2026-12-31 or 31/12/2026"),
        ("departure", "12/31/2026", "is no day there is (the day comes before the month)"),
        ("departure", "1/2/26", "is a day without a whole year; write it as 2026-12-31 or 31/12/2026"),
        ("departure", "46000", "is no day; write it as 2026-12-31 or 31/12/2026"),
        ("departure", "2036-12-31", "is more than three years away"),
    ],
)
def test_a_cell_that_is_not_understood_counts_as_empty(column, cell, why):
    person, faults = read("012000111", cell, columns=("phone", column))
    assert person == Person("+85512000111", "KH", tags=("all",))
    assert faults == [Fault(2, column, why, "111", lost=False)]


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        ("language", "KHMER", "km"),
        ("destination", "kr", "KR"),
        ("destination", "korea", "KR"),
        ("school", "  Hun\nSen\t School ", "Hun Sen School"),
        ("school", "'=1+1", "=1+1"),
        ("tags", "Red | blue;RED, \u17e1", ("all", "1", "blue", "red")),
        ("departure", "2026-12-31", "2026-12-31"),
        ("departure", "31/12/2026", "2026-12-31"),
        ("departure", "1-2-2027", "2027-02-01"),
        ("departure", "31.12.2026", "2026-12-31"),
        ("departure", "2026/12/31", "2026-12-31"),
        ("departure", "៣១/១២/២០២៦", "2026-12-31"),
        ("departure", "2026-12-31T08:00:00", "2026-12-31"),
    ],
)
def test_cells_as_people_write_them(column, cell, value):
    person, faults = read("012000111", cell, columns=("phone", column))
    assert getattr(person, column) == value
    assert faults == []


@pytest.mark.parametrize(
    ("province", "district", "found", "faults"),
    [
        ("", "Puok", ("17", "1707"), 0),
        ("Prey Veng", "Puok", ("14", None), 1),
        ("Narnia", "Puok", ("17", "1707"), 1),
        ("Siem Reap", "Puok", ("17", "1707"), 0),
        ("Siem Reap", "", ("17", None), 0),
    ],
)
def test_provinces_and_districts_together(province, district, found, faults):
    person, wrong = read("012000111", province, district, columns=("phone", "province", "district"))
    assert (person.province, person.district) == found
    assert len(wrong) == faults


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("name,province\nA,17\n", "has no column of phone numbers; write `phone` above it"),
        ("012000111,17\n012000222,17\n", "has no headings"),
        ("០១២០០០១១១\n", "has no headings"),
        ("phone,tel\n012000111,\n", "two headings mean phone; rename one"),
        ("phone," + ",".join("x" * 100) + "\n", "has more than 100 columns"),
        ("\n" * 25 + "phone\n", "has no column of phone numbers"),
    ],
)
def test_a_list_without_headings_is_refused(tmp_path, text, why):
    with pytest.raises(BadFile) as refusal:
        opened(tmp_path / "list.csv", text)
    assert str(refusal.value).startswith(why)


def test_headings_may_be_below_a_title_and_unread_columns_are_named(tmp_path):
    columns = opened(tmp_path / "list.csv", "List\n\nNo;Name;PHONE NUMBER ;Age;;ខេត្ត\n1;A;012000111;20;;17\n")
    assert columns.read == {"phone": "PHONE NUMBER", "province": "ខេត្ត"}
    assert columns.unread == ("No", "Name", "Age")
    assert columns.first_row == 4


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("Do you agree to get texts from us?", "consent"),
        ("Consent (SMS)", "consent"),
        ("តើអ្នកយល់ព្រមទទួលសារទេ?", "consent"),
        ("Unsubscribed on", "blocked"),
        ("ឈប់ទទួលសារ", "blocked"),
    ],
)
def test_a_column_that_seems_to_say_who_wants_no_texts_is_not_passed_over(tmp_path, heading, name):
    with pytest.raises(BadFile, match=f"call it `{name}`, or take it out"):
        opened(tmp_path / "list.csv", f"phone,{heading}\n012000111,no\n")
    both = opened(tmp_path / "list.csv", f"phone,{name},{heading}\n012000111,yes,no\n")
    assert both.unread == (heading[:30],)


@pytest.mark.parametrize("heading", ["Opted out", "STOP", "Unsubscribed", "ឈប់ផ្ញើ"])
def test_more_ways_to_say_that_somebody_wants_nothing(tmp_path, heading):
    assert opened(tmp_path / "list.csv", f"phone,{heading}\n012000111,yes\n").at == {"phone": 0, "blocked": 1}
