"""The pages about what people are told: a change is seen by phones, kept with who, and undone; words stay words."""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from bot.content import loader
from bot.protocol import Inbound, Response
from bot.services import audit, campaigns, content, inbox, registry
from bot.services.content import Kind
from bot.services.roles import Role

AREA = "/console/content"
PAGES = ("", "/changes", "/helplines", "/helplines?country=TH", "/helplines/kh-1297", "/notices", "/notices/new",
         "/notices/thai-border", "/answers", "/topics", "/topics?words=passport", "/topics/topics.passport_kept",
         "/topics/sos?here=MY&there=TH", "/unmatched", "/campaigns", "/agencies")  # fmt: skip
LIST = "name_en,name_km,licence,countries,status\nGood Work,ក្រុមហ៊ុនល្អ,123,Malaysia,licensed\nBad & <b>,,7,,ended\n"
NOTICE = {
    "say_km": "ច្រកបិទ។ សួរ {local:kh-1297}",
    "say_km_Latn": "Chrok bet. Suor {local:kh-1297}",
    "say_en": "Border closed. Ask {local:kh-1297}",
    "topics": "border",
    "countries": "MY",
    "source": "radio <b>",
}


@pytest.fixture
def editor(come):
    return come("Sokha", Role.EDITOR)


def version(text: str) -> str:
    return re.findall(r'name="version" value="(\d+)"', text)[0]


def words(answer) -> str:
    """What a page says, on one line."""
    return " ".join(unescape(re.sub("<[^>]+>", " ", answer.text)).split())


@pytest.mark.parametrize("tongue", ["km", "en"])
def test_every_page_is_there_in_both_languages(editor, tongue):
    for path in PAGES:
        answer = editor.get(f"{AREA}{path}{'&' if '?' in path else '?'}lang={tongue}")
        assert (path, answer.status_code) == (path, 200)
        assert f'<html lang="{tongue}">' in answer.text
        assert "{fill" not in answer.text


def test_a_viewer_sees_all_but_changes_nothing(come):
    viewer = come("Dara", Role.VIEWER)
    for path in PAGES:
        answer = viewer.get(f"{AREA}{path}")
        if path == "/unmatched":
            assert answer.status_code == 403
            continue
        assert answer.status_code == 200
        forms = re.findall(r'<form method="post" action="(/console/content[^"]*)"', answer.text)
        assert forms == []


def test_no_number_in_an_address_or_a_form_is_too_large(come):
    admin, most = come("Chan", Role.ADMIN), "9" * 19
    for path in (f"{AREA}/changes?before={most}", "/console/audit/month?month=0001-01"):
        assert (path, admin.get(path).status_code) == (path, 200)
    for change in (most, str(2**63 - 1)):
        assert admin.send(f"{AREA}/changes/undo", change=change).status_code == 400


def test_who_may_not_set_the_hours_of_duty_does_not_undo_them(come, editor, service):
    value = {"mon": [["08:00", "12:00"]]}
    change = content.save(service, Kind.HOURS, "week", value, "Boss")
    assert "/changes/undo" not in editor.get(f"{AREA}/changes").text
    editor.get(AREA)
    assert editor.send(f"{AREA}/changes/undo", change=str(change)).status_code == 403
    assert content.current(service, Kind.HOURS) == {"week": value}
    admin = come("Chan", Role.ADMIN)
    assert "/changes/undo" in admin.get(f"{AREA}/changes").text
    assert admin.send(f"{AREA}/changes/undo", change=str(change)).status_code == 303
    assert content.current(service, Kind.HOURS) == {}


def test_the_call_of_today_is_noted_and_undone(editor, service):
    page = editor.get(f"{AREA}/helplines/kh-1297?lang=en")
    assert "Nobody has changed it here" in page.text
    told = {"version": version(page.text), "part": "caseworker", "source": "a woman, in Khmer"}
    answer = editor.send(f"{AREA}/helplines/kh-1297/called", **told)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{AREA}/helplines/kh-1297?done=number_called")
    line = service.book.helplines["kh-1297"]
    assert (line.checked_on, line.checked_by, line.sources) == (
        content.today(service),
        "caseworker",
        ("a woman, in Khmer",),
    )
    page = editor.get(f"{AREA}/helplines/kh-1297?lang=en")
    assert "a woman, in Khmer" in page.text
    change = re.findall(r'name="change" value="(\d+)"', page.text)[0]
    assert editor.send(f"{AREA}/changes/undo", change=change).status_code == 303
    assert service.book.helplines["kh-1297"].checked_on is None
    assert editor.send(f"{AREA}/changes/undo", change=change).status_code == 400
    page = editor.get(f"{AREA}/changes?lang=en")
    assert "undone by Sokha" in words(page)
    assert [row.event for row in audit.page(service, limit=2)] == ["content.undone", "content.changed"]


