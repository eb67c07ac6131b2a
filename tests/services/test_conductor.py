"""What broadcasts do by themselves: who gets them and when, what stops them, and that the sums balance."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from campaigning import AUTHOR, CHANNEL, HOUR, OTHER, WORDS, Office
from postbox import Postbox
from sqlalchemy import delete, select, update

from bot.channels import Traits
from bot.protocol import SendError, Sent
from bot.services import broadcasts, conductor, judging, outbox, privacy, recovery, results
from bot.services.broadcasts import HOUSE, Repeat, Window, Words
from bot.services.outbox import Wish
from bot.store import marks
from bot.store.stages import Left, Stage
from bot.store.state import State
from bot.store.statements import Statement
from bot.store.tables import BroadcastResult, Mark, Outbound, Recipient
from bot.store.times import DAY

DAYTIME = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
"""Ten in the morning in Phnom Penh."""
MARKS = Statement(lambda _: select(Mark.name))


@pytest.fixture
def office(service) -> Office:
    return Office(service)


@pytest.fixture
def unwatched(monkeypatch):
    """The canary is judged at once, and what is for fewer than 400 has none."""
    monkeypatch.setattr(judging, "SMALL", 399)
    monkeypatch.setattr(conductor, "WATCH", 0)
    monkeypatch.setattr(conductor, "LOOK", 0.0)


def closed(office, made, clock):
    """Let the time for reports pass; the counts that are kept."""
    clock.forward(hours=73)
    office.rounds(lambda: broadcasts.get(office.service, made).closed_at is not None)
    assert broadcasts.get(office.service, made).closed_at is not None
    assert office.sound()
    return office.sums(made)


def test_everybody_gets_it_once(office, clock, unwatched):
    office.people(60)
    office.people(30, "TH", "en")
    office.people(10, None, "km_Latn")
    made = office.scheduled()
    office.all_through(made, clock)
    assert office.stage(made) is Stage.DONE
    assert len(office.heard) == len(set(office.heard)) == 100
    acts = ["create", "submit", "begin", "expand", "run", "done"]
    assert [act for _, act in office.acts(made)] == acts
    assert closed(office, made, clock) == {"accepted": 100}
    assert office.acts(made)[-1] == (HOUSE, "close")


def test_the_words_are_those_of_the_language_and_what_an_answer_leads_into_is_kept(office, clock, unwatched):
    office.people(20, "KH", "en")
    office.people(20, "KH", "km_Latn")
    made = office.scheduled()
    office.rounds(lambda: office.queued() == 40)
    clock.forward(seconds=20)
    held = outbox.claim(office.service, 7, Wish(CHANNEL, 100, posting=True))
    assert sorted({each.outbound.text for each in held}) == sorted(said.words for said in WORDS.values())
    assert office.recipients(made) == 40


def test_it_waits_for_its_time(office, clock):
    office.people(30)
    now = office.now()
    made = office.scheduled(window=Window(now + HOUR, now + 5 * HOUR))
    office.rounds()
    assert office.stage(made) is Stage.SCHEDULED
    clock.forward(hours=1)
    office.rounds()
    assert office.stage(made) is Stage.RUNNING


def test_a_large_one_sends_a_twentieth_and_watches(office, clock):
    office.people(1000)
    made = office.scheduled()
    office.rounds()
    assert office.stage(made) is Stage.CANARY
    first = office.queued()
    assert 20 <= first <= 90
    clock.forward(seconds=10)
    assert len(office.send()) == first
    clock.forward(minutes=10)
    office.rounds()
    assert office.queued() == 0
    clock.forward(minutes=5)
    office.rounds()
    assert office.stage(made) is Stage.RUNNING
    office.rounds()
    assert office.queued() == 1000 - first


@pytest.mark.parametrize("many", [101, 200])
def test_a_school_is_watched_too_as_soon_as_twenty_have_it(office, clock, many):
    people = office.people(many)
    made = office.scheduled()
    office.rounds(most=16)
    assert office.stage(made) is Stage.CANARY
    first = office.queued()
    assert 20 <= first <= 45
    clock.forward(seconds=10)
    went = office.send()
    office.tell([people[int(number[-6:]) - 100_000] for number in went[:1]], opted_out_at=office.now())
    clock.forward(seconds=1)
    office.rounds()
    assert (office.stage(made), len(office.texts())) == (Stage.PAUSED, first)


def test_a_class_is_not(office, clock):
    office.people(100)
    made = office.scheduled()
    office.rounds()
    assert (office.stage(made), office.queued()) == (Stage.RUNNING, 100)


@pytest.mark.parametrize("harm", ["stop", "erase", "stop, erase", "failed", "alarm"])
def test_what_does_harm_stops_the_canary_and_nobody_else_is_texted(office, clock, unwatched, harm):
    """About four of a hundred say STOP, or want to be forgotten, or both; or eleven fail; or four call for help."""
    people = office.people(1000)
    made = office.scheduled()
    office.rounds(lambda: office.stage(made) is Stage.CANARY)
    office.rounds(lambda: office.queued() > 0)
    canary = office.queued()
    many = max(2, round(canary * 0.04)) if harm != "failed" else round(canary * 0.11) + 1
    clock.forward(seconds=10)
    failing = iter(range(canary))
    refused = SendError("no", retry=False, sent="no", cause="blocked")
    went = office.send(outcome=lambda _: refused if harm == "failed" and next(failing) < many else Sent(None))
    assert len(went) == canary
    reached = [people[int(number[-6:]) - 100_000] for number in went[:many]]
    if "stop" in harm:
        office.tell(reached, opted_out_at=office.now())
    for number in went[:many] if "erase" in harm else ():
        assert privacy.erase(office.service, number)
    if harm == "alarm":
        for person in reached:
            office.alarm(person, office.now())
    clock.forward(seconds=1)
    office.rounds()
    known = broadcasts.get(office.service, made)
    assert (known.state, known.paused_from) == (Stage.PAUSED, Stage.CANARY)
    why = {"failed": "were not reached", "alarm": "called for help"}.get(harm, f" of {canary} said STOP")
    assert why in known.paused_why
    assert office.acts(made)[-1] == (HOUSE, "pause")
    clock.forward(hours=1)
    office.rounds()
    assert office.send() == []
    assert len(office.texts()) == canary - (many if "erase" in harm else 0)
    broadcasts.resume(office.service, made, OTHER)
    office.all_through(made, clock)
    assert office.stage(made) is Stage.DONE, "what staff have seen does not stop it again"
    clock.forward(days=4)
    office.rounds()
    assert results.results(office.service, made).stopped == (many if harm not in ("failed", "alarm") else 0)
    assert not {name for (name,) in office.service.database.read(lambda tx: tx.all(MARKS)) if "erased" in name}
    assert office.sound()


def test_what_does_harm_later_stops_it_too(office, clock, unwatched, monkeypatch):
    people = office.people(150)
    made = office.scheduled()
    office.rounds(lambda: office.queued() == 150)
    clock.forward(seconds=10)
    went = office.send(100)
    office.tell([people[int(number[-6:]) - 100_000] for number in went[:4]], opted_out_at=office.now())
    clock.forward(seconds=1)
    office.rounds(most=1)
    assert office.stage(made) is Stage.PAUSED
    assert office.send() == []


def test_of_few_texts_nothing_is_said():
    seen = judging.Outcomes(19, 19, 19, 19, 19, 19)
    assert judging.verdict(seen) is None
    assert judging.verdict(judging.Outcomes(*[20] * 6)) is not None
    assert judging.verdict(judging.Outcomes(100, 100, 100, 10, 2, 2)) is None


def test_who_says_stop_meanwhile_gets_nothing_more(office, clock, unwatched, text):
    office.people(100)
    made = office.scheduled()
    office.rounds(lambda: office.queued() == 100)
    clock.forward(seconds=10)
    held = outbox.claim(office.service, 7, Wish(CHANNEL, 10, posting=True))
    claimed, waits = held[0].outbound.recipient, office.number(99)
    text("STOP", sender=claimed)
    text("STOP", sender=waits)
    assert not outbox.begin(office.service, 7, held[0])
    outbox.release(office.service, 7, held)
    assert len(office.send()) == 98
    assert not {claimed, waits} & set(office.heard)
    assert office.states()[State.SUPPRESSED] == 2
    office.all_through(made, clock)
    assert closed(office, made, clock) == {"accepted": 98, "suppressed": 2}


def test_the_rules_are_looked_at_again_when_the_turn_comes(office, clock, unwatched):
    people = office.people(208)
    made = office.scheduled(pace=3600)
    office.rounds(lambda: office.stage(made) is Stage.RUNNING)
    now, planned = office.now(), [each for each in people if each not in dict(office.texts())]
    office.tell(planned[:1], number_sealed=None)
    office.tell(planned[1:2], opted_out_at=now)
    office.tell(planned[2:3], blocked_at=now)
    office.tell(planned[3:4], dead_at=now)
    office.tell(planned[4:5], seen_at=now - 181 * DAY)
    office.tell(planned[5:6], texted_before_at=now - DAY)
    office.alarm(planned[6], now)
    office.case(planned[7])
    office.all_through(made, clock)
    assert {Left(state).name for state in office.places() if state > 100} == {
        "ERASED", "STOPPED", "BLOCKED", "DEAD", "SILENT", "CAP", "EMERGENCY", "CASE"
    }  # fmt: skip
    sums = closed(office, made, clock)
    assert sums.pop("accepted") == 200
    assert sums == dict.fromkeys(("erased", "stopped", "blocked", "dead", "silent", "cap", "emergency", "case"), 1)


def test_nobody_gets_more_than_two_in_a_week(office, clock, unwatched):
    office.people(30)
    for _ in range(2):
        made = office.scheduled()
        office.all_through(made, clock)
    with pytest.raises(broadcasts.BadBroadcast, match="0 people"):
        office.scheduled()
    clock.forward(days=7, hours=1)
    office.scheduled()


def test_cancelled_at_half_hands_over_one_claim_more(office, clock, unwatched):
    office.people(150)
    made = office.scheduled()
    office.rounds(lambda: office.queued() == 150)
    clock.forward(seconds=10)
    office.send(75)
    held = outbox.claim(office.service, 7, Wish(CHANNEL, 10, posting=True))
    broadcasts.cancel(office.service, made, OTHER)
    assert outbox.claim(office.service, 8, Wish(CHANNEL, 10, posting=True)) == []
    assert [outbox.begin(office.service, 7, each) for each in held] == [False] * 10
    outbox.release(office.service, 7, held)
    assert office.send() == []
    office.rounds(lambda: office.queued() == 0, most=4)  # there is one a second
    assert office.queued() == 0
    assert closed(office, made, clock) == {"accepted": 75, "cancelled": 75}


def test_paused_and_let_go_on(office, clock, unwatched):
    office.people(150)
    made = office.scheduled()
    office.rounds(lambda: office.queued() > 100)
    clock.forward(seconds=10)
    office.send(50)
    held = outbox.claim(office.service, 7, Wish(CHANNEL, 1, posting=False))
    broadcasts.pause(office.service, made, OTHER, "somebody rang")
    assert not outbox.begin(office.service, 7, held[0])
    outbox.release(office.service, 7, held)
    for _ in range(3):
        office.rounds()
        assert office.send() == []
        clock.forward(minutes=4)
    broadcasts.resume(office.service, made, OTHER)
    office.all_through(made, clock)
    assert closed(office, made, clock) == {"accepted": 150}


def test_at_its_end_nothing_more_goes(office, clock, unwatched):
    office.people(300)
    now = office.now()
    made = office.scheduled(window=Window(now, now + HOUR), pace=100)
    office.rounds()
    clock.forward(minutes=59)
    office.rounds()
    went = len(office.send())
    assert 1 <= went < 10
    clock.forward(minutes=2)
    office.rounds()
    assert office.stage(made) is Stage.EXPIRED
    assert office.send() == []
    office.rounds()
    assert closed(office, made, clock) == {"accepted": went, "expired": 300 - went}


def test_one_that_was_paused_ends_too(office, clock):
    office.people(30)
    made = office.scheduled()
    broadcasts.pause(office.service, made, OTHER, "not yet")
    clock.forward(hours=9)
    office.rounds()
    assert office.stage(made) is Stage.EXPIRED
    assert broadcasts.get(office.service, made).closed_at is not None, "there are no reports to wait for"


def test_the_pace_is_kept_and_spread(office, clock, unwatched):
    office.people(100)
    made = office.scheduled(pace=360)
    began = office.now()
    for _ in range(60):
        office.rounds(most=1)
        clock.forward(seconds=10)
    due = office.due()
    assert 55 <= len(due) <= 62
    assert office.stage(made) is Stage.RUNNING
    minutes = [sum(began + 60_000 * n <= each < began + 60_000 * (n + 1) for each in due) for n in range(9)]
    assert max(minutes) <= 8
    assert min(minutes) >= 4


def test_no_more_waits_than_the_gateway_can_send_soon(service, clock, unwatched):
    office = Office(service, Traits(rate=30, lanes=4))
    office.people(1000)
    made = office.scheduled()
    office.rounds(lambda: office.queued() > 0)
    clock.forward(seconds=10)
    office.send()
    office.rounds()
    assert office.stage(made) is Stage.RUNNING
    assert office.queued() == 300
    clock.forward(seconds=10)
    office.send(100)
    office.rounds()
    assert office.queued() == 300


def test_texts_of_one_page_are_not_due_at_one_moment(office, clock, unwatched):
    office.people(100)
    office.scheduled()
    office.rounds(lambda: office.queued() == 100)
    due = office.due()
    assert len(set(due)) > 50
    assert max(due) - min(due) < conductor.JITTER


def test_at_night_nobody_is_texted(office, clock, unwatched):
    """Eight in the evening in Phnom Penh, ten in Tokyo, four in the afternoon in Riyadh."""
    office.people(40)
    office.people(30, "JP")
    office.people(30, "SA")
    office.tell(office.people(20, None), destination="SA")
    clock.time = DAYTIME.replace(hour=13)
    now = office.now()
    made = office.scheduled(window=Window(now, now + 3 * DAY))
    for _ in range(5):
        office.rounds(most=3)
        clock.forward(seconds=20)
        office.send()
    assert len(office.heard) == 30
    clock.time = DAYTIME.replace(hour=23)
    office.rounds()
    clock.forward(seconds=20)
    office.send()
    assert len(office.heard) == 60, "it is eight in the morning in Tokyo"
    clock.time = DAYTIME.replace(hour=1) + timedelta(days=1)
    office.rounds()
    clock.forward(seconds=20)
    office.send()
    assert len(office.heard) == 100, "and now in Phnom Penh, but who may be in Riyadh sleeps"
    clock.time = DAYTIME.replace(hour=5, minute=15) + timedelta(days=1)
    office.all_through(made, clock)
    assert len(set(office.heard)) == len(office.heard) == 120


def test_what_waits_in_the_outbox_when_night_falls_waits_for_the_morning(office, clock, unwatched):
    office.people(60)
    clock.time = DAYTIME.replace(hour=12, minute=59)
    now = office.now()
    made = office.scheduled(window=Window(now, now + 2 * DAY))
    office.rounds(lambda: office.queued() == 60)
    clock.forward(minutes=1)
    assert office.send() == []
    morning = DAYTIME.replace(hour=1) + timedelta(days=1)
    assert min(office.due()) >= round(morning.timestamp() * 1000)
    clock.time = morning + timedelta(minutes=11)
    office.all_through(made, clock)
    assert len(office.heard) == 60


@pytest.mark.parametrize("wrong", [datetime(1970, 1, 1, 5, tzinfo=UTC), DAYTIME - timedelta(hours=2)])
def test_a_clock_that_starts_in_the_past_sends_nothing(office, clock, unwatched, wrong):
    """A box without a battery: it is switched on at night and thinks that it is day."""
    office.people(60)
    clock.time = DAYTIME
    made = office.scheduled()
    office.rounds(lambda: office.queued() == 60)
    clock.time = wrong
    office.conductor = office.another()
    office.rounds()
    assert office.send() == []
    clock.time = DAYTIME + timedelta(minutes=20)
    office.conductor = office.another()
    office.all_through(made, clock)
    assert len(office.heard) == 60


def test_a_clock_a_day_ahead_sends_nothing_until_somebody_has_looked(office, clock, unwatched):
    office.people(60)
    clock.time = DAYTIME
    now = office.now()
    made = office.scheduled(window=Window(now, now + 10 * DAY))
    privacy.purge(office.service)
    office.rounds(lambda: office.queued() == 60)
    clock.forward(days=2)
    office.conductor = office.another()
    office.rounds()
    assert office.send() == []
    privacy.purge(office.service, confirmed=True)
    clock.forward(minutes=6)
    office.all_through(made, clock)
    assert len(office.heard) == 60


def test_purging_with_a_confirmed_clock_confirms_it_for_broadcasts(office, clock, unwatched):
    office.people(60)
    clock.time = DAYTIME + timedelta(days=30)
    office.service.database.write(lambda tx: marks.put(tx, marks.CONDUCTED_AT, office.now()))
    clock.time = DAYTIME
    made = office.scheduled()
    office.rounds()
    assert office.stage(made) is Stage.SCHEDULED
    privacy.purge(office.service, confirmed=True)
    office.rounds()
    assert office.stage(made) is Stage.RUNNING


def test_replies_and_emergencies_overtake(office, clock, unwatched):
    office.people(100)
    office.scheduled()
    office.rounds(lambda: office.queued() == 100)
    clock.forward(seconds=10)
    box = Postbox(office.service)
    box.text("hello", "+85512345678", channel=CHANNEL)
    box.text("SOS", "+85512345679", channel=CHANNEL)
    held = outbox.claim(office.service, 7, Wish(CHANNEL, 5, posting=True))
    assert [each.outbound.priority for each in held] == [0, 1, 2, 2, 2]


def test_two_conductors_and_several_senders_at_once_give_it_to_everybody_once(office, clock, unwatched):
    office.people(400)
    made = office.scheduled()
    others = [office.another() for _ in range(3)]
    over = []

    def conduct(each):
        while not over:
            each.round()

    def deliver(owner):
        heard = []
        while not over:
            held = outbox.claim(office.service, owner, Wish(CHANNEL, 10, posting=True))
            heard += [each.outbound.recipient for each in held if outbox.begin(office.service, owner, each)]
            outbox.settle(office.service, owner, [(each, Sent(None)) for each in held])
            clock.forward(milliseconds=50)
        return heard

    with ThreadPoolExecutor(5) as pool:
        rounds = [pool.submit(conduct, each) for each in others]
        sent = [pool.submit(deliver, owner) for owner in (1, 2)]
        until = time.monotonic() + 120
        while office.stage(made) is not Stage.DONE and time.monotonic() < until:
            time.sleep(0.05)
        over.append(True)
        for each in rounds:
            each.result()
        heard = [number for each in sent for number in each.result()]
    assert office.stage(made) is Stage.DONE
    assert sorted(heard) == sorted(set(heard))
    assert len(heard) == 400
    assert [act for _, act in office.acts(made)].count("expand") == 1


def test_a_number_that_is_not_in_use_gets_no_other(office, clock, unwatched):
    people = office.people(30)
    made = office.scheduled()
    office.rounds(lambda: office.queued() == 30)
    clock.forward(seconds=10)
    gone = SendError("no such number", retry=False, sent="no", cause="bad_number")
    office.send(outcome=lambda number: gone if number == office.number(3) else Sent(None))
    office.all_through(made, clock)
    assert closed(office, made, clock) == {"accepted": 29, "failed": 1}
    again = office.scheduled()
    office.rounds(lambda: office.recipients(again) > 0)
    assert office.recipients(again) == 29
    assert [contact for contact, state in office.texts() if state == State.FAILED] == [people[3]]


def test_too_few_at_its_time_is_not_sent(office, clock):
    people = office.people(25)
    made = office.scheduled()
    office.tell(people[:10], opted_out_at=office.now())
    office.rounds()
    assert office.stage(made) is Stage.CANCELLED
    assert broadcasts.history(office.service, made)[-1].act == "close"
    assert office.texts() == []
    assert office.sums(made) == {"cancelled": 15}


def test_it_comes_again_and_is_asked_about_again_when_it_has_grown(office, clock, unwatched):
    office.people(200)
    now = office.now()
    made = office.scheduled(repeats=Repeat(7, now + 15 * DAY), request="weekly")
    office.all_through(made, clock)
    (second,) = [known for known in broadcasts.listed(office.service) if known.id != made]
    assert (second.request, second.origin, second.state) == ("weekly:2", "repeat:weekly", Stage.SCHEDULED)
    assert (second.starts_at, second.approver) == (now + 7 * DAY, OTHER)
    office.people(30)
    clock.time = DAYTIME + timedelta(days=7, hours=1)
    office.rounds()
    assert office.stage(second.id) is Stage.WAITING, "more than a tenth more than somebody agreed to"
    broadcasts.approve(office.service, second.id, OTHER)
    office.all_through(second.id, clock)
    (third,) = [known for known in broadcasts.listed(office.service) if known.request == "weekly:3"]
    assert (third.state, third.approver) == (Stage.WAITING, None)
    broadcasts.approve(office.service, third.id, "Bopha")
    clock.time = DAYTIME + timedelta(days=14, hours=1)
    office.all_through(third.id, clock)
    assert len([each for each in broadcasts.listed(office.service) if each.request == "weekly:4"]) == 0
    assert len(office.heard) == 200 + 230 + 230


def test_a_spoilt_one_does_not_hold_up_the_others(office, clock, unwatched):
    office.people(40)
    spoilt = office.scheduled(origin="series:x", request="spoilt", texts={"en": Words("x")})
    office.service.database.write(lambda tx: broadcasts.store.change(tx, spoilt, audience="not JSON"))
    made = office.scheduled()
    office.all_through(made, clock)
    assert office.stage(made) is Stage.DONE


def test_a_conductor_that_dies_anywhere_is_followed_by_another(office, clock, unwatched):
    """Each round is done by a process of its own."""
    office.people(300)
    made = office.scheduled()
    for _ in range(40):
        office.conductor = office.another()
        office.rounds(most=1)
        clock.forward(seconds=10)
        office.send()
        if office.stage(made) is Stage.DONE:
            break
    assert len(office.heard) == len(set(office.heard)) == 300
    assert office.acts(made)[0] == (AUTHOR, "create")


def test_the_self_check_sees_what_must_not_be(office, clock, unwatched):
    office.people(40)
    made = office.scheduled()
    office.all_through(made, clock)
    lose = Statement(lambda _: delete(Outbound).where(Outbound.contact_id == office.texts()[0][0]))
    miscount = Statement(lambda _: update(BroadcastResult).values(recipients=BroadcastResult.recipients + 2))
    forget = Statement(lambda _: update(Recipient).values(state=0))
    assert recovery.broken(office.service) == {}
    office.service.database.write(lambda tx: tx.run(lose))
    assert list(recovery.broken(office.service).values()) == [1]
    clock.forward(hours=73)
    office.rounds()
    assert office.sound()
    office.service.database.write(lambda tx: tx.run(miscount))
    assert list(recovery.broken(office.service).values()) == [2 * len(set(office.sums(made)))]
    office.service.database.write(lambda tx: tx.run(forget))
    assert len(recovery.broken(office.service)) == 2
