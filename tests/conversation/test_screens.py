"""The conversation on USSD screens: keys, pages, calls, and what whoever holds the phone later must not see."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.content.book import LANGUAGES
from bot.content.loader import load
from bot.conversation.registry import Campaign, Registry
from bot.conversation.screens import START, Entry, Phone, answer, latest
from bot.conversation.session import Session, Turn, View
from bot.conversation.understand import Reader
from bot.protocol import Display
from bot.text.sms import measure

BOOK = load()
READER = Reader(BOOK)
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
LAST = Display(entry="last")
CAMPAIGNS = Registry(campaigns={"KYA12": Campaign("KYA12", "Road show")})
DISPLAYS = [Display(), Display(160, 70), Display(100, 70), Display(182, 91)]
PLACES = [*sorted(BOOK.countries), "MO", "KW", "QA", "BN", None]


@dataclass
class Dialling:
    """A phone; each `press` is a step of its call, ten seconds after the one before."""

    session: Session
    display: Display
    sms: bool = True
    now: datetime = NOW
    calls: int = 0
    turn: Turn = field(default_factory=lambda: Turn(Session(), ()))

    def dial(self, behind: str = "") -> str:
        self.calls += 1
        return self.send(Entry(f"call {self.calls}", behind, new=True))

    def press(self, *keys: str) -> str:
        for key in keys:
            self.send(Entry(f"call {self.calls}", key, new=False))
        return self.text

    def send(self, entry: Entry) -> str:
        self.now += timedelta(seconds=10)
        phone = Phone(BOOK, READER, self.now, CAMPAIGNS, self.display, self.sms)
        self.turn = answer(phone, self.session, entry)
        self.session = self.turn.session
        return self.text

    @property
    def text(self) -> str:
        (reply,) = self.turn.replies
        return reply.text

    def all_screens(self) -> list[str]:
        """From here to the last screen of the answer."""
        seen = [self.text]
        while self.press("9") != seen[-1]:
            seen.append(self.text)
        return seen


def phone(language: str | None = None, home: str | None = "KH", **more: object) -> Dialling:
    return Dialling(Session(language=language, home=home), **{"display": Display(), **more})


def choose(person: Dialling, label: str) -> str:
    """Press the key of the line that says so, on whatever screen of the menu it is."""
    seen = person.text
    while not (line := re.search(rf"^([1-8]) {re.escape(label)}$", seen, re.MULTILINE)):
        following = person.press("9")
        assert following != seen, label
        seen = following
    return person.press(line[1])


def fits(text: str, display: Display) -> bool:
    encoding, ends = measure(text)
    return ends[-1] <= (display.gsm7 if encoding == "GSM-7" else display.ucs2)


@pytest.mark.parametrize("display", DISPLAYS, ids=lambda display: f"{display.gsm7}-{display.ucs2}")
@pytest.mark.parametrize("language", LANGUAGES)
def test_help_is_two_keys_away_with_its_first_number_whole(language, display):
    for home in PLACES:
        person = phone(language, home, display=display)
        person.dial()
        person.press("1", "1")
        assert person.turn.replies[0].topic == "sos"
        assert person.turn.acts == ("open_case",)
        whole = BOOK.answer("sos", language, here=home, there=None, today=NOW.date())
        first = re.search(r"\+?\d[\d -]*\d", whole)
        assert first[0].strip(" -") in person.text, (home, person.text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_number_is_ever_torn(language):
    """Every answer of the menus, from every country that makes a difference."""
    for home in ("KH", "TH", "MY", "KR", "JP", None):
        for topic in ("sos", "helplines", "unpaid_wages", "human", "legal_route"):
            person = phone(language, home)
            person.dial()
            person.session = person.session._replace(state=None)
            person.dial()
            turned = person.press({"sos": "SOS", "helplines": "NUMBERS", "human": "PERSON"}.get(topic, topic))
            whole = person.session.view.text
            pieces = [turned, *person.all_screens()]
            for number in re.findall(r"\+?\d[\d-]{2,}", whole):
                assert any(number in piece for piece in pieces), (topic, home, number)


def test_a_khmer_emergency_answer_is_on_one_screen_where_it_has_room():
    person = phone("km", "TH")
    person.dial()
    assert person.press("1", "1").startswith(BOOK.answer("sos", "km", here="TH", there=None, today=NOW.date()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_screen_offers_help_and_another_language(language):
    text = phone(language).dial()
    first, second = (BOOK.label(choice, language) for choice in BOOK.states[START].choices[:2])
    assert f"\n1 {first}\n" in text
    assert f"\n2 {second}\n" in text
    assert "anguage" in second


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_of_every_menu_leads_where_it_says(language):
    """Also those behind 9, which are numbered from 1 again."""
    for first in BOOK.states[START].choices:
        for second in BOOK.states[first.go].choices if first.go.startswith("menu.") else ():
            person = phone(language)
            person.dial()
            choose(person, BOOK.label(first, language))
            assert person.session.state == first.go
            choose(person, BOOK.label(second, language))
            expected = {"menu.main": START, "helplines": "countries.KH"}.get(second.go, second.go)
            assert person.session.state == expected, second.label


def test_back_goes_screen_by_screen_and_then_to_the_menu_it_came_from():
    person = phone("km")
    person.dial()
    person.press("9", "1")
    menu = person.text
    person.press("1")
    seen = person.all_screens()
    assert len(seen) > 3
    for text in reversed(seen[:-1]):
        assert person.press("0") == text
    assert person.press("0") == menu
    assert person.press("0") == phone("km").dial()
    assert person.press("0") == person.press("00")


def test_a_number_that_is_on_no_line_shows_the_screen_again():
    person = phone("en")
    first = person.dial()
    person.press("9")
    alone = person.text
    assert person.press("7") == alone
    assert person.press("0") == first
    assert person.press("") == first


def test_khmer_digits_and_words_are_keys_too():
    person = phone("km")
    first = person.dial()
    on = person.press("\u17e9")
    assert on != first
    assert person.press("\u17e0") == first
    assert person.press("\u1794\u1793\u17d2\u178f") == on
    assert person.press("back") == first
    assert person.press("\u17e0\u17e0") == first


def test_what_is_no_key_is_a_text_like_any_other():
    person = phone(None)
    person.dial()
    assert person.press("how much is a passport").startswith("First get")
    assert person.session.language == "en"
    assert person.press("xyzzy qwrtp").startswith("Sorry")


def test_all_that_was_dialled_is_gone_through():
    direct, stepping = phone("en"), phone("en")
    stepping.dial()
    stepping.press("1", "2")
    assert direct.dial("1*2") == stepping.text
    assert phone("en").dial("1*1*9") == phone("en").dial("1*1")
    shortcut = phone("en")
    shortcut.dial("1*1")
    assert shortcut.turn.acts == ("open_case",)


def test_nobody_agrees_by_dialling_to_what_was_not_on_the_screen():
    person = phone("en")
    person.dial("join kya12*1")
    assert person.session.state == "join.ask"
    assert person.turn.joins is None
    person.dial("1*1*1*1*1")
    assert person.turn.by_sms is None
    assert "stays in this phone" in person.text


def test_an_answer_comes_by_sms_after_a_warning_and_a_yes():
    person = phone("en", "TH")
    person.dial()
    said = person.press("1", "1")
    assert "1 Get as SMS" in said
    assert "stays in this phone" in person.press("1")
    assert person.turn.by_sms is None
    assert person.press("0") == said
    assert "on its way" in person.press("1", "1")
    assert person.turn.by_sms.text == BOOK.answer("sos", "en", here="TH", there=None, today=NOW.date())
    assert person.turn.by_sms.emergency
    person.press("1")
    assert person.turn.by_sms is None
    assert person.press("0") == said


def test_menus_questions_and_commands_are_not_offered_by_sms():
    for words in ("MENU", "QUIZ", "OFFER", "LANGUAGE", "START", "xyzzy qwrtp", "JOIN KYA12"):
        person = phone("en")
        person.dial()
        person.press(words)
        assert "SMS" not in "".join(person.all_screens()), words


def test_without_a_gateway_for_sms_none_is_offered():
    person = phone("en", sms=False)
    person.dial()
    said = person.press("1", "1")
    assert "SMS" not in said
    assert person.press("1") == said


@pytest.mark.parametrize(("words", "act"), [("STOP", "opt_out"), ("ERASE", "erase")])
@pytest.mark.parametrize("language", LANGUAGES)
def test_stop_and_erase_end_the_call_on_one_screen(words, act, language):
    for display in DISPLAYS:
        person = phone(language, display=display)
        person.dial()
        person.press(words)
        assert person.turn.replies[0].ends
        assert person.turn.acts == (act,)
        assert "9 " not in person.text
        assert fits(person.text, display)


def test_who_said_stop_is_answered_on_screens():
    person = phone("en")
    person.session = person.session._replace(opted_out=True)
    assert person.dial().startswith("Phlov answers")
    assert person.press("3").startswith("Before you go")
    assert person.press("how much is a passport").startswith("First get")
    assert person.turn.acts == ()
    assert person.press("STOP").startswith("Stopped")
    assert person.press("JOIN KYA12").startswith("To join, first send START")


def test_a_message_that_looks_like_a_machine_gets_a_screen():
    person = phone("en")
    person.dial()
    assert person.press("Your verification code is 123456").startswith("Sorry")


def test_a_cut_call_is_offered_for_five_minutes():
    person = phone("en")
    person.dial()
    legal = person.press("3", "1")
    offered = person.dial()
    assert offered == "The call was cut. Go on?\n1 Continue\n2 Start again"
    assert person.press("9") == offered
    assert person.press("1") == legal
    person.dial()
    start = person.press("2")
    assert start.startswith("Phlov answers")
    assert person.dial() == start
    person.press("3", "1")
    person.now += timedelta(minutes=5)
    assert person.dial() == start


def test_a_text_may_answer_the_offer_to_go_on():
    person = phone("en")
    person.dial()
    person.press("3", "1")
    person.dial()
    assert "117" in person.press("SOS")
    assert person.session.trail == ()


@pytest.mark.parametrize("words", ["SOS", "my boss keeps my passport", "PERSON", "NUMBERS"])
def test_nothing_that_touched_danger_is_offered_again(words):
    person = phone("en", "TH")
    person.dial()
    person.press(words)
    sensitive = BOOK.states[person.session.state].sensitive
    offered = person.dial()
    assert offered.startswith("Phlov answers" if sensitive else "The call was cut"), words
    if sensitive:
        person.press("3", "1")
        person.dial()
        assert person.press("1", "0", "0", "0", "0", "0").startswith("Phlov answers")


def test_an_ended_call_is_not_offered_again():
    person = phone("en")
    person.dial()
    person.press("3", "1", "STOP")
    assert person.dial().startswith("Phlov answers")


def test_the_first_screen_is_the_same_for_everybody():
    stranger = phone("en").dial()
    person = phone("en")
    person.dial()
    person.press("SOS", "my boss keeps my passport")
    assert person.dial() == stranger


@pytest.mark.parametrize("script", LANGUAGES)
def test_a_route_with_one_script_shows_no_other_and_leaves_the_persons_own(script):
    for own in LANGUAGES:
        person = phone(own, display=Display(script=script))
        expected = phone(script)
        assert person.dial() == expected.dial()
        for key in ("1", "2", "9", "0", "00", "SOS", "xyzzy qwrtp", "9", "QUIZ", "1"):
            assert person.press(key) == expected.press(key)
        assert person.session.language == own
        person.press("00", "2", "3")
        assert person.text == phone(script).dial()
        assert person.session.language == (own if script == "en" else "en")


@pytest.mark.parametrize(
    ("before", "sent", "entered", "last_only"),
    [
        (View("c", ""), "", "", False),
        (View("c", ""), "1", "1", False),
        (View("c", "1"), "1*2", "2", False),
        (View("c", "1"), "1", "", False),
        (View("c", "1"), "1*", "", False),
        (View("c", "1*2"), "1*2*a*b", "a*b", False),
        (View("c", "1"), "2", "2", True),
        (View("c", "1"), "12", "12", True),
        (View("c", "1*2"), "1", "1", True),
        (View("c", "9", last_only=True), "9", "9", True),
        (View("c", "9", last_only=True), "9*1", "1", False),
        (View("c", "1* to  Korea "), "1*to Korea*9", "9", False),
        (View("c", "1*2"), "1*3*4", "1*3*4", True),
    ],
)
def test_what_was_entered(before, sent, entered, last_only):
    text, view = latest(Session(at=NOW, view=before), Entry("c", sent), Display(entry="accumulated"), NOW)
    assert (text, view.last_only, view.entered) == (entered, last_only, sent)


def test_where_entries_are_never_joined_a_star_joins_nothing():
    session = Session(at=NOW, view=View("c", "9", last_only=True))
    assert latest(session, Entry("c", "9*1"), LAST, NOW)[0] == "9*1"


def test_the_same_last_entry_at_once_is_the_same_request():
    session = Session(at=NOW, view=View("c", "9", last_only=True))
    again = Entry("c", "9", again=True)
    assert latest(session, again, LAST, NOW + timedelta(seconds=1))[0] == ""
    assert latest(session, again, LAST, NOW + timedelta(seconds=3))[0] == "9"
    assert latest(session, again._replace(again=False), LAST, NOW)[0] == "9"


KEYS = st.sampled_from([*"0123456789", "00", "12", "", "*", "?", "\u17e1", "MENU", "SOS", "xyzzy", "QUIZ"])
WORDS = st.sampled_from(
    ["STOP", "START", "ERASE", "OFFER", "LOAN 500 18 12", "AGENCY", "LANGUAGE", "HUMAN", "JOIN KYA12", "STORY", "Korea"]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    keys=st.lists(KEYS | KEYS | KEYS | WORDS | st.text(max_size=20), min_size=1, max_size=25),
    language=st.sampled_from([None, *LANGUAGES]),
    home=st.sampled_from(["KH", "TH", "KR", None]),
    display=st.sampled_from([*DISPLAYS, Display(script="en"), Display(script="km_Latn")]),
    redial=st.sets(st.integers(0, 24), max_size=3),
    opted_out=st.booleans(),
)
def test_from_any_state_any_key_gives_a_screen_that_fits(keys, language, home, display, redial, opted_out):
    person = Dialling(Session(language=language, home=home, opted_out=opted_out), display)
    person.dial()
    for number, key in enumerate(keys):
        person.dial() if number in redial else person.press(key)
        assert person.text
        assert fits(person.text, display), person.text
        if person.turn.replies[0].ends:
            person.dial()
    assert person.press("00") == Dialling(person.session, display).press("00")
    assert person.session.state == START
    person.press("1", "1")
    assert person.turn.replies[0].topic == "sos"
