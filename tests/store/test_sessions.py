"""A talk goes on from exactly where it stood."""

from datetime import UTC, datetime

from bot.conversation.session import Session, View
from bot.store.sessions import dump, load

FULL = Session(
    language="km",
    pinned=True,
    state="topics.loans",
    page=2,
    country="TH",
    where="MY",
    trail=("menu", "topics.costs"),
    failures=1,
    at=datetime(2026, 11, 2, 3, 4, 5, 678000, tzinfo=UTC),
    home="KH",
    opted_out=True,
    tool="quiz",
    given=("KYA12", "1/right"),
    view=View("kannel/1", "1*2", True, "Text", 3, "resume", True),
)


def test_every_field_comes_back():
    untouched = [name for name, default in Session._field_defaults.items() if getattr(FULL, name) == default]
    assert untouched == [], "give FULL another value than the default, so that a field left out shows"
    assert load(dump(FULL), FULL.home, FULL.opted_out) == FULL


def test_every_field_of_a_view_comes_back():
    assert all(FULL.view)
    assert load(dump(Session(view=View("kannel/1", screen=2)))).view == View("kannel/1", screen=2)
    assert load(b'{"view":{"call":"c","glow":1}}').view == View("c")


def test_what_is_known_of_the_contact_is_not_kept_twice():
    assert load(dump(FULL)) == load(dump(FULL), None, False)
    assert (load(dump(FULL)).home, load(dump(FULL)).opted_out) == (None, False)


def test_an_empty_session_takes_no_room():
    assert dump(Session()) == b"{}"
    assert load(b"{}") == Session()


def test_a_field_of_another_version_is_left_out():
    assert load(b'{"state":"menu","mood":"good"}') == Session(state="menu")
