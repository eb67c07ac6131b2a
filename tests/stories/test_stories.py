"""Every phone transcript goes as it is written down."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from stories.stage import stage, words
from stories.transcript import Line, play, read, stories, write

from bot.content.book import LANGUAGES
from bot.text.sms import segments


@pytest.mark.parametrize("path", stories(), ids=lambda path: path.stem)
def test_goes_as_written(path: Path) -> None:
    with stage() as player:
        played = list(play(path, player))
    assert write(played) == path.read_text(encoding="utf-8")
    for line in played:
        if line.kind == "<":
            assert len(segments(line.text).parts) <= 3


def test_there_are_enough_in_every_script() -> None:
    lines = [line for path in stories() for line in read(path)]
    asked = [line.text for line in lines if line.kind == ">"]
    assert len(stories()) >= 30
    _, reader = words()
    written = Counter(reader.language(text) for text in asked)
    assert all(written[language] >= 8 for language in LANGUAGES), written
    assert all(line.text for line in lines if line.kind == "<")


def test_no_answer_quotes_the_person() -> None:
    for path in stories():
        asked: list[Line] = []
        for line in read(path):
            if line.kind == ">":
                asked.append(line)
            if line.kind == "<":
                assert not [ask.text for ask in asked if len(ask.text) > 12 and ask.text in line.text]


def test_the_calls_in_the_docs_go_as_their_stories() -> None:
    """Each block is a story, or its beginning, without the expectations."""
    told = [
        "\n".join(line for line in path.read_text(encoding="utf-8").split("\n") if line[:1] not in "=#")
        for path in stories()
    ]
    page = Path(__file__).parents[2] / "docs" / "ussd.md"
    calls = [block for block in page.read_text(encoding="utf-8").split("```\n")[1::2] if block.startswith("dial ")]
    assert len(calls) >= 2
    for call in calls:
        assert any(call.strip() in story for story in told), call
