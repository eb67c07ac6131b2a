"""A series makes one broadcast of each step and day: approved texts only, nobody twice, nothing too late."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import pytest
from sqlalchemy import insert, select, update
from stories.stage import words

from bot.content.book import LANGUAGES
from bot.content.series import END
from bot.conversation.depart import as_day
from bot.protocol import Inbound, Response
from bot.services import audit, broadcasts, campaigns, ending, inbox, series
from bot.services.ending import last_line
from bot.services.series import BadSeries
from bot.services.service import Service
from bot.store import recipients
from bot.store import series as store
from bot.store.crypto import Vault
from bot.store.stages import Stage
from bot.store.statements import Statement
from bot.store.tables import Broadcast, BroadcastText, Contact, ContactDay, Membership, Recipient
from bot.store.times import milliseconds
from bot.text.sms import segments

MORNING = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)  # half past eight in Cambodia
CODE = "KYA12"


@pytest.fixture
def house(database, clock):
    clock.time = MORNING - timedelta(days=40)
    book, reader = words()
    made = Service(database, Vault(bytes(32)), book, reader, clock, paced=False)
    campaigns.add(made, CODE, "School road show")
    campaigns.add(made, "KYA13", "Another show")
    return made


@pytest.fixture
def runs(house, clock):
    """The departure series runs since long ago; it is morning."""
    series.start(house, "departure", CODE, channel="twilio", by="Bopha")
    series.approve(house, "departure", CODE, "Dara")
    clock.time = MORNING
    return house


def write(house, statement, **values):
    wanted = Statement(lambda _: statement, columns=tuple(values))
    return house.database.write(lambda tx: tx.run(wanted, **values))


def rows(house, *columns):
    return sorted(house.database.read(lambda tx: tx.all(Statement(lambda _: select(*columns)))))


def member(house, number, day=None, *, kind="departure", joined=None, code=CODE):
    """A member of a campaign who named a day."""
    seen = joined or MORNING - timedelta(days=20)
    told = {"number_key": b"%d" % number, "number_sealed": b"x", "created_at": 0, "seen_at": milliseconds(seen)}
    write(house, insert(Contact), id=number, language="en", country="KH", **told)
    given = {"channel": "twilio", "language": "en", "question": "q", "joined_at": milliseconds(seen)}
    write(house, insert(Membership), contact_id=number, code=code, **given)
    if day:
        write(house, insert(ContactDay), contact_id=number, kind=kind, day=day)


def made(house):
    """The steps and days of which there are broadcasts under way."""
    found = rows(house, Broadcast.request, Broadcast.state)
    return [request.removeprefix(f"series:departure:{CODE}:") for request, state in found if state < Stage.PAUSED]


def test_who_starts_a_series_cannot_approve_it(house):
    assert series.start(house, "departure", CODE, channel="twilio", by="Bopha").approver is None
    for name in ("Bopha", "  bopha ", "BO PHA", " "):
        with pytest.raises(BadSeries, match="somebody else"):
            series.approve(house, "departure", CODE, name)
    assert [each.state for each in series.listed(house)] == ["waits for approval"]
    series.approve(house, "departure", CODE, "Dara")
    assert [each.state for each in series.listed(house)] == ["running"]


def test_what_staff_do_with_a_series_is_noted(runs):
    series.end(runs, "departure", CODE, "Bopha")
    told = [(each.who, each.detail) for each in reversed(audit.page(runs)) if each.event == "series"]
    assert told == [
        (who, {"act": act, "series": "departure", "campaign": CODE})
        for who, act in (("Bopha", "start"), ("Dara", "approve"), ("Bopha", "end"))
    ]


def test_nothing_is_made_before_it_is_approved(house, clock):
    series.start(house, "departure", CODE, channel="twilio", by="Bopha")
    clock.time = MORNING
    member(house, 1, "2026-11-29")
    assert series.round(house) == 0
    series.approve(house, "departure", CODE, "Dara")
    assert series.round(house) == 1


def test_what_is_not_there_is_told(house):
    for name, code, why in (("arrival", CODE, "there are: departure, welcome"), ("welcome", "NO1", "no campaign")):
        with pytest.raises(BadSeries, match=why):
            series.start(house, name, code, channel="twilio", by="Bopha")
    with pytest.raises(BadSeries, match="not been started"):
        series.approve(house, "welcome", CODE, "Dara")
    with pytest.raises(BadSeries, match="does not run"):
        series.end(house, "welcome", CODE, "Dara")


@pytest.mark.parametrize("what", ["english", "khmer", "step"])
def test_changed_texts_need_another_approval(runs, what):
    member(runs, 1, "2026-11-29")
    book = runs.book
    if what == "english":
        state = replace(book.states["broadcasts.pay"], pages=("Other words",))
        changed = replace(book, states=MappingProxyType({**book.states, state.id: state}))
    elif what == "khmer":
        key = ("broadcasts.pay", book.states["broadcasts.pay"].pages[0])
        changed = replace(book, catalogs={**book.catalogs, "km": {**book.catalogs["km"], key: "x"}})
    else:
        steps = book.series["departure"].steps
        changed = replace(book, series={"departure": replace(book.series["departure"], steps=steps[1:])})
    other = replace(runs, files=changed)
    assert [each.state for each in series.listed(other)] == ["texts changed: start it again"]
    assert series.round(other) == 0
    with pytest.raises(BadSeries, match="start it again"):
        series.approve(other, "departure", CODE, "Dara")
    series.start(other, "departure", CODE, channel="twilio", by="Bopha")
    assert series.round(other) == 0
    series.approve(other, "departure", CODE, "Dara")
    assert series.round(other) == 1


def test_a_step_becomes_one_broadcast_to_those_whose_day_it_is(runs):
    member(runs, 1, "2026-11-29")
    member(runs, 2, "2026-11-29")
    member(runs, 3, "2026-11-29", code="KYA13")
    member(runs, 4, "2026-11-30")
    assert series.round(runs) == 1
    assert series.round(runs) == 0
    assert made(runs) == ["contract:2026-11-22"]
    ((row, campaign, author, approver, origin, state),) = rows(
        runs, Broadcast.id, Broadcast.campaign, Broadcast.author, Broadcast.approver, Broadcast.origin, Broadcast.state
    )
    assert (campaign, author, approver, origin) == (CODE, "Bopha", "Dara", f"series:departure:{CODE}:contract")
    assert state == Stage.SCHEDULED
    assert broadcasts.get(runs, row).starts_at == runs.now()
    assert {language for (language,) in rows(runs, BroadcastText.language)} == {"km", "km_Latn", "en"}
    assert expanded(runs, row) == [1, 2]


def expanded(house, row):
    """Whom a broadcast is for, as the conductor writes them down."""
    from bot.services.audience import Audience  # noqa: PLC0415

    known = broadcasts.get(house, row)
    sought = Audience.loads(known.audience).sought(known.campaign, house.now(), row)
    house.database.write(lambda tx: recipients.expand_page(tx, sought, 0))
    found = rows(house, Recipient.broadcast_id, Recipient.contact_id)
    return [person for broadcast, person in found if broadcast == row]


def test_before_seven_nothing_of_the_day_is_made(runs, clock):
    member(runs, 1, "2026-11-29")
    clock.time = datetime(2026, 11, 21, 23, 59, tzinfo=UTC)
    assert series.round(runs) == 0
    clock.time = datetime(2026, 11, 22, 0, 0, tzinfo=UTC)
    assert series.round(runs) == 1
    ((starts_at,),) = rows(runs, Broadcast.starts_at)
    assert starts_at == milliseconds(datetime(2026, 11, 22, 1, 0, tzinfo=UTC))


@pytest.mark.parametrize(("late", "wanted"), [(1, 1), (2, 1), (3, 0)])
def test_a_missed_day_is_made_up_for_within_two_days(runs, clock, late, wanted):
    member(runs, 1, "2026-11-29")
    clock.time = MORNING + timedelta(days=late)
    assert series.round(runs) == wanted
    if wanted:
        ((ends_at,),) = rows(runs, Broadcast.ends_at)
        assert ends_at == milliseconds(datetime(2026, 11, 24, 13, tzinfo=UTC)), "eight in the evening, two days on"


def test_what_would_be_wrong_then_is_never_late(runs, clock):
    member(runs, 1, "2026-11-23")
    clock.time = MORNING + timedelta(days=1)
    assert series.round(runs) == 0
    clock.time = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
    assert series.round(runs) == 0, "half an hour is left, which is none"


def test_nothing_is_made_for_days_before_it_began(house, clock):
    clock.time = MORNING
    member(house, 1, "2026-11-28")
    series.start(house, "departure", CODE, channel="twilio", by="Bopha")
    series.approve(house, "departure", CODE, "Dara")
    assert series.round(house) == 0


def test_nobody_gets_a_step_twice_when_their_day_changes(runs, clock):
    member(runs, 1, "2026-11-29")
    member(runs, 2, "2026-11-30")
    assert series.round(runs) == 1
    ((first,),) = rows(runs, Broadcast.id)
    assert expanded(runs, first) == [1]
    write(runs, update(ContactDay).where(ContactDay.contact_id == 1), day="2026-11-30")
    clock.forward(days=1)
    assert series.round(runs) == 1
    second = max(rows(runs, Broadcast.id))[0]
    assert expanded(runs, second) == [2]
    write(runs, update(ContactDay).where(ContactDay.contact_id == 1), day="2026-12-01")
    clock.forward(days=1)
    assert series.round(runs) == 0
    assert "contract:2026-11-24" not in made(runs), "there was nobody left, so it was put away"


def test_joining_is_a_day_too(runs, clock):
    """Days are those of Cambodia: these two joined on the twenty-first, three joined a day earlier or later."""
    for number, hour in ((1, 17), (2, 40), (3, 16), (4, 41)):
        member(runs, number, joined=datetime(2026, 11, 20, tzinfo=UTC) + timedelta(hours=hour))
    assert series.round(runs) == 2
    assert made(runs) == ["invitation:2026-11-21", "invitation:2026-11-22"]
    found = dict(rows(runs, Broadcast.request, Broadcast.id))
    assert expanded(runs, found[f"series:departure:{CODE}:invitation:2026-11-22"]) == [1, 2]


@pytest.mark.parametrize("hour", [0, 11, 23])
def test_how_the_trip_was_is_asked_within_72_hours_of_the_yes_and_in_its_hours(runs, clock, hour):
    """H6, whenever on the day the person said yes."""
    yes = datetime(2026, 11, 20, 17, tzinfo=UTC) + timedelta(hours=hour)
    asked = (yes + timedelta(hours=7)).date() + timedelta(days=2)
    for number, kind in ((1, "ask_morning"), (2, "ask_evening")):
        member(runs, number, asked.isoformat(), kind=kind)
    clock.time = datetime(asked.year, asked.month, asked.day, 0, 30, tzinfo=UTC)
    assert series.round(runs) == 2
    for title, starts_at, ends_at in rows(runs, Broadcast.title, Broadcast.starts_at, Broadcast.ends_at):
        first, last = (8, 12) if "morning" in title else (17, 20)
        midnight = milliseconds(datetime(asked.year, asked.month, asked.day, tzinfo=UTC)) - 7 * 3_600_000
        assert (starts_at, ends_at) == (midnight + first * 3_600_000, midnight + last * 3_600_000)
        assert ends_at - milliseconds(yes) < 72 * 3_600_000
    assert {state for (state,) in rows(runs, BroadcastText.opens)} == {"broadcasts.arrived"}
    clock.forward(days=1)
    assert series.round(runs) == 0


def test_stop_takes_a_person_out(runs):
    member(runs, 1, "2026-11-29")
    write(runs, update(Contact).where(Contact.id == 1), opted_out_at=1)
    assert series.round(runs) == 0
    assert made(runs) == []


def test_a_draft_that_a_crash_left_is_handed_in(runs, monkeypatch):
    member(runs, 1, "2026-11-29")
    with monkeypatch.context() as patch, pytest.raises(RuntimeError):
        patch.setattr(broadcasts, "submit", crash)
        series.round(runs)
    assert rows(runs, Broadcast.state) == [(Stage.DRAFT,)]
    assert series.round(runs) == 1
    assert rows(runs, Broadcast.state) == [(Stage.SCHEDULED,)]


def crash(*_):
    raise RuntimeError


def test_a_clock_that_cannot_be_believed_makes_nothing(runs, clock):
    member(runs, 1, "2026-11-29")
    clock.time = datetime(2025, 12, 31, 2, tzinfo=UTC)
    assert series.round(runs) == 0


def test_the_end_of_a_series_stops_what_is_open(runs):
    member(runs, 1, "2026-11-29")
    series.round(runs)
    assert series.end(runs, "departure", CODE, "Bopha") == 1
    assert made(runs) == []
    assert [each.state for each in series.listed(runs)] == ["ended"]
    member(runs, 2, "2026-12-06")
    assert series.round(runs) == 0
    with pytest.raises(BadSeries):
        series.end(runs, "departure", CODE, "Bopha")


def test_one_that_runs_goes_on_when_started_again(runs):
    assert series.start(runs, "departure", CODE, channel="other", by="Sok").approver == "Dara"
    assert [each.state for each in series.listed(runs)] == ["running"]


def test_its_broadcasts_are_found_by_its_own_name_alone(runs):
    member(runs, 1, "2026-11-29")
    series.round(runs)
    count = runs.database.read(lambda tx: len(store.open_broadcasts(tx, f"series:departure:{CODE}:")))
    assert count == 1
    assert runs.database.read(lambda tx: store.open_broadcasts(tx, "series:departure:KYA1:")) == []


@pytest.fixture
def say(runs, clock):
    def come(*texts: str) -> str:
        said = ""
        for text in texts:
            come.count += 1
            clock.forward(seconds=1)
            sent = Inbound("twilio", "+85512345678", text, f"SM{come.count}", clock())
            said = "|".join(each.text for each in inbox.receive(runs, sent, lambda *_: Response(200, b"")).replies)
        return said

    come.count = 0
    return come


def test_depart_is_kept_for_members_and_forgotten_with_stop_and_erase(runs, say):
    assert "JOIN" in say("english", "DEPART 15 1")
    say(f"JOIN {CODE}", "yes")
    assert "15/1/2027" in say("DEPART 15 1")
    assert rows(runs, ContactDay.kind, ContactDay.day) == [("departure", "2027-01-15")]
    say("DEPART 20/1")
    assert rows(runs, ContactDay.day) == [("2027-01-20",)]
    say("STOP")
    assert rows(runs, ContactDay.day) == []
    say("START", f"JOIN {CODE}", "yes", "DEPART 20/1", "ERASE")
    assert rows(runs, ContactDay.day) == []


def test_depart_is_refused_where_no_series_waits_for_the_day(runs, say):
    say("english", "JOIN KYA13", "yes")
    assert "JOIN" not in (said := say("DEPART 15 1"))
    assert "No texts are sent for that day" in said
    series.end(runs, "departure", CODE, "Bopha")
    runs.shelf.look_again()
    assert "No texts are sent for that day" in say("STOP", "START", "DEPART 15 1")
    say(f"JOIN {CODE}", "yes")
    assert "No texts are sent for that day" in say("DEPART 15 1")
    assert rows(runs, ContactDay.day) == []


def test_every_day_of_the_year_is_an_order():
    reader = words()[1]
    days = [datetime(2027, 1, 1, tzinfo=UTC) + timedelta(days=number) for number in range(0, 365, 3)]
    for day in days:
        for text in (f"DEPART {day.day} {day.month}", f"ថ្ងៃចេញដំណើរ {day.day}/{day.month}/2027"):
            order = reader.order(text)
            assert order, text
            assert order.name == "depart"
    assert reader.order("depart for thailand in 3 weeks") is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("15 1", "2027-01-15"),
        ("១៥ ១", "2027-01-15"),
        ("15/1/2027", "2027-01-15"),
        ("15.1.27", "2027-01-15"),
        ("22 11", "2026-11-22"),
        ("23-11", "2026-11-23"),
        ("21 11", None),
        ("21 11 2026", None),
        ("29 2", None),
        ("31 4", None),
        ("15 13", None),
        ("1 10 2027", None),
        ("18 9", "2027-09-18"),
        ("15", None),
        ("", None),
        ("15 january", None),
        ("0 0", None),
        ("15 1 20270", None),
    ],
)
def test_days_as_people_write_them(text, day):
    found = as_day(text, MORNING)
    assert (found and found.isoformat()) == day


def test_each_step_says_who_it_is_from_and_how_to_stop(runs):
    """As it is kept, and sent, in two parts at most."""
    member(runs, 1, "2026-11-29")
    assert series.round(runs) == 1
    kept = rows(runs, BroadcastText.id, BroadcastText.language, BroadcastText.text_sealed, BroadcastText.parts)
    texts = {language: runs.vault.open(text, "broadcast", row).decode() for row, language, text, _ in kept}
    for language, text in texts.items():
        assert text.splitlines()[-1] == last_line(runs.book, language)
    assert {language: len(segments(text).parts) for language, text in texts.items()} == {
        language: parts for _, language, _, parts in kept
    }
    assert set(texts) == set(LANGUAGES)


def test_with_their_last_line_all_steps_keep_to_two_parts():
    book, _ = words()
    for step in (step for each in book.series.values() for step in each.steps):
        for language in LANGUAGES:
            said = ending.said(book, step.say, language, here="KH", today=MORNING.date())
            assert said.end
            assert len(segments(said.whole).parts) <= 2, (step.say, language)


def test_another_last_line_needs_another_approval(runs):
    member(runs, 1, "2026-11-29")
    state = replace(runs.book.states[END], pages=("Phlov. STOP ends this",))
    book = replace(runs.book, states=MappingProxyType({**runs.book.states, END: state}))
    assert series.round(replace(runs, files=book)) == 0
    assert series.round(runs) == 1
