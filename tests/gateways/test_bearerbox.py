"""Phlov as it is run, behind Kannel with the shipped configuration, before an SMPP server that nobody here wrote."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from runpy import run_path
from urllib.parse import quote

import psutil
import pytest
from faults.house import NO_TWILIO, House
from gateways.fakemodem import FakeModem
from gateways.kannel import (
    ADMIN,
    PASSWORD,
    SECRET,
    SHIPPED,
    STATUS,
    Between,
    Kannel,
    Phone,
    listening,
    needed,
    wait_until,
)
from gateways.smsc import DELIVERED, OPERATION, SESSION, UNDELIVERABLE, Smsc, Submitted
from peer import nobody
from ports import free_port

from bot.channels.kannel import DLR, SMS
from bot.channels.kannel import Kannel as Channel
from bot.protocol import Outbound, SendError, Sent
from bot.services.health import Pulse, Report

KHMER = "ជំនួយ"
CODE = "*1280#"
NUMBERS = "855120000"
"""What all people here have in common, but for the first."""


@dataclass
class World:
    """A person's phone on one side (`operator`, `dialling`), Phlov on the other, Kannel and what was said between."""

    house: House
    between: Between
    kannel: Kannel
    operator: Smsc
    dialling: Smsc

    def rows(self, query: str, *given: object) -> list[tuple]:
        with closing(sqlite3.connect(self.house.file, timeout=60)) as database:
            return database.execute(query, given).fetchall()

    def count(self, table: str) -> int:
        return int(self.rows(f"SELECT count(*) FROM {table}")[0][0])

    def states(self) -> list[int]:
        """Of the texts that went out by Kannel, oldest first."""
        return [state for (state,) in self.rows("SELECT state FROM outbound WHERE channel = 'kannel' ORDER BY id")]

    def said_by(self, number: str) -> list[str]:
        """What Kannel brought from a phone, and Phlov answered."""
        return [fetch["text"][0] for fetch in self.between.fetches(SMS) if fetch["from"] == [number]]

    def told_of(self, row: int) -> set[str]:
        """What Kannel reported of a text."""
        return {fetch["status"][0] for fetch in self.between.fetches(DLR) if fetch["ref"] == [str(row)]}

    def answer(self, before: int) -> list[Submitted]:
        """The parts of the one answer that came since `before` parts had come, all of them."""
        wait_until(lambda: whole(self.operator.submitted[before:]), "an answer comes, whole")
        return self.operator.submitted[before:]


def whole(parts: list[Submitted]) -> bool:
    return bool(parts) and (not parts[0].udh or len(parts) == parts[0].udh[4])


def reported(parts: list[Submitted]) -> Submitted:
    """The part whose report Kannel asks for: the first, which need not be the first to come."""
    return next(part for part in parts if part.receipt)


def joined(parts: list[Submitted]) -> str:
    return "".join(part.text for part in sorted(parts, key=lambda part: part.udh[5:6]))


