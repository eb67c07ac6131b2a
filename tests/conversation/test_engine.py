"""The conversation, on the real content: what no transcript can say for every state and every order of texts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stories.stage import words

from bot.content.book import LANGUAGES
from bot.conversation.engine import MENU_LIFE, SENSITIVE_LIFE, step
from bot.conversation.session import Session, Turn
from bot.conversation.talk import TRAIL, tool_of
from bot.text.sms import segments

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
BOOK, READER = words()
HOMES = ["KH", "TH", "MY", "DE", None]
COMMANDS = [
    "MENU",
    "MORE",
    "BACK",
    "START",
    "khmer",
    "english",
    "boxes",
    "1",
    "៩",
    "77",
    "hello",
    "",
    " ",
    "\U0001f198",
]
QUESTIONS = ["passport price", "ទៅកូរ៉េអស់ប៉ុន្មាន", "min ban brak khae", "Japan", "qwzx"]


def hear(session: Session, text: str, after: timedelta = timedelta(minutes=1)) -> Turn:
    return step(BOOK, READER, session, text, (session.at or NOW) + after)


def talk(*texts: str, **known: object) -> Turn:
    """The last turn of a talk."""
    turn = Turn(Session(home="KH", **known), ())
    for text in texts:
        turn = hear(turn.session, text)
    return turn


@pytest.mark.parametrize("state", sorted(BOOK.states))
@pytest.mark.parametrize("text", ["SOS", "ជួយខ្ញុំផង", "chuoy phong"])
def test_help_is_one_text_away_from_every_state(state: str, text: str) -> None:
    for opted_out in (False, True):
        session = Session(language="km", state=state, tool=tool_of(state), at=NOW, home="TH", opted_out=opted_out)
        turn = hear(session, text)
        assert turn.replies[0].emergency
        assert turn.replies[0].topic == "sos"
        assert turn.acts == ("open_case",)
        assert len(segments(turn.replies[0].text).parts) == 1


@pytest.mark.parametrize("state", sorted(BOOK.states))
def test_every_choice_answers_in_every_language(state: str) -> None:
    for language in LANGUAGES:
        for number in range(1, len(BOOK.states[state].choices) + 1):
            session = Session(language=language, state=state, tool=tool_of(state), at=NOW, home="KH")
            turn = hear(session, str(number))
            assert turn.replies, (state, language, number)
            assert turn.session.failures == 0


def test_a_menu_line_is_chosen_by_its_label_in_any_language_and_by_alias() -> None:
    for label in ("Thailand", "ថៃ"):
        assert talk("6", label, state="menu.main", at=NOW).session.state == "countries.TH"
    assert talk("latin", state="menu.language", at=NOW).session.language == "km_Latn"


@pytest.mark.parametrize(
    "text",
    ["2", "2.", "2)", "#2", " ២ ", "2។", "02", "number 2", "No. 2", "2 please", "លេខ២", "សូមលេខ ២", "two", "ពីរ", "pi"],
)
def test_a_number_is_a_number(text: str) -> None:
    assert talk(text, state="menu.main", at=NOW).session.state == "menu.before"


@pytest.mark.parametrize("text", ["0", "00", "10", "001", "012345678", "99999999999999999999", "1 2", "1.5"])
def test_a_number_that_is_not_there_is_not_understood(text: str) -> None:
    session = talk(text, state="menu.before", at=NOW).session
    assert session.state == "system.fallback"
    assert session.failures == 1


def test_two_failures_lead_to_a_person_and_a_third_begins_again() -> None:
    assert talk("qwzx", "vrrt").session.state == "system.exit"
    assert talk("qwzx", "vrrt", "zzkw").session.state == "system.fallback"
    assert talk("qwzx", "MENU", "vrrt").session.state == "system.fallback"


def test_a_stranger_is_told_who_answers_before_the_menu() -> None:
    assert talk("MENU").session.state == "system.welcome"
    assert talk("MENU", "MENU").session.state == "menu.main"


def test_stop_is_confirmed_once_and_silences_all_but_help() -> None:
    turn = talk("STOP")
    assert turn.acts == ("opt_out",)
    stopped = turn.session._replace(opted_out=True)
    assert hear(stopped, "STOP").replies == ()
    assert hear(stopped, "passport price").replies == ()
    assert hear(stopped, "2").replies == ()
    assert hear(stopped, "qwzx").replies == ()
    assert hear(stopped, "numbers").replies[0].emergency
    assert hear(stopped, "ERASE").acts == ("erase",)
    assert hear(stopped, "START").acts == ("opt_in",)


@pytest.mark.parametrize(
    "text", ["join kya", "join the army", "when does work start", "ចាប់ផ្ដើមការងារ", "nhom chab pderm tver ka"]
)
def test_no_guess_at_a_sentence_brings_back_who_said_stop(text):
    turn = hear(Session(language="en", at=NOW, home="KH", opted_out=True), text)
    assert (turn.replies, turn.acts) == ((), ())


@pytest.mark.parametrize("text", ["START", "start please", "ចាប់ផ្ដើម", "unstop"])
def test_the_word_itself_does(text):
    assert hear(Session(language="en", at=NOW, home="KH", opted_out=True), text).acts == ("opt_in",)


def test_a_menu_line_that_helps_is_answered_after_stop() -> None:
    stopped = Session(language="en", state="menu.help", at=NOW, home="KH", opted_out=True)
    assert hear(stopped, "1").replies[0].topic == "sos"
    assert hear(stopped, "2").replies == ()


def test_sensitive_things_are_forgotten_after_15_minutes_others_after_a_day() -> None:
    asked = talk("my boss keeps my passport in Malaysia").session
    assert asked.country == "MY"
    assert hear(asked, "MORE", SENSITIVE_LIFE).session.state == "topics.passport_kept"
    later = hear(asked, "MORE", SENSITIVE_LIFE + timedelta(seconds=1)).session
    assert (later.state, later.country, later.trail) == ("menu.main", None, ())
    menu = talk("hello", "MENU").session
    assert hear(menu, "2", MENU_LIFE).session.state == "menu.before"
    assert hear(menu, "2", MENU_LIFE + timedelta(seconds=1)).session.state == "system.fallback"
    assert hear(menu, "2", -MENU_LIFE - timedelta(seconds=1)).session.state == "system.fallback"


def test_a_danger_passed_on_the_way_is_forgotten_as_soon() -> None:
    session = talk("they beat me", "MENU").session
    assert "sos" in session.trail
    assert hear(session, "BACK", timedelta(minutes=16)).session.state == "menu.main"


def test_a_state_the_content_no_longer_has_is_forgotten() -> None:
    session = Session(language="en", state="topics.gone", trail=("topics.gone",), at=NOW, home="KH")
    assert hear(session, "BACK").session.state == "menu.main"
    assert talk("BACK", state="menu.main", trail=("topics.gone", "menu.help"), at=NOW).session.state == "menu.help"


def test_more_and_back_walk_the_pages_and_then_the_talk() -> None:
    texts = ["hello", "documents", "MORE", "MORE", "BACK", "BACK", "BACK"]
    sessions = [talk(*texts[: n + 1]).session for n in range(len(texts))]
    assert [session.page for session in sessions[1:]] == [0, 1, 2, 1, 0, 0]
    assert sessions[-1].state == "menu.main"
    assert talk("unsubscribe", "MORE").session.state == "menu.main"


def test_language_by_word_stays_and_repeats_the_last_answer() -> None:
    turn = talk("ចង់ធ្វើលិខិតឆ្លងដែន", "english")
    assert (turn.session.language, turn.session.state) == ("en", "topics.documents")
    assert "passport" in turn.replies[0].text
    again = hear(turn.session, "ទៅកូរ៉េអស់ប៉ុន្មាន")
    assert again.session.language == "en"
    assert talk("language", "2").session.language == "km_Latn"
    assert talk("english").session.state == talk("menu").session.state == "system.welcome"
    assert talk("english", at=NOW).session.state == "menu.main"


def test_otherwise_the_script_of_the_text_decides() -> None:
    assert talk("how much does it cost to go to Korea").session.language == "en"
    assert talk("how much does it cost to go to Korea", "ទៅកូរ៉េអស់ប៉ុន្មាន").session.language == "km"
    assert talk("ទៅកូរ៉េអស់ប៉ុន្មាន", "MENU").session.language == "km"
    assert talk("៩៩").session.language == "km"


@pytest.mark.parametrize(
    ("home", "text", "state"),
    [
        ("TH", "phone numbers", "countries.TH"),
        ("KH", "phone numbers", "countries.KH"),
        ("KH", "phone numbers in malaysia", "countries.MY"),
        ("DE", "phone numbers", "helplines"),
        (None, "phone numbers", "helplines"),
    ],
)
def test_numbers_are_those_of_the_country_named_or_of_the_phone(home: str | None, text: str, state: str) -> None:
    assert hear(Session(home=home), text).session.state == state


@pytest.mark.parametrize("text", ["country", "which country?", "ប្រទេស", "prates"])
def test_the_word_country_asks_which(text: str) -> None:
    assert talk("numbers in Malaysia", text).session.state == "menu.countries"


def test_a_country_without_a_card_leads_to_the_list() -> None:
    assert talk("Poland").session.state == "menu.countries"


@pytest.mark.parametrize(
    ("texts", "country"),
    [
        (("ទៅកូរ៉េអស់ប៉ុន្មាន", "SOS"), None),
        (("how much does it cost to go to Korea", "menu", "1", "1"), None),
        (("how to go to japan legally", "boss beats me", "more", "SOS"), None),
        (("how to go to japan legally", "phone numbers"), None),
        (("how to go to japan legally", "menu", "5"), None),
        (("how to go to japan legally", "how much does it cost"), "JP"),
        (("how to go to japan legally", "SOS in Malaysia"), "MY"),
        (("phone numbers in Malaysia", "SOS"), "MY"),
        (("boss in Thailand does not pay my salary", "SOS"), "TH"),
        (("boss in Thailand does not pay my salary", "menu", "1", "2", "SOS"), "TH"),
    ],
)
def test_a_country_to_go_to_is_not_where_help_is_needed(texts: tuple[str, ...], country: str | None) -> None:
    turn = talk(*texts)
    assert turn.session.country == country
    if texts[-1] == "SOS":
        there = hear(Session(home=country or "KH", language=turn.session.language), "SOS")
        assert turn.replies[0].text == there.replies[0].text


def test_only_the_last_answers_are_remembered_for_back() -> None:
    turn = talk("MENU", *["passport price", "border open?", "EPS exam", "age limit", "loans", "contract"] * 2)
    assert len(turn.session.trail) == TRAIL


def test_a_page_that_is_no_more_is_the_last_one() -> None:
    turn = hear(Session(language="en", state="topics.documents", page=99, at=NOW, home="KH"), "english")
    assert turn.session.state == "topics.documents"
    assert turn.replies[0].text


def test_back_at_the_first_answer_stays_at_the_menu() -> None:
    assert [talk("passport price", *["BACK"] * times).session.state for times in (1, 2, 3)] == ["menu.main"] * 3


def test_the_phone_numbers_line_of_a_menu_leads_to_the_card() -> None:
    assert talk("5", state="menu.main", at=NOW).session.state == "countries.KH"


def test_erasing_forgets_the_talk_at_once() -> None:
    turn = talk("passport price", "ERASE")
    assert turn.acts == ("erase",)
    assert turn.session == Session(home="KH")


def test_machines_are_not_answered() -> None:
    assert talk("Your verification code is 482910").replies == ()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    home=st.sampled_from(HOMES),
    texts=st.lists(
        st.tuples(
            st.one_of(st.sampled_from(COMMANDS + QUESTIONS + ["STOP", "SOS", "ERASE"]), st.text(max_size=40)),
            st.sampled_from([timedelta(seconds=5), timedelta(minutes=16), timedelta(hours=25), -timedelta(days=3)]),
        ),
        max_size=30,
    ),
)
def test_whatever_is_texted(home: str | None, texts: list[tuple[str, timedelta]]) -> None:
    """At most one answer a text, within three parts; STOP holds until START; help always comes (S1)."""
    session, out = Session(home=home), False
    for text, after in texts:
        turn = hear(session._replace(home=home, opted_out=out), text, after)
        assert len(turn.replies) <= 1
        for reply in turn.replies:
            assert len(segments(reply.text).parts) <= 3
            assert not out or reply.topic in {"sos", "helplines", "country", "start", "erase"}
        if text == "SOS":
            assert turn.replies[0].topic == "sos"
        out = (out or "opt_out" in turn.acts or "erase" in turn.acts) and "opt_in" not in turn.acts
        assert turn.session.state is None or turn.session.state in BOOK.states
        session = turn.session


@pytest.mark.parametrize(
    "text",
    ["please delete everything you know of me", "boss erase my phone", "thaoke lub sar", "delete my passport number"],
)
def test_a_guess_never_erases(text: str) -> None:
    turn = talk("SOS", text)
    assert "erase" not in turn.acts
    assert turn.session.home == "KH"


def test_who_is_asked_erases_with_the_word() -> None:
    turn = talk("please delete everything you know of me")
    assert turn.session.state == "system.erase_ask"
    assert hear(turn.session, "ERASE").acts == ("erase",)


def test_help_is_given_where_it_was_asked_for_whatever_was_asked_between() -> None:
    turn = talk("they locked me in the house", "malaysia", "how do i get a passport", "SOS")
    assert turn.session.country == "MY"
    assert "999" in turn.replies[0].text


def test_a_place_to_go_to_is_no_place_to_be_helped_in() -> None:
    assert talk("how much does it cost to go to korea", "SOS").session.country is None
    assert talk("how much does it cost to go to korea", "they locked me in the house").session.country is None


def test_who_cries_from_abroad_and_names_home_is_helped_abroad() -> None:
    text = "i was sold to a man here, i want to go home to cambodia"
    turn = step(BOOK, READER, Session(home="CN"), text, NOW)
    assert turn.replies[0].topic == "sos"
    assert turn.session.country == "CN"
    assert "110" in turn.replies[0].text


def test_how_much_after_an_answer_on_the_way_there_is_about_costs() -> None:
    assert talk("how do i go to work in korea", "how much does it cost").session.state == "topics.costs"
