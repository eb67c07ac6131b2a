"""Lists of people: what is taken in, what is never touched, and that a list that stopped goes on."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from listing import ASKED, PAPER, Desk, shown
from sqlalchemy import select
from stories.stage import words

from bot.phone import NotAPhone
from bot.protocol import Inbound, Response
from bot.services import audit, campaigns, contacts, contacts_pages, contacts_plan, inbox, privacy
from bot.services.contacts_cells import Unread
from bot.services.contacts_file import BadFile
from bot.services.contacts_pages import Counts
from bot.services.prices import Prices
from bot.services.service import Service
from bot.store import contacts as store
from bot.store.crypto import Vault
from bot.store.errors import Unwritten
from bot.store.files import PAUSE
from bot.store.statements import Statement
from bot.store.tables import Contact, ContactDay, ContactImport, ContactTag, Membership, Wording
from bot.store.times import DAY, day, milliseconds

FIRST = milliseconds(datetime(2026, 11, 1, tzinfo=UTC))
TODAY = milliseconds(datetime(2026, 11, 2, tzinfo=UTC))


@pytest.fixture
def desk(database, clock, tmp_path) -> Desk:
    book, reader = words()
    service = Service(database, Vault(bytes(32)), book, reader, clock, paced=False, prices=Prices(book.networks))
    campaigns.add(service, "KYA12", "Road show")
    campaigns.add(service, "SR7", "Siem Reap")
    return Desk(service, tmp_path)


def say(desk: Desk, *texts: str, sender: str = "+85512000111") -> None:
    for text in texts:
        inbound = Inbound("twilio", sender, text, f"SM{text}{desk.service.clock()}", desk.service.clock())
        inbox.receive(desk.service, inbound, lambda replies, _: Response(200, b""))


def people(desk: Desk) -> dict[str, tuple[object, ...]]:
    """What is known of everybody, by number."""
    told = (Contact.language, Contact.province, Contact.district, Contact.destination, Contact.school)
    rows = desk.rows(Contact, Contact.id, Contact.number_sealed, *told)
    return {
        desk.service.vault.open(sealed, "number", row).decode(): tuple(rest) for row, sealed, *rest in rows if sealed
    }


LIST = """\
ឈ្មោះ,Tel.,ខេត្ត,Srok,ភាសា,Destination,School,Tags,Departure
Made Up,012 000 111,សៀមរាប,Puok,ខ្មែរ,Korea,Hun Sen  School,"Blue; red",31/12/2026
Made Up,៨៥៥១៥០០០២២២,Kompong Cham,,Khmer (Latin),TH,,,
Made Up,+66 81 000 0333,,,en,,,,
"""


def test_a_list_is_taken_in_as_it_was_previewed(desk):
    expected = {"rows": 3, "new": 3, "joined": 3}
    assert desk.preview(LIST) == expected
    assert desk.rows(Contact, Contact.id) == desk.rows(ContactImport, ContactImport.done) == []
    assert desk.take(LIST) == expected
    assert desk.faults == []
    assert people(desk) == {
        "+85512000111": ("km", "17", "1707", "KR", "Hun Sen School"),
        "+85515000222": ("km_Latn", "03", None, "TH", None),
        "+66810000333": ("en", None, None, None, None),
    }
    kept = desk.rows(
        Contact, Contact.country, Contact.network, Contact.seen_at, Contact.created_at, Contact.opted_out_at
    )
    assert sorted(kept, key=str) == sorted(
        [("KH", "Cellcard", FIRST, TODAY, None), ("KH", "Smart", FIRST, TODAY, None), ("TH", None, FIRST, TODAY, None)],
        key=str,
    )
    assert [tag for _, tag in desk.rows(ContactTag, ContactTag.contact_id, ContactTag.tag)] == ["blue", "red"]
    assert [(kind, when) for kind, when in desk.rows(ContactDay, ContactDay.kind, ContactDay.day)] == [
        ("departure", "2026-12-31")
    ]


def test_consent_is_kept_with_who_when_how_words_and_language(desk):
    desk.take("phone\n012000111\n")
    ((contact_id, *consent),) = desk.rows(
        Membership,
        Membership.contact_id,
        Membership.code,
        Membership.channel,
        Membership.language,
        Membership.joined_at,
        Membership.how,
        Membership.given_by,
        Membership.question,
    )
    ((fingerprint, said),) = desk.rows(Wording, Wording.fingerprint, Wording.words)
    assert consent == ["KYA12", "import", "en", FIRST, "paper", "Made Up", fingerprint]
    assert said == "May we text you?"
    assert [contact_id] == [row for (row,) in desk.rows(Contact, Contact.id)]


def test_consent_may_be_in_columns(desk):
    rows = """\
