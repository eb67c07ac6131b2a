"""What staff change holds at once, is known everywhere soon, can be undone, and never says what it must not."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.content.loader import load
from bot.conversation.understand import Reader
from bot.services import audit, content
from bot.services.content import BadContent, Kind
from bot.services.registry import PAUSE, Shelf
from bot.services.service import Service
from bot.store.crypto import Vault

BOOK = load()
READER = Reader(BOOK)


@pytest.fixture
def house(database, clock) -> Service:
    return Service(database, Vault(bytes(32)), BOOK, READER, clock, paced=False)


def day(house: Service, days: int = 0) -> str:
    return (content.today(house) + timedelta(days=days)).isoformat()


def line(house: Service, name: str, **changes: object) -> dict[str, object]:
    """The value of a number as it is, with something of it changed."""
    now = house.book.helplines[name]
    value = {field: getattr(now, field) for field in ("local", "e164", "hours", "khmer", "toll_free", "disabled")}
    checked = {"checked_on": now.checked_on and now.checked_on.isoformat(), "checked_by": now.checked_by}
    return {**value, **checked, "source": "its own page", "source_date": day(house), **changes}


def notice(house: Service, **changes: object) -> dict[str, object]:
    said = {"km": "ច្រកបិទ។ សួរ {local:kh-1297}", "km_Latn": "Chrok bet. Suor {local:kh-1297}",
            "en": "Border closed. Ask {local:kh-1297}"}  # fmt: skip
    value = {"say": said, "topics": ["border", "rights"], "countries": ["MY"], "valid_until": day(house, 60)}
    return {**value, "source": "radio", "source_date": day(house), **changes}


def why(house: Service, kind: Kind, name: str, value: object) -> list[str]:
    """Why it is refused; nothing is kept then."""
    before = content.history(house)
    with pytest.raises(BadContent) as refused:
        content.save(house, kind, name, value, "Sokha", 1)
    assert content.history(house) == before
    return [fault.why for fault in refused.value.faults]


def test_a_number_that_is_changed_is_told_at_once_here_and_soon_elsewhere(house):
    ticks = [0.0]
    other = Shelf(house.database, lambda: ticks[0], house.files)
    other.current()
    said = house.book.answer("countries.MY", "en", here="MY", there="MY", today=content.today(house))
    name = "my-mapo"
    assert house.book.helplines[name].local in said
    content.save(house, Kind.HELPLINE, name, line(house, name, local="03 5555 1212", e164="+60355551212"), "Sokha", 1)
    assert house.book.helplines[name].local == "03 5555 1212"
    assert "03 5555 1212" in house.book.answer("countries.MY", "en", here="MY", there="MY", today=content.today(house))
    assert other.book is house.files
    ticks[0] = PAUSE
    other.current()
    assert other.book.helplines[name].local == "03 5555 1212"
    assert house.files.helplines[name].local != "03 5555 1212"
