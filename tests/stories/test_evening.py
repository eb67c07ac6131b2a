"""The transcripts in `docs/evening/` are what is answered today: `python -m stories.retell` writes them anew."""

from __future__ import annotations

import pytest
from stories.evening import PLACE, page, read

from bot.phone import parse
from bot.text.sms import segments

EVENINGS = read()


@pytest.mark.parametrize("name", EVENINGS)
def test_goes_as_written_down(name: str) -> None:
    assert page(name) == (PLACE / f"{name}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", EVENINGS)
def test_is_one_evening_of_forty_texts(name: str) -> None:
    texts = EVENINGS[name]
    assert len(texts) == 40
    assert [text.at for text in texts] == sorted(text.at for text in texts)
    assert len({parse(text.number).country for text in texts}) >= 4
    assert all(len(segments(text.words).parts) <= 10 for text in texts)


def test_no_text_is_played_twice() -> None:
    long = [text.words for texts in EVENINGS.values() for text in texts if len(text.words) > 20]
    assert len(set(long)) == len(long)


@pytest.mark.parametrize("name", EVENINGS)
def test_no_number_of_a_phone_is_shown(name: str) -> None:
    shown = page(name).replace(" ", "")
    assert not [text.number for text in EVENINGS[name] if text.number[4:] in shown]
