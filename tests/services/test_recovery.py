"""What comes back after a crash, a lost lease, a silence, a gateway that fails, a clock that was wrong."""

import pytest
import unasked
from postbox import CHANNEL, ME, OTHER, SENDER, Postbox
from unasked import Window

from bot.protocol import DeliveryReport, SendError, Sent
from bot.services import delivery, recovery
from bot.services.delivery import State
from bot.services.outbox import LEASE
from bot.services.recovery import ASK_AGAIN, Verdict

UNKNOWN = SendError("no answer", retry=True, sent="unknown")


@pytest.fixture
def box(service) -> Postbox:
    return Postbox(service)


@pytest.fixture
def lost(box):
    """A text whose outcome nobody knows, in the hands of whoever is to decide."""

    def make(words="hello"):
        box.text(words)
        (held,) = box.claim()
        box.settle((held, UNKNOWN))
        (held,) = box.unsure()
        return held

    return make


def test_a_new_process_takes_back_what_the_dead_one_held(box):
    box.text("hello")
    box.text("hello", "+85512345679")
    box.text("hello", "+85512345670")
    (first,) = box.claim(OTHER, 1, posting=False)
    (second,) = box.claim(OTHER, 1)
    (mine,) = box.claim(ME, 1)
    assert recovery.recover(box.service, ME) == 2
    assert box.states() == [State.QUEUED, State.UNSURE, State.POSTING]
    assert not box.begin(first, OTHER)
    assert box.row(mine).owner == ME
    assert box.row(second).due_at == box.service.now()
    assert recovery.recover(box.service, ME) == 0
    assert box.sound()


def test_recovering_leaves_an_answer_in_a_response_to_its_lease(box):
    box.text("SOS", channel="twilio", inline=True)
    assert recovery.recover(box.service, ME) == 0
    assert box.states() == [State.POSTING]


def test_a_decision_of_the_dead_is_taken_by_the_living(box, lost):
    lost()
    assert box.unsure(OTHER) == []
    assert recovery.recover(box.service, OTHER) == 1
    assert len(box.unsure(OTHER)) == 1


@pytest.mark.parametrize(("posting", "state"), [(False, State.QUEUED), (True, State.UNSURE)])
def test_a_lease_ends_on_its_millisecond(box, clock, posting, state):
    box.text("hello")
    (held,) = box.claim(posting=posting)
    clock.forward(seconds=LEASE, milliseconds=-1)
    assert recovery.expire_leases(box.service) == 0
    clock.forward(milliseconds=1)
    assert recovery.expire_leases(box.service, [held.outbound.id]) == 0, "this process is at it"
    assert recovery.expire_leases(box.service) == 1
    assert box.row().state == state
    assert (box.row().owner, box.row().lease_until) == (None, None)
    assert not box.begin(held) or posting
    assert box.sound()


def test_a_lease_from_the_future_is_a_mistake_of_the_clock(box, clock):
    box.text("hello")
    box.claim(posting=False)
    clock.forward(hours=-1)
    assert recovery.expire_leases(box.service) == 1
    assert box.row().state == State.QUEUED
    assert len(box.claim()) == 1, "and so is the time it is due"


@pytest.mark.parametrize("jump", [-400, -1, 1])
def test_no_jump_of_the_clock_strands_a_text(box, clock, jump):
    box.text("SOS")
    (held,) = box.claim()
    box.settle((held, SendError("away", retry=True, sent="no", cause="unreachable")))
    clock.forward(days=jump)
    recovery.expire_leases(box.service)
    clock.forward(seconds=1)
    assert len(box.claim()) == 1


def test_a_clock_that_is_put_right_ends_no_text(box, clock):
    box.text("SOS")
    box.news()
    end = box.rows()[1].expires_at
    clock.forward(days=400)
    recovery.clock_moved(box.service, 400 * 86_400_000)
    assert [each.outbound.priority for each in box.claim()] == [0]
    assert box.rows()[1].expires_at == end, "what staff wrote by the calendar stays where it is"


def test_a_clock_that_is_put_right_ends_no_wait(box, clock):
    box.text("SOS", channel="twilio", inline=True)
    clock.forward(days=400)
    recovery.clock_moved(box.service, 400 * 86_400_000)
    assert recovery.expire_leases(box.service) == 0


def test_a_broadcast_is_not_sent_early_for_a_clock_that_went_back(box, clock):
    box.text("hello")
    box.claim()
    opens = box.service.now() + 30 * 86_400_000
    unasked.queue(box.service, CHANNEL, "news", [SENDER], Window(opens, opens + 1000, box.service.now()))
    recovery.expire_leases(box.service)
    assert box.claim() == []


def test_two_processes_do_not_both_decide(box, lost):
    held = lost()
    assert box.unsure(OTHER) == []
    assert box.decide(held, Verdict.ABSENT, OTHER) is None
    assert box.decide(held, Verdict.ABSENT) is State.QUEUED
    assert box.decide(held, Verdict.ABSENT) is None


