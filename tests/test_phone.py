"""Numbers as people, lists and gateways write them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import phone
from bot.phone import NotAPhone, Number, local, parse

TAKEN = [
    ("+85512345678", "KH", "+85512345678", "KH", "E.164"),
    ("+855 12 345 678", "KH", "+85512345678", "KH", "with spaces"),
    ("+855 (0)12-345.678", "KH", "+85512345678", "KH", "with signs and the trunk zero"),
    (
        "\uff0b\uff18\uff15\uff15\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18",
        "KH",
        "+85512345678",
        "KH",
        "full width",
    ),
    ("\u202a+85512345678\u202c", "KH", "+85512345678", "KH", "as pasted from a phone's contacts"),
    ("012 345 678", "KH", "+85512345678", "KH", "as dialled at home"),
    ("\u17e0\u17e1\u17e2 \u17e3\u17e4\u17e5 \u17e6\u17e7\u17e8", "KH", "+85512345678", "KH", "Khmer digits"),
    ("12345678", "KH", "+85512345678", "KH", "a spreadsheet ate the zero"),
    ("097 123 4567", "KH", "+855971234567", "KH", "nine digits after the zero"),
    ("85512345678", "KH", "+85512345678", "KH", "the country's own code without +"),
    ("0085512345678", "KH", "+85512345678", "KH", "00 for +"),
    ("001 66 81 234 5678", "KH", "+66812345678", "TH", "an international prefix of Cambodia"),
    ("012\u2010345\u2013678", "KH", "+85512345678", "KH", "hyphens and dashes of word processors"),
    ("012\u00a0345\u00a0678", "KH", "+85512345678", "KH", "no-break spaces"),
    ("+66812345678", "KH", "+66812345678", "TH", "another country"),
    ("081 234 5678", "TH", "+66812345678", "TH", "as dialled in another home"),
    ("+15005550006", "KH", "+15005550006", "US", "a gateway's test number"),
    ("+15550123456", "KH", "+15550123456", "US", "a possible number of no known range"),
    ("+85520123456", "KH", "+85520123456", "KH", "at home too, if written with +"),
    ("+14165550123", "KH", "+14165550123", "CA", "a code of several countries"),
    ("+80012345678", "KH", "+80012345678", None, "a code of no country"),
    ("+883510012345", "KH", "+883510012345", None, "a network of no country"),
]

REFUSED = [
    ("", "nothing"),
    ("1280", "a short code"),
    ("+1280", "a short code with +"),
    ("\u17e1\u17e2\u17e8\u17e0", "a short code in Khmer digits"),
    ("1234567", "seven digits"),
    ("+8551234", "seven digits with +"),
    ("Cellcard", "a name"),
    ("+855TWILIO1", "letters that a keypad would turn into digits"),
    ("+85512345678x9", "an extension"),
    ("tel:+85512345678", "an address"),
    ("+", "only a sign"),
    ("+85512345678,+85512345679", "two numbers"),
    ("85512345678+", "the sign at the end"),
    ("+999123456789", "a code of nobody"),
    ("+85500000000", "no subscriber"),
    ("+855123456789012", "too long"),
    ("+650012345", "too short for its country"),
    ("66812345678", "another country without +: it could be a slip"),
    ("000000000000", "zeros"),
    ("0" * 41, "longer than anybody writes a number"),
    ("012 345 6789 0123", "too long for home"),
    ("020 123 456", "no known range of home, written without +"),
    ("\x00\x01", "no text"),
]


@pytest.mark.parametrize(("raw", "home", "e164", "country", "why"), TAKEN)
def test_takes(raw: str, home: str, e164: str, country: str | None, why: str) -> None:
    assert parse(raw, home) == Number(e164, country), why


@pytest.mark.parametrize(("raw", "why"), REFUSED)
def test_refuses(raw: str, why: str) -> None:
    with pytest.raises(NotAPhone) as failure:
        parse(raw)
    assert not any(char.isdigit() and char != "8" for char in str(failure.value)), why
    assert not raw or raw not in str(failure.value)


def test_what_is_parsed_once_is_known() -> None:
    assert parse("+85512345678") is parse("+85512345678")
    assert parse(parse("012345678").e164) == parse("012345678")


@pytest.mark.parametrize(("e164", "dialled"), [("+85512345678", "012 345 678"), ("+66812345678", "081 234 5678")])
def test_as_dialled_at_home(e164: str, dialled: str) -> None:
    assert local(e164) == dialled


@given(st.text() | st.text(st.sampled_from("+0123456789 ()-.x\u17e1"), max_size=20))
def test_gives_a_number_or_refuses(raw: str) -> None:
    try:
        number = parse(raw)
    except NotAPhone:
        return
    assert parse(number.e164) == number
    assert number.e164[0] == "+"
    assert 8 <= len(number.e164) - 1 <= 17


@given(
    code=st.sampled_from(
        [855, 66, 60, 82, 81, 86, 84, 62, 966, 65, 852, 886, 856, 63, 971, 853, 1, 7, 44, 49, 800, 39, 54, 52, 999]
    ),
    rest=st.from_regex(r"\A[0-9]{3,14}\Z"),
)
def test_the_quick_way_says_what_the_library_says(code: int, rest: str) -> None:
    raw = f"+{code}{rest}"
    quick = phone._at_once(raw)
    if quick is not None:
        assert quick == phone._with_care(raw, "KH")


def test_the_quick_way_takes_the_numbers_of_every_country_with_a_card() -> None:
    for raw in ("+85512345678", "+66812345678", "+60123456789", "+821012345678", "+966501234567", "+8613812345678"):
        assert phone._at_once(raw) is not None


RANGES = [
    "12",
    "10",
    "15",
    "70",
    "76",
    "88",
    "96",
    "97",
    "99",
    "23",
    "855",
    "1800",
    "1900",
    "38",
    "0",
    "00",
    "001",
    "66",
]
FORMS = [
    "{0}",
    "0{0}",
    "+855{0}",
    "+855 (0){0}",
    "855{0}",
    "00855{0}",
    "{0}.0",
    " {0}",
    "0{1}",
    "0{2}",
    "+{0}",
    "+66{0}",
]


@given(
    st.sampled_from(RANGES),
    st.from_regex(r"\A[0-9]{4,10}\Z"),
    st.sampled_from(FORMS),
    st.sampled_from(["KH", "TH", "US", "IT", "KR"]),
)
def test_a_number_of_a_long_list_is_the_same_number(start: str, rest: str, form: str, home: str) -> None:
    plain = start + rest
    raw = form.format(plain, f"{plain[:2]} {plain[2:5]} {plain[5:]}", "-".join((plain[:2], plain[2:])))
    assert outcome(phone.parse_one_of_many, raw, home) == outcome(phone._with_care, raw, home)


@given(st.text() | st.text(st.sampled_from("+0123456789 ()-./x\u17e1\uff11"), max_size=20))
def test_whatever_is_in_a_long_list_is_read_alike(raw: str) -> None:
    assert outcome(phone.parse_one_of_many, raw, "KH") == outcome(phone._with_care, raw, "KH")


def outcome(read: Callable[[str, str], Number], raw: str, home: str) -> Number | str:
    try:
        return read(raw, home)
    except NotAPhone as refusal:
        return str(refusal)


def test_a_long_list_leaves_nothing_in_memory() -> None:
    before = phone.parse.cache_info().currsize, phone._at_once.cache_info().currsize
    for serial in range(200):
        assert phone.parse_one_of_many(f"012 000 {serial:03d}").e164 == f"+85512000{serial:03d}"
        assert phone.parse_one_of_many(f"+66 81 000 0{serial:03d}").e164 == f"+66810000{serial:03d}"
    assert (phone.parse.cache_info().currsize, phone._at_once.cache_info().currsize) == before
