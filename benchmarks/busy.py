"""(g) A broadcast to 100,000 people waits in the outbox: how long does anybody else wait? (i) Does memory grow?"""

from __future__ import annotations

import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlencode

from benchmarks import outbox, servers
from benchmarks.load import burst
from benchmarks.machine import pss_mb
from benchmarks.posts import Posts
from benchmarks.report import Figure, Section, table

KEY, SECRET = secrets.token_hex(16), secrets.token_hex(16)
NUMBER = "+85512000001"
CALM = ("documents", "costs", "តើត្រូវការឯកសារអ្វីខ្លះ", "loan to go to Korea", "trov chomnay ponman")
PACE = 0.1
"""Seconds between two texts of each kind."""
METHOD = """\
`phlov run` on SQLite with an Android gateway (SMSGate's wire, answered on the loopback after 5 ms, at its highest rate
of 100 texts a second), USSD (Africa's Talking) and Twilio. Ten times a second each: somebody new texts `help` by
SMSGate, from the webhook until the gateway has the emergency answer; somebody texts a sentence, until the webhook is
answered; somebody dials and chooses a number, until the screen is there. First with an empty outbox, then with
100,000 rows of a broadcast waiting for the same gateway and going out."""


@dataclass
class Waits:
    """Seconds each probe waited."""

    urgent: list[float] = field(default_factory=list)
    text: list[float] = field(default_factory=list)
    screen: list[float] = field(default_factory=list)


def measure(folder: Path, seconds: int, rows: int) -> Section:
    posts = Posts(folder / "posts", 100)
    with outbox.sink(folder / "gateway.log", 5) as address:
        settings = gateways(address.rpartition("/cgi-bin")[0])
        with servers.phlov(posts, folder / "phlov", extra=settings) as server:
            calm = probed(server.port, folder / "gateway.log", seconds)
            outbox.fill(f"sqlite:///{folder}/phlov/var/phlov.db", folder / "phlov" / "var", rows, "smsgate")
            busy = probed(server.port, folder / "gateway.log", seconds)
            left = rows - sum(" +8559" in line for line in (folder / "gateway.log").read_text().splitlines())
    wanted = {"urgent": ("emergency answer at its gateway", 1.0), "text": ("SMS answered", 0.2)}
    wanted["screen"] = ("USSD screen", 0.2)
    figures = [
        Figure(
            f"{words}, p99, {rows:,} rows waiting",
            f"{p99(getattr(busy, kind)) * 1000:.0f} ms",
            f"{p99(getattr(calm, kind)) * 1000:.0f} ms (none waiting)",
            f"{p99(getattr(busy, kind)) / p99(getattr(calm, kind)):.2f}",
            f"≤ {most * 1000:.0f} ms",
            p99(getattr(busy, kind)) <= most,
        )
        for kind, (words, most) in wanted.items()
    ]
    lines = [
        [kind, when, len(found), f"{sorted(found)[len(found) // 2] * 1000:.1f}", f"{p99(found) * 1000:.1f}",
         f"{max(found) * 1000:.1f}"]
        for kind in wanted
        for when, found in (("none waiting", getattr(calm, kind)), ("broadcast", getattr(busy, kind)))
    ]  # fmt: skip
    assert left > 0, "the broadcast was over before the probes were"
    head = ["", "outbox", "probes", "p50 ms", "p99 ms", "max ms"]
    return Section("(g) While a broadcast waits", METHOD, figures, [table(head, lines)])


def gateways(address: str) -> dict[str, str]:
    """Settings for the gateways of the probes; the Android phone is at `address`."""
    return {
        "PHLOV_SMSGATE_URL": address,
        "PHLOV_SMSGATE_USER": "phone",
        "PHLOV_SMSGATE_PASSWORD": "password",
        "PHLOV_SMSGATE_SIGNING_KEY": KEY,
        "PHLOV_SMSGATE_NUMBER": NUMBER,
        "PHLOV_SMSGATE_RATE": "6000",
        "PHLOV_AFRICASTALKING_SECRET": SECRET,
    }


def p99(found: list[float]) -> float:
    return quantiles(found, n=100)[-1]


