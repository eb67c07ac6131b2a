"""How far a broadcast has come and what became of it: while it runs and when it is closed, always everybody."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from campaigning import OTHER, Office
from sqlalchemy import bindparam, insert, select

from bot.content.loader import load
from bot.protocol import DeliveryReport, SendError, Sent
from bot.services import broadcasts, conductor, delivery, privacy, results
from bot.services.broadcasts import Words
from bot.services.results import NoBroadcast, progress
from bot.store import results as store
from bot.store.stages import Stage
from bot.store.statements import Statement
from bot.store.tables import BroadcastAnswer, BroadcastText, DailyCount, Outbound
from bot.web.metrics import Outlook

DAYTIME = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
BROKEN = SendError("no such number", retry=False, sent=False)
_ROWS = Statement(
    lambda _: (
        select(Outbound.id)
        .join(BroadcastText, BroadcastText.id == Outbound.broadcast_text_id)
        .where(BroadcastText.broadcast_id == bindparam("made"))
    )
)


@pytest.fixture
def office(service, clock, monkeypatch) -> Office:
    monkeypatch.setattr(conductor, "WATCH", 0)
    monkeypatch.setattr(conductor, "LOOK", 0.0)
    clock.time = DAYTIME
    return Office(service)


def balanced(office, made, people):
    """The progress, after every count of it was added up."""
    seen = progress(office.service, made)
    counts = (seen.planned, seen.queued, seen.sent, seen.delivered, seen.failed, seen.unknown)
    assert sum((*counts, seen.suppressed, seen.expired, seen.cancelled, *seen.excluded.values())) == seen.total
    assert seen.total == people
    return seen


def close(office, made, clock):
    clock.forward(hours=73)
    office.rounds(lambda: broadcasts.get(office.service, made).closed_at is not None)
    assert broadcasts.get(office.service, made).closed_at is not None


def test_all_counts_together_are_the_audience_at_every_moment(office, clock):
    people = office.people(100)
    made = office.scheduled()
    office.rounds(lambda: office.recipients(made) == 100)
    assert balanced(office, made, 100).queued < 100
    for step in range(60):
        office.conductor.round()
        office.send(7, lambda number: BROKEN if number.endswith(("17", "37", "57", "77")) else Sent(None))
        if step == 3:
            office.tell(people[60:64], opted_out_at=office.now())
            privacy.erase(office.service, office.number(1))
            privacy.erase(office.service, office.number(70))
        if balanced(office, made, 100).stage is Stage.PAUSED:  # some said STOP, some failed
            broadcasts.resume(office.service, made, OTHER)
        clock.forward(seconds=10)
    seen = balanced(office, made, 100)
    assert seen.stage is Stage.DONE
    assert (seen.planned, seen.queued, seen.seconds_left) == (0, 0, 0)
    assert seen.failed == 4
    assert seen.suppressed + seen.excluded.get("stopped", 0) >= 1
    before = seen
    close(office, made, clock)
    after = balanced(office, made, 100)
    counts = ("sent", "delivered", "failed", "unknown", "suppressed", "expired", "cancelled", "excluded", "parts")
    assert [getattr(after, name) for name in counts] == [getattr(before, name) for name in counts]


def test_the_speed_and_the_time_left(office, clock):
    office.people(100)
    made = office.scheduled()
    office.rounds(lambda: office.queued() > 0)
    assert progress(office.service, made).seconds_left is None
    clock.forward(seconds=10)
    gone = len(office.send(20))
    assert gone > 0
    seen = progress(office.service, made)
    assert seen.rate == pytest.approx(gone / 10, rel=0.2)
    assert seen.seconds_left == pytest.approx((100 - gone) / seen.rate, abs=2)
    broadcasts.pause(office.service, made, "Sokha", "a mistake")
    seen = progress(office.service, made)
    assert (seen.stage, seen.paused_why, seen.seconds_left) == (Stage.PAUSED, "a mistake", None)


def test_a_pace_makes_the_time_left_longer(office, clock):
    office.people(100)
    made = office.scheduled(pace=20)
    office.rounds(lambda: office.queued() > 0)
    clock.forward(minutes=4)
    gone = len(office.send(100))
    assert gone > 0
    assert progress(office.service, made).seconds_left >= (100 - gone) * 180


def test_results_are_the_same_before_and_after_closing(office, clock, text):
    office.people(40)
    office.people(20, "TH", "en")
    office.tell(office.people(20), province="17", network="Smart")
    made = office.scheduled()
    office.all_through(made, clock)
    for nth in (3, 50):
        text("STOP", sender=office.number(nth))
    clock.forward(hours=1)
    before = results.results(office.service, made)
    assert before.stopped == 2
    assert before.opt_out_rate == 2 / 80
    assert before.by("country") == {("KH",): 60, ("TH",): 20}
    assert before.by("province", "network")[("17", "Smart")] == 20
    assert before.by("language", "outcome") == {("km", "accepted"): 60, ("en", "accepted"): 20}
    assert sum(before.hours.values()) == 80
    assert min(before.hours) == DAYTIME.timestamp() * 1000
    close(office, made, clock)
    after = results.results(office.service, made)
    assert sorted(after.cells) == sorted(before.cells)
    assert (after.hours, after.stopped, after.people) == (before.hours, 2, 80)


def test_a_stop_after_three_days_is_not_counted(office, clock):
    people = office.people(30)
    made = office.scheduled()
    office.all_through(made, clock)
    office.tell(people[:2], opted_out_at=office.now() + store.NEAR - 3_600_000)
    office.tell(people[2:5], opted_out_at=office.now() + store.NEAR + 3_600_000)
    office.tell(people[5:6], opted_out_at=DAYTIME.timestamp() * 1000 - 1)
    assert results.results(office.service, made).stopped == 2


def test_who_is_erased_while_it_is_counted_is_counted_once(office, clock):
    office.people(30)
    made = office.scheduled()
    office.all_through(made, clock)
    database = office.service.database
    counted = store.tally(database.read, made)
    privacy.erase(office.service, office.number(4))
    assert database.write(lambda tx: store.keep(tx, made, counted)) is False
    close(office, made, clock)
    balanced(office, made, 30)


def test_pages_count_everybody_once(office, clock, monkeypatch):
    office.people(90)
    office.people(40, "TH")
    made = office.scheduled()
    office.rounds(lambda: office.recipients(made) == 130)
    whole = store.tally(office.service.database.read, made)
    assert store.people(whole.cells) == 130
    monkeypatch.setattr(store, "_PAGE_END", Statement(lambda _: store._page_end(1)))
    assert store.tally(office.service.database.read, made) == whole


def test_reports_move_the_delivery_rate(office, clock):
    office.people(40)
    made = office.scheduled()
    office.all_through(made, clock)
    for row in office.service.database.read(lambda tx: tx.all(_ROWS, made=made))[:10]:
        delivery.record(office.service, DeliveryReport("smsgate", f"gw{row[0]}", "delivered", reference=row[0]))
    found = results.results(office.service, made)
    assert found.delivery_rate == 10 / 40
    assert progress(office.service, made).delivered == 10


def test_answers_and_quiz_of_the_campaign(office, clock):
    office.people(30)
    made = office.scheduled()
    office.all_through(made, clock)
    answers = Statement(lambda _: insert(BroadcastAnswer))
    counts = Statement(lambda _: insert(DailyCount))
    day = {"country": "KH", "language": "km", "shard": 0}

    def work(tx):
        tx.run(answers, broadcast_id=made, answer="Loans", province="17", language="km", texts=9)
        for when, topic, texts in (
            ("2026-11-01", "quiz/KYA12/before/1/right", 4),
            ("2026-11-02", "quiz/KYA12/before/1/right", 5),
            ("2026-11-01", "quiz/KYA12/before/1/wrong", 12),
            ("2026-11-02", "quiz/KYA12/after/1/wrong", 2),
            ("2026-11-02", "quiz/KYA1/after/1/wrong", 8),
            ("2026-11-02", "quiz/KYA123/after/1/wrong", 8),
        ):
            tx.run(counts, day=when, topic=topic, texts=texts, **day)

    office.service.database.write(work)
    found = results.results(office.service, made)
    assert found.answers == (("Loans", "17", "km", 9),)
    assert found.quiz == {}, "not of today"
    clock.forward(days=1)
    assert results.results(office.service, made).quiz == {"before/1/right": 9, "before/1/wrong": 12}


def test_no_answer_to_a_broadcast_is_told_by_the_quiz_too(office, clock):
    """Or who takes one from the other has the few who answered another broadcast, and whether they were right."""
    office = Office(replace(office.service, files=load()))
    office.people(30)
    asking = {"km": Words("Who keeps it?", opens="broadcasts.passport")}
    made = office.scheduled(texts=asking)
    office.all_through(made, clock)
    answer = Statement(lambda _: insert(BroadcastAnswer))
    count = Statement(lambda _: insert(DailyCount))
    day = {"day": "2026-11-01", "country": "KH", "language": "km", "shard": 0}

    def work(tx):
        for label, texts in (("I myself", 20), ("The boss", 7)):
            tx.run(answer, broadcast_id=made, answer=label, province="17", language="km", texts=texts)
        for result, texts in (("right", 22), ("wrong", 8)):
            for name in ("passport", "1"):
                tx.run(count, topic=f"quiz/KYA12/before/{name}/{result}", texts=texts, **day)

    office.service.database.write(work)
    clock.forward(days=2)
    alone, campaign = results.results(office.service, made), results.of_campaign(office.service, "KYA12")
    assert sorted(each[3] for each in alone.answers) == [7, 20]
    assert alone.quiz == {"before/1/right": 22, "before/1/wrong": 8}
    for each in (campaign, *campaign.each):
        assert each.answers == ()
        assert each.quiz == {**alone.quiz, "before/passport/right": 22, "before/passport/wrong": 8}


def test_the_quiz_grows_by_many_at_once():
    days = [("01", "before/1/right", 4), ("01", "before/1/wrong", 40), ("02", "before/1/right", 1)]
    assert results.quiz_of(days[:2]) == {}
    assert results.quiz_of(days) == {"before/1/right": 5, "before/1/wrong": 40}
    few = [("03", "before/1/right", 8), ("03", "before/1/wrong", 8)]
    assert results.quiz_of([*days, *few]) == results.quiz_of(days)
    more = [("04", "before/1/right", 4), ("04", "after/1/wrong", 90)]
    assert results.quiz_of([*days, *few, *more]) == {"before/1/right": 17, "before/1/wrong": 48}


def test_a_campaign_is_the_sum_of_its_broadcasts(office, clock):
    office.people(30)
    first = office.scheduled()
    office.all_through(first, clock)
    close(office, first, clock)
    second = office.scheduled()
    office.all_through(second, clock)
    waiting = broadcasts.create(office.service, office.draft())
    found = results.of_campaign(office.service, "KYA12")
    assert [head.id for head in found.heads] == [first, second]
    assert waiting not in {head.id for head in found.heads}
    assert found.people == 60
    with pytest.raises(NoBroadcast):
        results.of_campaign(office.service, "NONE1")
    with pytest.raises(NoBroadcast):
        progress(office.service, 17)


def test_prometheus_sees_the_texts_of_open_broadcasts(office, clock):
    office.people(30)
    made = office.scheduled()
    office.all_through(made, clock)
    assert gauge(office) == {"accepted": 30.0}
    close(office, made, clock)
    assert gauge(office) == {}


def gauge(office):
    family = Outlook(office.service, None)._broadcasts()
    return {sample.labels["outcome"]: sample.value for sample in family.samples}
