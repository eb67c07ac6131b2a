"""A small sound content that a test may spoil."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.content.book import Book, Unsound
from bot.content.loader import load

SOUND = Path(__file__).parent / "sound"


class Content:
    """A copy of `sound/`. `spoil` replaces text that must be there; `faults` loads what must not load."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def spoil(self, name: str, old: str, new: str) -> None:
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def load(self) -> Book:
        return load(self.root / "messages", self.root / "locale")

    def faults(self) -> tuple[str, ...]:
        with pytest.raises(Unsound) as unsound:
            self.load()
        assert str(unsound.value) == "\n".join(unsound.value.faults)
        return unsound.value.faults


@pytest.fixture
def content(tmp_path: Path) -> Content:
    shutil.copytree(SOUND, tmp_path / "sound")
    return Content(tmp_path / "sound")


@pytest.fixture(scope="session")
def book() -> Book:
    return load(SOUND / "messages", SOUND / "locale")
