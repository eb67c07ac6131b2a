"""Prepared webhook requests: what Twilio would post, each signed, no two alike."""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

PUBLIC_URL = "http://127.0.0.1:8000"
"""The URL Twilio believes it posts to. Servers listen on other ports; the Host header says this one."""
PATH = "/webhooks/twilio/sms"
ACCOUNT = "AC" + "5a" * 16
TOKEN = "0123456789abcdef0123456789abcdef"
OWN_NUMBER = "+15005550006"
PEOPLE = 20_000
QUESTIONS = Path(__file__).parent.parent / "tests" / "questions-dev.tsv"

WORDS = ("help", "HELP", "Help!", "menu", "MENU", "hello", "costs", "ជំនួយ", "ម៉ឺនុយ", "សួស្តី", "chuoy", "chum nuoy")
DIGITS = ("1", "2", "3", "4", "5", "១", "២", "៣", "2.", "0")
FAMILIES = (
    "Sok",
    "Chea",
    "Kim",
    "Heng",
    "Ly",
    "Meas",
    "Nhem",
    "Ouk",
    "Prak",
    "Sam",
    "Tep",
    "Ung",
    "Yim",
    "Keo",
    "Chan",
)
FAMILIES_KM = ("សុខ", "ជា", "គឹម", "ហេង", "លី", "មាស", "ញ៉ែម", "អ៊ុក", "ប្រាក់", "សំ", "ទេព", "អ៊ឹង", "យឹម", "កែវ", "ចាន់")
GIVEN = (
    "Dara",
    "Sophea",
    "Bopha",
    "Rith",
    "Vanna",
    "Srey",
    "Piseth",
    "Kosal",
    "Maly",
    "Nary",
    "Phalla",
    "Rany",
    "Thida",
)
GIVEN_KM = ("តារា", "សុភា", "បុប្ផា", "ឫទ្ធិ", "វណ្ណា", "ស្រី", "ពិសិដ្ឋ", "កុសល", "ម៉ាលី", "ណារី", "ផល្លា", "រ៉ានី", "ធីតា")
"""Names to sign with, so that hardly any two sentences are the same."""
PREFIXES = ("+855129", "+855129", "+855129", "+669812", "+601234", "+821012", "+819012")
"""Where people write from: three in seven at home, the others from Thailand, Malaysia, Korea and Japan."""


@dataclass(frozen=True, slots=True)
class Text:
    """One text and how people come to write it: `word`, `digit` or `sentence`."""

    kind: str
    body: str


def people() -> list[str]:
    """The E.164 numbers that write; the same ones in every run."""
    lengths = {"+855129": 5, "+669812": 5, "+601234": 5, "+821012": 6, "+819012": 6}
    return [
        f"{prefix}{number % 10 ** lengths[prefix]:0{lengths[prefix]}d}"
        for number in range(PEOPLE)
        for prefix in [PREFIXES[number % len(PREFIXES)]]
    ]


def sentences() -> list[str]:
    """Real questions in three scripts. Those that end a conversation for good are left out, or nobody would be left."""
    with QUESTIONS.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t")
        return [row["text"] for row in rows if row["topic"] not in {"stop", "erase"}]


def texts(seed: int) -> Iterator[Text]:
    """The mixture for ever: 3 exact words, 3 menu numbers and 4 signed sentences in ten."""
    chance = random.Random(seed)
    pools = {"word": WORDS, "digit": DIGITS, "sentence": tuple(sentences())}
    kinds = ["word"] * 3 + ["digit"] * 3 + ["sentence"] * 4
    while True:
        kind = chance.choice(kinds)
        body = chance.choice(pools[kind])
        yield Text(kind, signed(body, chance) if kind == "sentence" else body)


def signed(sentence: str, chance: random.Random) -> str:
    """The sentence with the writer's name at its end, in its own script."""
    khmer = any("\u1780" <= char <= "\u17ff" for char in sentence)
    families, given = (FAMILIES_KM, GIVEN_KM) if khmer else (FAMILIES, GIVEN)
    return f"{sentence} {chance.choice(families)} {chance.choice(given)} {chance.choice(given)}"


def form(serial: int, sender: str, text: str) -> dict[str, str]:
    """The 20 fields Twilio sends with an SMS to a number of a messaging service."""
    sid = f"SM{serial:032x}"
    return {
        "ToCountry": "US",
        "ToState": "",
        "SmsMessageSid": sid,
        "NumMedia": "0",
        "ToCity": "",
        "FromZip": "",
        "SmsSid": sid,
        "FromState": "",
        "SmsStatus": "received",
        "FromCity": "",
        "Body": text,
        "FromCountry": "KH",
        "To": OWN_NUMBER,
        "MessagingServiceSid": "MG" + "7b" * 16,
        "ToZip": "",
        "NumSegments": "1",
        "MessageSid": sid,
        "AccountSid": ACCOUNT,
        "From": sender,
        "ApiVersion": "2010-04-01",
    }


def raw(validator: RequestValidator, fields: dict[str, str]) -> bytes:
    """The HTTP request as it goes over the wire."""
    body = urlencode(fields).encode()
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: {re.sub('^https?://', '', PUBLIC_URL)}\r\n"
        f"X-Twilio-Signature: {validator.compute_signature(PUBLIC_URL + PATH, fields)}\r\n"
        f"User-Agent: TwilioProxy/1.1\r\nAccept: */*\r\nI-Twilio-Idempotency-Token: {fields['MessageSid']}\r\n"
        f"Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Posts:
    """A file of requests for `post.lua`, each after a line with its length; every server gets them from the first."""

    def __init__(self, path: Path, count: int, *, senders: Sequence[str] | None = None, seed: int = 1) -> None:
        self.path = path
        self.offsets: list[int] = []
        senders = list(senders or people())
        random.Random(seed).shuffle(senders)  # all in turn: nobody writes so often that the guards fall silent
        validator = RequestValidator(TOKEN)
        mixture = texts(seed)
        with path.open("wb") as file:
            for serial in range(count):
                request = raw(validator, form(seed << 64 | serial, senders[serial % len(senders)], next(mixture).body))
                self.offsets.append(file.tell())
                file.write(b"%d\n%b" % (len(request), request))

    def bytes_of(self, serial: int) -> bytes:
        """One request alone, to try a server with."""
        with self.path.open("rb") as file:
            file.seek(self.offsets[serial])
            return file.read(int(file.readline()))
