"""The book that the serving program gets is the book that was read."""

from __future__ import annotations

import subprocess
import sys
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


def test_who_is_handed_a_book_needs_no_yaml(tmp_path):
    dumped = tmp_path / "book"
    dumped.write_bytes(dump(load()))
    program = (
        "import pathlib, sys; from bot.content.handing import restore; from bot.conversation.understand import Reader; "
        "Reader(restore(pathlib.Path(sys.argv[1]).read_bytes())); print('yaml' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program, dumped], check=True, capture_output=True, text=True)
    assert done.stdout == "False\n"
