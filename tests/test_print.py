"""Paper: what stands on it, that every number comes from the ledger, and that a page needs nothing but itself."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from html.parser import HTMLParser
from pathlib import Path

import pytest

from bot.content import paper, words
from bot.content.book import LANGUAGES
from bot.content.faults import Faults
from bot.content.ledger import Ledger, numbers
from bot.content.loader import ROOT, load
from bot.conversation.understand import Reader
from bot.printing import KINDS, Edition
from bot.printing.cards import cards
from bot.printing.page import FONTS, whole
from bot.printing.script import spelt, spoken
from bot.services import content_lines
from bot.services.content import Writer
from bot.services.service import Service
from bot.store.opening import open_store
from bot.text.khmer import has_khmer

TODAY = date(2026, 11, 22)
NUMBER = "012 345 678"
PHLOV = str(Path(sys.executable).with_name("phlov"))
VOID = {"meta", "br", "hr", "img", "link", "input"}

each_kind = pytest.mark.parametrize("kind", KINDS)
each_language = pytest.mark.parametrize("language", LANGUAGES)


@pytest.fixture(scope="module")
def book():
    return load()


def edition(book, language="km", **given):
    return Edition(book, language, TODAY, TODAY, **{"country": "TH", "code": "KYA12", "number": NUMBER, **given})


class Page(HTMLParser):
    """Reads a page: its tags, and the words that are seen."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.style, self.seen = "", ""
        self.feed(html)
        assert self.open == [], "every element is closed"

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" in self.open:
            self.style += data
        elif "body" in self.open:
            self.seen += data


@each_kind
@each_language
@pytest.mark.parametrize("country", [None, "TH"])
def test_a_page_is_whole_and_in_its_language(book, kind, language, country):
    page = Page(KINDS[kind](edition(book, language, country=country)))
    assert ("html", {"lang": language.replace("_", "-")}) in page.tags
    assert has_khmer(page.seen) == (language == "km")
    assert not re.search(r"[{}]|None", page.seen)
    assert "KYA12" in page.seen
    assert NUMBER in page.seen


@each_kind
def test_a_page_needs_nothing_but_itself(book, kind):
    page = Page(KINDS[kind](edition(book)))
    assert {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "object", "a"} == set()
    assert not any(name.startswith("on") or name in ("src", "href") for _, attrs in page.tags for name in attrs)
    assert all(url.startswith("data:font/woff2;base64,") for url in re.findall(r"url\(([^)]*)\)", page.style))
    policy = [attrs["content"] for tag, attrs in page.tags if attrs.get("http-equiv") == "Content-Security-Policy"]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'; font-src data:"]


@each_kind
def test_the_khmer_font_is_in_the_page(book, kind):
    style = Page(KINDS[kind](edition(book))).style
    fonts = [b64decode(font) for font in re.findall(r"base64,([^)]*)\)", style)]
    assert sorted(fonts) == sorted(path.read_bytes() for path in FONTS.glob("*.woff2"))
    assert all(font.startswith(b"wOF2") for font in fonts)
    assert sum(map(len, fonts)) < 200_000
    assert "SIL OPEN FONT LICENSE" in (FONTS / "LICENSE").read_text()


@each_kind
@each_language
@pytest.mark.parametrize("country", [None, "TH", "KR", "MY"])
def test_every_number_to_call_is_in_the_ledger(book, kind, language, country):
    lines = [line for line in book.helplines.values() if line.enabled]
    known = {digits for line in lines for digits in numbers(f"{line.local} , {line.e164} , {NUMBER}")}
    page = KINDS[kind](edition(book, language, country=country))
    dialled = re.findall(r'class="dial[^"]*">([^<]+)<', page)
    assert {next(numbers(number)) for number in dialled} <= known
    said = re.sub(r"\d\d-\d\d-\d{4}|500 18 12", " ", Page(page).seen)  # days, and the example of a loan
    longer = {number for number in numbers(said) if len(number) > 6}  # shorter ones are also sums and years
    assert longer <= known
    assert (dialled != []) == (kind != "script")


