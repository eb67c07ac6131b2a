"""What the pages of broadcasts are told: page by page, and nothing of a few people."""

from __future__ import annotations

from decimal import Decimal

import pytest
from campaigning import AUTHOR, Office

from bot.channels import Traits
from bot.services import broadcast_look, broadcasts
from bot.services.broadcasts import BadBroadcast
from bot.services.budgets import Budgets
from bot.services.disclosure import Figure, shown
from bot.services.results import Progress
from bot.store.stages import Stage


@pytest.fixture
def office(service) -> Office:
    return Office(service)


def progress(**counts: int) -> Progress:
    names = ("planned", "queued", "sent", "delivered", "failed", "unknown", "suppressed", "expired", "cancelled")
    told = {name: counts.get(name, 0) for name in names}
    return Progress(
        stage=Stage.RUNNING,
        paused_why=None,
        **told,
        excluded={},
        total=sum(told.values()),
        parts=0,
        rate=0.0,
        seconds_left=None,
    )


def test_the_list_goes_on_where_a_page_ended(office):
    made = [broadcasts.create(office.service, office.draft()) for _ in range(5)]
    for each in made[:2]:
        broadcasts.cancel(office.service, each, AUTHOR)
    first = broadcast_look.listed(office.service, 2, over=False)
    assert [line.known.id for line in first] == [made[4], made[3]]
    rest = broadcast_look.listed(office.service, 2, made[3], over=False)
    assert [(line.known.id, line.stage, line.people) for line in rest] == [(made[2], "draft", None)]
    over = broadcast_look.listed(office.service, 5, over=True)
    assert [line.known.id for line in over] == [made[1], made[0]]


def test_one_is_told_with_its_words_and_counts(office):
    office.people(40)
    one = office.scheduled()
    office.rounds(until=lambda: office.stage(one) >= Stage.CANARY)
    seen = broadcast_look.look(office.service, one)
    assert {text.language: text.parts for text in seen.texts} == {
        "km": ("news in Khmer",),
        "en": ("news in English",),
    }
    assert seen.line.progress is not None
    assert seen.line.progress.total == 40
    assert sum(figure.low for figure in seen.line.outcomes.values()) == 40
    assert seen.events[0].act == "create"
    with pytest.raises(BadBroadcast):
        broadcast_look.look(office.service, 7)


def test_what_sending_now_means_is_counted_now(office):
    office.people(30)
    one = broadcasts.create(office.service, office.draft())
    known = broadcasts.get(office.service, one)
    office.people(30)
    seen = broadcast_look.foresee(office.service, known, Traits(), Budgets())
    assert (seen.recipients, seen.parts, seen.provinces) == (60, 60, {"": 60})
    assert (sum(seen.cost.sums.values(), Decimal()), seen.cost.unpriced) == (0, 60)


def test_few_are_not_told_and_cannot_be_counted_back():
    told = broadcast_look.outcomes(progress(queued=60, delivered=37, failed=2, unknown=0))
    assert told["failed"] == Figure(1, 4)
    assert told["delivered"] == shown(37)
    assert told["unknown"] == shown(0)
    assert told["queued"].exact is None
    assert told["queued"].low <= 60 <= (told["queued"].high or 60)
    assert all(figure.exact is not None for figure in broadcast_look.outcomes(progress(queued=50, sent=50)).values())


@pytest.mark.parametrize(
    ("excluded", "told"),
    [
        ({}, []),
        ({"stopped": 9}, [(("stopped", "emergency", "case"), shown(9))]),
        ({"stopped": 9, "emergency": 1}, [(("stopped", "emergency", "case"), shown(10))]),
        ({"stopped": 9, "emergency": 6}, [(("stopped", "case"), shown(9)), (("emergency",), shown(6))]),
        (
            {"stopped": 9, "emergency": 6, "case": 5},
            [(("stopped",), shown(9)), (("emergency",), shown(6)), (("case",), shown(5))],
        ),
        ({"stopped": 9, "emergency": 1, "case": 1}, [(("stopped", "emergency", "case"), shown(11))]),
        ({"stopped": 1, "cap": 2}, [(("stopped", "emergency", "case", "cap"), Figure(1, 4))]),
        ({"cancelled": 20}, [(("cancelled",), shown(20))]),
    ],
    ids=["nobody", "stop", "stop-and-help", "many-ask-for-help", "many-of-both", "few-of-both", "few-in-all", "later"],
)
def test_why_people_are_left_out(excluded, told):
    assert broadcast_look.left_out(excluded) == told
