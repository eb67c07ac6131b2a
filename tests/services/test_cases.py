"""Who needs one of staff has one case: opened by a text, seen, handed over, put off and closed, and all of it noted."""

from __future__ import annotations

import threading

import pytest
from services import caseload
from services.caseload import (
    DARA,
    HE,
    IDS,
    ME,
    NUMBER,
    OTHER,
    SOKHA,
    THIRD,
    VIEWER,
    kinds,
    read,
    refused,
    rows,
    the_case,
)
from services.staffing import events

from bot.conversation.session import Reply, Turn
from bot.services import audit, case_ending, cases, inbox
from bot.services.cases import Kind, Outcome, Why
from bot.store import messages
from bot.store.tables import Contact, DailyCount, Escalation, Unmatched
from bot.store.times import DAY

MINUTE = 60_000


@pytest.fixture(autouse=True)
def at_work(service, monkeypatch):
    caseload.employ(service)
    usual = inbox.step

    def step(book, reader, session, text, now, registry):
        if text.startswith("strange"):
            return Turn(session._replace(language="en", at=now), (Reply("What?", "none"),))
        return usual(book, reader, session, text, now, registry)

    monkeypatch.setattr(inbox, "step", step)


def test_a_text_that_needs_somebody_opens_one_case_and_the_next_ones_join_it(service, text, clock):
    text("hello")
    assert rows(service) == []
    opened = {}
    for words, kind in (
        ("strange 1", "unanswered"),
        ("HUMAN", "person"),
        ("strange 2", "person"),
        ("SOS", "emergency"),
    ):
        clock.forward(minutes=1)
        text(words)
        (row,) = rows(service)
        opened.setdefault("at", service.now())
        assert (row.kind, row.opened_at, row.news_at) == (kind, opened["at"], service.now())
        assert row.alert_at == (service.now() if kind == "emergency" else None)
    assert {kind for (kind,) in caseload.every(service, Escalation.kind)} == {"person", "emergency"}
    assert len(caseload.every(service, Unmatched.inbound_id)) == 2
    clock.forward(minutes=1)
    text("thank you")
    assert rows(service)[0].news_at == service.now()
    text("hello", sender=OTHER)
    assert len(rows(service)) == 1
    text("HUMAN", sender=OTHER, medium="ussd")
    assert [row.kind for row in rows(service)] == ["emergency", "person"]
    caseload.sound(service)


def test_a_number_that_is_in_no_menu_is_nobody_s_question(service, text, monkeypatch):
    monkeypatch.setattr(inbox, "step", lambda *_, **__: Turn(inbox.Session(language="en"), (Reply("What?", "none"),)))
    text("7")
    assert rows(service) == []
    text("what is this")
    assert [row.kind for row in rows(service)] == ["unanswered"]


def test_who_texts_like_a_machine_is_a_case_too(service, text):
    for _ in range(30):
        text("hello")
    assert [row.kind for row in rows(service)] == ["loop"]
    assert text("SOS").replies
    assert [row.kind for row in rows(service)] == ["emergency"]


def test_a_call_for_help_alerts_again_only_when_somebody_has_seen_the_first(service, text, clock):
    text("SOS")
    first = service.now()
    clock.forward(minutes=3)
    text("SOS")
    assert [(row.alert_at, row.acknowledged_at) for row in rows(service)] == [(first, None)]
    read(service, who=(VIEWER, IDS[VIEWER]))
    assert rows(service)[0].alert_at == first
    read(service)
    assert [(row.alert_at, row.acknowledged_at) for row in rows(service)] == [(None, service.now())]
    text("hello")
    assert rows(service)[0].alert_at is None
    clock.forward(minutes=3)
    text("SOS")
    assert [(row.alert_at, row.acknowledged_at) for row in rows(service)] == [(service.now(), None)]
    cases.close(service, the_case(service).id, Outcome.HELPED, *ME)
    assert rows(service)[0].alert_at is None
    clock.forward(minutes=3)
    text("SOS")
    old, new = rows(service)
    assert (old.outcome, new.kind, new.opened_at, new.alert_at) == ("helped", "emergency", service.now(), service.now())
    view = read(service)
    assert [each.id for each in view.earlier] == [old.id]
    caseload.sound(service)


