"""The cover word: nobody who takes the phone finds the way back to what was asked."""

from datetime import UTC, datetime, timedelta

import pytest
from stories.stage import stage, words

from bot.conversation.engine import step
from bot.conversation.session import Session

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
COVERS = ("weather", "Weather?", "អាកាសធាតុ", "akas theat")
BEFORE = {
    "an emergency": ["ជំនួយ"],
    "a country": ["help", "I am in Thailand"],
    "a page": ["passport kept", "more"],
    "a tool": ["QUIZ", "1"],
    "an order to come": ["OFFER", "2"],
    "nothing": [],
}


def talk(*texts: str, home: str = "KH"):
    book, reader = words()
    session, turn = Session(home=home), None
    for minute, text in enumerate(texts):
        turn = step(book, reader, session, text, NOW + timedelta(minutes=minute))
        session = turn.session
    return turn


@pytest.mark.parametrize("cover", COVERS)
@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
def test_all_is_forgotten_but_the_language(before, cover):
    turn = talk(*before, cover)
    (reply,) = turn.replies
    kept = turn.session._replace(language=None, pinned=False, at=None, home=None)
    assert kept == Session()
    assert not reply.emergency
    assert turn.acts == ()


@pytest.mark.parametrize("probe", ["more", "back", "1", "2", "yes", "again"])
def test_what_is_asked_next_is_answered_as_if_nothing_had_been_said(probe):
    answers = {
        talk(*before, "weather", probe).replies[0].text for before in (["menu"], ["help"], ["help", "passport kept"])
    }
    assert len(answers) == 1


def test_the_answer_is_harmless_in_every_language():
    book, _ = words()
    for language in ("km", "km_Latn", "en"):
        text = book.answer("cover.weather", language, here="KH", there=None, today=NOW.date(), page=0)
        assert not any(sign.isdigit() for sign in text)
        for word in ("help", "boss", "work", "police", "phlov", "menu", "sos", "ជំនួយ", "ប៉ូលិស"):
            assert word not in text.lower()


@pytest.mark.parametrize(
    "text", ["help, the weather is bad and they beat me", "weather help me", "អាកាសធាតុ ជួយផង គេវាយខ្ញុំ"]
)
def test_a_call_for_help_with_the_word_in_it_is_a_call_for_help(text):
    assert talk(text).replies[0].emergency


def test_it_is_forgotten_though_the_guards_withhold_the_answer():
    with stage() as player:
        player.sender = "+85512345678"
        for _ in range(9):
            player.hear("ជំនួយ")
        assert list(player.hear("weather")) == []
        player.clock.now += timedelta(minutes=11)
        (answer,) = player.hear("more")
        assert "117" not in answer
