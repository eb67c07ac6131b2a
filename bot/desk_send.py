"""`phlov send`: a broadcast from its words to its first text, with a look at everything in between."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import click

from bot.cli import STAFF_NAME, Wiring, fail, house, settings
from bot.desk_asked import Wanted, compose, draft, gateway, numbers, read
from bot.desk_broadcasts import kept
from bot.desk_overview import foreseen
from bot.desk_preview import Overview, clock, count, name_of, people, provinces, words
from bot.desk_preview import lines as preview_lines
from bot.desk_trial import try_out
from bot.desk_watch import watch

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.services.audience import Preview
    from bot.services.service import Service

TIME: Final = click.DateTime(["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"])


@click.command()
@click.option("--campaign", metavar="CODE", help="Whose members get it: who said yes to the texts of this campaign.")
@click.option(
    "--text", "texts", multiple=True, metavar="LANG=WORDS", help="km=... km_Latn=... en=...; @FILE reads a file."
)
@click.option("--state", metavar="ID", help="Instead: a text of the catalog, in its three languages.")
@click.option("--title", help="What staff call it; nobody else sees it.")
@click.option("--province", "provinces", multiple=True, help="Only people from there; may be given again.")
@click.option("--district", "districts", multiple=True, help="The same for districts.")
@click.option("--destination", "destinations", multiple=True, metavar="COUNTRY", help="Only who wants to go there.")
@click.option("--language", "languages", multiple=True, metavar="km", help="Only who reads this.")
@click.option("--country", "countries", multiple=True, metavar="COUNTRY", help="Only numbers of this country.")
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
        composed = compose(service, asked, (asked["campaign"] or "").upper(), ())
        for line in words(composed):
            click.echo(line)
        to = [number for each in asked["tests"] for number in numbers(each)]
        try_out(service, gateway(chosen, asked["channel"]).name, composed, to)
        return
    wanted, seen = read(service, chosen, asked)
    known = kept(lambda: _known(service, wanted.key))
    if known is not None:
        _already(service, known, watched=asked["watched"])
        return
    _look_over(service, chosen, wanted, seen)
    _confirm(seen.recipients, yes=asked["yes"])
    _begin(service, wanted, watched=asked["watched"])


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
    window, traits = (wanted.starts, wanted.ends), wanted.channel.traits
    cost, schedule = foreseen(
        service, chosen, seen, wanted.composed.parts, traits=traits, window=window, pace=wanted.pace
    )
    return Overview(
        campaign=wanted.campaign,
        channel=wanted.channel.name,
        composed=wanted.composed,
        recipients=seen.recipients,
        excluded=seen.excluded,
        cost=cost,
        schedule=schedule,
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
