"""What is dropped from a text at the edge (threat T12), and what must survive."""

from __future__ import annotations

from unicodedata import category, is_normalized

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.edge import LONGEST
from bot.text.khmer import clean

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"

ROWS = [
    ("plain text", "plain text", "most texts are left alone"),
    (
        "\u1787\u17bd\u1799 \u1781\u17d2\u1789\u17bb\u17c6",
        "\u1787\u17bd\u1799 \u1781\u17d2\u1789\u17bb\u17c6",
        "Khmer too",
    ),
    ("a\x00b\x07c\x1bd\x7fe", "abcde", "control characters"),
    ("a\nb", "a\nb", "the line end stays"),
    ("a\r\nb\rc\x0bd\x0ce\x85f\u2028g\u2029h", "a\nb\nc\nd\ne\nf\ng\nh", "other line ends become it"),
    ("a\tb", "a b", "a tab is a space"),
    ("\u202eevil\u2066x\u2069", "evilx", "bidirectional overrides"),
    ("a\u200b\u200c\u200d\ufeff\u00adb", "ab", "zero width"),
    ("\u1787\u17c6\u200b\u1793\u17bd\u1799", "\u1787\u17c6\u1793\u17bd\u1799", "zero width space in Khmer"),
    ("hi\U000e0068\U000e0069", "hi", "tags"),
    ("a\ud800b\udfffc", "abc", "lone surrogates"),
    (FAMILY, FAMILY, "the joiner inside an emoji stays"),
    ("\U0001f468\u200d", "\U0001f468", "a joiner with nothing to join"),
    ("\u2764\ufe0f\u200d\U0001f525", "\u2764\ufe0f\u200d\U0001f525", "after a variation selector too"),
    ("e\u0301", "\u00e9", "composed"),
    ("e" + "\u0301" * 50, "\u00e9" + "\u0301" * 5, "marks after the fifth in a row"),
    ("\u1789\u17c9\u17b6\u17c6\u1784", "\u1789\u17c9\u17b6\u17c6\u1784", "three Khmer signs on one letter"),
    ("a\ufdd0b\uffffc", "abc", "non-characters"),
    ("\u0958", "\u0915\u093c", "what NFC never composes"),
    ("\u0301\u0301\u0301\u0301\u0301\u200d\u0301", "\u0301" * 5, "a hidden character ends no row of marks"),
    ("\u0958" + "\u0301" * 5, "\u0915\u093c" + "\u0301" * 4, "one character, but a letter and a mark in NFC"),
    ("\u0301" * 5 + "\ufe0f\u200d\U0001f468", "\u0301" * 5 + "\U0001f468", "what it joined is gone"),
    ("", "", ""),
]


@pytest.mark.parametrize(("text", "expected", "why"), ROWS)
def test_cleans(text: str, expected: str, why: str) -> None:
    assert ascii(clean(text)) == ascii(expected), why


def test_keeps_no_more_than_a_gateway_delivers() -> None:
    assert clean("a" * 5000) == "a" * LONGEST


def test_does_not_cut_a_cluster() -> None:
    assert clean("\u1780\u17b7" * 799 + "a" + "\u1780\u17b7" * 9) == "\u1780\u17b7" * 799 + "a"


def test_cuts_a_cluster_that_never_ends() -> None:
    endless = "\u1780" + "\u17d2\u1780" * 5000
    assert len(clean(endless)) == LONGEST - 100


@given(
    st.text()
    | st.text(st.sampled_from("a\u0301\u0323\u200d\u2764\ufe0f\U0001f468\r\n\t\u1780\u17d2\u17b6\ud800\u0958\u0345"))
)
def test_cleaning_holds_for_every_text(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert is_normalized("NFC", once)
    assert len(once) <= LONGEST
    assert not any(category(char) in {"Cc", "Cs"} and char != "\n" for char in once)
    once.encode()
    assert "\u0301" * 6 not in once
