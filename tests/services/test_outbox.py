"""Texts leave the outbox once: claimed, handed over, settled; whoever comes too late changes nothing."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
import unasked
from postbox import CHANNEL, ME, OTHER, SENDER, Postbox
from unasked import Window

from bot.protocol import DeliveryReport, SendError, Sent
from bot.services import delivery, outbox, recovery
from bot.services.delivery import State
from bot.services.outbox import LEASE, Wish

PEOPLE = [f"+8551234{number:04}" for number in range(40)]


@pytest.fixture
def box(service) -> Postbox:
    return Postbox(service)


def error(cause="unknown", *, retry=True, sent="no", **more):
    return SendError("no", retry=retry, sent=sent, cause=cause, **more)


def test_a_reply_goes_once(box):
    box.text("hello")
    (held,) = box.claim()
    assert (held.outbound.recipient, held.outbound.text, held.country) == (SENDER, "answer 1", "KH")
    assert held.outbound.valid_until == box.service.clock() + timedelta(hours=12)
    assert box.states() == [State.POSTING]
    assert box.claim() == box.claim(OTHER) == []
    assert box.begin(held)
    box.settle((held, Sent("a")))
    row = box.row()
    assert (row.state, row.attempts, row.to_sealed, row.owner, row.lease_until) == (State.ACCEPTED, 1, None, None, None)
    assert row.provider_key == box.service.vault.provider_key(CHANNEL, "a")
    assert box.claim() == []
    assert box.sound()


def test_what_is_urgent_goes_first_then_what_was_due_first(box, clock):
    for person in PEOPLE[:3]:
        box.text("hello", person)
    box.news(PEOPLE[:3])
    for step in range(3):
        clock.forward(seconds=1)
        box.text("SOS" if step == 1 else "hello", PEOPLE[10 + step])
    order = [each.outbound.priority for each in box.claim(most=20)]
    assert order == [0, 1, 1, 1, 1, 1, 2, 2, 2]


def test_the_urgent_lane_takes_nothing_else(box):
    box.text("hello")
    box.news()
    assert box.claim(urgent=True) == []
    box.text("SOS")
    (held,) = box.claim(urgent=True)
    assert held.outbound.priority == 0


def test_a_lane_takes_no_more_than_it_wants_and_only_its_own(box):
    for person in PEOPLE[:7]:
        box.text("hello", person)
    box.text("hello", channel="gammu")
    assert len(box.claim(most=3)) == 3
    assert len(box.claim(most=100)) == 4
    assert box.claim(most=0) == []
    assert len(box.claim(channel="gammu")) == 1


def test_a_text_waits_for_its_time(box, clock):
    box.text("hello")
    now = box.service.now()
    unasked.queue(box.service, CHANNEL, "news", [SENDER], Window(now + 5000, now + 9000, now))
    assert len(box.claim()) == 1
    clock.forward(milliseconds=4999)
    assert box.claim() == []
    clock.forward(milliseconds=1)
    assert len(box.claim()) == 1


def test_a_text_whose_time_is_over_does_not_go(box, clock):
    box.text("hello")
    clock.forward(hours=12)
    assert box.claim() == []
    assert box.states() == [State.EXPIRED]
    assert box.sound()


def test_many_dead_rows_do_not_hide_a_living_one(box, clock):
    for person in PEOPLE:
        box.text("hello", person)
    clock.forward(hours=13)
    box.text("hello")
    assert [each.outbound.recipient for each in box.claim(most=2)] == [SENDER]
    assert box.states() == [State.EXPIRED] * 40 + [State.POSTING]


def test_who_said_stop_gets_no_broadcast_but_is_answered(box):
    box.text("hello")
    box.news()
    box.text("STOP")
    assert sorted(each.outbound.priority for each in box.claim()) == [1, 1]
    assert box.states() == [State.POSTING, State.SUPPRESSED, State.POSTING]
    assert box.sound()


@pytest.mark.parametrize("posting", [True, False])
def test_who_says_stop_between_the_claim_and_the_post_gets_nothing(box, posting):
    box.text("hello")
    box.news()
    helds = box.claim(posting=posting)
    box.text("STOP")
    assert [box.begin(each) for each in helds] == [True, False]
    assert box.row(helds[1]).state == State.SUPPRESSED
    assert box.row(helds[1]).to_sealed is None


def test_a_claimed_text_is_marked_before_its_post(box):
    box.text("hello")
    (held,) = box.claim(posting=False)
    assert (box.row().state, box.row().attempts) == (State.CLAIMED, 0)
    assert box.begin(held)
    assert (box.row().state, box.row().attempts) == (State.POSTING, 1)
    assert not box.begin(held)  # and never a second time


@pytest.mark.parametrize("posting", [True, False])
def test_nobody_begins_after_the_lease(box, posting, monkeypatch):
    box.text("hello")
    (held,) = box.claim(posting=posting)
    monkeypatch.setattr(outbox, "monotonic", lambda: held.deadline)
    assert not box.begin(held)


def test_somebody_else_cannot_begin_what_is_mine(box):
    box.text("hello")
    (held,) = box.claim(posting=False)
    assert not box.begin(held, OTHER)
    assert not box.begin(held._replace(lease=held.lease + 1))
    assert box.begin(held)


@pytest.mark.parametrize("posting", [True, False])
def test_what_is_given_back_waits_as_before(box, posting):
    box.text("hello")
    before = box.row()
    helds = box.claim(posting=posting)
    outbox.release(box.service, OTHER, helds)
    assert box.row().owner == ME
    outbox.release(box.service, ME, helds)
    assert box.row() == before
    outbox.release(box.service, ME, [])


def test_what_failed_is_tried_again_later(box, clock):
    box.text("hello")
    (held,) = box.claim()
    box.settle((held, error("unreachable", begin=2)))
    row = box.row()
    assert (row.state, row.cause, row.begin, row.attempts) == (State.QUEUED, "unreachable", 2, 1)
    assert 0 <= row.due_at - box.service.now() <= 1000
    clock.forward(seconds=1)
    (held,) = box.claim()
    assert (held.attempt, held.outbound.begin) == (2, 2)
    box.settle((held, error("unreachable")))
    assert box.row().begin == 2, "a part that went is not sent again"
    assert box.sound()


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (error("bad_number", retry=False), State.FAILED),
        (error("expired", retry=False), State.EXPIRED),
        (error("network", retry=False), State.QUEUED),
        (error("unknown", sent="unknown"), State.UNSURE),
    ],
)
def test_each_outcome_has_its_state(box, outcome, state):
    box.text("hello")
    (held,) = box.claim()
    box.settle((held, outcome))
    assert box.row().state == state
    assert (box.row().to_sealed is None) == (state > State.UNSURE)
    assert box.sound()


def test_who_stopped_at_the_gateway_has_stopped_here(box):
    for person in PEOPLE[:2]:
        box.text("hello", person)
    box.news(PEOPLE[:2])
    helds = {(each.outbound.recipient, each.unasked): each for each in box.claim()}
    box.settle(
        (helds[PEOPLE[0], False], error("opted_out", retry=False)),
        (helds[PEOPLE[1], True], error("opted_out", retry=False)),
    )
    assert unasked.suppressed(box.service, PEOPLE[:2]) == set(PEOPLE[:2])


def test_a_report_that_came_first_is_not_lowered(box):
    box.text("hello")
    (held,) = box.claim()
    delivery.record(box.service, DeliveryReport(CHANNEL, "a", "delivered", held.outbound.id))
    assert box.row().to_sealed is None
    box.settle((held, Sent("a")))
    assert box.row().state == State.DELIVERED
    assert box.row().provider_key == box.service.vault.provider_key(CHANNEL, "a")
    assert box.sound()


def test_what_is_reported_on_before_its_second_post_is_not_posted(box, clock):
    box.text("hello")
    (held,) = box.claim()
    box.settle((held, error("unreachable")))
    clock.forward(seconds=1)
    (held,) = box.claim()
    assert box.begin(held)
    delivery.record(box.service, DeliveryReport(CHANNEL, "a", "sent", held.outbound.id))
    assert not box.begin(held)
    assert box.row().state == State.SENT


@pytest.mark.parametrize("outcome", [error(), error(sent="unknown"), error("bad_number", retry=False)])
def test_a_failure_after_a_report_changes_nothing(box, outcome):
    box.text("hello")
    (held,) = box.claim()
    delivery.record(box.service, DeliveryReport(CHANNEL, "a", "sent", held.outbound.id))
    box.settle((held, outcome))
    assert box.row().state == State.SENT


def test_a_report_by_name_before_the_name_is_known_is_not_lost(box):
    box.text("hello")
    (held,) = box.claim()
    delivery.record(box.service, DeliveryReport(CHANNEL, "a", "sent"))
    delivery.record(box.service, DeliveryReport(CHANNEL, "a", "delivered"))
    box.settle((held, Sent("a")))
    assert box.row().state == State.DELIVERED


def test_a_report_that_another_process_took_is_found_later(box):
    box.text("hello")
    (held,) = box.claim()
    other = Postbox(type(box.service)(**{name: getattr(box.service, name) for name in FIELDS}))
    delivery.record(other.service, DeliveryReport(CHANNEL, "a", "sent"))
    box.settle((held, Sent("a")))
    assert box.row().state == State.ACCEPTED
    assert delivery.catch_up(box.service) == 1
    assert box.row().state == State.SENT
    assert delivery.catch_up(box.service) == 0


FIELDS = ("database", "vault", "files", "reader", "clock")


@pytest.mark.parametrize("apart", [True, False])
def test_a_gateway_that_gives_two_texts_one_name_spoils_nothing(box, apart):
    for person in PEOPLE[:3]:
        box.text("hello", person)
    helds = box.claim()
    outcomes = [(held, Sent("same")) for held in helds]
    for batch in [[each] for each in outcomes] if apart else [outcomes]:
        box.settle(*batch)
    assert box.states() == [State.ACCEPTED] * 3
    assert [row.provider_key is None for row in box.rows()].count(False) == 1


def test_a_gateway_without_names_is_settled_too(box):
    for person in PEOPLE[:2]:
        box.text("hello", person)
    box.settle(*((held, Sent(None)) for held in box.claim()))
    assert box.states() == [State.ACCEPTED] * 2


def test_that_it_went_is_believed_of_whoever_says_it(box, clock):
    """A process that slept beyond its lease: its POST was made, so nobody is to make it again."""
    box.text("hello")
    (held,) = box.claim(posting=False)
    assert box.begin(held)
    clock.forward(seconds=LEASE + 1)
    assert recovery.expire_leases(box.service) == 1
    assert box.row().state == State.UNSURE
    box.settle((held, error()))
    assert box.row().state == State.UNSURE, "that it failed is not believed of who lost it"
    box.settle((held, Sent("a")))
    assert box.row().state == State.ACCEPTED


def test_a_text_that_does_not_open_holds_nobody_up(box):
    box.text("hello")
    box.spoil()
    box.text("hello", PEOPLE[0])
    (held,) = box.claim()
    assert held.outbound.recipient == PEOPLE[0]
    assert box.states() == [State.FAILED, State.POSTING]
    assert box.rows()[0].cause == "config"
    assert box.sound()


def test_settling_and_claiming_is_one_commit(box):
    for person in PEOPLE[:4]:
        box.text("hello", person)
    wish = Wish(CHANNEL, 2, posting=True)
    first = outbox.settle_and_claim(box.service, ME, [], wish)
    second = outbox.settle_and_claim(box.service, ME, [(held, Sent(None)) for held in first], wish)
    assert box.states() == [State.ACCEPTED] * 2 + [State.POSTING] * 2
    assert {held.outbound.id for held in first}.isdisjoint(held.outbound.id for held in second)


class Meter:
    """A gateway that wants two texts, and none to one person."""

    def __init__(self, room, later):
        self.most, self.later, self.told = room, later, 0

    def settled(self, tx, now):
        self.told += 1

    def room(self, tx, now, most):
        return min(most, self.most)

    def admit(self, tx, now, texts):
        return [self.later if text.recipient == SENDER else None for text in texts]


def test_the_gateway_and_the_budgets_have_their_say(box):
    box.text("hello")
    for person in PEOPLE[:4]:
        box.text("hello", person)
    later = box.service.now() + 60_000
    meter = Meter(2, later)
    held = outbox.settle_and_claim(box.service, ME, [], Wish(CHANNEL, 10, posting=True), meter)
    assert [each.outbound.recipient for each in held] == PEOPLE[:1]
    assert (box.rows()[0].state, box.rows()[0].due_at, box.rows()[0].attempts) == (State.QUEUED, later, 0)
    assert outbox.settle_and_claim(box.service, ME, [], Wish(CHANNEL, 10, posting=True), Meter(0, later)) == []
    assert meter.told == 1


@pytest.mark.parametrize("posting", [True, False])
def test_two_owners_never_hold_the_same_text(box, posting):
    for person in PEOPLE:
        box.text("hello", person)
    taken, start = {ME: [], OTHER: []}, Barrier(2)

    def drain(owner):
        start.wait()
        while helds := box.claim(owner, 3, posting=posting):
            begun = [held for held in helds if box.begin(held, owner)]
            taken[owner] += [held.outbound.id for held in begun]
            box.settle(*((held, Sent(None)) for held in begun), owner=owner)

    threads = [Thread(target=drain, args=(owner,)) for owner in taken]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken[ME] + taken[OTHER]) == [row.id for row in box.rows()]
    assert set(box.states()) == {State.ACCEPTED}
    assert {row.attempts for row in box.rows()} == {1}
