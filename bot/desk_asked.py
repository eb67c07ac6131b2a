"""What `phlov send` was asked for: the words, the people, the gateway and the time, read from its options."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import click

from bot.cli import fail
from bot.desk_broadcasts import kept
from bot.desk_preview import LANGUAGES, UNKNOWN, ZONE, clock, listing

if TYPE_CHECKING:
    from bot.channels import Channel
    from bot.config import Settings
    from bot.content.book import Language
    from bot.services.audience import Audience, Preview
    from bot.services.broadcasts import Draft, Repeat
    from bot.services.compose import Composed
    from bot.services.service import Service

LASTS: Final = timedelta(days=3)
"""So long a text is worth sending if nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for on the command line."""

    campaign: str
    composed: Composed
    audience: Audience
    channel: Channel
    starts: datetime
    ends: datetime
    pace: int | None
    title: str
    who: str
    key: str
    repeat: Repeat | None = None


def read(service: Service, chosen: Settings, asked: Mapping[str, Any]) -> tuple[Wanted, Preview]:
    """What was asked for, and whom it would reach now."""
    from bot.services.audience import preview

    for name, option in (("campaign", "--campaign"), ("who", "--as")):
        if not asked[name]:
            raise click.UsageError(f"{option} is missing")
    code = _campaign(service, asked["campaign"])
    audience = _audience(service, asked)
    starts = _moment(asked["at"]) or service.clock()
    ends = _moment(asked["until"]) or starts + LASTS
    _possible(service.clock(), starts, ends)
    channel = gateway(chosen, asked["channel"])
    seen = kept(lambda: preview(service, code, audience, service.now()))
    composed = compose(service, asked, code, {group.country for group in seen.groups})
    wanted = Wanted(
        campaign=code,
        composed=composed,
        audience=audience,
        channel=channel,
        starts=starts,
        ends=ends,
        pace=asked["pace"],
        repeat=_repeat(asked, starts),
        title=asked["title"] or asked["state"] or f"{code} {clock(starts)}",
        who=asked["who"],
        key="",
    )
    return _named(service, wanted, asked), seen


def _possible(now: datetime, starts: datetime, ends: datetime) -> None:
    """Ends here, before anybody reads a preview, if it could never be sent."""
    if ends <= max(now, starts):
        over = "before it begins" if ends <= starts else "already"
        raise click.UsageError(f"it would have ended {over}, on {clock(ends)}; give --at or --until another time")


def _named(service: Service, wanted: Wanted, asked: Mapping[str, Any]) -> Wanted:
    """The same command on the same day is the same broadcast, whoever gives it and however often."""

    times = [str(asked["at"] or service.clock().astimezone(ZONE).date()), str(asked["until"])]
    said = {text.language: text.words for text in wanted.composed.texts}
    about = [wanted.campaign, said, wanted.audience.dumps(), wanted.channel.name, times, wanted.pace]
    if wanted.repeat is not None:
        about.append(f"{wanted.repeat.days} {wanted.repeat.until}")
    key = sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:32]
    if asked["again"]:
        key = f"{key}:{service.now()}"
    return replace(wanted, key=f"send:{key}")


def _repeat(asked: Mapping[str, Any], starts: datetime) -> Repeat | None:
    from bot.services.broadcasts import Repeat
    from bot.store.times import milliseconds

    last = _moment(asked["last"])
    if asked["every"] is None and last is None:
        return None
    if asked["every"] is None or last is None:
        raise click.UsageError("--every and --last belong together: --every 7 --last 2026-12-31T09:00")
    if last < starts + timedelta(days=asked["every"]):
        raise click.UsageError("--last is before the second one; leave out --every to send it once")
    return Repeat(asked["every"], milliseconds(last))


def _moment(given: datetime | None) -> datetime | None:
    return None if given is None else given.replace(tzinfo=ZONE)


def _campaign(service: Service, code: str) -> str:
    wanted = code.upper()
    known = kept(service.shelf.current).campaigns
    if wanted not in known:
        fail(f"there is no campaign {wanted}; see them with: phlov campaigns list")
    return wanted


def _audience(service: Service, asked: Mapping[str, Any]) -> Audience:
    """The filters, with places by their codes and other words as the lists of people have them."""
    from bot.services import choosing
    from bot.services.audience import BadAudience

    try:
        return choosing.audience(service, {name: asked[name] for name in choosing.NAMED})
    except choosing.Unclear as error:
        raise click.UsageError(_unclear(error.name, error.value)) from None
    except BadAudience as error:
        raise click.UsageError(f"the filter {error}") from None


def _unclear(name: str, value: str) -> str:
    """What to write instead of a word that nobody knows."""
    option = {"countries": "country"}.get(name, name.removesuffix("s"))
    if name == "languages":
        return f"--{option}: {value!r} is not known; write {listing(LANGUAGES, 'or')}"
    if name in ("destinations", "countries"):
        return f"--{option}: {value!r} is no country that is known; write its name or its two letters"
    return f"--{option}: {value!r} is not known; write it as on a map, in Khmer or Latin letters"


def gateway(chosen: Settings, name: str | None) -> Channel:
    """The gateway that is to send it."""
    from bot.channels.kinds import senders

    sending = senders(chosen)
    if not sending:
        fail("no gateway is set up that can send; see docs/settings.md. To only try it: phlov example three-provinces")
    if name is None and len(sending) > 1:
        raise click.UsageError(f"--channel: several gateways are set up; choose one of {listing(sending)}")
    if name is not None and name not in sending:
        raise click.UsageError(f"--channel: no gateway is set up that is called {name}; there is {listing(sending)}")
    return sending[name] if name else next(iter(sending.values()))


def compose(service: Service, asked: Mapping[str, Any], code: str, countries: Collection[str]) -> Composed:
    """The words, as people in these countries read them."""
    from bot.content.book import HOME
    from bot.services.compose import Sender, free, from_state

    if bool(asked["texts"]) == bool(asked["state"]):
        raise click.UsageError("give either --text km=... (and other languages) or --state ID")
    known = service.shelf.current().campaigns.get(code)
    sender = Sender(known.code, known.name) if known else Sender()
    if asked["state"]:
        today, places = service.clock().date(), [None if each == UNKNOWN else each for each in countries]
        return from_state(service.book, asked["state"], today, countries=places or [HOME], sender=sender)
    return free(service.book, _texts(asked["texts"]), sender)


def _texts(given: Sequence[str]) -> dict[Language, str]:
    """The words by language; `@` reads a file."""
    found: dict[Language, str] = {}
    for each in given:
        language, equals, said = each.partition("=")
        if not equals or language not in LANGUAGES:
            raise click.UsageError(
                f"--text: begin with {listing(f'{name}=' for name in LANGUAGES)}, as --text en=Hello"
            )
        if language in found:
            raise click.UsageError(f"--text: {language} is given twice")
        found[cast("Language", language)] = _file(said[1:]) if said.startswith("@") else said
    return found


def _file(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8-sig")
    except OSError as error:
        fail(f"{name}: {error.strerror}")
    except UnicodeDecodeError:
        fail(f"{name}: is not UTF-8 text; save it as UTF-8")


def draft(wanted: Wanted) -> Draft:
    """The broadcast as it is to be kept."""
    from bot.services.broadcasts import Draft, Window, Words
    from bot.store.times import milliseconds

    return Draft(
        request=wanted.key,
        campaign=wanted.campaign,
        title=wanted.title,
        channel=wanted.channel.name,
        author=wanted.who,
        texts={text.language: Words(text.words, text.opens) for text in wanted.composed.texts},
        audience=wanted.audience,
        window=Window(milliseconds(wanted.starts), milliseconds(wanted.ends)),
        pace=wanted.pace,
        repeats=wanted.repeat,
    )


def numbers(given: str) -> list[str]:
    """The numbers of a test: one, or those of a file."""
    if not given.startswith("@"):
        return [given]
    lines = (line.partition("#")[0].strip() for line in _file(given[1:]).splitlines())
    return [line for line in lines if line]
