"""It is never night where a text of a broadcast comes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.content.loader import load
from bot.services import hours

HERE = {
    "AE": (4, 16),
    "CN": (2, 12),  # not before eight in the far west, not after eight in the east
    "HK": (0, 12),
    "ID": (1, 11),  # from eight in the west to eight in the east
    "JP": (-1, 11),
    "KH": (1, 13),
    "KR": (-1, 11),
    "LA": (1, 13),
    "MY": (0, 12),
    "PH": (0, 12),
    "SA": (5, 17),
    "SG": (0, 12),
    "TH": (1, 13),
    "TW": (0, 12),
    "VN": (1, 13),
}
"""The hours (UTC) from which and until which texts may come; -1 is 23:00 of the day before."""

DAYS = [datetime(2026, month, day, tzinfo=UTC) for month, day in ((1, 1), (3, 29), (7, 1), (10, 25), (12, 31))]
"""Among them those on which clocks elsewhere change."""


def test_the_table_is_of_all_countries_with_a_help_card():
    assert set(hours.ZONES) == set(HERE) == set(load().countries)


@pytest.mark.parametrize("country", sorted(HERE))
def test_a_day_in_each_country(country):
    opens, closes = HERE[country]
    for midnight in DAYS:
        for minutes in range(0, 24 * 60, 5):
            at = midnight + timedelta(minutes=minutes)
            hour = minutes / 60
            day = opens <= hour < closes or (opens < 0 and hour >= 24 + opens)
            assert hours.awake(country, None, at) is day, at


@pytest.mark.parametrize("country", sorted(HERE))
def test_the_last_and_the_first_instant(country):
    opens, closes = (DAYS[2] + timedelta(hours=hour) for hour in HERE[country])
    least = timedelta(microseconds=1)
    assert hours.awake(country, None, opens)
    assert not hours.awake(country, None, opens - least)
    assert hours.awake(country, None, closes - least)
    assert not hours.awake(country, None, closes)


@pytest.mark.parametrize("country", [*sorted(HERE), None])
@pytest.mark.parametrize("destination", [None, "SA", "JP", "ZW"])
def test_it_opens_at_the_first_instant_when_it_is_day(country, destination):
    for quarter in range(4 * 24):
        at = DAYS[4] + timedelta(minutes=15 * quarter, seconds=7)
        opens = hours.opens(country, destination, at)
        assert hours.awake(country, destination, opens)
        if opens == at:
            continue
        assert not hours.awake(country, destination, opens - timedelta(microseconds=1))
        between = (opens - at) / 20
        assert not any(hours.awake(country, destination, at + step * between) for step in range(20))


def test_over_midnight():
    """In Japan a day begins on the day before, by the world's clock, and a year too."""
    at = datetime(2026, 12, 31, 12, 30, tzinfo=UTC)
    assert hours.opens("JP", None, at) == datetime(2026, 12, 31, 23, tzinfo=UTC)
    assert hours.opens("KH", None, at) == at
    late = datetime(2026, 12, 31, 18, tzinfo=UTC)  # one in the morning of the next year in Phnom Penh
    assert hours.opens("KH", None, late) == datetime(2027, 1, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("destination", "hour", "day"),
    [
        (None, 1, True),
        (None, 0, False),
        ("SA", 4, False),  # eleven in Phnom Penh, seven in Riyadh
        ("SA", 5, True),
        ("SA", 13, False),  # eight in the evening in Phnom Penh
        ("JP", 0, False),
        ("JP", 10, True),
        ("JP", 11, False),
        ("ZW", 12, True),  # a place of which nothing is known
    ],
)
def test_of_a_number_of_unknown_country_both_ends_of_the_way_are_awake(destination, hour, day):
    at = DAYS[1] + timedelta(hours=hour)
    for country in (None, hours.UNKNOWN, "XX"):
        assert hours.awake(country, destination, at) is day


def test_where_somebody_is_bound_for_counts_only_if_their_country_is_unknown():
    assert hours.awake("KH", "SA", DAYS[0] + timedelta(hours=2))


def test_in_other_countries_it_is_never_night_either():
    """In New York it is night while it is day in Phnom Penh; in Sydney the evening begins three hours before."""
    at = datetime(2026, 11, 2, tzinfo=UTC)
    open_in = {
        country: [hour for hour in range(24) if hours.awake(country, "KH", at + timedelta(hours=hour))]
        for country in ("US", "FR", "AU", "KH")
    }
    for country in ("US", "FR", "AU"):
        for hour in open_in[country]:
            for zone in hours.zones(country, None):
                assert 8 <= (at + timedelta(hours=hour)).astimezone(ZoneInfo(zone)).hour < 20
    assert open_in["FR"] == list(range(7, 19))
    assert open_in["US"]
    assert open_in["AU"]
    assert open_in["US"] != open_in["KH"] != open_in["AU"]


@pytest.mark.parametrize("folders", [(), ("/nowhere",)])
def test_the_zones_of_the_world_are_known_without_those_of_the_machine(monkeypatch, folders):
    pytest.importorskip("tzdata")
    monkeypatch.setattr(hours, "TZPATH", folders)
    assert "Europe/Paris\n" in hours._listed() or "Europe/Paris\t" in hours._listed()
