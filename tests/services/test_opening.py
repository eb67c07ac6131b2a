"""The hours that staff set are what people are told, in every process."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from bot.content.loader import load
from bot.conversation.hours import stands
from bot.services import content, opening
from bot.services.content import BadContent, Kind
from bot.services.service import Service

BOOK = load()
WEEK = {"mon": [["08:00", "12:00"], ["13:00", "17:00"]], "sat": [["09:00", "10:30"]]}


@pytest.fixture
def house(service) -> Service:
    return replace(service, files=BOOK)


def told(house: Service):
    house.shelf.look_again()
    return house.shelf.current().hours


def test_no_hours_are_told_until_staff_set_them(house):
    assert told(house) is None
    change = content.save(house, Kind.HOURS, opening.WEEK, WEEK, "Sophea")
    hours = told(house)
    assert hours.week[0] == ((time(8), time(12)), (time(13), time(17)))
    assert [len(day) for day in hours.week] == [2, 0, 0, 0, 0, 1, 0]
    content.undo(house, change, "Dara")
    assert told(house) is None
    content.save(house, Kind.HOURS, opening.WEEK, {}, "Sophea")
    assert told(house) is None


def test_a_holiday_takes_the_hours_of_its_day(house):
    content.save(house, Kind.HOURS, opening.WEEK, WEEK, "Sophea")
    content.save(house, Kind.HOLIDAY, "2026-11-23", {"name": "Water festival"}, "Sophea")
    hours = told(house)
    assert hours.holidays == {date(2026, 11, 23)}
    found = stands(hours, datetime(2026, 11, 23, 2, tzinfo=UTC))
    assert (found.until, found.day, found.at) == (None, date(2026, 11, 28), time(9))


def test_another_process_tells_the_same(house):
    other = replace(house, shelf=None)
    assert told(other) is None
    content.save(house, Kind.HOURS, opening.WEEK, WEEK, "Sophea")
    assert told(other) == told(house) is not None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("spans", [[["8", "12"]], [["12:00", "08:00"]], [["08:00", "12:00"], ["11:00", "17:00"]]])
def test_hours_that_cannot_be_are_not_taken(house, spans):
    with pytest.raises(BadContent):
        content.save(house, Kind.HOURS, opening.WEEK, {"mon": spans}, "Sophea")
    assert told(house) is None
