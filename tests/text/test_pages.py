"""USSD screens: within 182 septets or 80 units, no word torn that need not be, and the whole text is there."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.cluster import starts
from bot.text.screens import MOST_CHOICES, Lines, Screen, Sizes, screens
from bot.text.sms import measure

LATIN = Lines("9 More", "0 Back", before=True, last=("0 Back", "00 Menu"))
KHMER = Lines("9 \u1794\u1793\u17d2\u178f", "0 \u1790\u1799", before=True, last=("0 \u1790\u1799",))
START = Lines("9 More", "0 Back", last=("0 Back",))
BARE = Lines("9 More", "0 Back")
KA, KI = "\u1780", "\u1780\u17b7"

# text, lines below it, characters of each screen's own text
ROWS = [
    ("", LATIN, [0]),
    ("a" * 182, BARE, [182]),
    ("a" * 167, LATIN, [167]),
    ("a" * 168, LATIN, [168, 0]),
    ("a" * 176, LATIN, [168, 8]),
    ("\u20ac" * 83, LATIN, [83]),
    ("\u20ac" * 84, LATIN, [84, 0]),
    (KA * 80, Lines("9", "0"), [80]),
    (KA * 75, KHMER, [75]),
    (KA * 76, KHMER, [68, 8]),
    (KI * 38, KHMER, [68, 8]),
    (KA * 30 + "\u17d4" + KA * 60, KHMER, [31, 60]),
    ("a" * 100 + ". \n" + "b" * 100, BARE, [101, 100]),
]


def own_text(found: tuple[Screen, ...], lines: Lines) -> list[str]:
    """The screens without the lines below."""
    own = []
    for screen in found:
        kept = screen.text.split("\n")
        while kept and kept[-1] in (lines.more, lines.back, *lines.last):
            kept.pop()
        own.append("\n".join(kept[: len(kept) - screen.count]))
    return own


@pytest.mark.parametrize(("text", "lines", "expected"), ROWS)
def test_a_text_in_screens(text: str, lines: Lines, expected: list[int]) -> None:
    assert [len(part) for part in own_text(screens(text, (), lines, Sizes()), lines)] == expected


def test_keys_stand_where_they_lead_somewhere() -> None:
    first, middle, last = screens("a" * 500, (), LATIN, Sizes())
    assert first.text.endswith("\n9 More\n0 Back")
    assert middle.text.endswith("\n9 More\n0 Back")
    assert last.text.endswith("a\n0 Back\n00 Menu")
    assert screens("a" * 500, (), START, Sizes())[0].text.endswith("a\n9 More")


def test_a_screen_more_saves_a_word() -> None:
    words = " ".join(
        ["\u1780\u17b6\u179a\u1784\u17b6\u179a\u1780\u17d2\u179a\u17c5\u179f\u17d2\u179a\u17bb\u1780"] * 10
    )
    for part in own_text(screens(words, (), KHMER, Sizes()), KHMER):
        assert set(part.split(" ")) <= {words.split(" ")[0], ""}


def test_choices_are_numbered_anew_on_each_screen() -> None:
    found = screens("Send a number:", tuple("abcdefghijk"), START, Sizes())
    assert [(screen.first, screen.count) for screen in found] == [(0, MOST_CHOICES), (MOST_CHOICES, 3)]
    assert found[0].text == "Send a number:\n1 a\n2 b\n3 c\n4 d\n5 e\n6 f\n7 g\n8 h\n9 More"
    assert found[1].text == "1 i\n2 j\n3 k\n0 Back"


def test_choices_that_would_be_torn_apart_have_a_screen_of_their_own() -> None:
    text, choices = "What is it? " * 12, ("the first of three", "the second of three", "the third of three")
    found = screens(text, choices, LATIN, Sizes())
    assert [screen.count for screen in found] == [0, 3]
    assert [screen.count for screen in screens("What is it?", choices, LATIN, Sizes())] == [3]


def test_refuses_lines_that_leave_no_room() -> None:
    with pytest.raises(ValueError, match="no text can be cut"):
        screens("\U0001f600" * 100, (), Lines("m" * 39, "b" * 39, before=True), Sizes())
    with pytest.raises(ValueError, match="no room"):
        screens("Which?", ("a" * 190, "b"), LATIN, Sizes())


@given(
    st.text(st.sampled_from("ab .\n\u1780\u17b7\u17d2\u179a\u200b\U0001f600\u20ac[1"), max_size=600)
    | st.text(st.sampled_from("ab .\n\u20ac[1"), max_size=900),
    st.lists(st.text(st.sampled_from("ab \u1780\u179a"), min_size=1, max_size=20), max_size=12),
    st.sampled_from([LATIN, KHMER, START, BARE]),
    st.sampled_from([Sizes(), Sizes(160, 70), Sizes(100, 70)]),
)
def test_every_screen_fits_and_nothing_is_lost(text: str, choices: list[str], lines: Lines, sizes: Sizes) -> None:
    found = screens(text, tuple(choices), lines, sizes)
    for screen in found:
        encoding, ends = measure(screen.text)
        assert ends[-1] <= (sizes.gsm7 if encoding == "GSM-7" else sizes.ucs2)
        assert screen.count <= MOST_CHOICES
    assert sum(screen.count for screen in found) == len(choices)
    own = own_text(found, lines)
    assert re.sub("[ \n]", "", "".join(own)) == re.sub("[ \n]", "", text)
    place = 0
    for part in own:
        while part and text[place] != part[0]:
            place += 1
        assert starts(text, place) or len(text) > 60
        place += len(part)
