"""Emergencies that nobody has seen are told to the duty phones in turn, and of whom it is is not said (H18)."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import product
from threading import Barrier

import pytest
from sqlalchemy import insert, select, update
from staffing import events

from bot.content.book import LANGUAGES
from bot.content.loader import load
from bot.services import cases, duty, outbox, staff
from bot.services.duty import New, Refused, Why
from bot.services.outbox import Wish
from bot.services.roles import Role
from bot.services.service import Service
from bot.store import open_database
from bot.store import staff as store
from bot.store.case_tables import CaseFile, DutyPhone
from bot.store.database import Database
from bot.store.statements import Statement
from bot.store.tables import Contact

BOOK = load()
CHANNEL, CONSOLE = "village", "https://phlov.example.org/console/"
FIRST, SECOND, THIRD = (f"+8551200000{n}" for n in range(1, 4))
PERSON = "+66812345678"
MINUTE = 60_000

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what is not about SQL, or asks nothing that other tests here do not ask of both databases."""

_PERSON = Statement(
    lambda _: insert(Contact), ("id", "number_key", "number_sealed", "language", "created_at", "seen_at", "country")
)
_CASE = Statement(
    lambda _: insert(CaseFile), ("id", "contact_id", "kind", "opened_at", "news_at", "alerts", "alert_at")
)
_SEEN = Statement(lambda _: update(CaseFile), ("alert_at", "acknowledged_at"))
_CLOSED = Statement(lambda _: update(CaseFile), ("closed_at",))
_ALERTS = Statement(lambda _: select(CaseFile.alerts).order_by(CaseFile.id))
_ROWS = Statement(lambda _: select(*DutyPhone.__table__.columns))


@dataclass
class Post:
    """A house whose staff are on duty."""

    service: Service
    woken: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.service = replace(self.service, files=BOOK, wake=self.woken.append)
        for name, role in (("Sophea", Role.CASEWORKER), ("Dara", Role.ADMIN), ("Rith", Role.EDITOR)):
            staff.add(self.service, name, role, "Boss")

    def phone(self, number: str, owner: str = "Sophea", language: str = "en", channel: str = CHANNEL) -> int:
        return duty.add(self.service, New(owner, number, channel, language), "Dara")

    def phones(self, *numbers: str) -> list[int]:
        return [self.phone(number) for number in numbers]

    def emergency(self) -> int:
        """Somebody is in danger; the row of their case."""
        now, vault = self.service.now(), self.service.vault
        row = self.service.database.new_id(now, 2)
        number = f"{PERSON[:-4]}{row % 10_000:04}"
        known = {"number_key": row.to_bytes(8), "number_sealed": vault.seal(number.encode(), "number", row)}
        times = {"created_at": now, "seen_at": now}
        case = {"kind": "emergency", "opened_at": now, "news_at": now, "alerts": 0, "alert_at": now}

        def work(tx):
            tx.run(_PERSON, id=row, language="km", country="TH", **known, **times)
            tx.run(_CASE, id=row + 1, contact_id=row, **case)

        self.service.database.write(work)
        return row + 1

    def change(self, statement: Statement, **values: int | None) -> None:
        self.service.database.write(lambda tx: tx.run(statement, **values))

    def seen(self) -> None:
        """Somebody of staff has opened all of them."""
        self.change(_SEEN, alert_at=None, acknowledged_at=self.service.now())

    def alerts(self) -> list[int]:
        return [row[0] for row in self.service.database.read(lambda tx: tx.all(_ALERTS))]

    def sent(self, console: str | None = CONSOLE) -> list[str]:
        """One round; to whom the texts go that are in the outbox then."""
        duty.round(self.service, console)
        return [each.outbound.recipient for each in self.texts()]

    def texts(self):
        return outbox.claim(self.service, 7, Wish(CHANNEL, 100, posting=True))

    def hour(self, minutes: int = 60, step: int = 1) -> list[tuple[int, str]]:
        """After how many minutes who was alerted."""
        found = []
        for minute in range(0, minutes, step):
            found += [(minute, number) for number in self.sent()]
            self.service.clock.forward(minutes=step)
        return found


