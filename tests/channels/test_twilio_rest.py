"""Sending by Twilio's API, against a small server on this machine: what is asked, and what each answer means."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from peer import drips, hangs_up, holds, listening, nobody, raw, says, then
from signed import ACCOUNT, NUMBER, PUBLIC, TOKEN, WORKER, channel, sid

from bot.channels import Asking, twilio_rest
from bot.channels.twilio import Remembering, wire
from bot.config import Settings
from bot.protocol import Outbound, SendError, Sent
from bot.store import ids

TEXT = Outbound(42, "twilio", WORKER, "ជំនួយ 1280", 1)


def error(code: int | None, status: int) -> bytes:
    return json.dumps({"code": code, "message": f"about {WORKER}", "more_info": "x", "status": status}).encode()


def test_a_text_is_handed_over():
    message = sid()
    with listening(says(201, json.dumps({"sid": message, "status": "queued"}).encode())) as peer:
        assert channel(api_url=peer.url).send(TEXT) == Sent(message)
    (request,) = peer.asked
    assert request.path == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    assert request.headers["authorization"].startswith("Basic ")
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert request.form == {
        "To": [WORKER],
        "From": [NUMBER],
        "Body": ["ជំនួយ 1280"],
        "StatusCallback": [f"{PUBLIC}/webhooks/twilio/status?ref=42"],
        "SmartEncoded": ["false"],
    }


CREATED = says(201, b'{"sid":"SM1"}')


@pytest.mark.parametrize(("seconds", "least", "most"), [(600, 590, 600), (90_000, 36_000, 36_000)])
def test_twilio_drops_what_nobody_wants_any_more(seconds, least, most):
    until = datetime.now(UTC) + timedelta(seconds=seconds)
    with listening(CREATED) as peer:
        channel(api_url=peer.url).send(Outbound(42, "twilio", WORKER, "a", 1, valid_until=until))
    assert least <= int(peer.asked[0].form["ValidityPeriod"][0]) <= most


def test_a_text_whose_time_is_over_is_not_sent():
    with listening(CREATED) as peer, pytest.raises(SendError) as failure:
        channel(api_url=peer.url).send(Outbound(42, "twilio", WORKER, "a", 1, valid_until=datetime.now(UTC)))
    assert peer.asked == []
    assert (failure.value.retry, failure.value.sent, failure.value.cause) == (False, "no", "expired")


def settings(**more: str) -> Settings:
    return Settings(
        twilio_account_sid=ACCOUNT, twilio_auth_token=TOKEN, twilio_number=NUMBER, public_url=PUBLIC, **more
    )


def test_twilio_can_be_told_to_keep_nothing():
    with listening(CREATED) as peer:
        told = wire(
            settings(
                twilio_api_url=peer.url,
                twilio_content_retention="discard",
                twilio_address_retention="obfuscate",
            )
        )
        told.send(TEXT)
        wire(settings(twilio_api_url=peer.url)).send(TEXT)
    kept_less, kept = (asked.form for asked in peer.asked)
    assert (kept_less["ContentRetention"], kept_less["AddressRetention"]) == (["discard"], ["obfuscate"])
    assert not {"ContentRetention", "AddressRetention"} & set(kept)


@pytest.mark.parametrize(
    ("more", "asking"),
    [
        ({}, True),
        ({"twilio_content_retention": "retain", "twilio_address_retention": "retain"}, True),
        ({"twilio_content_retention": "discard"}, False),
        ({"twilio_address_retention": "obfuscate"}, False),
    ],
)
def test_a_twilio_that_keeps_nothing_cannot_be_asked(more, asking):
    assert isinstance(wire(settings(**more)), Asking) == asking


@pytest.mark.parametrize(
    ("status", "body", "retry", "sent", "cause"),
    [
        (400, error(21610, 400), False, "no", "opted_out"),
        (400, error(21211, 400), False, "no", "bad_number"),
        (400, error(21614, 400), False, "no", "bad_number"),
        (400, error(21408, 400), False, "no", "blocked"),
        (400, error(21612, 400), False, "no", "blocked"),
        (400, error(21617, 400), False, "no", "too_long"),
        (400, error(99999, 400), False, "no", "unknown"),
        (400, error(30003, 400), True, "no", "unreachable"),
        (400, error(30005, 400), False, "no", "bad_number"),
        (400, error(30007, 400), False, "no", "blocked"),
        (400, error(30008, 400), True, "no", "unknown"),
        (400, error(30018, 400), True, "no", "config"),
        (400, error(21606, 400), True, "no", "config"),
        (400, error(21611, 400), True, "no", "throttled"),
        (400, b'{"code": "21610"}', False, "no", "unknown"),
        (401, error(20003, 401), True, "no", "config"),
        (403, error(99999, 403), True, "no", "config"),
        (404, b"no such page", True, "no", "config"),
        (404, error(20404, 404), False, "no", "unknown"),
        (429, error(20429, 429), True, "no", "throttled"),
        (429, error(None, 429), True, "no", "throttled"),
        (302, b"", True, "no", "config"),
        (500, error(20500, 500), True, "unknown", "unknown"),
        (503, b"<html>", True, "unknown", "unknown"),
        (200, b"junk", True, "unknown", "unknown"),
        (201, b"junk", True, "unknown", "unknown"),
        (201, b"{}", True, "unknown", "unknown"),
        (201, b"[]", True, "unknown", "unknown"),
        (201, b"null", True, "unknown", "unknown"),
    ],
)
def test_what_an_answer_means(status, body, retry, sent, cause):
    with listening(says(status, body, Retry_After="7")) as peer, pytest.raises(SendError) as failure:
        channel(api_url=peer.url).send(TEXT)
    assert len(peer.asked) == 1, "a text must not be posted twice"
    assert (failure.value.retry, failure.value.sent, failure.value.cause) == (retry, sent, cause)
    assert failure.value.after == (None if status < 300 else 7)
    assert WORKER not in str(failure.value)


def test_nobody_listens():
    with nobody() as url, pytest.raises(SendError) as failure:
        channel(api_url=url).send(TEXT)
    assert (failure.value.retry, failure.value.sent, failure.value.cause) == (True, "no", "network")


@pytest.mark.parametrize(
    "behaviour",
    [holds, hangs_up, drips(b"HTTP/1.1 201 X\r\nContent-Length: 90\r\n\r\n" + b"x" * 90, 0.01),
     then(raw(b"HTTP/1.1 201 X\r\nContent-Length: 90\r\n\r\n{"), hangs_up)],
    ids=["no answer", "hangs up", "drops", "half"],
)  # fmt: skip
def test_an_answer_that_does_not_come_whole_and_in_time(monkeypatch, behaviour):
    monkeypatch.setattr(twilio_rest, "TIMEOUT", 0.3)
    with listening(behaviour) as peer, pytest.raises(SendError) as failure:
        channel(api_url=peer.url).send(TEXT)
    assert len(peer.asked) == 1
    assert (failure.value.retry, failure.value.sent) == (True, "unknown")


def test_nothing_of_a_request_is_logged(caplog):
    caplog.set_level(0)
    with listening(says(400, error(21610, 400))) as peer, pytest.raises(SendError):
        channel(api_url=peer.url).send(TEXT)
    assert WORKER.removeprefix("+") not in caplog.text
    assert TOKEN not in caplog.text


def test_the_client_waits_ten_seconds_at_most_and_speaks_to_twilio():
    client = twilio_rest.connect(ACCOUNT, TOKEN, None)
    assert client.http_client.timeout == 10
    assert (client.http_client._lines.host, client.http_client._lines.scheme) == ("api.twilio.com", "https")


# Asking what became of a text

MADE = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
LOST = Outbound(int(MADE.timestamp() * 1000) << ids.RANDOM_BITS, "twilio", WORKER, "ជំនួយ 1280", 1)


def asked(url: str) -> Remembering:
    return Remembering(ACCOUNT, TOKEN, NUMBER, PUBLIC, api_url=url)


def listed(*messages: tuple[str, str, float]) -> bytes:
    """Messages as (sid, body, seconds after the text's row was made)."""
    rows = [
        {"sid": name, "body": body, "date_sent": None,
         "date_created": format_datetime(MADE + timedelta(seconds=late))}
        for name, body, late in messages
    ]  # fmt: skip
    return json.dumps({"messages": rows, "page": 0, "page_size": 50, "next_page_uri": None}).encode()


def test_ids_tell_when_a_row_was_made():
    assert twilio_rest.ID_RANDOM_BITS == ids.RANDOM_BITS


@pytest.mark.parametrize(
    ("messages", "found"),
    [
        ((), None),
        ((("SM1", LOST.text, 3),), Sent("SM1")),
        ((("SM2", "another", 9), ("SM1", LOST.text, 3)), Sent("SM1")),
        ((("SM1", LOST.text, -30),), Sent("SM1")),
        ((("SM1", LOST.text, -3600),), None),
        ((("SM1", "another", 3),), None),
        ((("", LOST.text, 3),), None),
    ],
    ids=["none", "it", "it among others", "clocks differ", "the same words an hour before", "other words", "no name"],
)
def test_a_lost_text_is_looked_for(messages, found):
    with listening(says(200, listed(*messages))) as peer:
        assert asked(peer.url).ask(LOST) == found
    (request,) = peer.asked
    assert request.method == "GET"
    assert request.query == {"To": [WORKER], "From": [NUMBER], "PageSize": ["50"]}


@pytest.mark.parametrize(
    "behaviour", [says(500), says(401, error(20003, 401)), says(200, b"junk"), says(200, b"{}"), hangs_up]
)
def test_a_twilio_that_does_not_say(behaviour):
    with listening(behaviour) as peer, pytest.raises(SendError) as failure:
        asked(peer.url).ask(LOST)
    assert failure.value.retry


def test_a_lost_text_without_a_date_is_taken_for_it():
    body = json.dumps({"messages": [{"sid": "SM1", "body": LOST.text, "date_created": None}], "next_page_uri": None})
    with listening(says(200, body.encode())) as peer:
        assert asked(peer.url).ask(LOST) == Sent("SM1")
