"""The form in which a broadcast is written: as it was sent, as a draft fills it, and what is wrong with it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from secrets import token_hex
from typing import Final

import flask
from werkzeug.datastructures import MultiDict

from bot.console.broadcast_words import called
from bot.console.visit import HOME_TIME, clock, console, local, say, visit
from bot.content import provinces
from bot.content.book import HOME, LANGUAGES, Language
from bot.services import choosing, compose, drafts
from bot.services.audience import Audience, BadAudience
from bot.services.broadcasts import Draft, Repeat, Window, Words
from bot.services.compose import Composed, Fault
from bot.services.hours import UNKNOWN
from bot.store.broadcasts import Known
from bot.store.times import DAY
from bot.text.khmer import digits

LASTS: Final = timedelta(days=3)
"""So long a text is worth sending if nobody says otherwise."""
WRITTEN: Final = ("districts", "schools", "tags", "not_tags")
"""Filters that are written, not ticked."""
TICKED: Final = ("provinces", "destinations", "languages", "countries", "networks", "campaigns")
DATES: Final = ("joined_after", "joined_before")
KNOWN: Final = frozenset((*WRITTEN, *TICKED, *DATES))
"""The filters of the form. A broadcast with others cannot be copied: it would be for more people."""
TIME: Final = "%Y-%m-%dT%H:%M"
LARGEST: Final = 9
MOST_DAYS: Final = 366
LATEST: Final = int(datetime(2200, 1, 1, tzinfo=UTC).timestamp()) * 1000
"""Whoever writes a later time has made a slip."""
_REQUEST = re.compile("[0-9a-f]{32}")
_BETWEEN = re.compile(r"[\n,;]+")

Fields = MultiDict[str, str]


@dataclass(slots=True)
class Form:
    """What stands in the fields, and what is wrong with them, by the field."""

    fields: Fields
    faults: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """What stands in one field."""
        return self.fields.get(name, "").strip()

    def ticked(self, name: str, value: str) -> bool:
        """Whether one of several is chosen."""
        return value in self.fields.getlist(name)


def sent() -> Form:
    """The form as it came."""
    return Form(Fields(flask.request.form.items(multi=True)))


def of(known: Known, texts: Mapping[Language, Words]) -> Form:
    """The form that would make this broadcast."""
    state = drafts.state_of(known)
    single: dict[str, str] = {
        "title": known.title,
        "campaign": known.campaign,
        "channel": known.channel,
        "state": state or "",
        "ends": local(known.ends_at).strftime(TIME),
        "pace": str(known.pace or ""),
    }
    if known.starts_at > console().service.now():
        single["starts"] = local(known.starts_at).strftime(TIME)
    if state is None:
        single |= {language: said.words for language, said in texts.items()}
    if known.repeats:
        repeat = Repeat(**json.loads(known.repeats))
        single |= {"every": str(repeat.days), "last": local(repeat.until).strftime(TIME)}
    fields = Fields(single)
    for name, values in json.loads(known.audience).items():
        if name in DATES:
            fields[name] = local(values).date().isoformat()
        elif name in WRITTEN:
            fields[name] = "\n".join(_district(value) if name == "districts" else value for value in values)
        elif name in TICKED:
            fields.setlist(name, values)
    return Form(fields)


def copied(known: Known, texts: Mapping[Language, Words]) -> Form:
    """The same for another one like it, whose time is still to be said."""
    form = of(known, texts)
    for name in ("starts", "ends", "every", "last"):
        form.fields.pop(name, None)
    return form


def may_copy(known: Known) -> bool:
    """Whether the form, filled with what it was asked for, asks for the same people again."""
    wanted = Audience.loads(known.audience)
    return set(wanted.filters()) <= KNOWN and audience(of(known, {})) == wanted


def request(form: Form) -> str:
    """What names this asking: the same form sent twice makes one broadcast."""
    if not _REQUEST.fullmatch(form.get("request")):
        form.fields["request"] = token_hex(16)
    return form.get("request")


def audience(form: Form) -> Audience:
    """Whom it is for. What is not understood is told at its field."""
    asked = {name: _values(form, name) for name in choosing.NAMED}
    moments = {name: at for name in DATES if (at := _day(form, name)) is not None}
    try:
        return choosing.audience(console().service, asked, **moments)
    except choosing.Unclear as unclear:
        form.faults[unclear.name] = say("write.unclear", word=unclear.value[:40])
    except BadAudience:
        form.faults["audience"] = say("write.bad_audience")
    return Audience()


def composed(form: Form, meant: Audience) -> Composed:
    """The words, and what is wrong with them."""
    service, sender = console().service, drafts.sender_of(console().service, form.get("campaign"))
    if form.get("state"):
        return drafts.from_state(service, form.get("state"), meant, sender)
    said: dict[Language, str] = {language: form.get(language) for language in LANGUAGES if form.get(language)}
    return compose.free(service.book, said, sender)


def draft(form: Form, author: str, channels: list[str]) -> tuple[Draft, Composed]:
    """What it asks for; it can be kept if nothing is wrong with any field."""
    meant = audience(form)
    words = composed(form, meant)
    when = window(form)
    code = form.get("campaign")
    if code not in drafts.groups(console().service):
        form.faults["campaign"] = say("write.no_campaign")
    channel = form.get("channel") or (channels[0] if len(channels) == 1 else "")
    if channel not in channels:
        form.faults["channel"] = say("write.no_channel")
    return Draft(
        request=f"page:{request(form)}",
        campaign=code,
        title=form.get("title") or f"{code} {clock(when.starts_at)}",
        channel=channel,
        author=author,
        texts={text.language: Words(text.words, text.opens) for text in words.texts},
        audience=meant,
        window=when,
        pace=_count(form, "pace"),
        repeats=_repeat(form, when),
        state=form.get("state") or None,
    ), words


def window(form: Form, starts: str = "starts", ends: str = "ends") -> Window:
    """From when until when: from now if nothing is said, and for three days."""
    now = console().service.now()
    first = _moment(form, starts)
    begin = now if first is None else first
    end = _moment(form, ends)
    return Window(begin, begin + LASTS // timedelta(milliseconds=1) if end is None else end)


def homes(meant: Audience) -> list[str]:
    """The countries whose prices are told beside a text."""
    return [code for code in meant.countries if code in console().service.book.countries] or [HOME]


def offers(form: Form) -> dict[str, list[tuple[str, str]]]:
    """What can be ticked: the values of each filter, and how they are called."""
    service, tongue = console().service, visit().tongue
    countries = sorted(
        ((code, service.book.country_name(code, tongue)) for code in service.book.countries), key=_second
    )
    code = form.get("campaign")
    known = drafts.groups(service).values()
    usual: dict[str, list[tuple[str, str]]] = {
        "provinces": sorted(
            ((code, _name(code)) for code in provinces.load().provinces), key=_second if tongue == "en" else None
        ),
        "languages": [(language, say(f"home.language.{language}")) for language in LANGUAGES],
        "destinations": countries,
        "countries": [*countries, (UNKNOWN, say("home.unknown"))],
        "networks": [(name, name) for name in sorted(set(service.prices.networks.values()))],
        "campaigns": [(each.code, f"{each.code} {each.name}") for each in known if each.code != code],
    }
    return {name: [*pairs, *_besides(form, name, pairs)] for name, pairs in usual.items()}


def _besides(form: Form, name: str, usual: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What is ticked and not usual: a filter that lost a value would fit more people."""
    known = {value for value, _ in usual}
    return [(value, called(name, value)) for value in dict.fromkeys(form.fields.getlist(name)) if value not in known]


