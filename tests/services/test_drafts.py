"""A broadcast while it is written: changed, judged, tried, handed in as it was seen; exceptions; names in filters."""

from __future__ import annotations

from typing import Any, cast

import pytest
from campaigning import AUTHOR, OTHER, Office

from bot.content.loader import load
from bot.services import audit, broadcasts, choosing, cost_rows, draft_rows, drafts, forecast, permits, trial
from bot.services.audience import Audience, Group, preview
from bot.services.audit import Event
from bot.services.broadcasts import BadBroadcast, Confirmed, Words
from bot.services.prices import table
from bot.services.service import Service
from bot.services.trial import BadTrial
from bot.store import broadcasts as store
from bot.store.crypto import Vault
from bot.store.stages import Stage

EN = "Phlov: a meeting on Saturday. To stop send STOP"


@pytest.fixture(scope="module")
def book():
    return load()


@pytest.fixture
def office(database, book, clock) -> Office:
    return Office(Service(database, Vault(bytes(32)), book, cast(Any, None), clock))


def version(office: Office, made: int) -> str:
    rows = office.service.database.read(lambda tx: store.texts(tx, made))
    return draft_rows.version(broadcasts.get(office.service, made), rows)


def why(work) -> str:
    with pytest.raises(BadBroadcast) as bad:
        work()
    return bad.value.name


def test_a_draft_is_written_anew_and_its_old_words_are_gone(office):
    draft = office.draft(texts={"en": Words(EN), "km": Words("ខ្មែរ")})
    made = drafts.keep(office.service, draft)
    seen = version(office, made)
    other = office.draft(request=draft.request, title="Other", texts={"en": Words("new")}, pace=9, state="stories.debt")
    assert drafts.keep(office.service, other) == made
    known = broadcasts.get(office.service, made)
    assert (known.title, known.pace, drafts.state_of(known)) == ("Other", 9, "stories.debt")
    assert drafts.texts(office.service, made) == {"en": Words("new")}
    assert version(office, made) != seen
    assert office.acts(made) == [(AUTHOR, "create"), (AUTHOR, "rewrite")]


def test_only_its_author_changes_a_draft_and_nobody_what_was_handed_in(office):
    office.people(30)
    made = broadcasts.create(office.service, office.draft())
    assert why(lambda: drafts.rewrite(office.service, made, office.draft(author=OTHER))) == "author"
    assert why(lambda: drafts.rewrite(office.service, made, office.draft(campaign="NONE1"))) == "campaign"
    broadcasts.submit(office.service, made, AUTHOR)
    assert why(lambda: drafts.rewrite(office.service, made, office.draft())) == "begun"
    assert len(drafts.texts(office.service, made)) == 2


def test_what_is_handed_in_is_what_was_seen(office):
    office.people(30)
    made = broadcasts.create(office.service, office.draft())
    seen = version(office, made)

    def submit(told: str, people: int) -> Stage:
        return broadcasts.submit(office.service, made, AUTHOR, Confirmed(told, people))

    assert why(lambda: submit(seen, 29)) == "miscounted"
    drafts.rewrite(office.service, made, office.draft())
    assert why(lambda: submit(seen, 30)) == "changed"
    now = office.now()
    broadcasts.schedule(office.service, made, AUTHOR, broadcasts.Window(now, now + 9_000_000))
    seen = version(office, made)
    assert submit(seen, 30) is Stage.SCHEDULED
    assert submit("anything", 1) is Stage.SCHEDULED
    assert drafts.state_of(broadcasts.get(office.service, made)) is None


def test_words_of_the_catalog_must_still_be_those_and_fit_the_people(office):
    service = office.service
    told = drafts.from_state(service, "broadcasts.passport", Audience(), drafts.sender_of(service, "KYA12"))
    texts = {text.language: Words(text.words, text.opens) for text in told.texts}
    made = drafts.keep(service, office.draft(texts=texts, state="broadcasts.passport"))
    known = broadcasts.get(service, made)
    assert drafts.judged(service, known, texts).sound
    stale = {**texts, "en": Words("Phlov: other words", texts["en"].opens)}
    found = drafts.judged(service, known, stale)
    assert {text.language: text.words for text in found.texts}["en"] == "Phlov: other words"
    assert [fault.name for fault in found.problems if fault.level == "error"] == ["changed"]
    for countries, fits in (((), False), (("KH",), True), (("KH", "TH"), False), (("ZZ", "KH"), True)):
        age = drafts.from_state(service, "topics.age", Audience(countries=countries), drafts.sender_of(service, "x"))
        assert age.sound is fits


