"""What a broadcast costs in the end is what was told before it was sent, to the cent."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest
from campaigning import WORDS, Office

from bot.content.loader import load
from bot.services import audience, broadcasts, conductor, forecast, prices
from bot.services.audience import Audience
from bot.services.broadcasts import Words
from bot.store import results
from bot.text.sms import segments

TABLE = """\
prefix,country,network,price,currency
,KH,Smart,0.0131,XTS
,KH,Cellcard,0.017,XTS
,KH,,0.02,XTS
+66,,,0.0333,XTS
+82,,,1,XXX
"""
TEXTS = {**WORDS, "km": Words("k" * 200), "km_Latn": Words("l" * 400)}


@pytest.fixture
def office(service, monkeypatch) -> Office:
    monkeypatch.setattr(conductor, "WATCH", 0)
    return Office(replace(service, prices=prices.table(TABLE, load().networks)))


def populate(office):
    """200 people of five countries and several networks; the last two kinds have no price, or no country."""
    kinds = [
        (70, "KH", "km", "Smart", "17"),
        (30, "KH", "en", "Smart", "14"),
        (40, "KH", "km_Latn", "Cellcard", "17"),
        (20, "KH", "km", None, None),
        (20, "TH", "km", None, "03"),
        (10, "KR", "en", None, None),
        (7, "MY", "km", None, "17"),
        (3, None, "en", None, None),
    ]
    for many, country, language, network, province in kinds:
        people = office.people(many, country, language)
        office.tell(people, network=network, province=province)


def test_the_estimate_equals_the_ledger(office, clock):
    populate(office)
    seen = audience.preview(office.service, "KYA12", Audience(), office.now())
    parts = {language: len(segments(said.words).parts) for language, said in TEXTS.items()}
    assert parts == {"km": 2, "en": 1, "km_Latn": 3}
    estimate = forecast.cost(office.service.prices, seen.groups, parts)
    assert (estimate.people, estimate.parts) == (200, 70 * 2 + 30 + 40 * 3 + 20 * 2 + 20 * 2 + 10 + 7 * 2 + 3)
    assert estimate.total.unpriced == 17
    assert estimate.total.sums == {
        "XTS": Decimal("0.0131") * 170 + Decimal("0.017") * 120 + Decimal("0.02") * 40 + Decimal("0.0333") * 40,
        "XXX": Decimal(10),
    }

    made = office.scheduled(texts=TEXTS)
    office.all_through(made, clock)
    clock.forward(hours=73)
    office.rounds(lambda: broadcasts.get(office.service, made).closed_at is not None)
    cells = office.service.database.read(lambda tx: results.kept(tx, made))
    ledger = Counter()
    for cell in cells:
        assert cell.outcome == "accepted"
        ledger[cell.country, cell.network, cell.language] += cell.parts
    assert ledger == Counter({line[:3]: line.parts for line in estimate.lines})
    money = prices.total(
        (office.service.prices.cost(country, network, parts), parts) for (country, network, _), parts in ledger.items()
    )
    assert money == estimate.total


def test_who_says_stop_before_their_turn_costs_nothing(office, clock):
    populate(office)
    seen = audience.preview(office.service, "KYA12", Audience(), office.now())
    estimate = forecast.cost(office.service.prices, seen.groups, {"km": 2, "en": 1, "km_Latn": 3})
    made = office.scheduled(texts=TEXTS)
    office.rounds(lambda: office.queued() > 0)
    first = sorted({contact for contact, _ in office.texts()})[:3]
    office.tell(first, opted_out_at=office.now())
    office.all_through(made, clock)
    cells = office.service.database.read(lambda tx: results.live(tx, made))
    went = sum(cell.parts for cell in cells if cell.outcome == "accepted")
    left = sum(cell.parts for cell in cells if cell.outcome == "suppressed")
    assert went + left == estimate.parts
    assert sum(cell.people for cell in cells if cell.outcome == "suppressed") == 3
