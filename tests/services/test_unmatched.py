"""Texts without an answer stay sealed, are shown under a mask and in groups, and become examples and tests."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select
from stories.stage import words

from bot.content import examples
from bot.content.faults import Faults
from bot.protocol import Inbound, Response
from bot.services import inbox, privacy, unmatched
from bot.services.service import Service
from bot.store.crypto import Vault
from bot.store.statements import Statement
from bot.store.tables import Inbound as Row
from bot.store.tables import Unmatched

LOST = "qwertuz plmokn 012345678"
ALIKE = "qwertus plmoken"
OTHER = "zxcvb asdfgh"


@pytest.fixture
def house(database, clock):
    book, reader = words()
    return Service(database, Vault(bytes(32)), book, reader, clock, paced=False)


@pytest.fixture
def say(house, clock):
    def come(*texts: str, sender: str = "+85512345678") -> None:
        for text in texts:
            come.count += 1
            clock.forward(seconds=1)
            inbound = Inbound("twilio", sender, text, f"SM{come.count}", clock())
            inbox.receive(house, inbound, lambda replies, _: Response(200, b""))

    come.count = 0
    return come


def kept(house):
    return house.database.read(lambda tx: tx.all(Statement(lambda _: select(Unmatched.inbound_id))))


def test_only_what_found_no_answer_is_shown(house, say):
    say("hello", "menu", "1", "how much to japan", LOST, "sos", "stop")
    assert [[line.text for line in group] for group in unmatched.grouped(house, 7)] == [["qwertuz plmokn #"]]


def test_groups_of_like_texts_the_newest_first(house, say):
    say("menu", LOST, OTHER)
    say("menu", ALIKE, sender="+66812345678")
    texts = [[line.text for line in group] for group in unmatched.grouped(house, 7)]
    assert texts == [[ALIKE, "qwertuz plmokn #"], [OTHER]]
    say(OTHER)
    assert [len(group) for group in unmatched.grouped(house, 7)] == [2, 2]


def test_the_words_stay_sealed_and_go_with_the_text(house, say, clock):
    say("menu", LOST)
    sealed = house.database.read(lambda tx: tx.all(Statement(lambda _: select(Row.text_sealed))))
    assert all(b"qwertuz" not in value for (value,) in sealed)
    privacy.purge(house)
    clock.time += timedelta(days=8)
    assert privacy.purge(house, confirmed=True).unmatched == 1
    assert (kept(house), unmatched.grouped(house, 30)) == ([], [])


@pytest.mark.parametrize("how", ["word", "command"])
def test_erase_takes_them_along(house, say, how):
    say("menu", LOST)
    say("menu", OTHER, sender="+66812345678")
    say("erase") if how == "word" else privacy.erase(house, "+85512345678")
    assert [[line.text for line in group] for group in unmatched.grouped(house, 7)] == [[OTHER]]
    assert len(kept(house)) == 1


def test_days_are_a_limit(house, say, clock):
    say("menu", LOST)
    clock.forward(days=3)
    assert unmatched.grouped(house, 2) == []
    assert len(unmatched.grouped(house, 4)) == 1


def test_teach_writes_an_example_and_a_test(house, say, tmp_path):
    say("menu", "thai football qwertuz 012345678", OTHER)
    first, second = (group[0] for group in unmatched.grouped(house, 7))
    (tmp_path / unmatched.EXAMPLES).mkdir(parents=True)
    taught = unmatched.teach(house, second.id, "loans", tmp_path)
    assert (taught.text, taught.topic, taught.country) == ("thai football qwertuz #", "loans", "TH")
    faults = Faults()
    (example,) = examples.read(tmp_path / "messages", faults)
    assert faults.found == []
    assert (example.topic, example.country, example.text) == ("loans", "TH", taught.text)
    lines = (tmp_path / unmatched.REGRESSIONS).read_text().splitlines()
    assert lines == ["text\ttopic\tcountry", f"{taught.text}\tloans\tTH"]
    assert [[line.id for line in group] for group in unmatched.grouped(house, 7)] == [[first.id]]
    unmatched.teach(house, first.id.upper(), "loans", tmp_path)
    assert [each.text for each in examples.read(tmp_path / "messages", faults)] == [taught.text, OTHER]
    assert faults.found == []


@pytest.mark.parametrize(
    ("pick", "topic", "why"),
    [("id", "money", "no topic"), ("zz", "loans", "no text has the id"), ("", "loans", "no text")],
)
def test_teach_refuses(house, say, tmp_path, pick, topic, why):
    say("menu", LOST)
    short_id = unmatched.grouped(house, 7)[0][0].id if pick == "id" else pick
    with pytest.raises(unmatched.CannotTeach, match=why):
        unmatched.teach(house, short_id, topic, tmp_path)
    assert list(tmp_path.rglob("*.tsv")) == []


def test_two_who_teach_at_once_keep_both(house, say, tmp_path):
    words = ["qwertuz", "plmokn", "zxcvb", "asdfgh", "mnbvc", "hjklz", "uiopq", "trewq"]
    say("menu", *(f"{word} {word[::-1]}" for word in words))
    found = [line.id for group in unmatched.grouped(house, 7) for line in group]
    together = Barrier(len(found))

    def teach(short_id: str) -> None:
        together.wait()
        unmatched.teach(house, short_id, "loans", tmp_path)

    with ThreadPoolExecutor(len(found)) as staff:
        list(staff.map(teach, found))
    for file in (unmatched.EXAMPLES / "loans.tsv", unmatched.REGRESSIONS):
        assert len((tmp_path / file).read_text().splitlines()) == 1 + len(words)


def test_teach_leaves_no_test_without_its_example(house, say, tmp_path):
    say("menu", LOST)
    ((line,),) = unmatched.grouped(house, 7)
    (tmp_path / "messages").write_text("no folder")
    with pytest.raises(OSError, match="messages"):
        unmatched.teach(house, line.id, "loans", tmp_path)
    assert not (tmp_path / unmatched.REGRESSIONS).exists()
    assert len(kept(house)) == 1


def test_teach_refuses_what_is_there_already(house, say, tmp_path):
    say("menu", OTHER, OTHER)
    ((newer, older),) = unmatched.grouped(house, 7)
    unmatched.teach(house, newer.id, "loans", tmp_path)
    with pytest.raises(unmatched.CannotTeach, match="an example of loans already"):
        unmatched.teach(house, older.id, "costs", tmp_path)
