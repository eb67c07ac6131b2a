"""The pages of cases: who waits, what was said, answering once, and what nobody sees without a reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from itertools import count

import pytest
from sqlalchemy import bindparam, select
from visiting import Moving, Visitor, taken_in

from bot.config import Settings
from bot.console import case_page
from bot.console.cases import LISTS
from bot.console.site import create
from bot.content.console import load
from bot.protocol import Inbound, Response
from bot.services import audit, cases, content, inbox
from bot.services.case_rules import LOCK
from bot.services.names import folded
from bot.services.roles import Role
from bot.services.service import Service
from bot.store import migrate, open_database, staff
from bot.store.case_tables import CaseFile
from bot.store.crypto import Vault
from bot.store.statements import Statement
from bot.store.tables import Contact, Outbound

HOME = "/console/cases"
ANNA, BORA = "+85512345678", "+66812345679"
LOOKED = re.compile(r'name="looked" value="([0-9a-f]+)"')
REQUEST = re.compile(r'name="request" value="([0-9a-f]+)"')
TEXT = re.compile(r'<textarea id="text"[^>]*>(.*?)</textarea>', re.DOTALL)
_TEXTS = Statement(lambda _: select(Outbound.id).where(Outbound.contact_id == bindparam("of_contact")))
_NUMBER = Statement(lambda _: select(Contact.number_sealed).where(Contact.id == bindparam("of_contact")))
_NEWEST = Statement(lambda _: select(CaseFile.id).order_by(CaseFile.id.desc()).limit(1))
EVIL = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</bdi></textarea><svg onload=alert(1)>",
    "{{ 7 * 7 }} {fill:count}",
    "<b>bold</b> ' onmouseover='x",
)


def render(replies, reference):
    return Response(200, b"", "text/plain")


class Desk:
    """People who text, and the staff who answer them: one house for all these tests, each with people of its own."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.site = create(service, Settings())
        self.numbers = count(1)
        self.known: dict[str, Visitor] = {}
        self.sender = ""

    def text(self, words: str) -> None:
        """Whoever texted last texts again."""
        at = self.service.clock()
        inbound = Inbound("kannel", self.sender, words, f"id{next(self.numbers)}", at)
        inbox.receive(self.service, inbound, render, inline=False)
        self.service.clock.forward(seconds=1)

    def case(self, words: str = "HUMAN", sender: str = "") -> int:
        """Somebody else, who needs a person of staff."""
        self.sender = sender or f"+8551240{next(self.numbers):04}"
        self.text(words)
        return self.service.database.read(lambda tx: tx.all(_NEWEST))[0][0]

    def one(self, case_id: int) -> cases.Case:
        found = cases.case(self.service, case_id)
        assert found
        return found

    def worker(self, name: str = "Nary") -> Worker:
        if name not in self.known:
            self.known[name] = Visitor(self.site)
            self.known[name].come(self.service, taken_in(self.service, name, Role.CASEWORKER))
        return Worker(self.known[name])

    def sent(self, case_id: int) -> int:
        return len(self.service.database.read(lambda tx: tx.all(_TEXTS, of_contact=self.one(case_id).contact_id)))

    def noted(self, event: str, case_id: int) -> list[audit.Noted]:
        """What was noted of a case, or of its person."""
        about = {("case", case_id), ("contact", self.one(case_id).contact_id)}
        return [row for row in audit.page(self.service, limit=200) if row.event == event and row.about in about]


class Worker:
    """Somebody at the page of a case; the form that was shown last is sent."""

    def __init__(self, visitor) -> None:
        self.visitor, self.page = visitor, ""

    def see(self, case_id: int, path: str = "") -> str:
        answer = self.visitor.get(f"{HOME}/{case_id}{path}?lang=en")
        assert answer.status_code == 200
        self.page = answer.text
        return self.page

    def do(self, case_id: int, act: str, **fields: str):
        answer = self.visitor.send(f"{HOME}/{case_id}/{act}?lang=en", **fields)
        self.page = answer.text if answer.mimetype == "text/html" else self.page
        return answer

    def look(self, case_id: int, text: str, **more: str) -> str:
        request = REQUEST.findall(self.page)[0]
        answer = self.do(case_id, "reply", text=text, request=request, **(more or {"do": "look"}))
        assert answer.status_code == 200
        return self.page

    def send(self, case_id: int, text: str | None = None):
        """Send what was looked at."""
        shown = unescape(TEXT.findall(self.page)[0]) if text is None else text
        looked, request = LOOKED.findall(self.page), REQUEST.findall(self.page)[0]
        return self.do(case_id, "reply", text=shown, looked=looked[0] if looked else "", do="send", request=request)


