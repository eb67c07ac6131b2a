"""What the project says of how far people have looked it over, and that it never says more than was done."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.check.review import reviewed, summary
from bot.content.book import Unsound
from bot.content.loader import LOCALE, MESSAGES, ROOT, load
from bot.content.review import Review, fingerprint, load_reviews

SOUND = Path(__file__).parent / "content" / "sound"
TODAY = date(2026, 12, 24)
DRAFTED = Review("drafted", date(2026, 11, 22), "editor", None)


@pytest.fixture(scope="module")
def book():
    return load(SOUND / "messages", SOUND / "locale")


def read(book, language="km", on=date(2026, 12, 1)):
    return Review("read", on, "teacher", fingerprint(book, language))


def with_other_words(book):
    """The book after one Khmer word was changed."""
    return replace(book, catalogs={**book.catalogs, "km": {**book.catalogs["km"], ("country", "Thailand"): "ស្រុកថៃ"}})


def test_drafted_texts_are_told_as_such(book):
    assert summary(book, {"km": DRAFTED, "en": DRAFTED}) == (
        "km, en: drafted 2026-11-22, not read by a native speaker; 1 of 7 numbers test-called"
    )
    assert reviewed(book, {"km": DRAFTED}, TODAY) == []


def test_read_texts_are_told_as_such(book):
    reviews = {"km": read(book), "en": DRAFTED}
    assert summary(book, reviews).startswith("km: read 2026-12-01 by a native speaker (teacher); en: drafted")
    assert reviewed(book, reviews, TODAY) == []


def test_one_changed_word_makes_them_drafted_again(book):
    changed = with_other_words(book)
    reviews = {"km": read(book), "en": read(book, "en")}
    assert summary(changed, reviews).startswith(
        "km: drafted again: changed since read 2026-12-01 by a native speaker (teacher); en: read 2026-12-01"
    )
    (problem,) = reviewed(changed, reviews, TODAY)
    assert problem.level == "warning"
    assert problem.what.endswith(f"texts: {fingerprint(changed, 'km')}")


def test_the_future_is_an_error(book):
    (problem,) = reviewed(book, {"km": DRAFTED}, date(2026, 11, 21))
    assert (problem.level, problem.what) == ("error", "km was looked over in the future, on 2026-11-22.")


def test_a_fingerprint_does_not_depend_on_the_order_of_files(book):
    states = dict(reversed(book.states.items()))
    assert fingerprint(replace(book, states=states), "km") == fingerprint(book, "km")
    assert fingerprint(book, "km") != fingerprint(book, "en")


NONSENSE = [
    ("state: drafted", "state: perfect", "'state' must be one of: drafted, read"),
    ("on: 2026-11-22", "on: yesterday", "'on' must be a day"),
    ("on: 2026-11-22", "on: 1926-11-22", "not before 2026-11-01"),
    ("on: 2026-11-22, ", "", "`on` must be the day"),
    ("by: translator", "by: Sok Dara", "'by' must be one of: caseworker"),
    (", by: translator", "", "'by' must be one of"),
    ("by: translator", "by: translator, texts: 0123456789abcdef", "only what was read has `texts`"),
    ("state: drafted", "state: read", "`texts` must be the 16 signs"),
    ("by: translator", "by: translator, note: fine", "unknown key 'note'"),
    ("km:", "kh:", "unknown key 'kh'"),
    ("km:", "#", "'state' must be one of"),
    ("km: {", "km: [", "is not YAML"),
]


@pytest.mark.parametrize(("old", "new", "told"), NONSENSE)
def test_refuses_what_cannot_be(tmp_path, old, new, told):
    text = (SOUND / "messages" / "review.yaml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "review.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(Unsound) as unsound:
        load_reviews(tmp_path)
    assert [fault for fault in unsound.value.faults if told in fault and "review.yaml:" in fault], unsound.value.faults


def test_reads_what_can_be(tmp_path):
    reviews = load_reviews(SOUND / "messages")
    assert reviews["km"] == Review("drafted", date(2026, 11, 22), "translator", None)
    (tmp_path / "review.yaml").write_text(
        "km: {state: read, on: 2026-12-01, by: returned worker, texts: 0123456789abcdef}\n"
        "km_Latn: {state: drafted, on: 2026-11-22, by: editor}\nen: {state: drafted, on: 2026-11-22, by: editor}\n"
    )
    assert load_reviews(tmp_path)["km"].texts == "0123456789abcdef"


def test_the_readme_tells_the_state_of_today():
    told = summary(load(MESSAGES, LOCALE), load_reviews(MESSAGES))
    assert told in (ROOT / "README.md").read_text(encoding="utf-8"), f"README.md must say: {told}"
