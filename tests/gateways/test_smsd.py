"""A real gammu-smsd between Phlov and a modem that can fail: nothing is lost, doubled, cut or garbled."""

from __future__ import annotations

import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from threading import Thread

import psycopg
import pytest
from gateways.fakemodem import FakeModem
from gateways.smsd import Smsd, new_database, schema, until

from bot.channels.gammu import Gammu
from bot.content.loader import load
from bot.conversation.understand import Reader
from bot.protocol import DeliveryReport, Inbound, Outbound, SendError, Sent
from bot.services import delivery, inbox, outbox
from bot.services.outbox import Wish
from bot.services.service import Service
from bot.store import migrate, open_database
from bot.store.crypto import Vault

PERSON = "+66811112222"
ASKED = (
    "ជំនួយ ខ្ញុំនៅប្រទេសថៃ ថៅកែដកលិខិតឆ្លងដែន ខ្ញុំចង់ទៅផ្ទះវិញ សូមជួយផង តើត្រូវទូរស័ព្ទទៅលេខណា? ខ្ញុំឈ្មោះ សុខ មានអាយុ២៣ឆ្នាំ មកពីខេត្តព្រៃវែង។ សូមអរគុណ"
)
SAID = "សួស្តី! ទូរស័ព្ទជំនួយ 1280។ កុំឲ្យលិខិតឆ្លងដែនទៅអ្នកណា។ ថតចម្លងទុក។ ប្រាប់គ្រួសារពីទីកន្លែងដែលអ្នកទៅ។"
OWNER = 1
numbers = count(1_000_000)


