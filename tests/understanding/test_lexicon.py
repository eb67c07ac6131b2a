"""The vocabulary files: every fault is named with file and line."""

from pathlib import Path

import pytest

from bot.content.book import Unsound
from bot.content.lexicon import load

SOUND = """
sets:
  A: {km: ក, latn: ka, en: "one, two"}
  B: {en: three}
rules:
  sos:
    - A B = 3
    - A>B !B
whole: {stop: {en: stop}}
opt_out: ["stop(it)?"]
polite: please
number: "no, number"
numerals: ["one, muoy", two]
common: {en: the, latn: te}
priority: sos
"""


def write(folder: Path, words: str, places: str = "TH: {words: thai}") -> Path:
    (folder / "keywords").mkdir()
    (folder / "keywords" / "a.yaml").write_text(words, encoding="utf-8")
    (folder / "places.yaml").write_text(places, encoding="utf-8")
    return folder


def test_reads_sets_rules_and_places(tmp_path: Path) -> None:
    found = load(write(tmp_path, SOUND))
    assert found.sets["A"].en == ("one", "two")
    assert [(rule.every, rule.never, rule.weight) for rule in found.rules] == [
        ((("A",), ("B",)), (), 3.0),
        ((("A",), ("B",)), ("B",), 4.0),
    ]
    assert found.places[0].code == "TH"
    assert (found.number, found.numerals) == (("no", "number"), (("one", "muoy"), ("two",)))


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("- A B = 3", "- A C = 3", "a.yaml:7: no set is called 'C'"),
        ("- A B = 3", "- A = B = 3", "a.yaml:7: cannot be read as a rule: 'A = B = 3'"),
        ("- A B = 3", '- "!A"', "a.yaml:7: cannot be read as a rule: '!A'"),
        ('"one, two"', '"one, one"', "a.yaml:3: 'one' comes twice"),
        ("  B:", "  b:", "a.yaml:4: 'b' is taken, or no name in capitals"),
        ("stop(it)?", "stop(it", "a.yaml:10: is no pattern (missing ), unterminated subpattern at position 4)"),
        ("priority: sos", "priority: menu", "a.yaml:7: the topic 'sos' is not in `priority`"),
        ("- A B = 3", "- A B = 3\n    - A B = 4", "a.yaml:8: the same rule stands at "),
        ("  B: {en: three}", "  B: {en: three}\n  C: {en: four}", "a.yaml:5: no rule uses the set C"),
        ("whole: {stop: {en: stop}}", "whole: {stop: {en: a}, stop: {en: b}}", "a.yaml:9: the key 'stop' comes twice"),
        ("polite:", "rude:", "a.yaml:11: unknown key 'rude'"),
        ("polite:", "orders: {dance: {en: dance}}\npolite:", "a.yaml:11: 'dance' comes twice, or is no tool (agency, "),
        ("polite:", "units: {yen: {en: yen}}\npolite:", "a.yaml:11: 'yen' comes twice, or is no unit (dollar, "),
    ],
)
def test_names_file_and_line(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert old in SOUND
    with pytest.raises(Unsound) as failure:
        load(write(tmp_path, SOUND.replace(old, new)))
    assert f"keywords/{fault}" in str(failure.value)


def test_refuses_what_is_no_country(tmp_path: Path) -> None:
    with pytest.raises(Unsound, match=r"places.yaml:1: 'THA' is no country code"):
        load(write(tmp_path, SOUND, "THA: {words: thai}"))


def test_tells_of_every_file_that_cannot_be_read(tmp_path: Path) -> None:
    folder = write(tmp_path, SOUND)
    (folder / "keywords" / "b.yaml").write_bytes(b"\xff")
    (folder / "keywords" / "c.yaml").write_text("sets: {A: {en: four}}\nwhole: {stop: {en: halt}}", encoding="utf-8")
    with pytest.raises(Unsound) as failure:
        load(folder)
    assert "keywords/b.yaml:1: is not UTF-8" in str(failure.value)
    assert "keywords/c.yaml:1: 'A' is taken" in str(failure.value)
    assert "keywords/c.yaml:2: 'stop' comes twice" in str(failure.value)