def test_what_the_gateway_has_is_sent(box, lost):
    held = lost()
    assert box.decide(held, Sent("a")) is State.ACCEPTED
    assert box.row().state == State.ACCEPTED
    assert box.sound()


def test_what_the_gateway_has_under_a_name_reported_on_before(box, lost):
    held = lost()
    delivery.record(box.service, DeliveryReport(CHANNEL, "a", "delivered"))
    box.decide(held, Sent("a"))
    assert box.row().state == State.DELIVERED


def test_what_never_came_is_sent_again_as_if_nothing_had_been(box, lost):
    assert box.decide(lost(), Verdict.ABSENT) is State.QUEUED
    assert box.row().repeats == 1
    assert len(box.claim()) == 1


def test_a_gateway_that_knows_a_text_again_is_given_it_again(box, lost):
    assert box.decide(lost(), Verdict.DEDUPES) is State.QUEUED
    assert box.row().repeats == 1


def test_a_gateway_that_cannot_say_now_is_asked_later(box, lost, clock):
    assert box.decide(lost(), Verdict.LATER) is State.UNSURE
    assert box.unsure() == []
    clock.forward(milliseconds=ASK_AGAIN)
    (held,) = box.unsure()
    clock.forward(hours=12)
    assert box.decide(held, Verdict.LATER) is State.UNSURE
    clock.forward(hours=24)
    (held,) = box.unsure()
    assert box.decide(held, Verdict.LATER) is State.UNKNOWN
    assert box.sound()


@pytest.mark.parametrize("words", ["SOS", "hello"])
def test_where_nobody_can_tell_it_is_sent_once_more_after_a_minute(box, lost, clock, words):
    assert box.decide(lost(words), Verdict.BLIND) is State.UNSURE
    clock.forward(milliseconds=59_999)
    assert box.unsure() == []
    clock.forward(milliseconds=1)
    (held,) = box.unsure()
    assert box.decide(held, Verdict.BLIND) is State.QUEUED
    assert box.row().repeats == 0
    (held,) = box.claim()
    box.settle((held, UNKNOWN))
    (held,) = box.unsure()
    assert box.decide(held, Verdict.BLIND) is State.UNKNOWN
    assert box.row().to_sealed is None
    assert box.sound()


@pytest.mark.parametrize("words", ["STOP", "START"])
def test_a_confirmation_is_never_sent_twice(box, lost, words):
    assert box.decide(lost(words), Verdict.BLIND) is State.UNKNOWN


def test_nor_is_a_broadcast(box):
    box.text("hello", channel="other")
    box.news()
    (held,) = box.claim()
    box.settle((held, UNKNOWN))
    (held,) = box.unsure()
    assert box.decide(held, Verdict.BLIND) is State.UNKNOWN


def test_nor_is_an_old_reply(box, lost, clock):
    box.text("hello")
    clock.forward(minutes=10)
    (held,) = box.claim()
    box.settle((held, UNKNOWN))
    (held,) = box.unsure()
    assert box.decide(held, Verdict.BLIND) is State.UNKNOWN


@pytest.mark.parametrize(
    ("verdict", "state"),
    [(Verdict.ABSENT, State.EXPIRED), (Verdict.DEDUPES, State.UNKNOWN), (Verdict.BLIND, State.UNKNOWN)],
)
def test_nothing_is_sent_again_after_its_end(box, lost, clock, verdict, state):
    held = lost()
    clock.forward(hours=13)
    assert box.decide(held, verdict) is state
    assert box.sound()


def test_a_report_decides_before_we_do(box, lost):
    held = lost("SOS")
    delivery.record(box.service, DeliveryReport(CHANNEL, "a", "sent", held.outbound.id))
    assert box.decide(held, Verdict.BLIND) is None
    assert box.row().state == State.SENT


def test_an_unsure_text_that_does_not_open_is_never_known(box):
    box.text("hello")
    (held,) = box.claim()
    box.settle((held, UNKNOWN))
    box.spoil()
    assert box.unsure() == []
    assert box.row().state == State.UNKNOWN


def test_an_emergency_answer_in_a_response_that_nobody_reports_on_is_sent_after_a_minute(box, clock):
    box.text("SOS", channel="twilio", inline=True)
    clock.forward(seconds=29)
    assert recovery.expire_leases(box.service) == 0
    clock.forward(seconds=1)
    assert recovery.expire_leases(box.service) == 1
    (held,) = box.unsure(channel="twilio")
    assert box.decide(held, Verdict.BLIND) is State.UNSURE, "a report may still come"
    clock.forward(seconds=30)
    (held,) = box.unsure(channel="twilio")
    assert held.outbound.recipient == SENDER
    assert box.decide(held, Verdict.BLIND) is State.QUEUED
    (held,) = box.claim(channel="twilio")
    box.settle((held, Sent("a")))
    assert box.row().state == State.ACCEPTED
    assert box.sound()


def test_one_that_is_reported_on_is_not(box, clock):
    received = box.text("SOS", channel="twilio", inline=True)
    assert received.replies[0].emergency
    delivery.record(box.service, DeliveryReport("twilio", "a", "sent", box.row().id))
    clock.forward(seconds=61)
    assert recovery.expire_leases(box.service) == 0
    assert box.row().state == State.SENT
    assert box.sound()