def _second(pair: tuple[str, str]) -> str:
    return pair[1]


def _name(code: str) -> str:
    return provinces.load().name(code, visit().tongue)


def _district(code: str) -> str:
    """Its name; its code where the name is that of another, too."""
    name = _name(code)
    return name if provinces.load().district(name) == code else code


def _values(form: Form, name: str) -> list[str]:
    if name in TICKED:
        return form.fields.getlist(name)
    given = form.get(name)
    each_line = given.splitlines() if name == "schools" else _BETWEEN.split(given)  # a school may have a comma
    return [each.strip() for each in each_line if each.strip()]


def _moment(form: Form, name: str) -> int | None:
    """A time as clocks in Cambodia show it; None if none is given."""
    given = form.get(name)
    if not given:
        return None
    try:
        at = int(datetime.strptime(given[:16], TIME).replace(tzinfo=HOME_TIME).timestamp()) * 1000
    except ValueError:
        at = -1
    if not 0 <= at < LATEST:
        form.faults[name] = say("write.bad_time")
        return None
    return at


def _day(form: Form, name: str) -> int | None:
    """A day: its first moment."""
    given = form.get(name)
    if not given:
        return None
    try:
        day = date.fromisoformat(given)
        at = datetime(day.year, day.month, day.day, tzinfo=HOME_TIME).timestamp()
    except (ValueError, OverflowError):
        form.faults[name] = say("write.bad_time")
        return None
    return max(0, int(at) * 1000)


def _count(form: Form, name: str) -> int | None:
    given = digits(form.get(name))
    if not given:
        return None
    if not given.isdecimal() or len(given) > LARGEST or int(given) < 1:
        form.faults[name] = say("write.bad_count")
        return None
    return int(given)


def _repeat(form: Form, when: Window) -> Repeat | None:
    days, last = _count(form, "every"), _moment(form, "last")
    if days is None and last is None:
        return None
    if days is None or last is None:
        form.faults.setdefault("every", say("write.repeat_both"))
        return None
    if days > MOST_DAYS:
        form.faults["every"] = say("write.bad_count")
        return None
    if last < when.starts_at + days * DAY:
        form.faults["last"] = say("write.repeat_late")
        return None
    return Repeat(days, last)


def problem(fault: Fault) -> str:
    """What is wrong with the words, in the language of the page."""
    fills = dict(fault.fills)
    languages = fills.get("languages")
    if isinstance(languages, tuple):
        fills["languages"] = ", ".join(say(f"home.language.{language}") for language in languages)
    return say(f"compose.{fault.name}", **fills)
