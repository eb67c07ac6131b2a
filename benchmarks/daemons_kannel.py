"""Kannel (bearerbox, smsbox, its fake operator) by itself and with Phlov behind it."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from urllib.parse import quote_from_bytes

import urllib3

from benchmarks import posts, servers
from benchmarks.contacts import number
from benchmarks.daemons_house import TEXT, Behind, pace, wait
from benchmarks.daemons_silent import SEEN
from benchmarks.daemons_tests import kannel
from benchmarks.report import Figure
from bot.channels.kannel import DLR, SMS
from bot.channels.kannel import Kannel as Channel

LANES = Channel(
    sendsms_url="http://127.0.0.1", username="", password="", secret="", number="", callback_url=""
).traits.lanes
"""As many as Phlov has for Kannel."""
REPORTS = 2
"""That the operator has a text, and that the phone has it."""
RATE = 1000
"""Texts a second; as many as Phlov can be told that an operator allows."""
PART = re.compile(rb"%b \+[0-9]+ (udh|text|data|ucs-2) " % kannel.CODE.encode())
"""How a part begins. Words in Latin letters follow as they are, over several lines if they have several."""


class Operator:
    """The operator's end of Kannel's fake SMSC, which speaks in lines: one for each text in, one for each part out."""

    def __init__(self, port: int) -> None:
        self._line = socket.create_connection(("127.0.0.1", port), 10)
        self._line.settimeout(None)
        self.parts: list[float] = []
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self) -> None:
        rest = b""
        while chunk := self._line.recv(1 << 16):
            *lines, rest = (rest + chunk).split(b"\n")
            self.parts += [time.monotonic()] * sum(1 for line in lines if PART.match(line))

    def say(self, texts: Sequence[tuple[str, str]]) -> None:
        """People text, all at once."""
        lines = [
            f"{sender} {kannel.CODE} ucs2 {quote_from_bytes(text.encode('utf-16-be'), safe='')}\n"
            for sender, text in texts
        ]
        self._line.sendall("".join(lines).encode())

    def close(self) -> None:
        self._line.shutdown(socket.SHUT_RDWR)
        self._reading.join(10)
        self._line.close()


@contextmanager
def silent(port: int) -> Iterator[None]:
    """The web server that Kannel talks to where there is no Phlov."""
    command = [sys.executable, "-m", "benchmarks.daemons_silent", str(port)]
    process = subprocess.Popen(command, cwd=servers.ROOT)
    try:
        wait(lambda: kannel.listening(port), "the silent server listens")
        yield
    finally:
        servers.stop(process)


class Alone:
    """Kannel, and who wants nothing of it."""

    name = "Kannel alone"

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.port = servers.free_port()
        stack.enter_context(silent(self.port))
        self.daemon, self.operator = started(stack, folder, self.port)

    def out(self, numbers: Sequence[str]) -> dict[str, float]:
        """Plain posts to sendsms, as many at once as Phlov has lanes."""
        before, reports = len(self.operator.parts), self._seen(DLR)[0]
        lines = urllib3.HTTPConnectionPool("127.0.0.1", self.daemon.sendsms, maxsize=LANES)
        body = TEXT.encode("utf-16-be")

        def post(place: int) -> int:
            headers = {
                "X-Kannel-Username": "phlov",
                "X-Kannel-Password": kannel.PASSWORD,
                "X-Kannel-From": kannel.CODE,
                "X-Kannel-To": numbers[place],
                "X-Kannel-Coding": "2",
                "X-Kannel-Priority": "0",
                "X-Kannel-DLR-Mask": "31",
                "X-Kannel-DLR-Url": f"http://127.0.0.1:{self.port}{DLR}?ref={place}&status=%d",
                "X-Kannel-Validity": "1440",
                "Content-Type": "text/plain; charset=UTF-16BE",
            }
            return lines.urlopen("POST", "/cgi-bin/sendsms", body=body, headers=headers, retries=False).status

        with ThreadPoolExecutor(LANES) as threads:
            answers = set(threads.map(post, range(len(numbers))))
        if answers != {202}:
            raise RuntimeError(f"Kannel answered {answers}")
        wait(lambda: len(self.operator.parts) == before + 2 * len(numbers), "Kannel sends all")
        wait(lambda: self._seen(DLR)[0] == reports + REPORTS * len(numbers), "Kannel reports all")
        parts = self.operator.parts[before:]
        return {"out": pace(parts, 2), "reported": len(numbers) / (self._seen(DLR)[1] - parts[0])}

    def come(self, texts: Sequence[tuple[str, str]]) -> dict[str, float]:
        """Texts come in; the web server hears of each."""
        before, began = self._seen(SMS)[0], time.monotonic()
        self.operator.say(texts)
        wait(lambda: self._seen(SMS)[0] == before + len(texts), "Kannel passes on all")
        return {"in": len(texts) / (self._seen(SMS)[1] - began)}

    def _seen(self, path: str) -> tuple[int, float]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{SEEN}", timeout=10) as answer:
            found = json.loads(answer.read()).get(path, (0, 0.0))
        return int(found[0]), float(found[1])


class Through:
    """Kannel with Phlov behind it."""

    name = "through Phlov"

    def __init__(self, folder: Path, stack: ExitStack, people: int) -> None:
        port = servers.free_port()
        self.daemon, self.operator = started(stack, folder, port)
        settings = {
            "PHLOV_KANNEL_SENDSMS_URL": self.daemon.url,
            "PHLOV_KANNEL_USERNAME": "phlov",
            "PHLOV_KANNEL_PASSWORD": kannel.PASSWORD,
            "PHLOV_KANNEL_SECRET": kannel.SECRET,
            "PHLOV_KANNEL_NUMBER": kannel.CODE,
            "PHLOV_KANNEL_RATE": str(RATE),
        }
        self._phlov = Behind(folder / "phlov", "kannel", settings, port)
        stack.enter_context(self._phlov.running(people))

    def out(self, numbers: Sequence[str]) -> dict[str, float]:
        """Rows in the outbox, which the lanes send."""
        before = len(self.operator.parts)
        self._phlov.queue(numbers)
        wait(lambda: len(self.operator.parts) == before + 2 * len(numbers), "Phlov sends all")
        reported = self._settled()
        parts = self.operator.parts[before:]
        return {"out": pace(parts, 2), "reported": len(numbers) / (reported - parts[0])}

    def come(self, texts: Sequence[tuple[str, str]]) -> dict[str, float]:
        """Texts come in; each is kept, and its answer goes out."""
        before, parts, began = self._phlov.inbound(), self._phlov.parts(), time.monotonic()
        self.operator.say(texts)
        kept = wait(lambda: self._phlov.inbound() == before + len(texts), "Phlov keeps all")
        wait(lambda: not self._phlov.open(), "Phlov answers all")
        wait(lambda: len(self.operator.parts) >= self._phlov.parts(), "all answers are at the operator's")
        answered = self.operator.parts[-1]
        self._settled()
        each = (self._phlov.parts() - parts) / len(texts)
        return {"in": len(texts) / (kept - began), "answered": len(texts) / (answered - began), "parts": each}

    def _settled(self) -> float:
        """When everything has been reported. What is there twice, or not whole, spoils the figures."""
        reported = wait(lambda: not self._phlov.unreported(), "all reports come home")
        if len(self.operator.parts) != self._phlov.parts():
            raise RuntimeError(f"{len(self.operator.parts)} parts went for {self._phlov.parts()}")
        return reported


def started(stack: ExitStack, folder: Path, port: int) -> tuple[kannel.Kannel, Operator]:
    """A Kannel that brings texts to this port, and its operator."""
    daemon = stack.enter_context(kannel.Kannel(folder / "kannel", port))
    operator = Operator(daemon.fake)
    stack.callback(operator.close)
    daemon.wait("online")
    return daemon, operator


Found = dict[str, list[dict[str, float]]]


def measure(folder: Path, rounds: int, count: int) -> Found:
    """Both, in turn, direction by direction."""
    found: Found = {Alone.name: [], Through.name: []}
    mixture = posts.texts(4)
    with ExitStack() as stack:
        cells = (Alone(folder / "alone", stack), Through(folder / "through", stack, rounds * count))
        for turn in range(rounds):
            numbers = [number(place) for place in range(turn * count, (turn + 1) * count)]
            texts = [(each, next(mixture).body) for each in numbers]
            for cell in cells:
                found[cell.name].append(cell.out(numbers))
            for cell in cells:
                found[cell.name][-1] |= cell.come(texts)
    return found


ROWS = {
    "out": "Kannel out, two-part Khmer, at the operator's",
    "reported": "Kannel out, with both reports of each text",
    "in": "Kannel in, kept by Phlov : passed on to an empty web server",
    "answered": "Kannel in, and the answer at the operator's : as many texts in and parts out",
}


def figures(found: Found) -> list[Figure]:
    """Medians over the rounds; the ratio is the median of those within each round."""
    made = []
    both = list(zip(found[Through.name], found[Alone.name], strict=True))
    for name, what in ROWS.items():
        pairs = [
            (here[name], there[name] if name in there else one_by_one(there, here["parts"])) for here, there in both
        ]
        here, there = (median(column) for column in zip(*pairs, strict=True))
        ratio = median(one / other for one, other in pairs)
        made.append(Figure(what, f"{here:.0f}/s", f"{there:.0f}/s", f"{ratio:.2f}"))
    return made


def one_by_one(alone: dict[str, float], parts: float) -> float:
    """Texts a second if Kannel passed each on, and then sent so many parts, at the rates it showed at either."""
    return 1 / (1 / alone["in"] + parts / 2 / alone["out"])
