"""Every page that links and forms lead to, as each role: no number (A8), no script (X1), nothing in logs (D5).

New pages are looked at by themselves; one that no link leads to fails here. Who adds something that people or staff can
write puts it into `busy_house`, so that it is tried, too.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from busy_house import BOSS, NOTED, SAID, WORKER, WRITER, Village
from crawling import MARK, PAYLOADS, Page, crawl, each_form, numbers_in
from visiting import PASSWORD, Moving, Visitor, taken_in

from bot.config import Settings
from bot.console.site import create
from bot.content import loader
from bot.log import set_up
from bot.services.roles import Role
from bot.services.service import Service
from bot.store import migrate, open_database
from bot.store.crypto import Vault

NAMES = {
    Role.ADMIN: BOSS, Role.CASEWORKER: WORKER, Role.CAMPAIGNER: WRITER, Role.EDITOR: "Nary", Role.VIEWER: "Dara",
}  # fmt: skip
EACH = {Role.ADMIN: 7, Role.CASEWORKER: 7, Role.CAMPAIGNER: 7}
"""Addresses of one route; of roles that see less, fewer."""
ONE = "/console/broadcasts/<int:broadcast>"
WHOLE = {Role.ADMIN: ("/console/cases/<int:case_id>", ONE), Role.CAMPAIGNER: (ONE,)}
"""Of these routes all: there stands every word that people wrote, and each broadcast can do something else."""
TYPED = "+855977318888"
"""Nobody's number: whoever typed it may see it again."""
PRIVATE = {Role.VIEWER, Role.CAMPAIGNER}
"""Who never reads what somebody wrote."""
AWAY = {"/console/logout", "/console/account/password", "/console/account/second", "/console/account/codes",
        "/console/login", "/console/welcome"}  # fmt: skip
"""Forms that end the visit, or are tried where the doors are."""
ATTRIBUTES = [
    ('<input value="', '">'),
    ("<input value='", "'>"),
    ("<input value=", ">"),
    ("<bdi>", "</bdi>"),
    ("<textarea>", "</textarea>"),
    ("<select><option>", "</option></select>"),
    ("<title>", "</title>"),
]
"""Where words may stand. Of each there is one that a payload gets out of, unless the page sees to it."""
UNLED = {"/console/prove", "/console/login", "/console/welcome", "/console/static/<path:name>"}
"""Pages for who has yet to show who they are."""


@pytest.fixture(scope="module")
def village(tmp_path_factory, book, reader) -> Iterator[tuple[Village, dict[Role, Visitor]]]:
    """A house in full use, and somebody of each role who is in."""
    folder = tmp_path_factory.mktemp("village")
    url = f"sqlite:///{folder / 'phlov.db'}"
    migrate(url)
    database = open_database(url)
    own = pytest.MonkeyPatch()
    own.setattr(loader, "ROOT", folder)  # where texts that are taught would be written
    service = Service(database, Vault(bytes(32)), book, reader, Moving())
    staff = {role: taken_in(service, name, role) for role, name in NAMES.items()}
    found = Village(service, folder, PAYLOADS)
    found.fill()
    site = create(service, Settings())
    visitors = {role: Visitor(site) for role in NAMES}
    for role, visitor in visitors.items():
        visitor.come(service, staff[role])
    for visitor in visitors.values():  # time went on meanwhile
        visitor.prove()
    yield found, visitors
    own.undo()
    database.close()


@pytest.fixture(scope="module")
def seen(village) -> dict[Role, list[tuple[str, object]]]:
    """All pages of each role."""
    _, visitors = village
    return {role: list(crawl(visitor, EACH.get(role, 3), WHOLE.get(role, ()))) for role, visitor in visitors.items()}


@pytest.mark.parametrize("role", NAMES, ids=[role.value for role in NAMES])
def test_no_page_tells_a_number(village, seen, role):
    numbers = village[0].numbers
    assert len(seen[role]) > 10
    told = [
        (path, number) for path, answer in seen[role]
        for number in numbers_in(f"{path}\n{answer.headers}\n{answer.text}", numbers)
    ]  # fmt: skip
    assert told == []
    assert {(path, answer.status_code) for path, answer in seen[role] if answer.status_code not in (200, 303)} == set()


@pytest.mark.parametrize("role", sorted(PRIVATE))
def test_who_answers_no_cases_reads_no_text(seen, role):
    assert [path for path, answer in seen[role] if SAID in answer.text] == []


