"""Lists that staff give to a page: sealed while they lie here, taken in once, whatever stops halfway, and then gone."""

from __future__ import annotations

import io
import json
import random
import resource
import time
import zipfile
from dataclasses import replace

import pytest
from listing import Desk
from openpyxl import Workbook
from sqlalchemy import select
from stories.stage import words

from bot.services import audit, campaigns, discarding, incoming, people, privacy, uploads
from bot.services.contacts_cells import Unread
from bot.services.incoming import Incoming
from bot.services.prices import Prices
from bot.services.service import Service
from bot.services.uploads import How, Refused
from bot.store import uploads as store
from bot.store.case_tables import Upload, UploadPart
from bot.store.crypto import Vault
from bot.store.statements import Statement
from bot.store.tables import Mark, Membership

HOW = How("list.csv", "KYA12", "paper", "May we text you?", "Made Up", "2026-11-01", ("fair",))
DARA = 7


@pytest.fixture
def desk(database, clock, tmp_path) -> Desk:
    book, reader = words()
    service = Service(database, Vault(bytes(32)), book, reader, clock, paced=False, prices=Prices(book.networks))
    campaigns.add(service, "KYA12", "Road show")
    return Desk(service, tmp_path)


def come(service: Service, content: bytes, piece: int = 1000) -> Incoming:
    """A file as a form brings it."""
    coming = Incoming(service)
    for begin in range(0, len(content), piece):
        coming.write(content[begin : begin + piece])
    coming.seek(0)
    return coming


def given(service: Service, content: str | bytes, how: How = HOW) -> int:
    coming = come(service, content if isinstance(content, bytes) else content.encode())
    return uploads.keep(service, coming, how, "Dara", DARA)


def numbers(rows: int, first: int = 0) -> str:
    return "phone,province\n" + "".join(f"0120{number:05},17\n" for number in range(first, first + rows))


def kept(desk: Desk) -> tuple[int, int]:
    return len(desk.rows(Upload, Upload.id)), len(desk.rows(UploadPart, UploadPart.part))


def never() -> bool:
    return False


def test_what_comes_in_is_sealed_piece_by_piece_and_whole(desk):
    content = random.Random(1).randbytes(3 * incoming.PIECE + 5)
    coming = come(desk.service, content, 70_001)
    assert (coming.size, coming.parts) == (len(content), 4)
    vault = desk.service.vault
    opened = [vault.open(part, incoming.purpose(number), coming.id) for number, part in enumerate(coming.sealed())]
    assert b"".join(opened) == content
    assert content[:64] not in b"".join(coming.sealed())
    coming.close()


def test_a_small_list_is_looked_through_at_once_and_writes_nothing_yet(desk):
    upload = given(desk.service, numbers(3) + "117,17\n012000001,12\n")
    found = uploads.look(desk.service, upload)
    assert (found.stage, found.faults, found.how) == ("ready", 2, HOW)
    assert {name: count for name, count in found.counts.items() if count} == {
        "rows": 5, "new": 3, "joined": 3, "repeated": 1, "wrong": 1,
    }  # fmt: skip
    assert found.report.read == (("phone", "phone"), ("province", "province"))
    assert [(fault.row, fault.ending) for fault in found.report.faults] == [(5, "117"), (6, "001")]
    assert people.page(desk.service, {}).lines == []


def test_it_is_taken_in_when_whoever_gave_it_says_so(desk):
    upload = given(desk.service, numbers(3))
    uploads.round(desk.service, never)
    assert people.page(desk.service, {}).lines == []
    with pytest.raises(Refused):
        uploads.confirm(desk.service, upload, DARA + 1)
    uploads.confirm(desk.service, upload, DARA)
    assert uploads.look(desk.service, upload).stage == "taking"
    uploads.round(desk.service, never)
    found = uploads.look(desk.service, upload)
    assert (found.stage, found.counts["new"]) == ("done", 3)
    assert [line.tags for line in people.page(desk.service, {}).lines] == [("fair",)] * 3
    assert {how for (how,) in desk.rows(Membership, Membership.how)} == {"paper"}
    assert kept(desk) == (1, 1)  # the report alone is left
    noted = [(row.event, row.who) for row in audit.page(desk.service) if row.who]
    assert noted == [("contacts.imported", "Dara"), ("contacts.uploaded", "Dara")]
    with pytest.raises(Refused):
        uploads.confirm(desk.service, upload, DARA)
    uploads.round(desk.service, never)
    assert [row.event for row in audit.page(desk.service)].count("contacts.imported") == 1


