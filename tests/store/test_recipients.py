"""Recipients are written down once each, whatever is done twice; they leave the plan one way only."""

import random
from collections import Counter

import pytest
from crowd import BROADCAST, CODE, DAY, NOW, Person, anybody, broadcast, campaigns, settle
from sqlalchemy import insert, select, update

from bot.store import recipients
from bot.store.audience import Sought
from bot.store.recipients import Place, Wordless, chosen
from bot.store.stages import Left
from bot.store.statements import Statement
from bot.store.tables import BroadcastText, Contact, Membership, Outbound, Recipient
from bot.store.waves import WAVES, wave

ANYBODY = Sought(CODE, {}, NOW, BROADCAST)
COLUMNS = ("contact_id", "country", "wave", "language", "province", "network", "parts", "state", "outbound_id")


@pytest.fixture
def house(database):
    campaigns(database)
    broadcast(database, texts={"km": 2, "en": 1})
    return database


def rows(database, broadcast=BROADCAST):
    every = Statement(
        lambda _: select(*(getattr(Recipient, name) for name in COLUMNS)).where(Recipient.broadcast_id == broadcast)
    )
    return sorted(database.read(lambda tx: tx.all(every)))


def expand(database, sought=ANYBODY, most=recipients.PAGE, pages=None):
    """All pages, or so many; how many there were."""
    after, done = 0, 0
    while pages is None or done < pages:
        found = database.write(lambda tx, after=after: recipients.expand_page(tx, sought, after, most))
        if found is None:
            return done
        after, done = found, done + 1
    return done


@pytest.mark.parametrize(
    ("own", "texts", "gets"),
    [
        ("en", {"km", "en"}, "en"),
        ("km_Latn", {"km", "en"}, "km"),
        (None, {"km", "en"}, "km"),
        ("km", {"en"}, "en"),
        ("en", {"km_Latn"}, "km_Latn"),
        (None, {"en", "km_Latn"}, "km_Latn"),
    ],
)
def test_everybody_gets_their_own_language_else_khmer_else_what_there_is(database, own, texts, gets):
    assert chosen(own, texts) == gets
    campaigns(database)
    parts = dict(zip(sorted(texts), (3, 4), strict=False))
    broadcast(database, texts=parts)
    settle(database, [Person(id=1, language=own)])
    expand(database)
    assert [(row[3], row[6]) for row in rows(database)] == [(gets, parts[gets])]


def test_without_words_there_are_no_recipients(database):
    campaigns(database)
    settle(database, [Person(id=1)])
    with pytest.raises(Wordless):
        expand(database)


