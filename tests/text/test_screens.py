"""USSD pages: within 182 septets or 80 units, and the whole text is there."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.cluster import starts
from bot.text.screens import pages
from bot.text.sms import measure

MORE, BACK = "1. More", "0. Back"
KHMER_MORE, KHMER_BACK = "1. \u1794\u1793\u17d2\u178f", "0. \u1790\u1799"
KA, KI = "\u1780", "\u1780\u17b7"

# text, lines of navigation, characters of each page's own text
ROWS = [
    ("", (MORE, BACK), [0]),
    ("a" * 182, (MORE, BACK), [182]),
    ("a" * 183, (MORE, BACK), [174, 9]),
    ("a" * (174 + 174), (MORE, BACK), [174, 174]),
    ("a" * (174 + 174 + 1), (MORE, BACK), [174, 166, 9]),
    ("\u20ac" * 91, (MORE, BACK), [91]),
    ("\u20ac" * 92, (MORE, BACK), [87, 5]),
    (KA * 80, (KHMER_MORE, KHMER_BACK), [80]),
    (KA * 81, (KHMER_MORE, KHMER_BACK), [72, 9]),
    (KI * 41, (KHMER_MORE, KHMER_BACK), [72, 10]),
    ("a" * 81, (KHMER_MORE, KHMER_BACK), [72, 9]),
    (KA * 40 + "\u17d4" + KA * 60, (MORE, BACK), [41, 60]),
    ("a" * 100 + ". \n" + "b" * 100, (MORE, BACK), [101, 100]),
]


def own_text(screens: tuple[str, ...], more: str, back: str) -> list[str]:
    last = len(screens) - 1
    own = []
    for number, screen in enumerate(screens):
        body = screen.removesuffix(f"\n{back}") if number else screen
        own.append(body.removesuffix(f"\n{more}") if number < last else body)
    return own


@pytest.mark.parametrize(("text", "lines", "expected"), ROWS)
def test_pages(text: str, lines: tuple[str, str], expected: list[int]) -> None:
    screens = pages(text, more=lines[0], back=lines[1])
    assert [len(part) for part in own_text(screens, *lines)] == expected


def test_more_and_back_stand_where_they_lead_somewhere() -> None:
    first, middle, last = pages("a" * 349, more=MORE, back=BACK)
    assert (first.endswith("\n1. More"), BACK in first) == (True, False)
    assert middle.endswith("\n1. More\n0. Back")
    assert (MORE in last, last.endswith("\n0. Back")) == (False, True)


def test_refuses_lines_that_leave_no_room() -> None:
    with pytest.raises(ValueError, match="no text can be cut"):
        pages("\U0001f600" * 100, more="m" * 39, back="b" * 39)


def test_a_cluster_with_room_on_the_last_page_only_is_cut() -> None:
    giant = "\u1780" + "\u17b7" * 70
    screens = pages(KA * 70 + giant + KA * 5, more="1" * 9, back="0")
    assert "".join(own_text(screens, "1" * 9, "0")) == KA * 70 + giant + KA * 5


@given(
    st.text(st.sampled_from("ab .\n\u1780\u17b7\u17d2\u179a\u200b\U0001f600\u20ac[1"), max_size=600)
    | st.text(st.sampled_from("ab .\n\u20ac[1"), max_size=900),
    st.sampled_from([(MORE, BACK), (KHMER_MORE, KHMER_BACK), ("9", "0")]),
)
def test_every_page_fits_and_nothing_is_lost(text: str, lines: tuple[str, str]) -> None:
    screens = pages(text, more=lines[0], back=lines[1])
    for screen in screens:
        encoding, ends = measure(screen)
        assert ends[-1] <= (182 if encoding == "GSM-7" else 80)
    own = own_text(screens, *lines)
    assert re.sub("[ \n]", "", "".join(own)) == re.sub("[ \n]", "", text)
    place = 0
    for part in own:
        while part and text[place] != part[0]:
            place += 1
        assert starts(text, place) or len(text) > 70
        place += len(part)
