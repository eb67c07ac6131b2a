"""What staff change without a deploy, laid over the Book of the files: numbers of the ledger, and dated notices.

A layer says the whole of what may be changed of one thing, as plain values. One that does not fit the files (any more:
they may be of a later version than the layer) is left out and named, and what the files say holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from bot.content.book import LANGUAGES, TOPICS, Book, Helpline, Language, Notice
from bot.content.ledger import DIGITS, numbers, valid
from bot.content.template import changed, fault, places

Layer = Mapping[str, Any]


class Misfit(StrEnum):
    """Why a layer cannot be laid over these files."""

    UNKNOWN = "unknown"
    """The files have no such number."""
    SHAPE = "shape"
    """Something is missing, or is not what it should be."""
    REFUSED = "refused"
    """A number that must never be said."""
    LOCAL = "local"
    """No number as it is dialled in its country."""
    E164 = "e164"
    """No number of its country as it is dialled from abroad."""
    ABROAD = "abroad"
    """Texts tell it to people in other countries, who could not dial it."""
    EMERGENCY = "emergency"
    """Police and ambulance are never withheld."""
    NAMED = "named"
    """Texts name this very number, and no other is to be said instead."""
    INSTEAD = "instead"
    """The other cannot be said instead: another country's, out of use itself, or not to be dialled from abroad."""
    UNTRIED = "untried"
    """It may be said only when somebody has dialled it."""
    PLACES = "places"
    """What is filled in differs from language to language, or cannot be."""


class Layers(NamedTuple):
    """Everything that is laid over the files. A notice that is None is said no more."""

    helplines: Mapping[str, Layer] = MappingProxyType({})
    notices: Mapping[str, Layer | None] = MappingProxyType({})


NOTHING: Final = Layers()
"""The files as they are."""


class Laid(NamedTuple):
    """The book with its layers, and which of them do not fit: `helpline/ID` or `notice/ID`."""

    book: Book
    misfits: Mapping[str, Misfit]


UNFIT: Final = (AttributeError, KeyError, TypeError, ValueError)
"""What a layer that does not fit comes to: `Wrong`, or, of a shape that nobody thought of, any of these: another
version may have kept it."""

SHORTEST: Final = 3
"""Digits of a number: there are none of fewer in the countries that people go to."""

FIELDS: Final = ("local", "e164", "hours", "khmer", "toll_free")
"""What staff may change of a number besides its check and its source."""


def lay(book: Book, layers: Layers) -> Laid:
    """The book as people are told it. Without layers that fit it is the book itself."""
    misfits: dict[str, Misfit] = {}
    lines = dict(book.helplines)
    gone = {name for name, layer in layers.helplines.items() if layer.get("disabled") is True}
    for name in sorted(layers.helplines, key=lambda name: (name in gone, name)):  # who borrows a number comes last
        try:
            others = {each: line for each, line in lines.items() if each not in gone}
            line = helpline(book, name, layers.helplines[name], others)
        except UNFIT as unfit:
            misfits[f"helpline/{name}"] = _why(unfit)
        else:
            lines[name] = line
    said = {each.id: each for each in book.notices}
    words: dict[Language, dict[tuple[str, str], str]] = {language: {} for language in LANGUAGES}
    for name, told in layers.notices.items():
        if told is None:
            said.pop(name, None)
            continue
        try:
            said[name] = notice(book, name, told)
        except UNFIT as unfit:
            misfits[f"notice/{name}"] = _why(unfit)
        else:
            for language in LANGUAGES:
                words[language][f"notice/{name}", said[name].say] = told["say"][language]
    if lines == book.helplines and tuple(said.values()) == book.notices:
        return Laid(book, misfits)
    catalogs = {each: MappingProxyType({**book.catalogs[each], **words[each]}) for each in LANGUAGES}
    laid = replace(
        book,
        helplines=MappingProxyType(lines),
        notices=tuple(said.values()),
        catalogs=MappingProxyType(catalogs) if any(words.values()) else book.catalogs,
    )
    return Laid(laid, misfits)


