"""The texts of a case stay until a month after its end, then nothing is left; who is erased leaves nothing at once."""

from __future__ import annotations

import pytest
from services import caseload
from services.caseload import ME, NUMBER, OTHER, THIRD, read, rows, the_case

from bot.protocol import DeliveryReport, Sent
from bot.services import cases, delivery, outbox, privacy
from bot.services.cases import Outcome
from bot.services.outbox import Wish
from bot.store import case_retention, retention
from bot.store.case_tables import CaseFile, CaseNote
from bot.store.tables import Contact, Escalation, Inbound, Mark, Outbound
from bot.store.tables import DeliveryReport as Report

REPLY = "Hello, it is Phlov. Are you well?"


@pytest.fixture(autouse=True)
def at_work(service, monkeypatch):
    caseload.employ(service)
    monkeypatch.setattr(type(service), "book", property(lambda _: caseload.small_book()))
    monkeypatch.setattr(retention, "PAGE", 3)
    monkeypatch.setattr(case_retention, "PAGE", 2)


def days(service, clock, count):
    """So many days pass, with a purge each."""
    for _ in range(count):
        clock.forward(days=1)
        last = privacy.purge(service)
        caseload.sound(service)
    return last


def reply(service, number=NUMBER):
    """An answer of staff that arrives."""
    cases.reply(service, the_case(service, number).id, REPLY, *ME, request="a")
    held = outbox.claim(service, 9, Wish("twilio", 9, posting=True))
    outbox.settle(service, 9, [(each, Sent("SM9")) for each in held])


def kept(service):
    """How many texts and answers are still to be read, and how many rows of answers there are."""
    came = [row for row in caseload.every(service, Inbound.id, Inbound.text_sealed) if row[1] is not None]
    went = caseload.every(service, Outbound.id, Outbound.text_sealed)
    return len(came), len([row for row in went if row[1] is not None]), len(went)


def test_texts_stay_while_a_case_is_open_and_a_month_longer(service, text, clock):
    privacy.purge(service)
    for sender in (NUMBER, OTHER, THIRD):
        text("before", sender=sender)
    text("SOS", sender=NUMBER)
    text("HUMAN", sender=OTHER)
    text("after", sender=THIRD)
    reply(service)
    days(service, clock, 8)
    assert kept(service) == (4, 5, 7)
    cases.close(service, the_case(service, OTHER).id, Outcome.HELPED, *ME)
    text("later", sender=NUMBER)
    text("later", sender=THIRD)
    days(service, clock, 29)
    assert kept(service) == (5, 6, 7)
    assert [said.text for said in read(service).said if not said.mine] == ["before", "SOS", "later"]
    cases.close(service, the_case(service).id, Outcome.SAFE_HOME, *ME)
    assert days(service, clock, 2).case_files == 1
    assert kept(service) == (3, 4, 4)
    assert days(service, clock, 28).case_files == 0
    assert kept(service) == (3, 4, 4)
    assert days(service, clock, 1).case_files == 1
    assert (rows(service), caseload.notes(service), caseload.every(service, Escalation.id)) == ([], 0, [])
    assert kept(service) == (0, 0, 0)
    full = [row for row in caseload.every(service, Inbound.id, Inbound.contact_id) if row[1] is not None]
    assert full == []


def test_another_case_keeps_the_texts_of_the_first(service, text, clock):
    privacy.purge(service)
    text("HUMAN")
    cases.close(service, the_case(service).id, Outcome.HELPED, *ME)
    days(service, clock, 20)
    text("SOS")
    days(service, clock, 11)
    assert [row.kind for row in rows(service)] == ["emergency"]
    assert kept(service) == (2, 2, 2)
    text("STOP")
    reply(service)
    cases.close(service, the_case(service).id, Outcome.HELPED, *ME)
    days(service, clock, 30)
    assert kept(service)[:2] == (3, 4)
    days(service, clock, 1)
    assert kept(service) == (0, 0, 0)


def test_the_purge_does_not_wade_through_what_is_kept(service, text, clock):
    """It remembers how far all is done, past the texts that a case keeps."""
    privacy.purge(service)
    text("HUMAN")
    for number in range(9):
        text("hello", sender=f"+8551234570{number}")
    last = max(row for (row,) in caseload.every(service, Inbound.id))
    days(service, clock, 8)
    marks = dict(caseload.every(service, Mark.name, Mark.value))
    assert marks["purged_inbound"] >= last
    assert marks["purged_outbound"] >= last
    assert kept(service) == (1, 1, 10)


