"""The real notices: first where they apply, dated, short, gone after their last day, and then missed by the check."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from bot.check.wording import notices
from bot.content.book import LANGUAGES, Book, Notice
from bot.content.loader import load

LONGEST = 60
"""UTF-16 units that leave room for the answer (see messages/notices.yaml)."""
BOOK = load()
NOTICES = [pytest.param(notice, id=notice.id) for notice in BOOK.notices]


@pytest.mark.parametrize("notice", NOTICES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_is_said_first_until_its_last_day(notice: Notice, language):
    for topic in notice.topics:
        for country in notice.countries:
            assert said(BOOK, notice, topic, country, notice.valid_until, language) == 0
            assert said(BOOK, notice, topic, country, notice.valid_until + timedelta(days=1), language) is None


@pytest.mark.parametrize("notice", NOTICES)
def test_is_not_said_about_another_country(notice: Notice):
    for topic in notice.topics:
        assert said(BOOK, notice, topic, "JP", notice.valid_until, "en") is None


@pytest.mark.parametrize("notice", NOTICES)
def test_the_check_turns_red_on_the_day_after(notice: Notice):
    def told(today: date) -> list[str]:
        return [each.level for each in notices(BOOK, today) if f"The notice {notice.id} " in each.what]

    assert told(notice.valid_until - timedelta(days=30)) == []
    assert told(notice.valid_until) == ["warning"]
    assert told(notice.valid_until + timedelta(days=1)) == ["error"]


@pytest.mark.parametrize("notice", NOTICES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_is_short_and_says_the_month_of_its_news(notice: Notice, language):
    words = BOOK.words(f"notice/{notice.id}", notice.say, language)
    assert language != "km" or len(words.encode("utf-16-le")) // 2 <= LONGEST
    assert re.search(r"(?:[A-Z][a-z]{2} |\d/)20\d\d\)\.?។?$", words)
    assert notice.facts


def said(book: Book, notice: Notice, topic: str, country: str, today: date, language) -> int | None:
    """The line on which the notice stands in the answer of a topic, None where it does not."""
    text = book.answer(book.topics[topic], language, here=country, there=country, today=today)
    words = book.words(f"notice/{notice.id}", notice.say, language)
    return next((number for number, line in enumerate(text.split("\n")) if line == words), None)
