"""What SMSD's rows mean: texts from parts that came in, fates from parts that went out. No database, no clock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import pairwise
from typing import Final, NamedTuple

from bot.channels.gammu_tables import Arrived, Gone, Piece
from bot.protocol import Cause, SendError
from bot.text.sms import segments

USSD: Final = 127
"""The `Class` of an operator's answer to a code that somebody dialled through SMSD."""
UNICODE: Final = "Unicode_No_Compression"
GSM: Final = "Default_No_Compression"


class Place(NamedTuple):
    """Where a part stands in its text."""

    reference: int
    total: int
    position: int


@dataclass(frozen=True, slots=True)
class Text:
    """One text a person sent, and the rows it lies in. `key` is the same if SMSD writes the same text again."""

    key: str
    sender: str
    words: str
    received_at: datetime | None
    rows: tuple[int, ...]


class Sorted(NamedTuple):
    """`waiting`: rows of texts that have lost a part, which may still come; `empty`: rows that say nothing."""

    texts: list[Text]
    waiting: list[int]
    empty: list[int]


def sort(rows: Sequence[Arrived], overdue: frozenset[int]) -> Sorted:
    """Texts out of rows, oldest first.

    SMSD writes a long text whole into the row of its first part and leaves the others empty; but only if all parts came
    in time. Else each has its own words: those are joined here, at once if none is missing, without the missing ones
    when one of them is `overdue`.
    """
    empty = [row.id for row in rows if _says_nothing(row)]
    said = [row for row in rows if not _says_nothing(row)]
    fragments: dict[tuple[str, str, int, int], dict[int, Arrived]] = defaultdict(dict)
    texts: dict[str, Text] = {}
    for row in said:
        place = place_of(row.udh)
        if place is None or place.total < 2 or _joined(row):
            _add(texts, _text([row], row.decoded))
        else:
            fragments[row.phone, row.sender, place.reference, place.total].setdefault(place.position, row)
    waiting: list[int] = []
    for (_, _, _, total), parts in fragments.items():
        ids = {row.id for row in parts.values()}
        if len(parts) == total or ids & overdue:
            _add(texts, _text([parts[position] for position in sorted(parts)], _words(parts)))
        else:
            waiting += ids
    return Sorted(sorted(texts.values(), key=lambda text: text.rows), waiting, empty)


def place_of(udh: str) -> Place | None:
    """Reference, total and position in a user data header (3GPP TS 23.040, 9.2.3.24); None if it names none."""
    try:
        octets = bytes.fromhex(udh)
    except ValueError:
        return None
    at = 1
    while at + 1 < len(octets):
        kind, length = octets[at], octets[at + 1]
        data = octets[at + 2 : at + 2 + length]
        if kind == 0 and len(data) == 3:
            return Place(*data)
        if kind == 8 and len(data) == 4:
            return Place(data[0] << 8 | data[1], data[2], data[3])
        at += 2 + length
    return None


def _says_nothing(row: Arrived) -> bool:
    """An operator's USSD answer; the rest of a text that is whole elsewhere; or octets that are no text (MMS, WAP)."""
    return row.kind == USSD or bool(row.text and not row.decoded)


def _joined(row: Arrived) -> bool:
    """Whether the row has more words than came in its own part: four hexadecimal digits of `Text` for each unit."""
    return len(row.decoded.encode("utf-16-be", "surrogatepass")) * 2 > len(row.text)


def _words(parts: Mapping[int, Arrived]) -> str:
    """The words of the parts, a space where some are missing, so that no two words become one."""
    order = sorted(parts)
    gaps = {after for before, after in pairwise(order) if after > before + 1}
    return "".join((" " if position in gaps else "") + parts[position].decoded for position in order)


def _text(rows: Sequence[Arrived], words: str) -> Text:
    key = sha256("\n".join(map(_key, rows)).encode()).hexdigest()
    return Text(key, rows[0].sender, words, _moment(rows[0].at), tuple(sorted(row.id for row in rows)))


def _key(row: Arrived) -> str:
    """A row as the network wrote it: SMSD gives it a new ID if it dies before it takes the text off the SIM."""
    return "|".join((row.phone, row.sender, row.at, row.udh, row.text))


def _add(texts: dict[str, Text], text: Text) -> None:
    known = texts.get(text.key)
    rows = tuple(sorted({*text.rows, *(known.rows if known else ())}))
    texts[text.key] = Text(text.key, text.sender, text.words, text.received_at, rows)


