"""The words of a broadcast, and what is found wrong with them before anybody gets them."""

from datetime import date
from functools import cache

import pytest

from bot.content.book import Book
from bot.content.loader import load
from bot.services.compose import Composed, Sender, free, from_state
from bot.services.ending import last_line
from bot.text.sms import segments
from bot.text.syllable import mistyped

TODAY = date(2026, 11, 23)
SOUND = {
    "km": "Phlov៖ ថ្ងៃសៅរ៍ មានជំនួបនៅសាលាឃុំ ម៉ោង 8 ព្រឹក។ ចង់ឈប់ ផ្ញើ: ឈប់",
    "km_Latn": "Phlov: thngai sao mean chumnuop nov sala khum maong 8 proek. Chong chhob, phnher: CHHOB",
    "en": "Phlov: a meeting at the commune hall on Saturday, 8 in the morning. To end these texts send STOP",
}


@cache
def book() -> Book:
    return load()


def english(words: str, sender: Sender | None = None) -> Composed:
    return free(book(), {**SOUND, "en": words}, sender)


def told(composed: Composed, level: str, language: str = "en") -> list[str]:
    return [each.what for each in composed.problems if (each.level, each.where) == (level, language)]


def test_a_sound_text_in_three_languages_has_no_problem_and_its_price():
    composed = free(book(), SOUND)
    assert composed.problems == ()
    assert composed.sound
    assert composed.parts == {language: len(segments(words).parts) for language, words in SOUND.items()}
    assert [(text.encoding, text.opens) for text in composed.texts] == [
        ("UCS-2", None),
        ("GSM-7", None),
        ("GSM-7", None),
    ]


def test_the_lines_are_tidied_and_nothing_else_is_changed():
    assert (
        english(f"\r\n  {SOUND['en']} \r\nBring your papers. \n").texts[2].words == f"{SOUND['en']}\nBring your papers."
    )


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("", "There is no text."),
        ("Phlov STOP " + "a" * 450, "It takes 4 SMS parts, 3 are allowed; make it shorter."),
        ("Help for victims! Phlov STOP", "The word 'victim' stands within the first 30 characters, which a "
         "locked phone shows; begin with something harmless."),
        ("Phlov: hello {name}, STOP", "'{' looks like a place that somebody forgot to fill in."),
        ("Phlov: hello [NAME], STOP", "'[NAME]' looks like a place that somebody forgot to fill in."),
        ("Phlov: call XXX XXX, STOP", "'XXX' looks like a place that somebody forgot to fill in."),
        ("Phlov: see bit.ly/3xYz, STOP", "bit.ly hides where it leads; people cannot tell it from a trap. "
         "Say it in words."),
        ("Phlov: ឈប់", "It holds Khmer letters, which phones set to English may not show."),
        ("Phlov \u202eSTOP", "It holds signs that can hide or turn words round (U+202E); type the text anew."),
        ("Phlov\x00 STOP", "It holds signs that can hide or turn words round (U+0000); type the text anew."),
        ("Phlov \ue000 STOP", "It holds signs that can hide or turn words round (U+E000); type the text anew."),
    ],
)  # fmt: skip
def test_what_cannot_be_sent(words, problem):
    composed = english(words)
    assert problem in told(composed, "error")
    assert not composed.sound


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("Phlov STOP \u2019" + "a" * 80, "These signs make it 2 parts instead of 1: '’' (right single "
         "quotation mark), write '."),
        ("Phlov STOP \u2603", "These signs leave room for 70 characters in a part instead of 160: '☃' (snowman)."),
        ("Phlov STOP " + "a" * 151, "2 signs fewer would make it 1 of the 2 parts it takes."),
        ("Phlov STOP www.example.org", "'www.' looks like a link: not every phone opens it, and nobody may need "
         "it to be safe."),
        ("Phlov STOP ask mosavy.gov.kh/a", "'mosavy.gov.kh/' looks like a link: not every phone opens it, and "
         "nobody may need it to be safe."),
        ("Phlov STOP call 012 345 678", "The number 012345678 is not in messages/helplines.yaml: call it before you "
         "send this."),
        ("A meeting. Send STOP", "It does not say who it is from: put Phlov into it."),
        ("Phlov: a meeting on Saturday", "It does not say how to end these texts: add the line "
         "'Phlov: to stop send STOP'."),
        ("Phlov\u200b ST\u00adOP", "2 signs that nobody sees were taken out (zero width spaces: each would cost a "
         "place)."),
    ],
)  # fmt: skip
def test_what_is_only_worth_a_look(words, problem):
    composed = english(words)
    assert told(composed, "warning") == [problem]
    assert composed.sound


