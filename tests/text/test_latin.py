"""Spellings of one Khmer word in Latin letters share a skeleton; other words do not."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.latin import skeleton

SAME = [
    "chuoy chuoi chhuoy juoy chuy choy chouy jouy",
    "phong pong fong pung",
    "thver tver tveu tve thve twer",
    "knhom knom khnhom khnom knhum",
    "nhom nom nyom",
    "nov now nou nao nau",
    "tov tow tou tau tao",
    "luy loy lui luoy louy",
    "ka kar kah",
    "ban bahn baan",
    "mean mien men mian",
    "pteah pteh phteah",
    "passport pasport paspot",
    "srok srock srouk",
    "kromhun kromhon krumhun",
    "battambang batambong",
    "bangkok bankok bangkork",
    "chob chop chhob chhop",
    "chol jol chhol",
    "merl meul mel",
    "teuk tek tuek",
    "ort ot",
    "phlov phalov plov plow phlau",
    "khlach klach klaj",
    "thngai thngay",
    "komnot kamnot",
    "yub yup",
    "yok yauk",
    "ba bah",
    "koat kut kort",
    "bat bad",
]
SHAPES = [
    ("", ""),
    ("\u1787\u17bd\u1799", ""),
    ("1280", ""),
    ("h", "h"),
    ("r", "r"),
    ("y", "y"),
    ("w", "v"),
    ("a", "A"),
    ("help", "hElp"),
    ("mohop", "mhOp"),
    ("police", "plsE"),
    ("ticket", "tkEt"),
    ("ayuk", "AyOk"),
    ("ny", "nE"),
    ("tv", "tO"),
    ("rongjak", "rgck"),
    ("ankor", "AgkO"),
]


@pytest.mark.parametrize("words", SAME)
def test_spellings_of_one_word_are_one(words: str) -> None:
    assert len({skeleton(word) for word in words.split()}) == 1, {word: skeleton(word) for word in words.split()}


WORDS = "chuoy phong thver knhom luy ban mean pteah srok chob chol merl teuk prak bong police thai visa phlov kar"


def test_different_words_stay_different() -> None:
    clashes = [(one, two) for one, two in combinations(WORDS.split(), 2) if skeleton(one) == skeleton(two)]
    assert clashes == []


@pytest.mark.parametrize(("word", "shape"), SHAPES)
def test_shape(word: str, shape: str) -> None:
    assert skeleton(word) == shape


@given(st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyz"), max_size=20))
def test_is_made_of_classes_only(word: str) -> None:
    assert set(skeleton(word)) <= set("gnckptdbsmlrvyhAEO")
    assert not word or skeleton(word)
