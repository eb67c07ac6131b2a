"""What staff import is known to every process soon, without a restart; a store that fails takes nothing away."""

from dataclasses import replace
from datetime import date

import pytest
from stories.stage import words

from bot.conversation.registry import Agency, Campaign
from bot.services import campaigns, registry
from bot.services.registry import PAUSE, SOON, Shelf
from bot.store.errors import Busy

LIST = (Agency("A1"), Agency("B2", "ខ", "12", ("TH", "Atlantis"), "ended"))
DAY = date(2026, 10, 1)


@pytest.fixture
def service(service):
    return replace(service, files=words()[0])


class Ticks:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_empty_house_has_an_empty_registry(service):
    known = service.shelf.current()
    assert (known.agencies, known.agencies_date, dict(known.campaigns)) == ((), None, {})


def test_another_process_sees_a_change_after_the_pause(service):
    ticks = Ticks()
    other = Shelf(service.database, ticks)
    before = other.current()
    registry.replace_agencies(service, LIST, "Ministry", DAY)
    campaigns.add(service, "kya 12", "  Road  show ")
    ticks.now = PAUSE - 1
    assert other.current() is before
    ticks.now = PAUSE
    after = other.current()
    assert (after.agencies, after.agencies_source, after.agencies_date) == (LIST, "Ministry", DAY)
    assert dict(after.campaigns) == {"KYA12": Campaign("KYA12", "Road show", "before")}
    ticks.now += PAUSE
    assert other.current() is after, "nothing is read again while nothing changed"


def test_changes_in_one_millisecond_are_all_seen(service):
    ticks = Ticks()
    other = Shelf(service.database, ticks)
    for phase in ("before", "after", "before"):
        campaigns.add(service, "KYA12", "Show")
        assert campaigns.set_phase(service, "kya12", phase)
        ticks.now += PAUSE
        assert other.current().campaigns["KYA12"].phase == phase


def test_a_store_that_fails_takes_nothing_away(service, monkeypatch):
    campaigns.add(service, "KYA12", "Show")
    ticks = Ticks()
    shelf = Shelf(service.database, ticks)
    known = shelf.current()

    def fail(work):
        raise Busy("held")

    monkeypatch.setattr(service.database, "read", fail)
    ticks.now = PAUSE
    assert shelf.current() is known


def test_a_store_that_failed_at_the_start_is_asked_again_soon(service, monkeypatch):
    """Until then a process tells the numbers of the files, also those that staff took out of use."""
    campaigns.add(service, "KYA12", "Show")
    ticks = Ticks()
    shelf = Shelf(service.database, ticks)

    def fail(work):
        raise Busy("held")

    with monkeypatch.context() as held:
        held.setattr(service.database, "read", fail)
        assert not shelf.current().campaigns
    ticks.now += SOON
    assert "KYA12" in shelf.current().campaigns


def test_campaigns_are_listed_with_their_people(service):
    campaigns.add(service, "KYA12", "Show")
    campaigns.add(service, "KYA12", "Road show")
    assert campaigns.listed(service) == [(Campaign("KYA12", "Road show", "before"), 0)]
    assert not campaigns.set_phase(service, "ZZ9", "after")


@pytest.mark.parametrize(("code", "name"), [("K", "x"), ("12KYA", "x"), ("KYA12345", "x"), ("ក", "x"), ("KYA", " ")])
def test_codes_and_names_that_cannot_be_used(service, code, name):
    with pytest.raises(campaigns.BadCampaign):
        campaigns.add(service, code, name)


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("STOP", "STOP"),
        ("Stopall", "STOP"),
        ("help12", "HELP"),
        ("SOS1", "SOS"),
        ("START", "START"),
        ("MENU", "MENU"),
        ("QUIZ7", "QUIZ"),
        ("JOIN1", "JOIN"),
        ("chop 2", "CHOP"),
    ],
)
def test_codes_that_would_be_heard_as_a_command(service, code, word):
    with pytest.raises(campaigns.BadCampaign, match=f"^a code cannot begin with {word}, "):
        campaigns.add(service, code, "Show")
    assert campaigns.listed(service) == []