def staff_id(desk: Desk, name: str) -> int:
    found = desk.service.database.read(lambda tx: staff.called(tx, folded(name)))
    assert found
    return found.id


@pytest.fixture(scope="module")
def desk(tmp_path_factory, book, reader) -> Iterator[Desk]:
    url = f"sqlite:///{tmp_path_factory.mktemp('cases') / 'phlov.db'}"
    migrate(url)
    database = open_database(url)
    yield Desk(Service(database, Vault(bytes(32)), book, reader, Moving()))
    database.close()


def test_an_empty_list_says_how_somebody_comes_into_it(come):
    visitor = come()
    for which, words in {
        "open": "send HUMAN",
        "mine": "I see to it",
        "waiting": "can be put off",
        "closed": "kept for 30 days",
    }.items():
        assert words in visitor.get(f"{HOME}?lang=en&list={which}").text
    assert "None of this kind" in visitor.get(f"{HOME}?lang=en&kind=loop").text


def test_who_is_in_danger_comes_first_and_nobody_is_shown_by_number(desk):
    calm, danger = desk.case(sender=ANNA), desk.case("SOS", BORA)
    page = desk.worker().visitor.get(f"{HOME}?lang=en").text
    lines = {line: rest for rest in page.split('scope="row"') for line in re.findall(rf'href="{HOME}/(\d+)"', rest)}
    assert [each for each in lines if each in (str(danger), str(calm))] == [str(danger), str(calm)]
    first, second = lines[str(danger)], lines[str(calm)]
    assert "In danger" in first
    assert "+66 •••••79" in first
    assert "Asks for a person" in second
    assert "+855 •••••78" in second
    assert "not read yet" in first
    assert ANNA[4:] not in page
    assert BORA[3:] not in page


def test_a_list_may_be_of_one_kind(desk):
    calm, danger = desk.case(), desk.case("SOS")
    visitor = desk.worker().visitor
    for kind, wanted in {"person": calm, "emergency": danger}.items():
        found = re.findall(rf'href="{HOME}/(\d+)"', visitor.get(f"{HOME}?kind={kind}").text)
        assert {str(calm), str(danger)} & {*found} == {str(wanted)}
    for strange in ("?kind=none", "?list=all", "?list=closed&kind=loop", "/99999999999999999999", "/7"):
        assert visitor.get(HOME + strange).status_code == 404
    for strange in ("x", "9.9", "1.2.3.4", "-1.0.0", "1.99999999999999999999.1"):
        assert visitor.get(f"{HOME}?before={strange}").status_code == 200


def test_a_long_list_is_read_page_by_page(desk, monkeypatch):
    monkeypatch.setattr("bot.console.cases.ROWS", 3)
    made = [str(desk.case(sender=f"+8551234{number:04}")) for number in range(7)]
    made += [str(desk.case("SOS", sender=f"+8551235{number:04}")) for number in range(2)]
    visitor, seen, path = desk.worker().visitor, [], HOME
    for _ in range(20):
        page = visitor.get(path).text
        seen += re.findall(rf'href="{HOME}/(\d+)"', page)
        more = re.search(rf'href="({HOME}\?[^"]*before=[0-9.]+)"', page)
        if more is None:
            break
        path = unescape(more[1])
    assert [each for each in seen if each in made] == [*made[7:], *made[:7]]
    assert len(seen) == len(set(seen))


def test_a_case_is_read_with_all_that_was_said_and_that_is_noted(desk):
    case = desk.case("HUMAN")
    desk.text("<b>please</b> help")
    page = desk.worker().see(case)
    talk = page.partition('id="talk"')[2].partition("</ol>")[0]
    assert re.search(r'class="theirs">.*?<bdi lang="en">HUMAN</bdi>', talk, re.DOTALL)
    assert '<bdi lang="en">&lt;b&gt;please&lt;/b&gt; help</bdi>' in talk
    assert talk.count('class="mine"') >= 2
    assert desk.sender[4:] not in page
    (noted,) = desk.noted("case.read", case)
    assert (noted.who, noted.about) == ("Nary", audit.About("case", case))
    assert desk.one(case).acknowledged_at