@pytest.mark.parametrize("most", [1_000, 64, 1])
def test_anybody_is_a_recipient_as_plain_python_would_have_it(house, most):
    chance = random.Random(most)
    crowd = [anybody(chance, chance.getrandbits(62)) for _ in range(120)]
    settle(house, crowd)
    assert expand(house, most=most) == -(-len(crowd) // most)
    expected = [
        (
            person.id,
            person.country or "ZZ",
            wave(person.id, BROADCAST),
            person.text(["km", "en"]),
            person.province,
            person.network,
            {"km": 2, "en": 1}[person.text(["km", "en"])],
            recipients.PLANNED,
            None,
        )
        for person in crowd
        if person.reason() is None
    ]
    assert rows(house) == sorted(expected)
    assert len(expected) > 3


def test_filters_choose_the_recipients(house):
    settle(house, [Person(id=1, province="17"), Person(id=2, province="14"), Person(id=3)])
    expand(house, Sought(CODE, {"provinces": ("17",)}, NOW, BROADCAST))
    assert [row[0] for row in rows(house)] == [1]


def test_who_had_a_text_of_the_same_origin_is_not_meant_again(house):
    broadcast(house, BROADCAST + 100, origin="series:a")
    settle(house, [Person(id=1, province="17"), Person(id=2)])
    expand(house, Sought(CODE, {"provinces": ("17",)}, NOW, BROADCAST + 100))
    expand(house, Sought(CODE, {"not_given": ("series:a", "series:b")}, NOW, BROADCAST), most=1)
    assert [row[0] for row in rows(house)] == [2]


def test_doing_it_twice_adds_and_changes_nothing(house):
    chance = random.Random(1)
    settle(house, [anybody(chance, 1 + n) for n in range(60)])
    expand(house, most=16, pages=2)  # and then the machine stopped
    expand(house, most=16)
    once = rows(house)
    change = Statement(lambda _: update(Recipient).values(state=44))
    house.write(lambda tx: tx.run(change))
    expand(house, most=25)
    assert rows(house) == [(*row[:7], 44, None) for row in once]
    assert len(once) > 3


@pytest.mark.parametrize("ids", ["in a row", "by the clock", "anyhow"])
@pytest.mark.parametrize("broadcast_id", [1, 2, BROADCAST, (NOW + 86_400_000) << 22])
def test_waves_are_even_and_no_two_broadcasts_have_the_same_canary(ids, broadcast_id):
    chance = random.Random(ids)
    people = {
        "in a row": range(NOW << 22, (NOW << 22) + 20_000),
        "by the clock": [(NOW + 7 * n) << 22 | chance.getrandbits(22) for n in range(20_000)],
        "anyhow": [chance.getrandbits(62) for _ in range(20_000)],
    }[ids]
    counts = Counter(wave(person, broadcast_id) for person in people)
    assert set(counts) == set(range(WAVES))
    assert max(counts.values()) < 1.2 * 20_000 / WAVES
    assert min(counts.values()) > 0.8 * 20_000 / WAVES
    canary = {person for person in people if wave(person, broadcast_id) == 0}
    next_one = {person for person in people if wave(person, broadcast_id + 1) == 0}
    assert len(canary & next_one) < 0.1 * len(canary)


def texted(tx, contact_id, row, language="km"):
    """The row in the outbox of somebody who is given the broadcast."""
    find = Statement(
        lambda _: select(BroadcastText.id).where(
            BroadcastText.broadcast_id == BROADCAST, BroadcastText.language == language
        )
    )
    (text_id,) = tx.one(find)
    values = {"id": row, "contact_id": contact_id, "channel": "twilio", "parts": 2, "priority": 2, "state": 10}
    values |= {"created_at": NOW, "broadcast_text_id": text_id}
    tx.run(Statement(lambda _: insert(Outbound), columns=tuple(values)), **values)


def places(database):
    found = {}
    for contact_id, country, in_wave, *_ in rows(database):
        found.setdefault(Place(BROADCAST, country, in_wave), []).append(contact_id)
    return found


def test_recipients_are_given_or_end_once_and_are_counted(house):
    settle(house, [Person(id=1 + n, country=["KH", "TH", None][n % 3]) for n in range(90)])
    expand(house)
    assert house.read(lambda tx: recipients.countries(tx, BROADCAST)) == ["KH", "TH", "ZZ"]
    (place, people), (other, others), *_ = sorted(places(house).items(), key=lambda each: -len(each[1]))
    page = house.read(lambda tx: recipients.next_planned(tx, place, CODE, NOW, 2))
    assert [(each.contact_id, each.language, each.parts, each.reason) for each in page] == [
        (contact_id, "km", 2, None) for contact_id in people[:2]
    ]

    def give(tx):
        for each in page:
            texted(tx, each.contact_id, 7_000 + each.contact_id)
        return recipients.give(tx, place, [each.contact_id for each in page])

    assert house.write(give) == 2
    assert house.write(lambda tx: recipients.give(tx, place, people[:2])) == 0
    assert house.write(lambda tx: recipients.end(tx, place, people, Left.STOPPED)) == len(people) - 2
    assert house.write(lambda tx: recipients.end(tx, place, others[:1], Left.CAP)) == 0
    assert house.write(lambda tx: recipients.end(tx, other, others[:1], Left.CAP)) == 1
    assert not house.read(lambda tx: recipients.left(tx, place))
    assert house.read(lambda tx: recipients.left(tx, other)) == (len(others) > 1)
    assert house.read(lambda tx: recipients.next_planned(tx, place, CODE, NOW, 5)) == []
    ended = {Left.STOPPED: len(people) - 2, Left.CAP: 1, recipients.GIVEN: 2}
    ended[recipients.PLANNED] = 90 - sum(ended.values())
    assert house.read(lambda tx: recipients.by_state(tx, BROADCAST)) == {k: v for k, v in ended.items() if v}
    assert house.read(lambda tx: recipients.texts_by_state(tx, BROADCAST)) == {10: 2}
    given = {row[0]: row[-1] for row in rows(house) if row[-1] is not None}
    assert given == {contact_id: 7_000 + contact_id for contact_id in people[:2]}


def test_the_rules_are_looked_at_again_when_the_turn_comes(house):
    """D6: what has happened since the recipients were written down counts."""
    crowd = [Person(id=1 + n) for n in range(40)]
    settle(house, crowd)
    expand(house)
    changes = {
        "stopped": {"opted_out_at": NOW},
        "blocked": {"blocked_at": NOW},
        "dead": {"dead_at": NOW},
        "silent": {"seen_at": NOW - 200 * DAY},
        "cap": {"texted_before_at": NOW - DAY},
        "erased": {"number_sealed": None},
    }
    expected = dict.fromkeys(range(1, 41))

    def work(tx):
        for row, (reason, values) in enumerate(changes.items(), 1):
            tx.run(Statement(lambda _, row=row, values=values: update(Contact).where(Contact.id == row).values(values)))
            expected[row] = reason
        left = Statement(lambda _: Membership.__table__.delete().where(Membership.contact_id == 7))
        tx.run(left)
        expected[7] = "no_consent"

    house.write(work)
    found = {}
    for place in places(house):
        page = house.read(lambda tx, place=place: recipients.next_planned(tx, place, CODE, NOW, 100))
        found.update((each.contact_id, each.reason) for each in page)
    assert found == expected
