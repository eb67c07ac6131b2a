"""Whoever asks is forgotten at once and for good; what is old goes by itself; a wrong clock deletes nothing."""

import base64

import pytest
import unasked
from sqlalchemy import select
from sqlalchemy import update as change

from bot.protocol import DeliveryReport
from bot.services import delivery, privacy
from bot.store.case_tables import CaseFile
from bot.store.statements import Statement
from bot.store.tables import Contact, DailyCount, Escalation, Inbound, Outbound, Session
from bot.store.tables import DeliveryReport as Report

NUMBER = "+85512345678"
OTHER = "+66812345678"


def every(service, *columns):
    return service.database.read(lambda tx: tx.all(Statement(lambda _: select(*columns))))


def tombstone(service, number=NUMBER):
    row = Statement(lambda _: select(Contact).where(Contact.number_key == service.vault.number_key(number)))
    return service.database.read(lambda tx: tx.all(row))


@pytest.mark.parametrize("how", ["word", "command"])
def test_an_erased_person_leaves_only_the_wish_for_silence(service, text, how):
    text("first words")
    text("SOS")
    text("HUMAN", medium="ussd")
    unasked.queue(service, "twilio", "news", [NUMBER])
    text("another person", sender=OTHER)
    if how == "word":
        text("ERASE")
    else:
        assert privacy.erase(service, NUMBER)
    ((_, _, sealed, language, opted_out_at, created_at, seen_at, *known),) = tombstone(service)
    assert {sealed, language, *known} == {None}
    assert opted_out_at is not None
    assert created_at == seen_at == opted_out_at - opted_out_at % privacy.DAY
    other = tombstone(service, OTHER)[0][0]
    for column in (Session.contact_id, Escalation.contact_id):
        assert {row for (row,) in every(service, column)} <= {other}
    texts = every(service, Inbound.contact_id, Inbound.text_sealed)
    assert [row for row in texts if row[0] is not None or row[1] is not None] == [
        row for row in texts if row[0] == other
    ]
    assert len(every(service, Outbound.id)) == 1
    assert unasked.suppressed(service, [NUMBER, OTHER]) == {NUMBER}


def test_reports_of_an_erased_persons_texts_go_too(service, text):
    for number in (NUMBER, OTHER):
        answered = text("hello", sender=number)
        reference = int(answered.response.body.partition(b":")[0])
        for status in ("sent", "delivered"):
            delivery.record(service, DeliveryReport("twilio", f"SM{number}", status, reference))
    kept = [service.vault.provider_key("twilio", f"SM{OTHER}")] * 2
    assert privacy.erase(service, NUMBER)
    assert [key for (key,) in every(service, Report.provider_key)] == kept


def test_the_answer_to_erase_survives_for_a_retry_and_leads_to_nobody(service, text):
    text("hello", sid="SM1")
    first = text("ERASE", sid="SM2")
    assert text("ERASE", sid="SM2").response == first.response
    assert text("hello", sid="SM1").response.body == b"0:"
    assert len(every(service, Outbound.id)) == 0
    assert len(every(service, Inbound.id)) == 2
    assert len(tombstone(service)) == 1


@pytest.mark.parametrize("how", ["word", "command"])
def test_an_unknown_number_can_be_erased_too(service, text, how):
    if how == "word":
        text("ERASE")
    else:
        assert not privacy.erase(service, NUMBER)
    assert [row[4] is not None for row in tombstone(service)] == [True]
    assert unasked.suppressed(service, [NUMBER]) == {NUMBER}


def test_an_erased_person_may_text_again_but_stays_opted_out(service, text):
    text("ERASE")
    assert text("hello").replies[0].text == "answer 1"
    assert unasked.suppressed(service, [NUMBER]) == {NUMBER}
    text("START")
    assert unasked.suppressed(service, [NUMBER]) == set()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # PostgreSQL keeps sealed rows until its vacuum
def test_nothing_is_left_in_the_file(service, text, tmp_path):
    """D1: not in the rows, not in free pages, not in the WAL; neither in the clear nor sealed."""
    words = "my canary text ខ្ញុំ"
    text(words)
    for n in range(7):
        text(f"{words} {n}")
    sealed = [value for row in every(service, Inbound.text_sealed, Inbound.response_sealed) for value in row]
    sealed += [value for row in every(service, Outbound.text_sealed, Contact.number_sealed) for value in row]
    kept = {file.name: file.read_bytes() for file in tmp_path.glob("phlov.db*")}
    assert all(any(value in data for data in kept.values()) for value in sealed if value)
    clear = [form for secret in (words, NUMBER, NUMBER[1:], "answer 1") for form in forms(secret)]
    assert not [form for form in clear for data in kept.values() if form in data]
    text("ERASE")
    kept = {file.name: file.read_bytes() for file in tmp_path.glob("phlov.db*")}
    assert not [value for value in sealed for data in kept.values() if value and value in data]
    assert not [form for form in clear for data in kept.values() if form in data]


