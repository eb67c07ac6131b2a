"""Two texts that read the same fold to one form."""

from __future__ import annotations

from unicodedata import is_normalized

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.text.khmer import _FORM, digits, fold, has_khmer

KHMER = st.text(st.characters(min_codepoint=0x1780, max_codepoint=0x17FF) | st.sampled_from(" \u200b\u200da1.'"))
TANGLED = st.lists(
    st.sampled_from("\u1780\u179f\u1794\u1789\u17a2\u17b1\u17b2\u17d2\u17c9\u17ca\u17cc\u17b6\u17b7\u17b8\u17bb")
    | st.sampled_from("\u17be\u17c1\u17c4\u17c6\u17c7\u17cb\u17dd\u17b4")
    | st.sampled_from(["\u17d2\u179a", "\u17d2\u178f", "\u17d2\u178a", "\u17d2\u1799"])
).map("".join)

SAME = [
    # One written syllable, several encodings
    ("\u179f\u17d2\u178f\u17d2\u179a\u17b8", "\u179f\u17d2\u179a\u17d2\u178f\u17b8", "woman: RO typed first"),
    ("\u179f\u17d2\u178f\u17d2\u179a\u17b8", "\u179f\u17d2\u179a\u17b8\u17d2\u178f", "woman: vowel before a subscript"),
    ("\u179f\u17d2\u178f\u17d2\u179a\u17b8", "\u179f\u17d2\u178a\u17d2\u179a\u17b8", "woman: subscript DA for TA"),
    ("\u1781\u17d2\u1789\u17bb\u17c6", "\u1781\u17d2\u1789\u17c6\u17bb", "I: sign before vowel"),
    ("\u1781\u17d2\u1789\u17bb\u17c6", "\u1781\u17bb\u17c6\u17d2\u1789", "I: subscript last"),
    ("\u1781\u17d2\u1789\u17bb\u17c6", "\u1781\u17d2\u1789\u17bb\u17bb\u17c6\u17c6", "I: doubled signs"),
    ("\u1781\u17d2\u1798\u17c2\u179a", "\u1781\u17c2\u17d2\u1798\u179a", "Khmer: vowel before the subscript"),
    ("\u1780\u17d2\u179a\u17bb\u1798", "\u1780\u17d2\u179a\u17d2\u179a\u17bb\u1798", "doubled subscript"),
    ("\u1780\u17d2\u179a\u17bb\u1798", "\u1780\u17d2\u17d2\u179a\u17bb\u1798", "doubled coeng"),
    ("\u1780\u17b7\u1781", "\u1780\u17d2\u17b7\u1781", "coeng with no letter"),
    ("\u1780", "\u1780\u17d2", "coeng at the end"),
    ("\u1792\u17d2\u179c\u17be", "\u1792\u17d2\u179c\u17c1\u17b8", "do: OE typed as E and II"),
    ("\u1792\u17d2\u179c\u17be", "\u1792\u17d2\u179c\u17b8\u17c1", "do: the other way round"),
    ("\u1792\u17d2\u179c\u17be", "\u1792\u17c1\u17d2\u179c\u17b8", "do: around the subscript"),
    ("\u1791\u17c4\u17c7", "\u1791\u17c1\u17b6\u17c7", "OO typed as E and AA"),
    ("\u179f\u17ca\u17b8", "\u179f\u17bb\u17b8", "eat: vowel U for the shifter below"),
    ("\u179f\u17ca\u17b8", "\u179f\u17b8\u17ca", "eat: shifter after the vowel"),
    ("\u179f\u17ca\u17b8", "\u179f\u17ca\u17bb\u17b8", "eat: both"),
    ("\u1794\u17ca\u17b7\u1785", "\u1794\u17c9\u17b7\u1785", "pen: the shifters look alike under a high vowel"),
    ("\u1789\u17c9\u17b6\u17c6", "\u1789\u17bb\u17c6\u17b6", "eat: vowel U under AA and NIKAHIT"),
    ("\u1798\u17c9\u17b6", "\u1798\u17bb\u17b6", "vowel U for muusikatoan after a low-series letter"),
    ("\u17a2\u17c9\u17b8\u179c\u17c9\u17b6\u1793\u17cb", "\u17a2\u17ca\u17b8\u179c\u17c9\u17b6\u1793\u17cb", ""),
    ("\u1796\u17d0\u178f\u17cc", "\u1796\u17d0\u178f\u17cc\u17cc", "robat doubled"),
    ("\u1792\u17cc\u17c9", "\u1792\u17c9\u17cc", "robat before shifter"),
    # One word, several letters
    ("\u17b1\u17d2\u1799", "\u17b2\u17d2\u1799", "give: both shapes of QOO"),
    ("\u17b1\u17d2\u1799", "\u17a2\u17c4\u1799", "give: as it sounds"),
    ("\u17b1\u17d2\u1799", "\u17a2\u17c4\u17d2\u1799", "give: mixed"),
    ("\u17b1\u17d2\u1799", "\u17a2\u17c1\u17b6\u1799", "give: OO in two pieces"),
    ("\u17b1\u1780\u17b6\u179f", "\u17a2\u17c4\u1780\u17b6\u179f", "opportunity"),
    ("\u17a2", "\u17a3", "deprecated QAQ"),
    ("\u17a2\u17b6", "\u17a4", "deprecated QAA"),
    ("\u17a7\u1780", "\u17a8", "obsolete QUK"),
    ("\u1780", "\u1780\u17b4\u17b5", "inherent vowels, never to be written"),
    ("\u1792\u17d1", "\u1792\u17dd", "ATTHACAN for VIRIAM"),
    ("\u17d4\u179b\u17d4", "\u17d8", "et cetera"),
    # What is not seen
    ("\u1787\u17c6\u1793\u17bd\u1799", "\u1787\u17c6\u200b\u1793\u17bd\u1799", "zero width space"),
    ("\u1787\u17c6\u1793\u17bd\u1799", "\ufeff\u1787\u200d\u17c6\u1793\u17bd\u200c\u1799\u2060", "other zero width"),
    ("\u1780\u17d2\u179a", "\u1780\u17d2\u200c\u179a", "between coeng and letter"),
    ("help", "\u202ehe\u00adl\u0000p\u2069", "bidirectional, soft hyphen, NUL"),
    ("help", "h\ufe0fe\u034fl\U000e0041p\ud800", "selectors, joiner, tags, surrogate"),
    # Digits, width, case, punctuation, spaces
    ("0123456789", "\u17e0\u17e1\u17e2\u17e3\u17e4\u17e5\u17e6\u17e7\u17e8\u17e9", "Khmer digits"),
    ("12", "\u0e51\uff12", "Thai and full width digits"),
    ("1", "1\ufe0f\u20e3", "keycap"),
    ("stop", "\uff33\uff34\uff2f\uff30", "full width"),
    ("stop", " STOP!! ", ""),
    ("strasse", "Stra\u00dfe", ""),
    ("i need help", "I\tneed,\u00a0\u00a0HELP...\r\n", ""),
    ("\u1794\u17b6\u1791 \u1785\u17b6\u179f", "\u1794\u17b6\u1791\u17d4 \u1785\u17b6\u179f\u17d5", "Khmer full stops"),
    ("knom", "k'nom", "straight apostrophe"),
    ("knom", "K\u2019nom", "curly apostrophe"),
    ("knom", "k\u00b4nom", "acute accent"),
    ("knom", "k`nom", "grave accent"),
    ("sos", "\U0001f198", "the sign for it"),
    ("help", "help\U0001f64f\U0001f3fd", "emoji"),
    ("\u00e9", "e\u0301", "composed"),
    ("\u00e9", "e\u034f\u0301", "composed once the joiner is gone"),
    ("5$", "5$", "currency stays"),
    ("n", "\u0149", "apostrophe before N"),
    ("", " .,!\u17d4\u200b\n", "nothing left"),
    ("", "", ""),
]