def test_in_a_quiet_house_nothing_is_passed_over(service, text, clock):
    """What is kept and not old yet when the purge goes past it is found again once nothing keeps it."""
    privacy.purge(service)
    text("HUMAN")
    cases.close(service, the_case(service).id, Outcome.HELPED, *ME)
    days(service, clock, 20)
    text("hello", sender=OTHER)
    days(service, clock, 6)
    text("thank you")
    text("hello", sender=THIRD)
    days(service, clock, 5)
    assert rows(service) == []
    days(service, clock, 10)
    assert kept(service)[:2] == (0, 0)


def test_what_ends_by_itself_goes_with_the_purge(service, text, clock):
    privacy.purge(service)
    for _ in range(30):
        text("hello")
    assert days(service, clock, 7).lapsed == 0
    assert len(rows(service)) == 1
    gone = days(service, clock, 1)
    assert (gone.lapsed, gone.case_files) == (1, 1)
    assert rows(service) == []
    assert kept(service)[:2] == (0, 0), "nobody took it on, so nothing keeps its texts longer than others (H22)"


def test_who_has_a_case_is_no_contact_too_old(service, text, clock):
    privacy.purge(service)
    text("HUMAN")
    clock.forward(days=200)
    assert privacy.purge(service, confirmed=True).contacts == 0
    assert the_case(service).masked == "+855 •••••78"
    cases.close(service, the_case(service).id, Outcome.NO_ANSWER, *ME)
    days(service, clock, 30)
    assert days(service, clock, 1).contacts == 1
    assert caseload.every(service, Contact.id) == []


def test_a_case_closed_by_a_wrong_clock_goes(service, text, clock):
    privacy.purge(service)
    text("HUMAN")
    clock.forward(days=400)
    cases.close(service, the_case(service).id, Outcome.HELPED, *ME)
    clock.forward(days=-400)
    assert privacy.purge(service).case_files == 1


@pytest.mark.parametrize("how", ["word", "command"])
def test_who_is_erased_leaves_no_case(service, text, clock, how):
    """Also an answer to somebody who had said STOP, which names no contact; and what is to go does not go."""
    for sender in (NUMBER, OTHER):
        text("SOS", sender=sender)
        case = the_case(service, sender).id
        cases.note(service, case, "what she told me", *ME)
        cases.refer(service, case, "the pagoda", *ME)
        first = cases.reply(service, case, REPLY, *ME, request="a")
        text("STOP", sender=sender)
        clock.forward(minutes=1)
        second = cases.reply(service, case, REPLY, *ME, request="b")
        for name, row in (("a", first), ("b", second)):
            delivery.record(service, DeliveryReport("twilio", f"SM{name}{sender}", "sent", row))
        cases.reply(service, case, REPLY, *ME, request="c")
        cases.close(service, case, Outcome.HELPED, *ME)
        text("HUMAN", sender=sender)
    if how == "word":
        text("ERASE")
    else:
        assert privacy.erase(service, NUMBER)
    other = caseload.of(service, OTHER)
    left = {row.id for row in rows(service)}
    assert {row.contact_id for row in rows(service)} == {other}
    assert {case for (case,) in caseload.every(service, CaseNote.case_id)} <= left
    assert {of for (of,) in caseload.every(service, Escalation.contact_id)} == {other}
    unasked = [row for row in caseload.every(service, Outbound.id, Outbound.contact_id) if row[1] is not None]
    assert {of for _, of in unasked} == {other}
    assert len(caseload.every(service, Report.id)) == 2
    waiting = caseload.every(service, Outbound.id, Outbound.to_sealed)
    assert len([row for row in waiting if row[1] is not None]) == 1
    assert cases.open_(service, min(left) - 1, *ME) is None
    caseload.sound(service)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nothing_of_a_case_is_in_the_file_in_the_clear(service, text, tmp_path):
    """D1: notes, answers, names of places; after an erasure not even sealed."""
    text("my canary text")
    text("SOS")
    case = the_case(service).id
    secrets = ["my canary note", "canary pagoda", "canary answer", "my canary reason"]
    cases.note(service, case, secrets[0], *ME)
    cases.refer(service, case, secrets[1], *ME)
    cases.reply(service, case, secrets[2], *ME, request="a")
    cases.reveal(service, caseload.of(service), ME[0], secrets[3])
    sealed = [row[1] for row in caseload.every(service, CaseNote.id, CaseNote.text_sealed) if row[1]]
    assert len(sealed) == 3
    files = {file.name: file.read_bytes() for file in tmp_path.glob("phlov.db*")}
    forms = [form for secret in (*secrets, NUMBER) for form in (secret.encode(), secret.encode("utf-16-le"))]
    assert not [form for form in forms for data in files.values() if form in data]
    assert all(any(value in data for data in files.values()) for value in sealed)
    text("ERASE")
    files = {file.name: file.read_bytes() for file in tmp_path.glob("phlov.db*")}
    assert not [value for value in sealed for data in files.values() if value in data]
    assert caseload.every(service, CaseFile.id) == []