def probed(port: int, log: Path, seconds: int) -> Waits:
    """Let three kinds of people text for so long."""
    found, asked = Waits(), {}
    lines = [
        threading.Thread(target=paced, args=(seconds, each))
        for each in (
            lambda number: asked.update({phone(number): time.monotonic()}) or received(port, phone(number), "help"),
            lambda number: found.text.append(received(port, phone(number + 500_000), CALM[number % len(CALM)])),
            lambda number: found.screen.append(dialled(port, number)),
        )
    ]
    for line in lines:
        line.start()
    for line in lines:
        line.join()
    time.sleep(2)
    for line in log.read_text().splitlines():
        at, recipient = line.split()
        if recipient in asked:
            found.urgent.append(float(at) - asked.pop(recipient))
    assert not asked, f"{len(asked)} calls for help had no answer"
    return found


def phone(number: int) -> str:
    return f"+8551{number + int(time.monotonic()) % 1000 * 1000:07d}"


def paced(seconds: int, work: Callable[[int], object]) -> None:
    """Do it ten times a second, on time whatever the answers take."""
    began = time.monotonic()
    for number in range(round(seconds / PACE)):
        time.sleep(max(began + number * PACE - time.monotonic(), 0))
        work(number)


def received(port: int, sender: str, words: str) -> float:
    """Seconds until the webhook of a text was answered."""
    told = {"message": words, "sender": sender, "simNumber": 1, "messageId": secrets.token_hex(4)}
    told["receivedAt"] = datetime.now(UTC).isoformat(timespec="milliseconds")
    body = json.dumps({"id": secrets.token_hex(8), "deviceId": "D", "event": "sms:received", "payload": told}).encode()
    stamp = str(int(time.time()))
    signature = hmac.new(KEY.encode(), body + stamp.encode(), sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-Signature": signature, "X-Timestamp": stamp}
    return posted(port, "/webhooks/smsgate", body, headers)


def dialled(port: int, number: int) -> float:
    """Seconds until the screen of a second step came."""
    fields = {"sessionId": secrets.token_hex(8), "serviceCode": "*1280#", "phoneNumber": f"+85597{number:07d}"}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    path = f"/webhooks/africastalking/ussd?secret={SECRET}"
    posted(port, path, urlencode({**fields, "text": ""}).encode(), headers)
    return posted(port, path, urlencode({**fields, "text": "2"}).encode(), headers)


def posted(port: int, path: str, body: bytes, headers: Mapping[str, str]) -> float:
    began = time.monotonic()
    line = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        line.request("POST", path, body, dict(headers))
        answer = line.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
    finally:
        line.close()
    return time.monotonic() - began


MEMORY = """\
`phlov run` on SQLite takes signed texts as in (a), from 20,000 numbers, and answers them, while a broadcast goes out by
the gateway of (g). Memory is the PSS of the process tree, after each eighth of the texts; the first quarter, in which
caches fill, is left out of the growth."""


def memory(folder: Path, texts: int) -> Section:
    """Post until so many texts have been answered, and look at the memory now and then."""
    posts = Posts(folder / "posts", texts + texts // 4)
    steps: list[tuple[int, float]] = []
    with outbox.sink(folder / "gateway.log", 5) as address:
        settings = gateways(address.rpartition("/cgi-bin")[0])
        with servers.phlov(posts, folder / "phlov", extra=settings) as server:
            outbox.fill(f"sqlite:///{folder}/phlov/var/phlov.db", folder / "phlov" / "var", texts // 4, "smsgate")
            while server.answered < texts:
                burst(server, 2, 8)
                if server.answered >= (len(steps) + 1) * texts / 8:
                    steps.append((server.answered, pss_mb(server.process)))
    first, last = steps[1], steps[-1]
    grown = (last[1] - first[1]) / (last[0] - first[0]) * 100_000
    figure = Figure(
        f"memory over {last[0]:,} texts",
        f"{last[1]:.1f} MiB",
        f"{first[1]:.1f} MiB after {first[0]:,}",
        f"{grown:+.1f} MiB a further 100,000",
        "≤ 2 MiB a further 100,000",
        grown <= 2,
    )
    rows = [[f"{count:,}", f"{size:.1f}"] for count, size in steps]
    return Section("(i) Memory", MEMORY, [figure], [table(["texts", "PSS MiB"], rows)])
