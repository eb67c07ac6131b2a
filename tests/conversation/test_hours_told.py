"""Who asks for a person is told when one reads: never more than the hours that staff have set (H8)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stories.stage import words

from bot.check.readers import spots
from bot.content.book import LANGUAGES
from bot.conversation.engine import step
from bot.conversation.hours import ASK, Hours, said, stands
from bot.conversation.registry import Registry
from bot.conversation.session import Session

BOOK, READER = words()
HOME = timedelta(hours=7)
OFFICE = Hours((((time(8), time(12)), (time(13), time(17))),) * 5 + ((), ()))
SUNDAY = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def asked(
    hours: Hours | None, at: datetime, language: str = "en", home: str | None = "KH", text: str = "person"
) -> str:
    session = Session(language=language, pinned=True, home=home, at=at)
    turn = step(BOOK, READER, session, text, at, registry=Registry(hours=hours))
    assert turn.session.state == ASK
    return turn.replies[0].text


def here(day: int, hour: int, minute: int = 0) -> datetime:
    """By the clocks of Cambodia, in November 2026; the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - HOME


TOLD = [
    ((23, 8), "today until 12:00."),
    ((23, 11, 59), "today until 12:00."),
    ((23, 12), "again today from 13:00."),
    ((23, 7, 59), "again today from 8:00."),
    ((23, 17), "again tomorrow from 8:00."),
    ((27, 17), "again on 30/11 from 8:00."),
    ((22, 23, 59), "again tomorrow from 8:00."),
]


@pytest.mark.parametrize(("at", "told"), TOLD)
def test_as_it_is_at_that_moment(at, told):
    assert told in asked(OFFICE, here(*at))


def test_on_a_holiday_nobody_reads():
    off = Hours(OFFICE.week, frozenset({date(2026, 11, 24), date(2026, 11, 25)}))
    assert "again on 26/11 from 8:00." in asked(off, here(23, 17))
    assert "again on 26/11 from 8:00." in asked(off, here(24, 10))
    assert "until 12:00" in asked(off, here(26, 10))


def test_without_hours_nothing_is_promised():
    never = Hours(((),) * 7)
    far = Hours(OFFICE.week, frozenset(date(2026, 11, 1) + timedelta(days=n) for n in range(200)))
    for hours in (None, never, far):
        assert "We cannot say when" in asked(hours, here(23, 10))


def test_it_is_as_it_is_then_when_it_is_said_again():
    registry = Registry(hours=OFFICE)
    session = Session(language="en", pinned=True, home="KH", at=here(23, 16, 50))
    turn = step(BOOK, READER, session, "person", here(23, 16, 50), registry=registry)
    assert "today until 17:00" in turn.replies[0].text
    turn = step(BOOK, READER, turn.session, "khmer", here(23, 17, 2), registry=registry)
    assert "ស្អែកម៉ោង 8:00" in turn.replies[0].text
    assert turn.session.state == ASK


@pytest.mark.parametrize("language", LANGUAGES)
def test_when_nobody_is_there_a_number_is_named_that_answers_at_any_hour(language):
    always = [line for line in BOOK.helplines.values() if line.enabled and line.hours.startswith("24 h")]
    countries = {line.country for line in always}
    for home in spots(BOOK):
        for at in ((23, 12), (23, 17), (27, 17)):
            text = asked(OFFICE, here(*at), language, home)
            named = {line.country for line in always if names(text, line.local) or names(text, line.e164)}
            assert (home if home in countries else "KH") in named, f"{home}: {text}"


def names(text: str, number: str | None) -> bool:
    return number is not None and re.search(rf"(?<![0-9+]){re.escape(number)}(?![0-9])", text) is not None


@pytest.mark.parametrize("language", LANGUAGES)
def test_abroad_it_is_said_whose_clock_it_is(language):
    sign = {"km": "ម៉ោងខ្មែរ", "km_Latn": "maong srok khmer", "en": "Cambodian time"}[language]
    for at in ((23, 9), (23, 12), (23, 17), (27, 17)):
        assert sign in asked(OFFICE, here(*at), language, "KR")
        assert sign not in asked(OFFICE, here(*at), language, "KH")


TIMES = st.integers(0, 24 * 60 - 1).map(lambda minutes: time(*divmod(minutes, 60)))
SPANS = st.lists(TIMES, max_size=6, unique=True).map(
    lambda found: tuple(zip(sorted(found)[0::2], sorted(found)[1::2], strict=False))
)
WEEKS = st.lists(SPANS, min_size=7, max_size=7).map(tuple)
DAYS_OFF = st.frozensets(st.integers(0, 20).map(lambda n: date(2026, 11, 20) + timedelta(days=n)), max_size=8)
INSTANTS = st.integers(0, 14 * 24 * 60).map(lambda minutes: SUNDAY + timedelta(minutes=minutes))


@settings(max_examples=300, deadline=None)
@given(week=WEEKS, off=DAYS_OFF, at=INSTANTS)
def test_no_minute_is_promised_that_is_not_set(week, off, at):
    """Also: as long as somebody reads that is said, and no earlier time at which somebody reads is left out."""
    hours = Hours(week, off)
    found = stands(hours, at)
    local = (at + HOME).replace(tzinfo=None)
    if found is None:
        assert not any(reads(hours, local + timedelta(minutes=n)) for n in range(2 * 24 * 60))
        return
    if found.until is not None:
        until = datetime.combine(local.date(), found.until)
        assert until > local
        assert all(reads(hours, local + timedelta(minutes=n)) for n in range((until - local).seconds // 60))
        assert said(hours, at)[0] == f"{ASK}_open"
    else:
        begins = datetime.combine(found.day, found.at or time())
        assert begins > local
        assert reads(hours, begins)
        assert not any(
            reads(hours, local + timedelta(minutes=n)) for n in range(int((begins - local).total_seconds() // 60))
        )


def reads(hours: Hours, at: datetime) -> bool:
    """Whether somebody reads at a minute, straight from what was set."""
    spans = hours.week[at.weekday()] if at.date() not in hours.holidays else ()
    return any(begins <= at.time() < ends for begins, ends in spans)
