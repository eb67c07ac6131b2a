"""Who is erased leaves the broadcasts they were in, and the sums stay right; what is too old of broadcasts goes."""

import random
from collections import Counter
from datetime import UTC, datetime

import pytest
from crowd import BROADCAST, CODE, DAY, NOW, Person, anybody, broadcast, campaigns, settle
from sqlalchemy import insert, select, update

from bot.services import privacy
from bot.store import erasure, recipients, retention
from bot.store.audience import Sought
from bot.store.results import OVERLAYS
from bot.store.stages import STOPPED_AFTER, Left
from bot.store.state import WENT, State
from bot.store.statements import Statement
from bot.store.tables import (
    Broadcast,
    BroadcastResult,
    Contact,
    ContactDay,
    ContactTag,
    Membership,
    Outbound,
    Permit,
    Recipient,
)

KNOWN = {"network": "smart", "province": "17", "district": "1710", "destination": "TH", "school": "Wat Bo"}


@pytest.fixture
def house(service, clock):
    """The house on the day of the crowd, with one broadcast."""
    clock.time = datetime.fromtimestamp(NOW / 1000, UTC)
    campaigns(service.database)
    broadcast(service.database)
    return service


def every(service, *columns, where=None):
    sought = select(*columns) if where is None else select(*columns).where(where)
    return service.database.read(lambda tx: tx.all(Statement(lambda _: sought)))


def do(service, statement):
    return service.database.write(lambda tx: tx.run(Statement(lambda _: statement)))


def expand(service, row=BROADCAST):
    service.database.write(lambda tx: recipients.expand_page(tx, Sought(CODE, {}, NOW, row), 0))


def forget(service, contact_id):
    service.database.write(lambda tx: erasure.forget(tx, contact_id, NOW))


def give(service, contact_id, state, row=BROADCAST):
    """Somebody's text has come so far."""

    def work(tx):
        where = Statement(
            lambda _: select(Recipient.country, Recipient.wave).where(
                Recipient.contact_id == contact_id, Recipient.broadcast_id == row
            )
        )
        place = recipients.Place(row, *tx.one(where))
        values = {"id": contact_id + row, "contact_id": contact_id, "channel": "kannel", "parts": 2, "priority": 2}
        values |= {"state": state, "created_at": NOW, "broadcast_text_id": row}
        tx.run(Statement(lambda _: insert(Outbound), columns=tuple(values)), **values)
        recipients.give(tx, place, [contact_id])

    service.database.write(work)


def outcomes(service):
    """How many people were counted under each outcome."""
    return Counter({outcome: people for outcome, people in counted(service).items() if outcome not in OVERLAYS})


def counted(service):
    """The same, and how many of them are counted as having said STOP."""
    found = Counter()
    for outcome, people in every(service, BroadcastResult.outcome, BroadcastResult.recipients):
        found[outcome] += people
    return found


def test_nothing_is_left_of_an_erased_person(house):
    extra = {"texted_at": 5, "asked": 7}
    her = Person(id=1, tags={"nurse"}, departure="2026-12-31", permitted="granted", extra=extra, **KNOWN)
    other = Person(id=2, tags={"nurse"}, departure="2026-12-31", permitted="granted", extra=extra, **KNOWN)
    settle(house.database, [her, other])
    expand(house)
    forget(house, 1)
    columns = [column for column in Contact.__table__.columns if column.name in erasure.KNOWN]
    assert len(columns) == len(erasure.KNOWN)
    assert every(house, *columns, where=Contact.id == 1) == [(None,) * len(columns)]
    assert None not in every(house, Contact.province, Contact.texted_at, Contact.asked, where=Contact.id == 2)[0]
    for table in (ContactTag, ContactDay, Permit, Recipient, Membership):
        assert every(house, table.contact_id) == [(2,)]


MAY_HAVE_IT = {State.POSTING, State.UNSURE, *WENT}
"""Who wants to be forgotten then counts like who says STOP."""
STATES = [
    (None, None, "erased"),
    (None, Left.CAP, "cap"),
    (State.QUEUED, None, "erased"),
    (State.CLAIMED, None, "erased"),
    (State.POSTING, None, "unknown"),
    (State.UNSURE, None, "unknown"),
    (State.UNKNOWN, None, "unknown"),
    (State.ACCEPTED, None, "accepted"),
    (State.FAILED, None, "failed"),
    (State.SUPPRESSED, None, "suppressed"),
    (State.DELIVERED, None, "delivered"),
]


def test_what_became_of_an_erased_person_still_counts(house):
    """I6: recipients and results together are always as many as there were."""
    settle(house.database, [Person(id=1 + n, **KNOWN) for n in range(len(STATES))])
    expand(house)
    for row, (sent, ended, _) in enumerate(STATES, 1):
        if sent is not None:
            give(house, row, sent)
        elif ended is not None:
            do(house, update(Recipient).where(Recipient.contact_id == row).values(state=ended))
    for row in range(1, len(STATES) + 1):
        forget(house, row)
        assert len(every(house, Recipient.contact_id)) + outcomes(house).total() == len(STATES)
    assert counted(house)[STOPPED_AFTER] == len([state for state, *_ in STATES if state in MAY_HAVE_IT])
    assert outcomes(house) == Counter(outcome for *_, outcome in STATES)
    kinds = every(house, BroadcastResult.province, BroadcastResult.country, BroadcastResult.network)
    assert set(kinds) == {("17", "KH", "smart")}
    told = every(house, BroadcastResult.channel, BroadcastResult.outcome)
    assert {channel for channel, outcome in told if outcome == "delivered"} == {"kannel"}
    assert {channel for channel, outcome in told if outcome == "cap"} == {"twilio"}