def test_nobody_sends_what_they_have_not_seen_with_its_parts(desk):
    case, worker = desk.case(), desk.worker()
    worker.see(case)
    assert "Send this answer" not in worker.page
    assert "Send this answer" not in desk.worker("Thida").see(case)
    worker.send(case, "We are here.")
    assert "changed since you looked" in worker.page
    assert desk.sent(case) == 0
    page = worker.look(case, "យើងនៅទីនេះ។ " * 6)
    assert "UCS-2" in page
    assert "2 SMS parts" in page
    assert "price not known" in page
    assert "Goes by: <bdi>kannel</bdi>" in page
    assert "only you can answer" in page
    worker.send(case, "Something else.")
    assert desk.sent(case) == 0
    assert "Something else." in TEXT.findall(worker.page)[0]
    answer = worker.send(case)
    assert answer.headers["Location"] == f"{HOME}/{case}?done=case_sent#talk-now"
    assert desk.sent(case) == 1
    page = worker.see(case, "")
    assert "<bdi>Nary</bdi> answered" in page
    assert "Something else." in page
    assert "Your answer is on its way" in worker.visitor.get(answer.headers["Location"]).text
    (noted,) = desk.noted("case.replied", case)
    assert noted.detail == {"parts": 1}


def test_two_clicks_send_once(desk):
    case, worker = desk.case(), desk.worker()
    worker.see(case)
    shown = worker.look(case, "We are here.")
    for _ in range(2):
        worker.page = shown
        assert worker.send(case).status_code == 303
    assert desk.sent(case) == 1
    assert len(desk.noted("case.replied", case)) == 1


def test_who_goes_back_and_writes_something_else_sends_that_too(desk):
    case, worker = desk.case(), desk.worker()
    worker.see(case)
    shown = worker.look(case, "We are here.")
    assert worker.send(case).status_code == 303
    worker.page = shown
    worker.look(case, "We are still here.")
    assert worker.send(case).status_code == 303
    assert desk.sent(case) == 2


def test_only_the_newest_texts_of_a_long_talk_are_shown_at_once(desk, monkeypatch):
    monkeypatch.setattr(case_page, "RECENT", 4)
    case = desk.case()
    for each in ("first", "second", "third"):
        desk.text(each)
    page = desk.worker().see(case)
    folded, _, shown = page.partition("<details>")[2].partition("</details>")
    assert "Earlier texts: " in folded
    assert ">HUMAN<" in folded
    assert ">third<" in shown
    assert ">HUMAN<" not in shown
    assert page.count('id="talk-now"') == 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "Write something first"),
        ("x" * 500, "too long"),
        ("See www.example.org", "Take out the link"),
        ("The police will come to you", "betray the person"),
        ("Good \u202eyad", "nobody can see"),
    ],
    ids=["empty", "long", "link", "alarming", "hidden"],
)
def test_a_text_that_would_harm_cannot_be_sent(desk, text, why):
    case, worker = desk.case(), desk.worker()
    worker.see(case)
    assert why in worker.look(case, text)
    assert "Send this answer" not in worker.page
    assert (
        worker.do(case, "reply", text=text, looked=case_page.looked(text), do="send", request="a" * 32).status_code
        == 409
    )
    assert desk.sent(case) == 0


def test_while_one_answers_nobody_else_can(desk):
    case, first, second = desk.case(), desk.worker(), desk.worker("Thida")
    first.see(case)
    first.look(case, "I am writing")
    second.see(case)
    page = second.look(case, "Me too")
    assert "<bdi>Nary</bdi> is answering until" in page
    assert "Send this answer" not in page
    assert "Me too" in TEXT.findall(page)[0]
    refused = second.do(case, "reply", text="Me too", looked=case_page.looked("Me too"), do="send", request="b" * 32)
    assert refused.status_code == 409
    assert "Somebody else is answering" in refused.text
    assert "<bdi>Nary</bdi> is answering now" in second.visitor.get(f"{HOME}?lang=en").text
    assert "<bdi>Nary</bdi> is answering until" in second.see(case, "/news")
    second.see(case)
    first.do(case, "unlock")
    assert "is answering" not in second.look(case, "Me too")
    desk.service.clock.forward(milliseconds=LOCK + 1)
    first.see(case)
    assert "only you" in first.look(case, "Now I")
    assert desk.sent(case) == 0


def test_what_came_meanwhile_is_read_before_anything_is_done(desk):
    case_id = desk.case()
    worker = desk.worker()
    worker.see(case_id)
    shown = {"seen": re.findall(r'name="seen" value="([0-9]+)"', worker.page)[0]}
    desk.text("SOS")
    closed = worker.do(case_id, "close", outcome="no_answer", **shown)
    assert closed.status_code == 409
    assert "Read it first" in closed.text
    assert desk.one(case_id).closed_at is None
    assert worker.do(case_id, "wait", days="30", **shown).status_code == 409
    worker.look(case_id, "Phlov: are you well?")
    looked = {"looked": LOOKED.findall(worker.page)[0], "request": REQUEST.findall(worker.page)[0], "do": "send"}
    late = worker.do(case_id, "reply", text="Phlov: are you well?", **looked, **shown)
    assert (late.status_code, unescape(TEXT.findall(late.text)[0])) == (409, "Phlov: are you well?")
    fresh = set(re.findall(r'name="seen" value="([0-9]+)"', late.text))
    assert fresh == {str(desk.one(case_id).news_at)}
    assert worker.do(case_id, "close", outcome="helped", seen=fresh.pop()).status_code == 303


