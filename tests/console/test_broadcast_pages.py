"""The pages of broadcasts: what they show and to whom, and what can be done from them."""

from __future__ import annotations

import re

import pytest
from services.campaigning import AUTHOR, OTHER, Office

from bot.services import audit, broadcasts
from bot.services.audience import Audience
from bot.services.broadcasts import ALONE, Words
from bot.services.roles import Role
from bot.store.stages import Stage

HOME = "/console/broadcasts/"
NUMBER = re.compile(r"\+?855[ 0-9]{6,}|\b0[1-9][0-9]{7,8}\b")


@pytest.fixture
def office(service) -> Office:
    return Office(service)


def waiting(office: Office, **more: object) -> int:
    office.people(ALONE + 20)
    one = broadcasts.create(office.service, office.draft(**more))
    assert broadcasts.submit(office.service, one, AUTHOR) is Stage.WAITING
    return one


def begun(office: Office, people: int = 60) -> int:
    office.people(people)
    one = office.scheduled()
    office.rounds(until=lambda: office.stage(one) >= Stage.CANARY)
    assert Stage.CANARY <= office.stage(one) < Stage.PAUSED
    return one


def acts(service) -> list[object]:
    return [(row.who, row.detail["act"]) for row in audit.page(service) if row.event == "broadcast"]


def test_an_empty_list_says_what_to_do_first(come):
    page = come().get(f"{HOME}?lang=en").text
    assert "No broadcast yet" in page
    for first in ("content/campaigns", "contacts/lists"):
        assert f'href="/console/{first}"' in page
    assert 'href="/console/broadcasts/new"' in page


def test_the_list_tells_each_stage_and_what_comes_next(come, office):
    one = waiting(office, title="Passport news")
    over = office.scheduled(title="Old news", campaign="KYA12")
    broadcasts.cancel(office.service, over, AUTHOR)
    page = come("Nary", Role.CAMPAIGNER).get(f"{HOME}?lang=en").text
    assert "Ask somebody else" in come(AUTHOR, Role.CAMPAIGNER).get(f"{HOME}?lang=en").text
    still, _, ended = page.partition('id="over"')
    assert "<bdi>Passport news</bdi>" in still
    assert f'href="/console/broadcasts/{one}"' in still
    assert "waits for a second person" in still
    assert "A second person looks at it and agrees." in still
    assert "<bdi>Old news</bdi>" in ended
    assert "stopped for good" in ended


def test_the_list_is_read_page_by_page(come, office):
    made = [broadcasts.create(office.service, office.draft(title=f"News {number}")) for number in range(45)]
    visitor, seen, path = come(), [], f"{HOME}?lang=en"
    for _ in range(5):
        page = visitor.get(path).text
        seen += re.findall(r'href="/console/broadcasts/(\d+)"', page)
        more = re.search(r'href="(/console/broadcasts/\?before=\d+)"', page)
        if more is None:
            break
        path = more[1]
    assert [int(each) for each in seen] == sorted(made, reverse=True)
    for strange in ("?before=abc", "?before=-1", "?ended=99999999999999999999", f"{1 << 70}"):
        assert visitor.get(HOME + strange).status_code in (200, 404)


def test_one_is_shown_whole(come, office):
    office.people(30, language="en")
    one = waiting(office, texts={"km": Words("km words of it"), "en": Words("A" * 200)})
    page = come("Nary", Role.VIEWER).get(f"{HOME}{one}?lang=en").text
    assert "km words of it" in page
    assert "SMS parts: 2" in page
    assert f"Written by: <bdi>{AUTHOR}</bdi>" in page
    assert "wrote it" in page
    assert "handed it in" in page
    assert 'method="post" action="/console/broadcasts' not in page


def test_its_audience_is_told_in_words(come, office):
    audience = Audience(provinces=("17",), languages=("km",), countries=("TH", "ZZ"), tags=("<b>x</b>",))
    one = broadcasts.create(office.service, office.draft(audience=audience))
    page = come().get(f"{HOME}{one}?lang=en").text
    assert "Provinces: <bdi>Siem" in page
    assert "Languages: <bdi>in Khmer</bdi>" in page
    assert "Countries of their numbers: <bdi>Thailand, not known</bdi>" in page
    assert "<b>" not in page


