"""Texts that once found no answer (`phlov unmatched teach`) are understood now."""

from pathlib import Path

from bot.conversation.understand import Reader

FILE = Path(__file__).parent / "regressions.tsv"


def test_every_one_is_understood_now(ear: Reader) -> None:
    lines = FILE.read_text(encoding="utf-8").splitlines()[1:] if FILE.exists() else []
    wrong = []
    for text, topic, country in (line.split("\t") for line in lines):
        found = ear.understand(text)
        if (found.topic, found.country) != (topic, country or None):
            wrong.append(f"{text}: {found.topic} {found.country}, wanted {topic} {country}")
    assert wrong == []
