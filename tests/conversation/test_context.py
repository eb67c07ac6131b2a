"""What a short text means after an answer, on the real content."""

from __future__ import annotations

import pytest
from stories.stage import words

from bot.conversation.engine import step
from bot.conversation.session import Session, Turn
from bot.text.khmer import has_khmer
from tests.conversation.test_engine import NOW, hear, talk

BOOK, READER = words()


@pytest.mark.parametrize(
    "text", ["and to Japan?", "what about japan", "Japan", "chos japon", "hus jopon vinh", "ចុះជប៉ុនវិញ", "ជប៉ុន"]
)
@pytest.mark.parametrize("question", ["how much does it cost to go to thailand", "ទៅថៃអស់ប៉ុន្មាន"])
def test_another_place_asks_the_same_again(question: str, text: str) -> None:
    turn = talk(question, text)
    assert (turn.session.state, turn.session.country) == ("topics.costs", "JP")


def test_whom_help_is_for_may_say_where_afterwards() -> None:
    turn = talk("boss did not pay my salary", "malaysia")
    assert (turn.session.state, turn.session.country) == ("topics.unpaid_wages", "MY")


def test_without_an_answer_before_it_a_place_is_a_place() -> None:
    assert talk("and to Japan?").session.state == "countries.JP"
    assert talk("hello", "Japan").session.state == "countries.JP"
    assert talk("SOS", "Japan").session.state == "countries.JP"


@pytest.mark.parametrize(
    "text", ["how many days", "ponman tngai", "ប៉ុន្មានថ្ងៃ", "what do i need", "ត្រូវការអ្វីខ្លះ", "nov na"]
)
def test_a_question_without_a_matter_goes_on_with_the_last_answer(text: str) -> None:
    turn = talk("where do i make a passport", text)
    assert (turn.session.state, turn.session.page) == ("topics.documents", 1)
    assert has_khmer(turn.replies[0].text) == has_khmer(text)


def test_such_a_question_is_nothing_where_nothing_was_answered() -> None:
    assert talk("ponman tngai").session.state != "topics.documents"


def test_at_the_last_page_the_question_is_understood_by_itself() -> None:
    session = talk("where do i make a passport").session
    last = BOOK.page_count("topics.documents", None) - 1
    turn = hear(session._replace(page=last), "how many days")
    assert (turn.session.state, turn.session.page) != ("topics.documents", last)


@pytest.mark.parametrize(
    "text", ["SOS", "they beat me", "STOP", "MENU", "my boss keeps my passport", "how much for a visa to korea"]
)
def test_a_text_with_a_matter_of_its_own_is_never_taken_for_more(text: str) -> None:
    alone: Turn = step(BOOK, READER, Session(home="KH", at=NOW), text, NOW)
    after = talk("where do i make a passport", text)
    assert (after.session.state, after.session.page) == (alone.session.state, 0)
