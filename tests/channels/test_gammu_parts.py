"""Rows of SMSD's tables to texts and fates, and texts to parts."""

from datetime import UTC, datetime

import pytest

from bot.channels.gammu_parts import GSM, UNICODE, Place, Report, fate, pieces, place_of, report, sort
from bot.channels.gammu_tables import Arrived, Gone
from bot.protocol import SendError

KHMER = "ជំនួយ ខ្ញុំនៅប្រទេសថៃ ថៅកែដកលិខិតឆ្លងដែន ខ្ញុំចង់ទៅផ្ទះវិញ សូមជួយផង តើត្រូវទូរស័ព្ទទៅលេខណា? ខ្ញុំឈ្មោះ សុខ"
NOBODY = frozenset()


def hexed(words):
    return words.encode("utf-16-be").hex().upper()


def row(number=1, words="help", part=None, **more):
    """A row as SMSD writes it: `part` is what came in this part, if the row has the words of more."""
    said = {
        "phone": "MODEM1",
        "sender": "+85512345678",
        "at": "2026-11-22 17:10:00",
        "udh": "",
        "text": hexed(words if part is None else part),
        "decoded": words,
        "kind": -1,
    }
    return Arrived(number, **{**said, **more})


def fragment(number, position, words, total=3, **more):
    return row(number, words, udh=f"0500035A{total:02X}{position:02X}", **more)


def tail(number, position, part, total=3):
    return fragment(number, position, "", total, text=hexed(part))


def words(found):
    return [text.words for text in found.texts]


def test_a_text_of_one_part():
    found = sort([row(7, "ជំនួយ")], NOBODY)
    assert words(found) == ["ជំនួយ"]
    assert found.texts[0].rows == (7,)
    assert found.texts[0].sender == "+85512345678"


def test_a_joined_text_is_taken_from_its_first_row_and_the_rest_says_nothing():
    whole = row(3, KHMER, part=KHMER[:67], udh="0500035A0301")
    found = sort([whole, tail(4, 2, KHMER[67:100]), tail(5, 3, KHMER[100:])], NOBODY)
    assert words(found) == [KHMER]
    assert found.empty == [4, 5]


def test_a_tail_that_comes_when_its_text_was_taken_already_says_nothing():
    assert sort([tail(4, 2, "more")], NOBODY) == ([], [], [4])


def test_parts_that_came_too_late_to_be_joined_are_joined_here_whatever_their_order():
    found = sort([fragment(9, 3, "three"), fragment(11, 1, "one "), fragment(12, 2, "two ")], NOBODY)
    assert words(found) == ["one two three"]
    assert found.texts[0].rows == (9, 11, 12)


def test_a_text_that_lacks_a_part_waits_and_then_goes_without_it():
    rows = [fragment(9, 1, "help"), fragment(11, 3, "please")]
    assert sort(rows, NOBODY) == ([], [9, 11], [])
    found = sort(rows, frozenset({9}))
    assert words(found) == ["help please"]
    assert found.waiting == []


def test_a_waiting_text_holds_up_nobody():
    found = sort([fragment(1, 1, "help"), row(2, "menu", sender="+85512000002")], NOBODY)
    assert words(found) == ["menu"]
    assert found.waiting == [1]


def test_parts_of_other_people_and_of_other_texts_are_never_joined():
    rows = [
        fragment(1, 1, "a", total=2),
        fragment(2, 2, "b", total=2, sender="+85512000002"),
        row(3, "c", udh="0500035B0202"),
        fragment(4, 2, "d", total=3),
        fragment(5, 2, "e", total=2, phone="MODEM2"),
    ]
    assert sort(rows, NOBODY) == ([], [1, 2, 3, 4, 5], [])


@pytest.mark.parametrize(
    "nothing",
    [
        row(kind=127),  # an operator's answer to a USSD code
        row(words="", part="\u1234"),  # octets that are no text: settings, a picture
        row(words="", part="x", udh="0B0504158A000000035A0301"),
    ],
    ids=["ussd", "octets", "octets in parts"],
)
def test_what_says_nothing_is_no_text(nothing):
    assert sort([nothing], NOBODY) == ([], [], [1])


def test_an_empty_text_is_a_text():
    assert words(sort([row(words="")], NOBODY)) == [""]


def test_the_same_text_written_again_under_another_id_is_the_same():
    first, again = sort([row(1)], NOBODY), sort([row(40)], NOBODY)
    assert first.texts[0].key == again.texts[0].key
    both = sort([row(1), row(40)], NOBODY)
    assert [text.rows for text in both.texts] == [(1, 40)]


@pytest.mark.parametrize(
    "other",
    [
        row(words="menu"),
        row(sender="+85512000002"),
        row(at="2026-11-22 17:10:01"),
        row(phone="MODEM2"),
        row(udh="0500035A0101"),
    ],
)
def test_another_text_has_another_key(other):
    assert sort([other], NOBODY).texts[0].key != sort([row()], NOBODY).texts[0].key


@pytest.mark.parametrize("at", ["", "0000-00-00 00:00:00", "yesterday", "9999-12-31 23:59:59"])
def test_a_time_that_is_none_is_none(at):
    moment = sort([row(at=at)], NOBODY).texts[0].received_at
    assert moment is None or moment.year > 9000


def test_the_modems_time_is_local():
    here = datetime(2026, 11, 22, 10, 10, tzinfo=UTC).astimezone()
    at = here.strftime("%Y-%m-%d %H:%M:%S")
    assert sort([row(at=at)], NOBODY).texts[0].received_at == here


