"""Lists go out safe against formulas, come in again as they were, and small groups are not counted out."""

from __future__ import annotations

import csv
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from listing import ASKED, PAPER, Desk
from openpyxl import load_workbook
from stories.stage import words

from bot.services import campaigns, contacts, contacts_export, privacy
from bot.services.cells import FORMULA
from bot.services.contacts_export import Group, TooMany
from bot.services.contacts_file import look_through
from bot.services.service import Service
from bot.store import migrate, open_database
from bot.store.crypto import Vault
from bot.store.tables import Contact, ContactDay, ContactTag, Membership, Wording

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.text("=+-@\t\r\n'\",; a1\uff1d", max_size=6)
PERSON = st.tuples(st.integers(0, 99_999), TEXT, st.lists(TEXT, max_size=3), st.sampled_from(["", "km", "en"]))


HEAD = ["phone", "language", "province", "district", "destination", "school", "tags", "departure", "blocked"]


def house(folder: Path, clock, url: str = "") -> Desk:
    folder.mkdir(exist_ok=True)
    url = url or f"sqlite:///{folder}/phlov.db"
    migrate(url)
    book, reader = words()
    service = Service(open_database(url), Vault(bytes(32)), book, reader, clock)
    campaigns.add(service, "KYA12", "Road show")
    return Desk(service, folder)


@pytest.fixture
def desk(tmp_path, clock, database_url) -> Desk:
    made = house(tmp_path / "one", clock, database_url)
    yield made
    made.service.database.close()


def exported(desk: Desk, name: str, campaign: str | None = "KYA12") -> Path:
    path = desk.folder / name
    path.unlink(missing_ok=True)
    contacts_export.export(desk.service, path, campaign)
    return path


def cells(path: Path) -> list[list[str]]:
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.reader(file))
    book = load_workbook(path)
    assert not [cell for row in book.active.iter_rows() for cell in row if cell.data_type == "f"]
    return [[str(cell or "") for cell in row] for row in book.active.iter_rows(values_only=True)]


def kept(desk: Desk) -> list[object]:
    """Everything a list tells, without ids."""
    numbers = {row: desk.service.vault.open(sealed, "number", row).decode() for row, sealed in desk.rows(
        Contact, Contact.id, Contact.number_sealed)}  # fmt: skip
    told = (Contact.language, Contact.province, Contact.district, Contact.destination, Contact.school, Contact.country)
    told = (*told, Contact.blocked_at.is_not(None))
    tables = (
        desk.rows(Contact, Contact.id, *told),
        desk.rows(ContactTag, ContactTag.contact_id, ContactTag.tag),
        desk.rows(ContactDay, ContactDay.contact_id, ContactDay.kind, ContactDay.day),
        desk.rows(Membership, Membership.contact_id, Membership.code, Membership.how, Membership.given_by,
                  Membership.joined_at, Membership.question, Membership.language),
    )  # fmt: skip
    named = [sorted(((numbers[row[0]], *row[1:]) for row in table), key=str) for table in tables]
    return [*named, desk.rows(Wording, Wording.fingerprint, Wording.words)]


@pytest.mark.parametrize("name", ["out.csv", "out.xlsx"])
def test_what_goes_out_comes_in_as_it_was(desk, tmp_path, clock, name):
    rows = """\
phone;province;district;language;country;school;tags;departure
012000001;Siem Reap;Puok;km;KR;=HYPERLINK("x");@red, -blue;2026-12-31
+66810000002;Samraong;;en;TH;+1 School;=1+1;
015000003;Takeo;Samraong;km_Latn;;' quoted;;
015000004;;;;;សាលា;ខៀវ;
"""
    desk.take(rows)
    contacts.block(desk.service, "+66810000002", blocked=True)
    path = exported(desk, name)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    found = cells(path)
    assert len(found) == 5
    assert not [cell for row in found for cell in row if cell[:1] in tuple(FORMULA) and cell]
    other = house(tmp_path / "two", clock)
    try:
        assert other.take(path, ASKED) == {"rows": 4, "new": 4, "joined": 4, "blocked": 1}
        assert other.faults == []
        assert kept(other) == kept(desk)
    finally:
        other.service.database.close()
    assert desk.take(path, ASKED) == {"rows": 4, "known": 4}, "and changes nothing where it came from"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PERSON, max_size=4, unique_by=lambda person: person[0]), st.sampled_from(["a.csv", "a.xlsx"]))
def test_whatever_a_school_or_a_tag_is_called(desk, people, name):
    path = desk.folder / "given.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        sheet = csv.writer(file)
        sheet.writerow(["phone", "school", "tags", "language"])
        for number, school, tags, language in people:
            sheet.writerow([f"0120{number:05d}", school.replace("\0", ""), ";".join(tags).replace("\0", ""), language])
    desk.take(path)
    before = kept(desk)
    for each in (exported(desk, name), exported(desk, name, None)):
        assert "new" not in desk.take(each, ASKED)
        assert desk.faults == []
        assert kept(desk) == before


