"""Two machines that answer each other fall silent; somebody who calls for help does not go unheard."""

from itertools import pairwise

import pytest
import unasked
from hypothesis import given
from hypothesis import strategies as st
from stories.stage import words

from bot.conversation.session import Reply
from bot.protocol import Inbound, Response
from bot.services import inbox
from bot.services.guards import A_DAY, CEILING, EMERGENCY_PAUSE, MOST, WINDOW, Forgotten, admit, pack, unpack
from bot.services.service import Service
from bot.store.crypto import Vault

PLAIN = Reply("answer", "loans")
ASKED = Reply("2/7 ...", "job_offer", asked=True)
SOS = Reply("Call 117.", "sos", emergency=True)
NOW = 1_762_000_000_000


def play(events):
    """The times at which a reply went out."""
    replied, out = b"", []
    for at, reply in events:
        admitted, replied = admit((reply,), replied, at)
        out += [(at, reply) for _ in admitted]
    return out


@given(st.lists(st.tuples(st.integers(0, WINDOW // 20), st.booleans()), max_size=80))
def test_never_more_than_eight_in_any_ten_minutes_but_one_emergency_a_minute(steps):
    at, events = NOW, []
    for step, emergency in steps:
        at += step
        events.append((at, SOS if emergency else PLAIN))
    out = play(events)
    for index, (at, reply) in enumerate(out):
        before = [(time, said) for time, said in out[:index] if at - time < WINDOW]
        if len(before) >= MOST:
            assert reply.emergency
            assert all(at - time >= EMERGENCY_PAUSE for time, said in before if said.emergency)


@given(st.lists(st.tuples(st.integers(0, WINDOW), st.booleans()), max_size=40))
def test_a_call_for_help_is_answered_at_once_or_was_within_the_minute(steps):
    at, events = NOW, []
    for step, emergency in steps:
        at += step
        events.append((at, SOS if emergency else PLAIN))
    out = play([*events, (at, SOS)])
    assert any(reply.emergency and at - time < EMERGENCY_PAUSE for time, reply in out)


def test_what_the_replies_say_plays_no_part():
    out = play((NOW + n, Reply(f"the time is {n}", "loans")) for n in range(100))
    assert len(out) == MOST


def test_the_questions_of_a_tool_leave_room_for_eight_replies():
    events = [(NOW + number, ASKED if number < CEILING - MOST else PLAIN) for number in range(40)]
    out = [reply for _, reply in play(events)]
    assert (out.count(ASKED), out.count(PLAIN)) == (CEILING - MOST, MOST)


@given(st.lists(st.tuples(st.integers(0, WINDOW // 40), st.sampled_from([ASKED, PLAIN])), max_size=120))
def test_never_more_than_twenty_four_of_all_and_eight_of_those_that_count(steps):
    at, events = NOW, []
    for step, reply in steps:
        at += step
        events.append((at, reply))
    out = play(events)
    for index, (at, _) in enumerate(out):
        within = [reply for time, reply in out[: index + 1] if at - time < WINDOW]
        assert len(within) <= CEILING
        assert within.count(PLAIN) <= MOST


def test_a_call_for_help_is_heard_beyond_the_ceiling():
    events = [(NOW + number, ASKED) for number in range(2 * CEILING)]
    events += [(NOW + 100 + second * 1000, SOS) for second in range(300)]
    out = play(events)
    assert [reply for _, reply in out].count(ASKED) == CEILING
    assert [(at - NOW - 100) // 1000 for at, reply in out if reply is SOS] == [*range(MOST), 67, 127, 187, 247]


MIDNIGHT = NOW // 86_400_000 * 86_400_000 + 86_400_000


def test_fifty_calls_for_help_in_five_minutes_are_answered_twelve_times():
    out = play((NOW + number * 6_000, SOS) for number in range(50))
    assert [(at - NOW) // 1000 for at, _ in out] == [0, 6, 12, 18, 24, 30, 36, 42, 102, 162, 222, 282]


def test_a_machine_that_never_tires_gets_so_many_replies_a_day_and_then_only_emergency_answers():
    """One text in 10 seconds for two days, each tenth of them a call for help."""
    events = [(MIDNIGHT + number * 10_000, PLAIN if number % 10 else SOS) for number in range(2 * 8640)]
    out = play(events)
    for day in (0, 1):
        begin = MIDNIGHT + day * 86_400_000
        today = [(at - begin, reply) for at, reply in out if begin <= at < begin + 86_400_000]
        later = today[A_DAY:]
        assert PLAIN in [reply for _, reply in today[:A_DAY]]
        assert all(reply is SOS for _, reply in later)
        pauses = [after - before for (before, _), (after, _) in pairwise(later)]
        assert set(pauses) == {WINDOW}
        assert 86_400_000 - later[-1][0] <= WINDOW


@given(st.lists(st.tuples(st.integers(0, 3 * WINDOW), st.sampled_from([SOS, PLAIN, ASKED])), max_size=400))
def test_a_call_for_help_was_answered_within_ten_minutes_whatever_came_before(steps):
    at, events = MIDNIGHT, []
    for step, reply in steps:
        at += step // 40
        events.append((at, reply))
    out = play([*events, (at, SOS)])
    assert any(reply.emergency and at - time < WINDOW for time, reply in out)


def test_to_be_forgotten_makes_no_new_day():
    forgotten, replied = Forgotten(), b""
    for number in range(A_DAY + 1):
        _, replied = admit((PLAIN,), replied, MIDNIGHT + number * WINDOW // MOST)
    forgotten.keep(b"busy", replied, MIDNIGHT + 20 * WINDOW)
    forgotten.keep(b"other", b"", MIDNIGHT + 22 * WINDOW)
    assert not admit((PLAIN,), forgotten.recall(b"busy"), MIDNIGHT + 22 * WINDOW)[0]
    forgotten.keep(b"other", b"", MIDNIGHT + 86_400_000)
    assert forgotten.recall(b"busy") == b""


def test_times_stored_before_there_was_a_ceiling_count_as_they_did():
    replied = pack([NOW] * 6 + [-NOW])
    assert admit((PLAIN,), replied, NOW + 1)[0]
    assert not admit((PLAIN,), pack([*unpack(replied), NOW]), NOW + 1)[0]
    assert not admit((SOS,), pack([*unpack(replied), NOW]), NOW + EMERGENCY_PAUSE - 1)[0]
    assert admit((ASKED,), pack([*unpack(replied), NOW]), NOW + 1)[0]


@pytest.fixture
def talk(database, clock):
    """Texts to the real conversation, one a second: was each answered?"""
    book, reader = words()
    house = Service(database, Vault(bytes(32)), book, reader, clock)

    def come(*texts):
        answered = []
        for said in texts:
            clock.forward(seconds=1)
            inbound = Inbound("twilio", "+85512345678", said, f"SM{clock()}", clock())
            received = inbox.receive(house, inbound, lambda replies, _: Response(200, b""))
            answered.append([reply.topic for reply in received.replies])
        return answered

    return come


def test_a_machine_that_always_sends_one_falls_silent(talk):
    answered = talk("QUIZ", *["1"] * 80)
    assert sum(map(bool, answered)) <= CEILING
    assert not any(answered[-40:])
    assert talk("SOS") == [["sos"]]


def test_both_tools_fit_to_their_ends_after_other_texts(talk):
    assert all(talk("hello", "menu", "what does japan cost", "passport", "my boss does not pay", "menu"))
    assert talk("OFFER", *["2"] * 7) == [["job_offer"]] * 8
    assert talk("QUIZ", *["1"] * 5) == [["quiz"]] * 6


def test_after_ten_minutes_one_is_answered_again():
    assert len(play([*((NOW, PLAIN) for _ in range(20)), (NOW + WINDOW - 1, PLAIN), (NOW + WINDOW, PLAIN)])) == MOST + 1


def test_a_clock_that_went_back_silences_nobody():
    assert len(play([*((NOW, PLAIN) for _ in range(MOST)), (NOW - 3_600_000, PLAIN)])) == MOST + 1


@given(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=8))
def test_packed_times_come_back(times):
    assert list(unpack(pack(times))) == times


def test_a_flood_is_kept_but_answered_eight_times(text, clock):
    received = []
    for _ in range(20):
        received.append(text("hello"))
        clock.forward(seconds=10)
    assert [bool(answer.replies) for answer in received] == [True] * 8 + [False] * 12
    assert [answer.muted for answer in received] == [False] * 8 + [True] * 12
    clock.forward(minutes=10)
    assert text("hello").replies[0].text == "answer 9", "an answer nobody saw is not remembered as said"


def test_emergencies_pass_the_flood_once_a_minute(text, clock):
    for _ in range(8):
        text("hello")
    assert not text("hello").replies
    assert text("SOS").replies
    assert not text("SOS").replies
    clock.forward(seconds=60)
    assert text("SOS").replies


def test_to_be_forgotten_is_no_way_round_the_guard(text, clock):
    answered = [bool(text(words).replies) for words in ["ERASE"] * 20]
    assert answered == [True] * 8 + [False] * 12
    assert [bool(text(words).replies) for words in ("SOS", "ERASE", "SOS", "ERASE")] == [True, False, False, False]
    assert text("ERASE", sender="+66812345678").replies
    clock.forward(minutes=10)
    assert text("ERASE").replies


def test_stop_works_in_a_flood(text, service):
    for _ in range(9):
        text("hello")
    assert text("STOP").muted
    assert unasked.suppressed(service, ["+85512345678"]) == {"+85512345678"}


def test_ussd_screens_and_terminals_are_not_paced(text):
    assert all(text("1", medium="ussd").replies for _ in range(20))
