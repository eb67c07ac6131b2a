"""The report on a campaign is made of what the reports on its broadcasts tell: nothing is found by subtraction."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest

from bot.services import campaign_report
from bot.services.disclosure import OTHER
from bot.services.prices import Price, Prices
from bot.services.reporting import ARRIVED, LOST, TooFew, report
from bot.services.results import Results
from bot.store.results import Cell, Head

PRICES = Prices({}, {("KH", ""): Price(Decimal("0.02"), "USD")})


def sent(number: int, *counts: tuple[str, str, int]) -> Results:
    head = Head(number, "KYA12", f"News {number}", "modem", 80, "{}", None, number, number + 1, None, number + 1)
    cells = [Cell(province, "km", "modem", "KH", "", outcome, people, people) for province, outcome, people in counts]
    return Results("KYA12", (head,), tuple(cells), {}, (), {}, {}, PRICES)


def campaign(*each: Results) -> Results:
    cells = tuple(cell for one in each for cell in one.cells)
    return replace(each[0], heads=tuple(one.heads[0] for one in each), cells=cells, each=each)


FIRST = sent(1, ("17", "delivered", 60), ("17", "failed", 10), ("14", "delivered", 55), ("14", "failed", 12))
SECOND = sent(2, ("17", "delivered", 70), ("17", "failed", 2), ("14", "delivered", 40), ("03", "delivered", 30))


def test_what_one_report_hides_cannot_be_found_by_taking_the_others_from_the_sum():
    alone, together = report(SECOND), campaign_report.of(campaign(FIRST, SECOND))
    assert alone.outcomes[LOST].exact is None
    assert report(FIRST).outcomes[LOST].exact == 22
    for name, figure in together.outcomes.items():
        first, second = report(FIRST).outcomes[name], alone.outcomes[name]
        assert (figure.low, figure.high) == (first.low + second.low, first.high + second.high)
    assert together.outcomes[LOST].low < 24 < together.outcomes[LOST].high
    assert together.people == FIRST.people + SECOND.people


def test_provinces_that_not_every_broadcast_tells_are_together():
    (table,) = campaign_report.of(campaign(FIRST, SECOND)).tables
    assert [(row.name, row.people) for row in table.rows] == [("17", 142), ("14", 107), (OTHER, 30)]
    told = table.rows[0].figures.get(ARRIVED)
    assert told is None or told.exact is None


def test_what_is_large_everywhere_is_summed_exactly():
    each = sent(3, ("17", "delivered", 60), ("17", "failed", 20), ("14", "delivered", 50), ("14", "failed", 30))
    found = campaign_report.of(campaign(each, each, each))
    assert found.outcomes[ARRIVED].exact == 330
    assert {row.name: row.figures[LOST].exact for row in found.tables[0].rows} == {"17": 60, "14": 90}
    assert [(cost.country, cost.people, cost.price) for cost in found.costs] == [("KH", 480, PRICES.price("KH", None))]
    assert found.spent == tuple(Price(side.amount * 3, "USD") for side in report(each).spent)


def test_broadcasts_to_a_few_are_told_together_or_not_at_all():
    few = sent(4, ("17", "delivered", 3))
    assert campaign_report.of(campaign(FIRST, few)) == report(FIRST)
    many = campaign_report.of(campaign(FIRST, *[few] * 7))
    assert many.people == FIRST.people + 21
    with pytest.raises(TooFew):
        campaign_report.of(campaign(few, few))


def test_a_later_report_tells_no_few_more_than_an_earlier_one():
    """The steps of a series are broadcasts to a few, one each day: with each the sum would grow by a few."""
    steps = [sent(10 + nth, ("17", "delivered" if nth % 2 else "failed", 3 + nth % 4)) for nth in range(40)]
    told = [campaign_report.of(campaign(FIRST, *steps[: 1 + nth])) for nth in range(40)]
    grown = [after.people - before.people for before, after in pairwise(told)]
    assert sum(grown) > 100
    assert all(more == 0 or more >= 20 for more in grown)
    for before, after in pairwise(told):
        if before.people == after.people:
            assert before == after


def test_what_is_not_closed_is_not_told_of_a_campaign():
    """Who was told yesterday of 300 people and of 304 today would know what became of four."""
    late = replace(SECOND, heads=(SECOND.heads[0]._replace(closed_at=None),))
    assert campaign_report.of(campaign(FIRST, late)) == report(FIRST)
    with pytest.raises(TooFew):
        campaign_report.of(campaign(late))


def test_answers_by_province_are_summed():
    answers = tuple(
        (label, province, "km", 20 + nth) for label in ("a", "b") for nth, province in enumerate(("17", "14"))
    )
    asked = replace(FIRST, answers=answers)
    (table,) = campaign_report.of(campaign(asked, SECOND, asked)).answers_by
    assert {row.name: row.figures["a"].exact for row in table.rows} == {"14": 42, "17": 40}
