"""What `bot.check` finds in content that loads."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.check import Problem, check
from bot.check.readers import forms
from bot.check.sizes import median
from bot.check.wording import alarming
from bot.content import words
from bot.content.book import Fill
from bot.content.loader import LOCALE, MESSAGES, load
from bot.content.model import UNTRAINED

SOUND = Path(__file__).parent / "content" / "sound"
TODAY = date(2026, 11, 22)

TOPICS = "messages/states/topics.yaml"
SYSTEM = "messages/states/system.yaml"
LINES = "messages/helplines.yaml"
NOTICES = "messages/notices.yaml"
SAFETY = "messages/safety.yaml"
KM = "locale/km/LC_MESSAGES/messages.po"
LATN = "locale/km_Latn/LC_MESSAGES/messages.po"


@pytest.fixture
def spoilt(tmp_path):
    """Loads a copy of the sound content in which `old` is replaced."""

    def spoil(name, old, new):
        shutil.copytree(SOUND, tmp_path / "sound")
        path = tmp_path / "sound" / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return load(tmp_path / "sound/messages", tmp_path / "sound/locale")

    return spoil


@pytest.fixture(scope="module")
def book():
    return load(SOUND / "messages", SOUND / "locale")


def found(book, today=TODAY, strict=False):
    return {f"{problem.level}: {problem.where}: {problem.what}" for problem in check(book, today=today, strict=strict)}


LONG = "long " * 100

ROWS = [
    # sizes
    (TOPICS, "Ask {call:debt}.", LONG, "error: messages/states/topics.yaml:18: topics.loans in en: page 1 takes 4 SMS"),
    (
        TOPICS,
        "  more: [Second page.]\n  by",
        f"  more: [{LONG}]\n  by",
        "topics.loans in km: page 2 takes 4 SMS (499 units), 2 allowed",
    ),
    (TOPICS, "or in Thailand", LONG + "Thailand", "for somebody in TH asking about no country"),
    (
        NOTICES,
        "The land border is closed.",
        LONG,
        "topics.legal_route in en: page 1 takes 4 SMS (549 units), 3 allowed",
    ),
    (
        TOPICS,
        "{country}: {tel:th-191}",
        "{country}: " + LONG,
        "countries.TH in en: page 1 takes 4 SMS (523 units), 2 allowed",
    ),
    # emergency
    (
        SYSTEM,
        "{tel:mo-999} {tel:kh-office}",
        "{tel:mo-999} {tel:kh-office} " + LONG,
        "sos in en for MO: more than one SMS",
    ),
    (
        SYSTEM,
        "{tel:mo-999} {tel:kh-office}",
        "{tel:mo-999}",
        "sos in km for MO: fewer than two numbers that can be dialled there",
    ),
    (SYSTEM, "{tel:mo-999} {tel:kh-office}", "{tel:mo-999} {local:kh-117}", "sos in km for MO: fewer than two numbers"),
    (
        SYSTEM,
        "{tel:mo-999} {tel:kh-office}",
        "{tel:mo-999} {call:police} www.x.org",
        "sos in en for MO: a web address is no help",
    ),
    (
        SYSTEM,
        "{tel:mo-999}",
        "x" * 70 + " {tel:mo-999}",
        "sos in en for MO: the first number does not end within the first 70",
    ),
    # translations
    (KM, 'msgstr "ថៃ"', 'msgstr "Thai"', "error: messages (country): country in km: 'Thailand' holds no Khmer."),
    (KM, 'msgstr "ការងារ"', 'msgstr ""', "error: messages (role): role in km: 'labour office' is not translated."),
    (
        LATN,
        'UTF-8\\n"\n',
        'UTF-8\\n"\n\nmsgctxt "notice/border"\nmsgid "The land border is closed."\nmsgstr "ព្រំដែន"\n',
        "error: messages/notices.yaml:2: notice/border in km_Latn: 'The land border is closed.' holds 'ព'",
    ),
    (SYSTEM, "Say it in other words.", "Say “it”.", "system.fallback in en: 'Say “it”.' holds '“'"),
    (
        SYSTEM,
        "{label: Costs",
        "{label: Costs, go: sos}\n    - {label: Côte d’Or",
        "menu.main/choice in en: 'Côte d’Or' holds",
    ),
    # numbers
    (
        SYSTEM,
        "Say it in other words.",
        "Call 023 999 999.",
        "system.fallback in en: 023999999 looks like a phone number",
    ),
    (SYSTEM, "Say it in other words.", "Call 1546.", "system.fallback in en: 1546 looks like a phone number"),
    (KM, "ព្រំដែនបិទ។", "ព្រំដែនបិទ។ ១២៩៧", "notice/border in km: 1297 looks like a phone number"),
    (
        SYSTEM,
        "say: Say it in other words.",
        "say: 'Ring {local:kh-117}.'",
        "system.fallback gives {local:kh-117} without naming Cambodia",
    ),
    (
        SYSTEM,
        "say: Say it in other words.",
        "say: 'Ring {local:mo-999}.'",
        "system.fallback gives {local:mo-999} without naming MO",
    ),
    (
        TOPICS,
        "Ask {call:debt}.",
        "Ask.",
        "topics.loans tells no number to call to somebody in KH, MO, VN, an unknown place",
    ),
    (
        TOPICS,
        "Ask {call:debt}.",
        "In Vietnam {local:vn-113}.",
        "topics.loans tells no number to call to somebody in KH, MO, an",
    ),
    (
        TOPICS,
        "Ask {call:debt}.",
        "In Cambodia ask {local:kh-labour}.",
        "topics.loans tells no number to call to somebody in MO, VN.",
    ),
    (TOPICS, "{country}: {tel:th-191}, {tel:th-embassy}", "{country}", "countries.TH tells no number to call"),
    # reach
    (
        SYSTEM,
        "menu.main:",
        "menu.lone: {say: Alone}\nmenu.main:",
        "error: messages/states/system.yaml:7: Nothing leads to menu.lone.",
    ),
    (TOPICS, "topics.loans:", "topics.study:", "error: messages/states: The topic loans has no state to begin with."),
    # notices
    (
        NOTICES,
        "valid_until: 2027-01-31",
        "valid_until: 2026-11-21",
        "error: messages/notices.yaml:2: The notice border has expired on 2026-11-21.",
    ),
    (
        NOTICES,
        "valid_until: 2027-01-31",
        "valid_until: 2026-11-22",
        "warning: messages/notices.yaml:2: The notice border expires on 2026-11-22.",
    ),
    (
        NOTICES,
        "valid_until: 2027-01-31",
        "valid_until: 2026-12-06",
        "warning: messages/notices.yaml:2: The notice border expires on 2026-12-06.",
    ),
    (
        NOTICES,
        "The land border is closed.",
        "POLICE at the border.",
        "The notice border in en begins with the alarming word 'police'",
    ),
    (KM, "ព្រំដែនបិទ។", "ប៉ូលិស", "The notice border in km begins with the alarming word"),
    (
        NOTICES,
        "The land border is closed.",
        "The border is shut, say the police.",
        "begins with the alarming word 'police'",
    ),
    (
        SYSTEM,
        "menu.main:",
        "join.asked: {topic: start, say: Your rescue}\nmenu.main:",
        "error: messages/states/system.yaml:7: join.asked in en begins with the alarming word 'rescue'.",
    ),
    # screens
    (
        TOPICS,
        "label: Thailand",
        f"label: {'Thailand' * 13}",
        "ThailandThailand' has no room on a USSD screen.",
    ),
    (
        SYSTEM,
        "menu.main:",
        f"system.stopped: {{topic: stop, say: {LONG}}}\nmenu.main:",
        "system.stopped in en: does not fit on one USSD screen, and the call ends with it.",
    ),
    # ledger
    (
        LINES,
        "2026-11-01",
        "2026-05-25",
        "warning: kh-labour: Labour ministry (KH) was last checked on 2026-05-25, more than 180 days ago.",
    ),
    (
        LINES,
        "2026-11-01, checked_by: caseworker",
        "null",
        "warning: kh-labour: Labour ministry (KH) was never checked by a test call.",
    ),
    (LINES, "2026-11-01", "2026-11-23", "error: kh-labour: Labour ministry (KH) has a check date in the future."),
]


@pytest.mark.parametrize(("name", "old", "new", "told"), ROWS, ids=[row[3] for row in ROWS])
def test_finds(book, spoilt, name, old, new, told):
    new_problems = found(spoilt(name, old, new)) - found(book)
    assert [problem for problem in new_problems if told in problem], new_problems


QUIET = [
    (SYSTEM, "Say it in other words.", "From 2025-2026 to 2027, 100000 riel or 300 dollars."),
    (SYSTEM, "Say it in other words.", "In Cambodia ring {local:kh-117}."),
    (SYSTEM, "Say it in other words.", "Send LOAN 500 18 12"),
    (TOPICS, "say: Ask {call:debt}.", "scope: there\n  say: In Cambodia ask {local:kh-labour}."),
    (SYSTEM, "menu.main:", "join.asked: {topic: start, say: All is well and nobody here needs rescue}\nmenu.main:"),
    (SYSTEM, "say: Say it in other words.", "say: 'In {country} {local:th-191}.'"),
    (NOTICES, "valid_until: 2027-01-31", "valid_until: 2026-12-07"),
    (NOTICES, "The land border is closed.", "The border is closed and nobody crosses; police say so."),
    (LINES, "2026-11-01", "2026-05-26"),
    (LINES, "2026-11-01", "2026-11-22"),
]


@pytest.mark.parametrize(("name", "old", "new"), QUIET, ids=[row[2] for row in QUIET])
def test_lets_pass(book, spoilt, name, old, new):
    told = "is not translated", "holds no Khmer"
    assert not [
        problem for problem in found(spoilt(name, old, new)) - found(book) if not any(part in problem for part in told)
    ]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Police", "police"),
        ("x" * 29 + "police", "police"),  # it begins within the preview
        ("x" * 30 + "police", None),
        ("My policeman", "police"),
        ("ដំណឹង ប៉ូលិស", "ប៉ូលិស"),
        ("News of the week", None),
        ("", None),
    ],
)
def test_tells_what_would_alarm_who_sees_the_first_thirty_characters(book, text, word):
    assert alarming(book, text) == word


def test_the_median_khmer_answer_may_take_two_segments(book):
    """Of five pages in Khmer each counts once; a page that is not translated yet does not count."""
    for size, problem in ((130, []), (140, ["The median Khmer answer takes 3 SMS, 2 allowed."])):
        words = {(state.id, page): "ក" * size for state in book.states.values() for page in state.pages}
        spoken = replace(book, catalogs={**book.catalogs, "km": words})
        assert [each.what for each in median(spoken, TODAY)] == problem
    assert list(median(replace(book, catalogs={**book.catalogs, "km": {}}), TODAY)) == []


def test_a_tool_is_checked_with_the_widest_it_may_fill_in(book):
    fills = {"sum": Fill("9" * 600, ()), "verdict": Fill("", ("menu.main", "system.fallback"))}
    state = replace(book.states["topics.loans"], pages=("{fill:sum} {fill:verdict}",), by_country={}, fills=fills)
    texts = forms(replace(book, states={**book.states, state.id: state}), state, "en", [None], TODAY)
    assert sorted(texts[0]) == ["9" * 600 + " Phlov", "9" * 600 + " Say it in other words."]


def test_an_unchecked_number_is_an_error_when_strict(book):
    told = ": kh-117: Police (KH) was never checked by a test call."
    assert f"warning{told}" in found(book)
    assert f"error{told}" in found(book, strict=True)


def test_the_label_of_a_language_may_be_in_its_own_script(book):
    catalogs = {**book.catalogs, "km": {("topics.costs/choice", "Khmer"): "English"}}
    assert not [
        problem
        for problem in found(replace(book, catalogs=catalogs))
        if "topics.costs/choice in km: 'Khmer'" in problem
    ]


def test_missing_tables_of_the_classifier_are_an_error():
    book = replace(load(MESSAGES, LOCALE), model=UNTRAINED)
    assert "There is no classifier: make words." in [each.what for each in check(book, today=TODAY)]


def test_a_problem_is_a_value():
    assert Problem("error", "x:1", "Bad.") == Problem("error", "x:1", "Bad.")


def test_the_real_content_has_no_errors():
    problems = check(load(MESSAGES, LOCALE), today=TODAY)
    assert [problem for problem in problems if problem.level == "error"] == []


def test_the_real_catalogs_are_fresh_and_complete():
    assert words.run(check=True) == []
