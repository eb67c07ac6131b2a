"""Phone numbers: one written form for each, and a refusal of whatever cannot be answered."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from unicodedata import decimal, normalize

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumber, PhoneNumberFormat

_WRITTEN = re.compile(r"\+?[0-9 ()./-]{1,40}")
_E164 = re.compile(r"\+[1-9][0-9]{7,14}")
_HIDDEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_SIGNS = str.maketrans("", "", " ()./-")
_NOT_DIGITS = re.compile("[^0-9]")
_FEWEST_DIGITS = 8


class NotAPhone(ValueError):
    """What was given is no number that a text can be sent to. Never carries the number itself."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number in E.164 with `+`. `country` is ISO 3166 alpha-2, None where the code belongs to no country."""

    e164: str
    country: str | None


@lru_cache(maxsize=4096)
def parse(raw: str, home: str = "KH") -> Number:
    """The number a person, a list or a gateway meant by `raw`; written without + or 00 it is one of `home`.

    Raises `NotAPhone` for short codes, names, impossible lengths and numbers under 8 digits. With + or 00 a possible
    number is taken even if the library does not know its range yet: someone with a new SIM must not go unanswered.
    """
    return _at_once(raw) or _with_care(raw, home)


def parse_one_of_many(raw: str, home: str = "KH") -> Number:
    """What `parse` says, for lists of a million numbers: the usual forms at once, and nothing is remembered."""
    plain = raw if raw.isdigit() else raw.translate(_SIGNS)
    if plain.isascii() and _WRITTEN.fullmatch(raw):
        mobile, code = _mobile(home)
        if (found := mobile.fullmatch(plain)) and not plain.startswith(code):
            return Number(f"+{code}{found[1]}", home)
        if plain[:1] == "+" == raw[0] and (number := _at_once.__wrapped__(plain)):
            return number
    return _with_care(raw, home)


@lru_cache(maxsize=8)
def _mobile(home: str) -> tuple[re.Pattern[str], str]:
    """How a mobile number of `home` is dialled there (group 1 is what follows its code), and the code.

    Nothing matches where a country shares its code, or where what goes before a number is more than one sign.
    """
    metadata = PhoneMetadata.metadata_for_region(home, None)
    code = str(phonenumbers.country_code_for_region(home))
    plan = _plan(code)
    mobile = metadata.mobile if metadata is not None else None
    if metadata is None or mobile is None or plan is None or metadata.national_prefix_for_parsing != "0":
        return re.compile("(?!)"), code
    return re.compile(f"0?(?!0)({mobile.national_number_pattern})"), code


@lru_cache(maxsize=64)  # a text on its way out is looked at a few times
def _at_once(raw: str) -> Number | None:
    """A number as gateways write it, where a country has its code to itself: the library's answer, 10 times faster."""
    if _E164.fullmatch(raw) is None:
        return None
    for end in (2, 3, 4):
        if plan := _plan(raw[1:end]):
            sure = len(raw) - end in plan.lengths and plan.prefix.match(raw, end) is None and raw[end] != "0"
            return Number(raw, plan.country) if sure else None
    return None


class _Plan(NamedTuple):
    """What a country that shares its calling code with nobody says of its numbers."""

    country: str
    lengths: tuple[int, ...]
    prefix: re.Pattern[str]


@lru_cache(maxsize=1110)
def _plan(code: str) -> _Plan | None:
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(code), ())
    metadata = PhoneMetadata.metadata_for_region(regions[0], None) if len(regions) == 1 else None
    if metadata is None or metadata.general_desc is None:
        return None
    prefix = re.compile(metadata.national_prefix_for_parsing or "(?!)")
    return _Plan(regions[0], metadata.general_desc.possible_length, prefix)


def _with_care(raw: str, home: str) -> Number:
    written = raw if raw.isascii() else _in_ascii(raw)
    written = written.strip(" ")
    if _WRITTEN.fullmatch(written) is None:
        raise NotAPhone("not written as a phone number")
    plain = _NOT_DIGITS.sub("", written)
    if len(plain) < _FEWEST_DIGITS:
        raise NotAPhone("fewer than 8 digits: a short code or no phone number")
    number = _abroad(plain) if written[0] == "+" else _dialled(plain, home)
    if number is None or len(str(number.national_number)) + len(str(number.country_code)) < _FEWEST_DIGITS:
        raise NotAPhone("no such phone number")
    return Number(phonenumbers.format_number(number, PhoneNumberFormat.E164), _country(number))


def own_code(country: str) -> str | None:
    """The digits after the + of every number of a country that shares its calling code with nobody; else None."""
    code = phonenumbers.country_code_for_region(country)
    return str(code) if phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(code) == (country,) else None


def local(e164: str) -> str:
    """How `e164` is dialled inside its own country, with spaces as written there."""
    return phonenumbers.format_number(phonenumbers.parse(e164, None), PhoneNumberFormat.NATIONAL)


def calling_code(prefix: str) -> tuple[str, str | None] | None:
    """The calling code (`+855`) that a number or its beginning starts with, and whose it is if it is one country's.

    None if there is no such code.
    """
    for end in (2, 3, 4):
        regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(prefix[1:end] or 0), ())
        if regions and len(prefix) >= end:
            return prefix[:end], regions[0] if len(regions) == 1 and regions[0].isalpha() else None
    return None


def _in_ascii(raw: str) -> str:
    """Digits of any script (Khmer, Thai, full width) and the hyphens and spaces of word processors."""
    plain = _HIDDEN.sub("", normalize("NFKC", raw)).replace("\u2013", "-").replace("\u2010", "-")
    return "".join(str(decimal(char, char)) for char in plain)


def _read(written: str, home: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(written, home)
    except NumberParseException:
        return None


def _abroad(plain: str) -> PhoneNumber | None:
    number = _read(f"+{plain}", None)
    return number if number is not None and phonenumbers.is_possible_number(number) else None


def _dialled(plain: str, home: str) -> PhoneNumber | None:
    """A number as dialled from `home`: 00 is read as +, else as one of its own prefixes (001, 007, 008)."""
    if plain.startswith("00") and (number := _abroad(plain[2:])) is not None and phonenumbers.is_valid_number(number):
        return number
    number = _read(plain, home)
    return number if number is not None and phonenumbers.is_valid_number(number) else None


def _country(number: PhoneNumber) -> str | None:
    """The country of a number's range or, for a range the library does not know, the main one of its code."""
    region = phonenumbers.region_code_for_number(number)
    if region is None and number.country_code is not None:
        region = phonenumbers.region_code_for_country_code(number.country_code)
    return region if region is not None and region.isalpha() and region != "ZZ" else None