def test_claimed_texts_go_another_way(box):
    box.text("SOS")
    box.text("hello")
    helds = box.claim(posting=False)
    box.begin(helds[1])
    assert recovery.move(box.service, ME, helds, "gammu") == 1, "what is on its way stays"
    assert box.row(helds[0]).channel == "gammu"
    (held,) = box.claim(channel="gammu")
    assert (held.outbound.channel, held.outbound.begin) == ("gammu", 0)
    assert recovery.move(box.service, ME, [], "gammu") == 0


def test_waiting_emergencies_go_another_way_and_nothing_else_does(box):
    woken = []
    object.__setattr__(box.service, "wake", woken.append)
    for words in ("SOS", "hello"):
        box.text(words)
    woken.clear()
    assert recovery.move_emergencies(box.service, CHANNEL, "gammu") == 1
    assert [row.channel for row in box.rows()] == ["gammu", CHANNEL]
    assert woken == ["gammu"]
    assert recovery.move_emergencies(box.service, CHANNEL, "gammu") == 0
    assert woken == ["gammu"]


def other_way(box):
    object.__setattr__(box.service, "instead", {CHANNEL: "gammu", "gammu": CHANNEL}.get)


def test_an_emergency_answer_that_its_gateway_refuses_goes_another_way(box):
    other_way(box)
    for words in ("SOS", "hello"):
        box.text(words)
    refused = SendError("no", retry=False, sent="no", cause="blocked")
    box.settle(*((held, refused) for held in box.claim()))
    assert [(row.state, row.channel) for row in box.rows()] == [(State.QUEUED, "gammu"), (State.FAILED, CHANNEL)]
    (held,) = box.claim(channel="gammu")
    box.settle((held, refused))
    assert box.states() == [State.FAILED, State.FAILED]


def test_a_number_that_nobody_has_is_not_tried_another_way(box):
    other_way(box)
    box.text("SOS")
    (held,) = box.claim()
    box.settle((held, SendError("no", retry=False, sent="no", cause="bad_number")))
    assert box.row().state == State.FAILED


@pytest.mark.parametrize("status", ["failed", "undelivered"])
def test_an_emergency_answer_that_did_not_arrive_goes_once_more(box, status):
    other_way(box)
    woken = []
    object.__setattr__(box.service, "wake", woken.append)
    box.text("SOS")
    (held,) = box.claim()
    box.settle((held, Sent("a")))
    woken.clear()
    for _ in range(2):
        delivery.record(box.service, DeliveryReport(CHANNEL, "a", status))
    assert woken == ["gammu"]
    first, second = box.rows()
    assert (first.repeats, second.repeats, second.inbound_id) == (0, 0, first.inbound_id)
    (again,) = box.claim(channel="gammu")
    assert (again.outbound.recipient, again.outbound.text) == (held.outbound.recipient, held.outbound.text)
    box.settle((again, Sent("b")))
    delivery.record(box.service, DeliveryReport("gammu", "b", status))
    assert len(box.rows()) == 2
    box.text("ERASE")
    assert [row.inbound_id for row in box.rows() if row.inbound_id == first.inbound_id] == [], "both are forgotten"


@pytest.mark.parametrize("reason", ["no other way", "a reply", "too late", "forgotten"])
def test_otherwise_it_stays_where_it_is(box, clock, reason):
    if reason != "no other way":
        other_way(box)
    box.text("hello" if reason == "a reply" else "SOS")
    (held,) = box.claim()
    box.settle((held, Sent("a")))
    if reason == "too late":
        clock.forward(days=3)
    if reason == "forgotten":
        box.text("ERASE")
    delivery.record(box.service, DeliveryReport(CHANNEL, "a", "failed"))
    assert [row for row in box.rows() if row.channel == "gammu"] == []


def test_what_nobody_sends_any_more_comes_to_its_end(box, clock):
    box.text("hello", channel="gone")
    box.text("hello", channel="gone")
    (held,) = box.claim(most=1, channel="gone")
    box.settle((held, UNKNOWN))
    assert recovery.end_overdue(box.service) == 0
    clock.forward(hours=12)
    assert recovery.end_overdue(box.service) == 1
    clock.forward(hours=24)
    assert recovery.end_overdue(box.service) == 1
    assert box.states() == [State.UNKNOWN, State.EXPIRED]
    assert box.sound()


def test_how_much_waits_and_for_how_long(box, clock):
    for words in ("SOS", "hello", "hello"):
        box.text(words)
        clock.forward(seconds=1)
    box.claim(most=1)
    assert sorted(recovery.depths(box.service)) == [
        (CHANNEL, State.QUEUED, 1, 2, 2000),
        (CHANNEL, State.POSTING, 0, 1, 3000),
    ]


def test_a_rule_that_is_broken_is_seen(box, clock):
    box.text("hello")
    box.claim()
    assert recovery.broken(box.service) == {}
    clock.forward(hours=1)
    assert recovery.broken(box.service) == {"held longer than two leases (I7)": 1}
