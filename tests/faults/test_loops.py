"""Machines that answer each other, and floods: silence after eight, and never for somebody who calls for help."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from shutil import copy

import pytest
from sqlalchemy import func, select
from stories.stage import words
from stories.transcript import Clock

from bot.conversation.session import Reply
from bot.protocol import Inbound, Response
from bot.services import guards, inbox
from bot.services.budgets import RESERVE, UNSERVED, Budgets
from bot.services.delivery import State
from bot.services.service import Service
from bot.store import migrate, open_database
from bot.store.crypto import Vault
from bot.store.statements import Statement
from bot.store.tables import Escalation, Outbound

HOTLINE, SECOND = "+85510000001", "+66600000002"
"""Our numbers, at two gateways."""
A, B = "+85512345678", "+66812345678"
TEN_MINUTES = timedelta(minutes=10)
STARTS = (
    "help",
    "ជំនួយ",
    "chuoy",
    "hello",
    "menu",
    "passport kept thailand",
    "QUIZ",
    "OFFER",
    "thailand",
    "costs",
    "ERASE",
)

Bot = Callable[[str, datetime], str]


@dataclass
class Line:
    """The real inbox on the real content, and what it answered to whom."""

    service: Service
    clock: Clock
    said: dict[str, list[tuple[datetime, Reply]]] = field(default_factory=lambda: defaultdict(list))
    serial: Iterator[int] = field(default_factory=count)

    def text(self, sender: str, words: str) -> list[str]:
        """A text comes in; the words of the answers."""
        text = Inbound("twilio", sender, words, f"SM{next(self.serial)}", self.clock.now)
        received = inbox.receive(self.service, text, lambda replies, _: Response(200, b""))
        self.said[sender] += [(self.clock.now, reply) for reply in received.replies]
        return [reply.text for reply in received.replies]

    def most_in_ten_minutes(self, sender: str) -> int:
        """The most answers to one number in any ten minutes."""
        times = [at for at, _ in self.said[sender]]
        return max((sum(at <= other < at + TEN_MINUTES for other in times) for at in times), default=0)


@pytest.fixture(scope="module")
def empty(tmp_path_factory) -> Path:
    """A migrated database, to be copied."""
    file = tmp_path_factory.mktemp("empty") / "phlov.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture
def line(empty, tmp_path) -> Iterator[Line]:
    book, reader = words()
    database = open_database(f"sqlite:///{copy(empty, tmp_path)}")
    clock = Clock()
    own = frozenset({HOTLINE, SECOND})
    yield Line(Service(database, Vault(bytes(range(32))), book, reader, lambda: clock.now, own), clock)
    database.close()


def echo(text: str, now: datetime) -> str:
    return text


def stamps_the_clock(text: str, now: datetime) -> str:
    return f"[{now:%d/%m %H:%M:%S}] You wrote: {text}"


def thanks(text: str, now: datetime) -> str:
    return f"Thank you, your request {now:%H%M%S} is number {now.second} in the queue"


def first_part_only(text: str, now: datetime) -> str:
    return text[:70]


def play(line: Line, route: list[str], bot: Bot, first: str, pause: float = 2) -> None:
    """Ten virtual minutes: what we say to one number comes back from the next one of the route."""
    until = line.clock.now + TEN_MINUTES
    waiting = deque([(route[0], first)])
    turn = 0
    while waiting and line.clock.now < until:
        sender, text = waiting.popleft()
        answers = line.text(sender, text)
        turn += 1
        line.clock.now += timedelta(seconds=pause)
        waiting += [(route[turn % len(route)], bot(answer, line.clock.now)) for answer in answers]


@pytest.mark.parametrize("first", STARTS)
@pytest.mark.parametrize("bot", [echo, stamps_the_clock, thanks, first_part_only])
def test_a_bot_that_answers_us_gets_eight_replies_and_then_silence(line, bot, first):
    play(line, [A], bot, first)
    assert 1 <= len(line.said[A]) <= guards.MOST
    play(line, [A], bot, first)
    assert line.most_in_ten_minutes(A) <= guards.MOST


@pytest.mark.parametrize("first", STARTS)
@pytest.mark.parametrize("bot", [echo, stamps_the_clock, thanks])
def test_three_that_answer_in_a_circle_fall_silent(line, bot, first):
    """A writes to us; our answer goes on to B, who writes to us; that answer goes on to A."""
    play(line, [A, B], bot, first)
    for number in (A, B):
        assert line.most_in_ten_minutes(number) <= guards.MOST
    assert line.said[A]


@pytest.mark.parametrize("own", [HOTLINE, SECOND])
def test_our_own_numbers_are_never_answered(line, own):
    for first in STARTS:
        assert line.text(own, first) == []


@pytest.mark.parametrize("name", ["Smart", "1297", "117", "AD-INFO", "", "+855"])
def test_names_and_short_codes_are_never_answered(line, name):
    assert line.text(name, "help") == []


@pytest.mark.parametrize("word", ["HELP", "ជំនួយ", "chuoy"])
def test_fifty_calls_for_help_in_five_minutes_are_answered_twelve_times(line, word):
    """The first eight at once, then one a minute; whoever calls has an answer that is less than a minute old."""
    began, answered = line.clock.now, []
    for _ in range(50):
        if line.text(A, word):
            answered.append((line.clock.now - began).total_seconds())
        assert (line.clock.now - began).total_seconds() - answered[-1] < 60
        line.clock.now += timedelta(seconds=6)
    assert answered == [0, 6, 12, 18, 24, 30, 36, 42, 102, 162, 222, 282]


def test_a_machine_that_repeats_itself_does_not_silence_its_owner(line):
    """The phone of somebody whose auto-responder has used up the eight replies: the call for help is answered."""
    play(line, [A], thanks, "hello")
    assert line.text(A, "thanks again") == []
    assert "117" in line.text(A, "ជួយផង គេវាយខ្ញុំ")[0]


def test_one_number_ten_thousand_times(line):
    """F1. One text a second for nearly three hours, every hundredth a call for help."""
    answered = Counter()
    last = line.clock.now
    for number in range(10_000):
        wanted = "SOS" if number % 100 == 0 else "xyzzy"
        for _ in line.text(A, wanted):
            answered[wanted] += 1
            last = line.clock.now if wanted == "SOS" else last
        assert line.clock.now - last < TEN_MINUTES, "a call for help was answered within these ten minutes"
        line.clock.now += timedelta(seconds=1)
    assert line.most_in_ten_minutes(A) <= guards.MOST + 10
    assert sum(answered.values()) <= guards.A_DAY + 10_000 // 600 + 1
    assert answered["SOS"] >= 10_000 // 600


def test_many_numbers_once_are_all_answered(line):
    """F2. A flood from many is many people: each gets an answer."""
    for number in range(1_000):
        assert line.text(f"+8551200{number:04d}", "help"), number


# Dear numbers (T6): a country that no help card speaks of

SERVED = frozenset(words()[0].countries)
BRAZIL = "+55119{:08d}"


@pytest.fixture
def thrifty(line) -> Line:
    """A house as it is served, with the budget that holds without any setting."""
    line.service = replace(line.service, budgets=Budgets(served=SERVED))
    return line


def parts_in_responses(line: Line) -> int:
    """SMS parts that left with the responses; the others wait in the outbox."""
    sent = Statement(lambda _: select(func.sum(Outbound.parts)).where(Outbound.state == State.ACCEPTED))
    row = line.service.database.read(lambda tx: tx.one(sent))
    return int(row[0] or 0) if row else 0


def test_a_thousand_numbers_of_one_dear_country(thrifty):
    """F3. A hundred parts a day leave for it, and a fifth more of emergency answers; other people notice nothing."""
    for number in range(900):
        thrifty.text(BRAZIL.format(number), "menu")
    assert UNSERVED - 3 <= parts_in_responses(thrifty) <= UNSERVED
    for number in range(900, 1_000):
        assert "117" in thrifty.text(BRAZIL.format(number), "help")[0]
    assert UNSERVED + 15 <= parts_in_responses(thrifty) <= UNSERVED + UNSERVED // RESERVE
    before = parts_in_responses(thrifty)
    for sender in (A, B, "+821012345678"):
        assert thrifty.text(sender, "menu")
    assert parts_in_responses(thrifty) > before
    thrifty.clock.now += timedelta(days=1)
    before = parts_in_responses(thrifty)
    thrifty.text(BRAZIL.format(0), "menu")
    assert parts_in_responses(thrifty) > before, "the next day has its own budget"


def test_a_call_for_help_from_a_country_without_a_card_is_answered(thrifty):
    """From each of the world's countries whose numbers could be found, as the first text of the day."""
    abroad = ("+5511912345678", "+79161234567", "+48501234567", "+2348021234567", "+33612345678", "+14155552671")
    for number in abroad:
        assert "117" in thrifty.text(number, "help")[0]
        assert thrifty.text(number, "menu")
    sent = Statement(lambda _: select(func.count()).where(Outbound.state == State.ACCEPTED))
    assert thrifty.service.database.read(lambda tx: tx.one(sent)) == (2 * len(abroad),)


