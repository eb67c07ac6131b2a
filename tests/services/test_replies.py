"""Replies that wait for a worker, replies that left and are watched, and what stays of a person while they do."""

import pytest
from postbox import CHANNEL, SENDER, Postbox
from sqlalchemy import select
from unasked import Window

from bot.conversation.session import Reply, Session, Turn
from bot.protocol import Sent
from bot.services import privacy, replies, retry
from bot.services.delivery import State
from bot.store.statements import Statement
from bot.store.tables import Contact, Escalation

CASES = Statement(lambda _: select(Escalation.kind))
PEOPLE = Statement(lambda _: select(Contact.number_sealed, Contact.opted_out_at))


@pytest.fixture
def box(service) -> Postbox:
    return Postbox(service)


@pytest.fixture
def woken(box):
    names = []
    object.__setattr__(box.service, "wake", names.append)
    return names


def test_a_reply_waits_and_the_response_says_only_thanks(box, woken):
    received = box.text("hello")
    assert received.response.body == b""
    assert [reply.text for reply in received.replies] == ["answer 1"]
    assert woken == [CHANNEL]
    row = box.row()
    assert (row.state, row.repeats, row.due_at, row.lease_until) == (State.QUEUED, 1, box.service.now(), None)
    assert row.expires_at - box.service.now() == retry.REPLY


def test_the_same_text_twice_is_answered_once(box, woken):
    box.text("hello")
    box.sids = iter([0])
    again = box.text("hello")
    assert (again.duplicate, again.response.body) == (True, b"")
    assert len(box.rows()) == 1
    assert woken == [CHANNEL]


def test_silence_wakes_nobody(box, woken):
    box.text("SILENT")
    assert woken == []


def test_a_screen_is_always_in_the_response(box, woken):
    received = box.text("SOS", medium="ussd", session_id="call")
    assert received.response.body == b"Call 117."
    assert box.states() == [State.ACCEPTED]
    assert woken == []


def test_an_answer_in_the_response_has_gone(box, woken):
    assert box.text("hello", inline=True).response.body == b"answer 1"
    assert (box.row().state, box.row().to_sealed, woken) == (State.ACCEPTED, None, [])


def test_an_emergency_answer_in_the_response_is_watched(box):
    box.text("SOS", inline=True)
    row = box.row()
    assert (row.state, row.owner, row.repeats) == (State.POSTING, None, 1)
    assert row.lease_until - box.service.now() == retry.LEASE
    assert row.expires_at - box.service.now() == retry.EMERGENCY
    assert box.sound()


@pytest.mark.parametrize(
    ("topic", "emergency", "tool", "life"),
    [
        ("sos", True, None, retry.EMERGENCY),
        ("sos", True, "quiz", retry.EMERGENCY),
        ("loans", False, None, retry.REPLY),
        ("menu", False, None, retry.PASSING),
        ("quiz", False, "quiz", retry.PASSING),
    ],
)
def test_how_long_a_reply_is_worth_sending(topic, emergency, tool, life):
    turn = Turn(Session(tool=tool), ())
    assert replies.life(turn, Reply("x", topic, emergency)) == life


@pytest.mark.parametrize(("words", "repeats"), [("hello", 1), ("SOS", 1), ("STOP", 0), ("START", 0), ("ERASE", 0)])
def test_what_may_be_sent_again_on_a_doubt(box, words, repeats):
    box.text(words)
    assert box.row().repeats == repeats


def test_who_asks_to_be_forgotten_is_told_that_it_was_done(box):
    box.text("hello")
    box.text("SOS")
    box.text("ERASE")
    (held,) = box.claim()
    assert (held.outbound.recipient, held.outbound.text) == (SENDER, "answer 3")
    assert [sealed for sealed, _ in box.service.database.read(lambda tx: tx.all(PEOPLE))] == [None]
    box.settle((held, Sent("a")))
    assert box.row().to_sealed is None
    assert box.sound()


def test_a_text_that_is_on_its_way_while_its_person_is_forgotten_settles_nothing(box):
    box.text("hello")
    (held,) = box.claim()
    privacy.erase(box.service, SENDER)
    box.settle((held, Sent("a")))
    assert box.rows() == []


def test_who_is_forgotten_gets_no_broadcast_that_waited(box):
    box.text("hello")
    box.news()
    privacy.erase(box.service, SENDER)
    assert box.claim() == []


def test_a_broadcast_for_later_outlives_the_purge(box, clock):
    box.text("hello")
    privacy.purge(box.service)
    opens = box.service.now() + 20 * 86_400_000
    box.news(window=Window(opens, opens + 86_400_000, box.service.now()))
    for _ in range(20):
        clock.forward(days=1)
        privacy.purge(box.service)
    assert [held.outbound.text for held in box.claim()] == ["news"]


def test_staff_are_told_once_of_a_number_that_goes_in_circles(box):
    for _ in range(12):
        box.text("hello")
    assert len(box.rows()) == 8
    assert box.service.database.read(lambda tx: tx.all(CASES)) == [("loop",)]
