"""Clusters: what a reader sees as one written character."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.khmer import clusters

WHOLE = [
    ("a", "a letter"),
    ("\u179f\u17d2\u178f\u17d2\u179a\u17b8", "a Khmer letter with two subscripts and a vowel"),
    ("\u1780\u17d2\u200d\u179a", "a joiner between coeng and letter"),
    ("\u1780\u17d2\u200b\u179a", "even a zero width space there"),
    ("\u1791\u17b6\u17c6\u1784"[:3], "vowel and sign"),
    ("\u1798\u17c9\u17b6", "register shifter"),
    ("e\u0301\u0323", "combining accents"),
    ("\r\n", "a line end"),
    ("\u0e19\u0e33", "Thai AM"),
    ("\u0e17\u0e35\u0e48", "Thai vowel and tone"),
    ("\u1112\u1161\u11ab", "Hangul letters"),
    ("\U0001f468\u200d\U0001f469\u200d\U0001f467", "a family"),
    ("\U0001f44d\U0001f3fd", "a skin tone"),
    ("\u2764\ufe0f", "a variation selector"),
    ("1\ufe0f\u20e3", "a keycap"),
    ("\U0001f1f0\U0001f1ed", "a flag"),
    ("\U0001f3f4\U000e0067\U000e007f", "a flag of tags"),
    ("\ud83d\ude00", "the halves of a surrogate pair"),
]

SEVERAL = [
    ("\u1780\u1781", ["\u1780", "\u1781"], "letters without coeng"),
    ("\u1780\u17d7", ["\u1780", "\u17d7"], "the sign of repetition is a letter"),
    ("\u1780\u17d2a", ["\u1780\u17d2", "a"], "a coeng joins Khmer letters only"),
    ("\u1780\u200b\u1781", ["\u1780", "\u200b", "\u1781"], "a zero width space between words"),
    ("\U0001f1f0\U0001f1ed\U0001f1f9\U0001f1ed", ["\U0001f1f0\U0001f1ed", "\U0001f1f9\U0001f1ed"], "two flags"),
    ("\n\r", ["\n", "\r"], "no line end"),
    ("\u200da", ["\u200d", "a"], "a joiner joins no ASCII"),
    ("\u0301a", ["\u0301", "a"], "a mark with nothing before it"),
    ("", [], "nothing"),
]


@pytest.mark.parametrize(("text", "why"), WHOLE)
def test_is_one(text: str, why: str) -> None:
    assert clusters(text) == [text], why


@pytest.mark.parametrize(("text", "expected", "why"), SEVERAL)
def test_are_several(text: str, expected: list[str], why: str) -> None:
    assert clusters(text) == expected, why


@given(st.text() | st.text(st.characters(min_codepoint=0x1780, max_codepoint=0x17FF)))
def test_joining_gives_back_the_text(text: str) -> None:
    assert "".join(clusters(text)) == text
    assert all(clusters(text))
