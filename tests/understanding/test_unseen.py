"""Texts by two writers who had seen neither the rules nor the examples; nothing is learned from them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.content import examples
from bot.content.faults import Faults
from bot.content.loader import MESSAGES
from tests.understanding.measure import DEV, Row, reader, rows

SETS = [Path(__file__).with_name(name) for name in ("unseen-1.tsv", "unseen-2.tsv")]
EAR = reader()
TEXTS = [row for path in SETS for row in rows(path)]
FOUND = {row.id: EAR.understand(row.text) for row in TEXTS}


def share(texts: list[Row], *, topic: str | None = None) -> float:
    """Of these, how many are found to be about their own topics, or about `topic`."""
    hits = [FOUND[row.id].topic in ({topic} if topic else row.topics) for row in texts]
    return sum(hits) / len(hits)


def test_nine_in_ten_go_to_the_right_topic() -> None:
    assert share(TEXTS) >= 0.92


@pytest.mark.parametrize("script", ["km", "latn", "en"])
def test_in_every_script(script: str) -> None:
    assert share([row for row in TEXTS if row.script == script]) >= 0.90


def test_cries_for_help_are_heard_and_calm_texts_ring_seldom() -> None:
    assert share([row for row in TEXTS if row.topic == "sos"], topic="sos") >= 0.98
    assert share([row for row in TEXTS if "sos" not in row.topics], topic="sos") <= 0.03


def test_who_wants_no_more_messages_is_heard_and_nobody_else_opted_out() -> None:
    assert share([row for row in TEXTS if row.topic == "stop"], topic="stop") >= 0.92
    assert [row.text for row in TEXTS if row.topic != "stop" and FOUND[row.id].topic == "stop"] == []


def test_countries() -> None:
    answered = [row for row in TEXTS if row.topic != "none"]
    named = [row for row in answered if row.country]
    assert sum(FOUND[row.id].country == row.country for row in named) / len(named) >= 0.93
    unnamed = [row for row in answered if not row.country]
    assert sum(FOUND[row.id].country is None for row in unnamed) / len(unnamed) >= 0.97


@pytest.mark.parametrize("path", [*SETS, DEV], ids=lambda path: path.name)
def test_nothing_was_learned_from_them(path: Path) -> None:
    learned = {example.text.casefold() for example in examples.read(MESSAGES, Faults())}
    commands = 24  # letters: STOP and its like are in every set
    assert [row.text for row in rows(path) if len(row.text) > commands and row.text.casefold() in learned] == []