def forms(secret: str) -> list[bytes]:
    plain = secret.encode()
    return [
        plain,
        secret.encode("utf-16-le"),
        secret.encode("utf-16-be"),
        plain.hex().encode(),
        base64.b64encode(plain).rstrip(b"="),
    ]


def seed(service, text, clock, days):
    """One person a day, each with a text, a reply and a report."""
    for n in range(days):
        received = text("hello", sender=f"+8551234{n:04d}", sid=f"SM{n}")
        reference = int(received.response.body.partition(b":")[0])
        delivery.record(service, DeliveryReport("twilio", f"SMout{n}", "sent", reference))
        privacy.purge(service)
        clock.forward(days=1)


def test_what_is_too_old_goes(service, text, clock):
    seed(service, text, clock, 200)
    purged = privacy.purge(service)
    assert privacy.purge(service) == privacy.Purged()
    assert purged.inbound == 1
    now = service.now()
    full = every(service, Inbound.received_at, Inbound.text_sealed, Inbound.response_sealed, Inbound.contact_id)
    assert len(full) == 200
    assert {now - row[0] > privacy.TEXTS for row in full if row[1:] != (None, None, None)} == {False}
    assert len([row for row in full if row[1:] != (None, None, None)]) == 7
    assert len(every(service, Outbound.id)) == 30
    assert len([1 for row in every(service, Outbound.text_sealed) if row != (None,)]) == 7
    assert len(every(service, Report.id)) == 30
    assert len(every(service, Session.contact_id)) == 1
    assert len(every(service, Contact.id)) == 179  # `seen_at` is the beginning of a day
    assert sum(row[0] for row in every(service, DailyCount.texts)) == 200


def test_a_text_that_came_before_is_known_after_its_purge(service, text, clock):
    text("hello", sid="SM1")
    for _ in range(9):
        privacy.purge(service)
        clock.forward(hours=24)
    again = text("hello", sid="SM1")
    assert (again.duplicate, again.replies, again.response.body) == (True, (), b"0:")


def test_a_dormant_opted_out_number_becomes_a_tombstone(service, text, clock):
    text("STOP")
    privacy.purge(service)
    clock.forward(days=181)
    assert privacy.purge(service, confirmed=True).contacts == 1
    assert tombstone(service)[0][2] is None
    assert unasked.suppressed(service, [NUMBER]) == {NUMBER}


def test_somebody_with_an_open_case_is_not_dormant(service, text, clock):
    text("HUMAN")
    privacy.purge(service)
    clock.forward(days=200)
    assert privacy.purge(service, confirmed=True).contacts == 0
    for table in (Escalation, CaseFile):
        service.database.write(lambda tx, table=table: tx.run(Statement(lambda _: change(table).values(closed_at=0))))
    purged = privacy.purge(service)
    assert (purged.cases, purged.case_files, purged.contacts) == (1, 1, 1)


@pytest.mark.parametrize("jump", [25, 400 * 24, -25, -56 * 365 * 24])
def test_a_clock_that_jumps_deletes_nothing_until_confirmed(service, text, clock, jump):
    text("hello")
    privacy.purge(service)
    clock.forward(hours=jump)
    with pytest.raises(privacy.ClockDoubted):
        privacy.purge(service)
    assert every(service, Inbound.text_sealed) != [(None,)]
    privacy.purge(service, confirmed=True)
    privacy.purge(service)


def test_texts_of_a_day_with_a_wrong_clock_go_too(service, text, clock):
    """Dated in 1970 or in years to come they would else stay, or hide others from the purge."""
    text("before", sid="SM1")
    privacy.purge(service)
    right = clock.time
    for wrong in (-40 * 365, 400):
        clock.time = right
        clock.forward(days=wrong)
        text("wrong", sid=f"SM{wrong}")
    clock.time = right
    clock.forward(hours=1)
    text("after", sid="SM4")
    assert privacy.purge(service).inbound == 2
    kept = [row for row in every(service, Inbound.text_sealed) if row != (None,)]
    assert len(kept) == 2
    clock.forward(days=8)
    assert privacy.purge(service, confirmed=True).inbound == 2


def test_pages_do_not_skip_or_repeat(service, clock, text):
    for n in range(1203):
        text("hello", sender=f"+8551234{n:04d}")
    privacy.purge(service)
    clock.forward(days=8)
    purged = privacy.purge(service, confirmed=True)
    assert (purged.inbound, purged.outbound, purged.sessions) == (1203, 1203, 1203)