def test_the_same_list_again_is_known(desk):
    uploads.confirm(desk.service, given(desk.service, numbers(3)), DARA)
    uploads.round(desk.service, never)
    again = given(desk.service, numbers(3))
    assert uploads.look(desk.service, again).stage == "again"
    with pytest.raises(Refused):
        uploads.confirm(desk.service, again, DARA)
    other = given(desk.service, numbers(3), replace(HOW, name="other.csv", on="2026-10-30"))
    assert uploads.look(desk.service, other).stage == "nothing"


def test_nothing_of_a_list_lies_readable_in_the_database(desk):
    given(desk.service, "phone,school\n012777666,Secret School\nnothing such,Other Secret\n", replace(HOW, name="a"))
    rows = desk.rows(Upload, Upload.how, Upload.told) + desk.rows(UploadPart, UploadPart.sealed)
    for secret in ("012777666", "12777666", "Secret", "such"):
        assert secret not in repr(rows)
        assert secret.encode() not in b"".join(bytes(row[0]) for row in rows[1:])


def test_a_large_list_waits_for_the_worker(desk, monkeypatch):
    monkeypatch.setattr(uploads, "SMALL", 100)
    monkeypatch.setattr(incoming, "PIECE", 1000)
    upload = given(desk.service, numbers(400))
    assert uploads.look(desk.service, upload).stage == "looking"
    uploads.round(desk.service, never)
    assert uploads.look(desk.service, upload).counts["new"] == 400
    (listed,) = uploads.mine(desk.service, DARA, 10)
    assert (listed.stage, listed.kept.parts) == ("ready", 6)
    assert uploads.mine(desk.service, DARA + 1, 10) == []


def test_what_stops_halfway_goes_on_and_takes_nobody_twice(desk, monkeypatch):
    upload = given(desk.service, numbers(1200))
    uploads.confirm(desk.service, upload, DARA)
    looks = iter([False, False, True])
    uploads.round(desk.service, lambda: next(looks, True))
    found = uploads.look(desk.service, upload)
    assert found.stage == "taking"
    assert 0 < found.done < 1200
    uploads.round(desk.service, never)
    found = uploads.look(desk.service, upload)
    assert (found.stage, found.counts["new"]) == ("done", 1200)
    assert len(desk.rows(Membership, Membership.contact_id)) == 1200
    assert [row.detail["new"] for row in audit.page(desk.service) if row.event == "contacts.imported"] == [1200]


def test_one_process_works_on_a_list_and_another_follows_when_it_died(desk, clock):
    service = desk.service
    upload = given(service, numbers(3))
    uploads.confirm(service, upload, DARA)
    assert service.database.write(lambda tx: store.hold(tx, upload, service.now(), uploads.LEASE, again=False))
    uploads.round(service, never)
    assert uploads.look(service, upload).stage == "taking"
    clock.forward(seconds=61)
    uploads.round(service, never)
    assert uploads.look(service, upload).stage == "done"
    assert not [name for (name,) in desk.rows(Mark, Mark.name) if name.startswith("upload")]


def test_what_nobody_wants_is_gone_after_an_hour_and_results_after_a_week(desk, clock):
    service = desk.service
    privacy.purge(service)
    unwanted, done = given(service, numbers(2)), given(service, numbers(3))
    uploads.confirm(service, done, DARA)
    uploads.round(service, never)
    assert discarding.forget_old(service) == 0
    clock.forward(minutes=61)
    assert privacy.purge(service).uploads == 1
    assert uploads.look(service, unwanted) is None
    assert uploads.look(service, done).stage == "done"
    clock.forward(days=7)
    assert discarding.forget_old(service) == 1
    assert kept(desk) == (0, 0)


