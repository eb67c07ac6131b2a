"""What the Khmer dictionary and the list of further words find in a catalog."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from bot.check import Problem
from bot.check import spelling as checked
from bot.check.spelling import dictionary, reviewed_words, spelling, unknown
from bot.content.faults import Faults
from bot.content.loader import MESSAGES

SOUND = Path(__file__).parent / "content" / "sound"
KM = "locale/km/LC_MESSAGES/messages.po"
WORDS = "messages/words.yaml"
NOTHING: frozenset[str] = frozenset()


@pytest.fixture(autouse=True)
def tool() -> None:
    if dictionary() is None:
        assert not os.environ.get("CI"), "CI must look words up"
        pytest.skip("the Khmer dictionary is not installed here")


@pytest.fixture
def spell(tmp_path: Path):
    """The problems of a copy of the sound content in which `old` is replaced."""

    def spell(name: str = KM, old: str = "", new: str = "") -> list[Problem]:
        shutil.copytree(SOUND, tmp_path / "sound")
        path = tmp_path / "sound" / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return spelling(tmp_path / "sound" / "messages", tmp_path / "sound" / "locale")

    return spell


def test_the_real_catalog_holds_no_unknown_word():
    assert spelling() == []


def test_the_sound_catalog_holds_no_unknown_word(spell):
    assert spell() == []


# Each wrong text with the part that is told.
WRONG = [
    ("លិខឹតឆ្លងដែន", "លិខឹ"),  # a vowel that no word has
    ("ទៅធ្វើកានៅថៃ", "ធ្វើកា"),  # a letter lost; what is left are two words
    ("ប្រាក់ខែរ", "ខែរ"),  # a letter too many
    ("កម្ពុ្ជា", "ក"),  # signs in another order
    ("ទូរសប្ទ", "ប្ទ"),  # two letters changed places
]


@pytest.mark.parametrize(("text", "part"), WRONG)
def test_finds(spell, text, part):
    found = spell(KM, "ព្រំដែនបិទ។", f"ព្រំដែន {text} 5។")
    assert [problem for problem in found if f"{part!r} is no known Khmer word" in problem.what], found
    assert {(problem.level, problem.where) for problem in found} == {("error", f"{KM}:{line('ព្រំដែនបិទ។')}")}


def line(text: str) -> int:
    """The line at which the entry of a translation begins."""
    lines = (SOUND / KM).read_text(encoding="utf-8").split("\n")
    said = next(number for number, each in enumerate(lines, 1) if text in each)
    return max(number for number, each in enumerate(lines[:said], 1) if each.startswith("msgctxt"))


RIGHT = ["ខ្ញុំស្រឡាញ់ប្រទេសកម្ពុជា", "ធ្វើការនៅថៃ ១២៩៧", "ប.ស.ស. 5", "{tel:kh-1297} ឬ", "OK ឬទេ", "យូរៗ"]


@pytest.mark.parametrize("text", RIGHT)
def test_lets_pass(spell, text):
    assert spell(KM, "ព្រំដែនបិទ។", f"ព្រំដែន {text}") == []


def test_guesses_what_was_meant():
    assert ("ធ្វើកា", " (perhaps ធ្វើការ or ធោវិកា)") in unknown("ទៅធ្វើកានៅថៃ", NOTHING)


def test_a_reviewed_word_is_known_as_a_whole():
    assert unknown("នៅអារ៉ាប៊ីសាអូឌីតទេ", NOTHING)
    assert unknown("នៅអារ៉ាប៊ីសាអូឌីតទេ", frozenset({"អារ៉ាប៊ីសាអូឌីត"})) == ()


def test_a_reviewed_word_is_seen_where_the_dictionary_cuts_otherwise():
    assert unknown("វីសាណាសម្រាប់ធ្វើការ", NOTHING)
    assert unknown("វីសាណាសម្រាប់ធ្វើការ", frozenset({"វីសា"})) == ()


def test_a_reviewed_word_does_not_excuse_a_part_of_another():
    assert unknown("លិខឹតឆ្លងដែន", frozenset({"ខឹត"}))


REFUSED = [
    ("spoken: []", "spoken: [ថៃ, ថៃ]", "'ថៃ' comes twice"),
    ("spoken: []", "spoken: [two words]", "is not one word of Khmer letters"),
    ("spoken: []", "slang: []", "unknown key 'slang'"),
    ("state: drafted", "state: perfect", "'state' must be one of: drafted, read"),
    ("review:", "#", "'state' must be one of"),
]


@pytest.mark.parametrize(("old", "new", "told"), REFUSED)
def test_refuses_a_list_that_is_no_list_of_words(spell, old, new, told):
    assert [problem for problem in spell(WORDS, old, new) if problem.where.startswith(WORDS) and told in problem.what]


def test_a_missing_list_is_told(spell, tmp_path):
    spell()
    (tmp_path / "sound" / WORDS).unlink()
    found = spelling(tmp_path / "sound" / "messages", tmp_path / "sound" / "locale")
    assert found == [Problem("error", f"{WORDS}:1", "cannot be read (No such file or directory)")]


def test_every_reviewed_word_is_needed():
    """The dictionary of a later year may hold it; then it goes from the list."""
    faults = Faults()
    words = reviewed_words(MESSAGES, faults)
    assert faults.found == []
    tool = dictionary()
    assert tool
    assert [word for word in sorted(words) if tool.is_spelling_valid(word)] == []


def test_without_the_tool_one_line_says_so(monkeypatch):
    monkeypatch.setattr(checked, "dictionary", lambda: None)
    assert [(problem.level, problem.what) for problem in spelling()] == [("warning", checked.MISSING)]
    assert unknown("កកកក", frozenset({"nothing else"})) == ()
