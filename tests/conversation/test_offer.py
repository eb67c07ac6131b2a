"""Check an offer: every set of answers leads to an honest outcome."""

from __future__ import annotations

from itertools import product

import pytest
from conversation.tools import BOOK, last, text, turns
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content.book import LANGUAGES
from bot.text.sms import segments

GOOD = "1122222"
"""The answers of an offer without a bad sign."""


def outcome(answers: str, **known: object) -> str:
    return last("OFFER", *answers, **known).session.state or ""


def test_seven_questions() -> None:
    asked = [turn.session.state for turn in turns("OFFER", *GOOD)]
    assert asked == [*(f"offer.{number}" for number in range(1, 8)), "offer.low"]


@pytest.mark.parametrize("number", [1, 3, 5, 6])
def test_one_grave_sign_is_a_high_risk(number: int) -> None:
    bad = "2" if GOOD[number - 1] == "1" else "1"
    assert outcome(GOOD[: number - 1] + bad + GOOD[number:]) == "offer.high"


def test_one_sign_or_an_open_question_is_some_risk_and_two_signs_are_high() -> None:
    assert outcome("1222222") == "offer.some"
    assert outcome("1122322") == "offer.some"
    assert outcome("1221222") == "offer.high"


def test_the_two_reasons_that_weigh_most_come_first() -> None:
    said = text("OFFER", *"2211111")
    assert said.index("passport yourself") < said.index("tourist visa")
    assert "contract" not in said
    assert "on paper" in text("OFFER", *"1222222")


def test_every_set_of_answers_fits_and_names_a_number() -> None:
    for answers in product("123", repeat=7):
        found = [answer for answer in answers if answer == "3"]
        if len(found) > 2:
            continue
        said = text("OFFER", *answers, language="km", pinned=True)
        assert len(segments(said).parts) <= 3
        assert "1297" in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_little_risk_is_never_called_safe(language: str) -> None:
    said = text("OFFER", *GOOD, language=language, pinned=True).lower()
    for word in ("safe", "សុវត្ថិភាព", "sovatthipheap", "guarantee"):
        assert word not in said


@pytest.mark.parametrize("answer", ["1", "១", "yes", "Yes.", "បាទ", "ចាស", "មាន", "mean", "bat", "YES!"])
def test_yes_in_many_words(answer: str) -> None:
    assert last("OFFER", answer).session.given == ("1/",)


@pytest.mark.parametrize("answer", ["2", "no", "NO!", "ទេ", "អត់ទេ", "ot te", "n"])
def test_no_in_many_words(answer: str) -> None:
    assert last("OFFER", answer).session.given == ("1/grave",)


def test_a_number_that_is_not_there_asks_again() -> None:
    assert last("OFFER", "1", "7").session.state == "offer.2"


def test_it_quotes_nothing_and_tells_whom_to_ask_where_the_phone_is() -> None:
    assert "1694" in text("OFFER", *"2111111", home="TH")
    assert "+855" in text("OFFER", *"2111111", home="MY")
    assert "1297" in text("how to work in Korea", "OFFER", *"2111111")


@settings(max_examples=50)
@given(st.lists(st.sampled_from([*"1239", "yes", "no", "?", "ចាស", "qwzx", "BACK", "MORE"]), max_size=12))
def test_any_answers_are_answered(said: list[str]) -> None:
    for turn in turns("OFFER", *said):
        assert turn.replies
        assert turn.counts == ()
        assert "offer" not in turn.replies[0].topic or turn.replies[0].topic == "job_offer"


def test_the_last_question_leads_on_in_the_content_too() -> None:
    assert {choice.go for choice in BOOK.states["offer.7"].choices} == {"offer.high", "offer.some", "offer.low"}


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("yes they do", "grave"),
        ("Yes sir", "grave"),
        ("1. Yes", "grave"),
        ("\u1794\u17b6\u1791 \u1798\u17b6\u1793", "grave"),  # yes, there is
        ("no they dont", ""),
        ("2 no", ""),
        ("\u17a2\u178f\u17cb\u1798\u17b6\u1793\u1791\u17c1", ""),  # there is none
        ("ot te bong", ""),
        ("I don't know", "unsure"),
        ("\u1781\u17d2\u1789\u17bb\u17c6\u1798\u17b7\u1793\u178a\u17b9\u1784\u1791\u17c1", "unsure"),  # I do not know
        ("\u1781\u17d2\u1789\u17bb\u17c6 \u17a2\u178f\u17cb\u178a\u17b9\u1784", "unsure"),
    ],
)
def test_answers_in_their_own_words_are_no_cries_for_help(said: str, meant: str) -> None:
    turn = last("OFFER", "1", "1", said)
    assert turn.session.state == "offer.4"
    assert turn.session.given[-1] == f"3/{meant}"
    assert not turn.acts


@pytest.mark.parametrize("said", ["no they locked me in", "yes they beat me", "SOS", "1 SOS"])
def test_danger_is_heard_between_the_questions(said: str) -> None:
    assert last("OFFER", "1", "1", said).session.state == "sos"


def test_a_line_copied_with_its_number_picks_it_and_another_number_does_not() -> None:
    assert last("MENU", "2. Before you go").session.state == "menu.before"
    assert last("OFFER", "2 yes").session.state != "offer.2"
