"""Nobody who said stop, was erased or never wrote gets a text they did not ask for."""

import pytest
import unasked
from sqlalchemy import select

from bot.phone import NotAPhone
from bot.store.statements import Statement
from bot.store.tables import Outbound

STAYS, STOPPED, ERASED, STRANGER = "+85512345678", "+85512345679", "+85512345670", "+85512345671"


def test_only_those_who_may_be_texted_are(service, text):
    text("hello", sender=STAYS)
    text("STOP", sender=STOPPED)
    text("ERASE", sender=ERASED)
    everyone = [STAYS, STOPPED, ERASED, STRANGER]
    assert unasked.suppressed(service, everyone) == {STOPPED, ERASED, STRANGER}
    assert unasked.queue(service, "twilio", "news", [*everyone, STAYS]) == 1
    queued = Statement(lambda _: select(Outbound.priority).where(Outbound.inbound_id.is_(None)))
    assert service.database.read(lambda tx: tx.all(queued)) == [(2,)]


def test_a_list_with_a_mistake_queues_nothing(service, text):
    text("hello", sender=STAYS)
    with pytest.raises(NotAPhone):
        unasked.queue(service, "twilio", "news", [STAYS, "nobody"])


def test_a_broadcast_that_was_cut_off_goes_on_where_it_was(service, text, monkeypatch):
    people = [f"+8551234{number:04}" for number in range(5)]
    for person in people:
        text("hello", sender=person)
    monkeypatch.setattr(unasked, "PAGE", 2)
    window = unasked.Window(service.now(), service.now() + 1000, service.now())
    assert unasked.queue(service, "twilio", "news", people[:3], window) == 3
    assert unasked.queue(service, "twilio", "news", people, window) == 2
    assert unasked.queue(service, "twilio", "more news", people, window._replace(begun=window.begun + 1)) == 5
