"""Texts from every gateway: each is kept once and answered once, whatever the gateway does on the way."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from conformance.house import WORKER, House

from bot.text.khmer import clean

LONG_KHMER = "ជំនួយ ខ្ញុំនៅប្រទេសថៃ ថៅកែដកលិខិតឆ្លងដែន ខ្ញុំចង់ទៅផ្ទះវិញ សូមជួយផង " * 3
TEXTS = {
    "Khmer": "ជំនួយ",
    "Khmer in several parts": LONG_KHMER,
    "Latin": "chuoy",
    "GSM extension characters": "help {me} [now] ~ ^ | \\ €",
    "emoji": "help \U0001f64f\U0001f1f0\U0001f1ed",
    "hidden spaces": "\u200bជំនួយ\u200b ",
    "signs of a form": "help + 100% & more = ? ; #",
    "signs of markup": 'help <b>&amp;</b> "me" \'\\u0041',
    "lines": "help\nme\nplease",
    "one letter": "1",
}
THAI, KOREAN = "+66812345678", "+821012345678"


def kept(house: House) -> list[str]:
    """The words of all texts that came in."""
    rows = house.rows("inbound", "id", "text_sealed")
    return [house.service.vault.open(sealed, "inbound", row).decode() for row, sealed in rows]


def answered(house: House, sender: str = WORKER) -> list[str]:
    """What the phone has got when all is done."""
    house.pump()
    return house.answers(sender)


def test_texts_are_kept_as_they_were_written_and_answered_once(house):
    people = {f"+8551234501{number}": words for number, words in enumerate(TEXTS.values())}
    for person, words in people.items():
        assert house.bring(words, person, name=person).status < 300
    assert sorted(kept(house)) == sorted(clean(words) for words in TEXTS.values())
    for person, words in people.items():
        (answer,) = answered(house, person)
        assert "??" not in answer, words
    assert house.count("outbound") == len(TEXTS)


def test_an_answer_in_khmer_is_khmer_on_the_air(house):
    """The wrong coding makes question marks of it, and a part longer than 67 units is cut off."""
    house.bring("ជំនួយ")
    (said,) = answered(house) and house.wire.gateway.to(WORKER)
    assert any("\u1780" <= letter <= "\u17ff" for letter in said.text)
    assert "?" not in said.text
    assert said.units
    assert all(units <= (70 if len(said.units) == 1 else 67) for units in said.units)
    assert sum(said.units) == len(said.text.encode("utf-16-be")) // 2


def test_the_same_text_again_is_answered_with_the_same_bytes(house):
    first, *others = [house.bring("ជំនួយ", name="same") for _ in range(3)]
    assert all(other == first for other in others)
    assert len(kept(house)) == len(answered(house)) == 1


@pytest.mark.gateways(lambda wire: wire.renames)
def test_the_same_text_under_another_name_is_the_same_text(house):
    house.bring("ជំនួយ", name="same")
    for _ in range(3):
        assert house.hand(house.wire.again("ជំនួយ", WORKER, "same"), "same").status < 300
    assert len(kept(house)) == len(answered(house)) == 1


def test_the_same_words_typed_again_are_another_text(house):
    for number in range(3):
        house.bring("1", name=f"text {number}")
    assert len(kept(house)) == len(answered(house)) == 3


def test_a_repeat_that_comes_much_later_is_still_a_repeat(house, clock):
    house.bring("ជំនួយ", name="same")
    house.pump()
    clock.forward(days=400)
    house.bring("ជំនួយ", name="same")
    assert len(kept(house)) == len(answered(house)) == 1


def test_twenty_copies_at_once_are_one_text(each_house):
    house = each_house
    if not house.called:
        for _ in range(20):
            house.wire.put("ជំនួយ", WORKER, "same")
        house.collect()
    else:
        request = house.wire.text("ជំនួយ", WORKER, "same")
        with ThreadPoolExecutor(20) as pool:
            responses = list(pool.map(lambda _: house.hand(request, "same"), range(20)))
        assert {response.status for response in responses} <= {200, 202, 204}
        assert len({response.body for response in responses}) == 1
    assert len(kept(house)) == len(answered(house)) == 1


def test_texts_in_another_order_reach_the_right_people(house):
    texts = [
        (sender, f"{words} {number}") for sender in (WORKER, THAI, KOREAN) for number, words in enumerate(("a", "b"))
    ]
    random.Random(4).shuffle(texts)
    for name, (sender, words) in enumerate(texts):
        house.bring(words, sender, f"text {name}")
    house.pump()
    assert sorted(kept(house)) == sorted(words for _, words in texts)
    assert [len(house.answers(sender)) for sender in (WORKER, THAI, KOREAN)] == [2, 2, 2]


def test_a_text_that_says_nothing_is_taken(house):
    for number, words in enumerate(["", " ", "\u200b\u200b", "?", "\U0001f44d"]):
        person = f"+8551234501{number}"
        assert house.bring(words, person, name=person).status < 300
        assert len(answered(house, person)) <= 1
    assert house.count("inbound") in (5, 5 - 3 * (not house.called)), "SMSD's rows without words say nothing"


def test_a_huge_text_is_taken_and_answered_once(house):
    assert house.bring(("ជំនួយ " * 1500)[:1500]).status < 300
    assert len(answered(house)) == len(kept(house)) == 1


def test_a_text_beyond_all_measure_is_refused_or_cut(house):
    assert house.bring("ជំនួយ " * 20_000).status < 500
    assert len(answered(house)) <= 1
    assert house.bring("ជំនួយ", name="after").status < 300
    assert answered(house)


def test_names_and_short_codes_are_never_answered(house):
    for sender in ("Smart", "AD-INFO", "1297", "117", "+855"):
        assert house.bring("help", sender, name=sender).status < 500
    house.pump()
    assert (house.wire.gateway.taken, house.count("outbound"), house.count("contact")) == ([], 0, 0)


def test_our_own_number_is_never_answered(house):
    assert house.bring("help", house.wire.number).status < 300
    house.pump()
    assert (house.wire.gateway.taken, house.count("outbound"), house.count("contact")) == ([], 0, 0)


called = pytest.mark.gateways(lambda wire: wire.called)
"""Those with webhooks; whoever may write to a gateway's tables is trusted."""


