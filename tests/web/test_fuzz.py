"""W7: ten thousand bodies in five content types, signed and not. None may lead to a 5xx or an uncaught error."""

import random
import time
from urllib.parse import parse_qsl, urlencode

import pytest
from signed import PUBLIC, form, headers, sign

from bot.channels.twilio import SMS

KINDS = [
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=UTF-8",
    "application/json",
    "multipart/form-data; boundary=x",
    "text/plain",
]
BITS = [
    "\0", "\ud7ff", "\u202e", "\u200b", "\U000e0041", "a\u0301" * 40, "%FF", "%", "+", "&", "=", "<>]]>", "\r\n",
    "ជំនួយ", "ស្រ្តី", "STOP", "1", "១", "HELP", "From+85512345678", "\U0001f600", "x" * 500, "\x1b", "\x7f", "\ufffe",
]  # fmt: skip
BODIES = 10_000


def texts(chance: random.Random) -> str:
    return "".join(chance.choice(BITS) for _ in range(chance.randint(0, 6)))[:1600]


def body(chance: random.Random) -> tuple[bytes, bool]:
    """A body, and whether it is a form to be signed."""
    way = chance.randrange(5)
    if way == 0:
        return chance.randbytes(chance.randint(0, 400)), False
    fields = form(texts(chance), f"+6681{chance.randrange(10**7):07}")
    if way == 1:
        fields[chance.choice([*fields])] = texts(chance)
    if way == 2:
        fields = dict(chance.sample([*fields.items()], chance.randint(0, len(fields))))
    made = bytearray(urlencode(fields).encode())
    if way == 3 and made:
        for _ in range(chance.randint(1, 5)):
            made[chance.randrange(len(made))] = chance.randrange(256)
        return bytes(made), False
    return bytes(made), True


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_body_breaks_the_house(client):
    chance = random.Random(7)
    client.application.testing = True  # an uncaught error is raised here, not hidden in a 500
    seen: dict[int, int] = {}
    began = time.monotonic()
    for _ in range(BODIES):
        data, sound = body(chance)
        signature = sign(PUBLIC + SMS, parse_qsl(data.decode(), True)) if sound else "x"
        kind = chance.choice(KINDS) if chance.random() < 0.4 else KINDS[0]
        given = {**headers(signature), "content-type": kind}
        status = client.post(SMS, data=data, headers=given).status_code
        seen[status] = seen.get(status, 0) + 1
    assert set(seen) <= {200, 400, 403, 413, 415}, seen
    assert min(seen[200], seen[400], seen[403], seen[415]) > 500, seen
    assert time.monotonic() - began < 240