phone;Campaign;Consent;Consent date;How;Collected by;Wording
012000001;kya12;yes;1/11/2026;paper;Made Up;យល់ព្រមទេ?
012000002;SR7;បាទ;2026-11-02;verbal;Made Up;Is it ok?
012000003;KYA12;no;1/11/2026;paper;Made Up;Is it ok?
012000004;KYA12;;1/11/2026;paper;Made Up;Is it ok?
012000005;KYA12;yes;;paper;Made Up;Is it ok?
012000006;KYA12;yes;1/11/2026;paper;;Is it ok?
012000007;KYA12;yes;3/11/2026;paper;Made Up;Is it ok?
012000008;KYA12;yes;1/4/2026;paper;Made Up;Is it ok?
012000009;NO1;yes;1/11/2026;paper;Made Up;Is it ok?
012000010;KYA12;maybe;1/11/2026;paper;Made Up;Is it ok?
012000011;KYA12;yes;1/11/2026;by dove;Made Up;Is it ok?
012000012;KYA12;yes;11/31/2026;paper;Made Up;Is it ok?
"""
    assert desk.take(rows, ASKED) == {"rows": 12, "new": 12, "joined": 2, "silent": 10, "unread": 6}
    kept = desk.rows(Membership, Membership.code, Membership.how, Membership.language, Membership.joined_at)
    assert kept == [("KYA12", "paper", "km", FIRST), ("SR7", "spoken", "en", TODAY)]
    assert [(fault.row, fault.why.partition(";")[0]) for fault in desk.faults] == [
        (8, "is of a day that has not come yet"),
        (9, "is older than 180 days and has to be asked for again"),
        (10, "is for a campaign that does not exist (NO1)"),
        (11, "is neither yes nor no"),
        (12, "is no way of consent that is known (by dove)"),
        (13, "is no day there is (the day comes before the month)"),
    ]


def test_without_any_part_of_a_consent_nobody_can_be_texted(desk):
    for serial, part in enumerate(("campaign", "how", "wording", "given_by", "on")):
        counts = desk.take(f"phone\n01200000{serial}\n", replace(PAPER, **{part: None}))
        assert counts == {"rows": 1, "new": 1, "silent": 1}, part
    assert desk.rows(Membership, Membership.code) == []
    assert {seen for (seen,) in desk.rows(Contact, Contact.seen_at)} == {TODAY}


def test_a_consent_of_a_day_to_come_is_never_later_than_now(desk, clock):
    clock.time = datetime(2026, 11, 1, 20, tzinfo=UTC)  # it is the 2nd in Cambodia
    assert contacts.today(desk.service) == date(2026, 11, 2)
    desk.take("phone\n012000111\n", replace(PAPER, on=date(2026, 11, 2)))
    now = milliseconds(clock.time)
    assert desk.rows(Membership, Membership.joined_at) == desk.rows(Contact, Contact.seen_at) == [(now,)]


def test_what_the_list_says_goes_before_and_what_it_does_not_say_stays(desk):
    desk.take(LIST)
    before = people(desk)
    again = "phone,province,language,tags\n+85512000111,Prey Veng,,green\n015000222,Kampong Cham,km_Latn,\n"
    assert desk.preview(again) == desk.take(again) == {"rows": 2, "changed": 1, "known": 1}
    assert people(desk) == before | {"+85512000111": ("km", "14", None, "KR", "Hun Sen School")}
    assert [tag for _, tag in desk.rows(ContactTag, ContactTag.contact_id, ContactTag.tag)] == ["blue", "green", "red"]
    assert desk.take("phone,departure\n012000111,2027-01-05\n") == {"rows": 1, "changed": 1}
    assert desk.rows(ContactDay, ContactDay.day) == [("2027-01-05",)]


def test_the_first_consent_stands(desk):
    desk.take("phone\n012000111\n")
    later = replace(PAPER, on=date(2026, 11, 2), given_by="Another")
    assert desk.take("phone\n012000111\n", later) == {"rows": 1, "changed": 1}
    assert desk.rows(Membership, Membership.given_by, Membership.joined_at) == [("Made Up", FIRST)]
    assert desk.rows(Contact, Contact.seen_at) == [(TODAY,)], "yet it is a sign of life"


def test_one_who_has_texted_is_known(desk):
    say(desk, "menu")
    assert desk.take(LIST) == {"rows": 3, "new": 2, "changed": 1, "joined": 3}
    assert len(people(desk)) == 3


def test_stop_is_not_undone(desk):
    desk.take("phone\n012000111\n")
    say(desk, "STOP")
    before = people(desk)
    stopped = {"rows": 1, "stopped": 1}
    assert desk.preview(LIST.replace("TH", "JP")) == {"rows": 3, "new": 2, "stopped": 1, "joined": 2}
    assert desk.take("phone,province\n012000111,17\n", replace(PAPER, on=date(2026, 11, 2))) == stopped
    assert [(fault.row, fault.why, fault.ending, fault.lost) for fault in desk.faults] == [
        (2, contacts_plan.STOPPED, "111", True)
    ]
    assert people(desk) == before
    assert desk.rows(Membership, Membership.code) == []
    assert desk.rows(Contact, Contact.opted_out_at)[0][0] is not None
    say(desk, "START")
    assert desk.take("phone,province\n012000111,17\n", replace(PAPER, on=date(2026, 11, 2), tags=("x",)))["joined"] == 1


def test_a_list_that_comes_in_is_noted_once(desk):
    for _ in range(2):
        desk.take("phone\n012000111\n012000222\n")
    noted = [(each.event, each.who, each.detail) for each in audit.page(desk.service) if each.who]
    assert noted == [("contacts.imported", "me", {"new": 2, "changed": 0, "joined": 2})]


def test_who_was_erased_stays_so(desk):
    desk.take("phone\n012000111\n")
    privacy.erase(desk.service, "+85512000111")
    privacy.erase(desk.service, "+85515000222")
    before = desk.rows(Contact, Contact.id, Contact.number_sealed, Contact.opted_out_at)
    assert desk.take(LIST) == {"rows": 3, "new": 1, "stopped": 2, "joined": 1}
    after = desk.rows(Contact, Contact.id, Contact.number_sealed, Contact.opted_out_at)
    assert [row for row in after if row[1] is None] == before
    assert list(people(desk)) == ["+66810000333"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_faults_have_the_rows_of_the_sheet_and_no_numbers(desk):
    rows = "Title\nphone,province\n\n012000111,17\n012000111,17\nnone,17\n015000222,Narnia\n,\n"
    assert desk.take(rows) == {"rows": 4, "new": 2, "joined": 2, "repeated": 1, "wrong": 1, "unread": 1}
    assert [(fault.row, fault.column, fault.ending, fault.lost) for fault in desk.faults] == [
        (5, "phone", "111", True),
        (6, "phone", "", True),
        (7, "province", "222", False),
    ]
    assert "000" not in str(desk.faults)


def many(count: int) -> str:
    return "phone,province\n" + "".join(f"0120{serial * 7 % 100_000:05d},17\n" for serial in range(count))


def test_a_long_list_comes_in_in_pages_and_once(desk, monkeypatch):
    monkeypatch.setattr(contacts_pages, "PAGE", 20)
    monkeypatch.setattr(contacts_pages, "BLOCK", 60)
    steps: list[int] = []
    assert desk.take(many(150) + "012000000,17\nnone,\n", step=steps.append) == {
        "rows": 152, "new": 150, "joined": 150, "repeated": 1, "wrong": 1
    }  # fmt: skip
    assert steps == sorted(steps)
    assert steps[-1] == 152
    assert desk.take(many(150) + "012000000,17\nnone,\n") == {
        "rows": 152, "new": 150, "joined": 150, "repeated": 1, "wrong": 1
    }, "what was said of it then"  # fmt: skip
    assert len(people(desk)) == len(desk.rows(Membership, Membership.contact_id)) == 150


class PulledOut(Exception):
    """The import ends here, as if the plug was pulled."""


def test_an_import_that_stopped_goes_on(desk, monkeypatch):
    monkeypatch.setattr(contacts_pages, "PAGE", 20)
    monkeypatch.setattr(contacts_pages, "BLOCK", 60)
    say(desk, "STOP", sender="+85512000007")
    whole = many(150) + "012000000,17\nnone,\n"
    expected = {"rows": 152, "new": 149, "joined": 149, "repeated": 1, "wrong": 1, "stopped": 1}

    def pull(row: int) -> None:
        if row > pull.at:
            pull.at = row
            raise PulledOut

    pull.at = 0
    stops = 0
    while True:
        try:
            counts = desk.take(whole, step=pull)
        except PulledOut:
            stops += 1
        else:
            break
    assert stops == 8
    assert counts == expected
    assert [fault.why for fault in desk.faults] == [
        contacts_plan.STOPPED,
        contacts_pages.AGAIN,
        "not written as a phone number",
    ]
    assert len(people(desk)) == 150
    ((done, report, finished_at, author),) = desk.rows(
        ContactImport, ContactImport.done, ContactImport.report, ContactImport.finished_at, ContactImport.author
    )
    assert (done, author) == (152, "me")
    assert finished_at is not None
    assert "+855" not in report
    assert json.loads(report)["new"] == 149


def test_it_goes_on_in_pages_of_another_size(desk, monkeypatch):
    """Where nobody was served and now somebody is, or the other way round."""
    monkeypatch.setattr(contacts_pages, "PAGE", 30)
    monkeypatch.setattr(contacts_pages, "SMALL_PAGE", 7)
    monkeypatch.setattr(contacts_pages, "BLOCK", 60)
    whole = "none,\n".join((many(70), "012099999,17\n")) + "none,\n" + "012000000,17\n"

    def take(stop_at: int, *, served: bool) -> Counts:
        def step(row: int) -> None:
            if stop_at and row >= stop_at:
                raise PulledOut

        people_list = desk.opened(whole)
        return contacts.take_in(desk.service, people_list, "me", lambda _: None, step, served=lambda: served)

    for stop_at, served in ((9, True), (40, False), (50, True), (74, True)):
        with pytest.raises(PulledOut):
            take(stop_at, served=served)
    counts = take(0, served=False)
    assert shown(counts) == {"rows": 74, "new": 71, "joined": 71, "repeated": 1, "wrong": 2}
    assert len(people(desk)) == 71


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_beside_a_served_house_it_leaves_the_database_to_others_after_each_small_page(desk, monkeypatch):
    steps: list[int] = []
    rests: list[float] = []
    monkeypatch.setattr(contacts.time, "sleep", rests.append)
    people = desk.opened(many(170))
    contacts.take_in(desk.service, people, "me", lambda _: None, steps.append, served=lambda: True)
    assert steps == [50, 100, 150, 170]
    assert len(rests) == len(steps)
    assert min(rests) >= contacts.BREATH > PAUSE, "who waits looks again meanwhile"
    contacts.forget(desk.service, people)
    desk.take(many(170))
    assert len(rests) == len(steps), "alone it does not rest"


def test_a_page_that_is_not_kept_leaves_nothing(desk, monkeypatch):
    """What is in and how far the list has come are one commit."""
    monkeypatch.setattr(contacts_pages, "PAGE", 20)
    monkeypatch.setattr(contacts_pages, "BLOCK", 60)
    real, calls = store.advance, []

    def advance(*given: object) -> bool:
        calls.append(given)
        if len(calls) == 3:
            raise Unwritten("the disk is full")
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "advance", advance)
    with pytest.raises(Unwritten):
        desk.take(many(100))
    assert len(people(desk)) == desk.rows(ContactImport, ContactImport.done)[0][0] == 40
    assert desk.take(many(100)) == {"rows": 100, "new": 100, "joined": 100}


def test_two_at_once_do_not_count_twice(desk, monkeypatch):
    monkeypatch.setattr(contacts_pages, "PAGE", 20)
    monkeypatch.setattr(contacts_pages, "BLOCK", 60)

    def other(row: int) -> None:
        if row == 40:
            contacts.take_in(desk.service, desk.opened(many(100)), "other", lambda _: None, lambda _: None)

    with pytest.raises(contacts.Elsewhere):
        desk.take(many(100), step=other)
    assert len(people(desk)) == 100
    assert desk.take(many(100)) == {"rows": 100, "new": 100, "joined": 100}


def test_the_same_list_read_otherwise_is_another_import(desk):
    desk.take("phone\n012000111\n")
    assert contacts.begun(desk.service, desk.opened("phone\n012000111\n")).finished_at is not None
    for other in (replace(PAPER, campaign="SR7"), replace(PAPER, how="web"), replace(PAPER, on=date(2026, 10, 1))):
        assert contacts.begun(desk.service, desk.opened("phone\n012000111\n", other)) is None
    assert contacts.begun(desk.service, desk.opened("phone\n012000112\n")) is None
    contacts.forget(desk.service, desk.opened("phone\n012000111\n"))
    assert desk.take("phone\n012000111\n") == {"rows": 1, "known": 1}


def test_a_file_that_breaks_off_keeps_what_came_before(desk, monkeypatch):
    monkeypatch.setattr(contacts_pages, "PAGE", 20)
    monkeypatch.setattr(contacts_pages, "BLOCK", 20)
    with pytest.raises(BadFile, match="row 102: is no CSV"):
        desk.take(many(100) + '"012000')
    assert len(people(desk)) == 80, "the block before is written while one is read"


def test_somebody_is_blocked_and_unblocked(desk):
    desk.take("phone\n012000111\n")
    assert contacts.block(desk.service, "012 000 111", blocked=True)
    assert desk.rows(Contact, Contact.blocked_at) == [(milliseconds(desk.service.clock()),)]
    assert desk.take("phone\n012000111\n", replace(PAPER, tags=("x",))) == {"rows": 1, "changed": 1}
    assert desk.rows(Contact, Contact.blocked_at) != [(None,)], "no list unblocks anybody"
    assert contacts.block(desk.service, "012 000 111", blocked=False)
    assert desk.rows(Contact, Contact.blocked_at) == [(None,)]
    assert not contacts.block(desk.service, "012 000 222", blocked=True)
    privacy.erase(desk.service, "+85512000111")
    assert not contacts.block(desk.service, "012 000 111", blocked=True)
    with pytest.raises(NotAPhone):
        contacts.block(desk.service, "1280", blocked=True)


def test_tags_are_put_on_and_taken_off(desk):
    desk.take("phone\n012000111\n", replace(PAPER, tags=("b",)))
    assert contacts.tag(desk.service, "012000111", ["A  a", "c"], []) == ("a a", "b", "c")
    assert contacts.tag(desk.service, "012000111", [], ["B", "none"]) == ("a a", "c")
    assert contacts.tag(desk.service, "012000222", ["a"], []) is None
    privacy.erase(desk.service, "+85512000111")
    assert contacts.tag(desk.service, "012000111", ["a"], []) is None
    with pytest.raises(Unread):
        contacts.tag(desk.service, "012000111", ["x" * 41], [])


def test_nothing_is_readable_in_the_rows(desk):
    desk.take(LIST)
    raw = str(desk.rows(Contact, Contact.number_key, Contact.number_sealed, Contact.school))
    assert "000111" not in raw
    key = desk.service.vault.number_key("+85512000111")
    row = desk.service.database.read(lambda tx: store.find(tx, [key]))[key].id
    seen = Statement(lambda _: select(Contact.number_sealed).where(Contact.id == row))
    ((sealed,),) = desk.service.database.read(lambda tx: tx.all(seen))
    assert desk.service.vault.open(sealed, "number", row) == b"+85512000111"


def test_a_cell_of_blocked_that_says_neither_yes_nor_no_blocks_and_is_told_of(desk):
    counts = desk.take("phone,Do not text\n012000111,please\n012000222,ចាស\n012000333,no\n012000444,\n")
    assert (counts["unread"], counts["blocked"]) == (1, 2)
    assert [(fault.row, fault.column, fault.why, fault.lost) for fault in desk.faults] == [
        (2, "blocked", "is neither yes nor no, and counts as yes", False)
    ]
    assert len([at for (at,) in desk.rows(Contact, Contact.blocked_at) if at is not None]) == 2


@pytest.mark.parametrize("rows_apart", [0, 3])
@pytest.mark.parametrize("order", [1, -1], ids=["no-last", "no-first"])
@pytest.mark.parametrize("no", ["no,", "yes,yes", "maybe,", "yes,please"])
def test_one_row_that_says_no_holds_for_all_rows_of_that_number(desk, monkeypatch, no, order, rows_apart):
    """As where somebody filled a form in twice: a yes in another row must not let them be texted."""
    monkeypatch.setattr(contacts_pages, "PAGE", 2)
    monkeypatch.setattr(contacts_pages, "BLOCK", 2)
    said = [f"012000111,{no}", *(f"01500022{n},yes," for n in range(rows_apart)), "+85512000111,yes,"][::order]
    text = "\n".join(["phone,consent,blocked", *said, ""])
    assert desk.preview(text) == desk.take(text)
    assert contacts_pages.AGAIN_AND_NO in [fault.why for fault in desk.faults]
    blocked = [at for (at,) in desk.rows(Contact, Contact.blocked_at) if at is not None]
    consents = desk.rows(Membership, Membership.contact_id)
    assert len(consents) - rows_apart == len(blocked) if no.startswith("yes") else len(consents) == rows_apart


def members(desk):
    """The last digits of whose consent is kept, and what to."""
    numbers = {
        row: desk.service.vault.open(sealed, "number", row).decode()[-3:]
        for row, sealed in desk.rows(Contact, Contact.id, Contact.number_sealed)
    }
    return sorted((numbers[row], code) for row, code in desk.rows(Membership, Membership.contact_id, Membership.code))


def told(desk):
    return [(fault.row, fault.column, fault.why, fault.ending, fault.lost) for fault in desk.faults]


def test_a_no_takes_back_the_yes_to_that_campaign_and_no_other(desk):
    desk.take("phone,consent,departure\n012000111,yes,2026-12-01\n012000222,yes,2026-12-02\n")
    desk.take("phone\n012000111\n012000222\n", replace(PAPER, campaign="SR7"))
    no = "phone,consent\n012000111,no\n012000222,\n012000333,no\n"
    counts = desk.preview(no)
    assert (counts["withdrawn"], counts["changed"], counts["known"], counts["new"]) == (1, 1, 1, 1)
    assert len(members(desk)) == 4, "a preview writes nothing"
    assert desk.take(no) == counts
    assert told(desk) == [(2, "consent", contacts_plan.WITHDRAWN, "111", False)]
    assert members(desk) == [("111", "SR7"), ("222", "KYA12"), ("222", "SR7")]
    assert len(desk.rows(ContactDay, ContactDay.day)) == 2, "a series of SR7 may count from it"
    assert "withdrawn" not in desk.take(f"{no}\n")


def test_who_takes_back_the_last_yes_leaves_no_day(desk):
    desk.take("phone,departure\n012000111,2026-12-01\n")
    assert desk.take("phone,consent,departure\n012000111,no,2026-12-05\n")["withdrawn"] == 1
    assert members(desk) == []
    assert desk.rows(ContactDay, ContactDay.day) == []


def test_the_campaign_of_a_no_is_that_of_its_row(desk):
    for code in ("KYA12", "SR7"):
        desk.take("phone\n012000111\n", replace(PAPER, campaign=code))
    desk.take("phone,consent,campaign\n012000111,no,sr7\n")
    assert [code for _, code in members(desk)] == ["KYA12"]
    assert "withdrawn" not in desk.take("phone,consent,campaign\n012000111,no,NEW1\n")
    assert desk.faults[0].why == "is for a campaign that does not exist (NEW1)"
    assert [code for _, code in members(desk)] == ["KYA12"]


@pytest.mark.parametrize("order", [1, -1], ids=["no-last", "no-first"])
def test_a_no_in_any_row_of_a_number_takes_the_yes_back(desk, order):
    for code in ("KYA12", "SR7"):
        desk.take("phone\n012000111\n", replace(PAPER, campaign=code))
    rows = ["012000111,yes,KYA12", "+85512000111,no,SR7"][::order]
    desk.take("\n".join(["phone,consent,campaign", *rows, ""]))
    assert [code for _, code in members(desk)] == ["KYA12"]


def test_a_no_that_is_older_than_the_yes_takes_nothing_back(desk):
    desk.take("phone\n012000111\n")  # on the first of November
    assert "withdrawn" not in desk.take("phone,consent,consent date\n012000111,no,2026-10-31\n")
    assert told(desk) == [(2, "consent", contacts_plan.NEWER, "111", False)]
    assert len(members(desk)) == 1
    assert desk.take("phone,consent,consent date\n012000111,no,2026-11-01\n")["withdrawn"] == 1
    desk.take("phone\n012000222\n")
    assert desk.take("phone,consent,consent date\n012000222,no,some day\n")["withdrawn"] == 1


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("phone,consent\n012000111,maybe\n", PAPER),
        ("phone,consent\n012000111,no\n", ASKED),
    ],
    ids=["maybe", "no-campaign"],
)
def test_what_is_no_plain_no_to_a_campaign_is_told_of(desk, text, asked):
    desk.take("phone,consent\n012000111,yes\n")
    assert "withdrawn" not in desk.take(text, asked)
    assert (2, "consent", contacts_plan.UNWILLING, "111", False) in told(desk)
    assert len(members(desk)) == 1


def test_what_is_remembered_of_an_import_goes_after_its_time(desk, clock, monkeypatch):
    """Also of one that stopped halfway; until then it can go on."""

    def fingerprints() -> list[object]:
        return desk.rows(ContactImport, ContactImport.fingerprint)

    monkeypatch.setattr(contacts_pages, "PAGE", 20)
    monkeypatch.setattr(contacts_pages, "BLOCK", 60)

    def pull(_: int) -> None:
        raise PulledOut

    with pytest.raises(PulledOut):
        desk.take(many(100), step=pull)
    halfway = fingerprints()
    clock.forward(days=10)
    desk.take("phone\n012000111\n")
    clock.forward(days=169)
    assert privacy.purge(desk.service, confirmed=True).imports == 0
    assert len(fingerprints()) == 2
    clock.forward(days=2)
    assert privacy.purge(desk.service, confirmed=True).imports == 1
    assert halfway[0] not in fingerprints()
    assert len(fingerprints()) == 1
    clock.forward(days=10)
    assert privacy.purge(desk.service, confirmed=True).imports == 1
    assert fingerprints() == []


def test_long_silence_ends_a_consent_by_paper_too(desk, clock):
    desk.take("phone\n012000111\n")
    privacy.purge(desk.service)
    clock.forward(days=182)
    privacy.purge(desk.service, confirmed=True)
    assert desk.rows(Membership, Membership.code) == desk.rows(Contact, Contact.id) == []
    assert day(milliseconds(clock())) - FIRST > 180 * DAY
