"""Lists that come in by a page and go out by one: shown first, taken in once, told row by row, saved for a reason."""

from __future__ import annotations

import ast
import csv
import io
import re
from pathlib import Path

import pytest
from services.listing import Desk
from test_people_pages import NUMBER, PEOPLE
from test_people_pages import text as read

from bot.console import contact_lists, faults
from bot.services import audit, campaigns, contacts_saved, people, uploads
from bot.services.roles import Role
from bot.web import site as web

LISTS = f"{PEOPLE}/lists"
CONSENT = {
    "campaign": "KYA12",
    "how": "paper",
    "wording": "May we text you?",
    "given_by": "Made Up",
    "on": "2026-11-01",
    "tags": "fair, blue",
}
ROWS = "Tel,ខេត្ត,Name\n012000078,17,Sok\n012000079,<script>x</script>,Sao\n117,12,\n012000078,,\n"


@pytest.fixture
def desk(service, tmp_path) -> Desk:
    campaigns.add(service, "KYA12", "Know <b>your</b> agency")
    campaigns.add(service, "SR7", "Siem Reap")
    return Desk(service, tmp_path)


def give(visitor, content: str | bytes, name: str = "list.csv", **fields: str):
    """Send the form with a file."""
    visitor.get(f"{LISTS}?lang=en")
    file = (io.BytesIO(content if isinstance(content, bytes) else content.encode()), name)
    return visitor.post(LISTS, {"form": visitor.form, **CONSENT, **fields, "list": file})


def given(visitor, content: str | bytes, name: str = "list.csv", **fields: str) -> str:
    answer = give(visitor, content, name, **fields)
    assert answer.status_code == 303, read(answer.text)
    return answer.headers["Location"]


RAISED = ("Unread", "BadFile", "NoPeople", "NotAPhone")


def never() -> bool:
    return False


def test_nothing_given_yet_says_what_to_do_first(come, desk):
    page = read(come("Nary", Role.CAMPAIGNER).get(f"{LISTS}?lang=en").text)
    assert "You have given no list yet" in page
    assert "Know &lt;b&gt;your&lt;/b&gt; agency (KYA12)" in page


def test_a_list_is_shown_taken_in_and_told(come, desk, service):
    visitor = come("Nary", Role.CAMPAIGNER)
    place = given(visitor, ROWS, "Sok 012000078.csv")
    page = visitor.get(f"{place}?lang=en").text
    told = read(page)
    assert "waits for you" in told
    assert "New people: 2." in told
    assert "Nothing is written yet" in told
    assert '<th scope="row"><bdi>ខេត្ត</bdi></th><td>province</td>' in page
    assert "Not read, and not kept: Name" in told
    assert "is no province that is known (&lt;script&gt;x&lt;/script&gt;)" in told
    assert "fewer than 8 digits: a short code or no phone number" in told
    assert "is in an earlier row already" in told
    assert not NUMBER.search(page)
    assert "Sok 012" not in page
    assert people.page(service, {}).lines == []
    assert visitor.send(f"{place}/confirm").headers["Location"] == place
    assert "being taken in" in visitor.get(place).text
    assert "Rows that are in: 0 of 4" in read(visitor.get(f"{place}/progress").text)
    uploads.round(service, never)
    assert "It is in." in visitor.get(place).text
    assert "See what is known by now" in visitor.get(f"{place}/progress").text
    assert sorted(line.tags for line in people.page(service, {}).lines) == [("blue", "fair")] * 2
    (noted,) = [row for row in audit.page(service) if row.event == "contacts.imported"]
    assert (noted.who, noted.staff_id is not None, noted.detail["new"]) == ("Nary", True, 2)
    assert "list.csv" not in visitor.get(LISTS).text
    assert "Sok …" in visitor.get(LISTS).text


def test_it_is_told_in_khmer_too(come, desk):
    visitor = come()
    place = given(visitor, ROWS)
    told = read(visitor.get(f"{place}?lang=km").text)
    assert "មិនស្គាល់ខេត្តនេះទេ (&lt;script&gt;x&lt;/script&gt;)" in told
    assert "មាននៅជួរមុនរួចហើយ" in told
    bad = given(visitor, b"phone\n012\x00\n")
    assert "បន្ទាត់ 2៖ មិនមែនជាអក្សរទេ" in read(visitor.get(f"{bad}?lang=km").text)


