"""What staff change holds at once, is known everywhere soon, can be undone, and never says what it must not."""

import json
from collections.abc import Mapping
from datetime import timedelta
from threading import Barrier, Thread

import pytest

from bot.content.loader import load
from bot.conversation.understand import Reader
from bot.services import audit, content, registry
from bot.services.content import BadContent, Kind
from bot.services.registry import PAUSE, Shelf
from bot.services.service import Service
from bot.store import content as store
from bot.store.crypto import Vault
from bot.store.database import Tx

BOOK = load()
READER = Reader(BOOK)
SAID = {
    "km": "ច្រកបិទ។ សួរ {local:kh-1297}",
    "km_Latn": "Chrok bet. Suor {local:kh-1297}",
    "en": "Border closed. Ask {local:kh-1297}",
}
GONE = "ថ្ងៃនេះឈប់"


@pytest.fixture
def house(database, clock) -> Service:
    return Service(database, Vault(bytes(32)), BOOK, READER, clock, paced=False)


def day(house: Service, days: int = 0) -> str:
    return (content.today(house) + timedelta(days=days)).isoformat()


def line(house: Service, name: str, **changes: object) -> dict[str, object]:
    """The value of a number as it is, with something of it changed."""
    now = house.book.helplines[name]
    value = {
        field: getattr(now, field) for field in ("local", "e164", "hours", "khmer", "toll_free", "disabled", "instead")
    }
    checked = {"checked_on": now.checked_on and now.checked_on.isoformat(), "checked_by": now.checked_by}
    return {**value, **checked, "source": "its own page", "source_date": day(house), **changes}


def notice(house: Service, **changes: object) -> dict[str, object]:
    value = {"say": SAID, "topics": ["border", "rights"], "countries": ["MY"], "valid_until": day(house, 60)}
    return {**value, "source": "radio", "source_date": day(house), **changes}


def save(house: Service, kind: Kind, name: str, value: Mapping[str, object] | None, **more: int) -> int:
    return content.save(house, kind, name, value, "Sokha", 1, **more)


def why(house: Service, kind: Kind, name: str, value: Mapping[str, object] | None, **more: int) -> list[str]:
    """Why it is refused; nothing is kept then."""
    before = content.history(house), audit.page(house)
    with pytest.raises(BadContent) as refused:
        save(house, kind, name, value, **more)
    assert (content.history(house), audit.page(house)) == before
    return [fault.why.value for fault in refused.value.faults]


def card(house: Service, country: str) -> str:
    return house.book.answer(f"countries.{country}", "en", here=country, there=country, today=content.today(house))


def border(house: Service, language: str = "en") -> str:
    """What somebody in Malaysia is told about the border."""
    return house.book.answer("topics.border", language, here="MY", there="MY", today=content.today(house))


def test_a_number_that_is_changed_is_told_at_once_here_and_soon_elsewhere(house):
    ticks = [0.0]
    other = Shelf(house.database, lambda: ticks[0], house.files)
    other.current()
    assert house.book.helplines["my-mapo"].local in card(house, "MY")
    save(house, Kind.HELPLINE, "my-mapo", line(house, "my-mapo", local="03 5555 1212", e164="+60 3 5555 1212"))
    assert house.book.helplines["my-mapo"].e164 == "+60355551212"
    assert "03 5555 1212" in card(house, "MY")
    assert other.book is house.files
    ticks[0] = PAUSE - 1
    other.current()
    assert other.book is house.files
    ticks[0] = PAUSE
    other.current()
    assert other.book.helplines["my-mapo"].local == "03 5555 1212"
    assert house.files.helplines["my-mapo"].local == "03 8000 8000", "the files stay as they are"


def test_a_change_is_noted_with_who_and_undone_to_the_one_before(house):
    first = save(house, Kind.HELPLINE, "my-mapo", line(house, "my-mapo", hours="8:00-17:00"))
    second = save(house, Kind.HELPLINE, "my-mapo", line(house, "my-mapo", hours="7:00-12:00"))
    assert first < second
    newest, older = content.history(house, Kind.HELPLINE, "my-mapo")
    assert (newest.id, newest.newest, newest.was["hours"], newest.value["hours"]) == (
        second,
        True,
        "8:00-17:00",
        "7:00-12:00",
    )
    assert (older.id, older.newest, older.was, older.who) == (first, False, None, "Sokha")
    with pytest.raises(BadContent):
        content.undo(house, first, "Dara")
    content.undo(house, second, "Dara")
    assert house.book.helplines["my-mapo"].hours == "8:00-17:00"
    with pytest.raises(BadContent):
        content.undo(house, second, "Dara")
    content.undo(house, first, "Dara")
    assert house.book is house.files
    undone = content.history(house)[0]
    assert (undone.undone_by, undone.newest) == ("Dara", False)
    assert [row.event for row in audit.page(house)] == ["content.undone"] * 2 + ["content.changed"] * 2
    assert {row.about.kind for row in audit.page(house)} == {"content"}
    assert audit.verify(house).broken is None


