"""What a broadcast will cost, and when everybody has it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

import pytest

from bot.services import hours
from bot.services.budgets import Budgets
from bot.services.forecast import BY_BUDGET, BY_DAY, BY_PACE, BY_RATE, Course, Line, cost, schedule
from bot.services.prices import Price, table

NETWORKS = {"+85510": "Smart"}
PRICES = table("country,network,price,currency\nKH,Smart,0.02,USD\nKH,,0.03,USD\nTH,,0.4,THB\n", NETWORKS)
MORNING = datetime(2026, 11, 23, 1, tzinfo=UTC)
"""Eight o'clock in Cambodia and Thailand, nine in Malaysia."""


class Group(NamedTuple):
    country: str | None
    network: str | None
    language: str | None
    people: int


def plan(*groups, parts=None):
    return cost(PRICES, [Group(*group) for group in groups], parts or {"km": 2, "en": 1})


def course(**changes):
    return replace(Course(MORNING, MORNING + timedelta(days=20)), **changes)


def at(**later):
    return MORNING + timedelta(**later)


def test_people_times_parts_times_price():
    found = plan(("KH", "Smart", "km", 100), ("KH", None, "en", 10), ("TH", None, "km", 3), ("MY", None, None, 1))
    assert found.lines == (
        Line("KH", "Smart", "km", 100, 200, Price(Decimal("4.00"), "USD")),
        Line("KH", "", "en", 10, 10, Price(Decimal("0.30"), "USD")),
        Line("TH", "", "km", 3, 6, Price(Decimal("2.4"), "THB")),
        Line("MY", "", "km", 1, 2, None),
    )
    assert (found.people, found.parts) == (114, 218)
    assert found.total == ({"USD": Decimal("4.30"), "THB": Decimal("2.4")}, 2)


def test_who_has_no_text_of_their_own_costs_what_they_get():
    found = plan(("KH", None, "km_Latn", 5), ("KH", None, "km", 5), (None, None, "en", 1))
    assert [line[:5] for line in found.lines] == [("KH", "", "km", 10, 20), ("ZZ", "", "en", 1, 1)]
    assert plan(("KH", None, "km", 5), parts={"en": 1}).parts == 5


def test_at_the_rate_of_the_gateway():
    found = schedule(plan(("KH", None, "en", 3600)), course(rate=1.0))
    assert found == (at(), at(hours=1), 0, {BY_RATE})


def test_at_the_pace_that_staff_asked_for():
    found = schedule(plan(("KH", None, "en", 600)), course(rate=10.0, pace=200))
    assert found.waits == {BY_PACE}
    assert found.last == at(hours=3)
    slow = schedule(plan(("KH", None, "en", 3)), course(pace=2))
    assert timedelta(hours=1) <= slow.last - MORNING <= timedelta(hours=1, minutes=35)


def test_nobody_is_texted_at_night_where_they_are():
    night = course(begins=at(hours=12), rate=1.0)
    found = schedule(plan(("KH", None, "en", 100)), night)
    assert found == (at(days=1), at(days=1, minutes=1, seconds=40), 0, {BY_DAY})
    seoul = schedule(plan(("KR", None, "en", 100)), course(begins=at(hours=11)))
    assert seoul.first == at(hours=22), "08:00 in Korea is two hours before 08:00 in Cambodia"


def test_who_is_awake_does_not_wait_for_who_sleeps():
    found = schedule(plan(("KR", None, "en", 50), ("AE", None, "en", 50)), course())
    assert (found.first, found.last) == (at(), at(hours=3, minutes=1)), "08:00 in Dubai is 04:00 UTC"
    assert found.waits == {BY_DAY}


def test_the_first_wave_is_watched_before_the_others_go():
    found = schedule(plan(("KH", None, "en", 1000)), course(watched=timedelta(minutes=30)))
    assert (found.first, found.last) == (at(), at(minutes=36))


def test_a_budget_spreads_it_over_days():
    found = schedule(plan(("KH", None, "km", 1000)), course(budgets=Budgets(total=600)))
    assert found.waits == {BY_BUDGET, BY_DAY}
    assert found.last.date() == at(days=3).date(), "2,000 parts, 600 a day"
    spent = schedule(plan(("KH", None, "km", 300)), course(budgets=Budgets(total=600), spent={"": 1}))
    assert spent.last.date() == at(days=1).date()


def test_countries_without_a_card_have_the_smallest_budget():
    budgets = Budgets(country=1000, served=frozenset({"KH"}))
    found = schedule(plan(("KH", None, "en", 900), ("FR", None, "en", 150)), course(budgets=budgets))
    assert (found.last.date(), found.late, found.waits & {BY_BUDGET}) == (at(days=1).date(), 0, {BY_BUDGET})


@pytest.mark.parametrize("most", [1, 0])
def test_who_comes_too_late_is_counted(most):
    short = course(ends=at(hours=1), rate=1.0)
    assert schedule(plan(("KH", None, "en", 4000)), short).late == 400
    never = schedule(plan(("KH", None, "km", 7)), course(budgets=Budgets(total=most), ends=at(days=90)))
    assert never == (None, None, 7, {BY_BUDGET, BY_DAY})


def test_a_million_is_planned_at_once():
    groups = [(country, None, "km", 60_000) for country in hours.ZONES]
    found = schedule(plan(*groups, parts={"km": 3}), course(rate=3.0, ends=at(days=60)))
    assert found.late == 0
    assert timedelta(days=3) < found.last - MORNING < timedelta(days=7)