def test_the_texts_are_there_for_who_may_read_them(seen):
    assert any(SAID in answer.text for _, answer in seen[Role.CASEWORKER])
    assert any(NOTED in answer.text for _, answer in seen[Role.CASEWORKER])


@pytest.mark.parametrize("role", NAMES, ids=[role.value for role in NAMES])
def test_what_people_write_is_only_words(seen, role):
    wrong = [
        (path, each) for path, answer in seen[role] if answer.mimetype == "text/html"
        for each in Page(answer.text).wrong
    ]  # fmt: skip
    assert wrong == []


def test_every_word_that_was_tried_was_shown(seen):
    shown = {
        mark for _, answer in seen[Role.ADMIN] if answer.mimetype == "text/html" for mark in Page(answer.text).marks
    }
    assert len(PAYLOADS) == 200
    assert len(shown) > 190


def test_every_page_is_looked_at(village, seen):
    site = next(iter(village[1].values())).client.application
    looked = {
        site.url_map.bind("").match(urlsplit(path).path, "GET", return_rule=True)[0].rule
        for pages in seen.values() for path, answer in pages if answer.status_code in (200, 303)
    }  # fmt: skip
    every = {rule.rule for rule in site.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert every - looked - UNLED == set(), "no link leads there from anything in the village"


@pytest.mark.parametrize(
    "page",
    ["<p>Call +855 97 731 0007</p>", "<a href='tel:0977310007'>", "០៩៧ ៧៣១ ០០០៧", "097<b>731</b>0007",
     "%2B85597731%30007", "097-731.00&#48;7", "855\u200b977310007"],
)  # fmt: skip
def test_the_watch_would_see_a_number(page):
    assert numbers_in(page, ["+855977310006", "+855977310007"]) == ["+855977310007"]
    assert numbers_in("+855 •••••07, 97 people, 73 1000 of 7", ["+855977310007"]) == []


def test_the_watch_would_see_each_script():
    for payload in PAYLOADS:
        assert Page(f"<p>{payload}</p>").wrong, payload
        assert any(Page(before + payload + after).wrong for before, after in ATTRIBUTES), payload


def test_the_watch_would_see_words_outside():
    assert Page(f"<p>{MARK}</p>").wrong
    assert not Page(f"<p><bdi>{MARK}\u202e</bdi></p>").wrong
    assert Page("<p>a\u202eb</p>").wrong


@pytest.fixture
def logs(capfd):
    """Logging as in production, put back afterwards."""
    import structlog  # noqa: PLC0415

    handlers, level = logging.root.handlers[:], logging.root.level
    set_up("json")
    yield capfd
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    structlog.reset_defaults()


def test_every_form_takes_it_as_words_and_tells_no_number(village, seen, logs):
    """Each form of each page once, with something bad in every field that is typed; and nothing of it is logged."""
    house, visitors = village
    wrong, forms = [], [
        (visitors[role], path, form) for role in (Role.CAMPAIGNER, Role.ADMIN)  # some things only who began them can do
        for path, form in each_form(seen[role], lambda form: urlsplit(form.action).path in AWAY)
    ]  # fmt: skip
    for number, (visitor, path, form) in enumerate(forms):
        visitor.get(path)
        bad = PAYLOADS[number * 7 % len(PAYLOADS)]
        typed = {name: f"{TYPED} {NOTED} {bad}" for name in form.typed}
        answer = visitor.post(form.action, {**form.fields, "form": visitor.form, **typed})
        if answer.headers.get("Location", "").startswith("/console/prove"):
            visitor.prove()
            visitor.get(path)
            answer = visitor.post(form.action, {**form.fields, "form": visitor.form, **typed})
        if answer.status_code == 303:
            answer = visitor.get(answer.headers["Location"])
        assert answer.status_code < 500, (form.action, typed)
        if answer.mimetype == "text/html":
            page = re.sub(r'(?s)<textarea.*?</textarea>| value="[^"]*"', "", answer.text)
            file = "Content-Disposition" in answer.headers  # a report to take along brings its style with it
            wrong += [(form.action, each) for each in Page(answer.text).wrong if not file or MARK in each]
            if "reveal" not in form.action:  # one is told to whoever asks for it in so many words
                wrong += [(form.action, each) for each in numbers_in(page, house.numbers)]
    assert wrong == []
    assert len(forms) > 20
    told = "".join(logs.readouterr())
    for canary in (MARK, NOTED, SAID, PASSWORD):
        assert canary not in told
    assert numbers_in(told, [*house.numbers, TYPED]) == []
