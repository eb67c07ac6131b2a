"""Who may come to which page: every route of the console against every role. A new route needs a row here."""

from __future__ import annotations

import re

import pytest
from visiting import Moving, Visitor, taken_in

from bot.services.roles import Role

NOBODY = frozenset[str]()
EVERYBODY = frozenset(role.value for role in Role)
ADMIN = frozenset({"admin"})
SENDERS = frozenset({"campaigner", "admin"})
HELPERS = frozenset({"caseworker", "admin"})
EDITORS = frozenset({"editor", "admin"})
KNOWING = SENDERS | HELPERS

# Every route with those who may come; of a form, those for whom it does what it is for. Who is not in may only come to
# the doors. "open" are those pages.
OPEN = {
    ("GET", "/console/static/<path:name>"),
    ("GET", "/console/login"),
    ("POST", "/console/login"),
    ("GET", "/console/welcome"),
    ("POST", "/console/welcome"),
}
ROWS = {
    ("GET", "/console/"): EVERYBODY,
    ("POST", "/console/logout"): EVERYBODY,
    ("GET", "/console/prove"): EVERYBODY,
    ("POST", "/console/prove"): EVERYBODY,
    ("GET", "/console/account"): EVERYBODY,
    ("POST", "/console/account/language"): EVERYBODY,
    ("POST", "/console/account/password"): EVERYBODY,
    ("GET", "/console/account/second"): EVERYBODY,
    ("POST", "/console/account/second"): EVERYBODY,
    ("POST", "/console/account/second/off"): EVERYBODY,
    ("POST", "/console/account/codes"): EVERYBODY,
    ("GET", "/console/simulator"): EVERYBODY,
    ("POST", "/console/simulator"): EVERYBODY,
    ("GET", "/console/broadcasts/"): EVERYBODY,
    ("GET", "/console/broadcasts/<int:broadcast>"): EVERYBODY,
    ("GET", "/console/broadcasts/<int:broadcast>/progress"): EVERYBODY,
    ("GET", "/console/broadcasts/<int:broadcast>/approve"): SENDERS,
    ("POST", "/console/broadcasts/<int:broadcast>/approve"): SENDERS,
    ("POST", "/console/broadcasts/<int:broadcast>/pause"): SENDERS,
    ("POST", "/console/broadcasts/<int:broadcast>/resume"): SENDERS,
    ("POST", "/console/broadcasts/<int:broadcast>/cancel"): SENDERS,
    ("POST", "/console/broadcasts/<int:broadcast>/approve/count"): SENDERS,
    ("GET", "/console/broadcasts/new"): SENDERS,
    ("POST", "/console/broadcasts/new"): SENDERS,
    ("POST", "/console/broadcasts/texts"): SENDERS,
    ("GET", "/console/broadcasts/prices"): EVERYBODY,
    ("GET", "/console/broadcasts/<int:broadcast>/edit"): SENDERS,
    ("POST", "/console/broadcasts/<int:broadcast>/edit"): SENDERS,
    ("GET", "/console/broadcasts/<int:broadcast>/send"): SENDERS,
    ("POST", "/console/broadcasts/<int:broadcast>/send"): SENDERS,
    ("POST", "/console/broadcasts/<int:broadcast>/send/count"): SENDERS,
    ("POST", "/console/broadcasts/<int:broadcast>/try"): SENDERS,
    ("GET", "/console/broadcasts/<int:broadcast>/time"): SENDERS,
    ("POST", "/console/broadcasts/<int:broadcast>/time"): SENDERS,
    ("GET", "/console/broadcasts/<int:broadcast>/exceptions"): SENDERS,
    ("POST", "/console/broadcasts/<int:broadcast>/exceptions"): SENDERS,
    ("POST", "/console/broadcasts/<int:broadcast>/exceptions/grant"): SENDERS,
    ("GET", "/console/broadcasts/<int:broadcast>/report"): EVERYBODY,
    ("POST", "/console/broadcasts/<int:broadcast>/report"): EVERYBODY,
    ("POST", "/console/broadcasts/<int:broadcast>/report/tables"): EVERYBODY,
    ("GET", "/console/cases"): HELPERS,
    ("GET", "/console/cases/<int:case_id>"): HELPERS,
    ("GET", "/console/cases/<int:case_id>/news"): HELPERS,
    ("POST", "/console/cases/<int:case_id>/draft"): HELPERS,
    ("POST", "/console/cases/<int:case_id>/reply"): HELPERS,
    ("POST", "/console/cases/<int:case_id>/unlock"): HELPERS,
    ("POST", "/console/cases/<int:case_id>/assign"): HELPERS,
    ("POST", "/console/cases/<int:case_id>/note"): HELPERS,
    ("POST", "/console/cases/<int:case_id>/refer"): HELPERS,
    ("POST", "/console/cases/<int:case_id>/wait"): HELPERS,
    ("POST", "/console/cases/<int:case_id>/close"): HELPERS,
    ("POST", "/console/cases/<int:case_id>/reopen"): HELPERS,
    ("POST", "/console/cases/<int:case_id>/reveal"): HELPERS,
    ("POST", "/console/cases/<int:case_id>/block"): HELPERS,
    ("POST", "/console/cases/<int:case_id>/erase"): HELPERS,
    ("GET", "/console/contacts"): KNOWING,
    ("POST", "/console/contacts/find"): KNOWING,
    ("POST", "/console/contacts/show"): KNOWING,
    ("GET", "/console/contacts/groups"): KNOWING,
    ("POST", "/console/contacts/groups"): KNOWING,
    ("GET", "/console/contacts/export"): ADMIN,
    ("POST", "/console/contacts/export"): ADMIN,
    ("GET", "/console/contacts/lists"): SENDERS,
    ("POST", "/console/contacts/lists"): SENDERS,
    ("GET", "/console/contacts/lists/<int:upload>"): SENDERS,
    ("GET", "/console/contacts/lists/<int:upload>/progress"): SENDERS,
    ("GET", "/console/contacts/lists/<int:upload>/faults.csv"): SENDERS,
    ("POST", "/console/contacts/lists/<int:upload>/sheet"): SENDERS,
    ("POST", "/console/contacts/lists/<int:upload>/confirm"): SENDERS,
    ("POST", "/console/contacts/lists/<int:upload>/discard"): SENDERS,
    ("GET", "/console/contacts/<int:contact_id>"): KNOWING,
    ("POST", "/console/contacts/<int:contact_id>/tags"): KNOWING,
    ("POST", "/console/contacts/<int:contact_id>/block"): HELPERS,
    ("POST", "/console/contacts/<int:contact_id>/unblock"): HELPERS,
    ("POST", "/console/contacts/<int:contact_id>/reveal"): HELPERS,
    ("POST", "/console/contacts/<int:contact_id>/erase"): HELPERS,
    ("GET", "/console/duty"): HELPERS | EDITORS,
    ("POST", "/console/duty/add"): ADMIN,
    ("POST", "/console/duty/change"): ADMIN,
    ("POST", "/console/duty/hours"): EDITORS,
    ("POST", "/console/duty/holiday"): EDITORS,
    ("POST", "/console/duty/holiday/end"): EDITORS,
    ("GET", "/console/content"): EVERYBODY,
    ("GET", "/console/content/changes"): EVERYBODY,
    ("POST", "/console/content/changes/undo"): EDITORS,
    ("GET", "/console/content/helplines"): EVERYBODY,
    ("GET", "/console/content/helplines/<name>"): EVERYBODY,
    ("POST", "/console/content/helplines/<name>/called"): EDITORS,
    ("POST", "/console/content/helplines/<name>/edit"): EDITORS,
    ("POST", "/console/content/helplines/<name>/out"): EDITORS,
    ("POST", "/console/content/helplines/<name>/back"): EDITORS,
    ("GET", "/console/content/notices"): EVERYBODY,
    ("GET", "/console/content/notices/<name>"): EVERYBODY,
    ("POST", "/console/content/notices/<name>"): EDITORS,
    ("POST", "/console/content/notices/<name>/end"): EDITORS,
    ("GET", "/console/content/answers"): EVERYBODY,
    ("POST", "/console/content/answers"): EDITORS,
    ("POST", "/console/content/answers/remove"): EDITORS,
    ("GET", "/console/content/topics"): EVERYBODY,
    ("GET", "/console/content/topics/<name>"): EVERYBODY,
    ("GET", "/console/content/unmatched"): EDITORS | HELPERS,
    ("POST", "/console/content/unmatched/teach"): EDITORS,
    ("GET", "/console/content/campaigns"): EVERYBODY,
    ("POST", "/console/content/campaigns"): SENDERS,
    ("POST", "/console/content/campaigns/phase"): SENDERS,
    ("GET", "/console/content/agencies"): EVERYBODY,
    ("POST", "/console/content/agencies"): EDITORS,
    ("POST", "/console/content/agencies/look"): EDITORS,
    ("GET", "/console/guide"): EVERYBODY,
    ("GET", "/console/staff"): ADMIN,
    ("POST", "/console/staff/add"): ADMIN,
    ("POST", "/console/staff/invite"): ADMIN,
    ("POST", "/console/staff/role"): ADMIN,
    ("POST", "/console/staff/disable"): ADMIN,
    ("POST", "/console/staff/enable"): ADMIN,
    ("GET", "/console/audit"): ADMIN,
    ("GET", "/console/audit/month"): ADMIN,
    ("POST", "/console/audit/verify"): ADMIN,
}
FORMS = sorted(path for method, path in {*ROWS, *OPEN} if method == "POST")
EVEN_WITHOUT_SECOND = {"/console/logout", "/console/prove", "/console/account/second"}


