"""`phlov send`: a broadcast from its words to its first text, with a look at everything in between."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import click

from bot.cli import STAFF_NAME, Wiring, fail, house, settings
from bot.desk_broadcasts import kept
from bot.desk_preview import LANGUAGES, ZONE, Overview, clock, count, listing, name_of, people, provinces, words
from bot.desk_preview import lines as preview_lines
from bot.desk_trial import try_out
from bot.desk_watch import watch

if TYPE_CHECKING:
    from bot.channels import Channel
    from bot.config import Settings
    from bot.content.book import Language
    from bot.services.audience import Audience, Preview
    from bot.services.broadcasts import Draft, Repeat
    from bot.services.compose import Composed
    from bot.services.service import Service

TIME: Final = click.DateTime(["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"])
LASTS: Final = timedelta(days=3)
"""So long a text is worth sending if nobody says otherwise."""
FILTERS: Final = (
    *("provinces", "districts", "destinations", "languages", "countries", "networks", "schools"),
    *("tags", "not_tags", "campaigns"),
)


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


@click.command()
@click.option("--campaign", metavar="CODE", help="Whose members get it: who said yes to the texts of this campaign.")
@click.option(
    "--text", "texts", multiple=True, metavar="LANG=WORDS", help="km=... km_Latn=... en=...; @FILE reads a file."
)
@click.option("--state", metavar="ID", help="Instead: a text of the catalog, in its three languages.")
@click.option("--title", help="What staff call it; nobody else sees it.")
@click.option("--province", "provinces", multiple=True, help="Only people from there; may be given again.")
@click.option("--district", "districts", multiple=True, help="The same for districts.")
@click.option("--destination", "destinations", multiple=True, metavar="TH", help="Only who wants to go there.")
@click.option("--language", "languages", multiple=True, type=click.Choice(list(LANGUAGES)), help="Only who reads this.")
@click.option("--country", "countries", multiple=True, metavar="KH", help="Only numbers of this country.")
@click.option("--network", "networks", multiple=True, metavar="NAME", help="Only numbers of this network.")
@click.option("--school", "schools", multiple=True, help="Only people of this school.")
@click.option("--tag", "tags", multiple=True, help="Only people with this tag.")
@click.option("--not-tag", "not_tags", multiple=True, help="Nobody with this tag.")
@click.option("--also-in", "campaigns", multiple=True, metavar="CODE", help="Only who said yes to this one too.")
@click.option("--at", type=TIME, metavar="TIME", help="When it begins: 2026-12-01 09:00 in Cambodia; else now.")
@click.option("--until", type=TIME, metavar="TIME", help="Nobody gets it later; else three days after --at.")
@click.option("--every", type=click.IntRange(1, 366), metavar="DAYS", help="Again every so many days, until --last.")
@click.option("--last", type=TIME, metavar="TIME", help="None of them begins later.")
@click.option("--pace", type=click.IntRange(min=1), metavar="N", help="At most so many texts an hour.")
@click.option("--channel", metavar="NAME", help="The gateway; not needed if only one is set up.")
@click.option("--as", "who", type=STAFF_NAME, metavar="NAME", help="Your name: it is kept with the broadcast.")
@click.option("--again", is_flag=True, help="Make another one although the same was asked for today.")
@click.option("--yes", is_flag=True, help="Do not ask for the number of recipients.")
@click.option("--watch", "watched", is_flag=True, help="Stay and show how it goes.")
@click.option("--test", "tests", multiple=True, metavar="NUMBER", help="Only to this phone, to read it; @FILE: a list.")
@click.pass_obj
def send(wiring: Wiring, /, **asked: Any) -> None:
    """Send a broadcast to the members of a campaign.

    First everything is shown: the words, who gets them, who is left out and why, what it costs and how long it takes.
    Nothing is sent before you have typed the number of recipients. `phlov run` (or `phlov worker`) sends it.
    """
    service, chosen = house(wiring), settings()
    if asked["tests"]:
        composed = _composed(service, asked, (asked["campaign"] or "").upper(), ())
        for line in words(composed):
            click.echo(line)
        numbers = [number for each in asked["tests"] for number in _numbers(each)]
        try_out(service, _channel(chosen, asked["channel"]).name, composed, numbers)
        return
    wanted, seen = _wanted(service, chosen, asked)
    known = kept(lambda: _known(service, wanted.key))
    if known is not None:
        _already(service, known, watched=asked["watched"])
        return
    _look_over(service, chosen, wanted, seen)
    _confirm(seen.recipients, yes=asked["yes"])
    _begin(service, wanted, watched=asked["watched"])


def _wanted(service: Service, chosen: Settings, asked: Mapping[str, Any]) -> tuple[Wanted, Preview]:
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
    channel = _channel(chosen, asked["channel"])
    seen = kept(lambda: preview(service, code, audience, service.now()))
    composed = _composed(service, asked, code, {group.country for group in seen.groups})
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
    """The filters, with places by their codes and networks by their names."""
    from bot.content.provinces import load
    from bot.services.audience import Audience, BadAudience

    places = load()
    values: dict[str, Any] = {name: tuple(asked[name]) for name in FILTERS}
    values["provinces"] = tuple(_place(name, places.province(name), "province") for name in asked["provinces"])
    values["districts"] = tuple(_place(name, places.district(name), "district") for name in asked["districts"])
    for name in ("destinations", "countries", "campaigns"):
        values[name] = tuple(each.upper() for each in values[name])
    called = {name.lower(): name for name in service.prices.networks.values()}
    values["networks"] = tuple(called.get(name.lower(), name) for name in asked["networks"])
    try:
        return Audience(**values)
    except BadAudience as error:
        raise click.UsageError(f"the filter {error}") from None


def _place(name: str, code: str | None, what: str) -> str:
    if code is None:
        raise click.UsageError(f"--{what}: {name!r} is not known; write it as on a map, in Khmer or Latin letters")
    return code


def _channel(chosen: Settings, name: str | None) -> Channel:
    """The gateway that is to send it."""
    from bot.channels import Unset
    from bot.channels.kinds import wire

    sending = {key: each for key, each in wire(chosen).items() if each.traits.sends and not isinstance(each, Unset)}
    if not sending:
        fail("no gateway is set up that can send; see docs/settings.md. To only try it: phlov example three-provinces")
    if name is None and len(sending) > 1:
        raise click.UsageError(f"--channel: several gateways are set up; choose one of {listing(sending)}")
    if name is not None and name not in sending:
        raise click.UsageError(f"--channel: no gateway is set up that is called {name}; there is {listing(sending)}")
    return sending[name] if name else next(iter(sending.values()))


def _composed(service: Service, asked: Mapping[str, Any], code: str, countries: Collection[str]) -> Composed:
    """The words, as people in these countries read them."""
    from bot.content.book import HOME
    from bot.services.compose import Sender, free, from_state

    if bool(asked["texts"]) == bool(asked["state"]):
        raise click.UsageError("give either --text km=... (and other languages) or --state ID")
    known = service.shelf.current().campaigns.get(code)
    sender = Sender(known.code, known.name) if known else Sender()
    if asked["state"]:
        today, places = service.clock().date(), [None if each == "ZZ" else each for each in countries]
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


def _known(service: Service, key: str) -> int | None:
    """The broadcast that this command made before; one that was never handed in is gone on with."""
    from bot.store import broadcasts as store
    from bot.store.stages import Stage

    found = service.database.read(lambda tx: store.asked_for(tx, key))
    return found.id if found and found.state > Stage.DRAFT else None


def _already(service: Service, broadcast: int, *, watched: bool) -> None:
    from bot.services import broadcasts
    from bot.store.times import moment

    known = kept(lambda: broadcasts.get(service, broadcast))
    name = name_of(broadcast)
    click.echo(f"The same was asked for on {clock(moment(known.created_at))}: broadcast {name}. Nothing new was made.")
    click.echo(f"See it: phlov broadcasts show {name}   To send it once more all the same: --again")
    if watched:
        kept(lambda: watch(service, broadcast, name))


def _look_over(service: Service, chosen: Settings, wanted: Wanted, seen: Preview) -> None:
    """Show everything; ends here if it cannot be sent."""
    if not wanted.composed.texts:
        for line in words(wanted.composed):
            click.echo(line)
        raise SystemExit(1)
    for line in preview_lines(overview(service, chosen, wanted, seen), provinces(seen)):
        click.echo(line)
    if not wanted.composed.sound:
        fail("the text cannot be sent as it is; nothing was sent")


def overview(service: Service, chosen: Settings, wanted: Wanted, seen: Preview) -> Overview:
    """What is known of it beforehand."""
    from bot.services import forecast
    from bot.services.budgets import Budgets
    from bot.services.planning import course

    cost = forecast.cost(service.prices, seen.groups, wanted.composed.parts)
    budgets = Budgets(chosen.budget_day, chosen.budget_country, frozenset(service.book.countries))
    way = course(
        service,
        wanted.channel.traits,
        budgets,
        window=(wanted.starts, wanted.ends),
        pace=wanted.pace,
        cost=cost,
    )
    return Overview(
        campaign=wanted.campaign,
        channel=wanted.channel.name,
        composed=wanted.composed,
        recipients=seen.recipients,
        excluded=seen.excluded,
        cost=cost,
        schedule=forecast.schedule(cost, way),
        starts=wanted.starts,
        ends=wanted.ends,
    )


def _confirm(recipients: int, *, yes: bool) -> None:
    from bot.services.broadcasts import FEWEST

    if recipients < FEWEST:
        fail(f"it would reach {people(recipients)}; {FEWEST} are the fewest, so that nobody stands out")
    if yes:
        return
    click.echo()
    typed = click.prompt(f"To send it type the number of recipients ({recipients})", default="", show_default=False)
    if typed.strip().replace(",", "") != str(recipients):
        fail("that is not the number; nothing was sent")


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


def _begin(service: Service, wanted: Wanted, *, watched: bool) -> None:
    from bot.services import broadcasts
    from bot.store.stages import Stage

    made = kept(lambda: broadcasts.create(service, draft(wanted)))
    stage = kept(lambda: broadcasts.submit(service, made, wanted.who))
    name = name_of(made)
    if stage == Stage.WAITING:
        click.echo(f"Broadcast {name} is for many people: somebody else has to agree to it first:")
        click.echo(f"  phlov broadcasts approve {name} --as THEIR-NAME")
        return
    click.echo(
        f"Broadcast {name} begins on {clock(wanted.starts)}. To stop it: phlov broadcasts cancel {name} --as YOU"
    )
    if wanted.repeat is not None:
        last = clock(wanted.starts + _times(wanted) * timedelta(days=wanted.repeat.days))
        click.echo(f"It comes again every {count(wanted.repeat.days, 'day')}, the last time on {last}.")
    if watched:
        kept(lambda: watch(service, made, name))
    else:
        click.echo(f"To see how it goes: phlov broadcasts watch {name}")


def _times(wanted: Wanted) -> int:
    """How often it comes after the first time."""
    from bot.store.times import moment

    return (moment(wanted.repeat.until) - wanted.starts) // timedelta(days=wanted.repeat.days) if wanted.repeat else 0


def _numbers(given: str) -> list[str]:
    if not given.startswith("@"):
        return [given]
    lines = (line.partition("#")[0].strip() for line in _file(given[1:]).splitlines())
    return [line for line in lines if line]
