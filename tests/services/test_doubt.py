"""Where waiting would be worse than a second text, nothing waits: a gateway that cannot be asked, a clock put right."""

import pytest
from postbox import CHANNEL, Postbox

from bot.protocol import SendError
from bot.services import recovery
from bot.services.delivery import State
from bot.services.recovery import ASK_AGAIN, Verdict
from bot.services.retry import SECOND_TRY
from bot.services.route import Route

UNKNOWN = SendError("no answer", retry=True, sent="unknown")


@pytest.fixture
def box(service) -> Postbox:
    object.__setattr__(service, "instead", {CHANNEL: "gammu", "gammu": CHANNEL}.get)
    return Postbox(service)


def lost(box, words):
    """A text whose outcome nobody knows, in the hands of whoever is to decide."""
    box.text(words)
    (held,) = box.claim()
    box.settle((held, UNKNOWN))
    (held,) = box.unsure()
    return held


def test_an_emergency_answer_does_not_wait_for_a_gateway_that_cannot_say(box, clock):
    held = lost(box, "SOS")
    clock.forward(milliseconds=SECOND_TRY - 1)
    assert box.decide(held, Verdict.LATER) is State.UNSURE
    clock.forward(milliseconds=ASK_AGAIN)
    (held,) = box.unsure()
    assert box.decide(held, Verdict.LATER) is State.QUEUED
    row = box.row()
    assert (row.channel, row.repeats, row.begin) == ("gammu", 0, 0)
    (held,) = box.claim(channel="gammu")
    box.settle((held, UNKNOWN))
    clock.forward(hours=1)
    (held,) = box.unsure(channel="gammu")
    assert box.decide(held, Verdict.LATER) is State.UNSURE, "twice is enough"
    assert box.sound()


def test_any_other_answer_waits_until_its_gateway_can_say(box, clock):
    held = lost(box, "hello")
    clock.forward(hours=1)
    assert box.decide(held, Verdict.LATER) is State.UNSURE


def test_what_comes_after_the_clock_was_put_forward_is_not_put_off(box, clock):
    box.text("SOS")
    clock.forward(hours=1, seconds=20)
    box.text("SOS", "+85512345679")
    recovery.clock_moved(box.service, 3_600_000)
    recovery.expire_leases(box.service)
    assert len(box.claim()) == 2


def test_an_emergency_answer_that_is_refused_waits_for_another_gateway_that_is_paused(box, clock):
    away: list[str | None] = [None]
    object.__setattr__(box.service, "instead", lambda _: away[0])
    object.__setattr__(box.service, "besides", Route((CHANNEL, "gammu")).besides)
    refused = SendError("no", retry=False, sent="no", cause="blocked")
    for words in ("SOS", "hello"):
        box.text(words)
    box.settle(*((held, refused) for held in box.claim()))
    assert box.states() == [State.QUEUED, State.FAILED]
    assert box.claim() == []
    clock.forward(minutes=1)
    away[0] = "gammu"
    (held,) = box.claim()
    box.settle((held, refused))
    (held,) = box.claim(channel="gammu")
    box.settle((held, refused))
    assert box.states() == [State.FAILED, State.FAILED]
    assert box.sound()


@pytest.mark.parametrize(("names", "found"), [((CHANNEL,), False), ((), False), (("gammu", CHANNEL), True)])
def test_whether_there_is_another_gateway(names, found):
    assert Route(names).besides(CHANNEL) is found
