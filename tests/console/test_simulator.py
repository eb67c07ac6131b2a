"""The phones to try things on: they answer as the house would, and leave nothing behind."""

from __future__ import annotations

import logging
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from html import unescape

import pytest

from bot.config import Settings
from bot.console.site import LONGEST_FORM, create
from bot.services import simulator
from bot.services.prices import table
from bot.services.roles import Role

PAGE = "/console/simulator"
SEALED = re.compile(r'name="talk" value="([^"]+)"')
TEXTS = re.compile(r'<bdi lang="([^"]+)">(.*?)</bdi>', re.DOTALL)


class Phones:
    """Somebody of staff at the page; what was shown last is written on."""

    def __init__(self, visitor, asked=""):
        self.visitor = visitor
        self.answer = visitor.get(f"{PAGE}?lang=en&{asked}")
        assert self.answer.status_code == 200

    @property
    def talk(self):
        return SEALED.findall(self.answer.text)[0]

    def write(self, way, text="", talk=None):
        self.answer = self.visitor.send(f"{PAGE}?lang=en", way=way, text=text, talk=talk or self.talk)
        return self.answer

    def texts(self, text):
        """What came back to an SMS."""
        assert self.write("sms", text).status_code == 200
        return self.on("SMS")

    def screen(self, text=None):
        """The USSD screen after an entry."""
        assert self.write("dial" if text is None else "ussd", text or "").status_code == 200
        return self.on("USSD")[-1]

    def on(self, phone):
        """All that a phone shows, oldest first."""
        shown = self.answer.text.partition(f'-title">{phone}</h2>')[2].partition("</section>")[0]
        return [unescape(text) for _, text in TEXTS.findall(shown)]


@pytest.fixture
def phones(come):
    visitor = come()
    return lambda asked="": Phones(visitor, asked)


def test_khmer_is_answered_in_khmer_with_its_size_and_price(service, come):
    prices = table("prefix,country,network,price,currency\n,KH,,0.03,USD\n+85597,,Metfone,0.02,USD\n", {})
    visitor = come()
    visitor.client.application = create(replace(service, prices=prices), Settings())
    phone = Phones(visitor, "country=KH")
    asked, answer, *_ = phone.texts("ថៅកែមិនបើកប្រាក់ខែ")
    assert asked == "ថៅកែមិនបើកប្រាក់ខែ"
    assert re.search("[\u1780-\u17ff]{4}", answer)
    talk = simulator.begin(service, "KH")
    played = simulator.play(replace(service, prices=prices), simulator.enter(service, talk, "sms", asked))
    shown = played.sms[0].answers[0]
    assert shown.text == answer
    assert (shown.encoding, shown.units) == ("UCS-2", len(answer))
    assert f"UCS-2 · {shown.units} characters · {shown.parts} SMS parts" in phone.answer.text
    (cost,) = shown.costs
    assert (f"{cost.least}", f"{cost.most}") == (f"{shown.parts * 2 / 100:.2f}", f"{shown.parts * 3 / 100:.2f}")
    assert "–" in phone.answer.text.partition("Cost:")[2].partition("</p>")[0]


def test_without_a_table_no_price_is_guessed(phones):
    phone = phones()
    phone.texts("HELP")
    assert "price not known" in phone.answer.text


def test_sos_from_a_thai_number_gives_the_thai_numbers(phones, book):
    thai = "\n".join(phones("country=TH&language=en").texts("SOS")[1:])
    home = "\n".join(phones("country=KH&language=en").texts("SOS")[1:])
    assert "191" in thai
    assert "191" not in home
    assert "117" in home


@pytest.mark.parametrize(
    ("language", "shown", "letters"),
    [("km", "km", "[\u1780-\u17ff]"), ("km_Latn", "km-Latn", "[a-z]"), ("en", "en", "[a-z]")],
)
def test_each_language_can_be_chosen(phones, language, shown, letters):
    phone = phones(f"language={language}")
    for text in (phone.texts("MENU")[1], phone.screen()):
        assert re.search(f"{letters}{{3}}", text.lower())
    assert f'<bdi lang="{shown}">' in phone.answer.text


def test_after_stop_only_help_and_start_are_answered(phones):
    phone = phones("language=en")
    assert len(phone.texts("STOP")) == 2
    assert phone.texts("how are you")[2:] == ["how are you"]
    assert phone.answer.text.count("No answer") == 1
    assert "117" in phone.texts("SOS")[-1]
    assert phone.texts("START")[-2] == "START"
    assert phone.texts("MENU")[-2] == "MENU"


def test_stop_on_one_phone_holds_on_the_other(phones):
    phone = phones("language=en")
    phone.screen()
    phone.screen("STOP")
    assert phone.texts("how are you") == ["how are you"]


def test_forgetting_begins_anew(phones):
    phone = phones("language=en")
    phone.texts("MENU")
    phone.texts("ERASE")
    assert phone.texts("ERASE MY DATA")
    assert phone.answer.status_code == 200


def test_a_line_of_the_menu_is_chosen_by_a_khmer_digit(phones):
    by_khmer, by_latin = phones(), phones()
    for phone in (by_khmer, by_latin):
        phone.texts("ម៉ឺនុយ")
    khmer, latin = by_khmer.texts("១")[2:], by_latin.texts("1")[2:]
    assert khmer[0] == "១"
    assert khmer[1:] == latin[1:]


def test_ussd_pages_go_on_and_back(phones):
    phone = phones("language=en")
    first = phone.screen()
    assert "9 " in first
    second = phone.screen("9")
    assert second != first
    assert phone.screen("0") == first
    assert phone.screen("9") == second
    answer = phone.screen("1")
    assert answer not in (first, second)
    start = phone.screen("00")
    assert start.splitlines()[-1] == first.splitlines()[-1]
    assert "the call goes on" in phone.answer.text


