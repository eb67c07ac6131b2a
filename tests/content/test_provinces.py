"""The provinces and districts, and how people spell them."""

import pytest

from bot.content import contact_words, provinces
from bot.content.book import Unsound

AREAS = provinces.load()
GENERIC = 'generic: {before: a, after: b, short: "c=d"}\n'


def test_all_are_there():
    assert list(AREAS.provinces) == [f"{code:02d}" for code in range(1, 26)]
    assert len(AREAS.districts) == 210
    assert {code[:2] for code in AREAS.districts} == set(AREAS.provinces)


def test_no_spelling_means_two():
    assert AREAS.by_name.shared() == {}
    for province, districts in AREAS.within.items():
        assert districts.shared() == {}, province
    assert set.union(*AREAS.all_districts.shared().values()) == {"2107", "2204"}, "only Samraong is there twice"


@pytest.mark.parametrize("code", AREAS.provinces)
def test_each_is_known_by_every_name_and_its_code(code):
    names = AREAS.provinces[code].names
    assert {AREAS.province(name) for name in (*names, *map(str.upper, names), code, str(int(code)))} == {code}
    assert AREAS.province(AREAS.name(code, "km")) == AREAS.province(f"{AREAS.name(code)} Province") == code
    for district, area in AREAS.districts.items():
        if district[:2] == code:
            assert {AREAS.district(name, code) for name in (*area.names, district)} == {district}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Kompong Cham", "03"),
        ("kg. cham", "03"),
        ("KAMPONG  CHAM PROVINCE", "03"),
        ("Khet Siem Reap", "17"),
        ("ខេត្តសៀមរាប", "17"),
        ("ខេត្ត សៀមរាប", "17"),
        ("សៀមរាប\u200b", "17"),
        ("១៧", "17"),
        ("Stoeung Treng", "19"),
        ("Thbaung Khmom", "25"),
        ("Tbong Khmum", "25"),
        ("Battembang", "02"),
        ("Phnom Pehn", "12"),
        ("Svay Reang", "20"),
        ("រាជធានីភ្នំពេញ", "12"),
        ("Rattanak Kiri", "16"),
        ("ឧត្តរមានជ័យ", "22"),
        ("កណ្តាល", "08"),
        ("preyveng", "14"),
        ("Kampong", None),
        ("Thailand", None),
        ("", None),
        ("26", None),
        ("0", None),
        ("???", None),
        ("Samraong", None),
    ],
)
def test_a_province_as_lists_write_it(text, code):
    assert AREAS.province(text) == code


@pytest.mark.parametrize(
    ("text", "province", "code"),
    [
        ("Pouk District", "17", "1707"),
        ("Srok Puok", None, "1707"),
        ("ស្រុកពួក", "17", "1707"),
        ("Samrong", "21", "2107"),
        ("Samrong", None, None),
        ("Samrong", "22", "2204"),
        ("Khan 7 Makara", "12", "1203"),
        ("ខណ្ឌ៧មករា", "12", "1203"),
        ("1710", "03", None),
        ("1710", "17", "1710"),
        ("110", None, "0110"),
        ("Krong Prey Veng", "14", "1410"),
        ("Phnum Srok", "01", "0103"),
        ("Srok Phnom Srok", "01", "0103"),
        ("Peam Chhor", "14", "1406"),
        ("Puok", "03", None),
        ("Nowhere", "17", None),
        ("", "17", None),
    ],
)
def test_a_district_as_lists_write_it(text, province, code):
    assert AREAS.district(text, province) == code


def test_a_code_nobody_has_is_shown_as_it_is():
    assert AREAS.name("99") == "99"


@pytest.mark.parametrize(
    "text",
    [
        "provinces: {}\n",
        GENERIC + 'provinces: {"1": {names: "ក, A", districts: {}}}\n',
        GENERIC + 'provinces: {"01": {names: "A, ក", districts: {"0101": "ក, A"}}}\n',
        GENERIC + 'provinces: {"01": {names: "ក, A", districts: {"0201": "ក, A"}}}\n',
    ],
)
def test_a_broken_file_is_refused(tmp_path, text):
    (tmp_path / "provinces.yaml").write_text(text)
    with pytest.raises(Unsound):
        provinces.load(tmp_path / "provinces.yaml")


def test_headings_in_khmer_and_english():
    words = contact_words.load()
    headings = ["Tel.", "លេខទូរស័ព្ទ", "ខេត្ត", "SROK", "ភាសា", "ប្រទេស", "សាលា", "Consent Date", "departure_date"]
    meant = ["phone", "phone", "province", "district", "language", "destination", "school", "consent_on", "departure"]
    assert [words.columns.get(contact_words.key(each)) for each in headings] == meant


def test_a_heading_that_means_two_things_is_refused(tmp_path):
    (tmp_path / "contacts.yaml").write_text(contact_words.FILE.read_text().replace("school: school,", "school: tel,"))
    with pytest.raises(Unsound, match="already means phone"):
        contact_words.load(tmp_path / "contacts.yaml")
