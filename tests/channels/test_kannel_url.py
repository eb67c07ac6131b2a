"""The fields in the addresses Kannel fetches: whoever has the secret is read, in whatever alphabet."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels import kannel_url
from bot.protocol import Refused, Request

SECRET = "a-secret-of-sixteen"
KHMER = "ជំនួយ 1280 😀"


def fetch(query: str) -> Request:
    return Request("GET", "/webhooks/kannel/sms", query, {}, b"")


def quoted(text: str, codec: str = "utf-8") -> str:
    return quote_from_bytes(text.encode(codec), safe="").replace("%20", "+")


def refused(function, *given) -> int:
    with pytest.raises(Refused) as refusal:
        function(*given)
    return refusal.value.status


@pytest.mark.parametrize(
    "query", ["", "secret=", "secret=wrong", f"secret={SECRET}x", f"Secret={SECRET}", "secret=%FF"]
)
def test_without_the_secret_nothing_is_read(query):
    assert refused(kannel_url.read, fetch(query), SECRET) == 403


@pytest.mark.parametrize(
    "query",
    [f"secret={SECRET}&secret={SECRET}", f"secret={SECRET}&text=a&text=b", "&".join(f"a{n}=" for n in range(41))],
)
def test_a_field_comes_once(query):
    assert refused(kannel_url.read, fetch(query), SECRET) == 400


def test_the_fields_are_bytes():
    fields = kannel_url.read(fetch(f"text=%17%87+%2B&empty=&bare&secret={SECRET}"), SECRET)
    assert fields == {"text": b"\x17\x87 +", "empty": b"", "bare": b"", "secret": SECRET.encode()}


@pytest.mark.parametrize(
    ("raw", "coding", "charset", "read"),
    [
        (quoted(KHMER), "0", "UTF-8", KHMER),
        (quoted(KHMER), "2", "UTF-8", KHMER),
        (quoted(KHMER, "utf-16-be"), "2", "UTF-16BE", KHMER),
        (quoted(KHMER, "utf-16-be"), "2", "", KHMER),
        (quoted("café", "latin-1"), "0", "ISO-8859-1", "café"),
        (quoted("“a”", "cp1252"), "0", "WINDOWS-1252", "“a”"),
        (quoted("help €["), "0", "something else", "help €["),
        ("help+me", "", "", "help me"),
        ("", "0", "UTF-8", ""),
        (quoted("words"), "1", "8-BIT", "words"),
        ("%00%FF%80", "1", "8-BIT", None),
        ("%E1%9E", "0", "UTF-8", "\ufffd"),
        ("%17%87%17", "2", "UTF-16BE", "ជ\ufffd"),
        ("a" * 2000, "0", "UTF-8", "a" * 1600),
    ],
)
def test_a_text_is_read_in_its_alphabet(raw, coding, charset, read):
    fields = kannel_url.pairs(fetch(f"text={raw}&coding={coding}&charset={charset}"))
    assert kannel_url.text(fields) == read


@given(st.text(st.sampled_from("%&=+aក0123456789ABCDEF\xff\u1780"), max_size=60), st.sampled_from(["0", "1", "2"]))
def test_nothing_that_comes_is_an_error(raw, coding):
    request = fetch(f"text={raw.replace('&', '')}&coding={coding}")
    read = kannel_url.text(kannel_url.pairs(request))
    assert read is None or isinstance(read, str)


@pytest.mark.parametrize(
    ("given_", "read"),
    [
        ("%2B85512345678", "+85512345678"),
        ("66812345678", "+66812345678"),
        ("85512345678", "+85512345678"),
        ("0066812345678", "0066812345678"),
        ("012345678", "012345678"),
        ("12345678", "12345678"),
        ("1280", "1280"),
        ("Smart", "Smart"),
    ],
)
def test_a_number_with_its_country_is_known_without_its_plus(given_, read):
    assert kannel_url.sender(kannel_url.pairs(fetch(f"from={given_}"))) == read


def test_what_a_text_needs():
    assert refused(kannel_url.sender, {}) == refused(kannel_url.text, {}) == refused(kannel_url.message_id, {}) == 400


@pytest.mark.parametrize("name", ["", "a b", "a" * 65, "\u17e1"])
def test_an_id_of_another_form_is_refused(name):
    assert refused(kannel_url.message_id, {"id": name.encode()}) == 400


def test_the_time_is_kannels_but_never_to_come():
    now = datetime.now(UTC)
    hour = now - timedelta(hours=1)
    assert kannel_url.received_at({"ts": str(int(hour.timestamp())).encode()}) == hour.replace(microsecond=0)
    for odd in (b"", b"-1", b"x", b"9" * 10, b"9" * 11, b"1e3"):
        assert now <= kannel_url.received_at({"ts": odd}) <= datetime.now(UTC)
