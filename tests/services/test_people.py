"""People as staff look them up: whom they find, in pages however many there are, and that it is noted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from campaigning import Office
from listing import PAPER, Desk
from stories.stage import words

from bot.phone import NotAPhone
from bot.protocol import Inbound, Response
from bot.services import audit, broadcasts, campaigns, contacts, inbox, people, privacy
from bot.services.contacts_cells import Unread
from bot.services.people import Unknown
from bot.services.prices import Prices
from bot.services.service import Service
from bot.store import people as store
from bot.store.crypto import Vault
from bot.store.stages import Stage

HEAD = "phone,province,destination,tags\n"


@pytest.fixture
def desk(database, clock, tmp_path) -> Desk:
    book, reader = words()
    service = Service(database, Vault(bytes(32)), book, reader, clock, paced=False, prices=Prices(book.networks))
    campaigns.add(service, "KYA12", "Road show")
    campaigns.add(service, "SR7", "Siem Reap")
    return Desk(service, tmp_path)


def taken(desk: Desk, rows: int, *, province: str = "", destination: str = "", tags: str = "", first: int = 0) -> None:
    lines = (f"0120{number:05},{province},{destination},{tags}\n" for number in range(first, first + rows))
    desk.take(HEAD + "".join(lines))


def ids(desk: Desk, limit: int = 50, **wanted: str) -> list[int]:
    """All that are found, page by page."""
    found, before = [], people.NEWEST
    while True:
        page = people.page(desk.service, wanted, before, limit)
        found += [line.person.id for line in page.lines]
        if page.older is None:
            return found
        before = page.older


def events(service: Service) -> list[tuple[str, str | None, object]]:
    return [(row.event, row.who, row.about) for row in audit.page(service) if row.event.startswith("contact")]


def test_a_number_leads_to_its_person_and_that_is_noted(desk):
    taken(desk, 2)
    found = people.find(desk.service, "012 000 001", "Dara")
    assert people.person(desk.service, found).masked == "+855 •••••01"
    assert people.find(desk.service, "+85512999999", "Dara") is None
    with pytest.raises(NotAPhone):
        people.find(desk.service, "117", "Dara")
    sought = [row for row in audit.page(desk.service) if row.event == "contact.sought"]
    assert [(row.who, row.about, row.detail) for row in sought] == [
        ("Dara", None, {"found": False}),
        ("Dara", audit.About("contact", found), {"found": True}),
    ]


def test_pages_hold_everybody_once_and_the_newest_first(desk):
    taken(desk, 25)
    assert len(ids(desk, limit=4)) == len(set(ids(desk, limit=4))) == 25
    assert ids(desk, limit=4) == sorted(ids(desk), reverse=True)


def test_filters_are_all_to_fit(desk):
    taken(desk, 4, province="17", tags="blue")
    taken(desk, 3, province="17", destination="TH", tags="red", first=4)
    taken(desk, 2, province="12", destination="TH", tags="blue;red", first=7)
    desk.take("phone,campaign\n012000001,SR7\n", replace(PAPER, campaign=None))
    counts = [
        ({}, 9),
        ({"province": "17"}, 7),
        ({"destination": "TH"}, 5),
        ({"tag": "blue"}, 6),
        ({"tag": "blue", "province": "12"}, 2),
        ({"tag": "red", "destination": "TH", "province": "17"}, 3),
        ({"campaign": "KYA12"}, 9),
        ({"campaign": "SR7"}, 1),
        ({"campaign": "SR7", "province": "17", "tag": "blue"}, 1),
        ({"campaign": "SR7", "province": "12"}, 0),
    ]
    assert [(wanted, len(ids(desk, **wanted))) for wanted, _ in counts] == counts


def test_a_page_looks_through_few_and_says_where_to_go_on(desk, monkeypatch):
    monkeypatch.setattr(store, "LOOKED_AT", 10)
    for cached in (store._page, store._end):
        cached.cache_clear()
    taken(desk, 2, province="12", tags="blue")
    taken(desk, 30, province="17", tags="blue", first=2)
    first = people.page(desk.service, {"tag": "blue", "province": "12"})
    assert first.lines == []
    assert first.older is not None
    assert len(ids(desk, tag="blue", province="12")) == 2
    assert len(ids(desk)) == 32
    for cached in (store._page, store._end):
        cached.cache_clear()


def test_lines_tell_no_number(desk):
    taken(desk, 1, tags="blue", province="17")
    (line,) = people.page(desk.service, {}).lines
    assert (line.masked, line.tags, line.person.province) == ("+855 •••••00", ("blue",), "17")


def test_a_person_comes_with_what_they_said_yes_to(desk):
    desk.take("phone,departure\n012000001,2026-12-31\n")
    for number, text in enumerate(("JOIN KYA12", "1", "JOIN SR7", "1")):
        inbound = Inbound("twilio", "+85512000002", text, f"SM{number}", desk.service.clock())
        inbox.receive(desk.service, inbound, lambda replies, _: Response(200, b""))
    listed = people.look(desk.service, people.find(desk.service, "012000001", "me"), "Dara")
    (paper,) = listed.consents
    assert (paper.code, paper.name, paper.how, paper.given_by) == ("KYA12", "Road show", "paper", "Made Up")
    assert people.asked(desk.service.book, paper) == "May we text you?"
    assert listed.days == (("departure", "2026-12-31"),)
    texted = people.look(desk.service, people.find(desk.service, "012000002", "me"), "Dara")
    assert sorted(each.code for each in texted.consents) == ["KYA12", "SR7"]
    for each in texted.consents:
        assert each.how == "sms"
        assert people.asked(desk.service.book, each)
    assert people.asked(desk.service.book, paper._replace(words=None)) is None
    assert events(desk.service)[0] == ("contact.read", "Dara", audit.About("contact", texted.id))


def test_nobody_is_noted_who_is_not_there(desk):
    assert people.look(desk.service, 12345, "Dara") is None
    assert events(desk.service) == []
    for act in (
        lambda: people.block(desk.service, 12345, blocked=True, by="Dara"),
        lambda: people.tag(desk.service, 12345, ["blue"], [], "Dara"),
        lambda: people.erase(desk.service, 12345, "Dara"),
    ):
        with pytest.raises(Unknown):
            act()
    assert events(desk.service) == []


def test_somebody_is_blocked_marked_and_forgotten(desk):
    taken(desk, 1, tags="blue")
    one = people.find(desk.service, "012000000", "me")
    people.block(desk.service, one, blocked=True, by="Dara")
    assert people.person(desk.service, one).known.blocked_at == desk.service.now()
    people.block(desk.service, one, blocked=False, by="Dara")
    assert people.person(desk.service, one).known.blocked_at is None
    people.tag(desk.service, one, ["Red  Bus", "green"], ["blue"], "Dara")
    assert people.person(desk.service, one).tags == ("green", "red bus")
    with pytest.raises(Unread):
        people.tag(desk.service, one, ["012 345 678"], [], "Dara")
    people.erase(desk.service, one, "Dara")
    gone = people.person(desk.service, one)
    assert (gone.erased, gone.masked, gone.tags, gone.consents) == (True, "•••••", (), ())
    assert ids(desk) == []
    for act in (
        lambda: people.block(desk.service, one, blocked=True, by="Dara"),
        lambda: people.tag(desk.service, one, ["blue"], [], "Dara"),
    ):
        with pytest.raises(Unknown):
            act()
    about = audit.About("contact", one)
    done = [event for event in events(desk.service) if event[2] == about][::-1]
    names = ("sought", "blocked", "unblocked", "tagged", "erased")
    assert [event for event, *_ in done] == [f"contact.{name}" for name in names]
    assert not contacts.block(desk.service, "012000000", blocked=True)
    assert privacy.erase(desk.service, "012000000")


def test_the_broadcasts_somebody_was_given_are_told(service):
    office = Office(service)
    everybody = office.people(60)
    one = everybody[0]
    held = office.scheduled(title="News")
    assert people.person(service, one).broadcasts == ()
    office.rounds(until=lambda: office.stage(held) >= Stage.CANARY)
    (given,) = people.person(service, one).broadcasts
    assert (given.id, given.title) == (held, "News")
    assert given.outcome in ("queued", "sent")
    broadcasts.cancel(service, held, "Bopha")
    office.rounds(most=3)
    outcomes = {people.person(service, each).broadcasts[0].outcome for each in everybody}
    assert outcomes <= {"excluded", "sent"}