@pytest.mark.parametrize(
    ("udh", "place"),
    [
        ("", None),
        ("0500035A0301", Place(0x5A, 3, 1)),
        ("060804012C0302", Place(0x12C & 0xFFFF, 3, 2)),
        ("0A050400000000 00035A0301".replace(" ", ""), Place(0x5A, 3, 1)),
        ("0605040B8423F0", None),
        ("050003", None),
        ("05", None),
        ("no hex", None),
        ("0500025A03", None),
    ],
)
def test_the_header_says_where_a_part_stands(udh, place):
    assert place_of(udh) == place


@pytest.mark.parametrize(
    ("text", "units", "coding"),
    [
        ("a" * 160, [160], GSM),
        ("a" * 161, [153, 8], GSM),
        ("€" * 80, [160], GSM),
        ("€" * 81, [152, 10], GSM),
        ("ក" * 70, [70], UNICODE),
        ("ក" * 71, [67, 4], UNICODE),
        ("\U0001f600" * 36, [66, 6], UNICODE),
    ],
)
def test_no_part_is_longer_than_its_sms(text, units, coding):
    made = pieces(text, 0x1FF, 10)
    assert "".join(piece.text for piece in made) == text
    assert {piece.coding for piece in made} == {coding}
    size = {GSM: lambda s: len(s) + s.count("€"), UNICODE: lambda s: len(s.encode("utf-16-be")) // 2}[coding]
    assert [size(piece.text) for piece in made] == units
    total = len(units)
    headers = [f"050003FF{total:02X}{at:02X}" for at in range(1, total + 1)] if total > 1 else [""]
    assert [piece.udh for piece in made] == headers


def test_no_khmer_letter_is_torn():
    for piece in pieces(KHMER * 4, 1, 10):
        assert not 0x17B6 <= ord(piece.text[0]) <= 0x17D3


def test_a_text_of_too_many_parts_is_refused():
    with pytest.raises(SendError) as refused:
        pieces("ក" * 700, 1, 10)
    assert (refused.value.cause, refused.value.retry, refused.value.sent) == ("too_long", False, "no")


def gone(*statuses, codes=None, total=None, error=-1):
    total = total or len(statuses)
    return [
        Gone("phlov:1", 5, at, f"050003AA{total:02X}{at:02X}" if total > 1 else "", status, code, error, 1.0)
        for at, (status, code) in enumerate(zip(statuses, codes or [-1] * len(statuses), strict=True), 1)
    ]


@pytest.mark.parametrize(
    ("statuses", "told"),
    [
        (["SendingOK"], Report("sent", final=False, error=None)),
        (["SendingOKNoReport"], Report("sent", final=True, error=None)),
        (["DeliveryPending"], Report("sent", final=False, error=None)),
        (["DeliveryOK"], Report("delivered", final=True, error=None)),
        (["DeliveryOK", "SendingOK"], Report("sent", final=False, error=None)),
        (["DeliveryOK", "DeliveryOK"], Report("delivered", final=True, error=None)),
        (["DeliveryOK", "DeliveryFailed"], Report("undelivered", final=True, error="70")),
        (["DeliveryFailed", "DeliveryPending"], Report("undelivered", final=True, error="70")),
        (["SendingError"], None),
        (["Error"], None),
        (["SendingOK", "SendingError"], None),
    ],
)
def test_the_parts_of_a_text_are_told_as_the_worst_of_them(statuses, told):
    assert report(gone(*statuses, error=70)) == told


def test_a_text_half_of_which_has_gone_is_not_told():
    assert report(gone("SendingOK", "SendingOK", total=3)) is None


def test_a_text_that_went_after_all_is_told():
    """The mark of a text whose fate nobody knew, and then SMSD's own word."""
    mark = Gone("phlov:1", 5, 0, "", "SendingError", -1, -1, 9.0)
    assert report([mark, *gone("DeliveryOK", "DeliveryOK")]) == Report("delivered", final=True, error=None)
    assert report([mark, *gone("DeliveryOK", total=2)]) is None
    assert report([mark]) is None


@pytest.mark.parametrize(
    ("code", "sent", "cause", "retry"),
    [
        (-1, "unknown", "unknown", True),
        (332, "unknown", "unknown", True),
        (500, "unknown", "unknown", True),
        (1, "no", "bad_number", False),
        (28, "no", "bad_number", False),
        (8, "no", "credit", True),
        (10, "no", "credit", True),
        (27, "no", "unreachable", True),
        (38, "no", "network", True),
        (331, "no", "network", True),
        (304, "no", "unknown", False),
        (310, "no", "config", True),
        (330, "no", "config", True),
        (21, "no", "unknown", True),
    ],
)
def test_what_a_refusal_means(code, sent, cause, retry):
    said = fate(gone("SendingOK", "SendingError", codes=[-1, code])).error()
    assert (said.sent, said.cause, said.retry, said.begin) == (sent, cause, retry, 1)
    assert not set("+0123456789") & set(str(said).replace(f"+CMS ERROR {code}", ""))


def test_a_code_is_only_of_a_part_that_did_not_go():
    assert fate(gone("DeliveryOK", codes=[10])).refused is None
    assert fate(gone("DeliveryOK", codes=[10])).complete(1)


def test_parts_given_again_are_counted_by_their_headers():
    again = [Gone("phlov:1", 9, 1, "050003AA0202", "SendingOK", -1, -1, 1.0)]
    assert fate([*gone("SendingOK", total=2), *again]).complete(2)
    assert not fate(again).complete(2)
    assert report([*gone("SendingOK", total=2), *again]) == Report("sent", final=False, error=None)
