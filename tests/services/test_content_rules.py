"""What staff may not lay over the files: each fault by its word. Nothing here needs a database."""

from collections.abc import Mapping
from datetime import date, timedelta

import pytest

from bot.content.layers import NOTHING, Layers, Misfit, lay
from bot.content.loader import load
from bot.services.content_kinds import BadContent, Ground, Kind
from bot.services.content_rules import cleaned

BOOK = load()
TODAY = date(2026, 11, 2)
GROUND = Ground(BOOK, NOTHING, BOOK, TODAY)
SAID = {
    "km": "ច្រកបិទ។ សួរ {local:kh-1297}",
    "km_Latn": "Chrok bet. Suor {local:kh-1297}",
    "en": "Border closed. Ask {local:kh-1297}",
}


def line(name: str, **changes: object) -> dict[str, object]:
    """The value of a number as it is, with something of it changed."""
    now = BOOK.helplines[name]
    value = {
        field: getattr(now, field) for field in ("local", "e164", "hours", "khmer", "toll_free", "disabled", "instead")
    }
    source = {"source": "its own page", "source_date": TODAY.isoformat()}
    return {**value, "checked_on": None, "checked_by": None, **source, **changes}


def notice(**changes: object) -> dict[str, object]:
    until = (TODAY + timedelta(days=60)).isoformat()
    value = {"say": SAID, "topics": ["border", "rights"], "countries": ["MY"], "valid_until": until}
    return {**value, "source": "radio", "source_date": TODAY.isoformat(), **changes}


def why(kind: Kind, name: str, value: Mapping[str, object]) -> list[str]:
    with pytest.raises(BadContent) as refused:
        cleaned(GROUND, kind, name, value)
    return [fault.why.value for fault in refused.value.faults]


@pytest.mark.parametrize(
    ("name", "changes", "reasons"),
    [
        ("nobody", {}, ["unknown"]),
        ("my-mapo", {"local": "03 8000 800x"}, ["local"]),
        ("my-mapo", {"local": ""}, ["local"]),
        ("kh-117", {"local": "1 1"}, ["local"]),
        ("my-mapo", {"e164": "+85512345678"}, ["e164"]),
        ("my-mapo", {"source": " "}, ["source"]),
        ("my-mapo", {"source_date": "yesterday"}, ["day"]),
        ("my-mapo", {"source_date": "2999-01-01"}, ["future"]),
        ("my-mapo", {"checked_on": "2999-01-01", "checked_by": "editor"}, ["future"]),
        ("my-mapo", {"checked_on": "2026-10-30", "checked_by": None}, ["who"]),
        ("my-mapo", {"checked_on": "2026-10-30", "checked_by": "Sokha"}, ["who"]),
        ("my-mapo", {"hours": "x" * 200}, ["long"]),
        ("my-mapo", {"hours": None}, ["shape"]),
        ("kh-117", {"disabled": True}, ["emergency"]),
        ("kh-1297", {"disabled": True}, ["named"]),
        ("kh-1297", {"disabled": True, "instead": "kh-1297"}, ["instead"]),
        ("kh-1297", {"disabled": True, "instead": "my-mapo"}, ["instead"]),
        ("kh-1297", {"disabled": True, "instead": "kh-1288"}, ["instead"]),
        ("kh-chc-office", {"disabled": True, "instead": "kh-1297"}, ["instead"]),
        ("kh-117", {"disabled": True, "instead": "kh-1297"}, ["emergency"]),
        ("kh-chc-office", {"e164": None}, ["abroad"]),
    ],
)
def test_what_is_wrong_with_a_number_is_told_and_nothing_is_kept(name, changes, reasons):
    value = line(name if name in BOOK.helplines else "my-mapo", **changes)
    assert why(Kind.HELPLINE, name, value) == reasons


def test_a_number_that_must_never_be_said_is_not():
    refused = next(number for number in BOOK.refused if len(number) > 6)
    assert why(Kind.HELPLINE, "my-mapo", line("my-mapo", local=refused)) == ["refused"]