def test_only_those_of_the_campaign_and_nobody_who_said_stop(desk, monkeypatch):
    monkeypatch.setattr(contacts_export, "PAGE", 2)
    desk.take("phone\n012000001\n012000002\n012000003\n012000004\n012000005\n")
    desk.take("phone\n012000006\n", ASKED)
    privacy.erase(desk.service, "+85512000002")
    head, *rows = cells(exported(desk, "out.csv", None))
    assert head == HEAD
    assert sorted(row[0] for row in rows) == [f"'+8551200000{end}" for end in (1, 3, 4, 5, 6)]
    head, *rows = cells(exported(desk, "out.csv"))
    assert head == [*HEAD, "campaign", "consent", "consent_on", "how", "given_by", "wording"]
    assert sorted(row[0] for row in rows) == [f"'+8551200000{end}" for end in (1, 3, 4, 5)]
    assert {tuple(row[len(HEAD) :]) for row in rows} == {
        ("KYA12", "yes", "2026-11-01", "paper", "Made Up", "May we text you?")
    }


@pytest.mark.parametrize("campaign", ["KYA12", None])
def test_who_is_blocked_is_blocked_wherever_the_list_comes_in(desk, tmp_path, clock, campaign):
    """New people, and people who were known there and not blocked; whatever else the list says of them."""
    desk.take("phone\n012000001\n012000002\n012000003\n")
    for number in ("012000001", "012000002"):
        contacts.block(desk.service, number, blocked=True)
    path = exported(desk, "out.csv", campaign)
    assert sorted((row[0], row[8]) for row in cells(path)[1:]) == [
        ("'+85512000001", "yes"), ("'+85512000002", "yes"), ("'+85512000003", "")
    ]  # fmt: skip
    other = house(tmp_path / "two", clock)
    try:
        other.take("phone\n012000002\n012000003\n")
        assert other.preview(path, ASKED)["blocked"] == 2
        counts = other.take(path, ASKED)
        assert (counts["new"], counts["changed"], counts["known"], counts["blocked"]) == (1, 1, 1, 2)
        blocked = [row[0] for row in kept(other)[0] if row[-1]]
        assert blocked == ["+85512000001", "+85512000002"]
        before = other.rows(Contact, Contact.blocked_at)
        clock.forward(hours=1)
        assert "blocked" not in other.take("phone,blocked\n012000001,yes\n012000002,no\n012000003,\n")
        assert other.rows(Contact, Contact.blocked_at) == before, "no list unblocks anybody"
    finally:
        other.service.database.close()


def test_a_file_that_is_there_stays_and_half_a_list_does_not(desk, monkeypatch):
    desk.take("phone\n012000001\n012000002\n")
    path = exported(desk, "out.csv")
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        contacts_export.export(desk.service, path, None)
    assert path.read_bytes() == before
    monkeypatch.setattr(contacts_export, "MOST_XLSX_ROWS", 2)
    with pytest.raises(TooMany):
        contacts_export.export(desk.service, desk.folder / "out.xlsx", None)
    assert not (desk.folder / "out.xlsx").exists()


def test_the_largest_xlsx_that_goes_out_comes_in(desk, monkeypatch):
    desk.take("phone\n012000001\n012000002\n")
    for module in ("contacts_export", "contacts_xlsx"):
        monkeypatch.setattr(f"bot.services.{module}.MOST_XLSX_ROWS", 3)
    assert len(list(look_through(exported(desk, "out.xlsx")).rows())) == 3


@pytest.mark.parametrize("page", [contacts_export.COUNTED, 4])
def test_small_groups_are_not_counted_out(desk, monkeypatch, page):
    monkeypatch.setattr(contacts_export, "COUNTED", page)
    provinces = ["17"] * 9 + ["14"] * 6 + ["3"] * 2
    lines = "".join(f"0120000{serial:02d},{each},KR,km\n" for serial, each in enumerate(provinces))
    desk.take(f"phone,province,destination,language\n{lines}")
    desk.take("phone\n012000000\n", ASKED)
    found = contacts_export.groups(desk.service)
    assert [group for group in found if group.kind == "province"] == [
        Group("province", "Siem Reap", "9"),
        Group("province", "Prey Veng", "*"),  # or 17 less 9 less 6 would be Kampong Cham
        Group("province", "Kampong Cham", "<5"),
    ]
    assert Group("destination", "KR", "17") in found
    assert Group("campaign", "KYA12", "17") in found
    assert Group("language", "km", "17") in found
    assert Group("school", "(not told)", "17") in found
    privacy.erase(desk.service, "+85512000000")
    assert Group("campaign", "KYA12", "16") in contacts_export.groups(desk.service)


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ([], []),
        ([9, 5], ["9", "5"]),
        ([9, 4], ["*", "<5"]),
        ([9, 4, 1], ["9", "<5", "<5"]),
        ([4], ["<5"]),
    ],
)
def test_no_count_is_found_by_subtracting(counts, shown):
    assert contacts_export._shown(counts) == shown


def test_a_list_that_was_exported_is_not_the_same_import(desk):
    desk.take("phone\n012000001\n", PAPER)
    people = contacts.open_list(desk.service, exported(desk, "out.csv"), ASKED)
    assert contacts.begun(desk.service, people) is None
