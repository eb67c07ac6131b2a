"""What staff see first, on both databases."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bot.services import cases, overview
from bot.services.overview import Count
from bot.store import gateways, messages, outcomes, unmatched
from bot.store.statements import Statement
from bot.store.tables import Inbound
from bot.store.times import DAY

HOUR = 3_600_000
INBOUND = Statement(lambda _: select(Inbound.id))


@dataclass(frozen=True)
class Line:
    """A helpline, as far as it matters here."""

    name: str
    country: str
    checked_on: date | None
    enabled: bool = True
    instead: str | None = None


@dataclass(frozen=True)
class Lines:
    helplines: dict[str, Line] = field(default_factory=dict)


@pytest.fixture
def house(service):
    return replace(service, files=Lines())


def count(house, day: date, topic: str, times: int = 1, language: str = "km", country: str = "KH") -> None:
    def work(tx):
        for shard in range(times):
            tx.run(
                messages.COUNT,
                day=day.isoformat(),
                country=country,
                language=language,
                topic=topic,
                shard=shard % tx.shards,
                texts=1,
            )

    house.database.write(work)


def test_a_house_where_nothing_happens(house):
    now = overview.now(house)
    assert (now.cases, now.unmatched, now.channels, now.unchecked, now.broadcasts, now.failed) == (
        [], 0, [], [], [], False,
    )  # fmt: skip
    weeks = overview.weeks(house)
    assert (weeks.texts, len(weeks.days), weeks.topics) == (0, 28, [])


def test_those_who_wait_are_counted_by_how_long(house, text, clock):
    for number in range(3):
        text("SOS", sender=f"+8551234567{number}")
        clock.forward(hours=2)
    text("HUMAN", sender="+85512345679")
    clock.forward(hours=21)
    now = overview.now(house)
    emergency, person = now.waiting("emergency"), now.waiting("person")
    assert (emergency.people, emergency.day, emergency.recent) == (3, 1, 0)
    assert house.now() - emergency.oldest == 27 * HOUR
    assert (person.people, person.day, person.recent) == (1, 1, 0)


def test_whom_we_wait_for_is_not_told_as_waiting(house, text):
    text("HUMAN", sender="+85512345678")
    text("HUMAN", sender="+85512345679")
    first, _ = cases.page(house, "open")
    assert overview.now(house).waiting("person").unseen == 2
    cases.wait(house, first.id, 3, "Nary")
    waiting = overview.now(house).waiting("person")
    assert (waiting.people, waiting.unseen) == (1, 1)


def test_texts_without_an_answer_are_counted_up_to_many(house, text, monkeypatch):
    for number in range(3):
        text(f"{number}")
    rows = house.database.read(lambda tx: tx.all(INBOUND))
    house.database.write(lambda tx: [tx.run(unmatched.ADD, inbound_id=row, at=1) for (row,) in rows])
    assert overview.now(house).unmatched == 3
    monkeypatch.setattr("bot.store.overview.MOST", 1)
    assert overview.now(house).unmatched == 2


def test_a_gateway_in_trouble_is_told_until_it_is_well(house, clock):
    at = house.now()
    house.database.write(lambda tx: gateways.pause(tx, "gammu", at + HOUR, "the modem does not answer", at))
    assert overview.now(house).channels == [overview.Channel("gammu", "the modem does not answer", at, True)]
    clock.forward(hours=2)
    assert [channel.paused for channel in overview.now(house).channels] == [False]


def test_numbers_that_nobody_called_for_too_long(house, clock):
    today = clock().date()
    lines = [
        Line("Never", "TH", None),
        Line("Old", "KH", today - timedelta(days=181)),
        Line("Fresh", "KH", today - timedelta(days=180)),
        Line("Off", "KH", None, enabled=False),
        Line("Another is said instead", "KH", None, instead="Fresh"),
    ]
    house = replace(house, files=Lines({line.name: line for line in lines}))
    assert [line.name for line in overview.now(house).unchecked] == ["Old", "Never"]


def test_the_last_weeks_day_by_day(house, clock):
    today = clock().date()
    count(house, today, "loans", 3)
    count(house, today, "none", 2, "en", "TH")
    count(house, today - timedelta(days=27), "sos")
    count(house, today - timedelta(days=28), "sos", 9)
    count(house, today, "quiz/KYA12/before/1/right", 7)
    weeks = overview.weeks(house)
    assert weeks.texts == 6
    assert (weeks.days[-1].texts, weeks.days[-1].lost) == (5, 2)
    assert weeks.days[0] == ((today - timedelta(days=27)).isoformat(), 1, 0)
    assert [day.texts for day in weeks.days[1:-1]] == [0] * 26
    assert weeks.topics == [Count("loans", 3), Count("none", 2), Count("sos", 1)]
    assert weeks.languages == [Count("km", 4), Count("en", 2)]
    assert weeks.countries == [Count("KH", 4), Count("TH", 2)]


def test_what_is_rare_is_added_up(house, clock):
    topics = ["sos", "loans", "costs", "border", "age", "study", "rights", "family", "quiz", "menu"]
    for number, topic in enumerate(topics):
        count(house, clock().date(), topic, 10 - number)
    assert overview.weeks(house).topics[-2:] == [Count("rights", 4), Count("*", 6)]


def test_what_became_of_our_texts_and_how_each_gateway_worked(house, clock):
    at = house.now()

    def work(tx):
        outcomes.count(tx, at, {("kannel", "went"): 40, ("kannel", "again"): 7, ("gammu", "failed"): 2})
        outcomes.count(tx, at - DAY, {("kannel", "went"): 5, ("kannel", "arrived"): 4, ("kannel", "left"): 9})
        outcomes.count(tx, at - 28 * DAY, {("kannel", "went"): 1000})

    house.database.write(work)
    weeks = overview.weeks(house)
    assert weeks.outcomes == [("went", 45), ("again", 7), ("failed", 2), ("left", 9), ("arrived", 4)]
    gammu, kannel = weeks.health
    assert (gammu.name, gammu.whole) == ("gammu", (0, 2))
    assert (kannel.days[-1], kannel.days[-2], kannel.days[0]) == ((40, 7), (5, 0), (0, 0))
    assert (len(kannel.days), kannel.whole) == (28, (45, 7))