def address(path: str) -> str:
    """A route as it is asked for; of what it shows there is none."""
    return re.sub("<(?:int:)?[a-z_]+>", "7", path)


def routes(site):
    return {(method, rule.rule) for rule in site.url_map.iter_rules() for method in (rule.methods or ()) - {"HEAD"}}


def test_every_route_has_its_row(site):
    assert routes(site) == {*ROWS, *OPEN}


def answers(visitor: Visitor, *, form: str) -> dict[tuple[str, str], int]:
    """What each page says to an empty form that carries this token; going out comes last."""
    found = {}
    for method, path in sorted(ROWS, key=lambda row: ("logout" in row[1], row)):
        there = address(path)
        answer = visitor.get(there) if method == "GET" else visitor.post(there, {"form": form})
        found[method, path] = answer.status_code
        gone = answer.headers.get("Location", "")
        if gone.startswith("/console/login") and "done=" not in gone:
            found[method, path] = 401
    return found


@pytest.mark.parametrize("role", list(Role), ids=[role.value for role in Role])
def test_each_role_comes_where_it_may(come, role):
    visitor = come("Dara", role)
    visitor.get("/console/account")
    found = answers(visitor, form=visitor.form)
    refused = {row for row, status in found.items() if status == 403}
    assert refused == {row for row, may in ROWS.items() if role not in may}
    missing = {row for row, status in found.items() if status == 404}
    assert all(address(path) != path for _, path in missing)
    assert not [row for row, status in found.items() if status in (401, 405, 500)]


