"""The book that the serving program gets is the book that was read."""

from __future__ import annotations

from dataclasses import fields
from datetime import date

from bot.content.handing import dump, restore
from bot.content.loader import load


def test_a_book_handed_over_says_what_it_said() -> None:
    book = load()
    handed = restore(dump(book))
    for each in fields(book):
        if each.init and each.name != "model":
            assert getattr(handed, each.name) == getattr(book, each.name), each.name
    assert handed.model.rows == book.model.rows
    said = [
        one.answer(name, "km", here="TH", there="TH", today=date(2026, 11, 22))
        for one in (book, handed)
        for name in ("sos", "topics.costs", "countries.TH")
    ]
    assert said[:3] == said[3:]