DIFFERENT = [
    ("\u1798\u17c9\u17b6", "\u1798\u17ca\u17b6", "the shifters sound different where they look different"),
    ("\u1780\u17d2\u179f\u17d2\u1798", "\u1780\u17d2\u1798\u17d2\u179f", "subscripts other than RO keep their order"),
    ("\u1795\u17d2\u179f\u17c1\u1784\u17d7", "\u1795\u17d2\u179f\u17c1\u1784", "the sign of repetition is read"),
    ("\u1780\u17bb\u17c6", "\u1780\u17c6", "U and NIKAHIT are two signs"),
    ("\u178a\u17c3", "\u178f\u17c3", "DA and TA as whole letters are two letters"),
    ("stop", "s top", ""),
]


@pytest.mark.parametrize(("first", "second", "why"), SAME)
def test_reads_the_same(first: str, second: str, why: str) -> None:
    assert ascii(fold(first)) == ascii(fold(second)), why


@pytest.mark.parametrize(("first", "second", "why"), DIFFERENT)
def test_reads_otherwise(first: str, second: str, why: str) -> None:
    assert fold(first) != fold(second), why


def test_what_is_in_order_stays_as_it_is() -> None:
    text = "\u1781\u17d2\u1789\u17bb\u17c6\u1785\u1784\u17cb\u1791\u17c5\u1792\u17d2\u179c\u17be\u1780\u17b6\u179a"
    assert fold(text) == text


@pytest.mark.parametrize(
    "letter", ["\u01f0", "\u0390", "\u03b0", "\u1e96", "\u1e97", "\u1e98", "\u1e99", "y\u200d\u030a"]
)
def test_a_letter_that_loses_its_case_in_two_pieces_is_put_together_again(letter: str) -> None:
    assert len(fold(letter)) == 1
    assert fold(fold(letter)) == fold(letter)


@given(st.text())
@example("a\u034f\u0301")
@example("\u1e9a\u0345'\u0130")
@example("\u2019\u0149\u00b4b")
def test_folding_twice_changes_nothing(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    assert is_normalized("NFKC", once)
    assert once == once.strip()


@settings(max_examples=400)
@given(KHMER | TANGLED)
def test_folding_khmer_twice_changes_nothing(text: str) -> None:
    once = fold(text)
    assert ascii(fold(once)) == ascii(once)


@given(st.permutations(["\u17d2\u1793", "\u17d2\u179a", "\u17ca", "\u17b6", "\u17c6"]))
def test_any_typing_order_is_one_syllable(signs: list[str]) -> None:
    assert fold("\u179f" + "".join(signs)) == "\u179f\u17ca\u17d2\u1793\u17d2\u179a\u17b6\u17c6"


def test_a_form_for_every_rare_character_is_not_kept_for_ever() -> None:
    before = len(_FORM)
    fold("".join(map(chr, range(0x4E00, 0x9000))))
    assert len(_FORM) == before


def test_digits_change_only_khmer_digits() -> None:
    assert digits("\u17e1. \u17e9 a\u0e51") == "1. 9 a\u0e51"
    assert digits("12") == "12"


@pytest.mark.parametrize(("text", "has"), [("abc", False), ("\u00e9", False), ("a\u1780", True), ("\u19e0", True)])
def test_knows_khmer(text: str, has: bool) -> None:
    assert has_khmer(text) is has