def test_a_number_is_changed_over_the_version_that_was_seen(editor, service):
    path = f"{AREA}/helplines/my-mapo"
    old = version(editor.get(path).text)
    new = {"local": "03 5555 1212", "e164": "+60 3 5555 1212", "hours": "8-17", "khmer": "no", "toll_free": "no",
           "source": "its page", "source_date": content.today(service).isoformat()}  # fmt: skip
    answer = editor.send(f"{path}/edit", version=old, **new)
    assert answer.status_code == 303
    assert "The number is kept." in editor.get(f"{answer.headers['Location']}&lang=en").text
    assert service.book.helplines["my-mapo"].local == "03 5555 1212"
    assert "03 5555 1212" in editor.get(f"{AREA}/topics/countries.MY?lang=en").text
    late = editor.send(f"{path}/edit", version=old, **{**new, "hours": "7-12"})
    assert late.status_code == 400
    assert 'value="7-12"' in late.text, "what was written is still there"
    answer = editor.get(f"{path}?lang=en")
    wrong = editor.send(f"{path}/edit?lang=en", version=version(answer.text), **{**new, "local": "x"})
    assert "This is no number as it is dialled in its country: x." in wrong.text
    assert service.book.helplines["my-mapo"].hours == "8-17"


def test_a_number_out_of_use_gives_way_to_another(editor, service):
    path = f"{AREA}/helplines/kh-1297"
    told = {"version": version(editor.get(path).text), "source": "it is dead"}
    refused = editor.send(f"{path}/out?lang=en", **told)
    assert "Texts name this number" in refused.text
    assert editor.send(f"{path}/out", instead="kh-1280", **told).status_code == 303
    assert "1280" in service.book.answer("topics.checklist", "en", here="KH", there=None, today=content.today(service))
    page = editor.get(f"{path}?lang=en")
    assert "Said instead" in page.text
    assert editor.send(f"{path}/back", version=version(page.text), source="alive").status_code == 303
    assert not service.book.helplines["kh-1297"].disabled
    assert "take_out" not in page.text
    assert "/out" not in editor.get(f"{AREA}/helplines/kh-117").text, "police is never out of use"


def test_a_notice_is_looked_at_kept_and_ended(editor, service):
    page = editor.get(f"{AREA}/notices/new?lang=en")
    told = {**NOTICE, "version": version(page.text), "source_date": content.today(service).isoformat()}
    answer = editor.send(f"{AREA}/notices/new?lang=en", look="yes", **told)
    assert (answer.status_code, "Choose a day." in answer.text) == (400, True)
    told["valid_until"] = content.today(service).replace(year=2027).isoformat()
    answer = editor.send(f"{AREA}/notices/new?lang=en", look="yes", **told)
    assert answer.status_code == 200
    assert "Border closed. Ask 1297" in answer.text
    assert content.current(service, Kind.NOTICE) == {}, "looking keeps nothing"
    assert editor.send(f"{AREA}/notices/new", **told).status_code == 303
    (name,) = content.current(service, Kind.NOTICE)
    said = service.book.answer("topics.border", "en", here="MY", there="MY", today=content.today(service))
    assert said.startswith("Border closed. Ask 1297")
    page = editor.get(f"{AREA}/notices/{name}?lang=en")
    assert "radio &lt;b&gt;" in page.text
    changed = {**told, "version": version(page.text), "say_en": "Border open. Ask {local:kh-1297}"}
    assert editor.send(f"{AREA}/notices/{name}", **changed).status_code == 303
    assert "Border open" in editor.get(f"{AREA}/notices?lang=en").text
    page = editor.get(f"{AREA}/notices/{name}?lang=en")
    assert editor.send(f"{AREA}/notices/{name}/end", version=version(page.text)).status_code == 303
    assert name not in {each.id for each in service.book.notices}
    assert editor.get(f"{AREA}/notices/{name}").status_code == 404