def test_what_is_wrong_is_saved_as_a_sheet_no_program_runs(come, desk):
    visitor = come()
    place = given(visitor, "phone,province\n117,=1+1\n012000001,@sum\n")
    answer = visitor.get(f"{place}/faults.csv?lang=en")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0] == ["Row", "Column", "What is wrong", "Number ends with", "What then"]
    assert rows[1][:2] == ["2", "phone number"]
    assert rows[2] == ["3", "province", "is no province that is known (@sum)", "001", "row taken in"]
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert not any(cell[:1] in "=+-@" for row in rows for cell in row if cell)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"on": "2026-11-03"}, "is of a day that has not come yet"),
        ({"on": "1 May"}, "is no day there is"),
        ({"on": "2026-01-01"}, "is older than 180 days"),
        ({"campaign": "NO99"}, "is for a campaign that does not exist"),
        ({"tags": "call 012345678"}, "hold a number"),
    ],
    ids=["future", "no day", "old", "campaign", "number"],
)
def test_consent_that_cannot_be_is_told_before_anything_is_kept(come, desk, service, fields, told):
    visitor = come()
    answer = give(visitor, ROWS, **fields)
    assert (answer.status_code, told in answer.text) == (400, True)
    assert "You have given no list yet" in answer.text
    assert "May we text you?" in answer.text


def test_no_file_is_told_so(come, desk):
    visitor = come()
    for answer in (give(visitor, b"", ""), give(visitor, b"", "list.csv"), visitor.send(LISTS, list="text")):
        assert (answer.status_code, "Choose a file first" in answer.text) == (400, True)
    assert give(visitor, ROWS, how="telepathy").status_code == 400


def test_lists_of_others_are_nobodys_business(come, desk, service):
    place = given(come("Nary", Role.CAMPAIGNER), ROWS)
    other = come("Dara", Role.ADMIN)
    for path in ("", "/progress", "/faults.csv"):
        assert other.get(place + path).status_code == 404
    for act in ("confirm", "discard", "sheet"):
        assert other.send(f"{place}/{act}", sheet="x").status_code == 404
    assert "list.csv" not in other.get(LISTS).text
    assert other.get(f"{LISTS}/{1 << 70}").status_code == 404


def test_a_list_is_thrown_away(come, desk, service):
    visitor = come()
    place = given(visitor, ROWS)
    assert visitor.send(f"{place}/discard").headers["Location"] == f"{LISTS}?done=list_discarded"
    assert visitor.get(place).status_code == 404


def test_what_is_over_is_not_done_twice(come, desk, service):
    visitor = come()
    place = given(visitor, ROWS)
    visitor.get(place)
    visitor.send(f"{place}/confirm")
    assert visitor.send(f"{place}/confirm").status_code == 409
    assert visitor.send(f"{place}/discard").status_code == 409
    uploads.round(service, never)
    assert visitor.send(f"{place}/confirm").status_code == 409
    again = given(visitor, ROWS)
    assert "taken in before" in visitor.get(f"{again}?lang=en").text


def test_a_form_that_is_too_long_is_refused(come, desk):
    visitor = come()
    visitor.get(LISTS)
    answer = visitor.client.post(
        LISTS,
        base_url="https://phlov.example.org",
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(contact_lists.LONGEST + 1)},
    )
    assert answer.status_code == 413
    other = visitor.post(f"{PEOPLE}/find", {"form": visitor.form, "number": "0" * 40_000})
    assert other.status_code == 413


def test_the_server_lets_as_much_come_as_the_page_takes():
    assert web.LARGE[LISTS] == contact_lists.LONGEST