@pytest.mark.parametrize("title", ["<script>alert(1)</script>", '"><img src=x>', "{{7*7}}", "\u202etxt gnp", "';--"])
def test_titles_are_only_words(come, office, title):
    one = waiting(office, title=title)
    visitor = come(OTHER, Role.CAMPAIGNER)
    for path in (HOME, f"{HOME}{one}", f"{HOME}{one}/approve", f"{HOME}{one}/progress"):
        page = visitor.get(path).text
        assert "<script>alert" not in page
        assert "<img" not in page
        assert ">49<" not in page
    page = visitor.get(HOME).text
    assert re.search(r"<bdi>[^<]+</bdi></a>", page)


def test_who_agrees_sees_people_and_cost_first(come, office):
    one = waiting(office)
    visitor = come(OTHER, Role.CAMPAIGNER)
    page = visitor.get(f"{HOME}{one}/approve?lang=en").text
    assert "People who get it now" not in page
    assert f'action="/console/broadcasts/{one}/approve"' not in page
    page = visitor.send(f"{HOME}{one}/approve/count").text
    assert f"People who get it now: {ALONE + 20}" in page
    assert f"SMS parts: {ALONE + 20}" in page
    assert "No price is known" in page
    assert f'action="/console/broadcasts/{one}/approve"' in page
    answer = visitor.send(f"{HOME}{one}/approve")
    assert answer.headers["Location"] == f"/console/broadcasts/{one}?done=broadcast_approved"
    known = broadcasts.get(office.service, one)
    assert (known.state, known.approver) == (Stage.SCHEDULED, OTHER)
    assert acts(office.service)[0] == (OTHER, "approve")
    assert "You agreed" in visitor.get(answer.headers["Location"]).text


def test_who_agrees_agrees_to_what_was_shown(come, office):
    one = waiting(office)
    visitor = come(OTHER, Role.CAMPAIGNER)
    visitor.get(f"{HOME}{one}/approve?lang=en")
    page = visitor.send(f"{HOME}{one}/approve/count").text
    version = re.search(r'name="version" value="(\w+)"', page)[1]
    now = office.now()
    broadcasts.schedule(office.service, one, AUTHOR, broadcasts.Window(now, now + 9_000_000))
    assert visitor.send(f"{HOME}{one}/approve", version=version).status_code == 409
    assert office.stage(one) is Stage.WAITING
    page = visitor.send(f"{HOME}{one}/approve/count").text
    version = re.search(r'name="version" value="(\w+)"', page)[1]
    assert visitor.send(f"{HOME}{one}/approve", version=version).status_code == 303
    assert office.stage(one) is Stage.SCHEDULED


@pytest.mark.parametrize("name", [AUTHOR, AUTHOR.upper()])
def test_who_wrote_it_cannot_agree(come, office, name):
    one = waiting(office)
    visitor = come(name, Role.ADMIN)
    page = visitor.get(f"{HOME}{one}/approve?lang=en").text
    assert "You wrote it" in page
    assert f'action="/console/broadcasts/{one}/approve"' not in page
    answer = visitor.send(f"{HOME}{one}/approve")
    assert answer.status_code == 403
    assert "You wrote it" in answer.text
    assert office.stage(one) is Stage.WAITING


@pytest.mark.parametrize("step", ["approve", "resume"])
def test_what_sends_to_many_needs_a_password_just_given(come, office, clock, step):
    one = waiting(office)
    if step == "resume":
        broadcasts.approve(office.service, one, "Bopha")
        broadcasts.pause(office.service, one, AUTHOR, "a wrong day")
    before = office.stage(one)
    visitor = come(OTHER, Role.CAMPAIGNER)
    visitor.get(f"{HOME}{one}/approve?lang=en")
    clock.forward(minutes=6)
    page = visitor.get(f"{HOME}{one}/approve" if step == "approve" else f"{HOME}{one}").text
    assert "give your password" in page
    assert f'action="/console/broadcasts/{one}/{step}"' not in page
    answer = visitor.send(f"{HOME}{one}/{step}")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/console/prove")
    assert office.stage(one) is before
    visitor.prove()
    visitor.get(f"{HOME}{one}")
    assert visitor.send(f"{HOME}{one}/{step}").headers["Location"].endswith("d")
    assert office.stage(one) is Stage.SCHEDULED