def test_an_answer_is_sized_while_it_is_written(desk):
    case, worker = desk.case(), desk.worker()
    worker.see(case)
    shown = worker.do(case, "draft", text="Are you well?").text
    assert "<html" not in shown
    assert "13 characters" in shown
    assert 'value="send"' in shown
    assert 'value="send"' not in worker.do(case, "draft", text=" ").text
    assert desk.one(case).locked_by == "Nary"
    assert len(desk.noted("case.read", case)) == 1, "nothing was read by it"


def test_what_is_new_is_told_without_reading_it(desk):
    case, worker = desk.case(), desk.worker()
    page = worker.see(case)
    path = unescape(re.findall(r'data-news="([^"]+)"', page)[0])
    assert "new has come" not in worker.visitor.get(path).text
    desk.text("are you there?")
    told = worker.visitor.get(path).text
    assert "new has come" in told
    assert "are you there" not in told
    assert len(desk.noted("case.read", case)) == 1


def test_ready_answers_are_put_into_the_text(desk):
    content.save(
        desk.service, content.Kind.CANNED, "hours", {"km": "យើងបើកពីម៉ោង ៨។", "en": "We open at 8."}, "Boss", None
    )
    case, worker = desk.case(), desk.worker()
    page = worker.see(case)
    assert 'value="We open at 8."' in page
    page = worker.look(case, "Good day.", put="We open at 8.")
    assert TEXT.findall(page) == ["Good day.\nWe open at 8."]
    assert "Send this answer" in page


def test_a_case_is_taken_noted_sent_on_put_off_closed_and_opened_again(desk):
    case, worker = desk.case(), desk.worker()
    desk.worker("Thida")
    assert "nobody yet" in worker.see(case)
    steps = (
        ("assign", {"me": "yes"}, "You see to this case now"),
        ("note", {"note": "She is <b>safe</b>"}, "The note is kept"),
        ("refer", {"to": "kh-chc-office"}, "It is written down"),
        ("refer", {"name": "The monks"}, "It is written down"),
        ("wait", {"days": "3"}, "It is put off"),
        ("assign", {"name": "Thida"}, "It is handed over"),
        ("close", {"outcome": "safe_home"}, "The case is closed"),
        ("reopen", {}, "The case is open again"),
    )
    for act, fields, said in steps:
        answer = worker.do(case, act, **fields)
        assert answer.status_code == 303, act
        assert said in worker.visitor.get(answer.headers["Location"]).text
    page = worker.see(case)
    done = page.partition('id="done"')[2].partition("</section>")[0]
    for told in (
        "wrote a note",
        "<bdi>She is &lt;b&gt;safe&lt;/b&gt;</bdi>",
        "The monks",
        "put it off for: 3 days",
        "handed it to: <bdi>Thida</bdi>",
        "closed it: Safe at home",
        "opened it again",
    ):
        assert told in done
    assert done.count("sent the person to") == 2


def test_lists_follow_what_was_done(desk):
    case, worker = desk.case(), desk.worker()
    worker.see(case)
    worker.do(case, "assign", me="yes")
    where = lambda: [  # noqa: E731
        each for each in ("open", "mine", "waiting", "closed")
        if f"{HOME}/{case}" in worker.visitor.get(f"{HOME}?list={each}").text
    ]  # fmt: skip
    assert where() == ["open", "mine"]
    worker.do(case, "wait", days="1")
    assert where() == ["mine", "waiting"]
    tabs = re.findall(r'<span class="tag">([0-9,+]+)</span></a>', worker.visitor.get(HOME).text)
    counts = cases.count(desk.service, staff_id(desk, "Nary"))
    assert tabs == [str(counts.open), str(counts.mine), str(counts.waiting)]
    assert counts.waiting >= 1
    worker.do(case, "close", outcome="helped")
    assert where() == ["closed"]
    page = worker.see(case)
    assert "This case is closed" in page
    assert f'action="{HOME}/{case}/reply' not in page


