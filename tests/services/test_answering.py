"""A text that answers the question of a broadcast leads on, and the first answer of each person is counted."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, select, update
from stories.stage import words

from bot.content.book import LANGUAGES
from bot.protocol import Inbound, Response
from bot.services import asking, campaigns, inbox
from bot.services.service import Service
from bot.store import answers
from bot.store.crypto import Vault
from bot.store.statements import Statement
from bot.store.tables import Broadcast, BroadcastAnswer, BroadcastText, Contact, ContactDay, DailyCount, Escalation

NUMBER, OTHER = "+85512345678", "+85512345679"
TEXT = 71
COSTS = ("What it costs", "17", "en", 1)


@pytest.fixture
def house(database, clock):
    book, reader = words()
    made = Service(database, Vault(bytes(32)), book, reader, clock, paced=False)
    campaigns.add(made, "KYA12", "School road show")
    return made


@pytest.fixture
def say(house, clock):
    """Let texts come in a second apart; what is answered to the last."""

    def come(*texts: str, sender: str = NUMBER, sid: str | None = None, medium: str = "sms") -> str:
        said = ""
        for text in texts:
            come.count += 1
            clock.forward(seconds=1)
            sent = Inbound("twilio", sender, text, sid or f"SM{come.count}", clock(), medium, "call")
            received = inbox.receive(house, sent, lambda replies, _: Response(200, b""))
            said = "|".join(reply.text for reply in received.replies)
        return said

    come.count = 0
    return come


@pytest.fixture
def ask(house, say, clock):
    """Let people be known, in English, and be given a question."""

    def given(state: str, *senders: str) -> None:
        for sender in senders or (NUMBER,):
            say("english", "no such thing", sender=sender)
        clock.forward(minutes=1)
        now = house.now()
        row = {"id": 7, "request": "r", "campaign": "KYA12", "title": "t", "channel": "twilio", "author": "A"}
        row |= {"state": 50, "audience": "{}", "counts": "{}", "created_at": now, "starts_at": now, "ends_at": now + 1}
        write(house, insert(Broadcast), **row)
        text = {"id": TEXT, "broadcast_id": 7, "language": "en", "text_sealed": b"", "parts": 1, "opens": state}
        write(house, insert(BroadcastText), **text)
        people = update(Contact).where(Contact.number_sealed.is_not(None))
        write(house, people, asked=TEXT, texted_at=now, province="17")

    return given


def write(house, statement, **values):
    wanted = Statement(lambda _: statement, columns=tuple(values))
    house.database.write(lambda tx: tx.run(wanted, **values))


def rows(house, *columns):
    return sorted(house.database.read(lambda tx: tx.all(Statement(lambda _: select(*columns)))))


def counted(house):
    columns = (BroadcastAnswer.answer, BroadcastAnswer.province, BroadcastAnswer.language, BroadcastAnswer.texts)
    return rows(house, *columns)


def open_questions(house):
    found = house.database.read(lambda tx: tx.all(Statement(lambda _: select(Contact.asked))))
    return [asked for (asked,) in found if asked is not None]


@pytest.mark.parametrize("answer", ["២", "2 please", "cost", "ថ្លៃចំណាយ", "Thlai chomnay"])
def test_an_answer_leads_on_and_is_counted(house, say, ask, answer):
    ask("broadcasts.next_topic")
    say(answer)
    assert ("costs",) in rows(house, DailyCount.topic)
    assert counted(house) == [COSTS]
    assert open_questions(house) == []
    assert say("more") != say("menu"), "the talk goes on from there"


def test_only_the_first_answer_counts(house, say, ask):
    ask("broadcasts.next_topic")
    say("2", "1", "2", "3")
    assert counted(house) == [COSTS]


def test_a_copy_of_the_webhook_counts_nothing(house, say, ask):
    ask("broadcasts.next_topic", NUMBER, OTHER)
    say("2", sid="SMx")
    say("2", sid="SMx")
    assert counted(house) == [COSTS]
    assert len(open_questions(house)) == 1


def test_answers_add_up_without_a_link_to_anybody(house, say, ask):
    ask("broadcasts.next_topic", NUMBER, OTHER)
    say("2")
    say("2", sender=OTHER)
    assert counted(house) == [(*COSTS[:3], 2)]
    assert set(BroadcastAnswer.__table__.columns.keys()) == {"broadcast_id", "answer", "province", "language", "texts"}


@pytest.mark.parametrize(
    ("text", "topic"), [("STOP", "stop"), ("menu", "menu"), ("SOS", "sos"), ("help they locked us in", "sos")]
)
def test_commands_and_emergencies_win_and_leave_the_question_open(house, say, ask, text, topic):
    ask("broadcasts.arrived")
    say(text)
    assert counted(house) == []
    assert open_questions(house) == [TEXT]
    assert (topic,) in rows(house, DailyCount.topic)


def test_what_is_no_answer_is_answered_as_usual_and_the_question_stays_open(house, say, ask):
    ask("broadcasts.next_topic")
    usual = say("is a student visa good for work in japan", sender=OTHER)
    assert say("is a student visa good for work in japan") == usual
    assert counted(house) == []
    say("2")
    assert counted(house) == [COSTS], "that answer had no lines to choose from"


def test_a_menu_shown_since_takes_the_number(house, say, ask):
    ask("broadcasts.next_topic")
    assert "Legal ways" in say("menu", "2")
    assert counted(house) == []


def test_a_menu_shown_before_does_not(house, say, ask):
    say("english", "menu")
    ask("broadcasts.next_topic")
    say("menu", sender=OTHER)
    say("2")
    assert counted(house) == [COSTS]


def test_after_72_hours_it_is_closed(house, say, ask, clock):
    ask("broadcasts.next_topic", NUMBER, OTHER)
    clock.forward(hours=71, minutes=59)
    say("2")
    assert counted(house) == [COSTS]
    clock.forward(minutes=2)
    say("2", sender=OTHER)
    assert counted(house) == [COSTS]


def test_whoever_said_stop_answers_nothing(house, say, ask):
    ask("broadcasts.next_topic")
    assert say("stop", "2") == ""
    assert counted(house) == []


def test_a_call_is_another_talk(house, say, ask):
    ask("broadcasts.next_topic")
    say("2", medium="ussd")
    assert counted(house) == []


def test_who_is_not_well_is_led_to_help(house, say, ask):
    ask("broadcasts.arrived")
    assert "Danger now" in say("3")
    assert counted(house) == [("Not good", "17", "en", 1)]
    say("1")
    assert rows(house, Escalation.kind) == [("emergency",)]


def test_knowledge_is_counted_by_the_phase_of_the_campaign(house, say, ask):
    ask("broadcasts.passport", NUMBER, OTHER)
    assert "Right!" in say("1")
    campaigns.set_phase(house, "KYA12", "after")
    house.shelf.look_again()
    assert "Better" in say("the boss", sender=OTHER)
    kept = dict(rows(house, DailyCount.topic, DailyCount.texts))
    quiz = {topic: texts for topic, texts in kept.items() if topic.startswith("quiz/")}
    assert quiz == {"quiz/KYA12/before/passport/right": 1, "quiz/KYA12/after/passport/wrong": 1}


def test_a_yes_to_being_asked_names_the_day_after_tomorrow(house, say, ask, clock):
    clock.time = datetime(2026, 11, 2, 18, 30, tzinfo=UTC)  # in Cambodia it is the third
    ask("broadcasts.tomorrow")
    assert "two days" in say("yes, in the evening")
    assert rows(house, ContactDay.kind, ContactDay.day) == [("ask_evening", "2026-11-05")]


def test_a_no_to_it_names_none(house, say, ask):
    ask("broadcasts.tomorrow")
    say("3")
    assert counted(house) == [("No", "17", "en", 1)]
    assert rows(house, ContactDay.kind) == []


def test_the_question_is_nothing_to_go_back_to(house, say, ask):
    """Whoever holds the phone later does not find it."""
    ask("broadcasts.arrived")
    say("1")
    assert "trip" not in say("back")
    assert "trip" not in say("back")


def test_people_without_a_question_cost_no_statement(house, say, monkeypatch):
    say("english")
    monkeypatch.setattr(answers, "question", None)  # to call it would raise
    assert say("2")


def test_what_a_text_asks_is_looked_up_once(house, say, ask, monkeypatch):
    ask("broadcasts.next_topic", NUMBER, OTHER)
    say("2")
    monkeypatch.setattr(answers, "question", None)
    say("2", sender=OTHER)
    assert counted(house) == [(*COSTS[:3], 2)]


def test_every_label_and_alias_can_be_said():
    """Whoever writes what the text offers must not be heard as if they had said something else."""
    book, reader = words()
    states = [state for state in book.states.values() if state.asks]
    assert len(states) >= 4
    for state in states:
        for choice in state.choices:
            spoken = {*choice.aliases, *(book.label(choice, language) for language in LANGUAGES)}
            assert [each for each in spoken if reader.order(each)] == [], state.id
            heard = [found for each in spoken if (found := reader.urgent(each))]
            assert [found for found in heard if found.topic != "sos" or found.confidence == 1.0] == [], state.id


def test_how_somebody_is_may_only_be_asked_by_a_series():
    book, _ = words()
    assert asking.may_ask(book, "broadcasts.next_topic")
    assert asking.may_ask(book, "broadcasts.passport")
    assert not asking.may_ask(book, "broadcasts.arrived")
    assert not asking.may_ask(book, "broadcasts.arrived", "weekly")
    assert asking.may_ask(book, "broadcasts.arrived", "series:departure:KYA12:arrived_evening")
    assert not asking.may_ask(book, "menu.main", "series:departure:KYA12:arrived_evening")
    assert not asking.may_ask(book, "no.such.state")