def test_who_is_not_in_is_sent_to_the_door(stranger):
    assert set(answers(stranger, form="").values()) == {401}


def test_who_lacks_the_second_factor_may_only_set_it_up(come):
    visitor = come("Dara", Role.ADMIN, second=False)
    visitor.get("/console/prove")
    form = visitor.form
    for method, path in sorted(ROWS):
        if path not in EVEN_WITHOUT_SECOND:
            there = address(path)
            answer = visitor.get(there) if method == "GET" else visitor.post(there, {"form": form})
            assert (path, answer.status_code, answer.headers["Location"]) == (path, 303, "/console/account/second")


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize(
    ("fields", "headers"),
    [
        ({}, {}),
        ({"form": "x" * 43}, {}),
        ({"form": ""}, {}),
        (None, {"Origin": "https://elsewhere.example"}),
        (None, {"Origin": "null"}),
        (None, {"Sec-Fetch-Site": "cross-site"}),
        (None, {"Sec-Fetch-Site": "same-site"}),
    ],
    ids=["none", "wrong", "empty", "origin", "nowhere", "cross-site", "same-site"],
)
def test_no_form_of_another_page_is_taken(house_of_one, path, fields, headers):
    visitor, form = house_of_one
    answer = visitor.post(address(path), {"form": form[path]} if fields is None else fields, headers)
    assert answer.status_code == 403


@pytest.fixture(scope="module")
def house_of_one(tmp_path_factory, book, reader):
    """An admin who is in, and the token each form would carry; nothing of these tests changes anything."""
    from bot.config import Settings  # noqa: PLC0415
    from bot.console.site import create  # noqa: PLC0415
    from bot.services.service import Service  # noqa: PLC0415
    from bot.store import migrate, open_database  # noqa: PLC0415
    from bot.store.crypto import Vault  # noqa: PLC0415

    url = f"sqlite:///{tmp_path_factory.mktemp('house') / 'phlov.db'}"
    migrate(url)
    database = open_database(url)
    service = Service(database, Vault(bytes(32)), book, reader, Moving())
    visitor = Visitor(create(service, Settings()))
    visitor.come(service, taken_in(service, "Sokha", Role.ADMIN))
    visitor.get("/console/welcome")
    door = visitor.form
    visitor.get("/console/account")
    yield visitor, {path: door if ("POST", path) in OPEN else visitor.form for path in FORMS}
    database.close()


def test_the_token_of_the_form_is_what_the_others_lack(house_of_one):
    visitor, form = house_of_one
    path = "/console/audit/verify"
    assert visitor.post(path, {"form": form[path]}).status_code == 200
