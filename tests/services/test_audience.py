"""Filters say who is meant; the rules leave people out, each counted once, under the first that holds."""

import random
from collections import Counter
from datetime import date

import pytest
from crowd import BROADCAST, CODE, DAY, NOW, OTHER, Person, anybody, broadcast, campaigns, settle
from sqlalchemy import update

from bot.services.audience import MOST, Audience, BadAudience, Group, preview
from bot.store import audience as store
from bot.store.statements import Statement
from bot.store.tables import Escalation

LEAVING = date(2026, 12, 31)
RULES = {  # in their order
    "erased": {"sealed": None},
    "stopped": {"opted_out_at": 5},
    "blocked": {"blocked_at": 5},
    "dead": {"dead_at": 5},
    "no_consent": {"joined": None},
    "emergency": {"case_age": 1},
    "case": {"with_staff": "open"},
    "silent": {"seen_at": NOW - 181 * DAY},
    "cap": {"texted_before_at": NOW - 6 * DAY},
}
REACHED = [
    {},
    {"case_age": 31},
    {"case_age": 1, "case_kind": "person", "open_case": True},
    {"case_age": 1, "permitted": "granted"},
    {"with_staff": "closed"},
    {"with_staff": "open", "case_age": 1, "permitted": "granted"},
    {"seen_at": NOW - 180 * DAY},
    {"texted_before_at": NOW - 7 * DAY},
]
LEFT_OUT = [
    ({"case_age": 300, "open_case": True}, "emergency"),
    ({"case_age": 29}, "emergency"),
    ({"case_age": 1, "permitted": "asked"}, "emergency"),
    ({"with_staff": "open", "permitted": "asked"}, "case"),
    ({"case_age": 1, "permitted": "granted", "opted_out_at": 5}, "stopped"),
    ({"case_age": 1, "permitted": "granted", "joined": None}, "no_consent"),
    ({"joined": None, "other": True}, "no_consent"),
]


def counted(service, broadcast=BROADCAST, **filters):
    found = preview(service, CODE, Audience(**filters), NOW, broadcast)
    return found.recipients, dict(found.excluded)


@pytest.fixture
def house(service):
    campaigns(service.database)
    broadcast(service.database)
    return service


def test_the_rules_are_those_and_in_that_order():
    assert tuple(RULES) == store.REASONS


def test_each_rule_leaves_out_and_what_is_near_it_does_not(house):
    settle(house.database, [Person(id=100 + n, **more) for n, more in enumerate(REACHED)])
    assert counted(house) == (len(REACHED), {})
    settle(house.database, [Person(id=200 + n, **more) for n, more in enumerate(RULES.values())])
    assert counted(house) == (len(REACHED), dict.fromkeys(RULES, 1))
    settle(house.database, [Person(id=300 + n, **more) for n, (more, _) in enumerate(LEFT_OUT)])
    expected = Counter(RULES.keys()) + Counter(reason for _, reason in LEFT_OUT)
    assert counted(house) == (len(REACHED), dict(expected))


def test_each_person_is_counted_under_the_first_rule_only(house):
    rules = list(RULES.items())
    for first in range(len(rules)):
        everything = {name: value for _, more in reversed(rules[first:]) for name, value in more.items()}
        settle(house.database, [Person(id=1 + first, **everything)])
    assert counted(house) == (0, dict.fromkeys(RULES, 1))


def test_a_permit_is_for_one_broadcast(house):
    people = [Person(id=1, case_age=1, permitted="granted"), Person(id=2, with_staff="open", permitted="granted")]
    settle(house.database, people)
    assert counted(house) == (2, {})
    assert counted(house, broadcast=BROADCAST + 1) == (0, {"emergency": 1, "case": 1})
    assert counted(house, broadcast=0) == (0, {"emergency": 1, "case": 1})


def test_a_month_of_rest_begins_when_the_emergency_is_over(house):
    """However long it lasted (H14)."""
    settle(house.database, [Person(id=1, case_age=45)])
    assert counted(house) == (1, {})
    for days, expected in ((29, (0, {"emergency": 1})), (31, (1, {}))):
        over = Statement(lambda _, days=days: update(Escalation).values(closed_at=NOW - days * DAY))
        house.database.write(lambda tx, over=over: tx.run(over))
        assert counted(house) == expected


def test_recipients_are_grouped_the_largest_group_first(house):
    crowd = [Person(id=1 + n, country="TH", language="en", network="ais", province="17") for n in range(3)]
    crowd += [Person(id=10, country=None, language=None), Person(id=11, country=None, language=None)]
    crowd += [Person(id=20, country=None, language=None, opted_out_at=5), Person(id=21, country="MY")]
    settle(house.database, crowd)
    assert preview(house, CODE, Audience(), NOW).groups == (
        Group("TH", "ais", "en", "17", 3),
        Group("ZZ", None, "km", None, 2),
        Group("MY", None, "km", None, 1),
    )