def test_taken_away_a_number_is_what_the_files_say(house):
    save(house, Kind.HELPLINE, "my-mapo", line(house, "my-mapo", hours="8:00-17:00"))
    save(house, Kind.HELPLINE, "my-mapo", None)
    assert house.book is house.files
    assert content.current(house, Kind.HELPLINE) == {}


def test_who_was_slower_is_told_so(house):
    first = save(house, Kind.HELPLINE, "my-mapo", line(house, "my-mapo", hours="8:00-17:00"), upon=0)
    assert why(house, Kind.HELPLINE, "my-mapo", line(house, "my-mapo", hours="24 h"), upon=0) == ["others"]
    second = save(house, Kind.HELPLINE, "my-mapo", line(house, "my-mapo", hours="24 h"), upon=first)
    assert content.versions(house, Kind.HELPLINE) == {"my-mapo": second}


def test_two_at_once_are_both_kept(house):
    start = Barrier(4)

    def write(number: int) -> None:
        start.wait()
        content.save(house, Kind.CANNED, f"Answer {number}", {"en": "Good day"}, "Sokha", 1)

    threads = [Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each.name for each in content.canned(house)] == [f"Answer {number}" for number in range(4)]
    assert [each.newest for each in content.history(house)] == [True] * 4


def test_a_number_nobody_has_tried_is_said_when_somebody_has(house):
    hidden = next(each for each in house.book.helplines.values() if each.bot_use == "verify_first" and not each.enabled)
    assert why(house, Kind.HELPLINE, hidden.id, line(house, hidden.id, checked_on=day(house))) == ["who"]
    change = save(house, Kind.HELPLINE, hidden.id, line(house, hidden.id, checked_on=day(house), checked_by="editor"))
    assert house.book.helplines[hidden.id].enabled
    assert house.book.helplines[hidden.id].review == "test-called"
    content.undo(house, change, "Sokha")
    assert not house.book.helplines[hidden.id].enabled


def test_another_number_was_not_tried_by_the_old_call(house, clock):
    tried = {"checked_on": day(house), "checked_by": "editor"}
    save(house, Kind.HELPLINE, "my-mapo", line(house, "my-mapo", **tried))
    clock.forward(days=2)
    other = {"local": "03 5555 1212", "e164": "+60355551212"}
    assert why(house, Kind.HELPLINE, "my-mapo", line(house, "my-mapo", **other)) == ["dial"]
    save(house, Kind.HELPLINE, "my-mapo", line(house, "my-mapo", **other, checked_on=None, checked_by=None))
    assert house.book.helplines["my-mapo"].review == "drafted"


def test_a_line_out_of_use_is_not_told_until_it_is_back(house):
    """Every number is named by some text: there another one is said instead, as it is at that time."""
    told = house.book.dial(house.book.helplines["kh-1297"], "KH")
    asked = house.book.answer("topics.checklist", "en", here="KH", there=None, today=content.today(house))
    assert told in asked
    change = save(house, Kind.HELPLINE, "kh-1297", line(house, "kh-1297", disabled=True, instead="kh-1280"))
    gone = house.book.helplines["kh-1297"]
    assert (gone.disabled, gone.instead, gone.local) == (True, "kh-1280", house.book.helplines["kh-1280"].local)
    after = house.book.answer("topics.checklist", "en", here="KH", there=None, today=content.today(house))
    assert after == asked.replace(told, "1280")
    assert why(house, Kind.HELPLINE, "kh-1280", line(house, "kh-1280", disabled=True, instead="kh-1286")) == ["instead"]
    save(house, Kind.HELPLINE, "kh-1280", line(house, "kh-1280", local="1299"))
    again = house.book.answer("topics.checklist", "en", here="KH", there=None, today=content.today(house))
    assert again == asked.replace(told, "1299")
    content.undo(house, change, "Sokha")
    assert house.book.answer("topics.checklist", "en", here="KH", there=None, today=content.today(house)) == asked


def test_a_line_comes_back_though_the_one_said_instead_was_called_on_the_same_day(house, clock):
    called = {"checked_on": day(house), "checked_by": "editor"}
    for name in ("kh-1297", "kh-1280"):
        save(house, Kind.HELPLINE, name, line(house, name, **called))
    clock.forward(days=2)
    value = line(house, "kh-1297")
    save(house, Kind.HELPLINE, "kh-1297", {**value, "disabled": True, "instead": "kh-1280"})
    save(house, Kind.HELPLINE, "kh-1297", {**value, "disabled": False, "instead": None})
    assert house.book.helplines["kh-1297"].local == "1297"


