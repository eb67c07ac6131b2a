"""Forms of the console that bring a file: read as they come, never beyond what they may have, and no others."""

from __future__ import annotations

import pytest

from bot.config import Settings
from bot.web.metrics import Metrics
from bot.web.site import LARGE, PIECE, create

PATH = next(iter(LARGE))
PATIENT = 60_000


@pytest.fixture
def database_url(tmp_path) -> str:
    """None of this reaches a database."""
    return f"sqlite:///{tmp_path / 'phlov.db'}"


@pytest.fixture
def heard() -> list[bytes]:
    """The pieces in which a form came."""
    return []


@pytest.fixture
def client(service, heard):
    def console(environ, start):
        while piece := environ["wsgi.input"].read(1 << 30):
            heard.append(piece)
        start("200 OK", [])
        return [b""]

    return create(service, {}, Metrics(), Settings(), console=lambda: console).test_client()


class Body:
    """Gives what is asked for, and remembers how much that was."""

    def __init__(self, content: bytes) -> None:
        self.content, self.asked = content, []

    def read(self, size: int = -1) -> bytes:
        self.asked.append(size)
        piece, self.content = self.content[:size], self.content[size:]
        return piece


def post(client, path: str, length: str | None, body: bytes = b""):
    wanted = Body(body)
    given = {"wsgi.input": wanted, "CONTENT_LENGTH": length if length is not None else ""}
    answer = client.open(path, method="POST", environ_overrides=given)
    return answer.status_code, wanted.asked


def test_a_file_is_read_piece_by_piece(client, heard):
    body = bytes(range(256)) * 1000
    status, asked = post(client, PATH, str(len(body)), body)
    assert (status, b"".join(heard)) == (200, body)
    assert max(map(len, heard)) == max(asked) == PIECE


def test_no_more_is_read_than_was_said(client, heard):
    assert post(client, PATH, "5", b"123456789")[0] == 200
    assert b"".join(heard) == b"12345"


@pytest.mark.parametrize(
    ("path", "length", "status"),
    [
        (PATH, str(LARGE[PATH] + 1), 413),
        (PATH, None, 411),
        (PATH, "many", 400),
        (f"{PATH}/7/confirm", str(PATIENT), 413),
        ("/console/staff/add", str(PATIENT), 413),
    ],
    ids=["long", "no length", "no number", "below", "other"],
)
def test_what_is_too_long_or_does_not_say_is_not_read(client, heard, path, length, status):
    assert post(client, path, length, b"x" * 100) == (status, [])
    assert heard == []


def test_a_form_that_breaks_off_ends(client, heard):
    assert post(client, PATH, "100", b"x" * 10)[0] == 200
    assert b"".join(heard) == b"x" * 10
