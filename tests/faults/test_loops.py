"""Machines that answer each other, and floods: silence after eight, and never for somebody who calls for help."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from shutil import copy

import pytest
from stories.stage import words
from stories.transcript import Clock

from bot.conversation.session import Reply
from bot.protocol import Inbound, Response
from bot.services import guards, inbox
from bot.services.service import Service
from bot.store import migrate, open_database
from bot.store.crypto import Vault

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