def test_a_budget_that_is_spent_keeps_a_fifth_for_emergencies(line):
    """F4. Spending never exceeds the cap and its reserve; what is over it waits in the outbox and is not lost."""
    line.service = replace(line.service, budgets=Budgets(total=50, served=SERVED))
    for number in range(200):
        line.text(f"+8551200{number:04d}", "menu")
    assert 45 <= parts_in_responses(line) <= 50
    for number in range(200):
        line.text(f"+8551200{number:04d}", "help")
    assert 51 <= parts_in_responses(line) <= 60
    waiting = Statement(lambda _: select(func.count()).where(Outbound.state == State.QUEUED, Outbound.priority == 0))
    ((count,),) = line.service.database.read(lambda tx: tx.all(waiting))
    assert count >= 190


# Staff hear of it

LOOPS = Statement(lambda _: select(func.count()).where(Escalation.kind == "loop", Escalation.closed_at.is_(None)))


@pytest.mark.parametrize("bot", [echo, stamps_the_clock, thanks])
def test_staff_get_one_note_of_a_loop_and_none_before(line, bot):
    def notes() -> int:
        return line.service.database.read(lambda tx: tx.one(LOOPS))[0]

    line.text(A, "menu")
    assert notes() == 0, "one answer is no loop"
    for _ in range(3):
        play(line, [A], bot, "hello")
        assert notes() == 1