@pytest.fixture
def post(service) -> Post:
    return Post(service)


def test_an_emergency_is_told_to_the_first_phone_at_once(post):
    post.phones(FIRST, SECOND)
    assert post.sent() == []
    post.emergency()
    assert post.sent() == [FIRST]
    assert post.woken == [CHANNEL]
    assert post.sent() == [], "once"
    assert post.alerts() == [1]


@SQLITE
def test_it_goes_before_everything_and_for_a_quarter_of_an_hour(post):
    post.phones(FIRST)
    post.emergency()
    duty.round(post.service, CONSOLE)
    post.service.clock.forward(minutes=14)
    (held,) = outbox.claim(post.service, 7, Wish(CHANNEL, 10, posting=True, urgent=True))
    assert (held.outbound.priority, held.expires_at) == (0, held.created_at + 15 * MINUTE)
    assert not held.unasked


@SQLITE
def test_nothing_is_said_of_anybody(post):
    """H18: no number, no word, no country, no id; not even of what kind it is."""
    row = post.emergency()
    for language, console in product(LANGUAGES, (None, CONSOLE)):
        phone = post.phone(FIRST, language=language)
        post.service.clock.forward(hours=1)
        duty.round(post.service, console)
        (held,) = post.texts()
        text = held.outbound.text
        assert text == said(post, "duty.alert", language, console, count="1")
        assert re.findall("[0-9]+", text.replace(console or " ", "")) == ["1"]
        assert str(row) not in text
        assert not {word for word in ("SOS", "Thai", "danger", "emergency", "ថៃ", "thnak", "ថ្នាក់") if word in text}
        duty.remove(post.service, phone, "Dara")


def said(post: Post, state: str, language: str, console: str | None, **fills: str) -> str:
    """A text of the catalog."""
    today = post.service.clock().date()
    if console:
        fills, state = {**fills, "where": console}, f"{state}_at"
    return BOOK.answer(state, language, here=None, there=None, today=today, fills=tuple(fills.items()))


def test_each_in_turn_three_rounds_and_then_once_an_hour(post):
    post.phones(FIRST, SECOND, THIRD)
    post.emergency()
    heard = post.hour(4 * 60, step=5)
    turns = [FIRST, SECOND, THIRD]
    assert heard[:9] == [(5 * nth, turns[nth % 3]) for nth in range(9)]
    assert heard[9:] == [(100, FIRST), (160, SECOND), (220, THIRD)]


@SQLITE
def test_one_phone_alone_is_told_three_times_and_then_once_an_hour(post):
    post.phones(FIRST)
    post.emergency()
    assert [minute for minute, _ in post.hour(200, step=5)] == [0, 5, 10, 70, 130, 190]


@pytest.mark.parametrize("how", ["seen", "closed"])
def test_who_is_seen_is_alerted_no_more(post, how):
    post.phones(FIRST, SECOND)
    post.emergency()
    assert post.sent() == [FIRST]
    if how == "seen":
        post.seen()
    else:
        post.change(_CLOSED, closed_at=post.service.now())
    assert post.hour(30) == []


def test_seen_between_two_looks_at_it(post, monkeypatch):
    """Whoever opens the case while the alert is being written is not alerted again five minutes later."""
    post.phones(FIRST)
    post.emergency()
    may = duty._may

    def meanwhile(tx, now):
        tx.run(_SEEN, alert_at=None, acknowledged_at=now)
        return may(tx, now)

    monkeypatch.setattr(duty, "_may", meanwhile)
    duty.round(post.service, CONSOLE)
    monkeypatch.undo()
    post.texts()
    assert post.hour(30) == []


@SQLITE
def test_many_are_one_alert_with_a_count(post):
    post.phones(FIRST, SECOND)
    for _ in range(12):
        post.emergency()
    duty.round(post.service, CONSOLE)
    (held,) = post.texts()
    assert ": 12." in held.outbound.text
    assert post.alerts() == [1] * 12
    assert post.sent() == []


