"""What became of texts is counted by day and channel, once, as it becomes known; on both databases."""

from __future__ import annotations

import pytest
from postbox import CHANNEL, Postbox
from sqlalchemy import func, select

from bot.protocol import DeliveryReport, SendError, Sent
from bot.services import delivery, recovery
from bot.services.recovery import Verdict
from bot.store import outcomes
from bot.store.case_tables import DailyOutcome
from bot.store.statements import Statement

TRY_AGAIN = SendError("busy", retry=True, sent="no")
REFUSED = SendError("no such number", retry=False, sent="no", cause="bad_number")
WHO_KNOWS = SendError("no answer", retry=True, sent="unknown")
EVERY = Statement(lambda _: select(func.sum(DailyOutcome.texts)))


@pytest.fixture
def box(service) -> Postbox:
    return Postbox(service)


def counted(box, channel=CHANNEL) -> dict[str, int]:
    """All that was ever counted of a channel."""
    found = box.service.database.read(lambda tx: outcomes.since(tx, "2000-01-01"))
    return {each.outcome: each.texts for each in found if each.channel == channel}


def report(box, status, provider_id="a"):
    delivery.record(box.service, DeliveryReport(CHANNEL, provider_id, status))


def test_texts_that_went_are_counted_in_one(box):
    for number in range(3):
        box.text(sender=f"+8551234567{number}")
    box.settle(*((held, Sent(f"id{number}")) for number, held in enumerate(box.claim())))
    assert counted(box) == {"went": 3}


def test_what_is_tried_again_is_counted_each_time_and_then_as_it_ends(box, clock):
    box.text()
    (held,) = box.claim()
    box.settle((held, TRY_AGAIN))
    clock.forward(minutes=2)
    (held,) = box.claim()
    box.settle((held, Sent("a")))
    box.text(sender="+85512345679")
    (held,) = box.claim()
    box.settle((held, REFUSED))
    assert counted(box) == {"again": 1, "went": 1, "failed": 1}


def test_a_settlement_that_is_not_kept_is_not_counted(box):
    box.text()
    (held,) = box.claim()

    def fail(tx):
        outcomes.count(tx, box.service.now(), {(CHANNEL, "went"): 1})
        raise LookupError

    with pytest.raises(LookupError):
        box.service.database.write(fail)
    assert counted(box) == {}
    box.settle((held, Sent("a")))
    assert counted(box) == {"went": 1}


def test_a_report_is_counted_once_however_often_it_comes(box):
    box.text()
    (held,) = box.claim()
    box.settle((held, Sent("a")))
    for status in ("sent", "delivered", "delivered", "read", "read", "undelivered"):
        report(box, status)
    assert counted(box) == {"went": 1, "arrived": 1}


def test_what_was_read_without_more_has_arrived(box):
    box.text()
    (held,) = box.claim()
    box.settle((held, Sent("a")))
    report(box, "read")
    assert counted(box) == {"went": 1, "arrived": 1}


def test_what_the_network_could_not_bring_is_lost(box):
    box.text()
    (held,) = box.claim()
    box.settle((held, Sent("a")))
    report(box, "undelivered")
    assert counted(box) == {"went": 1, "lost": 1}


def test_a_report_that_came_before_its_text_was_settled_is_counted(box):
    box.text()
    (held,) = box.claim()
    report(box, "delivered")
    report(box, "read")
    box.settle((held, Sent("a")))
    assert counted(box) == {"went": 1, "arrived": 1}
    delivery.catch_up(box.service)
    assert counted(box) == {"went": 1, "arrived": 1}


def test_what_came_too_late_and_what_nobody_wants_any_more(box, clock):
    box.text()
    box.text(sender="+85512345671")
    box.settle(*((held, Sent(None)) for held in box.claim()))
    box.news(["+85512345678", "+85512345671"])
    box.text("STOP", "+85512345671", channel="another")
    (held,) = box.claim()
    assert counted(box) == {"went": 2, "left": 1}
    box.settle((held, TRY_AGAIN))
    clock.forward(days=3)
    assert box.claim() == []
    assert counted(box) == {"went": 2, "left": 1, "again": 1, "late": 1}


def test_what_a_channel_that_is_gone_left_is_late_or_unknown(box, clock):
    box.text()
    box.text(sender="+85512345679")
    first, _ = box.claim()
    box.settle((first, WHO_KNOWS))
    clock.forward(days=9)
    recovery.expire_leases(box.service)
    done = recovery.end_overdue(box.service)
    assert done == sum(counted(box).values()) == 2
    assert set(counted(box)) <= {"late", "unknown"}


def test_what_will_never_be_known(box, clock):
    box.text("STOP")
    (held,) = box.claim()
    box.settle((held, WHO_KNOWS))
    (held,) = box.unsure()
    box.decide(held, Verdict.BLIND)
    assert counted(box) == {"unknown": 1}


def test_answers_in_a_response_have_gone_and_screens_are_no_texts(box, service):
    box.text(channel="twilio", inline=True)
    box.text("SOS", "+85512345671", channel="twilio", inline=True)
    box.text(channel="ussd", inline=True, medium="ussd")
    assert counted(box, "twilio") == {"went": 2}
    assert counted(box, "ussd") == {}


def test_many_on_one_day_are_one_row_to_read(box, clock):
    for number in range(20):
        box.text(sender=f"+855123456{number:02}")
        box.settle(*((held, Sent(f"id{number}")) for held in box.claim()))
        clock.forward(milliseconds=7)
    found = box.service.database.read(lambda tx: outcomes.since(tx, "2000-01-01"))
    assert [(each.outcome, each.texts) for each in found] == [("went", 20)]
    assert box.service.database.read(lambda tx: tx.one(EVERY)) == (20,)