def spoken() -> set[str]:
    """Every sentence that services say of a list, a number in each place that is filled in."""
    found = set()
    root = Path(__file__).parents[2] / "bot"
    for path in (*sorted(root.glob("services/contacts_*.py")), root / "phone.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Name) and called.id in RAISED and node.args:
                found |= sentences(node.args[0])
    return found


def sentences(node: ast.expr) -> set[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    if isinstance(node, ast.IfExp):
        return sentences(node.body) | sentences(node.orelse)
    if isinstance(node, ast.JoinedStr):
        return {"".join(each.value if isinstance(each, ast.Constant) else "\0" for each in node.values)}
    return set()


def test_every_sentence_is_told_in_khmer(site):
    from bot.services import contacts_file, contacts_pages, contacts_plan, contacts_xlsx  # noqa: PLC0415

    said = {each.replace("; \0", f"; {contacts_xlsx._CSV}") for each in spoken()}
    said = {each.replace("is no \0 that", "is no district of this province that") for each in said}
    said = {each for each in said if each.strip("\0 ()") not in ("", "is", ": is no CSV")} - {"\0, and counts as yes"}
    said |= {f"is {words}" for _, words in contacts_file._STRANGERS}
    said |= {contacts_file._not_unicode(encoding, 7) for encoding in ("utf-8", "utf-16")}
    said |= {f"row 3: is no CSV ({contacts_file._csv_fault(csv.Error(why))})" for why in ("field larger", "other")}
    said |= {getattr(contacts_plan, name) for name in ("STOPPED", "WITHDRAWN", "NEWER", "UNWILLING")}
    said |= {contacts_pages.AGAIN, contacts_pages.AGAIN_AND_NO, "is neither yes nor no, and counts as yes"}
    said |= {"is no province that is known (x)", "is no district that is known"}
    assert len(said) > 60
    with site.test_request_context("/console/?lang=km"):
        site.preprocess_request()
        assert [each for each in sorted(said) if faults.told(each.replace("\0", "7")) == each.replace("\0", "7")] == []


def test_groups_are_counted_when_somebody_asks(come, desk):
    desk.take(
        "phone,province,tags\n" + "".join(f"0120{number:05},{17 if number < 9 else 12},blue\n" for number in range(20))
    )
    visitor = come("Nary", Role.CAMPAIGNER)
    page = visitor.get(f"{PEOPLE}/groups?lang=en").text
    assert "Siem Reap" not in page
    page = visitor.send(f"{PEOPLE}/groups").text
    assert f'<a href="{PEOPLE}?tag=blue"><bdi>blue</bdi></a>' in page
    told = read(page)
    assert "Siem Reap 9" in told
    assert "blue 20" in told
    assert "Know &lt;b&gt;your&lt;/b&gt; agency (KYA12) 20" in told
    assert "not told 20" in told


def test_without_people_there_are_no_groups(come, desk):
    visitor = come()
    visitor.get(f"{PEOPLE}/groups?lang=en")
    assert "Nobody is in any group yet" in visitor.send(f"{PEOPLE}/groups").text


@pytest.fixture
def known(desk) -> Desk:
    desk.take("phone,school\n012000078,=HYPERLINK(1)\n012000079,\n")
    return desk


def saved(visitor, **fields: str):
    visitor.get(f"{PEOPLE}/export?lang=en")
    return visitor.send(f"{PEOPLE}/export", **{"why": "a follow-up by phone", **fields})


def test_a_saved_list_says_who_saved_it_and_comes_in_again(come, known, service):
    visitor = come()
    answer = saved(visitor, campaign="KYA12")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    mark = re.search(r"mark ([A-Z]{8})", rows[0][0])[1]
    assert rows[0] == [
        f"Saved from Phlov by Sokha, 02/11/2026 10:05, mark {mark}. Do not pass it on; delete it after use."
    ]
    assert sorted(row[0] for row in rows[2:]) == ["'+85512000078", "'+85512000079"]
    assert {row[rows[1].index("school")] for row in rows[2:]} == {"'=HYPERLINK(1)", ""}
    begun, written = [row for row in audit.page(service) if row.event.startswith("contacts.")][1::-1]
    assert (begun.event, begun.who, begun.why) == ("contacts.exported", "Sokha", "a follow-up by phone")
    assert begun.detail == {"campaign": "KYA12", "mark": mark}
    assert written.detail == {"campaign": "KYA12", "people": 2}
    place = given(visitor, answer.data, "again.csv", **dict.fromkeys(CONSENT, ""))
    assert "nothing new" in visitor.get(f"{place}?lang=en").text


@pytest.mark.parametrize("why", ["", "too short", "call 012 000 078 again"], ids=["none", "short", "number"])
def test_a_list_needs_a_reason(come, known, service, why):
    answer = saved(come(), why=why)
    assert (answer.status_code, "at least 10 letters" in answer.text) == (400, True)
    assert not NUMBER.search(answer.text.replace(why, "") if why else answer.text)
    assert not [row for row in audit.page(service) if row.event == "contacts.exported"]


def test_somebody_saves_a_few_lists_a_day(come, known, service, clock):
    visitor = come()
    answers = [saved(visitor).status_code for _ in range(4)]
    assert answers == [200, 200, 200, 400]
    clock.forward(hours=25)
    visitor.come(service, visitor.person)
    assert saved(visitor).status_code == 200


def test_a_list_of_too_many_or_of_nobody_is_not_saved(come, known, service, monkeypatch):
    visitor = come()
    monkeypatch.setattr(contacts_saved, "MOST", 1)
    assert "more than" in saved(visitor).text
    assert "Nobody is in this list" in saved(visitor, campaign="SR7").text
    assert saved(visitor, campaign="NO99").status_code == 400
    assert not [row for row in audit.page(service) if row.event == "contacts.exported"]


def test_an_old_password_saves_nothing(come, known, clock):
    visitor = come()
    clock.forward(minutes=6)
    assert "before a list can be saved" in visitor.get(f"{PEOPLE}/export?lang=en").text.lower()
    visitor.get(PEOPLE)
    assert visitor.send(f"{PEOPLE}/export", why="a follow-up by phone").headers["Location"].startswith("/console/prove")
