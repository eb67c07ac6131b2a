"""What staff may lay over the files, and what is wrong with it. Loaded when something is to be changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final

from bot.check.laid import laid
from bot.check.numbers import LONGEST_AMOUNT, units
from bot.check.sizes import TooLong
from bot.check.wording import alarming
from bot.content import layers
from bot.content.book import LANGUAGES, TOPICS, Book
from bot.content.layers import NOTHING, Layers, Wrong
from bot.content.ledger import calling_code, numbers
from bot.content.review import PEOPLE
from bot.content.template import PLACE
from bot.services.case_reply import LINK
from bot.services.content_kinds import BadContent, Fault, Ground, Kind, Value, Why
from bot.text.khmer import clean, has_khmer
from bot.text.sms import forcing, segments

LONGEST_NOTICE: Final = 60
"""UTF-16 units of a notice in Khmer: it stands before answers of three parts."""
MOST_PARTS: Final = 3
LONGEST_NAME: Final = 60
LONGEST_WORDS: Final = 80
LONGEST_SOURCE: Final = 120
OLDEST: Final = date(2015, 1, 1)
LONGEST_TIME: Final = timedelta(days=366)
"""A notice says what is so now: nobody can know it for longer."""
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEK: Final = "week"
_TIME: Final = re.compile("(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_NAME: Final = re.compile("[a-z0-9]+(?:-[a-z0-9]+)*")


def cleaned(ground: Ground, kind: Kind, name: str, value: Value) -> Value:
    """The value as it is kept. Raises `BadContent` with everything that is wrong."""
    try:
        return _RULES[kind](ground, name, value)
    except (KeyError, TypeError, AttributeError):
        raise BadContent([Fault(Why.SHAPE)]) from None


def _line(text: object, most: int = LONGEST_WORDS) -> str:
    """Some words of staff on one line."""
    if not isinstance(text, str):
        raise TypeError
    words = " ".join(clean(text).split())
    if len(words) > most:
        raise BadContent([Fault(Why.LONG, {"most": most})])
    return words


def _day(text: object) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise BadContent([Fault(Why.DAY)]) from None


def _source(value: Value, today: date) -> dict[str, str]:
    """Who says so, and when they said it (H24)."""
    source, told = _line(value["source"], LONGEST_SOURCE), _day(value["source_date"])
    if not source:
        raise BadContent([Fault(Why.SOURCE)])
    if not OLDEST <= told <= today:
        raise BadContent([Fault(Why.FUTURE if told > today else Why.DAY)])
    return {"source": source, "source_date": told.isoformat()}


def _helpline(ground: Ground, name: str, value: Value) -> Value:
    if name not in ground.files.helplines:
        raise BadContent([Fault(Why.UNKNOWN)])
    kept: dict[str, Any] = {
        "local": _line(value["local"]) or None,
        "e164": _line(value["e164"] or "").replace(" ", "") or None,
        **{field: _line(value[field]) for field in ("hours", "khmer", "toll_free")},
        "disabled": value["disabled"] is True,
        "instead": (value.get("instead") or None) if value["disabled"] is True else None,
        "checked_on": _day(value["checked_on"]).isoformat() if value["checked_on"] else None,
        "checked_by": value["checked_by"] or None,
        **_source(value, ground.today),
    }
    checked = date.fromisoformat(kept["checked_on"]) if kept["checked_on"] else None
    if bool(checked) != bool(kept["checked_by"]) or kept["checked_by"] not in (None, *PEOPLE):
        raise BadContent([Fault(Why.WHO)])
    if checked and not OLDEST <= checked <= ground.today:
        raise BadContent([Fault(Why.FUTURE)])
    if checked and checked != ground.today and _unlike(ground, name, kept):
        raise BadContent([Fault(Why.DIAL)])
    check_laid(ground, ground.layers._replace(helplines={**ground.layers.helplines, name: kept}), name)
    return kept


def _unlike(ground: Ground, name: str, kept: Value) -> bool:
    """Whether another number would bear the check of the one before: its own, not that of a line said instead of it."""
    own = layers.lay(ground.files, NOTHING._replace(helplines=_itself(ground, name))).book.helplines[name]
    same = (kept["local"], kept["e164"]) == (own.local, own.e164)
    return not same and own.checked_on is not None and own.checked_on.isoformat() == kept["checked_on"]


def _itself(ground: Ground, name: str) -> Mapping[str, Value]:
    """What is laid over a number, as if it were in use."""
    laid_over = ground.layers.helplines.get(name)
    return {name: {**laid_over, "disabled": False, "instead": None}} if laid_over else {}


def _notice(ground: Ground, name: str, value: Value) -> Value:
    _check_name(name)
    until = _day(value["valid_until"])
    kept = {
        "say": {language: _line(value["say"][language], 4 * LONGEST_WORDS) for language in LANGUAGES},
        "topics": sorted(set(map(str, value["topics"]))),
        "countries": sorted(set(map(str, value["countries"]))),
        "valid_until": until.isoformat(),
        **_source(value, ground.today),
    }
    faults = list(_notice_faults(ground, kept, until))
    if faults:
        raise BadContent(faults)
    check_laid(ground, ground.layers._replace(notices={**ground.layers.notices, name: kept}))
    return kept


def _notice_faults(ground: Ground, kept: Value, until: date) -> Iterator[Fault]:
    if until < ground.today:
        yield Fault(Why.PAST)
    if until - ground.today > LONGEST_TIME:
        yield Fault(Why.FAR)
    if not kept["topics"] or not set(kept["topics"]) <= TOPICS:
        yield Fault(Why.TOPIC)
    if any(calling_code(code) is None for code in kept["countries"]):
        yield Fault(Why.COUNTRY)
    for language, text in kept["say"].items():
        yield from _wording(ground.book, language, text)
    try:
        said = PLACE.sub(lambda place: _put(ground.book, place[1], place[2]), kept["say"]["km"])
    except KeyError:
        yield Fault(Why.PLACES)
    else:
        if units(said) > LONGEST_NOTICE:
            yield Fault(Why.UNITS, {"units": units(said), "most": LONGEST_NOTICE})


def _put(book: Book, kind: str, name: str | None) -> str:
    if kind == "country":
        return max((book.country_name(code, "km") for code in book.countries), key=len)
    line = book.helplines[name or ""]
    return max(line.local or "", line.e164 or "" if kind == "tel" else "", key=len)


def _wording(book: Book, language: str, text: str) -> Iterator[Fault]:
    """What is wrong with words that a phone is to get."""
    words = PLACE.sub("", text)
    if not words:
        yield Fault(Why.EMPTY, {"language": language})
        return
    if language == "km" and not has_khmer(words):
        yield Fault(Why.KHMER)
    dear = forcing(words) if language != "km" else []
    if dear:
        yield Fault(Why.DEAR, {"language": language, "sign": dear[0][1]})
    word = alarming(book, text)
    if word:
        yield Fault(Why.ALARMING, {"language": language, "word": word})
    if link := LINK.search(words):
        yield Fault(Why.LINK, {"language": language, "word": link[0]})
    ledger = {digits for line in book.helplines.values() for digits in numbers(f"{line.local} , {line.e164}")}
    for digits in numbers(words):
        if digits in book.refused:
            yield Fault(Why.REFUSED, {"number": digits})
        elif len(digits) > LONGEST_AMOUNT and digits not in ledger:
            yield Fault(Why.STRANGE, {"number": digits})


def _canned(ground: Ground, name: str, value: Value) -> Value:
    if not name or name != _line(name, LONGEST_NAME):
        raise BadContent([Fault(Why.NAME)])
    kept: dict[str, str] = {each: text for each in LANGUAGES if (text := _lines(value.get(each) or ""))}
    faults = [fault for language, text in kept.items() for fault in _wording(ground.book, language, text)]
    faults += [Fault(Why.PLACES) for text in kept.values() if "{" in text or "}" in text]
    for language, text in kept.items():
        parts = len(segments(text).parts)
        if parts > MOST_PARTS:
            faults.append(Fault(Why.PARTS, {"language": language, "parts": parts, "most": MOST_PARTS}))
    if faults or not kept:
        raise BadContent(faults or [Fault(Why.EMPTY, {"language": "km"})])
    return kept


def _lines(text: str) -> str:
    """Some words of staff, on their lines."""
    return "\n".join(_line(line, MOST_PARTS * 160) for line in text.splitlines()).strip()


def _hours(_: Ground, name: str, value: Value) -> Value:
    """The week: for each day when somebody reads, `[["08:00", "12:00"], ["13:00", "17:00"]]`."""
    if name != WEEK or not set(value) <= set(DAYS):
        raise BadContent([Fault(Why.SHAPE)])
    kept = {day: [[str(begin), str(end)] for begin, end in value[day]] for day in DAYS if value.get(day)}
    for spans in kept.values():
        times = [time for span in spans for time in span]
        if not all(map(_TIME.fullmatch, times)) or times != sorted(set(times)):
            raise BadContent([Fault(Why.HOURS)])
    return kept


def _holiday(_: Ground, name: str, value: Value) -> Value:
    """A day on which nobody reads; its name is the date, `name` says what day it is."""
    if _day(name).isoformat() != name:
        raise BadContent([Fault(Why.DAY)])
    return {"name": _line(value.get("name") or "")}


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise BadContent([Fault(Why.NAME)])


def check_laid(ground: Ground, wanted: Layers, name: str = "") -> None:
    """Raises `BadContent` if the texts with these layers are not as they should be. `name`: the number that is new."""
    after = layers.lay(ground.files, wanted)
    if f"helpline/{name}" in after.misfits:  # say which part of it does not fit
        try:
            layers.helpline(ground.files, name, wanted.helplines[name], after.book.helplines)
        except Wrong as wrong:
            raise BadContent([_misfit(ground.files, name, wrong)]) from None
    known = layers.lay(ground.files, ground.layers).misfits
    fresh = [misfit for each, misfit in after.misfits.items() if each not in known]
    if fresh:
        raise BadContent(Fault(Why(misfit.value), {"number": "", "texts": ""}) for misfit in fresh)
    found = laid(ground.book, after.book, ground.today)
    if found:
        raise BadContent(_unsound(each) for each in found[:3])


def _misfit(files: Book, name: str, wrong: Wrong) -> Fault:
    return Fault(Why(wrong.why.value), {"number": wrong.about, "texts": ", ".join(layers.named(files, name)[:5])})


def _unsound(found: object) -> Fault:
    if isinstance(found, TooLong):
        parts = len(segments(found.text).parts)
        fills = {"state": found.state.id, "language": found.language, "parts": parts, "most": found.state.budget}
        return Fault(Why.TOO_LONG, fills)
    return Fault(Why.UNSOUND, {"what": getattr(found, "what", "")})


_RULES: Final[Mapping[Kind, Callable[[Ground, str, Value], Value]]] = {
    Kind.HELPLINE: _helpline,
    Kind.NOTICE: _notice,
    Kind.CANNED: _canned,
    Kind.HOURS: _hours,
    Kind.HOLIDAY: _holiday,
}
