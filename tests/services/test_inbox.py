"""A text is taken once, answered from what is remembered, and kept whole or not at all."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, update

from bot.protocol import Response
from bot.services import inbox
from bot.store.statements import Statement
from bot.store.tables import Contact, DailyCount, Escalation, Inbound, Outbound, Session


def rows(service, table) -> int:
    statement = Statement(lambda _: select(func.count()).select_from(table))
    return service.database.read(lambda tx: tx.one(statement))[0]


def everything(service, *columns):
    statement = Statement(lambda _: select(*columns))
    return service.database.read(lambda tx: tx.all(statement))


def test_a_text_is_answered_and_kept(service, text):
    received = text("hello")
    assert received.response.body.endswith(b":answer 1")
    assert (received.duplicate, received.muted) == (False, False)
    assert [rows(service, table) for table in (Contact, Session, Inbound, Outbound, Escalation)] == [1, 1, 1, 1, 0]


def test_the_talk_goes_on(text):
    assert [text("hello").replies[0].text for _ in range(3)] == ["answer 1", "answer 2", "answer 3"]


def test_media_are_separate_talks(text):
    text("hello")
    assert text("1", medium="ussd").replies[0].text == "answer 1"


def test_a_new_ussd_call_starts_afresh(text):
    text("1", medium="ussd")
    assert text("1", medium="ussd", session_event="resume").replies[0].text == "answer 2"
    assert text("1", medium="ussd", session_event="new").replies[0].text == "answer 1"


def test_nothing_is_kept_in_the_clear(service, text):
    text("my canary text", sender="+85598765432")
    for columns in (Contact, Session, Inbound, Outbound):
        for row in everything(service, *columns.__table__.columns):
            assert b"canary" not in repr(row).encode()
            assert b"98765432" not in repr(row).encode()


def test_a_text_that_came_before_gets_the_same_bytes(service, text):
    first = text("hello", sid="SM1")
    again = text("hello", sid="SM1")
    assert again.duplicate
    assert again.response == first.response
    assert rows(service, Inbound) == rows(service, Outbound) == 1
    assert text("hello").replies[0].text == "answer 2"


@pytest.mark.parametrize(
    "response",
    [
        Response(200),
        Response(200, b"\n\ta: b", "text/plain; charset=utf-8", (("X-Kannel-Coding", "2"), ("X-Empty", ""))),
        Response(202, b"\0", "text/plain", (("X-Meta", "?smpp?a=%0A: b"),)),
    ],
)
def test_a_response_comes_back_with_its_headers(service, response):
    def come(words):
        inbound = inbox.Inbound("sms", "+85512345678", words, "one", service.clock())
        return inbox.receive(service, inbound, lambda *_: response)

    assert (come("hello").response, come("hello").response) == (response, response)
    assert come("hello").duplicate


def test_fifty_copies_at_once_are_one_text(service, text):
    with ThreadPoolExecutor(16) as pool:
        received = list(pool.map(lambda _: text("hello", sid="SM1"), range(50)))
    assert len({answer.response for answer in received}) == 1
    assert sum(not answer.duplicate for answer in received) == 1
    assert [rows(service, table) for table in (Contact, Session, Inbound, Outbound)] == [1, 1, 1, 1]


def test_many_texts_of_a_new_number_at_once_are_one_talk(service, text):
    with ThreadPoolExecutor(8) as pool:
        received = list(pool.map(lambda n: text("hello", sid=f"SM{n}"), range(8)))
    assert sorted(answer.replies[0].text for answer in received) == [f"answer {n}" for n in range(1, 9)]
    assert [rows(service, table) for table in (Contact, Session, Inbound, Outbound)] == [1, 1, 8, 8]


def test_texts_of_many_numbers_at_once_do_not_disturb_each_other(service, text):
    with ThreadPoolExecutor(8) as pool:
        received = list(pool.map(lambda n: text("hello", sender=f"+8551234{n:04d}", sid=f"SM{n}"), range(100)))
    assert {answer.replies[0].text for answer in received} == {"answer 1"}
    assert rows(service, Contact) == 100


def test_a_mistake_keeps_nothing_and_hurts_nobody_else(service, text):
    def one(number: int) -> object:
        try:
            return text("BREAK" if number % 4 == 0 else "hello", sender=f"+8551234{number:04d}", sid=f"SM{number}")
        except RuntimeError as error:
            return str(error)

    with ThreadPoolExecutor(16) as pool:
        received = list(pool.map(one, range(40)))
    assert received.count("a mistake in the conversation") == 10
    assert rows(service, Inbound) == rows(service, Contact) == 30


@pytest.mark.parametrize("sender", ["1234", "Smart", "+15005550006", "", "+855", "12345\N{ZERO WIDTH SPACE}"])
def test_who_cannot_be_answered_leaves_nothing(service, text, sender):
    received = text("hello", sender=sender)
    assert received.muted
    assert received.response == Response(200, b"0:", "text/xml")
    assert rows(service, Contact) == rows(service, Inbound) == 0


def test_one_number_however_it_is_written(service, text):
    for sender in ("+85512345678", "012 345 678", "0085512345678"):
        text("hello", sender=sender)
    assert rows(service, Contact) == 1


def test_stop_holds_at_once_and_only_start_ends_it(service, text, clock):
    text("STOP")
    assert everything(service, Contact.opted_out_at) != [(None,)]
    text("hello")
    assert everything(service, Contact.opted_out_at) != [(None,)]
    text("START")
    assert everything(service, Contact.opted_out_at) == [(None,)]


def test_a_case_is_opened_once(service, text):
    for _ in range(3):
        text("SOS")
        text("HUMAN")
    assert sorted(everything(service, Escalation.kind)) == [("emergency",), ("person",)]


def test_a_session_that_does_not_open_silences_nobody(service, text):
    """A damaged byte on an SD card: the talk begins anew."""
    text("hello")
    damaged = update(Session).values(state_sealed=b"damaged")
    service.database.write(lambda tx: tx.run(Statement(lambda _: damaged)))
    assert [text(words).replies[0].text for words in ("hello", "hello")] == ["answer 1", "answer 2"]


def test_strange_characters_reach_no_database(service, text):
    assert text("a\0b\ud800c").replies
    assert rows(service, Inbound) == 1


def test_a_silent_turn_is_kept(service, text):
    received = text("SILENT")
    assert received.response.body == b"0:"
    assert (rows(service, Inbound), rows(service, Outbound)) == (1, 0)


def test_what_a_tool_counts_is_counted_beside_the_topic(service, text):
    text("QUIZ")
    text("QUIZ", sender="+85512000002")
    counted = {}
    for topic, texts in everything(service, DailyCount.topic, DailyCount.texts):
        counted[topic] = counted.get(topic, 0) + texts
    assert counted == {"quiz": 2, "quiz/KYA12/before/1/right": 2}


def test_the_day_is_counted_without_the_person(service, text):
    text("hello")
    text("hello", sender="+66812345678")
    text("hello")
    counted = {}
    for *cell, texts in everything(
        service, DailyCount.day, DailyCount.country, DailyCount.language, DailyCount.topic, DailyCount.texts
    ):
        counted[tuple(cell)] = counted.get(tuple(cell), 0) + texts
    assert counted == {("2026-11-02", "KH", "en", "loans"): 2, ("2026-11-02", "TH", "en", "loans"): 1}
