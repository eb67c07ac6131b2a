"""The pages about people: who is found and how, what is told of one, and that no number stands in any of it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from services.listing import PAPER, Desk

from bot.protocol import Inbound, Response
from bot.services import audit, campaigns, contacts, inbox, people
from bot.services.roles import Role

PEOPLE = "/console/contacts"
NUMBER = re.compile(r"\+?855[ 0-9]{6,}|\b0[1-9][0-9]{7,8}\b")
PERSON = re.compile(rf'href="{PEOPLE}/(\d{{12,}})"')
LIST = "phone,province,destination,tags,school\n012000078,17,TH,blue;<b>red</b>,<i>School</i>\n012000079,12,,,\n"


@pytest.fixture
def desk(service, tmp_path) -> Desk:
    campaigns.add(service, "KYA12", "Know <b>your</b> agency")
    campaigns.add(service, "SR7", "Siem Reap")
    return Desk(service, tmp_path)


@pytest.fixture
def one(desk) -> int:
    """Somebody of a list."""
    desk.take(LIST)
    return people.find(desk.service, "012000078", "Boss")


def text(page: str) -> str:
    """What is read on a page."""
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page))


def events(service) -> list[str]:
    return [row.event for row in audit.page(service) if row.event.startswith("contact.")]


def test_an_empty_house_says_what_to_do_first(come):
    page = come().get(f"{PEOPLE}?lang=en").text
    assert "Nobody is known yet" in page
    assert "phlov contacts import" in page or "Bring in a list" in page


def test_a_number_leads_to_a_page_whose_address_does_not_tell_it(come, one):
    visitor = come()
    visitor.get(PEOPLE)
    answer = visitor.send(f"{PEOPLE}/find", number="012 000 078")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{PEOPLE}/{one}")
    page = visitor.get(f"{PEOPLE}/{one}?lang=en").text
    assert '<bdi class="whole">+855 •••••78</bdi>' in page
    assert not NUMBER.search(page)


@pytest.mark.parametrize(
    ("number", "status", "told"),
    [("012999999", 404, "Nobody is known by this number."), ("117", 400, "no phone number"), ("", 400, "no phone")],
    ids=["stranger", "short", "nothing"],
)
def test_who_is_not_found_is_told_without_the_number(come, one, number, status, told):
    visitor = come()
    visitor.get(f"{PEOPLE}?lang=en")
    answer = visitor.send(f"{PEOPLE}/find", number=number)
    assert (answer.status_code, told in answer.text) == (status, True)
    assert not number or number not in answer.text


def test_a_search_is_noted_without_the_number(come, one, service):
    visitor = come()
    visitor.get(PEOPLE)
    visitor.send(f"{PEOPLE}/find", number="012000078")
    visitor.send(f"{PEOPLE}/find", number="012999999")
    rows = [row for row in audit.page(service) if row.event == "contact.sought" and row.who == "Sokha"]
    assert [(row.about, row.detail) for row in rows] == [
        (None, {"found": False}),
        (audit.About("contact", one), {"found": True}),
    ]
    assert "0000" not in repr(rows)


def test_filters_show_only_whom_they_fit(come, one):
    visitor = come()
    visitor.get(PEOPLE)
    answer = visitor.send(f"{PEOPLE}/show", province="17", tag=" Blue ", destination="", campaign="KYA12")
    place = answer.headers["Location"]
    assert place == f"{PEOPLE}?province=17&campaign=KYA12&tag=blue"
    assert PERSON.findall(visitor.get(place).text) == [str(one)]
    assert len(PERSON.findall(visitor.get(PEOPLE).text)) == 2
    page = visitor.get(f"{PEOPLE}?province=25&lang=en").text
    assert "Nobody fits" in page


def test_no_number_gets_into_an_address(come, one):
    visitor = come()
    visitor.get(f"{PEOPLE}?lang=en")
    answer = visitor.send(f"{PEOPLE}/show", tag="012 000 078")
    assert (answer.status_code, "Location" in answer.headers) == (400, False)
    assert "012 000 078" not in answer.text
    for strange in ("tag=012000078", "province=99", "destination=012000078"):
        assert visitor.get(f"{PEOPLE}?{strange}").headers["Location"] == PEOPLE


def test_a_list_is_read_page_by_page(come, desk):
    desk.take("phone\n" + "".join(f"0120{number:05}\n" for number in range(120)))
    visitor, seen, path = come(), [], PEOPLE
    for _ in range(4):
        page = visitor.get(path).text
        seen += PERSON.findall(page)
        assert not NUMBER.search(page)
        more = re.search(rf'href="({PEOPLE}\?before=\d+)"', page)
        if more is None:
            break
        path = more[1]
    assert len(seen) == len(set(seen)) == 120
    for strange in ("?before=-1", "?before=99999999999999999999", f"?before={'0' * 30}{1 << 80}", f"/{1 << 70}", "/1"):
        assert visitor.get(PEOPLE + strange).status_code in (200, 404)


def test_one_person_is_told_with_consent_and_words(come, one, service):
    page = come().get(f"{PEOPLE}/{one}?lang=en").text
    told = text(page)
    for words in ("Siem Reap", "Thailand", "on paper", "Made Up", "May we text you?", "01/11/2026", "KYA12"):
        assert words in told
    assert "<bdi>&lt;i&gt;School&lt;/i&gt;</bdi>" in page
    assert "<bdi>Know &lt;b&gt;your&lt;/b&gt; agency</bdi>" in page
    assert "<bdi>b red b</bdi>" in page
    assert events(service)[0] == "contact.read"


def test_the_words_somebody_said_yes_to_by_phone_are_told_as_they_were(come, one, service):
    service.shelf.look_again()
    for number, words in enumerate(("JOIN KYA12", "1")):
        heard = Inbound("twilio", "+85512000091", words, f"SM{number}", service.clock())
        inbox.receive(service, heard, lambda *_: Response(200))
    page = come().get(f"{PEOPLE}/{people.find(service, '+85512000091', 'Dara')}?lang=km").text
    assert "Know &lt;b&gt;your&lt;/b&gt; agency:" in page.replace("៖", ":")
    assert "{fill" not in page


def test_who_said_stop_is_told_so(come, one, service):
    inbox.receive(service, Inbound("twilio", "+85512000078", "STOP", "SM1", service.clock()), lambda *_: Response(200))
    told = text(come().get(f"{PEOPLE}/{one}?lang=en").text)
    assert "said STOP:" in told
    assert "until START comes from their phone" in told


def test_marks_are_put_on_and_taken_off(come, one, service):
    visitor = come("Nary", Role.CAMPAIGNER)
    visitor.get(f"{PEOPLE}/{one}")
    assert visitor.send(f"{PEOPLE}/{one}/tags", add="Green, big bus").status_code == 303
    assert visitor.send(f"{PEOPLE}/{one}/tags", remove="blue").status_code == 303
    assert people.person(service, one).tags == ("b red b", "big bus", "green")
    assert visitor.send(f"{PEOPLE}/{one}/tags", add="call 012 000 078").status_code == 400
    assert people.person(service, one).tags == ("b red b", "big bus", "green")


def test_somebody_is_blocked_and_let_go(come, one, service):
    visitor = come("Dara", Role.CASEWORKER)
    visitor.get(f"{PEOPLE}/{one}")
    visitor.send(f"{PEOPLE}/{one}/block")
    assert people.person(service, one).known.blocked_at
    assert "Take the block back" in visitor.get(f"{PEOPLE}/{one}?lang=en").text
    visitor.send(f"{PEOPLE}/{one}/unblock")
    assert people.person(service, one).known.blocked_at is None


def test_a_number_is_shown_once_for_a_reason(come, one, service):
    visitor = come("Dara", Role.CASEWORKER)
    visitor.get(f"{PEOPLE}/{one}?lang=en")
    shown = visitor.send(f"{PEOPLE}/{one}/reveal", why="to call back about the papers")
    assert '<bdi class="whole">+85512000078</bdi>' in shown.text
    assert not NUMBER.search(visitor.get(f"{PEOPLE}/{one}").text)
    noted = next(row for row in audit.page(service) if row.event == "contact.reveal")
    assert (noted.who, noted.about, noted.why) == (
        "Dara",
        audit.About("contact", one),
        "to call back about the papers",
    )


@pytest.mark.parametrize("why", ["", "why", "call 012 000 078 now"], ids=["none", "short", "number"])
def test_without_a_reason_no_number_is_shown(come, one, service, why):
    visitor = come("Dara", Role.CASEWORKER)
    visitor.get(f"{PEOPLE}/{one}?lang=en")
    answer = visitor.send(f"{PEOPLE}/{one}/reveal", why=why)
    assert answer.status_code == 400
    assert not NUMBER.search(answer.text)
    assert "contact.reveal" not in events(service)


def test_an_old_password_shows_and_erases_nothing(come, one, service, clock):
    visitor = come("Dara", Role.CASEWORKER)
    clock.forward(minutes=6)
    page = visitor.get(f"{PEOPLE}/{one}?lang=en").text
    assert f'href="/console/prove?next=/console/contacts/{one}"' in page
    assert "/reveal" not in page
    for act, field in (("reveal", {"why": "to call back about papers"}), ("erase", {"word": "ERASE"})):
        answer = visitor.send(f"{PEOPLE}/{one}/{act}", **field)
        assert answer.headers["Location"].startswith("/console/prove")
    assert not people.person(service, one).erased
    visitor.prove()
    visitor.get(f"{PEOPLE}/{one}?lang=en")
    assert visitor.send(f"{PEOPLE}/{one}/erase", word="ERASE").status_code == 303


@pytest.mark.parametrize("word", ["erase", "លុប"], ids=["english", "khmer"])
def test_somebody_is_erased_by_a_word_that_is_typed(come, one, service, word):
    visitor = come("Dara", Role.CASEWORKER)
    visitor.get(f"{PEOPLE}/{one}?lang=en")
    assert visitor.send(f"{PEOPLE}/{one}/erase", word="yes").status_code == 400
    assert not people.person(service, one).erased
    assert visitor.send(f"{PEOPLE}/{one}/erase", word=word).headers["Location"] == f"{PEOPLE}?done=person_erased"
    page = visitor.get(f"{PEOPLE}/{one}?lang=en").text
    assert "Forgotten" in page
    assert "blue" not in page
    assert visitor.send(f"{PEOPLE}/{one}/tags", add="green").status_code == 404
    assert visitor.send(f"{PEOPLE}/{one}/block").status_code == 404
    assert str(one) not in visitor.get(PEOPLE).text
    assert not contacts.block(service, "012000078", blocked=True)


def test_who_may_not_do_it_is_not_offered_it(come, one):
    page = come("Nary", Role.CAMPAIGNER).get(f"{PEOPLE}/{one}").text
    assert "/tags" in page
    for act in ("block", "reveal", "erase"):
        assert f"{PEOPLE}/{one}/{act}" not in page


def test_a_withdrawn_consent_is_gone(come, one, desk):
    desk.take("phone,consent\n012000078,no\n", replace(PAPER, on=PAPER.today))
    assert "Said yes to nothing" in come().get(f"{PEOPLE}/{one}?lang=en").text