def _moment(stated: str) -> datetime | None:
    """The modem's local time as UTC; None if it is no time, as a modem without network may write."""
    try:
        return datetime.fromisoformat(stated).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def pieces(text: str, reference: int, most: int) -> list[Piece]:
    """A text cut as it will go, each part whole in its own SMS: SMSD 1.42 cuts a longer row off and calls it sent.

    Raises `SendError` for a text of more than `most` parts.
    """
    cut = segments(text)
    total = len(cut.parts)
    if total > most:
        raise SendError(f"gammu: a text of {total} parts", retry=False, sent="no", cause="too_long")
    coding = GSM if cut.encoding == "GSM-7" else UNICODE
    header = f"050003{reference & 0xFF:02X}{total:02X}" if total > 1 else ""
    return [
        Piece(part, f"{header}{position:02X}" if header else "", coding) for position, part in enumerate(cut.parts, 1)
    ]


WENT: Final = frozenset({"SendingOK", "SendingOKNoReport", "DeliveryOK", "DeliveryFailed", "DeliveryPending"}) | {
    "DeliveryUnknown"
}
REFUSED: Final = ("SendingError", "Error")
AMBIGUOUS: Final = frozenset({-1, 332, 500})
"""The modem gave no reason, timed out on the network, or says that it does not know: the part may have gone."""

_CAUSES: Final[Mapping[int, tuple[Cause, bool]]] = {
    1: ("bad_number", False),
    28: ("bad_number", False),
    30: ("bad_number", False),
    8: ("credit", True),  # barred by the operator, as a SIM without money is
    10: ("credit", True),
    29: ("credit", True),
    50: ("credit", True),
    69: ("credit", True),
    27: ("unreachable", True),
    38: ("network", True),
    41: ("network", True),
    42: ("network", True),
    47: ("network", True),
    331: ("network", True),
    **dict.fromkeys((302, 303, 304, 305), ("unknown", False)),
    **dict.fromkeys((*range(310, 319), 330), ("config", True)),
}
"""+CMS ERROR codes (3GPP TS 24.011 annex E and TS 27.005): what each means, and if a later try may do better."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What SMSD did with a text so far. `went`: the positions that left; `refused`: the code of a part that did not."""

    went: frozenset[int]
    refused: int | None

    def complete(self, total: int) -> bool:
        """Whether every part left."""
        return len(self.went) >= total

    def error(self) -> SendError:
        """The refusal in Phlov's words."""
        code = -1 if self.refused is None else self.refused
        begin = next(position for position in range(1, 256) if position not in self.went) - 1
        cause, retry = _CAUSES.get(code, ("unknown", True))
        sure = code not in AMBIGUOUS
        reason = f"gammu: +CMS ERROR {code}" if code >= 0 else "gammu: the modem gave no answer"
        return SendError(reason, retry=retry, sent="no" if sure else "unknown", cause=cause, begin=begin)


def fate(gone: Iterable[Gone], refused: int | None = None) -> Fate:
    """The newest word on each part of one text; `refused` is a code that was heard elsewhere."""
    went = set()
    for part in gone:
        if part.status in WENT:
            went.add(_position(part))
        else:
            refused = part.code
    return Fate(frozenset(went), refused)


class Report(NamedTuple):
    """What may be told of a text now. `final`: nothing more will come."""

    status: str
    final: bool
    error: str | None


def report(gone: Sequence[Gone]) -> Report | None:
    """The parts of one text folded to the worst; None while it is not whole in the network."""
    words = {_position(part): part.status for part in gone if part.status in WENT}
    places = [place for part in gone if (place := place_of(part.udh))]
    if len(words) < max((place.total for place in places), default=1):
        return None
    said = set(words.values())
    if "DeliveryFailed" in said:
        return Report("undelivered", final=True, error=str(max(part.error for part in gone)))
    if said == {"DeliveryOK"}:
        return Report("delivered", final=True, error=None)
    return Report("sent", final=not said & {"SendingOK", "DeliveryPending", "DeliveryOK"}, error=None)


def _position(part: Gone) -> int:
    """The place in the whole text: of one given again in pieces, SMSD counts only what it was given."""
    place = place_of(part.udh)
    return place.position if place else 1
