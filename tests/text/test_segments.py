"""`phlov segments` against 3GPP TS 23.038 and TS 23.040: a table of edge cases, and what holds for every text."""

from __future__ import annotations

from unicodedata import category

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.text.cluster import clusters, starts
from bot.text.sms import Segments, describe, forcing, segments

STRI = "\u179f\u17d2\u178f\u17d2\u179a\u17b8"  # "woman": one cluster of six units
KNHOM = "\u1781\u17d2\u1789\u17bb\u17c6"  # "I": one cluster of five units
KA = "\u1780"
KI = "\u1780\u17b7"  # one cluster of two units
STOP = "\u17d4"  # the Khmer full stop
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"  # eight units
THUMB = "\U0001f44d\U0001f3fd"  # four units
FLAG = "\U0001f1f0\U0001f1ed"  # four units
HEART = "\u2764\ufe0f"  # two units
GREEK = "\u0394\u03a6\u0393\u039b\u03a9\u03a0\u03a8\u03a3\u0398\u039e"

# text, alphabet, units of the whole, units of each part, the reason
TABLE = [
    # The default alphabet: which characters it holds (TS 23.038, 6.2.1)
    ("", "GSM-7", 0, [0], "an empty text is still one message, with no user data"),
    ("a", "GSM-7", 1, [1], "one septet"),
    ("@\u00a3$\u00a5\u00e8\u00e9\u00f9\u00ec\u00f2", "GSM-7", 9, [9], "first column"),
    ("\u00c7", "GSM-7", 1, [1], "capital C cedilla is 0x09"),
    ("\u00e7", "UCS-2", 1, [1], "small c cedilla is not in the table"),
    (GREEK, "GSM-7", 10, [10], "the ten Greek capitals with no Latin twin"),
    ("\u0391", "UCS-2", 1, [1], "Greek Alpha is not in the table; its twin Latin A is"),
    ("\u03b4", "UCS-2", 1, [1], "small Greek letters are not in the table"),
    ("\u2126", "UCS-2", 1, [1], "OHM SIGN looks like Omega but is another character"),
    ("\u00c4\u00d6\u00d1\u00dc\u00a7\u00bf\u00e4\u00f6\u00f1\u00fc\u00e0", "GSM-7", 11, [11], "last columns"),
    ("\u00e1", "UCS-2", 1, [1], "a acute is not in the table, a grave is"),
    ("\u00c0", "UCS-2", 1, [1], "capital A grave is not in the table"),
    ("\u00a4\u00a1\u00df\u00c9\u00c6\u00e6\u00c5\u00e5\u00d8\u00f8", "GSM-7", 10, [10], "one septet each"),
    ("\n", "GSM-7", 1, [1], "line feed is 0x0A"),
    ("\r", "GSM-7", 1, [1], "carriage return is 0x0D"),
    ("\r\n", "GSM-7", 2, [2], "two characters, two septets"),
    ("\t", "UCS-2", 1, [1], "tab is not in the table"),
    ("\f", "GSM-7", 2, [2], "form feed is 0x0A of the extension table"),
    ("\x1b", "UCS-2", 1, [1], "ESC is the way to the extension table, no character of a text"),
    ("\x00", "UCS-2", 1, [1], "NUL is not in the table; 0x00 is @"),
    ("`", "UCS-2", 1, [1], "grave accent is not in the table"),
    ("'", "GSM-7", 1, [1], "straight quotes are"),
    ("\u2019", "UCS-2", 1, [1], "curly quotes are not"),
    ("\u201cHELP\u201d", "UCS-2", 6, [6], "one curly quote makes the whole text UCS-2"),
    ("\u2013", "UCS-2", 1, [1], "en dash is not"),
    ("\u2026", "UCS-2", 1, [1], "ellipsis is not"),
    ("a\u00a0b", "UCS-2", 3, [3], "no-break space is not the space"),
    ("a\u200bb", "UCS-2", 3, [3], "zero width space costs a unit and the alphabet"),
    ("_", "GSM-7", 1, [1], "low line is 0x11"),
    ("\u00b0", "UCS-2", 1, [1], "degree is not in the table"),
    ("\uff41", "UCS-2", 1, [1], "full width a"),
    ("e\u0301", "UCS-2", 2, [2], "decomposed e acute; nothing is composed on the way out"),
    # The extension table (6.2.1.1)
    ("\u20ac", "GSM-7", 2, [2], "euro is ESC and 0x65"),
    ("^{}\\[~]|", "GSM-7", 16, [16], "two septets each"),
    ("[\u1780]", "UCS-2", 3, [3], "in UCS-2 the extension characters are one unit again"),
    # 140 octets: 160 septets, or 153 beside a header of six octets
    ("a" * 159, "GSM-7", 159, [159], ""),
    ("a" * 160, "GSM-7", 160, [160], "a full message"),
    ("a" * 161, "GSM-7", 161, [153, 8], "one more: two parts with headers"),
    ("a" * 306, "GSM-7", 306, [153, 153], "2 x 153"),
    ("a" * 307, "GSM-7", 307, [153, 153, 1], ""),
    ("a" * 459, "GSM-7", 459, [153] * 3, "3 x 153"),
    ("a" * 158 + "\u20ac", "GSM-7", 160, [160], "the extension character fills the last two septets"),
    ("a" * 159 + "\u20ac", "GSM-7", 161, [153, 8], "161 septets"),
    ("\u20ac" * 80, "GSM-7", 160, [160], ""),
    ("\u20ac" * 81, "GSM-7", 162, [152, 10], "153 is odd: one septet stays free"),
    ("\u20ac" * 153, "GSM-7", 306, [152, 152, 2], "306 septets, yet three parts: no pair may be split"),
    ("a" * 152 + "\u20ac" + "a" * 151, "GSM-7", 305, [152, 153], "a pair at 153/154 moves to the next part"),
    ("a" * 152 + "\u20ac" + "a" * 152, "GSM-7", 306, [152, 153, 1], "and that can cost a part"),
    ("a" * 151 + "\u20ac" + "a" * 153, "GSM-7", 306, [153, 153], "a pair at 152/153 stays"),
    ("a" * 152 + "\f" + "a" * 20, "GSM-7", 174, [154 - 2, 22], "form feed too"),
    ("a" * 152 + "\r\n" + "a" * 20, "GSM-7", 174, [152, 22], "CR and LF stay together"),
    # 140 octets: 70 units of two octets, or 67 beside the header
    (KA * 70, "UCS-2", 70, [70], "a full message"),
    (KA * 71, "UCS-2", 71, [67, 4], "one more"),
    (KA * 134, "UCS-2", 134, [67, 67], "2 x 67"),
    (KA * 135, "UCS-2", 135, [67, 67, 1], ""),
    ("a" * 69 + "\u2019", "UCS-2", 70, [70], "one character decides for all"),
    ("a" * 70 + "\u2019", "UCS-2", 71, [67, 4], "the same text in GSM-7 would be one message"),
    # Surrogate pairs count two and stay whole
    ("\U0001f600", "UCS-2", 2, [2], ""),
    ("\U0001f600" * 35, "UCS-2", 70, [70], ""),
    ("\U0001f600" * 36, "UCS-2", 72, [66, 6], "67 is odd"),
    ("a" * 66 + "\U0001f600" + "a" * 10, "UCS-2", 78, [66, 12], "a pair at 67/68 moves on"),
    ("a" * 65 + "\U0001f600" + "a" * 10, "UCS-2", 77, [67, 10], "a pair at 66/67 stays"),
    # Clusters stay whole
    (KI * 36, "UCS-2", 72, [66, 6], "no part starts on a vowel"),
    (KI * 67, "UCS-2", 134, [66, 66, 2], "which can cost a part"),
    (STRI * 12, "UCS-2", 72, [66, 6], "subscripts and vowel stay with their letter"),
    (KA * 64 + STRI + KA * 4, "UCS-2", 74, [64, 10], "a cluster over the limit moves on"),
    (KA * 61 + STRI + KI * 4, "UCS-2", 75, [67, 8], "a cluster up to the limit stays"),
    (KNHOM * 14, "UCS-2", 70, [70], ""),
    ("a" * 66 + "e\u0301" + "b" * 5, "UCS-2", 73, [66, 7], "a combining accent is never first"),
    ("a" * 66 + HEART + "b" * 5, "UCS-2", 73, [66, 7], "nor a variation selector"),
    ("a" * 60 + FAMILY + "b" * 9, "UCS-2", 77, [60, 17], "nor the rest of a joined emoji"),
    ("a" * 65 + THUMB + "b" * 9, "UCS-2", 78, [65, 13], "nor a skin tone"),
    ("a" * 65 + FLAG + "b" * 9, "UCS-2", 78, [65, 13], "nor half a flag"),
    (FLAG * 18, "UCS-2", 72, [64, 8], "flags pair from their start"),
    ("\u1780" + "\u0301" * 99, "UCS-2", 100, [67, 33], "one cluster over a part is cut between characters"),
    # Nicer cuts, where they cost no part
    ("a" * 100 + ". " + "b" * 100, "GSM-7", 202, [102, 100], "after a sentence"),
    (
        "a" * 100 + "\n\n" + "b" * 20 + ". " + "c" * 60,
        "GSM-7",
        184,
        [102, 82],
        "after a paragraph rather than a sentence",
    ),
    ("a" * 50 + ". " + "b" * 58 + " " + "c" * 60, "GSM-7", 171, [52, 119], "after a sentence rather than a phrase"),
    ("a" * 9 + ". " + "b" * 160, "GSM-7", 171, [153, 18], "but not where the rest no longer fits"),
    ("a" * 40 + " " + "b" * 60 + " " + "c" * 80, "GSM-7", 182, [102, 80], "the later of two"),
    ("a" * 100 + "\n" + "b" * 45 + "\n1. Thailand" * 3, "GSM-7", 182, [147, 35], "at the end of a line"),
    ("a" * 149 + "\n1. " + "b" * 30, "GSM-7", 183, [150, 33], "not between the number of a menu line and its label"),
    ("a" * 148 + "\n12. " + "b" * 30, "GSM-7", 183, [149, 34], "also with two digits"),
    ("a" * 145 + " 023 880 881 " + "b" * 30, "GSM-7", 188, [146, 42], "not inside a telephone number"),
    ("a" * 145 + " (023) (880)  881 " + "b" * 30, "GSM-7", 193, [146, 47], "however it is written"),
    ("a" * 140 + " call 1280. " + "b" * 30, "GSM-7", 182, [152, 30], "a number may end a sentence"),
    (KA * 30 + STOP + KA * 60, "UCS-2", 91, [31, 60], "after a Khmer full stop, no space needed"),
    (KA * 40 + "\u200b" + KA * 60, "UCS-2", 101, [41, 60], "at a zero width space"),
    (KA * 60 + KI + KA * 20, "UCS-2", 82, [60, 22], "else before a letter with a vowel: more likely a word"),
    (KA * 66 + "\u17d7" + KA * 20, "UCS-2", 87, [67, 20], "the sign of repetition stays with its word"),
]


