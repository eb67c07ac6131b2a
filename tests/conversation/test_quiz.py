"""The quiz: one question a text, every answer explained, and nothing counted but how many were right."""

from __future__ import annotations

import pytest
from conversation.tools import BOOK, last, text, turns

from bot.content.book import LANGUAGES
from bot.text.sms import segments

SETS = ("before", "after")


def right(name: str, number: int) -> str:
    choices = BOOK.states[f"quiz.{name}.{number}"].choices
    return str(next(line for line, choice in enumerate(choices, 1) if choice.means == "right"))


@pytest.mark.parametrize("name", SETS)
def test_five_questions_with_three_answers_of_which_one_is_right(name: str) -> None:
    for number in range(1, 6):
        state = BOOK.states[f"quiz.{name}.{number}"]
        assert [choice.means for choice in state.choices].count("right") == 1
        assert len(state.choices) == 3
        following = f"quiz.{name}.{number + 1}" if number < 5 else f"quiz.{name}.end"
        assert {choice.go for choice in state.choices} == {following}
    assert len({right(name, number) for number in range(1, 6)}) > 1, "the right line must not be guessed by its place"


def test_a_campaign_is_asked_and_counted_by_its_phase() -> None:
    answers = [right("after", number) for number in range(1, 6)]
    answers[1] = "1" if answers[1] != "1" else "2"
    found = [turn.counts for turn in turns("QUIZ kya13", *answers)]
    results = ["right", "wrong", "right", "right", "right"]
    assert found == [(), *((f"quiz/KYA13/after/{n}/{result}",) for n, result in enumerate(results, 1))]


def test_without_a_code_nothing_is_counted_for_a_campaign() -> None:
    for said in ("QUIZ", "quiz ABC9", "QUIZ game"):
        assert last(said, "1").counts == ("quiz/-/before/1/wrong",)
    assert last("play a game").session.state == "quiz.before.1"


def test_the_other_set_does_not_count_for_the_campaign() -> None:
    turn = last("QUIZ KYA12", *"11111", "1")
    assert turn.session.state == "quiz.after.1"
    assert last("QUIZ KYA12", *"11111", "1", "1").counts == ("quiz/-/after/1/wrong",)


@pytest.mark.parametrize(
    ("said", "line"), [("b", 2), ("B)", 2), ("ខ", 2), ("២", 2), ("2.", 2), ("a", 1), ("គ", 3), ("three", 3)]
)
def test_an_answer_in_letters_and_digits(said: str, line: int) -> None:
    result = "right" if str(line) == right("before", 1) else "wrong"
    assert last("QUIZ", said).session.given == ("-", result)


def test_each_answer_is_explained_before_the_next_question() -> None:
    assert text("QUIZ", right("before", 1)).startswith("Right! A company not on the list is illegal")
    assert text("QUIZ", "1").startswith("Not quite. A company not on the list is illegal")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_score_and_one_thing_to_do(language: str) -> None:
    for name, code in zip(SETS, ("KYA12", "KYA13"), strict=True):
        answers = [right(name, number) for number in range(1, 6)]
        said = text(f"QUIZ {code}", *answers, language=language, pinned=True)
        assert "5" in said
        assert len(segments(said).parts) <= 3
    assert "You had 0 of 5" in text("QUIZ", *("1" if right("before", n) != "1" else "2" for n in range(1, 6)))


def test_a_number_that_is_not_there_asks_again() -> None:
    turn = last("QUIZ", "2", "9")
    assert (turn.session.state, turn.counts) == ("quiz.before.2", ())
    assert turn.replies[0].text == text("QUIZ", "2")


def test_the_end_leads_on() -> None:
    assert last("QUIZ", *"11111", "2").session.state == "menu.main"
    assert last("QUIZ", *"11111", "9").session.state == "system.fallback"