def test_ready_answers_are_written_changed_and_removed(editor, service):
    editor.get(f"{AREA}/answers?lang=en")
    name = "Pass <script>"
    assert editor.send(f"{AREA}/answers", name=name, text_en="Keep it <b>", text_km="កុំឱ្យគេ").status_code == 303
    page = editor.get(f"{AREA}/answers?lang=en")
    assert "Pass &lt;script&gt;" in page.text
    assert "UCS-2" in page.text
    assert "<b>" not in page.text
    refused = editor.send(f"{AREA}/answers?lang=en", version="0", name=name, text_en="Other")
    assert "Somebody else has changed it" in refused.text
    page = editor.get(f"{AREA}/answers?name=Pass+%3Cscript%3E&lang=en")
    old = version(page.text)
    assert editor.send(f"{AREA}/answers", version=old, name=name, text_en="Other").status_code == 303
    assert content.canned(service)[0].texts == {"en": "Other"}
    new = str(content.versions(service, Kind.CANNED)[name])
    assert editor.send(f"{AREA}/answers/remove", version=new, name=name).status_code == 303
    assert content.canned(service) == []
    assert editor.get(f"{AREA}/answers?name=gone").status_code == 404


def test_campaigns_are_begun_and_over(come, service):
    campaigner = come("Sokha", Role.CAMPAIGNER)
    page = campaigner.get(f"{AREA}/campaigns?lang=en")
    assert "No campaign yet" in page.text
    assert campaigner.send(f"{AREA}/campaigns", code="kya12", name="Show <b>").status_code == 303
    page = campaigner.get(f"{AREA}/campaigns?lang=en")
    assert "Show &lt;b&gt;" in page.text
    refused = campaigner.send(f"{AREA}/campaigns?lang=en", code="STOP12", name="Show")
    assert "A code cannot begin with STOP" in refused.text
    assert campaigner.send(f"{AREA}/campaigns/phase", code="KYA12", phase="after").status_code == 303
    assert campaigns.listed(service)[0][0].phase == "after"
    assert campaigner.send(f"{AREA}/campaigns/phase", code="KYA99", phase="after").status_code == 404
    assert [row.event for row in audit.page(service, limit=2)] == ["campaign.phase", "campaign.named"]


def give(visitor, raw: bytes, **fields: str):
    """Give a list on the page of agencies."""
    told = {"form": visitor.form, "source": "Ministry", "date": "2026-10-01", **fields}
    boundary, body = encode_multipart({**told, "file": FileStorage(BytesIO(raw), "list.csv")})
    return visitor.client.post(
        f"{AREA}/agencies/look?lang=en",
        base_url="https://phlov.example.org",
        data=body,
        content_type=f"multipart/form-data; boundary={boundary}",
    )


def test_a_list_of_agencies_is_seen_before_it_counts(editor, service):
    assert "There is no list" in editor.get(f"{AREA}/agencies?lang=en").text
    answer = give(editor, LIST.encode())
    assert answer.status_code == 200
    assert "Agencies: 2. From: Ministry, 01/10/2026." in answer.text
    assert "Bad &amp; &lt;b&gt;" in answer.text
    assert registry.listed(service) is None
    sealed = re.findall(r'name="list" value="([^"]+)"', answer.text)[0]
    assert editor.send(f"{AREA}/agencies", list=sealed).status_code == 303
    assert [each.name_en for each in registry.listed(service).agencies] == ["Good Work", "Bad & <b>"]
    assert "Good Work" in editor.get(f"{AREA}/agencies?lang=en").text
    assert audit.page(service, limit=1)[0].detail == {"agencies": 2}


@pytest.mark.parametrize(
    ("raw", "fields", "said"),
    [
        (b"", {}, "Choose a file."),
        (b"x" * 1_000_001, {}, "too large for this page"),
        (b"\xff\xfe", {}, "is not UTF-8"),
        (b"a,b\n1,2\n", {}, "no heading for the name"),
        (LIST.encode(), {"source": ""}, "say who published"),
        (LIST.encode(), {"date": "soon"}, "Choose a day."),
        (LIST.encode() + b"Good Work,,123,Atlantis" + b"x" * 40 + b",licensed\n", {}, "line 4"),
    ],
)
def test_a_list_that_is_wrong_is_not_taken(editor, service, raw, fields, said):
    editor.get(f"{AREA}/agencies?lang=en")
    answer = give(editor, raw, **fields)
    assert answer.status_code == 400
    assert said in unescape(answer.text)
    assert registry.listed(service) is None


