"""A reply of staff goes once, by the way the person writes, to whom it may go to, and holds nothing that harms them."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest
from services import caseload
from services.caseload import HE, IDS, ME, NUMBER, OTHER, SOKHA, read, refused, rows, the_case
from services.staffing import events
from sqlalchemy import select

from bot.protocol import SendError, Sent
from bot.services import audit, cases, outbox
from bot.services.cases import Fault, Outcome, Why
from bot.services.outbox import Wish
from bot.services.prices import Price, Prices
from bot.store.case_tables import CaseNote
from bot.store.state import State
from bot.store.statements import Statement
from bot.store.tables import Contact, Inbound, Outbound
from bot.store.times import DAY

HELLO = "Hello, it is Phlov. Are you well?"
LONG_KHMER = "\u1780" * 202


@pytest.fixture(autouse=True)
def at_work(service, monkeypatch):
    caseload.employ(service)
    monkeypatch.setattr(type(service), "book", property(lambda _: caseload.small_book()))


@pytest.fixture
def case(text, service) -> int:
    text("HUMAN")
    return the_case(service).id


def answer(service, case, text=HELLO, who=ME, request="once"):
    return cases.reply(service, case, text, *who, request=request)


def outbound(service, row):
    columns = (Outbound.contact_id, Outbound.inbound_id, Outbound.channel, Outbound.state, Outbound.priority)
    found = Statement(lambda _: select(*columns, Outbound.parts, Outbound.to_sealed).where(Outbound.id == row))
    return service.database.read(lambda tx: tx.all(found))[0]


def collect(service, channel="twilio"):
    """What a worker is given for a gateway."""
    return outbox.claim(service, 9, Wish(channel, 50, posting=True))


def test_a_reply_goes_out_once_and_the_case_waits_for_the_person(service, text, case, clock):
    clock.forward(minutes=1)
    rung = []
    object.__setattr__(service, "wake", rung.append)
    row = answer(service, case)
    assert answer(service, case) == row
    assert rung == ["twilio"]
    person, inbound, channel, state, priority, parts, to = outbound(service, row)
    assert (person, inbound, channel, state) == (caseload.of(service), None, "twilio", State.QUEUED)
    assert (priority, parts, to) == (1, 1, None)
    now = the_case(service)
    assert (now.assigned, now.locked_by, now.waits_until) == (SOKHA, None, service.now() + 3 * DAY)
    assert now.acknowledged_at == service.now()
    (held,) = collect(service)
    assert (held.outbound.recipient, held.outbound.text, held.outbound.id) == (NUMBER, HELLO, row)
    outbox.settle(service, 9, [(held, Sent("SM1"))])
    assert collect(service) == []
    view = read(service)
    last = view.said[-1]
    assert (last.mine, last.text, last.state, last.by) == (True, HELLO, "sent", SOKHA)
    assert [(note.kind, note.word, note.text) for note in view.notes] == [("reply", None, HELLO)]
    assert [event for event, _ in events(service)] == ["case.replied", "case.read"]
    assert audit.page(service)[1].detail == {"parts": 1}
    text("thank you")
    assert the_case(service).waits_until is None
    assert answer(service, case, "Anything else?", request="twice") != row
    assert the_case(service).assigned == SOKHA
    caseload.sound(service)


def test_a_double_click_sends_once(service, case):
    got = []
    threads = [threading.Thread(target=lambda: got.append(answer(service, case))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 6
    assert len(set(got)) == 1
    assert len(collect(service)) == 1
    assert len(caseload.every(service, CaseNote.id)) == 1


def test_who_does_not_hold_the_case_sends_nothing(service, case, clock):
    cases.lock(service, case, IDS[SOKHA], SOKHA)
    with pytest.raises(cases.Refused) as refusal:
        answer(service, case, who=HE)
    assert (refusal.value.why, refusal.value.who) == (Why.LOCKED, SOKHA)
    assert refusal.value.until == service.now() + 5 * 60_000
    assert collect(service) == []
    assert answer(service, case)
    clock.forward(minutes=1)
    assert answer(service, case, who=HE, request="mine")
    cases.close(service, case, Outcome.HELPED, *HE)
    assert refused(lambda: answer(service, case, request="late")) == Why.CLOSED
    assert refused(lambda: answer(service, 5)) == Why.GONE


def test_a_reply_says_before_what_it_costs(service, text, case):
    prices = Prices({"+85512": "cell"}, {("KH", "cell"): Price(Decimal("0.02"), "USD")})
    object.__setattr__(service, "prices", prices)
    caseload.change(service, Contact, network="cell")
    draft = cases.compose_reply(service, case, "\u1780" * 71)
    assert (draft.encoding, draft.units, draft.parts, draft.channel) == ("UCS-2", 71, 2, "twilio")
    assert (draft.cost, draft.currency, draft.faults, draft.sound) == (Decimal("0.04"), "USD", (), True)
    caseload.change(service, Contact, network=None)
    assert cases.compose_reply(service, case, HELLO).cost is None
    assert refused(lambda: cases.compose_reply(service, 5, HELLO)) == Why.GONE
    assert cases.compose_reply(service, case, " a\u200b b  \n\n").text == "a b"


FAULTS = [
    ("", Fault.EMPTY, ()),
    (" \u200b\n", Fault.EMPTY, ()),
    (LONG_KHMER, Fault.LONG, ()),
    ("a" * 460, Fault.LONG, ()),
    ("a" * 5_000, Fault.LONG, ()),
    ("Go to the POLICE now, please, today.", Fault.ALARMING, ("police",)),
    ("Look at https://example.org/a today", Fault.LINK, ("https:",)),
    ("Look at bit.ly/abc", Fault.LINK, ("bit.ly/",)),
    ("Call 023 999 999 now", Fault.REFUSED, ("023999999",)),
    ("Call \u17e0\u17e2\u17e3 999999 now", Fault.REFUSED, ("023999999",)),
    ("Call +1 500 555 0006", Fault.OWN, ("+15005550006",)),
    ("turned \u202eround", Fault.HIDDEN, ()),
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_reply_that_harms_or_cannot_go_is_not_sent(service, case):
    for words, fault, about in FAULTS:
        draft = cases.compose_reply(service, case, words)
        assert (draft.faults, draft.words) == ((fault,), about), words
        assert refused(lambda words=words: answer(service, case, words)) == Why.FAULTY
    assert cases.compose_reply(service, case, "Are you well?Tell me.Or call.I wait.").sound
    late = "Hello, it is Phlov. You asked us: the police will not come."
    assert cases.compose_reply(service, case, late).sound
    assert collect(service) == []
    assert rows(service)[0].locked_by is None
    assert events(service) == []


def test_who_said_stop_is_answered_while_they_ask(service, text, case, clock):
    text("STOP")
    clock.forward(minutes=1)
    assert cases.compose_reply(service, case, HELLO).faults == (Fault.STOPPED,)
    assert refused(lambda: answer(service, case)) == Why.FAULTY
    text("Are you there?")
    clock.forward(hours=71)
    row = answer(service, case)
    person, inbound, *_, to = outbound(service, row)
    assert (person, inbound) == (None, max(row for (row,) in caseload.every(service, Inbound.id)))
    assert service.vault.open(to, "to", row).decode() == NUMBER
    (held,) = collect(service)
    assert (held.outbound.recipient, held.outbound.text) == (NUMBER, HELLO)
    outbox.settle(service, 9, [(held, Sent("SM1"))])
    assert read(service).said[-1].text == HELLO
    clock.forward(hours=2)
    assert cases.compose_reply(service, case, HELLO).faults == (Fault.STOPPED,)
    assert refused(lambda: answer(service, case, request="late")) == Why.FAULTY
    caseload.sound(service)


def test_who_calls_for_help_is_answered_also_after_stop(service, text, clock):
    text("SOS", sender=OTHER)
    text("STOP", sender=OTHER)
    case = the_case(service, OTHER).id
    assert cases.compose_reply(service, case, HELLO).sound
    clock.forward(hours=73)
    assert cases.compose_reply(service, case, HELLO).faults == (Fault.STOPPED,)


def test_nobody_answers_what_they_have_not_read(service, text, case, clock):
    seen = read(service).case.news_at
    row = cases.reply(service, case, HELLO, *ME, request="first", seen=seen)
    clock.forward(minutes=1)
    text("I am at the border")
    assert cases.reply(service, case, HELLO, *ME, request="first", seen=seen) == row
    assert refused(lambda: cases.reply(service, case, HELLO, *ME, request="next", seen=seen)) == Why.NEWS
    assert the_case(service).waits_until is None
    assert cases.reply(service, case, HELLO, *ME, request="next", seen=read(service).case.news_at) != row


def test_a_stop_after_the_reply_holds_it_back(service, text, case):
    row = answer(service, case)
    text("STOP")
    assert collect(service) == []
    assert outbound(service, row)[3] == State.SUPPRESSED
    assert [said.state for said in read(service).said if said.by] == ["excluded"]


def test_who_is_blocked_while_a_reply_waits_does_not_get_it(service, case, text):
    row = answer(service, case)
    caseload.change(service, Contact, blocked_at=service.now())
    assert collect(service) == []
    assert outbound(service, row)[3] == State.SUPPRESSED
    caseload.change(service, Contact, blocked_at=None)
    answer(service, case, request="again")
    (held,) = outbox.claim(service, 9, Wish("twilio", 50, posting=False))
    caseload.change(service, Contact, blocked_at=service.now())
    assert not outbox.begin(service, 9, held)
    assert outbound(service, held.outbound.id)[3] == State.SUPPRESSED


@pytest.mark.parametrize(
    ("values", "faults"),
    [
        ({"blocked_at": 5}, (Fault.BLOCKED,)),
        ({"dead_at": 5}, (Fault.DEAD,)),
        ({"number_sealed": None}, (Fault.GONE,)),
    ],
    ids=["blocked", "dead", "gone"],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nobody_is_answered_who_cannot_or_should_not_be(service, case, values, faults):
    caseload.change(service, Contact, **values)
    assert cases.compose_reply(service, case, HELLO).faults == faults
    assert refused(lambda: answer(service, case)) == Why.FAULTY
    assert the_case(service).blocked == ("blocked_at" in values)
    assert the_case(service).reachable == ("blocked_at" in values)


def test_who_writes_by_ussd_is_answered_by_sms(service, text):
    text("HUMAN", medium="ussd", sender=OTHER)
    case = the_case(service, OTHER).id
    assert cases.compose_reply(service, case, HELLO).faults == (Fault.NO_CHANNEL,)
    object.__setattr__(service, "sms_channel", "smsgate")
    assert answer(service, case)
    assert [held.outbound.recipient for held in collect(service, "smsgate")] == [OTHER]


def test_a_reply_that_fails_is_seen(service, case, clock):
    row = answer(service, case)
    (held,) = collect(service)
    outbox.settle(service, 9, [(held, SendError("nobody has it", retry=False, sent="no", cause="bad_number"))])
    assert outbound(service, row)[3] == State.FAILED
    assert read(service).said[-1].state == "failed"
    assert cases.compose_reply(service, case, HELLO).faults == (Fault.DEAD,)
    clock.forward(hours=25)
    caseload.change(service, Contact, dead_at=None)
    answer(service, case, request="again")
    clock.forward(hours=25)
    assert collect(service) == []
    assert read(service).said[-1].state == "failed"