@each_language
def test_each_number_of_a_card_is_told_with_its_state(book, language):
    """The cards say what the texts say, number by number; who was called is marked, nobody else."""
    called = replace(book.helplines["kh-1297"], checked_on=date(2026, 11, 20), checked_by="caseworker")
    tried = replace(book, helplines={**book.helplines, "kh-1297": called})
    entries = {entry.number: entry for entry in cards(edition(tried, language))[0].entries}
    assert {"117", "119", "1280", "1297", "1281", "015 365 222"} <= entries.keys()
    assert [number for number, entry in entries.items() if entry.called] == ["1297"]
    page = KINDS["poster"](edition(tried, language))
    assert page.count("dial called") == 1
    assert "20-11-2026" in page
    assert edition(tried, language).text("drafted", TODAY) in page


def test_a_number_behind_which_one_line_was_not_called_counts_as_not_called(book):
    police = replace(book.helplines["my-999"], checked_on=TODAY, checked_by="caseworker")
    tried = replace(book, helplines={**book.helplines, "my-999": police})
    card = cards(edition(tried, country="MY"))[1]
    assert next(entry for entry in card.entries if entry.number == "999").called is None


def test_without_a_country_every_card_is_printed(book):
    found = cards(edition(book, "en", country=None))
    assert len(found) == len(book.countries)
    assert all(any(entry.number for entry in card.entries) for card in found)
    assert [card.title for card in cards(edition(book, "en", country="KH"))] == ["In Cambodia dial"]


@each_language
def test_each_word_to_send_is_understood(book, language):
    """Nothing is printed that Phlov would not understand."""
    reader = Reader(book)
    for word in book.paper.words:
        sent = book.words("print/send", word.send, language)
        assert reader.understand(sent).topic == word.topic, sent
    order = reader.order(edition(book, language).text("join"))
    assert order is not None
    assert (order.name, order.rest) == ("join", "KYA12")


@each_language
def test_the_answers_are_there_without_what_only_a_phone_needs(book, language):
    page = Page(KINDS["booklet"](edition(book, language))).seen
    hint = book.words("system.hint_more", book.states["system.hint_more"].pages[0], language)
    assert hint not in page
    for notice in edition(book, language).notices("costs", "passport_kept"):
        assert page.count(notice) == 1
    for name in (*book.paper.before, *book.paper.away, *book.paper.stories):
        assert edition(book, language).title(name) in page


def test_a_notice_that_expired_is_not_printed(book):
    late = replace(edition(book, "en"), today=date(2027, 3, 1))
    assert edition(book, "en").notices("costs") != []
    assert late.notices("costs") == []


def test_what_is_not_given_is_left_out(book):
    bare = edition(book, country=None, code=None, number=None)
    for kind in KINDS.values():
        seen = Page(kind(bare)).seen
        assert "JOIN" not in seen
        assert edition(book).text("join_why") not in seen
    assert len(spoken(bare)) == len(spoken(edition(book))) - 3
    assert 'class="blank"' in KINDS["poster"](bare)


def test_nothing_claims_to_be_read_that_was_not(book):
    draft, read = (Page(KINDS["poster"](edition(book, "en", read=read))).seen for read in (False, True))
    assert "The texts are a draft of 22-11-2026; no native speaker has read them yet." in draft
    assert "The texts were read by a native speaker on 22-11-2026." in read


def test_everything_is_escaped(book):
    hostile = "<b>&\"'"
    page = KINDS["booklet"](edition(book, number=hostile, code=hostile))
    assert hostile not in page
    assert page.count("&lt;b&gt;&amp;&#34;&#39;") >= 2
    assert whole("a <i> 012 345") == 'a &lt;i&gt; <span class="whole">012 345</span>'


# the script


def test_numbers_are_said_digit_by_digit(book):
    assert spelt(edition(book, "en"), "015 365") == "zero\u00a0· one\u00a0· five / three\u00a0· six\u00a0· five"
    assert spelt(edition(book, "en"), "+855 1") == "eight\u00a0· five\u00a0· five / one"
    assert spelt(edition(book, "en"), "KYA12") == "K\u00a0· Y\u00a0· A\u00a0· one\u00a0· two"


def test_pauses_are_marked(book):
    said = spoken(edition(book, "en"))
    assert said[1] == ("Somebody offers you a job abroad? / Wait. / Do not pay. / Do not give your passport. //")
    assert all(thought.endswith(" //") for thought in said)
    assert "zero\u00a0· one\u00a0· two" in " ".join(said)
    assert all(has_khmer(thought) for thought in spoken(edition(book)))