def test_what_is_offered_can_be_sent(office):
    service = office.service
    offered = {state.id for state in drafts.offered(service)}
    assert {"broadcasts.passport", "stories.debt", "topics.costs"} <= offered
    assert not offered & {"broadcasts.ask_yes", "broadcasts.passport_right", "broadcasts.at_border", "quiz.before.1"}
    sender = drafts.sender_of(service, "KYA12")
    home = Audience(countries=("KH",))
    assert [name for name in offered if not drafts.from_state(service, name, home, sender).sound] == []


def test_somebody_tries_it_a_few_times_an_hour(office, clock):
    made = broadcasts.create(office.service, office.draft(texts={"en": Words(EN)}))
    for _ in range(drafts.MOST_TRIED):
        assert drafts.try_out(office.service, made, AUTHOR, ["+85512345678"]).phones == 1
    for _ in range(120):
        office.service.database.write(lambda tx: audit.note(office.service, tx, Event.CONTACT_READ, AUTHOR))
    with pytest.raises(BadTrial) as bad:
        drafts.try_out(office.service, made, AUTHOR, ["+85512345678"])
    assert bad.value.name == "often"
    assert drafts.try_out(office.service, made, OTHER, ["+85512345678"]).phones == 1
    clock.forward(hours=2)
    assert drafts.try_out(office.service, made, AUTHOR, ["+85512345678"]).phones == 1
    assert office.acts(made).count((AUTHOR, "try")) == drafts.MOST_TRIED + 1


def test_a_test_that_cannot_go_leaves_no_trace(office):
    made = broadcasts.create(office.service, office.draft(texts={"en": Words("see https://bit.ly/x")}))
    with pytest.raises(BadTrial) as bad:
        drafts.try_out(office.service, made, AUTHOR, ["+85512345678"])
    assert bad.value.name == "unsound"
    assert office.acts(made) == [(AUTHOR, "create")]
    with pytest.raises(BadTrial) as bad:
        trial.phones(["+85512345678", "12"])
    assert (bad.value.name, bad.value.fills) == ("number", {"row": 2})


def test_who_has_an_exception_is_listed_and_counted(office):
    people = office.people(30)
    office.alarm(people[0], office.now())
    service = office.service
    made = broadcasts.create(service, office.draft())
    permits.ask(service, made, office.number(0), AUTHOR, "she asked us to")
    [asked] = permits.listed(service, made)
    assert (asked.contact_id, asked.asked_by, asked.granted_by) == (people[0], AUTHOR, None)
    assert why(lambda: permits.grant_to(service, made, people[0], AUTHOR)) == "asker"
    assert why(lambda: permits.grant_to(service, made, people[1], OTHER)) == ""
    assert preview(service, "KYA12", Audience(), service.now(), made).recipients == 29
    permits.grant_to(service, made, people[0], OTHER)
    assert permits.listed(service, made)[0].granted_by == OTHER
    assert preview(service, "KYA12", Audience(), service.now(), made).recipients == 30
    broadcasts.submit(service, made, AUTHOR)
    broadcasts.cancel(service, made, AUTHOR)
    assert why(lambda: permits.grant_to(service, made, people[0], OTHER)) == "settled"


def test_filters_are_read_as_people_write_them(office):
    asked = {
        "provinces": ["Siem Reap", "12"],
        "destinations": ["thailand", "MY"],
        "countries": ["zz"],
        "languages": ["Khmer"],
        "schools": ["  Wat   Bo "],
        "tags": ["Nurses"],
        "campaigns": ["kya13"],
    }
    assert choosing.audience(office.service, asked, joined_after=5) == Audience(
        provinces=("17", "12"),
        destinations=("TH", "MY"),
        countries=("ZZ",),
        languages=("km",),
        schools=("Wat Bo",),
        tags=("nurses",),
        campaigns=("KYA13",),
        joined_after=5,
    )
    for name, value in (("provinces", "Atlantis"), ("destinations", "Atlantis"), ("languages", "Klingon")):
        with pytest.raises(choosing.Unclear) as unclear:
            choosing.audience(office.service, {name: [value]})
        assert (unclear.value.name, unclear.value.value) == (name, value)


def test_costs_of_few_people_are_only_told_together():
    prices = table("prefix,country,network,price,currency\n,KH,,0.01,USD\n,KH,Smart,0.02,USD\n", {})
    groups = [
        Group("KH", "Smart", "km", None, 40),
        Group("KH", None, "km", None, 30),
        Group("TH", None, "km", None, 3),
    ]
    rows = cost_rows.rows(forecast.cost(prices, groups, {"km": 2}))
    kinds = [row.kind for row in rows]
    assert kinds.count("together") == 1
    assert sum(row.parts or 0 for row in rows) == 146
    told = {row.where[0]: row for row in rows if row.kind == "few"}
    assert told["TH", ""].parts is None
    assert told["TH", ""].people.small