@dataclass
class Box:
    """The village box: a modem, SMSD, and Phlov's channel."""

    modem: FakeModem
    smsd: Smsd
    channel: Gammu

    def sql(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """Look at SMSD's tables, or write there as somebody else would."""
        with closing(sqlite3.connect(self.smsd.place / "smsd.db", 20, isolation_level=None)) as connection:
            return connection.execute(statement, values).fetchall()

    def alive(self) -> bool:
        return self.channel.condition().problem is None and bool(self.sql("SELECT 1 FROM phones"))

    def tried(self, channel: Gammu, text: Outbound) -> Sent | None:
        """As systemd and the outbox do it: SMSD ends by itself if its device is not there when it looks, and is started
        again; what surely did not go is tried again, for SMSD may see its device and still end."""
        if self.smsd.code is not None:
            self.smsd.start()
        try:
            return channel.send(text) if channel.condition().problem is None else None
        except SendError as error:
            assert (error.sent, error.retry) == ("no", True)
            return None

    def on_air(self, text: Outbound) -> list[str]:
        return [part.text for part in self.modem.on_air() if part.to == text.recipient]


def build(place: Path) -> Iterator[Box]:
    address = new_database(place)
    device = place / "modem"
    channel = Gammu(address, timeout=60.0)
    with FakeModem(device) as modem, Smsd(place, address, device) as smsd:
        box = Box(modem, smsd, channel)
        until(box.alive)
        yield box
    channel.close()


@pytest.fixture(scope="module")
def box(tmp_path_factory) -> Iterator[Box]:
    """Far from Greenwich: SMSD's tables mix local time and UTC, and that must hold nothing up."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "WEST5")
        time.tzset()
        yield from build(tmp_path_factory.mktemp("smsd"))
    time.tzset()


@pytest.fixture(autouse=True)
def calm(request) -> None:
    """Each test begins with a willing modem."""
    if "box" in request.fixturenames:
        modem = request.getfixturevalue("box").modem
        modem.refuse.clear()
        modem.report = None


@pytest.fixture(scope="module")
def book():
    return load()


@pytest.fixture
def service(book, tmp_path) -> Iterator[Service]:
    address = f"sqlite:///{tmp_path / 'phlov.db'}"
    migrate(address)
    database = open_database(address)
    yield Service(database, Vault(bytes(32)), book, Reader(book), lambda: datetime.now(UTC))
    database.close()


def text(words: str, **more: object) -> Outbound:
    number = next(numbers)
    return replace(Outbound(number, "gammu", f"+8551{number}", words, 1), **more)


def turn(service: Service, channel: Gammu) -> int:
    """What a worker does again and again; how many texts came."""
    events = channel.collect()
    for event in events:
        if isinstance(event, DeliveryReport):
            delivery.record(service, event)
        else:
            inbox.receive(service, event, channel.render, inline=False)
        channel.taken(event)
    for held in outbox.claim(service, OWNER, Wish("gammu", 10, posting=True)):
        try:
            outbox.settle(service, OWNER, [(held, channel.send(held.outbound))])
        except SendError as error:
            outbox.settle(service, OWNER, [(held, error)])
    return sum(isinstance(event, Inbound) for event in events)


def emptied(box: Box) -> bool:
    """Whether nothing of a text is left: SMSD writes its parts one by one, and then takes them off the SIM."""
    return box.modem.stored == 0 and box.sql("SELECT * FROM inbox") == []


def cut(words: str, reference: int) -> list[tuple[str, bytes]]:
    """A text as a phone sends it: 67 UTF-16 units a part."""
    parts = [words[at : at + 67] for at in range(0, len(words), 67)]
    return [(part, bytes([5, 0, 3, reference, len(parts), place])) for place, part in enumerate(parts, 1)]


def test_a_long_khmer_text_in_parts_out_of_order_is_answered_once_and_whole(box, service):
    parts = cut(ASKED, 0x5A)
    at = datetime.now(UTC).astimezone()
    assert len(parts) == 3
    for place in (2, 0, 1):
        box.modem.receive(PERSON, *parts[place], at=at)
    until(lambda: turn(service, box.channel))
    [answer] = until(lambda: box.modem.texts().get(PERSON))
    assert "?????" not in answer
    sent = [part for part in box.modem.on_air() if part.to == PERSON]
    assert all(part.units <= (67 if part.header else 70) for part in sent if part.unicode)
    until(lambda: turn(service, box.channel) == 0 and emptied(box))
    # SMSD was killed before it took the text off the SIM: it writes it again, under other IDs.
    for part in parts:
        box.modem.receive(PERSON, *part, at=at)
    assert until(lambda: turn(service, box.channel)) == 1
    until(lambda: turn(service, box.channel) == 0 and emptied(box))
    assert box.modem.texts()[PERSON] == [answer]


def test_a_long_khmer_text_goes_in_whole_parts_and_is_reported(box):
    box.modem.report = 0
    out = text(SAID)
    assert box.channel.send(out) == Sent(f"phlov:{out.id}")
    parts = [part for part in box.modem.on_air() if part.to == out.recipient]
    assert len(parts) == 2
    assert all(part.unicode and part.units <= 67 and part.wants_report for part in parts)
    assert box.modem.texts()[out.recipient] == [SAID]
    told = until(lambda: [event for event in box.channel.collect() if event.status == "delivered"])
    assert [event.reference for event in told] == [out.id]
    for event in told:
        box.channel.taken(event)
    assert box.sql("SELECT DISTINCT TextDecoded FROM sentitems WHERE CreatorID = ?", f"phlov:{out.id}") == [("",)]


def test_a_long_text_in_latin_letters_keeps_its_signs(box):
    out = text("Call 1280 {free} [day/night] ^ ~ | \\ € @ £ " * 5)
    box.channel.send(out)
    assert box.modem.texts()[out.recipient] == [out.text]
    assert all(not part.unicode and part.units <= 153 for part in box.modem.on_air() if part.to == out.recipient)


def test_a_text_that_the_phone_could_not_get_is_reported(box):
    box.modem.report = 0x46
    out = text("x")
    box.channel.send(out)
    [event] = until(lambda: [event for event in box.channel.collect() if event.reference == out.id])
    told = until(lambda: [event for event in box.channel.collect() if event.status == "undelivered"])
    assert event.status in ("sent", "undelivered")
    assert [(event.reference, event.error) for event in told] == [(out.id, "70")]


def test_a_refused_part_is_told_at_once_and_the_parts_that_went_stay_sent(box):
    out = text(SAID)
    box.modem.refuse.extend([None, 38])
    began = time.monotonic()
    with pytest.raises(SendError) as refused:
        box.channel.send(out)
    assert time.monotonic() - began < 50  # and not SMSD's ten minutes
    assert (refused.value.sent, refused.value.cause, refused.value.begin) == ("no", "network", 1)
    assert box.sql("SELECT * FROM outbox") == []
    box.channel.send(out)
    assert box.modem.texts()[out.recipient] == [SAID]
    assert len(box.on_air(out)) == 2


FOREIGN = """
INSERT INTO outbox (CreatorID, DestinationNumber, TextDecoded, Coding, InsertIntoDB, SendingDateTime, SendingTimeOut)
VALUES ('web page', ?, ?, ?, ?, '2000-01-01 00:00:00', '2000-01-01 00:00:00')"""
NOW = "2026-11-22 09:27:31"


def test_the_three_ways_to_lose_words_in_silence_are_real_and_not_ours(box):
    """What SMSD does to rows of another program, and not to the same text from here."""
    box.sql(FOREIGN, "+85519999991", SAID, "Unicode_No_Compression", NOW)
    box.sql(FOREIGN, "+85519999992", "ជំនួយ", "Default_No_Compression", NOW)
    ours = text(SAID)
    box.channel.send(ours)
    until(lambda: {"+85519999991", "+85519999992"} <= set(box.modem.texts()))
    box.sql(FOREIGN, "+85519999993", "lost", "Default_No_Compression", f"{NOW}.000000")
    until(lambda: box.smsd.code is not None or not box.sql("SELECT * FROM outbox"))
    if box.smsd.code is not None:  # what becomes of it hangs on what lay in SMSD's memory
        box.sql("DELETE FROM outbox")
        box.smsd.start()
    said = box.modem.texts()
    assert said["+85519999991"] == [SAID[:70]]
    assert said["+85519999992"] == ["?????"]
    assert "+85519999993" not in said
    statuses = box.sql("SELECT Status FROM sentitems WHERE CreatorID = 'web page'")
    assert {status for (status,) in statuses} <= {"SendingOK", "SendingOKNoReport"}
    assert said[ours.recipient] == [SAID]


def test_smsd_killed_with_a_text_in_its_hands_does_not_send_it_again_and_the_doctor_heals_its_tables(box):
    out = text("tip")
    outcomes: list[object] = []

    def send() -> None:
        try:
            outcomes.append(box.channel.send(out))
        except SendError as error:
            outcomes.append(error)

    box.modem.refuse.append("lost")
    sending = Thread(target=send)
    sending.start()
    until(lambda: box.on_air(out))
    box.smsd.end(signal.SIGKILL)
    box.sql(FOREIGN, "+85519999994", "healed", "Default_No_Compression", f"{NOW}.000000")
    assert "phlov doctor --repair" in (box.channel.condition().problem or "")
    [line] = box.channel.examine(repair=True)
    assert "repaired" in line
    box.smsd.start()
    sending.join(90)
    [outcome] = outcomes
    assert isinstance(outcome, SendError)
    assert (outcome.sent, outcome.retry) == ("unknown", True)
    until(lambda: box.modem.texts().get("+85519999994") == ["healed"])
    until(lambda: not box.sql("SELECT * FROM outbox"))
    assert box.on_air(out) == ["tip"]
    assert box.channel.send(out) == Sent(f"phlov:{out.id}")  # the rule for its kind says: once more
    assert box.on_air(out) == ["tip", "tip"]


def test_a_modem_that_is_pulled_out_comes_back_with_nothing_lost(box):
    channel = Gammu(f"sqlite:///{box.smsd.place / 'smsd.db'}", alive=6.0)  # that is not asked to wait for it as long
    box.modem.unplug()
    out = text(SAID)
    with pytest.raises(SendError) as away:
        channel.send(out)
    assert (away.value.sent, away.value.retry, away.value.cause) == ("no", True, "network")
    assert "plugged in" in (channel.condition().problem or "")
    box.modem.receive(PERSON, "ជំនួយ")
    box.modem.plug_in()
    assert until(lambda: box.tried(channel, out), 120) == Sent(f"phlov:{out.id}")
    assert box.modem.texts()[out.recipient] == [SAID]
    [came] = until(lambda: [event for event in box.channel.collect() if isinstance(event, Inbound)])
    assert (came.sender, came.text) == (PERSON, "ជំនួយ")
    assert abs((datetime.now(UTC) - came.received_at).total_seconds()) < 600
    channel.close()


@pytest.fixture
def smsd_database(postgres) -> str:
    """An SMSD database in PostgreSQL."""
    with psycopg.connect(postgres.format(database="postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE smsd")
    address = postgres.format(database="smsd")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(schema("pgsql.sql").replace("CREATE LANGUAGE plpgsql;", "").encode())
    return str(address)


def test_the_same_over_postgresql(smsd_database, tmp_path):
    """With Gammu's dummy phone, which takes everything."""
    channel = Gammu(smsd_database)
    with Smsd(tmp_path, smsd_database) as smsd:
        until(lambda: channel.condition().problem is None)
        out = text(SAID)
        assert channel.send(out) == Sent(f"phlov:{out.id}")
        for place in (2, 0, 1):
            smsd.receive(PERSON, *cut(ASKED, 0x5A)[place])
        smsd.receive("Smart", "promo")
        came: list[Inbound] = []
        while len(came) < 2:
            for event in until(channel.collect):
                channel.taken(event)
                came += [event] if isinstance(event, Inbound) else []
        assert sorted((event.sender, event.text) for event in came) == [(PERSON, ASKED), ("Smart", "promo")]
        with psycopg.connect(smsd_database) as connection:
            assert connection.execute("SELECT count(*) FROM inbox").fetchone() == (0,)
    channel.close()