@SQLITE
def test_a_new_one_is_told_at_once_and_by_its_own_pace(post):
    post.phones(FIRST, SECOND)
    post.emergency()
    assert len(post.hour(60)) == 6
    post.emergency()
    heard = post.hour(30)
    assert [minute for minute, _ in heard] == [0, 5, 10, 15, 20, 25]
    assert post.alerts() == [12, 6]


@SQLITE
def test_however_many_come_there_are_twelve_alerts_an_hour(post):
    post.phones(FIRST, SECOND)
    heard = []
    for minute in range(120):
        post.emergency()
        heard += [minute] * len(post.sent())
        heard += [minute] * len(post.sent())
        post.service.clock.forward(minutes=1)
    assert len(heard) == len(set(heard))
    hours = [sum(low <= minute < low + 60 for minute in heard) for low in range(61)]
    assert max(hours) <= 2 * duty.MOST
    assert 24 <= len(heard) <= 36


@SQLITE
def test_a_clock_that_was_put_back_keeps_no_alert_back(post):
    post.phones(FIRST)
    post.emergency()
    assert post.sent() == [FIRST]
    post.service.clock.forward(hours=-30)
    assert post.sent() == [FIRST]
    post.emergency()
    post.service.clock.forward(minutes=1)
    assert post.sent() == [FIRST]


@SQLITE
def test_without_a_phone_nothing_is_lost(post):
    post.emergency()
    assert post.hour(20) == []
    assert post.alerts() == [0]
    post.phones(FIRST)
    assert post.sent() == [FIRST]


def test_only_who_may_answer_is_called_out(post):
    first, second = post.phone(FIRST), post.phone(SECOND, owner="Dara")
    duty.switch(post.service, second, "Dara", on=False)
    post.emergency()
    assert [number for _, number in post.hour(20)] == [FIRST] * 3
    staff.set_role(post.service, "Sophea", Role.VIEWER, "Boss")
    duty.switch(post.service, second, "Dara", on=True)
    assert [each.calls for each in duty.phones(post.service)] == [False, True]
    post.emergency()
    assert [number for _, number in post.hour(10)] == [SECOND] * 2
    duty.remove(post.service, second, "Dara")
    staff.set_role(post.service, "Sophea", Role.CASEWORKER, "Boss")
    staff.disable(post.service, "Sophea", "Boss")
    post.emergency()
    assert post.hour(30) == []
    assert [each.id for each in duty.phones(post.service)] == [first]


@SQLITE
def test_a_number_that_does_not_open_holds_the_others_up_no_longer(post):
    spoilt = post.phone(FIRST)
    post.phone(SECOND)
    damaged = Statement(lambda _: update(DutyPhone).where(DutyPhone.id == spoilt), ("number_sealed",))
    post.service.database.write(lambda tx: tx.run(damaged, number_sealed=b"\x01 nothing of ours"))
    post.emergency()
    assert [number for _, number in post.hour(2)] == [SECOND]
    assert duty.phones(post.service)[0].masked == "•••••"


@SQLITE
def test_what_is_kept_of_a_phone_is_sealed_and_what_is_shown_masked(post):
    post.phones(FIRST)
    (row,) = post.service.database.read(lambda tx: tx.all(_ROWS))
    assert FIRST[1:] not in repr(tuple(row))
    (shown,) = duty.phones(post.service)
    assert (shown.masked, shown.owner, shown.calls) == ("+855 •••••01", "Sophea", True)
    assert FIRST[4:] not in repr(shown)


WRONG = [
    ({"owner": "Rith"}, Why.OWNER),
    ({"owner": "Nobody"}, Why.OWNER),
    ({"number": "12"}, Why.NUMBER),
    ({"number": "+15005550006"}, Why.OURS),
    ({"number": FIRST.replace("+855", "0")}, Why.TAKEN),
    ({"channel": ""}, Why.CHANNEL),
    ({"language": "th"}, Why.LANGUAGE),
]