def direct(kannel: Kannel, reports: int = 1) -> Channel:
    """Phlov's channel without Phlov."""
    return Channel(
        sendsms_url=kannel.url,
        username="phlov",
        password=PASSWORD,
        secret=SECRET,
        number="1280",
        callback_url=f"http://127.0.0.1:{reports}",
        status=(f"http://127.0.0.1:{kannel.admin}/status.txt", STATUS),
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    needed()
    folder = tmp_path_factory.mktemp("kannel")
    port = free_port()
    house = House(folder, port=port)
    with Between(port) as between, Smsc(free_port()) as operator, Smsc(free_port()) as dialling:
        kannel = Kannel(folder / "kannel", between.port, operator.port, dialling.port)
        house.more = {
            "PHLOV_KANNEL_SENDSMS_URL": kannel.url,
            "PHLOV_KANNEL_USERNAME": "phlov",
            "PHLOV_KANNEL_PASSWORD": PASSWORD,
            "PHLOV_KANNEL_SECRET": SECRET,
            "PHLOV_KANNEL_NUMBER": "1280",
            "PHLOV_KANNEL_CALLBACK_URL": f"http://127.0.0.1:{between.port}",
            "PHLOV_KANNEL_STATUS_URL": f"http://127.0.0.1:{kannel.admin}/status.txt",
            "PHLOV_KANNEL_STATUS_PASSWORD": STATUS,
            "PHLOV_KANNEL_USSD_CODE": CODE,
            **NO_TWILIO,
        }
        with house.running(), kannel:
            wait_until(lambda: operator.bound() and dialling.bound(), "Kannel binds")
            yield World(house, between, kannel, operator, dialling)


@pytest.fixture(autouse=True)
def quiet(world: World) -> Iterator[None]:
    """Each test begins with every text before it on its way, and its first report home."""
    yield
    world.between.meddle = lambda target, ask: ask()
    world.operator.refuse = 0
    wait_until(lambda: min(world.states(), default=33) >= 33, "all is quiet")


def test_khmer_there_and_back(world):
    """Two parts out of order in; one text; an answer of several parts out, with not one letter lost; its report."""
    words = "ជំនួយ ខ្ញុំនៅប្រទេសថៃ ថៅកែមិនឲ្យលិខិតឆ្លងដែនមកខ្ញុំវិញទេ ហើយមិនបើកប្រាក់ខែ ខ្ញុំចង់ទៅផ្ទះ"
    assert 67 < len(words) <= 134
    before, texts = len(world.operator.submitted), world.count("inbound")
    for number in (2, 1):
        part = words[67:] if number == 2 else words[:67]
        assert world.operator.deliver(part, udh=bytes([5, 0, 3, 0x5A, 2, number]))
    parts = world.answer(before)
    assert world.count("inbound") == texts + 1
    said = joined(parts)
    assert len(parts) > 1
    assert {part.coding for part in parts} == {8}
    assert [(part.sender, part.recipient) for part in parts] == [("1280", "85512345678")] * len(parts)
    assert "?" * 3 not in said
    assert any("\u1780" <= letter <= "\u17ff" for letter in said)
    wait_until(lambda: world.states()[-1] == 33, "the operator has it")
    assert world.operator.report(reported(parts))
    wait_until(lambda: world.states()[-1] == 50, "the report comes home")


def test_a_text_that_is_brought_again_is_one_text(world):
    """Phlov takes it, but Kannel hears 503 twice: the same id a third time gives the same one row and one answer."""
    left = [503, 503]

    def meddle(target, ask):
        status, headers, body = ask()
        return (left.pop(), [], b"") if left and target.startswith(SMS) else (status, headers, body)

    world.between.meddle = meddle
    before, texts, answers = len(world.operator.submitted), world.count("inbound"), len(world.states())
    asked = len(world.between.fetches(SMS))
    assert world.operator.deliver(KHMER, source_addr="85512000002")
    wait_until(lambda: len(world.between.fetches(SMS)) == asked + 3, "Kannel tries three times")
    assert len({fetch["id"][0] for fetch in world.between.fetches(SMS)[asked:]}) == 1
    parts = world.answer(before)
    assert (world.count("inbound"), len(world.states())) == (texts + 1, answers + 1)
    assert world.operator.deliver("menu", coding=0, source_addr="85512000003")
    world.answer(before + len(parts))
    assert len(world.states()) == answers + 2


def test_reports_in_the_wrong_order(world):
    """The phone's own report comes before that the operator took the text: the text stays delivered."""
    passed: list[str] = []
    held: list[str] = []

    def meddle(target, ask):
        if target.startswith(DLR) and "status=8" in target and not passed:
            held.append(target)
            return 503, [], b""  # Kannel brings it again
        if target.startswith(DLR):
            passed.append(target)
        return ask()

    world.between.meddle = meddle
    before, reports = len(world.operator.submitted), world.count("delivery_report")
    assert world.operator.deliver("menu", coding=0, source_addr="85512000004")
    part = reported(world.answer(before))
    wait_until(lambda: held, "the operator's own report is held back")
    assert world.operator.report(part, DELIVERED)
    wait_until(lambda: world.count("delivery_report") == reports + 2, "both reports are kept")
    assert ["status=1" in target for target in passed] == [True, False]
    assert world.states()[-1] == 50


def test_a_phone_that_cannot_be_reached(world):
    before = len(world.operator.submitted)
    assert world.operator.deliver("menu", coding=0, source_addr="85512000005")
    part = reported(world.answer(before))
    wait_until(lambda: world.states()[-1] == 33, "the operator has it")
    assert world.operator.report(part, UNDELIVERABLE)
    wait_until(lambda: world.states()[-1] == 41, "it is undelivered")


def test_an_operator_that_throttles(world):
    """Kannel itself tries again; nothing is doubled."""
    world.operator.refuse = 0x58
    before = len(world.operator.submitted)
    refused = world.operator.refused
    assert world.operator.deliver("menu", coding=0, source_addr="85512000006")
    wait_until(lambda: world.operator.refused > refused, "the operator says no")
    world.operator.refuse = 0
    parts = world.answer(before)
    assert len(world.operator.submitted) == before + len(parts)


def test_a_kannel_that_is_gone_for_a_while(world):
    """The answer waits in the outbox while bearerbox is dead (smsbox then takes nothing), and goes out once."""
    world.kannel.kill("bearerbox")
    wait_until(lambda: not listening(world.kannel.sendsms), "smsbox closes its door")
    before = len(world.operator.submitted)
    query = f"id=by-hand-1&from=%2B85512000007&text={quote(KHMER)}&coding=0&charset=UTF-8&secret={SECRET}"
    assert world.between.ask(f"{SMS}?{query}")[0] == 200
    wait_until(lambda: world.states()[-1] == 10, "the answer is queued")
    world.kannel.kill("smsbox")
    world.kannel.start("bearerbox")
    world.kannel.start("smsbox")
    wait_until(lambda: world.states()[-1] >= 30, "it went")
    parts = world.answer(before)
    assert len(world.operator.submitted) == before + len(parts)


def test_texts_wait_on_kannels_disk(world):
    """While smsbox is stopped (as it is when Phlov is put right), bearerbox keeps what comes, through kill -9 too."""
    world.kannel.kill("smsbox")
    before, texts = len(world.operator.submitted), world.count("inbound")
    assert world.operator.deliver(KHMER, source_addr="85512000008")
    world.kannel.wait("store size 1")
    world.kannel.kill("bearerbox")
    wait_until(lambda: not world.operator.bound(), "the operator has seen it go")
    world.kannel.start("bearerbox")
    world.kannel.start("smsbox")
    world.answer(before)
    assert world.count("inbound") == texts + 1


def test_what_kannel_took_outlives_its_kill(world, tmp_path):
    """The operator is away: Kannel keeps texts on its disk. When he is back, an urgent one overtakes the others."""
    port = free_port()
    with Kannel(tmp_path / "kannel", world.between.port, port) as kannel:
        channel = direct(kannel)
        for number, words in enumerate(("រង់ចាំ", "sos 😀")):
            sent = channel.send(Outbound(number, "kannel", "+85512000009", words, 1, priority=2))
            assert sent == Sent(str(number))
        kannel.kill("smsbox")
        with pytest.raises(SendError) as error:
            channel.send(Outbound(2, "kannel", "+85512000009", "none", 1))
        assert (error.value.sent, error.value.cause) == ("no", "network")
        kannel.kill("bearerbox")
        kannel.start("bearerbox")
        kannel.start("smsbox")
        with Smsc(port) as operator:
            wait_until(lambda: len(operator.submitted) == 2, "both go out")
            assert {part.text for part in operator.submitted} == {"រង់ចាំ", "sos 😀"}
            for number in range(30):
                channel.send(Outbound(number, "kannel", "+85512000009", f"{number}", 1, priority=2))
            channel.send(Outbound(30, "kannel", "+85512000009", "SOS", 1, priority=0))
            wait_until(lambda: len(operator.submitted) == 33, "all go out")
            assert [part.text for part in operator.submitted].index("SOS") < 30


def test_a_call(world):
    """Dialled, answered, gone on, over: each screen is one whole PDU in its call, and the SMS line hears of nothing."""
    sms = len(world.operator.submitted)
    first = screen(world, CODE, 1, "0a00")
    assert (first.tlvs[OPERATION], first.tlvs[SESSION]) == (b"\x02", b"\x0a\x00")
    second = screen(world, "1", 18, "0a02")
    assert (second.tlvs[OPERATION], second.tlvs[SESSION]) == (b"\x02", b"\x0a\x02")
    assert second.text != first.text
    last = screen(world, "STOP", 18, "0a04")
    assert (last.tlvs[OPERATION], last.tlvs[SESSION]) == (b"\x11", b"\x0a\x05")
    assert len(world.operator.submitted) == sms
    for each in (first, second, last):
        assert (each.service, each.sender, each.recipient, each.udh) == ("USSD", CODE, "85512000010", b"")
        assert len(each.body) <= (160 if each.coding == 8 else 182)


def test_a_step_that_is_brought_again_is_the_same_screen(world):
    """Phlov takes it, Kannel hears 503: brought again with the same id, it is no second step."""
    left, given = [503], []

    def meddle(target, ask):
        given.append(ask())
        return (left.pop(), [], b"") if left else given[-1]

    screen(world, CODE, 1, "0c00")
    texts = world.count("inbound")
    world.between.meddle = meddle
    shown = screen(world, "1", 18, "0c02")
    assert len(given) == 2
    assert given[0][2] == given[1][2] == shown.text.encode()
    assert world.count("inbound") == texts + 1


def test_an_answer_in_a_call_goes_by_sms_if_asked_for(world):
    """Only then; and by the SMS line, from the short code."""
    before = len(world.operator.submitted)
    shown = screen(world, CODE, 1, "0d00", "85512000016")
    for number, key in enumerate(("2", "3", "1", "1")):
        shown = screen(world, key, 18, f"0d{2 * number + 2:02x}", "85512000016")
    assert "Get as SMS" in shown.text
    shown = screen(world, "1", 18, "0d0a", "85512000016")
    assert "stays in this phone" in shown.text
    assert len(world.operator.submitted) == before
    assert "on its way" in screen(world, "1", 18, "0d0c", "85512000016").text
    parts = world.answer(before)
    assert "117" in joined(parts)
    assert {(part.sender, part.recipient, part.service) for part in parts} == {("1280", "85512000016", "")}


@pytest.mark.parametrize(("letters", "codec"), [("ក" * 80, 8), ("a" * 182, 0)], ids=["Khmer", "Latin"])
def test_the_longest_screen_is_not_cut(world, letters, codec):
    def meddle(target, ask):
        status, headers, _ = ask()
        heads = [(name, value) for name, value in headers if name.lower() not in ("content-length", "x-kannel-coding")]
        return status, [*heads, ("X-Kannel-Coding", "2" if codec == 8 else "0")], letters.encode()

    world.between.meddle = meddle
    shown = screen(world, CODE, 1, "0b00")
    assert (shown.coding, shown.text, shown.udh) == (codec, letters, b"")


def screen(world: World, text: str, operation: int, session: str, sender: str = "85512000010") -> Submitted:
    before = len(world.dialling.submitted)
    tlvs = {OPERATION: bytes([operation]), SESSION: bytes.fromhex(session)}
    named = {"source_addr": sender, "destination_addr": CODE, "service_type": "USSD"}
    assert world.dialling.deliver(text, coding=0, tlvs=tlvs, **named)
    wait_until(lambda: len(world.dialling.submitted) > before, "a screen comes")
    (shown,) = world.dialling.submitted[before:]
    return shown


def test_a_phone_at_kannels_own_operator(world, tmp_path):
    """With fakesmsc, which comes with Kannel: a text in, and Khmer out in two parts that together are the text."""
    said = "ហៅ 1280។ " * 12
    with Kannel(tmp_path / "kannel", world.between.port) as kannel, Phone(kannel, "+85512000011") as phone:
        texts = world.count("inbound")
        phone.text(KHMER)
        wait_until(lambda: world.count("inbound") == texts + 1, "the text comes")
        direct(kannel).send(Outbound(4, "kannel", phone.number, said, 2))
        wait_until(lambda: len(phone.parts()) == 2, "two parts come")
        parts = sorted(phone.parts())
    wait_until(lambda: world.said_by("+85512000011"), "Kannel has its answer")
    assert "".join(words for _, words in parts) == said
    assert [header[:3] + header[4:] for header, _ in parts] == [b"\x05\x00\x03\x02\x01", b"\x05\x00\x03\x02\x02"]


def test_a_modem_behind_kannel(world, tmp_path):
    """Kannel's own AT driver: two parts out of order in as one text, Khmer out in two parts, and the modem's report."""
    said = "ហៅ 1280។ " * 12
    with (
        FakeModem(tmp_path / "modem") as modem,
        Kannel(tmp_path / "k", world.between.port, modem=modem.device) as kannel,
    ):
        modem.report = 0
        kannel.wait("(online")
        texts = world.count("inbound")
        for number, words in ((2, "ជួយផង"), (1, "ខ្ញុំ" * 13)):
            modem.receive("+85512000015", words, bytes([5, 0, 3, 9, 2, number]))
        wait_until(lambda: world.count("inbound") == texts + 1, "the text comes")
        wait_until(lambda: world.said_by("+85512000015"), "Kannel has its answer")
        assert world.said_by("+85512000015")[0] == "ខ្ញុំ" * 13 + "ជួយផង"
        direct(kannel, world.between.port).send(Outbound(6, "kannel", "+85512000015", said, 2))
        wait_until(lambda: modem.texts() == {"+85512000015": [said]}, "the text is on air")
        wait_until(lambda: world.told_of(6) >= {"1", "8"}, "two reports come")
    assert world.told_of(6) == {"1", "8"}


def test_while_phlov_is_away_the_operator_keeps_the_texts(world):
    """What `kannel-guard` does, and undoes: nothing is taken that Phlov could not be given."""
    with nobody() as away:
        assert guard(world, away) == "isolate: Kannel isolated from message providers"
    assert "kannel-guard" in (direct(world.kannel).condition().problem or "")
    before = len(world.operator.submitted)
    assert not world.operator.deliver(KHMER, source_addr="85512000013")
    assert guard(world, f"http://127.0.0.1:{world.house.port}") == "resume: Running resumed"
    assert world.operator.deliver(KHMER, source_addr="85512000013")
    world.answer(before)


def other_gateway_silent() -> Report:
    pulse = Pulse(iter((0.0, 200.0)).__next__)
    pulse.fetched("gammu")
    return Report(tuple(pulse.away()))


@pytest.mark.parametrize(
    ("page", "takes"),
    [
        (Report().lines(), True),
        (Report((), ("kannel: has no network",)).lines(), True),
        (Report(("an emergency answer has waited for 90 s",)).lines(), True),
        (Report(("no gateway takes emergency answers now: kannel",)).lines(), True),
        (other_gateway_silent().lines(), True),
        (Report(("the database cannot be written now",)).lines(), False),
        ("", False),
        ("<html>502 Bad Gateway</html>", False),
    ],
)
def test_the_guard_lets_texts_in_though_answers_cannot_leave(page, takes):
    assert run_path(str(SHIPPED.with_name("kannel_guard.py")))["takes_texts"](page) is takes


def guard(world: World, phlov: str) -> str:
    env = {
        "KANNEL_URL": f"http://127.0.0.1:{world.kannel.admin}",
        "KANNEL_ADMIN_PASSWORD": ADMIN,
        "PHLOV_URL": phlov,
    }
    program = str(SHIPPED.with_name("kannel_guard.py"))
    done = subprocess.run([sys.executable, program, "--once"], env=env, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_nothing_listens_to_the_outside(world):
    lines = [line for box in world.kannel.boxes.values() for line in psutil.Process(box.pid).net_connections("inet")]
    assert {line.laddr.ip for line in lines if line.status == psutil.CONN_LISTEN} == {"127.0.0.1"}


def test_how_it_is_can_be_seen(world):
    channel = direct(world.kannel)
    assert channel.condition().problem is None
    assert dict(channel.condition().gauges)["lines"] == 2


def test_no_log_knows_a_text_or_a_secret(world):
    """After all of the above, a text that the operator refuses, and one that Kannel brings again and again in vain."""
    world.operator.refuse = 0x0B
    direct(world.kannel).send(Outbound(5, "kannel", "+85512000014", f"{KHMER} in vain", 1))
    wait_until(lambda: "0x0000000b" in world.kannel.logs(), "Kannel writes that it was refused")
    wait_until(lambda: "Couldn't fetch" in world.kannel.logs(), "Kannel writes the address of a report nobody takes")
    world.between.meddle = lambda target, ask: (503, [], b"")
    asked = len(world.between.asked)
    assert world.operator.deliver("ជំនួយ in vain", source_addr="85512000012")
    wait_until(lambda: len(world.between.asked) >= asked + 3, "Kannel tries again")
    kannel, phlov = world.kannel.logs(), world.house.log.read_text()
    assert "serving" in phlov
    said = [quote(KHMER), KHMER, "in+vain", "in vain", PASSWORD, SECRET, STATUS, ADMIN]
    assert [word for word in said if word in kannel + phlov] == []
    assert NUMBERS not in phlov
    # The only line of Kannel with a number: a report of a text that it does not know (any more).
    assert [line for line in kannel.splitlines() if NUMBERS in line and "DLR" not in line] == []