def test_a_list_goes_no_further_than_its_session(editor, come, service):
    editor.get(f"{AREA}/agencies?lang=en")
    sealed = re.findall(r'name="list" value="([^"]+)"', give(editor, LIST.encode()).text)[0]
    other = come("Dara", Role.EDITOR)
    other.get(f"{AREA}/agencies?lang=en")
    assert other.send(f"{AREA}/agencies", list=sealed).status_code == 400
    assert editor.send(f"{AREA}/agencies", list=sealed[:-8]).status_code == 400
    assert registry.listed(service) is None


def test_a_text_that_was_not_understood_becomes_an_example(editor, service, tmp_path, monkeypatch):
    monkeypatch.setattr(loader, "ROOT", tmp_path)
    for number, text in enumerate(
        ("where is the footbal on tv", "zzz 012345678 <b>qqq</b>", "where is footbal on the tv")
    ):
        arrived = Inbound("twilio", f"+8551234567{number}", text, f"SM{number}", service.clock())
        inbox.receive(service, arrived, lambda replies, reference: Response(200, b"", "text/xml"))
    page = editor.get(f"{AREA}/unmatched?lang=en")
    assert "Texts: 2" in words(page)
    assert "012345678" not in page.text
    assert "<b>qqq" not in page.text
    assert audit.page(service, limit=1)[0].event == "unmatched.read"
    ids = re.findall(r'name="text" value="([a-z0-9]+)"', page.text)
    assert len(ids) >= 2
    assert "Choose what it is about." in editor.send(f"{AREA}/unmatched/teach?lang=en", text=ids[0], topic="").text
    assert editor.send(f"{AREA}/unmatched/teach", text=ids[0], topic="study").status_code == 303
    assert "footbal" in (tmp_path / "messages/examples/study.tsv").read_text()
    assert "footbal" in (tmp_path / "tests/understanding/regressions.tsv").read_text()
    gone = editor.send(f"{AREA}/unmatched/teach?lang=en", text=ids[0], topic="study")
    assert "not there any more" in gone.text
    assert {row.event for row in audit.page(service, limit=4)} >= {"unmatched.taught", "unmatched.read"}


def test_where_the_files_cannot_be_written_it_is_said(editor, service, tmp_path, monkeypatch):
    (tmp_path / "messages").write_text("no folder")
    monkeypatch.setattr(loader, "ROOT", tmp_path)
    arrived = Inbound("twilio", "+85512345678", "where is the footbal on tv", "SM1", service.clock())
    inbox.receive(service, arrived, lambda replies, reference: Response(200, b"", "text/xml"))
    page = editor.get(f"{AREA}/unmatched?lang=en")
    (text,) = re.findall(r'name="text" value="([a-z0-9]+)"', page.text)
    answer = editor.send(f"{AREA}/unmatched/teach?lang=en", text=text, topic="study")
    assert "cannot be written here" in answer.text


def test_every_text_is_shown_as_a_phone_shows_it(editor, service):
    page = editor.get(f"{AREA}/topics/topics.passport_kept?here=TH&there=TH&lang=en")
    for language in ("km", "en"):
        said = service.book.answer(
            "topics.passport_kept", language, here="TH", there="TH", today=content.today(service)
        )
        shown = unescape(re.sub("<[^>]+>", "", page.text))
        assert said in shown
    assert "USSD 1/" in page.text
    assert "GSM-7" in page.text
    assert editor.get(f"{AREA}/topics/nothing").status_code == 404
    assert editor.get(f"{AREA}/topics/sos?here=<b>").status_code == 404


def test_texts_are_found_by_words_of_any_language_and_paged(editor, service):
    found = editor.get(f"{AREA}/topics?words=លិខិតឆ្លងដែន&lang=en")
    assert "topics.passport_kept" in found.text
    assert "No text holds these words" in editor.get(f"{AREA}/topics?words=zzqx&lang=en").text
    seen, path = [], f"{AREA}/topics"
    for _ in range(9):
        page = editor.get(path)
        seen += re.findall(r'href="/console/content/topics/([A-Za-z0-9_.]+)"', page.text)
        onward = re.findall(r'class="button plain" href="([^"]+after=[^"]+)"', page.text)
        if not onward:
            break
        path = unescape(onward[0])
    assert seen == sorted(service.book.states)
