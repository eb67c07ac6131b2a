"""`make words`: extraction, refreshed catalogs, and what is left for a translator."""

from __future__ import annotations

import io
import runpy
import shutil
import subprocess
import sys
import warnings

import pytest
from babel.messages.pofile import read_po

from bot.content import words
from bot.content.extract import extract
from bot.content.loader import ROOT

KM = "locale/km/LC_MESSAGES/messages.po"
EN = "locale/en/LC_MESSAGES/messages.po"


@pytest.fixture
def tree(content):
    shutil.copy(ROOT / "babel.cfg", content.root)
    return content.root


def test_extracts_exactly_what_the_book_says(tree, book):
    found = {(message.context, message.id) for message in words.template(tree) if message.id}
    assert found == set(book.texts())


def test_extracts_context_line_and_order(tree):
    first = next(message for message in words.template(tree) if message.context == "topics.costs")
    assert first.locations == [("messages/states/topics.yaml", 4)]
    assert first.id == "A passport costs 100 dollars.\nAsk {who:labour}: {call:labour}"


def test_extracts_nothing_of_a_file_that_is_no_yaml():
    with pytest.raises(ValueError, match=r"a file of messages:2: is not YAML"):
        list(extract(io.BytesIO(b"a: ["), {}, (), options={"kind": "states"}))


def test_leaves_out_what_is_not_there():
    assert list(extract(io.BytesIO(b"a: {more: [b]}"), {}, (), options={"kind": "states"})) == [
        (1, "pgettext", ("a", "b"), [])
    ]


def test_says_what_is_to_do(tree, capsys):
    assert words.main(["--root", str(tree)]) == 1
    told = capsys.readouterr().err
    assert "messages/countries.yaml:2: km: missing: country: 'Cambodia'" not in told
    assert "messages/countries.yaml:2: km: fuzzy: country: 'Cambodia'" in told
    assert "messages/countries.yaml:4: km: missing: country: 'Vietnam'" in told
    assert ": en: " not in told


def test_a_second_run_changes_nothing(tree):
    words.run(tree)
    first = {path: path.read_bytes() for path in (tree / "locale").rglob("*.po")}
    words.run(tree)
    assert first == {path: path.read_bytes() for path in (tree / "locale").rglob("*.po")}
    assert not [problem for problem in words.run(tree, check=True) if "stale" in problem]


def test_a_changed_text_loses_its_translation_and_makes_the_catalog_stale(tree):
    words.run(tree)
    path = tree / "messages/notices.yaml"
    path.write_text(path.read_text().replace("The land border is closed.", "The land border is shut."))
    found = words.run(tree, check=True)
    assert f"{KM}: stale, run `make words`" in found
    assert "messages/notices.yaml:3: km: missing: notice/border: 'The land border is shut.'" in found
    words.run(tree)
    assert "ព្រំដែនបិទ។" not in (tree / KM).read_text(encoding="utf-8")


def test_a_lost_placeholder_is_a_problem(tree):
    path = tree / KM
    path.write_text(path.read_text(encoding="utf-8").replace("{who:labour}៖", "៖"), encoding="utf-8")
    assert [problem for problem in words.run(tree) if "placeholders differ" in problem]


def test_english_holds_only_what_is_said_otherwise(tree):
    words.run(tree)
    assert "msgctxt" not in (tree / EN).read_text()
    with (tree / EN).open("a") as catalog:
        catalog.write('\nmsgctxt "country"\nmsgid "Vietnam"\nmsgstr "Viet Nam"\n')
    words.run(tree)
    assert (tree / EN).read_text().count("msgctxt") == 1


def test_makes_a_catalog_that_is_missing(tree):
    (tree / EN).unlink()
    assert f"{EN}: stale, run `make words`" in words.run(tree, check=True)
    words.run(tree)
    assert read_po(io.BytesIO((tree / EN).read_bytes())).charset == "utf-8"


def test_catalogs_hold_no_dates(tree):
    words.run(tree)
    assert "Date" not in (tree / KM).read_text(encoding="utf-8")


def test_a_problem_without_a_place_is_told_too():
    catalog = words.Catalog(locale="km")
    catalog.add("gone", context="country")
    assert list(words.problems(catalog, "km")) == ["?: km: missing: country: 'gone'"]


def test_is_a_command(monkeypatch, tree, content):
    monkeypatch.setattr(sys, "argv", ["words", "--check", "--root", str(tree)])
    with warnings.catch_warnings(), pytest.raises(SystemExit) as end:
        warnings.simplefilter("ignore", RuntimeWarning)  # runpy warns of a module that is already imported
        runpy.run_module("bot.content.words", run_name="__main__")
    assert end.value.code == 1


def test_serving_needs_no_babel():
    code = "import sys; from bot.content.loader import load; import bot.check; sys.exit('babel' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
