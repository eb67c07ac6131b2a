"""Texts leave the outbox once: claimed, handed over, settled; whoever comes too late changes nothing."""

import pytest

from bot.protocol import SendError, Sent
from bot.services import broadcasts
from bot.services.outbox import Wish, begin, claim, settle

ME, OTHER = 1, 2
ALL = Wish("kannel", 10, posting=False)


def test_smoke(service, text):
    text("hello")
    broadcasts.queue(service, "kannel", "news", ["+85512345678"])
    (held,) = claim(service, ME, ALL)
    assert held.outbound.recipient == "+85512345678"
    assert begin(service, ME, held)
    settle(service, ME, [(held, Sent("a"))])
    assert claim(service, ME, ALL) == []