@pytest.fixture
def request_of(house):
    """The webhook of a text."""
    return house.wire.text("ជំនួយ", WORKER, "1")


@called
def test_who_does_not_know_the_secret_is_refused_and_nothing_is_kept(house, request_of):
    refused = house.call(house.wire.unsigned(request_of))
    assert refused.status in (401, 403)
    report = house.call(house.wire.unsigned(house.wire.report("x", 1, "delivered")))
    assert report.status in (401, 403)
    house.pump()
    assert [house.count(table) for table in ("contact", "inbound", "outbound")] == [0, 0, 0]
    assert not house.wire.gateway.taken


@called
def test_a_webhook_without_its_headers_is_never_our_mistake(house, request_of):
    assert house.call(replace(request_of, headers={})).status < 500
    assert house.count("inbound") <= 1 - house.wire.signs


@called
def test_a_webhook_cut_anywhere_is_never_our_mistake(house, request_of):
    """A body that ends early, and an address that does. What is left may be a sound, shorter text: never an error."""
    whole = request_of.body
    cuts = [replace(request_of, body=whole[:end]) for end in range(0, len(whole), max(1, len(whole) // 40))]
    cuts += [replace(request_of, query=request_of.query[:end]) for end in range(0, len(request_of.query), 7)]
    for cut in cuts:
        assert house.call(cut).status < 500
    assert house.count("inbound") <= 1 + len({cut.body for cut in cuts}) * (not house.wire.signs)
    if house.wire.signs:
        assert house.count("inbound") == 0


@called
def test_junk_is_refused(house, request_of):
    junk = (b"", b"\x00", b"\xff\xfe\xfd", b"{", b"[]", b"null", b"&&==&", b"%%%%=%zz", b"{}" * 9_000, b"x" * 99_999)
    for body in junk:
        assert house.call(replace(request_of, body=body)).status < 500
    assert house.count("inbound") == 0 or request_of.method == "GET"


@called
def test_many_headers_and_fields_are_never_our_mistake(house, request_of):
    chance = random.Random(5)
    for _ in range(60):
        body = bytearray(request_of.body or b"x")
        for _ in range(3):
            body[chance.randrange(len(body))] = chance.randrange(256)
        query = request_of.query.replace(chance.choice("=&+%abc123"), chance.choice("=&%\u00e9;#"), 1)
        query = query.encode("utf-8", "replace").decode("latin-1")
        assert house.call(replace(request_of, body=bytes(body))).status < 500
        assert house.call(replace(request_of, query=query)).status < 500