def test_a_list_that_never_came_whole_is_gone_too(desk, clock, monkeypatch):
    service = desk.service
    coming = come(service, numbers(5).encode())
    monkeypatch.setattr(store, "change", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        uploads.keep(service, coming, HOW, "Dara", DARA)
    monkeypatch.undo()
    assert kept(desk) == (1, 1)
    assert uploads.mine(service, DARA, 9) == []
    assert uploads.look(service, coming.id) is None
    uploads.round(service, never)
    clock.forward(minutes=61)
    assert discarding.forget_old(service) == 1
    assert kept(desk) == (0, 0)


def test_a_list_is_thrown_away_and_that_is_noted(desk, monkeypatch):
    monkeypatch.setattr(incoming, "PIECE", 100)
    upload = given(desk.service, numbers(200))
    assert kept(desk)[1] > store.DELETED
    discarding.discard(desk.service, upload, "Dara")
    assert kept(desk) == (0, 0)
    assert audit.page(desk.service)[0].event == "contacts.discarded"


def test_consent_that_cannot_be_is_refused_before_anything_is_kept(desk):
    for wrong in ({"on": "2026-11-03"}, {"on": "2026-01-01"}, {"campaign": "NO1"}, {"tags": ("012345678",)}):
        with pytest.raises(Unread):
            given(desk.service, numbers(1), replace(HOW, **wrong))
    assert kept(desk) == (0, 0)


def test_another_sheet_is_looked_through(desk):
    book = Workbook()
    book.active.append(["nothing"])
    book.create_sheet("people").append(["phone"])
    book["people"].append(["012000001"])
    file = io.BytesIO()
    book.save(file)
    upload = given(desk.service, file.getvalue(), replace(HOW, name="list.xlsx"))
    found = uploads.look(desk.service, upload)
    assert (found.stage, "phone" in found.report.bad) == ("bad", True)
    assert found.report.sheets == ("people",)
    uploads.read_sheet(desk.service, upload, "people")
    assert uploads.look(desk.service, upload).counts["new"] == 1
    with pytest.raises(Refused):
        uploads.read_sheet(desk.service, upload, "no such")


def sheets(*names: str) -> bytes:
    """An XLSX with a sheet for each name, each with one person more than the one before."""
    book = Workbook()
    book.remove(book.active)
    for number, name in enumerate(names, 1):
        sheet = book.create_sheet(name)
        sheet.append(["phone"])
        for row in range(number):
            sheet.append([f"01200000{number}{row}"])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_what_is_taken_in_is_the_sheet_that_was_shown(desk, monkeypatch):
    service = desk.service
    upload = given(service, sheets("one", "two", "three"), replace(HOW, name="list.xlsx"))
    shown = uploads.look(service, upload).version
    uploads.read_sheet(service, upload, "two")
    with pytest.raises(Refused):  # in another window the first sheet is shown still
        uploads.confirm(service, upload, DARA, shown)
    preview = uploads.contacts.preview

    def slow(*given):
        monkeypatch.undo()
        monkeypatch.setattr(uploads, "work", lambda *_: None)
        uploads.read_sheet(service, upload, "three")
        return preview(*given)

    monkeypatch.setattr(uploads.contacts, "preview", slow)
    uploads.read_sheet(service, upload, "one")  # and while that is looked through, somebody chooses the third
    assert uploads.look(service, upload).stage == "looking"
    monkeypatch.undo()
    uploads.round(service, never)
    found = uploads.look(service, upload)
    assert (found.how.sheet, found.counts["new"]) == ("three", 3)
    uploads.confirm(service, upload, DARA, found.version)
    assert uploads.look(service, upload).stage == "taking"


def test_what_a_killed_process_left_of_a_list_that_is_in_goes_soon(desk, monkeypatch):
    upload = given(desk.service, numbers(3))
    uploads.confirm(desk.service, upload, DARA)
    monkeypatch.setattr(uploads, "drop_parts", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        uploads.round(desk.service, never)
    assert kept(desk) == (1, 2)
    discarding.forget_old(desk.service)
    assert kept(desk) == (1, 1)
    assert uploads.look(desk.service, upload).stage == "done"


def test_a_number_in_any_digits_is_quoted_nowhere(desk):
    digits = {zero: "".join(chr(zero + each) for each in range(9)) for zero in (0x30, 0x17E0, 0x0E50, 0xFF10)}
    upload = given(desk.service, "phone,province\n" + "".join(f"0120000{row},{each}\n" for row, each in digits.items()))
    shown = repr(uploads.look(desk.service, upload).report)
    assert "is no province that is known" in shown
    assert [each for each in digits.values() if each in shown] == []
    assert [each for each in digits.values() if each in uploads.named(f"{each}.csv")] == []


def test_headings_tell_no_number(desk):
    upload = given(desk.service, "phone,012 345 678,Call 0123456789\n012000001,x,y\n")
    assert uploads.look(desk.service, upload).report.unread == ("…", "Call …")


def bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/sharedStrings.xml", "w", force_zip64=True) as part:
            for _ in range(300):
                part.write(b" " * 1_000_000)
    return file.getvalue()


def cells(rows: int, each: int) -> bytes:
    """An XLSX of nothing but empty cells, which are packed to a thousandth."""
    empty = "<row>" + "<c/>" * each + "</row>"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        for sheet in range(10):
            archive.writestr(f"xl/worksheets/sheet{sheet}.xml", f"<sheetData>{empty * rows}</sheetData>")
    return file.getvalue()


# Files that are meant to hurt, and a word of what is said of them.
BOMBS = {
    "zip": (bomb, "memory"),
    "cells": (lambda: cells(200, 4_900), "memory"),
    "columns": (lambda: b"phone" + b"," * 1_000_000 + b"\n", "longer than"),
    "cell": (lambda: b'phone\n"' + b"x" * 9_000_000 + b'"\n', "longer than"),
    "line": (lambda: b"phone\n" + b"1" * 10_000_000, "longer than"),
    "encoding": (lambda: "phone,province\n012000001,Préah\n".encode("cp1252"), "not UTF-8"),
    "zeros": (lambda: b"phone\n012\x00000001\n", "zero byte"),
    "quote": (lambda: b'phone,school\n012000001,"never closed\n' + b"012000002,x\n" * 9_000, "never closed"),
    "empty": (lambda: b" ", "phone"),
    "rubbish": (lambda: random.Random(3).randbytes(100_000), ""),
}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", list(BOMBS))
def test_files_that_are_meant_to_hurt_are_refused_in_little_time_and_memory(desk, name):
    make, word = BOMBS[name]
    content, began = make(), time.process_time()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    upload = given(desk.service, content)
    uploads.round(desk.service, never)
    found = uploads.look(desk.service, upload)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10
    assert time.process_time() - began < 5
    assert found.stage == "bad"
    assert word in found.report.bad
    assert people.page(desk.service, {}).lines == []


def test_a_list_no_reader_was_made_for_is_refused_once_and_not_tried_for_ever(desk, monkeypatch):
    monkeypatch.setattr(uploads.contacts, "open_list", lambda *_, **__: 1 / 0)
    upload = given(desk.service, numbers(1))
    assert uploads.look(desk.service, upload).report.bad == "cannot be read"
    assert desk.service.database.read(store.to_do) == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("C:\\lists\\people.csv", "people.csv"),
        ("../../etc/list.xlsx", "list.xlsx"),
        ("Sok 012 345 678.csv", "Sok ….csv"),
        ("x" * 300 + ".csv", "x" * 60),
        ("Sok_012_345_678.csv", "Sok_….csv"),
        ("\u17e0\u17e1\u17e2\u17e3\u17e4\u17e5\u17e6\u17e7\u17e8.csv", "….csv"),
    ],
    ids=["windows", "path", "number", "long", "joined", "khmer"],
)
def test_names_of_files_are_short_and_tell_no_number(name, shown):
    assert uploads.named(name) == shown


def test_what_is_kept_about_it_can_be_read_again():
    assert How.loads(HOW.dumps()) == HOW
    assert json.loads(HOW.dumps())["tags"] == ["fair"]
    assert Statement(lambda _: select(Upload.id)).sqlite.text
