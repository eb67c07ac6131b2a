"""Writing a broadcast on pages: words, people, time; trying, counting and handing it in; exceptions; the report."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from openpyxl import load_workbook
from services.campaigning import CHANNEL, HOUR, Office
from sqlalchemy import select
from visiting import Moving, Visitor, taken_in

from bot.config import Settings
from bot.console import foresight
from bot.console.site import create
from bot.services import audit, broadcasts, draft_rows, drafts
from bot.services.audience import Audience
from bot.services.broadcasts import ALONE, Words
from bot.services.prices import table
from bot.services.roles import Role
from bot.services.service import Service
from bot.store import broadcasts as store
from bot.store import migrate, open_database
from bot.store.crypto import Vault
from bot.store.stages import Stage
from bot.store.statements import Statement
from bot.store.tables import Outbound

HOME = "/console/broadcasts/"
KM = "Phlov៖ ជំនួបថ្ងៃសៅរ៍។ ចង់ឈប់ ផ្ញើ: ឈប់"
EN = "Phlov: a meeting on Saturday. To stop send STOP"
PRICES = "prefix,country,network,price,currency\n,KH,Smart,0.01,USD\n,KH,,0.012,USD\n"
NUMBER = re.compile(r"\+?855[ 0-9]{6,}|\b0[1-9][0-9]{7,8}\b")
TESTS = Statement(lambda _: select(Outbound.id).where(Outbound.contact_id.is_(None)))


@dataclass
class House:
    """A house with a campaign of 130 people, and three of staff who are in."""

    service: Service
    office: Office
    site: object
    author: Visitor
    other: Visitor
    viewer: Visitor
    clock: Moving

    def stage(self, made: int) -> Stage:
        return Stage(broadcasts.get(self.service, made).state)

    def tests(self) -> int:
        return len(self.service.database.read(lambda tx: tx.all(TESTS)))


@pytest.fixture(scope="module")
def house(tmp_path_factory, book, reader) -> Iterator[House]:
    url = f"sqlite:///{tmp_path_factory.mktemp('writing') / 'phlov.db'}"
    migrate(url)
    database = open_database(url)
    clock = Moving()
    prices = table(PRICES, {"+85510": "Smart"})
    service = Service(database, Vault(bytes(32)), book, reader, clock, prices=prices)
    office = Office(service)
    office.tell(office.people(65), province="17")
    office.tell(office.people(65, language="en"), province="12")
    settings = Settings(smsgate_url="https://gate.example.org", smsgate_user="a", smsgate_password="b")
    site = create(service, settings)
    visitors = []
    for name, role in (("Sokha", Role.CAMPAIGNER), ("Dara", Role.CAMPAIGNER), ("Nary", Role.VIEWER)):
        visitors.append(Visitor(site))
        visitors[-1].come(service, taken_in(service, name, role))
    yield House(service, office, site, *visitors, clock=clock)
    database.close()


def fields(**more: str) -> dict[str, str]:
    return {"campaign": "KYA12", "km": KM, "en": EN, "title": "Saturday", "do": "keep", **more}


def written(house: House, **more: str) -> int:
    """A draft of the author, by the form."""
    house.author.get(f"{HOME}new?lang=en")
    answer = house.author.send(f"{HOME}new", **fields(**more))
    assert answer.status_code == 303, re.findall(r'class="bad".*?</div>', answer.text, re.S)
    return int(re.search(r"/broadcasts/(\d+)/send", answer.headers["Location"])[1])


def faults(page: str) -> str:
    """Everything that a page says is wrong."""
    return " ".join(each[1] for each in re.findall(r'<(div|p|li) class="bad".*?>(.*?)</\1>', page, re.S))


def test_a_draft_is_kept_as_it_was_written(house):
    made = written(
        house, provinces="17", languages="km", starts="2026-12-01T09:00", ends="2026-12-02T18:00", pace="២០០"
    )
    known = broadcasts.get(house.service, made)
    assert (known.title, known.author, known.channel, known.pace) == ("Saturday", "Sokha", CHANNEL, 200)
    assert Audience.loads(known.audience) == Audience(provinces=("17",), languages=("km",))
    assert known.ends_at - known.starts_at == 33 * HOUR
    assert known.starts_at == 1_796_090_400_000
    assert {language: said.words for language, said in drafts.texts(house.service, made).items()} == {
        "km": KM,
        "en": EN,
    }
    page = house.author.get(f"{HOME}{made}/send?lang=en").text
    assert "Siem Reap" in page
    assert KM in page
    assert house.stage(made) is Stage.DRAFT


def test_the_same_form_twice_is_one_draft_and_what_was_changed_meanwhile_is_kept(house):
    page = house.author.get(f"{HOME}new?lang=en").text
    request = re.search(r'name="request" value="([0-9a-f]{32})"', page)[1]
    first = house.author.send(f"{HOME}new", request=request, **fields())
    second = house.author.send(f"{HOME}new", request=request, **fields(en=EN + " now"))
    assert first.headers["Location"] == second.headers["Location"]
    made = int(re.search(r"(\d+)/send", second.headers["Location"])[1])
    assert drafts.texts(house.service, made)["en"].words == EN + " now"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"km": "", "en": ""}, "Write the words in one language"),
        ({"starts": "soon"}, "Choose a day and a time"),
        ({"starts": "0001-01-01T00:00"}, "Choose a day and a time"),
        ({"ends": "9999-12-31T23:59"}, "Choose a day and a time"),
        ({"starts": "2026-12-02T09:00", "ends": "2026-12-01T09:00"}, "end before it begins"),
        ({"starts": "2026-12-02T09:00", "ends": "2026-12-02T09:30"}, "an hour at least"),
        ({"ends": "2027-12-01T09:00"}, "21 days at most"),
        ({"pace": "0"}, "above 0"),
        ({"pace": "many"}, "above 0"),
        ({"every": "7"}, "leave both empty"),
        ({"every": "7", "last": "2026-11-04T09:00"}, "before the second one"),
        ({"every": "900", "last": "2026-11-04T09:00"}, "above 0"),
        ({"districts": "Atlantis"}, "Nobody knows what this means: Atlantis"),
        ({"provinces": "<b>"}, "Nobody knows what this means: &lt;b&gt;"),
        ({"joined_after": "31/12/2026"}, "Choose a day and a time"),
        ({"campaign": "NONE1"}, "Choose a campaign"),
        ({"channel": "pigeon"}, "Choose a channel"),
        ({"title": "x" * 81}, "1 to 80 characters"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_lost(house, wrong, told):
    house.author.get(f"{HOME}new?lang=en")
    answer = house.author.send(f"{HOME}new", **fields(**{"tags": "nurses", **wrong}))
    assert answer.status_code == 400
    assert told in faults(answer.text)
    assert ">\nnurses</textarea>" in answer.text


def test_words_are_shown_as_on_a_phone_before_anything_is_kept(house):
    before = len(broadcasts.listed(house.service))
    house.author.get(f"{HOME}new?lang=en")
    assert house.author.send(f"{HOME}new", **fields(do="")).status_code == 200
    page = house.author.send(f"{HOME}new", **fields(do="look", en="URGENT: " + "call 012 999 888 now. " * 30)).text
    assert "SMS parts: 5" in page
    assert "3 are allowed" in page
    assert "is not among the checked helplines" in page
    piece = house.author.send(f"{HOME}texts", **fields(km="hello", en="")).text
    assert "<html" not in piece
    assert "It holds no Khmer letters" in piece
    assert "Cambodia 0.01–0.012 USD" in piece
    house.author.get(f"{HOME}new?lang=km")
    khmer = house.author.send(f"{HOME}texts", **fields(km="hello", en="")).text
    assert "វាគ្មានអក្សរខ្មែរទេ" in khmer
    house.author.get(f"{HOME}new?lang=en")
    assert len(broadcasts.listed(house.service)) == before


def test_who_gets_it_is_counted_while_it_is_written(house):
    house.author.get(f"{HOME}new?lang=en")
    page = house.author.send(f"{HOME}new", **fields(do="count", provinces="17")).text
    assert "People who get it now: 65" in page
    assert "<html" in page
    piece = house.author.send(f"{HOME}new", **fields(do="count", piece="yes", languages="en")).text
    assert "<html" not in piece
    assert "People who get it now: 65" in piece
    few = house.author.send(f"{HOME}new", **fields(do="count", piece="yes", provinces="01")).text
    assert "fewer than 20" in few
    assert "SMS parts" not in few


def test_a_text_of_the_catalog_keeps_its_question_and_must_fit_the_people(house):
    made = written(house, state="broadcasts.passport", km="ignored", countries="KH")
    said = drafts.texts(house.service, made)
    assert {each.opens for each in said.values()} == {"broadcasts.passport"}
    assert set(said) == {"km", "km_Latn", "en"}
    page = house.author.get(f"{HOME}{made}/edit?lang=en").text
    assert '<option value="broadcasts.passport" selected>' in page
    assert ">\nignored</textarea>" not in page
    house.author.get(f"{HOME}new?lang=en")
    page = house.author.send(f"{HOME}new", **fields(do="look", state="topics.age")).text
    assert "In other countries this text has other words" in page
    page = house.author.send(f"{HOME}new", **fields(do="look", state="topics.age", countries="KH")).text
    assert "In other countries" not in page
    for private in ("help.sos", "system.human", "quiz.before.1", "nothing"):
        page = house.author.send(f"{HOME}new", **fields(do="look", state=private)).text
        assert "Mend this" in page


def test_a_draft_is_changed_by_its_author_alone(house):
    made = written(house)
    house.author.get(f"{HOME}{made}/edit?lang=en")
    answer = house.author.send(
        f"{HOME}{made}/edit", **fields(title="Sunday", en=EN.replace("Saturday", "Sunday"), km="")
    )
    assert answer.headers["Location"].startswith(f"/console/broadcasts/{made}/send")
    assert broadcasts.get(house.service, made).title == "Sunday"
    assert set(drafts.texts(house.service, made)) == {"en"}
    for path in ("edit", "send"):
        assert house.other.get(f"{HOME}{made}/{path}").status_code == 403
    house.other.get(f"{HOME}{made}?lang=en")
    for path in ("edit", "send", "send/count", "try"):
        assert house.other.send(f"{HOME}{made}/{path}", **fields(number="012345678")).status_code == 403
    assert broadcasts.get(house.service, made).title == "Sunday"
    assert house.tests() == 0


def test_another_one_like_it_is_somebody_elses_own(house):
    made = written(house, provinces="17", districts="Siem Reap", title="Copied <b>")
    page = house.other.get(f"{HOME}new?copy={made}&lang=en").text
    assert 'value="Copied &lt;b&gt;"' in page
    assert re.search(r'value="17" checked', page)
    answer = house.other.send(f"{HOME}new", **fields(title="Copied"))
    copy = int(re.search(r"(\d+)/send", answer.headers["Location"])[1])
    assert copy != made
    assert broadcasts.get(house.service, copy).author == "Dara"
    series = broadcasts.create(house.service, house.office.draft(audience=Audience(undated=("departure",))))
    assert house.other.get(f"{HOME}new?copy={series}").status_code == 404
    assert f"copy={series}" not in house.other.get(f"{HOME}{series}").text


def test_a_form_that_is_filled_asks_for_the_same_people_again(house):
    wanted = Audience(
        districts=("1710", "2107"), countries=("US", "KH"), networks=("Gone",), schools=("North, Kampot",), tags=("a",)
    )
    made = broadcasts.create(house.service, house.office.draft(audience=wanted, author="Sokha"))
    page = house.author.get(f"{HOME}{made}/edit?lang=en").text
    ticked = re.findall(r'type="checkbox" id="[^"]+" name="(\w+)" value="([^"]+)" checked', page)
    areas = re.findall(r'<textarea id="(districts|schools|tags)".*?>\n(.*?)</textarea>', page, re.S)
    filled = {name: [value for each, value in ticked if each == name] for name, _ in ticked} | dict(areas)
    answer = house.author.send(f"{HOME}{made}/edit", **fields(**filled))
    assert answer.status_code == 303, faults(answer.text)
    found = Audience.loads(broadcasts.get(house.service, made).audience)
    assert {name: sorted(values) for name, values in found.filters().items()} == {
        name: sorted(values) for name, values in wanted.filters().items()
    }


def test_a_draft_that_no_form_can_ask_for_is_not_changed_into_one_for_more_people(house):
    for wanted in (Audience(day=("departure", "2026-12-31")), Audience(joined_after=5)):
        made = broadcasts.create(house.service, house.office.draft(audience=wanted, author="Sokha"))
        assert house.author.get(f"{HOME}{made}/edit").status_code == 404
        assert house.author.get(f"{HOME}new?copy={made}").status_code == 404


def test_a_test_goes_to_a_phone_of_staff_and_the_number_stays_nowhere(house):
    made = written(house)
    page = house.author.get(f"{HOME}{made}/send?lang=en")
    for bad, told in (("", "1 to 3"), ("12", "Number 1"), ("012345678,012345679,012345670,012345671", "1 to 3")):
        answer = house.author.send(f"{HOME}{made}/try", number=bad)
        assert answer.status_code == 400
        assert told in faults(answer.text)
        assert NUMBER.search(answer.text) is None
    before = house.tests()
    answer = house.author.send(f"{HOME}{made}/try", number="012 345 678")
    assert answer.headers["Location"].endswith(f"/{made}/send?done=broadcast_tried")
    assert house.tests() == before + 2
    page = house.author.get(f"{HOME}{made}?lang=en").text
    assert "tried it on phones of staff" in page
    assert NUMBER.search(page) is None
    noted = audit.page(house.service)[0]
    assert (noted.who, noted.detail["act"], noted.about.id) == ("Sokha", "try", made)


def test_nobody_sends_many_tests(house):
    made = written(house)
    house.author.get(f"{HOME}{made}/send?lang=en")
    answers = [house.author.send(f"{HOME}{made}/try", number="012345678") for _ in range(drafts.MOST_TRIED + 1)]
    assert answers[-1].status_code == 400
    assert "many tests in the last hour" in faults(answers[-1].text)


def counted(house: House, made: int) -> tuple[str, str]:
    house.author.get(f"{HOME}{made}/send?lang=en")
    page = house.author.send(f"{HOME}{made}/send/count").text
    found = re.search(r'name="version" value="([0-9a-f]+)"', page)
    return page, found[1] if found else ""


def test_it_is_handed_in_by_typing_how_many_get_it(house):
    made = written(house)
    assert "People who get it now" not in house.author.get(f"{HOME}{made}/send?lang=en").text
    house.author.prove()
    page, version = counted(house, made)
    assert "People who get it now: 130" in page
    assert f'href="/console/broadcasts/{made}/send?lang=km"' in page
    assert "a second person has to agree" in page
    assert "1.56 USD" in page
    for bad in ("", "129", "x", "1300"):
        answer = house.author.send(f"{HOME}{made}/send", version=version, recipients=bad)
        assert answer.status_code == 400
        assert "That is not the number of people" in faults(answer.text)
    assert house.stage(made) is Stage.DRAFT
    answer = house.author.send(f"{HOME}{made}/send", version=version, recipients="១៣០")
    assert answer.headers["Location"] == f"/console/broadcasts/{made}?done=broadcast_waits"
    again = house.author.send(f"{HOME}{made}/send", version=version, recipients="130")
    assert again.headers["Location"] == answer.headers["Location"]
    assert house.stage(made) is Stage.WAITING
    acts = [event.act for event in broadcasts.history(house.service, made)]
    assert acts == ["create", "submit"]


def test_what_was_changed_in_another_window_is_not_handed_in(house):
    made = written(house)
    house.author.prove()
    _, version = counted(house, made)
    house.author.get(f"{HOME}{made}/edit")
    house.author.send(f"{HOME}{made}/edit", **fields(en="Phlov: something else. To stop send STOP"))
    answer = house.author.send(f"{HOME}{made}/send", version=version, recipients="130")
    assert answer.status_code == 400
    assert "was changed meanwhile" in faults(answer.text)
    assert house.stage(made) is Stage.DRAFT


def test_to_a_hundred_it_goes_without_a_second_person_but_not_without_a_password(house):
    made = written(house, provinces="17")
    house.clock.forward(minutes=6)
    page, _ = counted(house, made)
    assert "give your password" in page
    version = "0" * 16
    answer = house.author.send(f"{HOME}{made}/send", version=version, recipients="65")
    assert answer.headers["Location"].startswith("/console/prove")
    assert house.stage(made) is Stage.DRAFT
    house.author.prove()
    _, version = counted(house, made)
    answer = house.author.send(f"{HOME}{made}/send", version=version, recipients="65")
    assert answer.headers["Location"] == f"/console/broadcasts/{made}?done=broadcast_sent"
    assert house.stage(made) is Stage.SCHEDULED
    assert ALONE >= 65


def test_too_few_and_faulty_words_are_not_handed_in(house):
    house.author.prove()
    few = written(house, provinces="01")
    page, version = counted(house, few)
    assert "would stand out" in page
    assert version == ""
    rows = house.service.database.read(lambda tx: store.texts(tx, few))
    version = draft_rows.version(broadcasts.get(house.service, few), rows)
    assert house.author.send(f"{HOME}{few}/send", version=version, recipients="0").status_code == 400
    assert house.stage(few) is Stage.DRAFT
    faulty = written(house, en="see https://bit.ly/x")
    page, version = counted(house, faulty)
    assert "still to be mended" in page
    answer = house.author.send(f"{HOME}{faulty}/send", version=version, recipients="130")
    assert answer.status_code == 400
    assert "still to be mended" in faults(answer.text)
    assert house.stage(faulty) is Stage.DRAFT


def test_a_draft_is_thrown_away(house):
    made = written(house)
    page = house.author.get(f"{HOME}{made}/send?lang=en").text
    assert "Throw the draft away" in page
    house.author.send(f"{HOME}{made}/cancel", sure="yes")
    assert house.stage(made) is Stage.CANCELLED
    assert house.author.get(f"{HOME}{made}/send").status_code == 404
    house.author.prove()
    house.author.get("/console/account")
    answer = house.author.send(f"{HOME}{made}/send", version="old", recipients="130")
    assert answer.headers["Location"].endswith(f"/{made}")  # nobody is told that it goes


def test_what_waits_gets_another_time(house):
    made = house.office.scheduled()
    page = house.author.get(f"{HOME}{made}/time?lang=en").text
    assert 'value="2026-11-0' in page
    bad = house.author.send(f"{HOME}{made}/time", starts="2026-11-05T09:00", ends="2026-11-05T09:10")
    assert "an hour at least" in faults(bad.text)
    assert house.author.send(f"{HOME}{made}/time", starts="x", ends="").status_code == 400
    answer = house.author.send(f"{HOME}{made}/time", starts="2026-11-05T09:00", ends="2026-11-05T19:00")
    assert answer.status_code == 303
    known = broadcasts.get(house.service, made)
    assert known.ends_at - known.starts_at == 10 * HOUR
    assert broadcasts.history(house.service, made)[-1].act == "schedule"
    broadcasts.cancel(house.service, made, "Sokha")
    assert house.author.get(f"{HOME}{made}/time").status_code == 404


def test_two_of_staff_make_an_exception_for_one_person(house):
    office = house.office
    number = office.number(next(office.numbers))
    office.numbers = iter(range(int(number[-6:]) - 100_000, 900_000))
    [person] = office.people(1)
    office.alarm(person, office.now())
    made = broadcasts.create(house.service, office.draft(texts={"en": Words(EN)}))
    path = f"{HOME}{made}/exceptions"
    house.author.prove()
    house.author.get(f"{path}?lang=en")
    for given in (
        {"number": "12", "why": "she asked us to"},
        {"number": number, "why": "short"},
        {"number": "+85599999999", "why": "she asked us to"},
        {"number": number, "why": "call 012 345 678"},
    ):
        answer = house.author.send(path, **given)
        assert answer.status_code == 400
        assert faults(answer.text)
        assert NUMBER.search(answer.text) is None
    assert house.author.send(path, number=number, why="she asked <b>us</b> to").status_code == 303
    page = house.author.get(path).text
    assert f"•••••{number[-2:]}" in page
    assert "she asked &lt;b&gt;us&lt;/b&gt; to" in page
    assert NUMBER.search(page) is None
    assert "somebody else has to agree" in page
    assert house.author.send(f"{path}/grant", person="9" * 19).status_code == 400
    own = house.author.send(f"{path}/grant", person=str(person))
    assert (own.status_code, "somebody else has to agree" in faults(own.text)) == (400, True)
    house.other.prove()
    house.other.get(f"{path}?lang=en")
    assert house.other.send(f"{path}/grant", person="7" * 30).status_code == 400
    assert house.other.send(f"{path}/grant", person=str(person)).status_code == 303
    assert "Agreed to by: <bdi>Dara</bdi>" in house.other.get(path).text
    acts = [(event.who, event.act) for event in broadcasts.history(house.service, made)]
    assert acts[1:] == [("Sokha", "ask"), ("Dara", "grant")]


def test_prices_are_told_and_where_none_are_what_to_do(house, come):
    page = house.viewer.get(f"{HOME}prices?lang=en").text
    assert "0.012 USD" in page
    assert "+85510" in page
    assert "PHLOV_PRICES_FILE" in come().get(f"{HOME}prices?lang=en").text


def test_without_a_channel_or_a_campaign_it_is_said_what_comes_first(come, service):
    visitor = come()
    page = visitor.get(f"{HOME}new?lang=en").text
    assert "There is no campaign yet" in page
    assert 'href="/console/content/campaigns"' in page
    Office(service)
    page = visitor.get(f"{HOME}new").text
    assert "No channel can send yet" in page
    assert "<textarea" not in page


def test_the_report_of_a_closed_one_is_read_and_taken_along(service, site, clock):
    office = Office(service)
    office.people(60)
    made = office.scheduled()
    reader = Visitor(site)
    person = taken_in(service, "Nary", Role.VIEWER)
    reader.come(service, person)
    assert reader.get(f"{HOME}{made}/report").status_code == 404
    office.all_through(made, clock)
    clock.forward(hours=80)
    office.rounds(lambda: broadcasts.get(service, made).closed_at is not None)
    reader.come(service, person)
    page = reader.get(f"{HOME}{made}?lang=en").text
    assert f'href="/console/broadcasts/{made}/report"' in page
    assert "Read the report" in page
    page = reader.get(f"{HOME}{made}/report?lang=en").text
    assert "<table" not in page
    piece = reader.send(f"{HOME}{made}/report/tables", piece="yes").text
    assert "<html" not in piece
    assert re.search(r"<th scope=\"row\"><bdi>Recipients</bdi></th>\s*<td[^>]*><bdi>60</bdi>", piece)
    for kind, begins in (("html", b"<!doctype html>"), ("csv", b"\xef\xbb\xbftable,row"), ("xlsx", b"PK")):
        answer = reader.send(f"{HOME}{made}/report", kind=kind, language="km")
        assert answer.data.startswith(begins)
        assert answer.headers["Content-Disposition"] == f'attachment; filename="phlov-report.{kind}"'
        assert answer.headers["Cache-Control"] == "no-store"
    assert load_workbook(io.BytesIO(answer.data)).sheetnames
    assert [row.detail["act"] for row in audit.page(service, who="Nary") if row.event == "broadcast"] == ["report"] * 3
    for wrong in ({"kind": "exe", "language": "km"}, {"kind": "csv", "language": "fr"}):
        assert reader.send(f"{HOME}{made}/report", **wrong).status_code == 400


def test_people_are_counted_for_one_at_a_time(house, monkeypatch):
    monkeypatch.setattr(foresight, "PATIENCE", 0.01)
    made = written(house)
    house.author.get(f"{HOME}{made}/send")
    with foresight._counting:
        assert house.author.send(f"{HOME}{made}/send/count").status_code == 503
    assert house.author.send(f"{HOME}{made}/send/count").status_code == 200
