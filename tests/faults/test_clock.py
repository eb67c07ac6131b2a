"""T1c: the clock jumps, as on a board without a battery. No text is taken twice, none is refused, nothing is purged."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from bot.channels.twilio import Twilio
from bot.content.loader import load
from bot.conversation.understand import Reader
from bot.protocol import Inbound
from bot.services import inbox, privacy
from bot.services.service import Service
from bot.store.crypto import Vault
from bot.store.statements import Statement
from bot.store.tables import Contact, Outbound, Session
from bot.store.tables import Inbound as Row

START = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
JUMPS = {
    "an hour back": START - timedelta(hours=1),
    "an hour on": START + timedelta(hours=1),
    "400 days on": START + timedelta(days=400),
    "400 days back": START - timedelta(days=400),
    "1970": datetime(1970, 1, 1, tzinfo=UTC),
    "1970 and a minute": datetime(1970, 1, 1, 0, 1, tzinfo=UTC),
}
TABLES = (Contact, Session, Row, Outbound)
PEOPLE = [f"+855123456{n:02d}" for n in range(5)]
TALK = ("hello", "1", "help", "menu", "costs")
CALM = ("hello", "1", "menu", "costs")
"""Nothing that needs one of staff: a case keeps the texts of its person until it is closed."""


@pytest.fixture(scope="module")
def book():
    return load()


@pytest.fixture
def service(database, book, clock) -> Service:
    clock.time = START
    return Service(database, Vault(bytes(32)), book, Reader(book), clock)


def receive(service: Service, sender: str, words: str, name: str) -> inbox.Received:
    twilio = Twilio("AC" + "0" * 32, "token", "+15005550006", "https://phlov.example.org")
    return inbox.receive(service, Inbound("twilio", sender, words, name, service.clock()), twilio.render)


def talk(service: Service, mark: str, said: tuple[str, ...] = TALK) -> dict[tuple[str, str, str], bytes]:
    """Everybody says everything; the answers by text."""
    texts = [(person, words, f"{mark} {person} {words}") for person in PEOPLE for words in said]
    return {text: receive(service, *text).response.body for text in texts}


def rows(service: Service) -> list[int]:
    counts = [Statement(lambda _, table=table: select(func.count()).select_from(table)) for table in TABLES]
    return [service.database.read(lambda tx, count=count: tx.one(count))[0] for count in counts]


def emptied(service: Service) -> int:
    """Rows whose text is gone."""
    empty = Statement(lambda _: select(func.count()).select_from(Row).where(Row.text_sealed.is_(None)))
    return service.database.read(lambda tx: tx.one(empty))[0]


@pytest.mark.parametrize("jump", JUMPS)
def test_a_text_that_came_before_the_jump_is_known_after_it(service: Service, clock, jump: str) -> None:
    before = talk(service, "before")
    kept = rows(service)
    clock.time = JUMPS[jump]
    for text, body in before.items():
        again = receive(service, *text)
        assert again.duplicate
        assert again.response.body == body
    assert rows(service) == kept


@pytest.mark.parametrize("jump", JUMPS)
def test_people_are_answered_after_the_jump_and_after_it_is_mended(service: Service, clock, jump: str) -> None:
    talk(service, "before")
    for mark, moment in (("wrong", JUMPS[jump]), ("mended", START + timedelta(minutes=15))):
        clock.time = moment
        assert all(b"<Message" in body for body in talk(service, mark).values())
    inbound, outbound = rows(service)[2:]
    assert inbound == outbound == 3 * len(PEOPLE) * len(TALK)


@pytest.mark.parametrize("jump", JUMPS)
def test_a_jump_purges_nothing(service: Service, clock, jump: str) -> None:
    privacy.purge(service)
    talk(service, "before")
    kept = rows(service)
    clock.time = JUMPS[jump]
    purge(service)
    clock.time = START + timedelta(minutes=30)
    purge(service)
    assert rows(service) == kept
    assert not emptied(service)


@pytest.mark.parametrize("jump", JUMPS)
def test_nor_does_a_first_purge_by_a_wrong_clock(service: Service, clock, jump: str) -> None:
    talk(service, "before")
    kept = rows(service)
    clock.time = JUMPS[jump]
    purge(service)
    clock.time = START + timedelta(minutes=30)
    purge(service)
    assert rows(service) == kept
    assert not emptied(service)


def test_control_a_confirmed_clock_does_purge(service: Service, clock) -> None:
    privacy.purge(service)
    talk(service, "before", CALM)
    clock.time = JUMPS["400 days on"]
    with pytest.raises(privacy.ClockDoubted):
        privacy.purge(service)
    privacy.purge(service, confirmed=True)
    assert emptied(service) == len(PEOPLE) * len(CALM)


def purge(service: Service) -> None:
    """As the hourly work does it: a doubted clock is logged and left to people."""
    with suppress(privacy.ClockDoubted):
        privacy.purge(service)
