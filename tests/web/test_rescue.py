"""A call for help while nothing can be kept."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from signed import channel, form, request

from bot.channels.africastalking import AfricasTalking
from bot.channels.kinds import wire
from bot.channels.twilio import Twilio
from bot.config import Settings
from bot.protocol import Outbound, SendError, Sent
from bot.services import inbox
from bot.store.errors import Busy
from bot.web.metrics import Metrics
from bot.web.site import create

SECRET = "a-secret-only-they-and-we-know"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Outbound]:
    """What the gateway is given; nothing can be kept meanwhile."""
    found: list[Outbound] = []

    def fail(*_: object, **__: object) -> None:
        raise Busy("for a test")

    def send(_: Twilio, outbound: Outbound) -> Sent:
        found.append(outbound)
        return Sent("SM1")

    monkeypatch.setattr(inbox, "receive", fail)
    monkeypatch.setattr(Twilio, "send", send)
    return found


def test_it_is_answered_and_not_said_to_be_taken(post: Callable, sent: list[Outbound]) -> None:
    assert post(request(form("help me, boss beats me", "+66812345678"))).status_code == 503
    (text,) = sent
    assert (text.recipient, text.priority, text.parts) == ("+66812345678", 0, 1)
    assert "191" in text.text


def test_the_same_person_is_answered_once_in_ten_minutes(post: Callable, sent: list[Outbound]) -> None:
    for _ in range(3):
        assert post(request(form("help"))).status_code == 503
    assert len(sent) == 1


@pytest.mark.parametrize("words", ["costs", "stop", "hello", "Your code is 123456"])
def test_nothing_else_is(post: Callable, sent: list[Outbound], words: str) -> None:
    assert post(request(form(words))).status_code == 503
    assert sent == []


def test_a_gateway_that_is_away_too_changes_nothing(
    post: Callable, sent: list[Outbound], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise SendError("away", retry=True, sent="no", cause="network")

    monkeypatch.setattr(Twilio, "send", refuse)
    assert post(request(form("help"))).status_code == 503


@pytest.mark.parametrize(("entered", "shown"), [("", "CON "), ("1*1", "CON "), ("1*1", "191")])
def test_screens_are_shown_all_the_same(service: object, sent: list[Outbound], entered: str, shown: str) -> None:
    wired = wire(Settings(africastalking_secret=SECRET))["africastalking"]
    assert isinstance(wired, AfricasTalking)
    client = create(service, {wired.name: wired, "twilio": channel()}, Metrics(), Settings()).test_client()
    fields = {"sessionId": "a", "serviceCode": "*1280#", "phoneNumber": "+66812345678", "text": entered}
    answer = client.post(f"/webhooks/africastalking/ussd?secret={SECRET}", data=fields)
    assert answer.status_code == 200
    assert shown in answer.text


def test_a_screen_that_must_be_remembered_is_not_promised(service: object, sent: list[Outbound]) -> None:
    wired = wire(Settings(africastalking_secret=SECRET))["africastalking"]
    client = create(service, {wired.name: wired}, Metrics(), Settings()).test_client()
    fields = urlencode({"sessionId": "a", "serviceCode": "*1280#", "phoneNumber": "+66812345678", "text": "stop"})
    kind = "application/x-www-form-urlencoded"
    answer = client.post(f"/webhooks/africastalking/ussd?secret={SECRET}", data=fields, content_type=kind)
    assert answer.status_code == 503