def test_a_call_that_ended_is_begun_again_by_the_button_alone(phones):
    phone = phones("language=en")
    assert 'id="ussd-text"' not in phone.answer.text
    phone.screen()
    assert 'id="ussd-text"' in phone.answer.text
    phone.screen("STOP")
    assert "the call ends" in phone.answer.text
    assert 'id="ussd-text"' not in phone.answer.text


def test_what_a_screen_promises_to_send_comes_to_the_other_phone(service):
    house = replace(service, sms_channel="gammu")
    talk = simulator.begin(house, "KH", "en")
    for way, text in (("dial", ""), ("ussd", "my boss does not pay me")):
        talk = simulator.enter(house, talk, way, text)
    for _ in range(8):
        screen = simulator.play(house, talk).ussd[-1].answers[0].text
        if any(line.startswith("1 ") for line in screen.splitlines()):
            break
        talk = simulator.enter(house, talk, "ussd", "9")
    for text in ("1", "1"):
        talk = simulator.enter(house, talk, "ussd", text)
    played = simulator.play(house, talk)
    assert [line.wrote for line in played.sms] == [None]
    assert played.parts == played.sms[0].answers[0].parts >= 1


def test_twenty_entries_and_no_more(phones):
    phone = phones("language=en")
    for _ in range(simulator.MOST):
        phone.texts("MENU")
    assert "To go on, begin anew" in phone.answer.text
    assert 'id="sms-text"' not in phone.answer.text


def test_the_longest_talk_fits_into_its_form(service):
    for widest in ("\U0001f9e8", "ក", '"', "\\", "\n"):
        talk = simulator.begin(service, "KH", "km_Latn")
        for _ in range(simulator.MOST + 3):
            talk = simulator.enter(service, talk, "ussd", f"x{widest * 500}")
        assert len(talk.wrote) == simulator.MOST
        assert len(simulator.seal(service, talk, "x" * 43)) < LONGEST_FORM - 10 * simulator.LONGEST - 1_000


def test_what_is_not_this_talk_is_refused(phones, come, clock):
    phone = phones("country=TH")
    phone.texts("SOS")
    mine = phone.talk
    middle = len(mine) // 2
    changed = mine[:middle] + ("A" if mine[middle] != "A" else "B") + mine[middle + 1 :]
    foreign = Phones(come("Dara", Role.VIEWER))
    for talk in (changed, mine[:-8], "", "x", "ក", "A" * 400, foreign.talk):
        answer = phone.visitor.send(f"{PAGE}?lang=en", way="sms", text="MENU", talk=talk)
        assert answer.status_code == 400
        assert "Begin anew" in answer.text
        assert "SOS" not in answer.text
    assert phone.write("sms", "MENU", mine).status_code == 200
    clock.forward(minutes=50)
    assert phone.write("sms", "MENU", mine).status_code == 200
    clock.forward(minutes=20)
    assert phone.write("sms", "MENU", mine).status_code == 400


def test_the_same_person_in_another_session_does_not_go_on(phones):
    phone = phones()
    mine = phone.talk
    phone.visitor.prove()
    phone.visitor.get(PAGE)
    assert phone.write("sms", "MENU", mine).status_code == 400


@pytest.mark.parametrize("asked", ["country=XX", "country=%2B85512345678", "language=fr"])
def test_there_is_no_other_phone(come, asked):
    assert come().get(f"{PAGE}?{asked}").status_code == 400


def test_there_is_no_third_phone(phones):
    assert phones().write("fax", "MENU").status_code == 400


EVIL = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</bdi></textarea><svg onload=alert(1)>",
    "{{ 7 * 7 }} {fill:count}",
    "\u202egnp.exe\u2069\u2069 <b>x</b>",
]


@pytest.mark.parametrize("text", EVIL, ids=[str(number) for number in range(len(EVIL))])
def test_what_is_written_stays_text(phones, text):
    phone = phones("language=en")
    phone.screen()
    for way in ("sms", "ussd"):
        phone.write(way, text)
        assert phone.answer.status_code == 200
    page = phone.answer.text
    for tag in ("<script>alert", "<img src", "<svg onload", "<b>x"):
        assert tag not in page
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", page)
    plain = re.sub("[\u202a-\u202e\u2066-\u2069]", "", text)
    assert plain in phone.on("SMS")
    assert plain in phone.on("USSD")


def rows(file):
    """Every row of every table, but for when a session was last seen."""
    with closing(sqlite3.connect(file)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {name: sorted(map(repr, database.execute(f'SELECT * FROM "{name}"'))) for name in tables}
    return found | {"staff_session": [str(len(found["staff_session"]))]}


def test_nothing_is_kept_and_nothing_is_logged(phones, tmp_path, caplog, capfd):
    phone = phones("country=TH&language=en")
    before = rows(tmp_path / "phlov.db")
    assert len(before) > 20
    assert len(before["staff"]) == 1
    with caplog.at_level(logging.DEBUG):
        for text in ("canary my boss does not pay me", "SOS canary", "STOP", "START", "agency canary", "ERASE", "YES"):
            phone.texts(text)
        for text in (None, "1", "canary", "9", "0", "STOP"):
            phone.screen(text)
    assert rows(tmp_path / "phlov.db") == before
    assert "canary" not in caplog.text
    assert "canary" not in "".join(capfd.readouterr())
    assert any("canary" in text for text in phone.on("SMS"))
