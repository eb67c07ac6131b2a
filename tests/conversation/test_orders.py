"""Which texts call a tool, and what a tool does to the rest of the talk."""

from __future__ import annotations

from datetime import timedelta

import pytest
from conversation.tools import BOOK, READER, last, text

from bot.content.book import TOOL_NAMES
from bot.conversation.orders import TOPICS
from bot.conversation.session import Session
from bot.conversation.tools import TOOLS
from bot.store.sessions import dump
from bot.store.sessions import load as restored

ORDERS = [
    ("OFFER", "offer", ""),
    ("offer pls", "offer", ""),
    ("Check a job!", "offer", ""),
    ("សូមពិនិត្យការងារផង", "offer", ""),
    ("pinit ka ngea", "offer", ""),
    ("LOAN 500 18 12", "loan", "500 18 12"),
    ("loan: 500$, 1.5%, 12", "loan", "500$, 1.5%, 12"),
    ("LOAN500 18 12", "loan", "500 18 12"),
    ("កម្ចី៥០០ ១៨ ១២", "loan", "៥០០ ១៨ ១២"),
    ("សូមកម្ចី ៥០០ ១៨ ១២ផង", "loan", "៥០០ ១៨ ១២"),
    ("\u200bLOAN\u200b 500 18 12", "loan", "500 18 12"),
    ("kamchey 500 18 12", "loan", "500 18 12"),
    ("loan abc", "loan", "abc"),
    ("QUIZ", "quiz", ""),
    ("QUIZ KYA12 pls", "quiz", "KYA12"),
    ("somnuor kya 12", "quiz", "kya 12"),
    ("សំណួរKYA12", "quiz", "KYA12"),
    ("AGENCY Sok Leng Co", "agency", "Sok Leng Co"),
    ("ក្រុមហ៊ុន សុខលាង", "agency", "សុខលាង"),
    ("JOIN KYA12", "join", "KYA12"),
    ("ចូលរួម KYA12", "join", "KYA12"),
]
SENTENCES = [
    "loan",
    "agency took my passport",
    "company not paying me",
    "krom hun yok passport nhom",
    "offers from china boss",
    "i have an offer",
    "loans are bad and the lender wants my land",
    "ពិនិត្យការងារនេះឱ្យខ្ញុំផង ថៅកែកាន់លិខិតឆ្លងដែន",
    "quizzing people about work",
    "LOAN " + "500 " * 30,
]


@pytest.mark.parametrize(("said", "name", "rest"), ORDERS)
def test_an_order_is_heard(said: str, name: str, rest: str) -> None:
    assert READER.order(said) == (name, rest)
    assert READER.understand(said).topic == TOPICS[name]


@pytest.mark.parametrize("said", SENTENCES)
def test_a_sentence_is_no_order(said: str) -> None:
    assert READER.order(said) is None


def test_every_tool_has_words_a_topic_and_states() -> None:
    assert TOOLS.keys() == TOOL_NAMES == TOPICS.keys() == BOOK.lexicon.orders.keys()
    assert {name.partition(".")[0] for name in BOOK.states} >= TOOL_NAMES


@pytest.mark.parametrize("begun", ["OFFER", "QUIZ", "LOAN 500 18 12"])
@pytest.mark.parametrize(
    ("said", "topic"), [("SOS", "sos"), ("they locked me in", "sos"), ("STOP", "stop"), ("MENU", "menu")]
)
def test_danger_and_commands_come_first_and_close_the_tool(begun: str, said: str, topic: str) -> None:
    turn = last(begun, said)
    assert turn.replies[0].topic == topic
    assert (turn.session.tool, turn.session.given) == (None, ())


@pytest.mark.parametrize("begun", ["OFFER", "QUIZ", "LOAN 500 18 12"])
def test_another_question_closes_the_tool(begun: str) -> None:
    turn = last(begun, "passport price")
    assert turn.replies[0].topic in ("documents", "costs")
    assert (turn.session.tool, turn.session.given) == (None, ())


def test_back_does_not_lead_into_a_tool_that_was_left() -> None:
    assert last("OFFER", "1", "MENU", "BACK").session.tool is None
    assert last("passport price", "OFFER", "1", "BACK").session.state == "topics.documents"


def test_a_line_of_a_menu_opens_a_tool() -> None:
    for line, state in (("1", "offer.1"), ("3", "loan.how"), ("4", "quiz.before.1")):
        turn = last(line, state="menu.tools")
        assert (turn.session.state, turn.session.tool) == (state, state.partition(".")[0])


def test_another_language_says_it_once_more() -> None:
    for begun in (["OFFER", "1", "1"], ["QUIZ", "1", "1"], ["LOAN 500 18 12"], ["OFFER", *"1111111"], ["LOAN x"]):
        english, khmer = last(*begun), last(*begun, "khmer")
        assert khmer.session.state == english.session.state
        assert khmer.replies[0].text != english.replies[0].text
        assert text(*begun, "khmer", "english") == english.replies[0].text


def test_whoever_said_stop_gets_no_tool() -> None:
    for said in ("OFFER", "LOAN 500 18 12", "QUIZ"):
        assert last(said, opted_out=True).replies == ()


def test_a_tool_is_forgotten_in_time() -> None:
    assert last("OFFER", "1", after=timedelta(minutes=16)).session.tool is None
    assert last("QUIZ", "2", after=timedelta(hours=23)).session.tool == "quiz"
    assert last("QUIZ", "2", after=timedelta(hours=25)).session.tool is None
    assert last("OFFER", "1", "ERASE").session == Session(home="KH")


def test_the_answers_survive_the_store() -> None:
    session = last("OFFER", "2", "3").session
    assert restored(dump(session), "KH") == session


def test_a_line_that_only_sounds_like_danger_is_an_answer() -> None:
    for question in ("quiz.before.5", "quiz.after.5", "offer.3"):
        for choice in BOOK.states[question].choices:
            turn = last(choice.label, state=question, tool=question.partition(".")[0])
            assert turn.session.state == choice.go or turn.session.state.startswith("offer.")


def test_a_code_in_latin_letters_is_answered_in_khmer() -> None:
    assert last("QUIZ KYA12", language=None, at=None).session.language == "km"