def test_the_campaign_may_be_named_instead_of_the_house():
    composed = english("KYA12: a meeting on Saturday. STOP ends this", Sender("KYA12", "Road show"))
    assert told(composed, "warning") == []
    assert told(english("Road Show: a meeting. STOP ends", Sender("KYA12", "Road show")), "warning") == []
    composed = english("A meeting on Saturday. STOP ends this", Sender("KYA12", "Road show"))
    assert told(composed, "warning") == ["It does not say who it is from: put Road show or KYA12 or Phlov into it."]


def test_a_number_of_the_ledger_needs_no_second_look():
    line = next(line for line in book().helplines.values() if line.e164 and line.enabled)
    assert told(english(f"Phlov: call {line.e164}, STOP"), "warning") == []
    assert told(english("Phlov: meeting on 21.11.2026 at 8, 25000 riel. STOP"), "warning") == []


def test_the_other_end_of_a_text_may_be_in_khmer_words():
    composed = free(book(), {"km": "Phlov៖ មានជំនួប។"})
    what = f"It does not say how to end these texts: add the line {last_line(book(), 'km')!r}."
    assert what in told(composed, "warning", "km")
    composed = free(book(), {"km": "Phlov: meeting STOP"})
    assert told(composed, "error", "km") == ["It holds no Khmer letters."]
    composed = free(book(), {"km": SOUND["km"]})
    assert [each.what for each in composed.problems] == [
        "There is no text in Khmer in Latin letters and English: who reads only that gets another language."
    ]
    assert [each.what for each in free(book(), {}).problems] == ["There is no text in any language."]


def test_a_text_of_the_catalog_is_what_the_book_says_and_who_says_it_and_how_to_stop():
    composed = from_state(book(), "topics.checklist", TODAY)
    said = [
        book().answer("topics.checklist", language, here="KH", there=None, today=TODAY) for language in book().catalogs
    ]
    lines = [last_line(book(), language) for language in book().catalogs]
    assert [text.words for text in composed.texts] == [
        f"{text}\n{line}" for text, line in zip(said, lines, strict=True)
    ]
    assert lines[2] == "Phlov: to stop send STOP"
    assert free(book(), dict(zip(book().catalogs, lines, strict=True))).problems == ()
    assert [segments(line).encoding for line in lines] == ["UCS-2", "GSM-7", "GSM-7"]
    assert composed.state == "topics.checklist"
    assert [text.opens for text in composed.texts] == [None, None, None]
    assert not [each for each in composed.problems if "who it is from" in each.what or "how to end" in each.what]


def test_what_the_last_line_costs_is_counted_and_told():
    composed = from_state(book(), "broadcasts.papers", TODAY)
    english = composed.texts[2]
    plain = book().answer("broadcasts.papers", "en", here="KH", there=None, today=TODAY)
    assert (len(segments(plain).parts), english.parts, english.units) == (1, 2, segments(english.words).units)
    assert told(composed, "warning") == [
        "9 signs fewer would make it 1 of the 2 parts it takes.",
        "Its last line, which says how to stop, makes it 2 parts instead of 1.",
    ]
    assert told(from_state(book(), "broadcasts.pay", TODAY), "warning") == []