def test_the_script_lasts_about_a_minute(book):
    """At two words a second, as one speaks over a loudspeaker; digits are words too."""
    assert 90 <= len(re.findall(r"[A-Za-z']+", " ".join(spoken(edition(book, "en"))))) <= 170


# the texts


def test_the_catalogs_hold_every_text_of_the_paper(book):
    found = {(message.context, message.id) for message in words.template(ROOT) if message.id}
    assert {key for key in found if str(key[0]).startswith("print")} == set(book.paper.all())


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("  name: Phlov\n", "", "'name' is missing or empty"),
        ("topic: sos", "topic: lost", "'topic' must be one of"),
        ("{fill:code}\n", "{fill:cod}\n", "{fill:cod} is not known on paper"),
        ("{local:kh-1297}", "{local:kh-1}", "unknown helpline 'kh-1'"),
        ("eight, nine", "eight", "there are 10 digits"),
        ("facts: [pass-keep]", "facts: [hearsay]", "unknown fact 'hearsay'"),
        ("needs: code", "needs: luck", "'needs' must be one of"),
        ("stories: [scam", "stories: [gold", None),
    ],
)
def test_what_cannot_be_printed_is_refused(book, tmp_path, old, new, fault):
    text = (ROOT / "messages" / "print.yaml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "print.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    faults = Faults()
    ledger = Ledger(faults, facts=dict(book.facts), helplines=dict(book.helplines))
    paper.read(tmp_path, ledger)
    assert [fault in found for found in faults.found] == ([True] if fault else [])
    assert any(state == "stories.gold" for _, state in ledger.needed) == (fault is None)


# the command


@pytest.fixture
def phlov(tmp_path):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PHLOV_")}

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [PHLOV, *arguments], cwd=tmp_path, env=clean, capture_output=True, encoding="utf-8", timeout=60, check=False
        )

    return call


def test_print_writes_a_file(phlov, tmp_path):
    done = phlov("print", "poster", "--country", "TH", "--number", NUMBER, "--out", "poster.html")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "poster.html: open it in a browser and print it.\n"
    assert NUMBER in (tmp_path / "poster.html").read_text(encoding="utf-8")
    assert not (tmp_path / "var").exists(), "no database is needed"


def test_print_writes_to_a_pipe(phlov):
    done = phlov("print", "script", "--lang", "en")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("<!doctype html>")


def test_print_knows_only_campaigns_that_are_there(phlov):
    """Paper cannot be called back."""
    done = phlov("print", "poster", "--campaign", "kya12")
    assert done.returncode == 1
    assert done.stderr == "phlov: there is no campaign KYA12; begin it first: phlov campaigns add KYA12 NAME\n"
    phlov("campaigns", "add", "KYA12", "Kampong Cham")
    assert "KYA12" in phlov("print", "poster", "--campaign", "kya12").stdout


def test_paper_has_no_number_that_staff_took_out_of_use(phlov, tmp_path, book):
    """It has what phones are told, as long as it is printed where they are told it."""
    phlov("campaigns", "add", "KYA12", "Kampong Cham")
    store = open_store(f"sqlite:///{tmp_path / 'var' / 'phlov.db'}", tmp_path / "var")
    house = Service(store.database, store.vault, book, Reader(book), partial(datetime.now, UTC))
    content_lines.out_of_use(house, "kh-1297", "kh-1280", "nobody answers", Writer("Sokha", None, 0))
    store.database.close()
    page = phlov("print", "poster").stdout
    assert "1280" in page
    assert "1297" not in page


@pytest.mark.parametrize("wrong", [["--country", "XX"], ["--number", "<b>"], ["--lang", "fr"]])
def test_print_refuses_what_it_does_not_know(phlov, wrong):
    done = phlov("print", "poster", *wrong)
    assert (done.returncode, done.stdout) == (2, "")
    assert wrong[0] in done.stderr
    assert "Traceback" not in done.stderr


def test_print_says_when_it_cannot_write(phlov):
    done = phlov("print", "poster", "--out", "no/such/place.html")
    assert (done.returncode, done.stderr) == (1, "phlov: no/such/place.html: No such file or directory\n")
