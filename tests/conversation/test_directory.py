"""A name is found as people write it; what only looks like it is asked about; what is not there is not."""

import pytest
from stories.stage import words

from bot.conversation.directory import Directory, Speller
from bot.conversation.registry import Agency

SPELLER = Speller(words()[0].lexicon.agencies)
NAMES = {
    "meas": ("Rumdoul Meas Manpower Co., Ltd", "រំដួលមាស មេនផៅវើ ខូអិលធីឌី"),
    "phum": ("Sovan Phum (Cambodia) Co., Ltd.", "សុវណ្ណភូមិ (ខេមបូឌា) ឯ.ក"),
    "tk": ("T & K Human Resource Co., Ltd", ""),
    "cdn": ("C.D.N. Trading Manpower", "ស៊ី.ឌី.អិន"),
    "thmey": ("Phnom Thmey Services", "ភ្នំថ្មី សេវាកម្ម"),
    "thmei": ("Phnom Thmei Group Co Ltd", "ភ្នំថ្មី គ្រុប"),
    "sunrise": ("Angkor Sunrise Labour Supply Co", "អង្គរ សាន់រ៉ាយ"),
    "lotus": ("Angkor Lotus International Recruitment", "អង្គរ ឡូតឹស"),
    "daiku": ("", "ដៃគូពលករថ្មី"),
    "chan": ("Chan Reaksmey Manpower Co., Ltd", "ច័ន្ទរស្មី"),
}
LIST = {key: Agency(*names, licence=f"{number:03}/20") for number, (key, names) in enumerate(NAMES.items(), 10)}
KEYS = {agency: key for key, agency in LIST.items()}
DIRECTORY = Directory(LIST.values(), SPELLER)


def found(text: str) -> str:
    """The key of the agency meant; `?` and keys where several may be; nothing."""
    finding = DIRECTORY.find(SPELLER.asked(text) or "")
    if finding.agency:
        return KEYS[finding.agency]
    return " ".join(["?", *sorted(KEYS[each] for each in finding.maybe)]) if finding.maybe else ""


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("rumdoul meas", "meas"),
        ("RUMDOULMEAS co ltd", "meas"),
        ("Rumduol meas", "meas"),
        ("romdoul meas company", "meas"),
        ("រំដួលមាស", "meas"),
        ("ក្រុមហ៊ុន រំដួល មាស", "meas"),
        ("រំដូលមាស", "meas"),
        ("is rumdoul meas real?", "meas"),
        ("រំដួលមាស មែនទេ", "meas"),
        ("suvan phoum", "phum"),
        ("សុវណ្ណភូមិ", "phum"),
        ("T&K", "tk"),
        ("tk manpower", "tk"),
        ("T and K company", "tk"),
        ("cdn", "cdn"),
        ("ច័ន្ទរស្មី", "chan"),
        ("chann raksmei manpower", "chan"),
        ("014/20", "thmey"),
        ("១៤ 014/20", ""),
    ],
)
def test_is_found(text, key):
    assert found(text) == key


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("phnom thmey", "? thmei thmey"),
        ("pnom tmey", "? thmei thmey"),
        ("ភ្នំថ្មី", "? thmei thmey"),
        ("angkor", "? lotus sunrise"),
        ("meas", "? meas"),
        ("sovannaphum", "? phum"),
        ("រមដួលមាស", "? meas"),
        ("dai ku thmey", "? daiku"),
        ("meas rumdoul", "? meas"),
        ("rumdoul meas thailand", "? meas"),
    ],
)
def test_is_asked_about(text, keys):
    assert found(text) == keys


@pytest.mark.parametrize(
    "text", ["golden bridge", "ABC", "boss", "cdm", "xyz manpower", "lucky star", "រដ្ឋា", "manpower", ""]
)
def test_is_not_there(text):
    assert found(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "took my passport",
        "said i must pay 500",
        "yok luy nhom",
        "យកលុយខ្ញុំ",
        "ណាល្អ",
        "who is good",
        "cheat me",
    ],
)
def test_a_sentence_gives_no_name(text):
    assert SPELLER.asked(text) is None


@pytest.mark.parametrize("text", ["", "is it real?", "ពិតទេ", "name", "good", "list"])
def test_a_question_without_a_name(text):
    assert SPELLER.asked(text) == ""


def test_a_name_may_hold_letters_of_a_sentence():
    """NA is a word of its own only where no letter stands above it."""
    assert SPELLER.asked("វណ្ណារិទ្ធ") == "វណ្ណារិទ្ធ"


def test_an_empty_list_finds_nothing():
    assert Directory((), SPELLER).find("rumdoul") == (None, ())