def units(part: str, encoding: str) -> int:
    """Counted another way than the code under test does."""
    if encoding == "GSM-7":
        return len(part) + sum(part.count(char) for char in "^{}\\[~]|\u20ac\f")
    return len(part.encode("utf-16-le", "surrogatepass")) // 2


def test_the_table_is_long_enough() -> None:
    assert len(TABLE) >= 60


@pytest.mark.parametrize(("text", "encoding", "total", "parts", "why"), TABLE)
def test_agrees_with_the_standard(text: str, encoding: str, total: int, parts: list[int], why: str) -> None:
    found = segments(text)
    assert (found.encoding, found.units) == (encoding, total), why
    assert [units(part, encoding) for part in found.parts] == parts, why
    assert "".join(found.parts) == text


def test_describes_in_plain_values() -> None:
    assert describe("\u20ac" * 81) == {"encoding": "GSM-7", "units": 162, "parts": ["\u20ac" * 76, "\u20ac" * 5]}


def test_says_which_characters_force_unicode() -> None:
    assert forcing("Don\u2019t pay [1] \u20ac5 `now`") == [(3, "\u2019"), (17, "`"), (21, "`")]
    assert forcing("plain") == []


KHMER_SIGNS = "\u17b6\u17b7\u17bb\u17c1\u17c6\u17c7\u17c9\u17ca\u17cb\u17cc\u17d2\u17d0"
LETTERS = "\u1780\u1781\u178f\u179a\u179f\u17a2"
TRICKY = st.text(
    st.sampled_from(LETTERS + KHMER_SIGNS + " \u200b.\n\r\u17d4\u17d7ab1\u20ac\u0301\ufe0f\u200d\u200c\u0e33")
    | st.sampled_from([*FAMILY, *FLAG, *THUMB, "\ud83d", "\udc4d"]),
    max_size=400,
)
ANY = st.text(max_size=400) | TRICKY | st.text(st.sampled_from("ab .\n\u20ac[1"), min_size=150, max_size=500)


