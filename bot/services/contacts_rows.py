"""What a row of a list says of a person. Columns that nobody asked for (names, age, addresses) are never looked at."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeVar

from phonenumbers import SUPPORTED_REGIONS

from bot.content import contact_words, provinces
from bot.phone import NotAPhone, Number, parse_one_of_many
from bot.services.cells import MARK, plain
from bot.services.contacts_cells import (
    DIGIT,
    DIGITS,
    Consent,
    Refused,
    Unread,
    check_consent,
    ending,
    fingerprint,
    line,
    quoted,
    read_day,
    read_tags,
    short,
)
from bot.services.contacts_file import LONGEST_CELL, LOOKED_AT, MOST_COLUMNS, BadFile, NoPeople, Row, Source
from bot.store.times import DAY
from bot.text.khmer import clean, has_khmer

T = TypeVar("T")

LONGEST_SCHOOL: Final = 80
MOST_WORDINGS: Final = 100
FARTHEST: Final = timedelta(days=3 * 366)
"""Nobody knows a departure that is farther away."""

_TAG_MARKS = re.compile("[,;|\n\u17d6]")
_EXPONENT = re.compile(r"[0-9]+([.,][0-9]+)?[eE][+-]?[0-9]+")
_POINT_ZERO = re.compile(r"(\+?[0-9]{8,15})[.,]0{1,2}")
_FIRST_DAY = date(1970, 1, 1).toordinal()
_MOST_DIGITS = 16
_OF_CONSENT = ("campaign", "consent", "consent_on", "how", "given_by", "wording")


class Person(NamedTuple):
    """Somebody on a list, as far as the list tells. Days are days of Cambodia. Who is `blocked` is sent nothing; who is
    `unwilling` said no, or something that is no yes; a plain no to a campaign is one of `refused`."""

    e164: str
    country: str | None
    language: str | None = None
    province: str | None = None
    district: str | None = None
    destination: str | None = None
    school: str | None = None
    tags: tuple[str, ...] = ()
    departure: str | None = None
    consent: Consent | None = None
    blocked: bool = False
    unwilling: bool = False
    refused: tuple[Refused, ...] = ()


class Fault(NamedTuple):
    """What is wrong with a row. `ending` is all that is shown of its number. A row that is `lost` is not taken in."""

    row: int
    column: str
    why: str
    ending: str
    lost: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command says of consent for the whole list; a column of the list says it for its own row.

    `campaigns` are those there are. Without a campaign, a way, a wording, a name and a day there is no consent.
    """

    campaigns: frozenset[str]
    today: date
    campaign: str | None = None
    how: str | None = None
    wording: str | None = None
    wording_language: str = "km"
    given_by: str | None = None
    on: date | None = None
    tags: tuple[str, ...] = ()

    def told(self) -> str:
        """Everything that changes how a list is read, for the fingerprint of an import."""
        return repr((self.campaign, self.how, self.wording, self.wording_language, self.given_by, self.on, self.tags))


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a list has what. `read`: heading by what it means; `unread`: headings that nobody understands."""

    at: Mapping[str, int]
    read: Mapping[str, str]
    unread: tuple[str, ...]
    first_row: int


def find_columns(source: Source) -> Columns:
    """The headings of a list: the first row near the top that names a column of phone numbers. Raises `BadFile`."""
    known = contact_words.load().columns
    seen: list[str] = []
    for row in source.rows():
        if row.number > LOOKED_AT:
            break
        meant = [known.get(contact_words.key(cell[:LONGEST_CELL])) for cell in row.cells[:MOST_COLUMNS]]
        if "phone" in meant:
            return _columns(row, meant)
        seen = seen or [cell for cell in row.cells if cell.strip()]
    if any(_is_number(cell) for cell in seen):
        raise BadFile("has no headings: write `phone`, `province` and so on into a first row above the people")
    raise NoPeople("has no column of phone numbers; write `phone` above it", source.others)


def _columns(row: Row, meant: Sequence[str | None]) -> Columns:
    if len(row.cells) > MOST_COLUMNS:
        raise BadFile(f"has more than {MOST_COLUMNS} columns; is it the right one?")
    named = [name for name in meant if name]
    if twice := sorted({name for name in named if named.count(name) > 1}):
        raise BadFile(f"two headings mean {', '.join(twice)}; rename one, or take it out")
    headings = [" ".join(clean(cell).split())[:30] for cell in row.cells]
    for cell, heading, name in zip(row.cells, headings, meant, strict=True):
        if not name and (telling := _telling(cell)) and telling not in named:
            raise BadFile(f"the column {heading!r} seems to say who wants texts; call it `{telling}`, or take it out")
    return Columns(
        {name: place for place, name in enumerate(meant) if name},
        {name: headings[place] for place, name in enumerate(meant) if name},
        tuple(heading for heading, name in zip(headings, meant, strict=True) if heading and not name),
        row.number + 1,
    )


def _telling(heading: str) -> str | None:
    """Which column that nobody may pass over a heading seems to be meant for."""
    key = contact_words.key(heading[:LONGEST_CELL])
    found = {name for word, name in contact_words.load().telling.items() if word in key}
    return "blocked" if "blocked" in found else next(iter(found), None)


def _is_number(cell: str) -> bool:
    try:
        return bool(parse_one_of_many(cell.translate(DIGITS)))
    except NotAPhone:
        return False


class Reader:
    """Reads the rows of one list. Cells that come again and again (provinces, schools) are understood once.

    `country` knows countries by their names. `wordings` are the words that people said yes to, by their fingerprints.
    """

    def __init__(self, columns: Columns, asked: Asked, country: Callable[[str], str | None], home: str = "KH") -> None:
        self.wordings: dict[str, str] = {}
        self._asked = asked
        self._home = home
        self._country = country
        self._areas = provinces.load()
        self._words = contact_words.load()
        self._phone = columns.at["phone"]
        self._district = columns.at.get("district")
        self._blocked = columns.at.get("blocked")
        self._area = lru_cache(maxsize=4096)(self._found_area)
        self._said = tuple(columns.at.get(name) for name in _OF_CONSENT)
        self._consent = lru_cache(maxsize=4096)(self._found_consent)
        self._says = any(place is not None for place in self._said)
        self._refusal = lru_cache(maxsize=4096)(self._found_refusal)
        self._usual = None if self._says else self._found_consent(*[None] * len(_OF_CONSENT))
        readers: dict[str, Callable[..., object]] = {
            "province": lambda cell: self._found_area(cell, None, None),
            "language": self._language,
            "destination": self._destination,
            "school": self._school,
            "tags": self._tags,
            "departure": self._departure,
            "blocked": self._stays_away,
        }
        self._readers = [
            (name, lru_cache(maxsize=4096)(reader), columns.at[name])
            for name, reader in readers.items()
            if name in columns.at
        ]

    def read(self, row: Row, faults: list[Fault]) -> Person | None:
        """The person of a row, or None; what is not understood goes to `faults` and counts as not said."""
        cells = row.cells
        raw = _cell(cells, self._phone) or ""
        try:
            number = self._number(raw)
        except Unread as error:
            faults.append(Fault(row.number, "phone", str(error), ending(raw), lost=True))
            return None

        found: dict[str, Any] = {}
        for name, reader, place in self._readers:
            if place < len(cells) and (cell := cells[place]):
                found[name] = _understood(reader, (cell,), (row, name, number), faults)
        get = found.get
        province, district = get("province"), None
        if place_of_district := _cell(cells, self._district):
            district = _understood(self._area, (None, place_of_district, province), (row, "district", number), faults)
        consent = self._usual
        if self._says:
            said = tuple([_cell(cells, place) for place in self._said])
            consent = _understood(self._consent, said, (row, "consent", number), faults)
        return Person(
            number.e164,
            number.country,
            get("language"),
            province or (district[:2] if district else None),
            district,
            get("destination"),
            get("school"),
            (*self._asked.tags, *(get("tags") or ())),
            get("departure"),
            consent,
            get("blocked", False) is not False,
            self._unwilling(cells),
            self._refused(row, number, faults) if self._unwilling(cells) else (),
        )

    def refuses(self, row: Row) -> bool:
        """Whether a row says no to anything, wherever it can be seen without its number."""
        blocked = _cell(row.cells, self._blocked)
        return (blocked is not None and not self._no(blocked)) or self._unwilling(row.cells)

    def _unwilling(self, cells: Sequence[str]) -> bool:
        agreed = _cell(cells, self._said[1])
        return agreed is not None and bool(agreed.strip()) and not self._yes(agreed)

    def _refused(self, row: Row, number: Number, faults: list[Fault]) -> tuple[Refused, ...]:
        said = tuple([_cell(row.cells, place) for place in self._said[:3]])
        return _understood(self._refusal, said, (row, "campaign", number), faults) or ()

    def _number(self, raw: str) -> Number:
        """The number of a cell. Raises `Unread`."""
        if not raw.isascii():
            raw = raw.translate(DIGITS)
        if "." not in raw:
            try:
                return parse_one_of_many(raw, self._home)
            except NotAPhone:
                pass  # looked at more closely below
        return self._mended(raw.strip().lstrip(MARK))

    def _mended(self, raw: str) -> Number:
        """A number as spreadsheets spoil it: with `.0` behind it. One whose digits were rounded is lost."""
        if not raw:
            raise Unread("there is no number")
        if len(raw) > LONGEST_CELL:
            raise Unread(f"the cell is longer than {LONGEST_CELL} characters")
        if _EXPONENT.fullmatch(raw):
            raise Unread("the spreadsheet rounded the number; make the column text and enter it again")
        if whole := _POINT_ZERO.fullmatch(raw):
            raw = whole[1]
        try:
            return parse_one_of_many(raw, self._home)
        except NotAPhone as error:
            many = len(DIGIT.findall(raw)) > _MOST_DIGITS
            raise Unread("more than one number in the cell" if many else str(error)) from None

    def _found_area(self, province: str | None, district: str | None, within: str | None) -> str:
        if province is not None:
            found = self._areas.province(short(province))
        else:
            found = self._areas.district(short(district or ""), within)
        if found is None:
            known = "province" if province is not None else f"district {'of this province' if within else ''}".rstrip()
            raise Unread(f"is no {known} that is known{quoted(province or district or '')}")
        return found

    def _language(self, cell: str) -> str:
        found = self._words.languages.get(contact_words.key(short(cell)))
        if found is None:
            raise Unread(f"is no language that is known{quoted(cell)}; write km, km_Latn or en")
        return found

    def _destination(self, cell: str) -> str:
        cell = short(cell)
        code = cell.strip().upper()
        found = code if code in SUPPORTED_REGIONS else self._country(cell)
        if found is None:
            raise Unread(f"is no country that is known{quoted(cell)}")
        return found

    def _school(self, cell: str) -> str | None:
        school = line(plain(short(cell)))
        if len(school) > LONGEST_SCHOOL:
            raise Unread(f"is longer than {LONGEST_SCHOOL} characters")
        return school or None

    def _tags(self, cell: str) -> tuple[str, ...]:
        return read_tags(_TAG_MARKS.split(plain(short(cell))))

    def _departure(self, cell: str) -> str:
        day = read_day(cell)
        if abs(day - self._asked.today) > FARTHEST:
            raise Unread("is more than three years away")
        return day.isoformat()

    def _found_consent(self, *said: str | None) -> Consent | None:
        """The consent of a row, or None where one of its parts is not told by the row, nor by the command."""
        campaign, agreed, on, how, given_by, wording = (each and short(each) for each in said)  # as in _OF_CONSENT
        asked = self._asked
        if self._said[1] is not None and not self._agrees(agreed or ""):
            return None
        code = line(campaign).upper() if campaign else asked.campaign
        by = line(plain(given_by)) if given_by else asked.given_by
        way = self._words.how.get(contact_words.key(short(how))) if how else asked.how
        day = read_day(on) if on else asked.on
        words, language = asked.wording, asked.wording_language
        if wording:
            words = clean(plain(wording)).strip()
            language = "km" if has_khmer(words) else "en"
        if how and way is None:
            raise Unread(f"is no way of consent that is known{quoted(how)}; write paper, spoken or web")
        if not (code and by and way and day and words):
            return None
        if code not in asked.campaigns:
            raise Unread(f"is for a campaign that does not exist{quoted(code)}")
        check_consent(day, by, words, asked.today)
        question = fingerprint(words)
        if len(self.wordings) >= MOST_WORDINGS and question not in self.wordings:
            raise Unread(f"has other words than {MOST_WORDINGS} rows before; people say yes to the same words")
        self.wordings[question] = words
        return Consent(code, way, by, (day.toordinal() - _FIRST_DAY) * DAY, question, language)

    def _found_refusal(self, campaign: str | None, agreed: str | None, on: str | None) -> tuple[Refused, ...]:
        """What a row that does not say yes says no to. A day that nobody can read does not keep a no from counting."""
        if not self._no(agreed or ""):
            return ()
        code = line(short(campaign)).upper() if campaign else self._asked.campaign
        if code is None:
            return ()
        if code not in self._asked.campaigns:
            raise Unread(f"is for a campaign that does not exist{quoted(code)}")
        try:
            day = read_day(short(on)) if on else self._asked.on
        except Unread:
            day = None
        return (Refused(code, (day.toordinal() - _FIRST_DAY) * DAY if day else None),)

    def _yes(self, cell: str) -> bool:
        return len(cell) <= LONGEST_CELL and self._words.agreed.get(contact_words.key(cell)) == "yes"

    def _no(self, cell: str) -> bool:
        said = not cell.strip() or self._words.agreed.get(contact_words.key(cell[:LONGEST_CELL])) == "no"
        return said and len(cell) <= LONGEST_CELL

    def _stays_away(self, cell: str) -> bool:
        """Who writes anything there but a no wants somebody left alone."""
        try:
            return self._agrees(cell)
        except Unread as error:
            raise Unread(f"{error}, and counts as yes") from None

    def _agrees(self, cell: str) -> bool:
        said = self._words.agreed.get(contact_words.key(short(cell))) if cell.strip() else "no"
        if said is None:
            raise Unread("is neither yes nor no")
        return said == "yes"


def _understood(
    reader: Callable[..., Any], cells: tuple[str | None, ...], where: tuple[Row, str, Number], faults: list[Fault]
) -> Any:
    """What the reader makes of cells; None, and a fault, if it makes nothing of them."""
    try:
        return reader(*cells)
    except Unread as error:
        row, column, number = where
        faults.append(Fault(row.number, column, str(error), number.e164[-3:], lost=False))
        return None


def _cell(cells: Sequence[str], place: int | None) -> str | None:
    """What a cell says; None where it is empty or not there."""
    if place is None or place >= len(cells):
        return None
    return cells[place] or None