def test_a_closed_broadcast_has_counted_already(house):
    settle(house.database, [Person(id=1)])
    expand(house)
    do(house, update(Broadcast).values(closed_at=NOW))
    forget(house, 1)
    assert (every(house, Recipient.contact_id), outcomes(house)) == ([], Counter())


def test_nothing_is_left_of_anybody_in_many_broadcasts(house):
    """Also of those whose country became known after they were written down."""
    chance = random.Random(3)
    rows = [chance.getrandbits(62) for _ in range(6)]
    for row in rows:
        broadcast(house.database, row)
    crowd = [anybody(chance, chance.getrandbits(62)) for _ in range(80)]
    settle(house.database, crowd)
    for row in rows:
        expand(house, row)
    do(house, update(Contact).where(Contact.country.is_(None)).values(country="TH"))
    before = len(every(house, Recipient.contact_id))
    assert before > 6
    for person in crowd[::2]:
        forget(house, person.id)
    left = {contact for (contact,) in every(house, Recipient.contact_id)}
    assert left
    assert len(every(house, Recipient.contact_id)) + sum(outcomes(house).values()) == before
    assert not left & {person.id for person in crowd[::2]}


def purge(service):
    return privacy.purge(service, confirmed=True)


def test_recipients_go_a_month_after_the_end(house, clock, monkeypatch):
    monkeypatch.setattr(retention, "LARGE_PAGE", 7)
    settle(house.database, [Person(id=1 + n, permitted="granted") for n in range(40)])
    broadcast(house.database, BROADCAST + 100)
    expand(house)
    expand(house, BROADCAST + 100)
    do(house, update(Broadcast).where(Broadcast.id == BROADCAST).values(closed_at=NOW))
    clock.forward(days=29)
    assert purge(house).recipients == 0
    clock.forward(days=2)
    assert purge(house).recipients == 40 + 40  # with their permits
    assert Counter(every(house, Recipient.broadcast_id)) == {(BROADCAST + 100,): 40}
    assert purge(house).recipients == 0


def test_texts_of_an_open_broadcast_stay_until_they_are_counted(house, clock):
    settle(house.database, [Person(id=1), Person(id=2)])
    expand(house)
    give(house, 1, State.DELIVERED)
    clock.forward(days=40)
    purge(house)
    assert every(house, Outbound.state) == [(State.DELIVERED,)]
    do(house, update(Broadcast).values(closed_at=NOW + 40 * DAY))
    assert purge(house).outbound == 1


def test_past_days_go(house, clock):
    settle(house.database, [Person(id=1, departure="2026-12-31")])
    clock.time = datetime(2027, 2, 3, tzinfo=UTC)
    do(house, update(Contact).values(seen_at=NOW + 90 * DAY))
    assert purge(house).days == 0
    clock.forward(days=2)
    assert purge(house).days == 1


def test_what_is_known_of_the_silent_goes_with_them(house, clock):
    settle(house.database, [Person(id=1, tags={"nurse", "group a"}, departure="2027-12-31", **KNOWN)])
    clock.forward(days=179)
    assert (purge(house).tags, len(every(house, ContactTag.tag))) == (0, 2)
    clock.forward(days=2)
    purged = purge(house)
    assert (purged.memberships, purged.tags, purged.days, purged.contacts) == (1, 2, 1, 1)
    assert every(house, Contact.id) == []


def test_who_is_silent_but_awaits_a_broadcast_is_no_contact_less(house, clock):
    settle(house.database, [Person(id=1, country=None, tags={"nurse"}, **KNOWN)])
    expand(house)
    clock.forward(days=181)
    assert purge(house).contacts == 0
    told = (Contact.province, Contact.district, Contact.destination, Contact.school)
    assert every(house, *told) == [(None,) * 4]
    do(house, update(Broadcast).values(closed_at=NOW))
    purged = purge(house)
    assert (purged.recipients, purged.contacts) == (1, 1)


@pytest.mark.parametrize("unwanted", [{"opted_out_at": 5}, {"blocked_at": 5}])
def test_the_silent_who_are_to_have_nothing_leave_a_tombstone(house, clock, unwanted):
    settle(house.database, [Person(id=1, **unwanted, **KNOWN)])
    clock.forward(days=181)
    assert purge(house).contacts == 1
    ((row),) = every(house, *Contact.__table__.columns)
    kept = {column.name for column, value in zip(Contact.__table__.columns, row, strict=True) if value is not None}
    assert kept == {"id", "number_key", "created_at", "seen_at", *unwanted}
    assert purge(house).contacts == 0
