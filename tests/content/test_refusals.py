"""Every way in which content is refused, with the file, the line and the reason that are told."""

from __future__ import annotations

import pytest

LINES = "messages/helplines.yaml"
TOPICS = "messages/states/topics.yaml"
SYSTEM = "messages/states/system.yaml"
FACTS = "messages/facts.yaml"
COUNTRIES = "messages/countries.yaml"
NOTICES = "messages/notices.yaml"
SAFETY = "messages/safety.yaml"
KM = "locale/km/LC_MESSAGES/messages.po"

ROWS = [
    # YAML as such
    (TOPICS, "  facts: [pass-cost]", "  facts: [pass-cost", "topics.yaml:3: is not YAML"),
    (TOPICS, "topics.costs:", "topics.costs: \x07", "topics.yaml:1: is not YAML (a character"),
    (TOPICS, "topics.costs:", "topics.costs: *gone\nx:", "topics.yaml:1: is not YAML (found undefined alias)"),
    (
        TOPICS,
        "  sensitive: false",
        "  sensitive: false\n  sensitive: true",
        "topics.yaml:4: the key 'sensitive' comes twice",
    ),
    (TOPICS, "  sensitive: false", "  [a]: b", "topics.yaml:3: a key must be a plain word"),
    (TOPICS, "  sensitive: false", "  colour: red", "topics.yaml:3: unknown key 'colour'"),
    (TOPICS, "  sensitive: false", "  sensitive: maybe", "topics.yaml:3: 'sensitive' must be true or false"),
    (TOPICS, "  sensitive: false", "  sensitive: [true]", "topics.yaml:3: 'sensitive' must be plain text"),
    (TOPICS, "  facts: [pass-cost]", "  facts: pass-cost", "topics.yaml:2: 'facts' must be a list"),
    (TOPICS, "  facts: [pass-cost]", "  facts: ['']", "topics.yaml:2: 'facts' is missing or empty"),
    (TOPICS, "topics.loans:\n", "topics.loans: nothing\ntopics.x:\n", "topics.yaml:18: must be a mapping"),
    (SAFETY, "preview:", "preview: none\nx:", "safety.yaml:1: must be a mapping"),
    # states
    (TOPICS, "topics.loans:", "Topics Loans:", "topics.yaml:18: 'Topics Loans' is no state id"),
    (
        TOPICS,
        "topics.loans:",
        "menu.main:",
        "topics.yaml:18: the state 'menu.main' is already at messages/states/system.yaml:7",
    ),
    (TOPICS, "topics.loans:", "topics.lone:", "topics.yaml:18: unknown topic 'lone'"),
    (TOPICS, "  sensitive: false", "  topic: lone", "topics.yaml:3: unknown topic 'lone'"),
    (TOPICS, "  budget: 2", "  budget: 4", "topics.yaml:19: 'budget' must be a whole number from 1 to 3"),
    (TOPICS, "  scope: there", "  scope: everywhere", "topics.yaml:13: 'scope' must be one of: here, there"),
    (TOPICS, "  say: Ask {call:debt}.", "  say: ''", "topics.yaml:21: 'say' is missing or empty"),
    (TOPICS, "  say: Ask {call:debt}.", "", "topics.yaml:18: 'say' is missing or empty"),
    (TOPICS, "Ask {call:debt}.", "Ask\u200b {call:debt}.", "topics.yaml:21: 'say' holds an invisible character"),
    (TOPICS, "facts: [pass-cost]", "facts: [hearsay]", "topics.yaml:2: unknown fact 'hearsay'"),
    (TOPICS, "facts: [pass-cost]", "facts: [rumour]", "topics.yaml:2: the fact rumour is of low confidence"),
    # choices
    (TOPICS, "go: countries.TH", "go: countries.XX", "topics.yaml:10: there is no state 'countries.XX'"),
    (TOPICS, "country: TH}", "country: XX}", "topics.yaml:10: unknown country code 'XX'"),
    (TOPICS, "language: km", "language: th", "topics.yaml:11: 'language' must be one of"),
    (TOPICS, "{label: Khmer,", "{label: '{country}',", "topics.yaml:11: no placeholder is filled in here"),
    (TOPICS, "- {label: Khmer, go: menu.main, language: km}", "- Khmer", "topics.yaml:11: must be a mapping"),
    # placeholders
    (TOPICS, "{call:debt}", "{call:bank}", "topics.yaml:21: unknown role 'bank'"),
    (TOPICS, "{call:debt}", "{ring:debt}", "topics.yaml:21: a brace that is no placeholder"),
    (TOPICS, "{call:debt}", "{call}", "topics.yaml:21: {country} takes no name, every other placeholder needs one"),
    (
        TOPICS,
        "{call:debt}",
        "{country:TH}",
        "topics.yaml:21: {country} takes no name, every other placeholder needs one",
    ),
    (TOPICS, "{call:debt}", "{tel:kh-000}", "topics.yaml:21: unknown helpline 'kh-000'"),
    (
        TOPICS,
        "{call:debt}",
        "{tel:kh-117}",
        "topics.yaml:21: kh-117 has no e164, so a reader outside KH cannot dial it",
    ),
    (TOPICS, "{call:debt}", "{fill:sum}", "topics.yaml:18: {fill:sum} is not among `fills`"),
    (TOPICS, "  budget: 2", "  budget: 2\n  fills: {sum: 9}", "topics.yaml:20: {fill:sum} stands in no text"),
    (
        TOPICS,
        "  budget: 2",
        "  budget: 2\n  fills: {sum: [gone]}",
        "topics.yaml:20: there is no state 'gone'",
    ),
    (
        TOPICS,
        "  budget: 2",
        "  budget: 2\n  fills: {sum: [topics.loans]}",
        "topics.yaml:18: topics.loans stands in topics.loans and has something to fill in itself",
    ),
    (TOPICS, "{local:th-191}", "{local:th-labour}", "topics.yaml:24: th-labour is not enabled"),
    (TOPICS, "In {country} ask", "Dial 012 223 4357 or", "topics.yaml:8: 0122234357 is refused: out of date"),
    (TOPICS, "{call:police}", "{tel:th-191}", "topics.yaml:17: th-191 has no e164"),
    (TOPICS, '    TH: {say: "{country}', '    XX: {say: "{country}', "topics.yaml:17: unknown country code 'XX'"),
    (SYSTEM, "system.hint_more:", "system.hint:", "topics.yaml:1: there is no state 'system.hint_more'"),
    (SYSTEM, "system.this_country:", "system.that:", "topics.yaml:8: there is no state 'system.this_country'"),
    (
        SYSTEM,
        "that country",
        "'{country}'",
        "system.yaml:12: system.this_country stands for a name and holds no placeholder",
    ),
    # ledger
    (LINES, "elsewhere: [kh-office]", "elsewhere: []", "helplines.yaml:1: `elsewhere` must name a line"),
    (
        LINES,
        "elsewhere: [kh-office]",
        "elsewhere: [kh-117]",
        "helplines.yaml:1: kh-117 is not an enabled helpline with an e164",
    ),
    (LINES, "elsewhere: [kh-office]", "elsewhere: [kh-000]", "helplines.yaml:1: kh-000 is not an enabled helpline"),
    (LINES, "  debt: loan complaints", "", "helplines.yaml:2: 'debt' is missing or empty"),
    (LINES, "number: 012 223 4357", "number: none", "helplines.yaml:12: must be one number"),
    (LINES, "local: 1297", "local: 0122234357", "helplines.yaml:18: 0122234357 is refused: out of date"),
    (LINES, "local: 1297", "local: call us", "helplines.yaml:18: 'call us' is no number as dialled"),
    (LINES, "local: 023 224 841", "local: null", "helplines.yaml:21: an e164 without a `local` form"),
    (LINES, "+85523224841", "023224841", "helplines.yaml:21: 023224841 is no valid number of KH"),
    (LINES, "+85523224841", "+6629575851", "helplines.yaml:21: +6629575851 is no valid number of KH"),
    (LINES, "+85523224841", "+855", "helplines.yaml:21: +855 is no valid number of KH"),
    (LINES, "+85523224841", "+85500000000", "helplines.yaml:21: +85500000000 is no valid number of KH"),
    (
        LINES,
        "bot_use: ok",
        "bot_use: do_not_publish",
        "helplines.yaml:16: only `ok` and `verify_first` may be in the ledger",
    ),
    (LINES, "category: emergency_police", "category: pub", "helplines.yaml:15: 'category' must be one of"),
    (LINES, "country: KH", "country: KX", "helplines.yaml:15: unknown country code 'KX'"),
    (LINES, "sources: [press]", "sources: [radio]", "helplines.yaml:16: unknown source 'radio'"),
    (LINES, "checked_on: 2026-11-01", "checked_on: lately", "helplines.yaml:19: 'checked_on' must be a day"),
    (LINES, ", checked_by: caseworker", "", "helplines.yaml:19: `checked_on` and `checked_by` belong together"),
    (LINES, "by: caseworker", "by: Sok", "helplines.yaml:19: 'checked_by' must be one of: caseworker, editor"),
    (LINES, "roles: [embassy, legal]", "roles: [consul]", "helplines.yaml:32: unknown role 'consul'"),
    (FACTS, "confidence: high", "confidence: sure", "facts.yaml:4: 'confidence' must be one of: high, low, medium"),
    # countries, notices
    (COUNTRIES, "  VN:", "  Vn:", "countries.yaml:4: unknown country code 'Vn'"),
    (COUNTRIES, '"+84"', '"84"', "countries.yaml:4: the calling code of VN is +84, not 84"),
    (COUNTRIES, "th-191,", "th-000,", "countries.yaml:3: unknown helpline 'th-000'"),
    (COUNTRIES, "th-191,", "kh-117,", "countries.yaml:3: kh-117 cannot be dialled from TH"),
    (
        NOTICES,
        "valid_until: 2027-01-31",
        "valid_until: null",
        "notices.yaml:6: a notice needs the day it is valid until",
    ),
    (NOTICES, "topics: [legal_route]", "topics: [law]", "notices.yaml:4: unknown topic 'law'"),
    (NOTICES, "countries: [TH, KH]", "countries: [Thai]", "notices.yaml:5: unknown country code 'Thai'"),
    # catalogs
    (
        KM,
        '{call:labour}"\n\nmsg',
        '"\n\nmsg',
        "messages.po:7: placeholders differ: {call:labour} {who:labour} in English, {who:labour} here",
    ),
    (KM, "សួរ {who:labour}៖ {call:labour}", "សួរ", "{call:labour} {who:labour} in English, none here"),
    (KM, "សួរ {who:labour}៖", "{ស}", "messages.po:7: a brace that is no placeholder"),
    (KM, "ព្រំដែនបិទ។", "012 223 4357", "messages.po:32: 0122234357 is refused"),
    (KM, "ព្រំដែនបិទ។", "០១២ ២២៣ ៤៣៥៧", "messages.po:32: 0122234357 is refused"),
    (KM, "ព្រំដែនបិទ។", "ព្រំដែន\u200bបិទ។", "messages.po:32: the translation holds an invisible character"),
    (KM, 'msgstr "ថៃ"', 'msgstr "ថៃ', "messages.po:17: is not a line of a catalog"),
    (KM, 'msgstr "ថៃ"', 'msgstr "ថៃ"\nmsgstr "ថៃ"', "messages.po:18: is not a line of a catalog"),
    (KM, "# Khmer", 'msgstr "x"', "messages.po:1: is not a line of a catalog"),
    (
        KM,
        '#, fuzzy\nmsgctxt "country"\nmsgid "Cambodia"',
        'msgctxt "country"\nmsgid "Thailand"',
        "'Thailand' is translated twice",
    ),
]