def test_many_texts_of_one_person_at_once_open_one_case(service, text):
    text("hello")
    threads = [threading.Thread(target=text, args=("SOS", NUMBER, f"X{n}")) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [row.kind for row in rows(service)] == ["emergency"]


def test_the_lists_show_the_urgent_first_then_who_waits_longest(service, text, clock):
    asked = ["HUMAN", "strange", "SOS", "strange", "HUMAN", "SOS", "HUMAN"]
    for number, words in enumerate(asked):
        clock.forward(minutes=1)
        text(words, sender=f"+8551234560{number}")
    clock.forward(minutes=1)
    text("hello", sender="+85512345600")  # news: now the last of them
    whole = cases.page(service, "open")
    assert [each.masked for each in whole] == [f"+855 •••••0{number}" for number in (2, 5, 1, 3, 4, 6, 0)]
    for size in (1, 2, 3):
        told, before = [], None
        while page := cases.page(service, "open", before=before, limit=size):
            assert len(page) <= size
            told += page
            before = page[-1].key
        assert told == whole
    assert kinds(cases.page(service, "open", kind=Kind.PERSON)) == ["person"] * 3
    assert cases.page(service, "open", kind=Kind.PERSON, before=whole[2].key, limit=1) == [whole[4]]
    cases.assign(service, whole[0].id, SOKHA, DARA)
    cases.wait(service, whole[4].id, 2, *ME)
    assert [each.id for each in cases.page(service, "mine", IDS[SOKHA])] == [whole[0].id]
    assert [each.id for each in cases.page(service, "waiting")] == [whole[4].id]
    assert whole[4].id not in [each.id for each in cases.page(service, "open")]
    for each in (whole[1], whole[2]):
        clock.forward(minutes=1)
        cases.close(service, each.id, Outcome.REFERRED, *ME)
    closed = cases.page(service, "closed")
    assert [each.id for each in closed] == [whole[2].id, whole[1].id]
    assert cases.page(service, "closed", before=closed[0].key) == closed[1:]
    found = cases.count(service, IDS[SOKHA])
    assert (found.open, found.waiting, found.mine) == (4, 1, 1)
    assert found.kinds == {Kind.EMERGENCY: 1, Kind.PERSON: 2, Kind.UNANSWERED: 1, Kind.LOOP: 0}
    for nonsense in ("", "x", "1.2", "9.1.1", "1.a.2", "1.-1.2", f"1.{1 << 63}.2", "1.99999999999999999999.1"):
        assert cases.page(service, "open", before=nonsense) == cases.page(service, "open")


def test_reading_tells_both_sides_and_is_noted_with_it(service, text, clock):
    text("hello")
    clock.forward(minutes=1)
    text("SOS")
    clock.forward(minutes=1)
    text("HUMAN", medium="ussd")
    case = the_case(service)
    cases.note(service, case.id, " her aunt called \n", *ME)
    view = read(service, who=HE)
    assert [(said.mine, said.text) for said in view.said] == [
        (False, "hello"),
        (True, "answer 1"),
        (False, "SOS"),
        (True, "Call 117."),
        (False, "HUMAN"),
        (True, "answer 1"),
    ]
    assert [said.medium for said in view.said] == ["sms"] * 4 + ["ussd"] * 2
    assert {said.state for said in view.said} == {None, "sent"}
    assert [(note.kind, note.by, note.text) for note in view.notes] == [("note", SOKHA, "her aunt called")]
    assert view.case.masked == "+855 •••••78"
    assert not view.case.opted_out
    assert events(service)[-2:] == [("case.noted", SOKHA), ("case.read", DARA)]
    assert audit.page(service)[0].about == ("case", case.id)
    assert cases.case(service, case.id) == view.case
    assert cases.of_contact(service, case.contact_id) == [view.case]
    told = len(events(service))
    assert cases.open_(service, 5, *HE) is None
    assert cases.case(service, 5) is None
    assert len(events(service)) == told


def test_a_reading_that_cannot_be_noted_reads_nothing(service, text, monkeypatch):
    text("SOS")

    def broken(*_, **__):
        raise OSError("no room")

    monkeypatch.setattr(cases, "keep_note", broken)
    with pytest.raises(OSError, match="no room"):
        read(service)
    assert rows(service)[0].acknowledged_at is None


def test_only_one_at_a_time_answers(service, text, clock):
    text("HUMAN")
    case = the_case(service).id
    mine = cases.lock(service, case, IDS[SOKHA], SOKHA)
    assert (mine.ok, mine.who, mine.until) == (True, SOKHA, service.now() + 5 * MINUTE)
    assert cases.lock(service, case, IDS[DARA], DARA) == (False, SOKHA, mine.until)
    assert the_case(service).locked_by == SOKHA
    assert refused(lambda: cases.close(service, case, Outcome.HELPED, *HE)) == Why.LOCKED
    clock.forward(minutes=4)
    again = cases.lock(service, case, IDS[SOKHA], SOKHA)
    assert again.until == service.now() + 5 * MINUTE
    cases.unlock(service, case, IDS[DARA])
    assert not cases.lock(service, case, IDS[DARA], DARA).ok
    clock.forward(minutes=5)
    assert the_case(service).locked_by is None
    assert cases.lock(service, case, IDS[DARA], DARA).ok
    cases.unlock(service, case, IDS[DARA])
    assert cases.lock(service, case, IDS[SOKHA], SOKHA).ok
    assert refused(lambda: cases.lock(service, 5, IDS[SOKHA], SOKHA)) == Why.GONE


def test_of_two_at_the_same_moment_one_has_it(service, text):
    text("HUMAN")
    case = the_case(service).id
    got = []
    threads = [
        threading.Thread(target=lambda who=who: got.append(cases.lock(service, case, IDS[who], who)))
        for who in (SOKHA, DARA)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(each.ok for each in got) == [False, True]
    assert len({each.who for each in got}) == 1


def test_everything_that_is_done_is_written_down_and_noted(service, text, clock, monkeypatch):
    monkeypatch.setattr(type(service), "book", property(lambda _: caseload.small_book()))
    text("SOS")
    text("HUMAN")
    case = the_case(service).id
    cases.assign(service, case, "sokha ", DARA)
    cases.refer(service, case, "kh-1288", *ME)
    cases.refer(service, case, "the pagoda", *ME)
    cases.wait(service, case, 3, *ME)
    assert the_case(service).waits_until == service.now() + 3 * DAY
    clock.forward(minutes=1)
    text("hello")
    assert the_case(service).waits_until is None
    cases.assign(service, case, None, DARA)
    cases.close(service, case, Outcome.SAFE_HOME, *ME)
    closed = the_case(service)
    assert (closed.closed_at, closed.outcome, closed.acknowledged_at is not None) == (service.now(), "safe_home", True)
    assert {at for (at,) in caseload.every(service, Escalation.closed_at)} == {service.now()}
    cases.reopen(service, case, *HE)
    assert (the_case(service).closed_at, the_case(service).outcome) == (None, None)
    assert caseload.every(service, Escalation.closed_at) == [(None,), (None,)]
    told = [(note.kind, note.word, note.text, note.by) for note in read(service).notes]
    assert told == [
        ("assign", SOKHA, None, DARA),
        ("refer", "kh-1288", None, SOKHA),
        ("refer", None, "the pagoda", SOKHA),
        ("wait", "3", None, SOKHA),
        ("assign", None, None, DARA),
        ("close", "safe_home", None, SOKHA),
        ("reopen", None, None, DARA),
    ]
    happened = [event for event, _ in events(service)]
    steps = ("assigned", "referred", "referred", "waits", "assigned", "closed", "reopened", "read")
    assert happened == [f"case.{step}" for step in steps]
    assert audit.verify(service).broken is None
    assert "pagoda" not in str(audit.page(service))
    caseload.sound(service)


def test_the_month_without_broadcasts_begins_with_the_last_end(service, text, clock):
    for _ in range(2):
        text("SOS")
        cases.close(service, the_case(service).id, Outcome.HELPED, *ME)
        clock.forward(days=1)
    case = the_case(service).id
    cases.reopen(service, case, *HE)
    clock.forward(days=20)
    cases.close(service, case, Outcome.HELPED, *ME)
    ends = [at for (at,) in caseload.every(service, Escalation.closed_at)]
    assert ends == [service.now() - 22 * DAY, service.now()]
    caseload.sound(service)


def test_nobody_ends_or_puts_off_what_they_have_not_read(service, text, clock):
    text("HUMAN")
    case, seen = the_case(service).id, read(service).case.news_at
    clock.forward(minutes=1)
    text("SOS")
    assert refused(lambda: cases.close(service, case, Outcome.NO_ANSWER, *ME, seen=seen)) == Why.NEWS
    assert refused(lambda: cases.wait(service, case, 30, *ME, seen=seen)) == Why.NEWS
    assert [(row.alert_at, row.waits_until, row.closed_at) for row in rows(service)] == [(service.now(), None, None)]
    cases.wait(service, case, 30, *ME, seen=read(service).case.news_at)
    cases.close(service, case, Outcome.HELPED, *ME, seen=the_case(service).news_at)


def test_what_makes_no_sense_is_refused(service, text, monkeypatch):
    monkeypatch.setattr(type(service), "book", property(lambda _: caseload.small_book()))
    text("HUMAN")
    case = the_case(service).id
    before = len(events(service))
    for work, why in (
        (lambda: cases.assign(service, case, "Nobody", DARA), Why.NOBODY),
        (lambda: cases.assign(service, case, VIEWER, DARA), Why.NOBODY),
        (lambda: cases.note(service, case, "  \n", *ME), Why.EMPTY),
        (lambda: cases.note(service, case, "a" * 2_001, *ME), Why.LONG),
        (lambda: cases.refer(service, case, "", *ME), Why.EMPTY),
        (lambda: cases.refer(service, case, "a" * 61, *ME), Why.LONG),
        (lambda: cases.refer(service, case, "her aunt 012 345 678", *ME), Why.NUMBER),
        (lambda: cases.wait(service, case, 0, *ME), Why.DAYS),
        (lambda: cases.wait(service, case, 31, *ME), Why.DAYS),
        (lambda: cases.reopen(service, case, *ME), Why.OPEN),
        (lambda: cases.note(service, 5, "a", *ME), Why.GONE),
    ):
        assert refused(work) == why
    with pytest.raises(ValueError, match="lapsed"):
        cases.close(service, case, Outcome.LAPSED, *ME)
    assert (len(events(service)), caseload.notes(service)) == (before, 0)
    cases.close(service, case, Outcome.NOT_FOR_US, *ME)
    assert refused(lambda: cases.close(service, case, Outcome.HELPED, *ME)) == Why.CLOSED
    assert refused(lambda: cases.note(service, case, "late", *ME)) == Why.CLOSED
    assert not cases.lock(service, case, *reversed(ME)).ok
    text("HUMAN")
    assert refused(lambda: cases.reopen(service, case, *ME)) == Why.ANOTHER


def test_what_nobody_took_on_in_a_week_ends_by_itself(service, text, clock, monkeypatch):
    monkeypatch.setattr("bot.store.cases.PAGE", 2)
    people = [f"+8551234561{number}" for number in range(7)]
    for number in people[:5]:
        text("strange", sender=number)
    text("HUMAN", sender=people[5])
    text("SOS", sender=people[6])
    cases.assign(service, the_case(service, people[0]).id, SOKHA, DARA)
    cases.wait(service, the_case(service, people[1]).id, 20, *ME)
    clock.forward(days=6)
    text("hello", sender=people[2])
    assert case_ending.lapse(service) == 0
    clock.forward(days=1, minutes=1)
    assert case_ending.lapse(service) == 2
    assert [the_case(service, number).outcome for number in people] == [None] * 3 + ["lapsed"] * 2 + [None] * 2
    counted = dict(caseload.every(service, DailyCount.topic, DailyCount.texts))
    assert counted["case/lapsed"] == 2
    assert case_ending.lapse(service) == 0
    text("strange", sender=people[3])
    assert the_case(service, people[3]).closed_at is None
    caseload.sound(service)


def test_how_cases_ended_is_counted_without_anybody(service, text):
    for sender in (NUMBER, OTHER, THIRD):
        text("HUMAN", sender=sender)
        cases.close(service, the_case(service, sender).id, Outcome.HELPED, *ME)
    columns = (DailyCount.topic, DailyCount.country, DailyCount.language, DailyCount.texts)
    ended = [row for row in caseload.every(service, *columns) if row[0].startswith("case/")]
    assert sorted(ended) == [("case/helped", "KH", "en", 2), ("case/helped", "TH", "en", 1)]


def test_numbers_are_shown_for_a_reason_and_not_by_the_dozen(service, text, clock):
    text("HUMAN")
    person = caseload.of(service)
    assert refused(lambda: cases.reveal(service, person, SOKHA, "call  her ")) == Why.REASON
    assert events(service) == []
    assert cases.reveal(service, person, SOKHA, "to call her back today") == NUMBER
    seen = audit.page(service)[0]
    assert (seen.event, seen.who, seen.about) == ("contact.reveal", SOKHA, ("contact", person))
    assert seen.why == "to call her back today"
    for _ in range(29):
        cases.reveal(service, person, SOKHA, "to call her back today")
    assert refused(lambda: cases.reveal(service, person, SOKHA, "to call her back today")) == Why.OFTEN
    assert cases.reveal(service, person, DARA, "to call her back today") == NUMBER
    clock.forward(hours=1, minutes=1)
    assert cases.reveal(service, person, SOKHA, "to call her back today") == NUMBER
    assert refused(lambda: cases.reveal(service, 5, SOKHA, "to call her back today")) == Why.GONE
    caseload.change(service, Contact, number_sealed=None)
    assert refused(lambda: cases.reveal(service, person, SOKHA, "to call her back today")) == Why.GONE
    assert NUMBER[1:] not in str(audit.page(service))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_has_no_case_costs_a_text_nothing_but_a_look(service, text, monkeypatch):
    """And that look is by an index."""
    text("hello")
    plan = "EXPLAIN QUERY PLAN " + messages.FIND.sqlite.text
    values = {"provider_key": b"x", "number_key": b"y", "medium": "sms"}
    connection = service.database._writer
    ran = [row[3] for row in connection.execute(plan, {**messages.FIND.sqlite.fixed, **values})]
    (about,) = [line for line in ran if "case_file" in line]
    assert "USING INDEX ix_case_file_contact_id (contact_id=?)" in about
