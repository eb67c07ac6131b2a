"""Nobody who said stop, was erased or never wrote gets a text they did not ask for."""

import pytest
from sqlalchemy import select

from bot.phone import NotAPhone
from bot.services import broadcasts
from bot.store.statements import Statement
from bot.store.tables import Outbound

STAYS, STOPPED, ERASED, STRANGER = "+85512345678", "+85512345679", "+85512345670", "+85512345671"


def test_only_those_who_may_be_texted_are(service, text):
    text("hello", sender=STAYS)
    text("STOP", sender=STOPPED)
    text("ERASE", sender=ERASED)
    everyone = [STAYS, STOPPED, ERASED, STRANGER]
    assert broadcasts.suppressed(service, everyone) == {STOPPED, ERASED, STRANGER}
    assert broadcasts.queue(service, "twilio", "news", [*everyone, STAYS]) == 1
    queued = Statement(lambda _: select(Outbound.priority).where(Outbound.inbound_id.is_(None)))
    assert service.database.read(lambda tx: tx.all(queued)) == [(2,)]


def test_a_list_with_a_mistake_queues_nothing(service, text):
    text("hello", sender=STAYS)
    with pytest.raises(NotAPhone):
        broadcasts.queue(service, "twilio", "news", [STAYS, "nobody"])
