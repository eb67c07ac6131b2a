"""A gateway as Twilio is one: signs its webhooks, and posts a text again until it is taken, or though it was."""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from itertools import count
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

from signed import PUBLIC, form, headers, sid, sign

from bot.channels.twilio import SMS

WORDS = ("help", "ជំនួយ", "costs", "hello", "menu", "1", "chuoy")
PER_PERSON = 4
"""Texts of one person: fewer than the guards let through in ten minutes."""
TIMEOUT = 15
"""Seconds, Twilio's own."""


@dataclass(frozen=True)
class Text:
    """One text, ready to be posted."""

    sid: str
    body: bytes
    headers: dict[str, str]


def text(words: str = "help", sender: str = "+85512345678", message: str | None = None) -> Text:
    fields = form(words, sender, message or sid())
    return Text(fields["MessageSid"], urlencode(fields).encode(), headers(sign(PUBLIC + SMS, list(fields.items()))))


def post(port: int, message: Text, timeout: float = TIMEOUT) -> tuple[int, bytes]:
    """Status and body; OSError or HTTPException if there is no answer."""
    line = HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        line.request("POST", SMS, message.body, message.headers)
        answer = line.getresponse()
        return answer.status, answer.read()
    finally:
        line.close()


@dataclass
class Load:
    """Clients that post texts, each 1 to 5 times until it is taken, from the beginning of the block to its end."""

    port: int
    clients: int = 4
    seed: int = 1
    sent: set[str] = field(default_factory=set)
    taken: defaultdict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    answers: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))
    unanswered: int = 0

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._give_up = False
        self._mutex = threading.Lock()
        self._serial = count()
        self._threads = [threading.Thread(target=self._client, args=(n,)) for n in range(self.clients)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Every client finishes its text; after a failure, or if that takes long, none does."""
        self._stop.set()
        self._give_up = kind is not None
        until = time.monotonic() + 20
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        self._give_up = True
        for thread in self._threads:
            thread.join()

    def _client(self, number: int) -> None:
        chance = random.Random(f"{self.seed} {number}")
        while not self._stop.is_set():
            serial = next(self._serial)
            message = text(chance.choice(WORDS), f"+85512{100_000 + serial // PER_PERSON:06d}")
            self.sent.add(message.sid)
            for _ in range(chance.randint(1, 5)):
                self._until_taken(message)

    def _until_taken(self, message: Text) -> None:
        while not self._give_up and not self._taken(message):
            time.sleep(0.01)

    def _taken(self, message: Text) -> bool:
        try:
            status, body = post(self.port, message)
        except (OSError, HTTPException):
            with self._mutex:
                self.unanswered += 1
            return False
        with self._mutex:
            self.answers[status] += 1
            if status == 200:
                self.taken[message.sid].append(body)
        return status == 200
