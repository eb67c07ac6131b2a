"""The provinces and districts of Cambodia and how lists spell them, from messages/provinces.yaml when asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from bot.content.book import Unsound
from bot.content.faults import Faults
from bot.text.khmer import fold, has_khmer

FILE = Path(__file__).resolve().parents[2] / "messages" / "provinces.yaml"

_CODE = re.compile("[0-9]{2}")
_SHORTEST = 4
"""Names whose consonants are fewer than this are only known as they are spelled."""
_TA, _DA, _COENG = "\u178f", "\u178a", "\u17d2"
_SIGNS = re.compile("[\u17c9-\u17d1]")
_SOUNDS = (
    ("chh?", "c"),
    ("[kg]h", "k"),
    ("ph", "p"),
    ("th", "t"),
    ("n[gh]k?", "n"),
    ("x", "ks"),
    ("[aeiouyhw']", ""),
    ("d", "t"),
    ("b", "p"),
    ("[gq]", "k"),
    ("j", "c"),
    ("z", "s"),
)
_RULES = tuple((re.compile(pattern), sign) for pattern, sign in _SOUNDS)
_TWICE = re.compile(r"(.)\1+")


@dataclass(frozen=True, slots=True)
class Area:
    """A province or a district. `names`: Khmer, English, then other spellings."""

    code: str
    names: tuple[str, ...]

    @property
    def km(self) -> str:
        return self.names[0]

    @property
    def en(self) -> str:
        return self.names[1]


@dataclass(frozen=True, slots=True)
class Generic:
    """Words that say what an area is, not which, and short forms of words in names."""

    before: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()
    short: Mapping[str, str] | None = None

    def key(self, text: str) -> str:
        """What two spellings of a name have in common: no blanks, no words such as `province`, one form of a sign."""
        words = fold(text).split()
        while len(words) > 1 and words[0] in self.before:
            words = words[1:]
        while len(words) > 1 and words[-1] in self.after:
            words = words[:-1]
        short = self.short or {}
        plain = "".join(short.get(word, word) for word in words)
        return self._khmer(plain) if has_khmer(plain) else plain

    def _khmer(self, plain: str) -> str:
        for word in self.before:
            if has_khmer(word) and plain.startswith(word) and plain != word:
                plain = plain[len(word) :]
        return _SIGNS.sub("", plain.replace(_COENG + _TA, _COENG + _DA))


class Index:
    """Areas by their names. A spelling nobody wrote down is known by its consonants, if it can be only one area."""

    def __init__(self, areas: Iterable[Area], generic: Generic) -> None:
        self._generic = generic
        self._exact: dict[str, set[str]] = {}
        self._near: dict[str, set[str]] = {}
        for area in areas:
            for key in map(generic.key, area.names):
                self._exact.setdefault(key, set()).add(area.code)
                if key.isascii():
                    self._near.setdefault(_sound(key), set()).add(area.code)

    def find(self, text: str, *, exactly: bool = False) -> str | None:
        """The code of the area that is meant; None if none is, or more than one."""
        key = self._generic.key(text)
        found = self._exact.get(key)
        if found is None and not exactly and key.isascii() and len(sound := _sound(key)) >= _SHORTEST:
            found = self._near.get(sound)
        return next(iter(found)) if found and len(found) == 1 else None

    def shared(self) -> dict[str, set[str]]:
        """Spellings that are written down for more than one area."""
        return {key: codes for key, codes in self._exact.items() if len(codes) > 1}


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All areas. Codes are the official ones: `17` is Siem Reap, `1710` its city."""

    provinces: Mapping[str, Area]
    districts: Mapping[str, Area]
    generic: Generic
    by_name: Index
    all_districts: Index
    within: Mapping[str, Index]

    def province(self, text: str) -> str | None:
        """The code of a province from its name in any usual spelling, or from its code."""
        plain = fold(text)
        if plain.isdecimal():
            plain = plain.zfill(2)
            return plain if plain in self.provinces else None
        return self.by_name.find(text)

    def district(self, text: str, province: str | None = None) -> str | None:
        """The code of a district of this province; without one, of the only district that is written so."""
        plain = fold(text)
        if plain.isdecimal() and len(plain) in {3, 4}:  # 7 Makara is no code
            plain = plain.zfill(4)
            return plain if plain in self.districts and plain[:2] == (province or plain[:2]) else None
        if province is None:
            return self.all_districts.find(text, exactly=True)
        return self.within[province].find(text)

    def name(self, code: str, language: Literal["km", "en"] = "en") -> str:
        """How an area is called; the code itself if there is none."""
        area = self.provinces.get(code) or self.districts.get(code)
        return code if area is None else area.names[language == "en"]


@cache
def load(file: Path = FILE) -> Gazetteer:
    """The areas of a file. Raises `Unsound`."""
    from bot.content.nodes import read_block  # noqa: PLC0415 - a server reads no YAML

    faults = Faults()
    block = read_block(file, f"messages/{file.name}", faults)
    provinces: dict[str, Area] = {}
    districts: dict[str, Area] = {}
    generic = Generic()
    if block is not None:
        block.only("generic", "provinces")
        words = block.inner("generic")
        pairs = (pair.partition("=") for pair in words.text("short").split(","))
        generic = Generic(
            frozenset(map(fold, words.text("before").split(","))),
            frozenset(map(fold, words.text("after").split(","))),
            {fold(short): fold(long) for short, _, long in pairs},
        )
        for code, province in block.named("provinces"):
            province.only("names", "districts")
            provinces[code] = Area(code, _names(province.text("names")))
            inner = province.inner("districts")
            districts |= {each: Area(each, _names(inner.text(each))) for each in inner.items}
            wrong = [each for each in inner.items if each[:2] != code]
            if not _CODE.fullmatch(code) or wrong:
                faults.add(province.where, "a province has two digits, its districts two more")
    for area in (*provinces.values(), *districts.values()):
        if len(area.names) < 2 or not has_khmer(area.km) or not area.en.isascii():
            faults.add(f"messages/{file.name}:1", f"{area.code}: the Khmer name comes first, the English one second")
    if faults.found:
        raise Unsound(faults.found)
    return _gazetteer(provinces, districts, generic)


def _gazetteer(provinces: Mapping[str, Area], districts: Mapping[str, Area], generic: Generic) -> Gazetteer:
    within = {
        code: Index((each for each in districts.values() if each.code[:2] == code), generic) for code in provinces
    }
    by_name, everywhere = Index(provinces.values(), generic), Index(districts.values(), generic)
    return Gazetteer(provinces, districts, generic, by_name, everywhere, within)


def _names(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (name.strip() for name in text.split(","))))


def _sound(key: str) -> str:
    """The consonants, one sign for those that lists mix up."""
    sound = _TWICE.sub(r"\1", key)
    for pattern, sign in _RULES:
        sound = pattern.sub(sign, sound)
    first = key[:1] if key[:1] in set("aeiou") else ""
    return ("a" if first else "") + _TWICE.sub(r"\1", sound)
