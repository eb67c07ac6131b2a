"""What the Book says: placeholders, numbers as dialled, notices, menus, pages, languages."""

from __future__ import annotations

import re
from datetime import date

import pytest

TODAY = date(2026, 11, 22)
AFTER = date(2027, 2, 1)


@pytest.fixture
def say(book):
    def said(state, language="en", *, here=None, there=None, today=TODAY, page=0):
        return book.answer(state, language, here=here, there=there, today=today, page=page)

    return said


@pytest.mark.parametrize(
    ("here", "role", "line"),
    [
        ("KH", "labour", "kh-labour"),
        ("TH", "embassy", "th-embassy"),
        ("TH", "legal", "th-embassy"),  # the entry names its roles
        ("TH", "women_children", "kh-office"),  # on the card of Thailand, dialled from abroad
        ("TH", "labour", "th-191"),  # the labour office is not checked yet: police
        ("VN", "debt", "vn-113"),
        ("MO", "police", "kh-office"),  # no card
        ("XX", "debt", "kh-office"),
        (None, "women_children", "kh-office"),
    ],
)
def test_finds_the_best_line(book, here, role, line):
    assert book.call(role, here).id == line


def test_any_line_of_the_card_is_better_than_none(content):
    content.spoil("messages/helplines.yaml", "category: emergency_police, country: VN", "category: ngo, country: VN")
    book = content.load()
    assert book.call("debt", "VN").id == "vn-113"
    text = book.answer("topics.costs", "en", here="VN", there=None, today=TODAY)
    assert "Ask labour office: 113" in text  # a line without a role keeps the word that was asked for


def test_a_country_without_an_enabled_line_has_the_lines_for_everywhere(content):
    path = content.root / "messages/helplines.yaml"
    head, name, tail = path.read_text().partition("vn-113:")
    tail = tail.replace("emergency_police", "ngo", 1).replace("bot_use: ok", "bot_use: verify_first", 1)
    path.write_text(head + name + tail)
    assert content.load().call("police", "VN").id == "kh-office"


def test_emergency_lines_need_no_check_date(book):
    assert book.helplines["th-191"].enabled
    assert not book.helplines["th-labour"].enabled


@pytest.mark.parametrize(("here", "number"), [("KH", "023 224 841"), ("TH", "+85523224841"), (None, "+85523224841")])
def test_a_number_is_given_as_dialled_from_there(say, here, number):
    assert say("topics.legal_route", here=here, today=AFTER) == f"Go only with a licensed company. {number}"


@pytest.mark.parametrize(
    ("asked", "here", "said"),
    [
        ("Ask {local:kh-labour}.", "VN", "Ask 1297.\nThe family can call."),
        ("Ask {local:kh-labour}.", "KH", "Ask 1297."),
        ("Ask {local:kh-labour}.", None, "Ask 1297."),
        ("Ask {local:kh-labour} or {local:vn-113}.", "VN", "Ask 1297 or 113."),
        ("Ask {local:kh-labour} or {tel:kh-office}.", "VN", "Ask 1297 or +85523224841."),
        ("In Vietnam ask {local:vn-113}.", "TH", "In Vietnam ask 113."),
    ],
)
def test_a_phone_abroad_is_told_that_the_family_can_call(content, asked, here, said):
    content.spoil("messages/states/topics.yaml", "Go only with a licensed company. {tel:kh-office}", asked)
    family = "system.family_calls: {say: The family can call.}\n"
    content.spoil("messages/states/system.yaml", "system.hint_more:", f"{family}system.hint_more:")
    book = content.load()
    assert book.answer("topics.legal_route", "en", here=here, there=None, today=AFTER) == said


def test_a_number_that_cannot_be_dialled_is_an_error(book):
    with pytest.raises(ValueError, match="kh-117 cannot be dialled from an unknown place"):
        book.dial(book.helplines["kh-117"], None)


def test_a_help_card_is_written_for_its_country(say):
    assert say("countries.TH", here="KH", there="VN") == "Thailand: 191, 02 957 5851"


def test_the_label_says_which_line_was_really_found(say):
    assert "Ask labour office: 1297" in say("topics.costs", here="KH")
    assert "Ask police: 191" in say("topics.costs", here="TH")


def test_local_form_whoever_reads(say):
    assert say("topics.loans", here="TH") == "Dial 02 957 5851 or in Thailand 191."
    assert say("sos", here=None) == "Cambodia 117. +85523224841"


@pytest.mark.parametrize(
    ("here", "there", "name"),
    [("KH", "TH", "Thailand"), ("TH", None, "Thailand"), (None, None, "that country"), ("MO", None, "that country")],
)
def test_names_the_country(say, here, there, name):
    assert say("topics.costs", here=here, there=there, page=1).startswith(f"In {name} ask")