FILTERS = [
    {"provinces": ("17", "14")},
    {"districts": ("1710",)},
    {"destinations": ("TH",)},
    {"languages": ("km",)},
    {"languages": ("en", "km_Latn")},
    {"countries": ("KH", "ZZ")},
    {"networks": ("smart",)},
    {"campaigns": (OTHER,)},
    {"campaigns": (OTHER, CODE)},
    {"schools": ("Wat Bo",)},
    {"tags": ("nurse", "group a")},
    {"not_tags": ("teacher",)},
    {"joined_after": NOW - 20 * DAY},
    {"joined_before": NOW - 20 * DAY},
    {"day": ("departure", str(LEAVING))},
    {"day": ("return", str(LEAVING))},
    {"provinces": ("17", "03"), "languages": ("km",), "not_tags": ("nurse",), "joined_after": NOW - 30 * DAY},
]


def test_anybody_is_counted_as_plain_python_counts_them(house, monkeypatch):
    """One crowd, every filter; in pages that do not divide it."""
    chance = random.Random(7)
    crowd = [anybody(chance, 1_000 + n * 3) for n in range(240)]
    settle(house.database, crowd)
    monkeypatch.setattr(store, "page_end", lambda tx, after, end=store.page_end: end(tx, after, 37))
    for wanted in [{}, *FILTERS]:
        meant = [person for person in crowd if person.fits(**wanted)]
        expected = Counter(person.reason() for person in meant)
        recipients = expected.pop(None, 0)
        assert counted(house, **wanted) == (recipients, dict(expected)), wanted
        groups = Counter(
            (person.country or "ZZ", person.network, person.language or "km", person.province)
            for person in meant
            if person.reason() is None
        )
        found = preview(house, CODE, Audience(**wanted), NOW, BROADCAST).groups
        assert {group[:4]: group.people for group in found} == groups, wanted
    assert counted(house)[0] > 5  # or the crowd would be too sad to show anything


def test_a_campaign_that_is_not_known_has_nobody(house):
    settle(house.database, [Person(id=1)])
    found = preview(house, "NOBODY", Audience(), NOW)
    assert (found.recipients, found.excluded, found.groups) == (0, {"no_consent": 1}, ())


def test_nobody_at_all(house):
    assert preview(house, CODE, Audience(), NOW) == (0, {}, ())


@pytest.mark.parametrize("wanted", [{}, *FILTERS, {"not_given": ("series:x:KYA12:papers",)}])
def test_an_audience_is_the_same_after_it_was_written_down(wanted):
    audience = Audience(**wanted)
    assert Audience.loads(audience.dumps()) == audience
    assert Audience.loads("{}") == Audience()


def test_tags_are_folded_as_they_are_kept():
    assert Audience(tags=("Group  A",)) == Audience(tags=("group a",))


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("{", "JSON object"),
        ("[]", "JSON object"),
        ('{"province": ["17"]}', "no filter 'province'"),
        ('{"provinces": "17"}', "provinces wants a list"),
        ('{"provinces": ["Siem Reap"]}', "'Siem Reap' is not known"),
        ('{"provinces": ["26"]}', "01 to 25"),
        ('{"districts": ["17"]}', "as 1710"),
        ('{"languages": ["th"]}', "km, km_Latn, en"),
        ('{"countries": ["Thailand"]}', "two capital letters"),
        ('{"campaigns": ["kya12"]}', "KYA12"),
        ('{"tags": [""]}', "tags wants a list"),
        ('{"tags": [5]}', "tags wants a list"),
        ('{"networks": ' + str([f"n{n}" for n in range(MOST + 1)]).replace("'", '"') + "}", "1,000 values at most"),
        ('{"joined_after": "2026-01-01"}', "milliseconds"),
        ('{"joined_before": true}', "milliseconds"),
        ('{"joined_before": -1}', "milliseconds"),
        ('{"day": "2026-12-31"}', "day wants"),
        ('{"day": ["departure", "31.12.2026"]}', "day wants"),
        ('{"day": ["", "2026-12-31"]}', "day wants"),
        ('{"day": 5}', "day wants"),
    ],
)
def test_what_nobody_could_be_found_by_is_refused_in_one_sentence(written, says):
    with pytest.raises(BadAudience, match=says) as refused:
        Audience.loads(written)
    assert "\n" not in str(refused.value)