@pytest.mark.parametrize(
    ("act", "fields", "status", "why"),
    [
        ("note", {"note": "  "}, 409, "Write something first"),
        ("note", {"note": "n" * 2001}, 409, "too long"),
        ("refer", {"name": "call 012 345 678"}, 409, "phone number"),
        ("assign", {"name": "Nobody"}, 409, "nobody of this name"),
        ("wait", {"days": "31"}, 400, ""),
        ("close", {"outcome": "lapsed"}, 400, ""),
        ("close", {}, 400, ""),
        ("reopen", {}, 409, "open already"),
        ("reply", {"do": "send", "text": "x", "looked": case_page.looked("x"), "request": "../x"}, 400, ""),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(desk, act, fields, status, why):
    case, worker = desk.case(), desk.worker()
    worker.see(case)
    answer = worker.do(case, act, **fields)
    assert answer.status_code == status
    assert why in answer.text
    assert not desk.one(case).closed_at


def test_a_number_is_shown_once_for_a_reason_after_a_password(desk):
    case, worker = desk.case(), desk.worker()
    desk.service.clock.forward(minutes=6)
    page = worker.see(case)
    assert "/reveal" not in page
    assert "Before you see a number" in page
    assert "/console/prove" in worker.do(case, "reveal", why="a doctor must call her").headers["Location"]
    worker.visitor.prove()
    worker.see(case)
    refused = worker.do(case, "reveal", why="short")
    assert (refused.status_code, "10 letters" in refused.text, desk.sender in refused.text) == (400, True, False)
    shown = worker.do(case, "reveal", why="a doctor must call her")
    assert f'<bdi class="secret">{desk.sender}</bdi>' in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert desk.sender not in worker.see(case)
    (noted,) = desk.noted("contact.reveal", case)
    assert (noted.who, noted.why) == ("Nary", "a doctor must call her")
    assert desk.sender[-6:] not in str(noted)


def test_who_is_blocked_gets_no_answer_of_staff(desk):
    case, worker = desk.case(), desk.worker()
    worker.see(case)
    worker.visitor.prove()
    worker.see(case)
    assert worker.do(case, "block").status_code == 303
    assert "Staff want nothing sent" in worker.see(case)
    assert "Send this answer" not in worker.look(case, "Hello")
    assert len(desk.noted("contact.blocked", case)) == 1


def test_who_is_erased_is_gone_from_every_page(desk):
    case, worker = desk.case(), desk.worker()
    person = desk.one(case).contact_id
    worker.visitor.prove()
    worker.see(case)
    assert "Tick that you are sure" in worker.do(case, "erase").text
    answer = worker.do(case, "erase", sure="yes")
    assert "is erased" in worker.visitor.get(answer.headers["Location"]).text
    assert desk.service.database.read(lambda tx: tx.all(_NUMBER, of_contact=person)) == [(None,)]
    assert worker.visitor.get(f"{HOME}/{case}?lang=en").status_code == 404
    assert [row.event for row in audit.page(desk.service, about=audit.About("contact", person))] == ["contact.erased"]


@pytest.mark.parametrize("text", EVIL, ids=[str(number) for number in range(len(EVIL))])
def test_what_anybody_writes_stays_text(desk, text):
    case, worker = desk.case(), desk.worker()
    desk.text(text)
    worker.see(case)
    worker.do(case, "note", note=text)
    worker.do(case, "refer", name=text)
    worker.see(case)
    worker.look(case, text)
    for page in (worker.page, worker.see(case), worker.do(case, "draft", text=text).text):
        for tag in ("<script>alert", "<img", "<svg onload", "<b>bold", "' onmouseover"):
            assert tag not in page
        assert ">49<" not in page


def test_the_page_speaks_khmer(desk):
    case, worker = desk.case(), desk.worker()
    for path in (HOME, f"{HOME}/{case}"):
        page = worker.visitor.get(f"{path}?lang=km").text
        words = re.sub(
            r"<script.*?</script>|<bdi.*?</bdi>|<option.*?</option>|<[^>]+>",
            " ",
            page.partition('tabindex="-1">')[2],
            flags=re.S,
        )
        left = set(re.findall(r"[A-Za-z]{3,}", unescape(words)))
        assert left <= {"Phlov", "SMS", "ABC"}


def test_every_word_that_these_pages_build_has_a_text():
    has = load().has
    wanted = [f"cases.act.{each}" for each in cases.Done] + [f"cases.fault.{each}" for each in cases.Fault]
    wanted += [f"cases.why.{each}" for each in cases.Why] + [f"cases.outcome.{each}" for each in cases.Outcome]
    wanted += [f"cases.kind.{each}" for each in cases.Kind] + [f"cases.list.{each}" for each in LISTS]
    wanted += [f"cases.none_{each}{end}" for each in LISTS for end in ("", "_what")]
    assert [name for name in wanted if not has(name)] == []