@pytest.mark.parametrize(("name", "old", "new", "told"), ROWS, ids=[row[3] for row in ROWS])
def test_refuses(content, name, old, new, told):
    content.spoil(name, old, new)
    faults = content.faults()
    assert [fault for fault in faults if told in fault], faults


def test_tells_all_faults_at_once(content):
    content.spoil(TOPICS, "{call:debt}", "{call:bank}")
    content.spoil(KM, "ព្រំដែនបិទ។", "012 223 4357")
    content.spoil(NOTICES, "topics: [legal_route]", "topics: [law]")
    assert len(content.faults()) == 3


@pytest.mark.parametrize("name", ["messages/facts.yaml", "messages/places.yaml", KM])
def test_tells_a_missing_file(content, name):
    (content.root / name).unlink()
    assert any(fault.startswith(f"{name}:1: cannot be read") for fault in content.faults())


def test_tells_where_a_file_is_not_utf_8(content):
    path = content.root / TOPICS
    path.write_bytes(path.read_bytes().replace(b"Ask {call:debt}", b"Ask \xff"))
    assert f"{TOPICS}:21: is not UTF-8" in content.faults()


def test_needs_states(content):
    for path in (content.root / "messages/states").iterdir():
        path.unlink()
    assert "messages/states:1: there are no states" in content.faults()