class Wrong(ValueError):
    """A layer that does not fit, and why; `about` says which part of it."""

    def __init__(self, why: Misfit, about: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.about = about


def _why(unfit: Exception) -> Misfit:
    return unfit.why if isinstance(unfit, Wrong) else Misfit.SHAPE


def helpline(book: Book, name: str, layer: Layer, lines: Mapping[str, Helpline]) -> Helpline:
    """A number of the files as a layer wants it; `lines` are the others as they are by now. Raises `Wrong`."""
    line = book.helplines.get(name)
    if line is None:
        raise Wrong(Misfit.UNKNOWN, name)
    try:
        changed_line = replace(
            line,
            **{field: layer[field] for field in FIELDS},
            sources=(layer["source"],),
            source_date=layer["source_date"],
            checked_on=date.fromisoformat(layer["checked_on"]) if layer["checked_on"] else None,
            checked_by=layer["checked_by"],
            disabled=layer["disabled"] is True,
        )
        other = layer["instead"] if changed_line.disabled else None
    except (KeyError, TypeError, ValueError):
        raise Wrong(Misfit.SHAPE, name) from None
    if changed_line.disabled and line.category.startswith("emergency_"):
        raise Wrong(Misfit.EMERGENCY, line.id)
    if other is not None:
        changed_line = _instead(book, line, changed_line, lines.get(other))
    _check(book, line, changed_line)
    return changed_line


def _instead(book: Book, line: Helpline, wanted: Helpline, other: Helpline | None) -> Helpline:
    """A line out of use, with the numbers of another of its country, and what is known of them."""
    if other is None or other.id == line.id or other.country != line.country or not other.enabled or other.disabled:
        raise Wrong(Misfit.INSTEAD, line.id)
    if other.e164 is None and line.e164 is not None and told_abroad(book, line):
        raise Wrong(Misfit.INSTEAD, other.id)
    return replace(
        wanted,
        instead=other.id,
        local=other.local,
        e164=other.e164,
        bot_use=other.bot_use,
        checked_on=other.checked_on,
        checked_by=other.checked_by,
    )


def _check(book: Book, line: Helpline, wanted: Helpline) -> None:
    _check_refused(book, f"{wanted.local} , {wanted.e164}")
    if not all(isinstance(value, str) for value in (wanted.hours, wanted.khmer, wanted.toll_free)):
        raise Wrong(Misfit.SHAPE)
    if (wanted.checked_on is None) != (wanted.checked_by is None):
        raise Wrong(Misfit.SHAPE, "checked_by")
    if wanted.local is None or not DIGITS.fullmatch(wanted.local) or sum(map(str.isdecimal, wanted.local)) < SHORTEST:
        raise Wrong(Misfit.LOCAL, wanted.local or "")
    if wanted.e164 is not None and not valid(wanted.e164, line.country):
        raise Wrong(Misfit.E164, wanted.e164)
    if wanted.e164 is None and line.e164 is not None and told_abroad(book, line):
        raise Wrong(Misfit.ABROAD, line.id)
    _check_withheld(book, line, wanted)


def _check_withheld(book: Book, line: Helpline, wanted: Helpline) -> None:
    """What is not to be said any more must be said by no text."""
    if not wanted.enabled and (line.id in book.elsewhere or (line.enabled and line.id in dict(_named(book)))):
        raise Wrong(Misfit.NAMED if wanted.disabled else Misfit.UNTRIED, line.id)


def _check_refused(book: Book, text: str) -> None:
    for digits in numbers(text):
        if digits in book.refused:
            raise Wrong(Misfit.REFUSED, digits)


def named(book: Book, name: str) -> list[str]:
    """The states and notices whose texts name this very number, by their ids."""
    return list(dict.fromkeys(context for line, context in _named(book) if line == name))


def told_abroad(book: Book, line: Helpline) -> bool:
    """Whether people in other countries are told to dial it."""
    carded = any(line.id in names for code, names in book.cards.items() if code != line.country)
    return line.id in book.elsewhere or carded or line.id in {name for name, _ in _named(book, "tel")}


def _named(book: Book, *kinds: str) -> Iterator[tuple[str, str]]:
    """Each number that a text names, with the context of the text."""
    for context, text in book.texts():
        for kind, name in places(text):
            if kind in (kinds or ("tel", "local")):
                yield name, context


def notice(book: Book, name: str, layer: Layer) -> Notice:
    """A notice as a layer wants it. Raises `Wrong`."""
    try:
        said, topics, countries = layer["say"], layer["topics"], layer["countries"]
        until = date.fromisoformat(layer["valid_until"])
        texts = {language: said[language] for language in LANGUAGES}
    except (KeyError, TypeError, ValueError):
        raise Wrong(Misfit.SHAPE, name) from None
    if not all(isinstance(text, str) and text for text in texts.values()) or not set(topics) <= TOPICS:
        raise Wrong(Misfit.SHAPE, name)
    for text in texts.values():
        if fault(text) or changed(texts["en"], text):
            raise Wrong(Misfit.PLACES, name)
        _check_places(book, text)
        _check_refused(book, text)
    return Notice(name, texts["en"], frozenset(topics), frozenset(countries), until, (), f"content/{name}")


def _check_places(book: Book, text: str) -> None:
    """A notice may name numbers that everybody who reads it can dial, and the country."""
    for kind, name in places(text):
        line = book.helplines.get(name)
        known = line is not None and line.enabled and (kind == "local" or line.e164 is not None)
        if kind not in ("tel", "local", "country") or (kind != "country" and not known):
            raise Wrong(Misfit.PLACES, name)