@pytest.mark.parametrize("state", ["system.started", "broadcasts.ask_yes"])
def test_a_text_that_names_stop_itself_gets_no_other_line(state):
    composed = from_state(book(), state, TODAY)
    for text in composed.texts:
        assert text.words == book().answer(state, text.language, here="KH", there=None, today=TODAY)


def test_a_rest_day_is_no_way_to_stop():
    """In Khmer the word for both is one; in English "stop and call" names no word to send."""
    composed = from_state(book(), "broadcasts.contract", TODAY)
    assert [text.words.endswith(last_line(book(), text.language)) for text in composed.texts] == [True] * 3
    composed = free(book(), {"km": "Phlov៖ ថ្ងៃឈប់សម្រាក មានជំនួប។"})
    assert any("how to end these texts" in each for each in told(composed, "warning", "km"))


def test_a_text_that_asks_leads_into_the_talk():
    composed = from_state(book(), "broadcasts.passport", TODAY)
    assert composed.sound
    assert {text.opens for text in composed.texts} == {"broadcasts.passport"}
    assert composed.texts[2].words.endswith("3. The boss\nPhlov: to stop send STOP")
    menu = from_state(book(), "menu.main", TODAY)
    assert {text.opens for text in menu.texts} == {None}
    assert "asks something that a broadcast may not ask" in menu.problems[0].what


@pytest.mark.parametrize(
    ("state", "words"),
    [("nothing.here", "is not in the catalog"), ("join.ask", "that only a talk can fill"), ("sos", "people who asked")],
)
def test_texts_of_the_catalog_that_are_not_for_everybody(state, words):
    composed = from_state(book(), state, TODAY)
    assert not composed.sound
    assert any(words in problem.what for problem in composed.problems)


def test_a_text_that_differs_between_countries_goes_to_one_of_them_only():
    differing = next(state for state in book().states.values() if "TH" in state.by_country and not state.sensitive)
    alone = from_state(book(), differing.id, TODAY, countries=["TH"])
    assert alone.texts[2].words.startswith(book().answer(differing.id, "en", here="TH", there=None, today=TODAY))
    both = from_state(book(), differing.id, TODAY, countries=["TH", "KH", None])
    assert any("read other words; make a broadcast for each country" in problem.what for problem in both.problems)
    assert not both.sound


def khmer(words: str) -> list[str]:
    return told(free(book(), {**SOUND, "km": f"Phlov៖ {words} ផ្ញើ: ឈប់"}), "warning", "km")


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("ធើ្វ", "ធ្វើ"),  # the vowel before the subscript
        ("លេី", "លើ"),  # one vowel typed as two
        ("ខំ្ញុ", "ខ្ញុំ"),
        ("មុឺ", "ម៉ឺ"),  # a vowel for the register shifter
        ("ល់់", "ល់"),
        ("ក្", "ក"),
    ],
)
def test_khmer_that_some_phones_show_wrong_is_told(typed, right):
    assert khmer(f"{typed}។") == [
        f"Some phones show these syllables wrong: {typed!r}, write {right!r}. They may look alike here: type them in "
        "the order letter, subscript, vowel, sign, each once."
    ]


def test_signs_without_a_letter_and_signs_nobody_sees_are_told():
    assert khmer("។ា។") == ["It holds Khmer signs without a letter, which phones show on a dotted ring."]
    assert khmer("ក\u17b4ា") == ["1 sign that nobody sees was taken out (zero width spaces: each would cost a place)."]


def test_no_khmer_text_of_the_house_is_told_to_be_mistyped():
    said = book().catalogs["km"].values()
    assert [found for text in said for found in mistyped(text)] == []


def test_accepted_spellings_are_not_told_to_be_mistyped():
    for word in ("សណ្ដាប់", "សណ្តាប់", "ម៉ឺន", "ស៊ី", "ប្រ៊ីន", "ប៊្រីន", "ឲ្យ", "ឱ្យ", "អោយ", "ណ៎ះ", "ស្ត្រី", "ធម៌"):
        assert mistyped(word) == []