@given(ANY)
def test_joining_parts_gives_back_the_text(text: str) -> None:
    assert "".join(segments(text).parts) == text


@given(ANY)
@example("\u1780" + "\u0301" * 200)
def test_no_part_is_over_its_limit(text: str) -> None:
    found = segments(text)
    whole, joined = (160, 153) if found.encoding == "GSM-7" else (70, 67)
    limit = whole if len(found.parts) == 1 else joined
    assert all(units(part, found.encoding) <= limit for part in found.parts)
    assert found.units == sum(units(part, found.encoding) for part in found.parts)


@given(ANY)
def test_no_part_starts_inside_a_cluster(text: str) -> None:
    found = segments(text)
    ends, place = {0}, 0
    for cluster in clusters(text):
        giant = units(cluster, "UCS-2") > 67
        ends.update(range(place, place + len(cluster)) if giant else (place,))
        place += len(cluster)
    place = 0
    for part in found.parts[:-1]:
        place += len(part)
        assert place in ends


@given(TRICKY)
def test_no_part_starts_on_a_dependent_sign(text: str) -> None:
    for part in segments(text).parts[1:]:
        inside = category(part[0])[0] == "M" or part[0] in "\u200c\u200d\udc4d\U0001f3fd\u0e33"
        assert not inside or max(units(cluster, "UCS-2") for cluster in clusters(text)) > 67


@given(ANY)
def test_takes_no_more_parts_than_filling_them_up_would(text: str) -> None:
    found = segments(text)
    if len(found.parts) == 1 or max(units(cluster, "UCS-2") for cluster in clusters(text)) > 67:
        return
    limit = 153 if found.encoding == "GSM-7" else 67
    count, used = 1, 0
    for cluster in clusters(text):
        size = units(cluster, found.encoding)
        count, used = (count + 1, size) if used + size > limit else (count, used + size)
    assert len(found.parts) == count


def test_is_a_value() -> None:
    assert segments("a") == Segments("GSM-7", 1, ("a",))
    assert all(starts("ab", place) for place in (-1, 0, 1, 2, 3))
