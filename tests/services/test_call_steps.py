"""Calls on a real database: which step is which, what is kept of it, and when an SMS goes out besides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from sqlalchemy import select, update
from stories.stage import words

from bot.conversation.session import Reply
from bot.protocol import Display, Inbound, Response
from bot.services import inbox
from bot.services.inbox import Received
from bot.services.service import Service
from bot.store.crypto import Vault
from bot.store.state import State
from bot.store.statements import Statement
from bot.store.tables import Inbound as InboundRow
from bot.store.tables import Outbound, Session

WHO = "+66812345678"


def render(replies: tuple[Reply, ...], reference: int) -> Response:
    return Response(200, "|".join(reply.text for reply in replies).encode())


@dataclass
class Dialling:
    """A gateway that names neither steps nor beginnings."""

    service: Service
    clock: Callable
    display: Display = field(default_factory=lambda: Display(entry="accumulated"))
    call: str = "S1"

    def send(self, text: str, after: float = 5, who: str = WHO) -> Received:
        self.clock.forward(seconds=after)
        name = f"{self.call}/{text}"
        asked = Inbound("africastalking", who, text, name, self.clock(), "ussd", self.call)
        return inbox.receive(self.service, asked, render, inline=False, display=self.display)

    def sms(self, text: str) -> Received:
        name = f"SM{self.clock.forward(seconds=5)}{self.clock()}"
        return inbox.receive(self.service, Inbound("twilio", WHO, text, name, self.clock()), render)


@pytest.fixture
def rung() -> list[str]:
    return []


@pytest.fixture
def house(database, clock, rung) -> Service:
    return Service(database, Vault(bytes(32)), *words(), clock, wake=rung.append, sms_channel="gammu")


@pytest.fixture
def dialling(house, clock) -> Dialling:
    return Dialling(house, clock)


def rows(house: Service, table: type, *columns: str) -> list[tuple]:
    asked = Statement(lambda _: select(*(getattr(table, name) for name in columns)).order_by(table.id))
    return [tuple(row) for row in house.database.read(lambda tx: tx.all(asked))]


def text(received: Received) -> str:
    (reply,) = received.replies
    return reply.text


def test_a_step_is_taken_once(dialling, house):
    first, again = dialling.send(""), dialling.send("", after=0)
    assert (again.duplicate, again.response) == (True, first.response)
    helping = dialling.send("1")
    assert dialling.send("1").response == helping.response
    assert dialling.send("1", after=300).response == helping.response
    assert len(rows(house, InboundRow, "id")) == 2
    assert dialling.send("").response == first.response, "also one that comes late"


def test_a_name_that_is_used_again_is_another_call(dialling):
    first = dialling.send("")
    dialling.send("1")
    dialling.clock.forward(days=2)
    assert text(dialling.send("")) == text(first)
    assert text(dialling.send("1*1", after=1)) != text(first)


def test_what_was_entered_is_kept_and_not_the_whole_call(dialling, house):
    for entered in ("", "1", "1*xyzzy", "1*xyzzy*0"):
        dialling.send(entered)
    vault = house.vault
    sealed = rows(house, InboundRow, "id", "text_sealed")
    assert [vault.open(each, "inbound", row).decode() for row, each in sealed] == ["", "1", "xyzzy", "0"]


def test_screens_are_no_sms(dialling, house, rung):
    dialling.send("")
    dialling.send("1")
    assert rows(house, Outbound, "parts", "state", "to_sealed") == [(0, State.ACCEPTED, None)] * 2
    assert rung == []


@pytest.mark.parametrize("entry", ["last", "accumulated"])
def test_the_last_entry_alone(house, clock, entry):
    dialling = Dialling(house, clock, Display(entry=entry))
    start = text(dialling.send(""))
    second = text(dialling.send("9"))
    if entry == "accumulated":
        assert text(dialling.send("0")) == start, "this is what shows that it joins nothing"
        assert text(dialling.send("9")) == second
    third = text(dialling.send("9"))
    assert third != second
    quick = dialling.send("9", after=1)
    assert (text(quick), quick.duplicate) == (third, False)
    assert text(dialling.send("0")) == second


def test_steps_with_names_of_their_own(house, clock):
    dialling = Dialling(house, clock, Display(entry="numbered"))

    def send(key: str, step: int, event: str) -> Received:
        clock.forward(seconds=1)
        asked = Inbound("ussd_bridge", WHO, key, f"S1/{step}", clock(), "ussd", "S1", event)
        return inbox.receive(house, asked, render, display=dialling.display)

    start = send("", 1, "new")
    second, third = send("9", 2, "resume"), send("9", 3, "resume")
    assert len({each.response for each in (start, second, third)}) == 3
    assert send("9", 3, "resume").response == third.response


def asked_by_sms(dialling: Dialling, call: str) -> str:
    """Dial to the emergency answer, ask for it by SMS, agree; the last screen."""
    dialling.call = call
    for entered in ("", "SOS", "SOS*9", "SOS*9*1", "SOS*9*1*1"):
        received = dialling.send(entered)
    return text(received)


def test_an_sms_waits_for_its_gateway(dialling, house, rung, clock):
    dialling.sms("ជំនួយ")  # so that the screens are in Khmer
    before = len(rows(house, Outbound, "id"))
    asked_by_sms(dialling, "S1")
    made = rows(house, Outbound, "channel", "state", "priority", "parts", "to_sealed", "expires_at")[before:]
    (waiting,) = [row for row in made if row[4]]
    assert waiting[:4] == ("gammu", State.QUEUED, 0, 1)
    assert waiting[5] - clock().timestamp() * 1000 > 2 * 86_400_000
    assert rung == ["gammu"]


def test_a_thousand_sms_are_not_sent_because_somebody_presses_a_key(dialling, house):
    screens = [asked_by_sms(dialling, f"S{call}") for call in range(20)]
    sent = len([row for row in rows(house, Outbound, "to_sealed") if row[0]])
    assert 8 <= sent <= 16
    assert len(set(screens)) == 2, "either it is on its way, or it is not now"
    assert dialling.send("SOS*9*1*1*00").replies, "screens go on"


def test_an_erased_call_is_answered_the_same_again(dialling, house):
    dialling.send("")
    erased = dialling.send("erase")
    assert erased.replies[0].ends
    assert dialling.send("erase").response == erased.response
    assert dialling.send("erase").duplicate


def test_the_language_goes_with_the_person_and_nothing_else(dialling):
    dialling.sms("how much is a passport")
    assert text(dialling.send("")).startswith("Phlov answers")
    dialling.send("1")
    assert "passport" in text(dialling.sms("more")).lower()


def test_a_damaged_session_begins_anew(dialling, house):
    dialling.send("")
    spoil = Statement(lambda _: update(Session).values(state_sealed=b"0"))
    assert house.database.write(lambda tx: tx.run(spoil)) == 1
    assert text(dialling.send("1*1")) == text(replace(dialling, call="S2").send("1*1"))
