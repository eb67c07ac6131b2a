"""Lists of agencies come in as spreadsheets write them; a list with a fault is refused whole, with its lines."""

from datetime import UTC, date, datetime
from time import process_time

import pytest
from stories.stage import words

from bot.conversation.registry import Agency
from bot.services import agency_list, registry
from bot.services.agency_list import BadList
from bot.services.service import Service
from bot.store.crypto import Vault

BOOK, READER = words()
DAY = date(2026, 10, 1)


def read(text: str | bytes) -> tuple[Agency, ...]:
    raw = text if isinstance(text, bytes) else text.encode()
    return agency_list.read(raw, BOOK.lexicon.agencies, READER.country)


def faults(text: str | bytes) -> list[str]:
    with pytest.raises(BadList) as refused:
        read(text)
    return list(refused.value.faults)


PLAIN = "name_en,name_km,licence,countries,status\nRumdoul Meas Co.,រំដួលមាស,012/20,Thailand/Japan,active\n"
FOUND = (Agency("Rumdoul Meas Co.", "រំដួលមាស", "012/20", ("TH", "JP"), "licensed"),)


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        "\ufeff" + PLAIN,
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace(",", ";"),
        PLAIN.replace(",", "\t"),
        "sep=;\r\n" + PLAIN.replace(",", ";"),
        "\n\n" + PLAIN + ",,,,\n\n",
        PLAIN.replace("name_en", " Company Name (English)").replace("Company Name (English)", "ENGLISH NAME"),
        "ល.រ,ឈ្មោះឡាតាំង,ឈ្មោះជាភាសាខ្មែរ,លេខអាជ្ញាប័ណ្ណ,ប្រទេស,ស្ថានភាព,អាសយដ្ឋាន\n"
        "១,Rumdoul Meas Co.,រំដួលមាស,012/20,ថៃ និង ជប៉ុន,មានសុពលភាព,ភ្នំពេញ\n".replace(" និង ", "៖"),
        PLAIN.replace("Thailand/Japan", '"TH, JP"'),
        PLAIN.replace("Rumdoul Meas Co.", '"Rumdoul\nMeas  Co.\u200b"'),
    ],
)
def test_every_way_to_write_it(text):
    assert read(text) == FOUND


def test_one_column_of_names_in_either_script_is_enough():
    assert read("Agency name\nRumdoul\nរំដួល\n") == (Agency("Rumdoul"), Agency("", "រំដួល"))


def test_a_place_nobody_knows_stays_as_it_is_written():
    assert read("name,country\nA1,Atlantis and Thailand\n")[0].countries == ("Atlantis", "TH")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ["the file is empty"]),
        ("name\n", ["there are no agencies below the headings"]),
        (
            "a,b\nx,y\n",
            ["line 1: no heading for the name (seen: a, b); use name_en, name_km, licence, countries, status"],
        ),
        ("name,agency\nx,y\n", ["line 1: two headings mean name; rename one"]),
        (b"name\nx\n\xff\xfe\n", ["line 3: is not UTF-8; save it as `CSV UTF-8` and try again"]),
        (b"name\nx\0\n", ["line 2: is no CSV; save the sheet as CSV UTF-8"]),
        ('name\n"x\n', ["line 2: is no CSV (unexpected end of data)"]),
        (
            'name,status\nA1,maybe\n,ok\n"B\n2",ok,extra\n' + "C" * 91 + ",\nD1,ok\nD1,ok\n",
            [
                "line 2: the status 'maybe' is not known; write licensed, suspended or ended",
                "line 3: has no name",
                "line 4: more cells than headings; a comma too many?",
                "line 6: a name longer than 90 characters; put addresses in another column",
                "line 8: the same as line 7",
            ],
        ),
    ],
)  # fmt: skip
def test_faults_are_told_with_their_lines(text, said):
    assert faults(text) == said


def test_a_hundred_faults_are_told_briefly():
    with pytest.raises(BadList) as refused:
        read("name,status\n" + "A,x\n" * 100)
    assert str(refused.value).endswith("\nand 80 more")


@pytest.fixture
def house(database, clock):
    return Service(database, Vault(bytes(32)), BOOK, READER, clock)


def test_a_new_list_replaces_the_old_one_whole(house):
    assert agency_list.import_file(house, PLAIN.encode(), " Ministry ", DAY) == 1
    assert registry.listed(house) == (FOUND, "Ministry", DAY)
    agency_list.import_file(house, b"name\nOther\n", "NGO", date(2026, 11, 1))
    assert registry.listed(house) == ((Agency("Other"),), "NGO", date(2026, 11, 1))


@pytest.mark.parametrize(
    ("raw", "source", "day"),
    [(b"name\n,\nx", "M", date(2026, 12, 1)), (PLAIN.encode(), "", DAY), (b"name,status\nA,x\n", "M", DAY)],
)
def test_a_list_with_a_fault_changes_nothing(house, raw, source, day):
    agency_list.import_file(house, PLAIN.encode(), "Ministry", DAY)
    with pytest.raises(BadList):
        agency_list.import_file(house, raw, source, day)
    assert registry.listed(house) == (FOUND, "Ministry", DAY)


def test_today_is_the_day_in_cambodia(house, clock):
    clock.time = datetime(2026, 11, 2, 17, 30, tzinfo=UTC)
    assert agency_list.import_file(house, PLAIN.encode(), "Ministry", date(2026, 11, 3)) == 1
    with pytest.raises(BadList, match="has not come yet"):
        agency_list.import_file(house, PLAIN.encode(), "Ministry", date(2026, 11, 4))


def test_two_thousand_rows_take_about_a_second(house):
    rows = "".join(f"Company {n:04} Sok Meas,{n:05}/26,Thailand/Japan\n" for n in range(2000))
    begin = process_time()
    assert agency_list.import_file(house, f"name,licence,countries\n{rows}".encode(), "M", DAY) == 2000
    assert process_time() - begin < 4