UNREADABLE = (
    (Kind.HELPLINE, "kh-1297", "{half"),
    (Kind.HELPLINE, "kh-1288", "[1]"),
    (Kind.HELPLINE, "kh-1286", json.dumps({"local": 1286})),
    (Kind.HELPLINE, "kh-1280", json.dumps({**dict.fromkeys(("hours", "khmer", "toll_free"), ""), "local": 5})),
    (Kind.NOTICE, "a", "{half"),
    (Kind.NOTICE, "b", json.dumps({"say": SAID, "topics": [["x"]], "countries": [], "valid_until": "2030-01-01"})),
    (Kind.NOTICE, "c", json.dumps({"say": SAID, "topics": ["rights"], "countries": 7, "valid_until": "2030-01-01"})),
    (Kind.HOURS, "week", json.dumps({"mon": 5})),
    (Kind.HOLIDAY, "some day", "{half"),
    (Kind.CANNED, "hello", "[]"),
)


def test_what_another_version_kept_in_another_shape_stops_nothing(house):
    """People must get their answers; what fits is laid over the texts all the same."""
    save(house, Kind.NOTICE, "my-border", notice(house))

    def work(tx: Tx) -> None:
        for kind, name, kept in UNREADABLE:
            store.add(tx, store.Row(1, kind, name, kept, 1, "Sokha", house.now()))
        registry.changed(tx, house.now())

    house.database.write(work)
    shelf = Shelf(house.database, files=house.files)
    assert shelf.current().hours is None
    assert sorted(shelf.misfits) == [f"helpline/{name}" for name in ("kh-1280", "kh-1286", "kh-1288", "kh-1297")] + [
        f"notice/{name}" for name in "abc"
    ]
    assert shelf.book.helplines == house.files.helplines
    assert [each.id for each in shelf.book.notices if each not in house.files.notices] == ["my-border"]
    assert len(content.history(house)) == len(UNREADABLE) + 1


def test_a_notice_is_said_until_it_ends(house, clock):
    before = border(house)
    save(house, Kind.NOTICE, "my-border", notice(house))
    assert border(house) == f"Border closed. Ask 1297\n{before}"
    assert border(house, "km").startswith("ច្រកបិទ។ សួរ 1297\n")
    assert (
        house.book.answer("topics.border", "en", here="TH", there="TH", today=content.today(house)).find("Ask 1297") < 0
    )
    save(house, Kind.NOTICE, "my-border", notice(house, say={**SAID, "km": GONE + " {local:kh-1297}"}))
    assert border(house, "km").startswith(GONE)
    change = save(house, Kind.NOTICE, "my-border", None)
    assert border(house) == before
    content.undo(house, change, "Sokha")
    assert border(house).startswith("Border closed.")
    clock.forward(days=61)
    assert border(house) == before


def test_a_notice_of_the_files_can_end_and_come_back(house):
    first = house.files.notices[0]
    change = save(house, Kind.NOTICE, first.id, None)
    assert first.id not in [each.id for each in house.book.notices]
    content.undo(house, change, "Sokha")
    assert house.book is house.files


def test_too_many_notices_for_one_answer_are_refused(house):
    texts = []
    for number in range(9):
        try:
            save(house, Kind.NOTICE, f"my-{number}", notice(house, topics=["border"]))
        except BadContent as refused:
            texts = refused.faults
            break
    assert {fault.why.value for fault in texts} == {"too_long"}
    assert texts[0].fills["state"] == "topics.border"


def test_canned_answers_keep_their_languages(house):
    save(
        house,
        Kind.CANNED,
        "Passport",
        {"km": "កុំឱ្យលិខិតឆ្លងដែន។\n{}".replace("\n{}", ""), "en": "Keep your passport. ", "km_Latn": ""},
    )
    (found,) = content.canned(house)
    assert (found.name, dict(found.texts)) == (
        "Passport", {"km": "កុំឱ្យលិខិតឆ្លងដែន។", "en": "Keep your passport."}
    )  # fmt: skip
    save(house, Kind.CANNED, "Passport", None)
    assert content.canned(house) == []


def test_a_canned_answer_may_name_a_number_of_the_ledger(house):
    save(house, Kind.CANNED, "Office", {"en": f"Call {house.book.helplines['my-mapo'].local}"})
    assert content.canned(house)[0].texts["en"].endswith("03 8000 8000")


def test_the_same_shelf_serves_every_door_of_a_process(house):
    from dataclasses import replace  # noqa: PLC0415

    console = replace(house, door="console")
    assert console.shelf is house.shelf
    save(console, Kind.NOTICE, "my-border", notice(house))
    assert house.book is console.book is not house.files
    assert replace(house, files=load()).shelf is not house.shelf


def test_history_goes_page_by_page_and_by_kind(house):
    ids = [save(house, Kind.CANNED, f"A{number}", {"en": "Good day"}) for number in range(5)]
    other = save(house, Kind.HELPLINE, "my-mapo", line(house, "my-mapo"))
    assert [each.id for each in content.history(house, limit=3)] == [other, ids[4], ids[3]]
    assert [each.id for each in content.history(house, Kind.CANNED, before=ids[2])] == [ids[1], ids[0]]
    assert [each.name for each in content.history(house, Kind.CANNED, "A3")] == ["A3"]