def test_scope_decides_whose_country_chooses_the_text(say):
    assert say("topics.legal_route", here="TH", there=None, today=AFTER).startswith("Go only with")
    assert say("topics.legal_route", here="KH", there="TH", today=AFTER).startswith("Thailand: go only by air. 117")
    assert say("topics.loans", here="KH", there="TH") == "Ask 117."


@pytest.mark.parametrize(
    ("there", "here", "today", "said"),
    [
        ("TH", None, TODAY, True),
        (None, "KH", TODAY, True),
        ("VN", "KH", TODAY, False),
        (None, None, TODAY, False),
        ("TH", None, date(2027, 1, 31), True),
        ("TH", None, AFTER, False),
    ],
)
def test_notices_come_first_where_they_apply(say, there, here, today, said):
    assert (
        say("topics.legal_route", here=here, there=there, today=today).startswith("The land border is closed.\n")
        is said
    )


def test_a_notice_without_countries_applies_everywhere(content):
    content.spoil("messages/notices.yaml", "countries: [TH, KH]", "countries: []")
    content.spoil("messages/notices.yaml", "The land border is closed.", "News of {country}.")
    text = content.load().answer("topics.legal_route", "en", here=None, there=None, today=TODAY)
    assert text.startswith("News of that country.\n")


def test_notices_and_choices_only_on_the_first_page(say):
    assert say("topics.legal_route", there="TH", page=1) == "Second page."
    assert "1. Thailand" not in say("topics.costs", page=1)


def test_numbers_the_choices_and_tells_of_more(say):
    assert say("topics.costs", here="KH").split("\n") == [
        "A passport costs 100 dollars.",
        "Ask labour office: 1297",
        "1. Thailand",
        "2. Khmer",
        "MORE: more",
    ]


def test_a_state_may_do_without_the_hint(say):
    assert say("topics.loans", here="KH") == "Ask 117."


def test_speaks_khmer_and_falls_back_to_english(say, book):
    assert say("topics.costs", "km", here="KH").split("\n")[1] == "សួរ ការងារ៖ 1297"
    assert say("countries.TH", "km") == "ថៃ: 191, 02 957 5851"
    assert book.label(book.states["topics.costs"].choices[0], "km") == "ប្រទេសថៃ"
    assert book.label(book.states["topics.costs"].choices[1], "km") == "Khmer"
    assert book.country_name("KH", "km") == "Cambodia"  # the Khmer is marked fuzzy
    assert book.role_label("labour", "km") == "ការងារ"


def test_counts_pages(book):
    assert book.page_count("topics.costs", None) == 2
    assert book.page_count("topics.loans", "TH") == 1


def test_an_unknown_state_or_page_is_an_error(say):
    with pytest.raises(KeyError):
        say("topics.gone")
    with pytest.raises(IndexError):
        say("topics.costs", page=2)


def test_topics_have_entry_states(book):
    assert dict(book.topics) == {
        "costs": "topics.costs",
        "legal_route": "topics.legal_route",
        "loans": "topics.loans",
        "menu": "menu.main",
        "none": "system.fallback",
        "sos": "sos",
    }


def test_a_tool_fills_in_a_text_or_another_state(content):
    content.spoil(
        "messages/states/topics.yaml",
        "  budget: 2\n",
        "  fills: {sum: '1,000', end: [topics.study]}\n  notices: false\n",
    )
    content.spoil("messages/states/topics.yaml", "Ask {call:debt}.", "'{fill:sum} dollars. {fill:end}'")
    path = content.root / "messages/states/topics.yaml"
    path.write_text(path.read_text() + "\ntopics.study: {say: 'Ask {call:police}.', by_country: {MO: {say: Here.}}}\n")
    book = content.load()

    def said(here):
        fills = (("sum", "50"), ("end", "topics.study"))
        return book.answer("topics.loans", "en", here=here, there=None, today=TODAY, fills=fills).splitlines()[0]

    assert said("VN") == "50 dollars. Ask 113."
    assert said("MO") == "50 dollars. Here."


def test_nothing_in_the_book_can_be_changed(book):
    with pytest.raises(AttributeError):
        book.states = {}
    for part in (
        book.states,
        book.helplines,
        book.countries,
        book.topics,
        book.cards,
        book.facts,
        book.roles,
        book.catalogs["km"],
    ):
        with pytest.raises(TypeError):
            part["x"] = None
    with pytest.raises(TypeError):
        book.states["sos"].by_country["TH"] = ()


def test_no_placeholder_is_left_in_any_answer(book):
    for name, state in book.states.items():
        for here in (None, "KH", "TH", "VN", "MO", "FR"):
            for there in (None, "TH"):
                for page in range(book.page_count(name, here if state.scope == "here" else there)):
                    assert not re.search(
                        "[{}]", book.answer(name, "km", here=here, there=there, today=TODAY, page=page)
                    )