def test_an_emergency_answer_stays_one_text():
    changed = line("my-999", local="03 5555 1212 1313")
    assert "too_long" in why(Kind.HELPLINE, "my-999", changed)


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({"valid_until": "2026-10-01"}, ["past"]),
        ({"valid_until": "2029-10-01"}, ["far"]),
        ({"valid_until": ""}, ["day"]),
        ({"topics": []}, ["topic"]),
        ({"topics": ["nonsense"]}, ["topic"]),
        ({"countries": ["QQ"]}, ["country"]),
        ({"source": ""}, ["source"]),
        ({"say": {**SAID, "km": ""}}, ["empty"]),
        ({"say": {"km": "x"}}, ["shape"]),
        ({"say": {**SAID, "km": "Border {local:kh-1297}"}}, ["khmer"]),
        ({"say": {**SAID, "en": "Border closed… {local:kh-1297}"}}, ["dear"]),
        ({"say": {**SAID, "en": "Border closed"}}, ["places"]),
        ({"say": {**SAID, "en": "Border closed, bit.ly/x {local:kh-1297}"}}, ["link"]),
        ({"say": {each: f"{text} {{call:labour}}" for each, text in SAID.items()}}, ["places"]),
        ({"say": {each: f"{text} 012345678" for each, text in SAID.items()}}, ["strange"] * 3),
        ({"say": {**SAID, "km": SAID["km"] + " ច្រកបិទទាំងអស់" * 4}}, ["units"]),
        ({"say": {each: f"{text} {{" for each, text in SAID.items()}}, ["places"]),
    ],
)
def test_what_is_wrong_with_a_notice_is_told(changes, reasons):
    assert why(Kind.NOTICE, "my-border", notice(**changes)) == reasons


@pytest.mark.parametrize("name", ["", "My Border", "x" * 90, "../x"])
def test_a_notice_is_called_by_a_plain_name(name):
    assert why(Kind.NOTICE, name, notice()) == ["name"]


def test_nothing_alarming_stands_first_in_a_notice():
    word = next(word for word in sorted(BOOK.alarming) if word.isascii())
    assert "alarming" in why(Kind.NOTICE, "my-border", notice(say={**SAID, "en": f"{word} {{local:kh-1297}}"}))


@pytest.mark.parametrize(
    ("name", "value", "reasons"),
    [
        ("", {"en": "Good day"}, ["name"]),
        ("Day", {}, ["empty"]),
        ("Day", {"en": "x" * 470}, ["parts"]),
        ("Day", {"en": "Call 0123456789"}, ["strange"]),
        ("Day", {"en": "Call {tel:kh-1297}"}, ["places"]),
        ("Day", {"km": "Good day"}, ["khmer"]),
        ("Day", {"en": 7}, ["shape"]),
        ("Day", {"en": "Read https://example.org"}, ["link"]),
    ],
)
def test_what_is_wrong_with_a_canned_answer_is_told(name, value, reasons):
    assert why(Kind.CANNED, name, value) == reasons


@pytest.mark.parametrize(
    ("kind", "name", "value", "reasons"),
    [
        (Kind.HOURS, "week", {"mon": [["08:00", "17:00"]], "sun": []}, []),
        (Kind.HOURS, "week", {"mon": [["17:00", "08:00"]]}, ["hours"]),
        (Kind.HOURS, "week", {"mon": [["08:00", "12:00"], ["11:00", "17:00"]]}, ["hours"]),
        (Kind.HOURS, "week", {"mon": [["8", "17"]]}, ["hours"]),
        (Kind.HOURS, "year", {"mon": [["08:00", "17:00"]]}, ["shape"]),
        (Kind.HOURS, "week", {"someday": [["08:00", "17:00"]]}, ["shape"]),
        (Kind.HOLIDAY, "2027-04-14", {"name": "New Year"}, []),
        (Kind.HOLIDAY, "14/04/2027", {"name": "New Year"}, ["day"]),
    ],
)
def test_hours_are_times_of_a_week(kind, name, value, reasons):
    if reasons:
        assert why(kind, name, value) == reasons
    else:
        assert cleaned(GROUND, kind, name, value) == {day: told for day, told in value.items() if told}


def test_a_layer_of_another_version_that_does_not_fit_is_left_out():
    """The files may have changed since it was laid: what does not fit them any more is not said, and all else is."""
    good = line("my-mapo", hours="8:00-17:00")
    bad = {
        "was-once": line("my-mapo"),
        "kh-117": line("kh-117", disabled=True),
        "kh-1297": line("kh-1297", disabled=True),
        "my-emb": {"local": "1"},
        "my-999": line("my-999", local="999x"),
    }
    laid = lay(BOOK, Layers({"my-mapo": good, **bad}, {"old": {"say": "x"}}))
    assert laid.misfits == {
        "helpline/was-once": Misfit.UNKNOWN,
        "helpline/kh-117": Misfit.EMERGENCY,
        "helpline/kh-1297": Misfit.NAMED,
        "helpline/my-emb": Misfit.SHAPE,
        "helpline/my-999": Misfit.LOCAL,
        "notice/old": Misfit.SHAPE,
    }
    assert laid.book.helplines["my-mapo"].hours == "8:00-17:00"
    assert {name for name, each in laid.book.helplines.items() if each != BOOK.helplines[name]} == {"my-mapo"}
    assert laid.book.notices == BOOK.notices
