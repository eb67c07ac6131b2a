"""Sending by Twilio's API, against a small server on this machine: what is asked, and what each answer means."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

import pytest
from signed import ACCOUNT, NUMBER, PUBLIC, TOKEN, WORKER, channel, sid

from bot.channels import twilio_rest
from bot.protocol import Outbound, SendError, Sent

TEXT = Outbound(42, "twilio", WORKER, "ជំនួយ 1280", 1)


@contextmanager
def answering(status: int, body: bytes, *, late: bool = False) -> Iterator[tuple[str, list[dict]]]:
    """A server that gives every request this answer; its address and what it was asked."""
    asked: list[dict] = []
    hold = threading.Event()

    class Api(BaseHTTPRequestHandler):
        def do_POST(self):
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            asked.append({"path": self.path, "form": form, "login": self.headers["Authorization"]})
            if late:
                hold.wait(5)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Api) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            hold.set()
            server.shutdown()
            thread.join()


def error(code: int | None, status: int) -> bytes:
    return json.dumps({"code": code, "message": f"about {WORKER}", "more_info": "x", "status": status}).encode()


def test_a_text_is_handed_over():
    message = sid()
    with answering(201, json.dumps({"sid": message, "status": "queued"}).encode()) as (url, asked):
        assert channel(api_url=url).send(TEXT) == Sent(message)
    (request,) = asked
    assert request["path"] == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    assert request["login"].startswith("Basic ")
    assert request["form"] == {
        "To": [WORKER],
        "From": [NUMBER],
        "Body": ["ជំនួយ 1280"],
        "StatusCallback": [f"{PUBLIC}/webhooks/twilio/status?ref=42"],
        "SmartEncoded": ["false"],
    }


@pytest.mark.parametrize(
    ("status", "body", "retry", "sent"),
    [
        (400, error(21610, 400), False, "no"),
        (400, error(21211, 400), False, "no"),
        (400, error(21614, 400), False, "no"),
        (400, error(21408, 400), False, "no"),
        (400, error(21612, 400), False, "no"),
        (400, error(21617, 400), False, "no"),
        (400, error(99999, 400), False, "no"),
        (400, error(21606, 400), True, "no"),
        (400, error(21611, 400), True, "no"),
        (401, error(20003, 401), True, "no"),
        (404, b"no such page", False, "no"),
        (429, error(20429, 429), True, "no"),
        (429, error(None, 429), True, "no"),
        (500, error(20500, 500), True, "unknown"),
        (503, b"<html>", True, "unknown"),
        (200, b"junk", True, "unknown"),
        (201, b"junk", True, "unknown"),
        (201, b"{}", True, "unknown"),
        (201, b"[]", True, "unknown"),
        (201, b"null", True, "unknown"),
    ],
)
def test_what_an_answer_means(status, body, retry, sent):
    with answering(status, body) as (url, asked), pytest.raises(SendError) as failure:
        channel(api_url=url).send(TEXT)
    assert len(asked) == 1, "a text must not be posted twice"
    assert (failure.value.retry, failure.value.sent) == (retry, sent)
    assert WORKER not in str(failure.value)


def test_nobody_listens():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        with pytest.raises(SendError) as failure:
            channel(api_url=url).send(TEXT)
    assert (failure.value.retry, failure.value.sent) == (True, "no")


def test_an_answer_that_does_not_come_in_time(monkeypatch):
    monkeypatch.setattr(twilio_rest, "TIMEOUT", 0.2)
    with answering(201, b"{}", late=True) as (url, asked), pytest.raises(SendError) as failure:
        channel(api_url=url).send(TEXT)
    assert len(asked) == 1
    assert (failure.value.retry, failure.value.sent) == (True, "unknown")


def test_a_line_that_breaks_after_the_text_was_said():
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"

        def hang_up():
            line, _ = server.accept()
            line.recv(65536)
            line.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(SendError) as failure:
            channel(api_url=url).send(TEXT)
        thread.join()
    assert (failure.value.retry, failure.value.sent) == (True, "unknown")


def test_nothing_of_a_request_is_logged(caplog):
    caplog.set_level(0)
    with answering(400, error(21610, 400)) as (url, _), pytest.raises(SendError):
        channel(api_url=url).send(TEXT)
    assert WORKER.removeprefix("+") not in caplog.text
    assert TOKEN not in caplog.text


def test_the_client_waits_ten_seconds_at_most():
    client = twilio_rest.connect(ACCOUNT, TOKEN, None)
    assert client.http_client.timeout == 10