@SQLITE
def test_what_cannot_be_alerted_is_not_taken(post):
    post.phones(FIRST)
    usual = {"owner": " SOPHEA", "number": SECOND, "channel": CHANNEL, "language": "km"}
    for changes, why in WRONG:
        with pytest.raises(Refused) as refused:
            duty.add(post.service, New(**{**usual, **changes}), "Dara")
        assert refused.value.why is why
    assert len(duty.phones(post.service)) == 1
    assert duty.add(post.service, New(**usual), "Dara")


@SQLITE
def test_there_are_twenty_at_most(post):
    post.phones(*(f"+8551200{n:04}" for n in range(duty.PHONES)))
    with pytest.raises(Refused) as refused:
        post.phone(FIRST.replace("12", "15"))
    assert refused.value.why is Why.MANY


def test_the_order_is_what_staff_want(post):
    one, two, three = post.phones(FIRST, SECOND, THIRD)
    duty.earlier(post.service, three, "Dara")
    assert [each.id for each in duty.phones(post.service)] == [one, three, two]
    duty.earlier(post.service, one, "Dara")
    duty.remove(post.service, one, "Dara")
    post.emergency()
    assert post.sent() == [THIRD]
    with pytest.raises(Refused):
        duty.earlier(post.service, one, "Dara")


@SQLITE
def test_a_phone_is_tried(post):
    (phone,) = post.phones(FIRST)
    duty.test(post.service, phone, "Dara", CONSOLE)
    (held,) = post.texts()
    assert held.outbound.priority == 1
    assert "this is a test" in held.outbound.text
    assert CONSOLE in held.outbound.text
    assert post.woken == [CHANNEL]


@SQLITE
def test_what_staff_did_is_noted_without_a_number(post):
    (phone,) = post.phones(FIRST)
    duty.switch(post.service, phone, "Dara", on=False)
    duty.remove(post.service, phone, "Dara")
    assert [each for each in events(post.service) if each[0] == "duty"] == [("duty", "Dara")] * 3


def test_from_the_call_for_help_to_whoever_opens_it(post, text):
    """By what really opens a case, and what really sees it."""
    post.phones(FIRST, SECOND)
    text("SOS")
    assert post.sent() == [FIRST]
    post.service.clock.forward(minutes=5)
    text("SOS")  # the same again: nobody has seen the first yet
    assert post.sent() == [SECOND]
    (waiting,) = cases.page(post.service, "open")
    sophea = next(each for each in post.service.database.read(store.everybody) if each.name == "Sophea")
    cases.open_(post.service, waiting.id, "Sophea", sophea.id)
    assert post.hour(20) == []
    text("SOS")
    assert post.sent() == [FIRST], "again, after somebody saw it: that is news"
    text("HUMAN", sender="+85512999888")
    assert post.hour(4) == []


def test_two_processes_send_one_alert(post, database_url):
    """Also where both have seen that it is due."""
    post.phones(FIRST, SECOND)
    post.emergency()
    others: list[Database] = [open_database(database_url) for _ in range(2)]
    gate = Barrier(4)

    def alert(database: Database) -> bool:
        service = replace(post.service, database=database)
        gate.wait()
        return duty.round(service, CONSOLE)

    try:
        with ThreadPoolExecutor(4) as pool:
            done = list(pool.map(alert, [post.service.database, others[0], others[1], others[0]]))
    finally:
        for other in others:
            other.close()
    assert sum(done) == 1
    assert len(post.texts()) == 1


def test_killed_before_the_commit_it_is_sent_by_the_next(post, monkeypatch):
    """The text and the note that it went are one commit: never one without the other."""
    post.phones(FIRST)
    post.emergency()
    put = duty.marks.put

    def dies(*_):
        raise RuntimeError("killed")

    monkeypatch.setattr(duty.marks, "put", dies)
    with pytest.raises(RuntimeError):
        duty.round(post.service, CONSOLE)
    monkeypatch.setattr(duty.marks, "put", put)
    assert post.texts() == []
    assert post.alerts() == [0]
    assert post.sent() == [FIRST]
