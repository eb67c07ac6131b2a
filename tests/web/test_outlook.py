"""What `/readyz` and `/metrics` say of the outbox and of the gateways; nothing of it is about a person."""

from datetime import UTC, datetime
from functools import partial

import pytest
from signed import channel

from bot.channels import Condition
from bot.config import Settings
from bot.protocol import Inbound, Response
from bot.services import health, inbox
from bot.services.health import Pulse
from bot.store import gateways
from bot.web.metrics import Metrics
from bot.web.site import create


@pytest.fixture
def pulse():
    return Pulse()


@pytest.fixture
def client(service, pulse):
    metrics = Metrics()
    metrics.watch(service, pulse)
    metrics.outcome("kannel", "sent", 3)
    metrics.fetched("gammu", "answered", 2)
    look = partial(health.look, service, ("kannel",), pulse)
    return create(service, {"twilio": channel()}, metrics, Settings(), look=look).test_client()


def test_what_waits_is_counted_by_gateway_and_priority(client, service):
    text = Inbound("kannel", "+85512345678", "help", "n1", datetime.now(UTC))
    inbox.receive(service, text, lambda *_: Response(200), inline=False)
    page = client.get("/metrics").text
    assert 'phlov_outbox_texts{channel="kannel",priority="emergency",state="queued"} 1.0' in page
    assert 'phlov_outbox_age_seconds{channel="kannel",priority="emergency",state="queued"} 0.' in page
    assert 'phlov_outbound_total{channel="kannel",outcome="sent"} 3.0' in page
    assert 'phlov_inbound_total{channel="gammu",outcome="answered"} 1.0' in page
    assert "12345678" not in page


def test_gateways_show_their_gauges_and_pauses(client, service, pulse):
    now = service.now()
    service.database.write(lambda tx: gateways.pause(tx, "kannel", now + 60_000, "has no credit", now))
    pulse.seen("gammu", Condition("the signal is weak", (("signal", 7.0), ("battery", 90.0))))
    page = client.get("/metrics").text
    assert 'phlov_gateway_paused{channel="kannel"} 1.0' in page
    assert 'phlov_gateway_signal{channel="gammu"} 7.0' in page
    assert 'phlov_gateway_battery{channel="gammu"} 90.0' in page


def test_readyz_says_why_nobody_in_danger_would_be_answered(client, service):
    assert (client.get("/readyz").status_code, client.get("/readyz").text) == (200, "ready\n")
    now = service.now()
    service.database.write(lambda tx: gateways.note(tx, "kannel", "the signal is weak", now))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.text) == (200, "ready\nwarning: kannel: the signal is weak\n")
    service.database.write(lambda tx: gateways.pause(tx, "kannel", now + 60_000, "has no credit", now))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.text.splitlines()[0] == "no gateway takes emergency answers now: kannel"
    assert answer.text.splitlines()[1].startswith("warning: kannel: has no credit; tried again in ")


def test_readyz_does_not_wait_for_somebody_in_danger_to_find_a_dead_gateway(client, pulse):
    pulse.seen("kannel", Condition("Kannel does not answer", dead=True))
    assert client.get("/readyz").status_code == 503
    assert client.get("/readyz").text == "no gateway takes emergency answers now: kannel\n"
    pulse.seen("kannel", Condition())
    assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_database_that_cannot_be_read_leaves_the_counts(client, service, monkeypatch):
    from bot.store.errors import Unwritten  # noqa: PLC0415

    def broken(*_):
        raise Unwritten("SQLite refused: disk I/O error")

    monkeypatch.setattr(type(service.database), "read", broken)
    page = client.get("/metrics")
    assert page.status_code == 200
    assert "phlov_outbound_total" in page.text
    assert "phlov_outbox_texts" not in page.text
    assert client.get("/readyz").status_code == 503
