"""D5: no number and no text of a person in any log, traceback, metric or health page, whatever happens."""

import logging
import sys
import threading

import pytest
import structlog
from signed import NUMBER, channel, form, request

from bot.channels.twilio import SMS
from bot.config import Settings
from bot.content.loader import load
from bot.conversation.understand import Reader
from bot.log import log, set_up
from bot.services import inbox
from bot.services.service import Service
from bot.store.crypto import Vault
from bot.store.errors import Busy
from bot.web.metrics import Metrics
from bot.web.site import create
from bot.worker import purge

WHO = "+66855500{:04}"
CANARIES = ("66855500", "zqcanary", "កាណារី", "0855500")


@pytest.fixture
def logs(capfd, monkeypatch):
    """Logging as in production, put back afterwards."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    handlers, level = logging.root.handlers[:], logging.root.level
    set_up("json")
    yield capfd
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def house(database, clock):
    book = load()
    return Service(database, Vault(bytes(32)), book, Reader(book), clock, frozenset({NUMBER}))


@pytest.fixture
def client(house):
    return create(house, {"twilio": channel()}, Metrics(), Settings()).test_client()


def say(client, text: str, number: int = 1, **more: str) -> int:
    wanted = request(form(text, WHO.format(number)), **more)
    return client.post(SMS, data=wanted.body, headers=dict(wanted.headers)).status_code


TEXTS = [
    "help zqcanary", "zqcanary", "កាណារី ជំនួយ", "my boss zqcanary took my passport", "STOP", "HELP", "erase", "START",
    "1", "កាណារី", "zqcanary\0\u202e", "From+66855500123",
]  # fmt: skip


def test_nothing_of_a_person_is_ever_told(logs, house, client, clock, monkeypatch):
    statuses = {say(client, text, number) for number, text in enumerate(TEXTS * 2)}
    statuses.add(say(client, "zqcanary", 3, signature="zqcanary"))
    statuses.add(
        client.post(SMS, data="zqcanary=66855500&%FF", content_type="application/x-www-form-urlencoded").status_code
    )
    statuses.add(client.post("/canary/66855500?canary", data="zqcanary").status_code)
    monkeypatch.setattr(inbox, "step", fail(ZeroDivisionError("zqcanary +66855500")))
    statuses.add(say(client, "zqcanary"))
    monkeypatch.setattr(inbox, "receive", fail(Busy("zqcanary +66855500")))
    statuses.add(say(client, "zqcanary"))
    assert statuses == {200, 400, 403, 404, 500, 503}
    pages = [client.get(path).text for path in ("/metrics", "/healthz", "/readyz")]
    purge(house)
    clock.forward(days=40)
    purge(house)
    logging.getLogger("some.library").warning("zqcanary %s", WHO)
    logging.getLogger("some.library").error("zqcanary", exc_info=ValueError("zqcanary"))
    thread = threading.Thread(target=fail(ValueError("zqcanary")))
    thread.start()
    thread.join()
    sys.excepthook(ValueError, ValueError("zqcanary"), None)
    told = logs.readouterr()
    assert "webhook failed" in told.err
    assert "some.library" in told.err
    for canary in CANARIES:
        assert canary not in told.out + told.err + "".join(pages)


def test_the_watch_would_see_a_canary(logs):
    log.info("zqcanary")
    assert "zqcanary" in logs.readouterr().err


def fail(error: Exception):
    def failing(*_: object, **__: object) -> None:
        raise error

    return failing
