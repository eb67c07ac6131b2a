"""A series that may not be is refused, with the file, the line and the reason."""

import pytest

from bot.content import series
from bot.content.book import Choice, State
from bot.content.faults import Faults
from bot.content.ledger import Ledger
from bot.content.nodes import compose


def state(name, **more):
    given = {"topic": "menu", "pages": ("Words",), "by_country": {}, "choices": (), "facts": (), "budget": 2}
    return State(name, **(given | {"sensitive": False, "scope": "here", "hints": True, "where": "x:1"} | more))


LINES = (Choice("Yes", "menu.main"),)
STATES = {
    each.id: each
    for each in (
        state("broadcasts.news"),
        state("broadcasts.well", choices=LINES, asks="check"),
        state("broadcasts.long", budget=3),
        state("broadcasts.pages", pages=("One", "Two")),
        state("topics.costs"),
    )
}
SOUND = """\
s:
  a: {since: departure, day: -14, say: broadcasts.news}
  b: {since: ask_evening, day: 0, say: broadcasts.well, hours: [17, 20]}
"""


def read(text):
    faults = Faults()
    block = compose(text, "series.yaml", faults)
    found = dict(series.read(block, STATES, Ledger(faults))) if block else {}
    return found, faults.found


def test_steps_are_read():
    found, faults = read(SOUND)
    assert faults == []
    assert found["s"].steps == (
        series.Step("a", "departure", -14, "broadcasts.news", None, 2),
        series.Step("b", "ask_evening", 0, "broadcasts.well", (17, 20), 0),
    )
    assert found["s"].kinds == {"departure", "ask_evening"}


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("since: departure", "since: birthday", "series.yaml:2: 'since' must be one of: ask_evening, ask_morning"),
        ("day: -14", "day: soon", "series.yaml:2: 'day' must be a number of days"),
        ("day: -14", "day: 400", "series.yaml:2: 'day' must be a number of days"),
        ("day: -14", "day: 32", "series.yaml:2: a day that somebody named is soon forgotten: at most 31 days"),
        ("day: -14", "day: --1", "series.yaml:2: 'day' must be a number of days"),
        ("day: -14", "dya: -14", "series.yaml:2: unknown key 'dya'"),
        ("broadcasts.news", "broadcasts.gone", "series.yaml:2: there is no state 'broadcasts.gone'"),
        ("broadcasts.news", "topics.costs", "series.yaml:2: topics.costs is no text to be sent unasked"),
        ("broadcasts.news", "broadcasts.long", "series.yaml:2: broadcasts.long is no text to be sent unasked"),
        ("broadcasts.news", "broadcasts.pages", "series.yaml:2: broadcasts.pages is no text to be sent unasked"),
        ("broadcasts.news", "broadcasts.well", "(H6)"),
        ("broadcasts.well", "broadcasts.news", "(H6)"),
        ("day: 0", "day: 7", "(H6)"),
        (", hours: [17, 20]", "", "(H6)"),
        ("[17, 20]", "[17, 21]", "series.yaml:3: 'hours' must be two hours of the day, from 8 to 20"),
        ("[17, 20]", "[20, 17]", "series.yaml:3: 'hours' must be two hours of the day"),
        ("[17, 20]", "[evening]", "series.yaml:3: 'hours' must be two hours of the day"),
        ("[17, 20]", "[17, 20], late: 1", "(H6)"),
        ("[17, 20]", "[17, 20], late: 3", "series.yaml:3: 'late' must be one of: 0, 1, 2"),
        ("departure, day: -14", "joined, day: 0", "series.yaml:2: nobody knows when somebody will join"),
    ],
)
def test_what_may_not_be_is_refused(old, new, why):
    assert old in SOUND
    _, faults = read(SOUND.replace(old, new, 1))
    assert any(why in fault for fault in faults), faults
