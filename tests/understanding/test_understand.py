"""Topics, languages and commands of single texts; thresholds over all labelled texts; and what holds for any text."""
# ruff: noqa: E501, SIM905  (Khmer is narrower than it counts)

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content.lexicon import load
from bot.conversation.understand import Reader
from bot.text.khmer import fold
from tests.understanding.measure import DEV, OWN, ROOT, Row, reader, rows

EAR = reader()
ISSUE = """legal_route documents costs agency_check job_offer warning_signs loans border unpaid_wages passport_kept
missing_person sos helplines menu language stop start erase human quiz story more back""".split()

COMMANDS = """
menu menu|MENU|main menu|menu pong|ម៉ឺនុយ
more more|NEXT|បន្ត|bontor|BANTOR|បន្តទៀត
back back|ថយ|thoy|TROLOB|ថយក្រោយ|go back to previous
start start|START|ចាប់ផ្ដើម|ចាប់ផ្តើម|chab pdaem|CHABPDAEM|subscribe
erase erase|លុប|LUB|delete my data|លុបលេខខ្ញុំ|lub lek knhm jol
human person|មនុស្ស|MONUS|call me|talk to a person
quiz quiz|សំណួរ|test me
story story|រឿង|roeung
language language|ភាសា|PHEASA|khmer|ខ្មែរ|english|latin|i see boxes
helplines numbers|NUMBERS|លេខ|hotline
sos SOS|help|chuoy|CHUMNUOY|ជំនួយ
greeting hello|សួស្ដី|orkun|thank you
"""
COMMAND_ROWS = [
    (topic, text)
    for topic, _, texts in (line.partition(" ") for line in COMMANDS.strip().splitlines())
    for text in texts.split("|")
]


@pytest.mark.parametrize(("topic", "text"), COMMAND_ROWS)
def test_command(ear: Reader, topic: str, text: str) -> None:
    assert ear.understand(text).topic == topic


@pytest.mark.parametrize(
    ("topic", "text"),
    [
        ("return_home", "go back home"),
        ("return_home", "i want to go back to cambodia"),
        ("study", "can i go back to school"),
        ("contract", "contract in Thai language should i sign"),
        ("documents", "ចង់សួរពីវីសា"),
        ("rights", "can i change employer"),
        ("human", "call me back"),
        ("unpaid_wages", "help me my boss did not pay my salary"),
        ("passport_kept", "boss took my passport and does not give it back"),
    ],
)
def test_a_command_word_inside_a_sentence_is_no_command(ear: Reader, topic: str, text: str) -> None:
    assert ear.understand(text).topic == topic


@pytest.mark.parametrize(("text", "language"), [("ខ្មែរ", "km"), ("khmer", "km"), ("english", "en"), ("អង់គ្លេស", "en"), ("LATIN", "km_Latn"),
                                                ("i see only boxes", "km_Latn"), ("language", None), ("pheasa", None)])  # fmt: skip
def test_the_language_asked_for(ear: Reader, text: str, language: str | None) -> None:
    found = ear.understand(text)
    assert (found.topic, found.language) == ("language", language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("ថៅកែមិនបើកលុយ", "km"),
        ("page facebook ក្រុមហ៊ុន", "km"),
        ("thaoke min berk luy", "km_Latn"),
        ("boss ot oy passport nhom vinh", "km_Latn"),
        ("my boss did not pay me", "en"),
        ("12345", None),
        ("", None),
        ("zzqx", None),
    ],
)
def test_the_language_written(ear: Reader, text: str, language: str | None) -> None:
    assert ear.language(text) == language


def test_the_three_encodings_of_a_word_are_one(ear: Reader) -> None:
    found = {ear.understand(f"{word}រៀបការទៅចិនតាមមេអណ្ដើក") for word in ("ស្ត្រី", "ស្រ្តី", "ស្រី្ត")}
    assert [each.topic for each in found] == ["marriage_abroad"]


@pytest.mark.parametrize(
    "text",
    [
        "Your OTP code is 332211. Do not share.",
        "This is an automated response. I am driving and will get back to you.",
        "Congratulations! You won $10,000. Click here",
    ],
)
def test_a_machine_is_told_from_a_person(ear: Reader, text: str) -> None:
    found = ear.plain(text)
    assert found is not None
    assert (found.topic, found.confidence) == ("none", 1.0)


def test_nothing_fits(ear: Reader) -> None:
    """Noise is answered with the menu, not with silence, which is for machines."""
    assert ear.understand("asdfgh").topic == "none"
    assert ear.understand("asdfgh").confidence < 1.0


def right(found: list[Row]) -> float:
    return sum(EAR.understand(row.text).topic in row.topics for row in found) / len(found)


def test_the_development_questions() -> None:
    questions = rows(DEV)
    assert right([row for row in questions if row.topic == "sos"]) == 1.0
    assert right([row for row in questions if row.topic in ISSUE]) >= 0.95
    assert right(questions) >= 0.95
    placed = [row for row in questions if row.country]
    assert sum(EAR.understand(row.text).country == row.country for row in placed) / len(placed) >= 0.95


@pytest.mark.parametrize("half", ["tune", "held", "fresh", "last"])
def test_the_other_texts(half: str) -> None:
    texts = rows(OWN, half)
    assert right([row for row in texts if row.topic == "sos"]) == 1.0
    assert right(texts) >= 0.95
    others = [row for row in texts if "sos" not in row.topics]
    assert sum(EAR.understand(row.text).topic == "sos" for row in others) / len(others) <= 0.03


def test_the_texts_of_a_stranger() -> None:
    """Written by somebody who had not seen the vocabulary: harder, with many calm texts full of alarming words."""
    texts = rows(OWN, "review")
    assert right([row for row in texts if row.topic == "sos"]) >= 0.97
    assert right(texts) >= 0.85
    others = [row for row in texts if "sos" not in row.topics]
    assert sum(EAR.understand(row.text).topic == "sos" for row in others) / len(others) <= 0.08


def test_every_whole_text_means_one_thing() -> None:
    whole = load(ROOT / "messages").whole
    meanings = Counter(text for words in whole.values() for text in {fold(word).replace(" ", "") for word in words})
    assert [text for text, count in meanings.items() if count > 1] == []


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200) | st.text(alphabet=st.characters(min_codepoint=0x1780, max_codepoint=0x17F9), max_size=60))
def test_any_text_is_understood_somehow_and_folding_changes_nothing(text: str) -> None:
    assert EAR.understand(text) == EAR.understand(fold(text))