def test_it_is_held_and_let_go_on_and_stopped(come, office):
    one = begun(office)
    visitor = come(OTHER, Role.CAMPAIGNER)
    visitor.get(f"{HOME}{one}?lang=en")
    for bad in ("", "  ", "x" * 121, "call 012 345 678"):
        assert visitor.send(f"{HOME}{one}/pause", why=bad).status_code == 400
    assert office.stage(one) < Stage.PAUSED
    assert visitor.send(f"{HOME}{one}/pause", why="a <b>wrong</b> day").status_code == 303
    assert office.stage(one) is Stage.PAUSED
    page = visitor.get(f"{HOME}{one}").text
    assert "a &lt;b&gt;wrong&lt;/b&gt; day" in page
    assert visitor.send(f"{HOME}{one}/resume").status_code == 303
    assert office.stage(one) < Stage.PAUSED
    assert visitor.send(f"{HOME}{one}/cancel").status_code == 400
    assert office.stage(one) < Stage.PAUSED
    assert visitor.send(f"{HOME}{one}/cancel", sure="yes").status_code == 303
    assert office.stage(one) is Stage.CANCELLED
    assert [act for act in acts(office.service) if act[0] == OTHER][:3] == [
        (OTHER, "cancel"),
        (OTHER, "resume"),
        (OTHER, "pause"),
    ]
    answer = visitor.send(f"{HOME}{one}/pause", why="too late")
    assert answer.status_code == 409
    assert "That cannot be done with it now" in answer.text


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CASEWORKER, Role.EDITOR], ids=["viewer", "caseworker", "editor"])
def test_who_may_only_look_changes_nothing(come, office, role):
    one = begun(office)
    before = office.stage(one)
    visitor = come("Nary", role)
    page = visitor.get(f"{HOME}{one}?lang=en").text
    assert "What you can do" not in page
    for step in ("approve", "pause", "resume", "cancel"):
        assert visitor.send(f"{HOME}{one}/{step}", why="no", sure="yes").status_code == 403
    assert office.stage(one) is before


@pytest.mark.parametrize("step", ["approve", "pause", "resume", "cancel"])
def test_a_form_of_another_page_does_nothing(come, office, step):
    one = waiting(office)
    visitor = come(OTHER, Role.ADMIN)
    for token in ({}, {"form": "x" * 43}):
        answer = visitor.post(f"{HOME}{one}/{step}", {**token, "why": "no", "sure": "yes"})
        assert answer.status_code == 403
    assert office.stage(one) is Stage.WAITING


def test_progress_is_a_piece_of_the_page_without_number_or_small_count(come, office):
    one = begun(office, 60)
    people = office.people(1)
    office.tell(people, opted_out_at=office.now())
    visitor = come()
    piece = visitor.get(f"{HOME}{one}/progress?lang=en").text
    assert "<html" not in piece
    assert "% done" in piece
    assert "<dt>Arrived</dt>" in piece
    page = visitor.get(f"{HOME}{one}").text
    assert f'data-follow="/console/broadcasts/{one}/progress"' in page
    for path in (HOME, f"{HOME}{one}", f"{HOME}{one}/progress", f"{HOME}{one}/approve"):
        assert NUMBER.search(visitor.get(path).text) is None
    broadcasts.cancel(office.service, one, AUTHOR)
    assert "data-follow" not in visitor.get(f"{HOME}{one}").text


def test_few_who_are_left_out_are_not_counted(come, office):
    stopped, alarmed = office.people(5), office.people(2)
    office.tell(stopped, opted_out_at=office.now())
    office.alarm(alarmed[0], office.now())
    office.case(alarmed[1])
    one = waiting(office)
    page = come().get(f"{HOME}{one}?lang=en").text
    assert "said STOP or asked for urgent help in the last 30 days, or still need it or have an open case: 7" in page


def test_what_is_not_there_is_not_found(come):
    visitor = come()
    for path in (f"{HOME}7", f"{HOME}{1 << 80}", f"{HOME}7/progress", f"{HOME}7/approve"):
        assert visitor.get(path).status_code == 404
