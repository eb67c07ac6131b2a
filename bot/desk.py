"""The commands of staff: the list of agencies, campaigns, texts that found no answer, and what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import click

from bot.cli import Wiring, fail, house, settings

if TYPE_CHECKING:
    from bot.conversation.registry import Phase

T = TypeVar("T")

SHOWN: Final = 3
"""Texts shown of one group."""
WIDE: Final = 100
"""Characters shown of one text."""


@click.group()
def agencies() -> None:
    """The list of licensed agencies that AGENCY is answered from."""


@agencies.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", required=True, help="Who published the list, such as: Ministry of Labour.")
@click.option("--date", "day", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The day it was published.")
@click.pass_obj
def import_agencies(wiring: Wiring, file: Path, source: str, day: datetime) -> None:
    """Replace the list by FILE, a CSV with headings such as name_en, name_km, licence, countries, status.

    UTF-8; commas, semicolons or tabs. If one line is wrong nothing is imported.
    """
    from bot.services import agency_list

    service = house(wiring)
    try:
        raw = file.read_bytes()
        count = _kept(lambda: agency_list.import_file(service, raw, source, day.date()))
    except OSError as error:
        fail(f"{file}: {error.strerror}")
    except agency_list.BadList as error:
        for line in str(error).splitlines():
            click.echo(f"phlov: {file.name}: {line}", err=True)
        fail("nothing was imported, the list is as it was")
    click.echo(f"{count} agencies imported. Answers follow them within half a minute.")


@agencies.command("list")
@click.pass_obj
def list_agencies(wiring: Wiring) -> None:
    """Write the list: names, licence, countries, status, with tabs between."""
    from bot.services import registry

    service = house(wiring)
    known = _kept(lambda: registry.listed(service))
    if known is None:
        fail("there is no list yet; import one with: phlov agencies import FILE.csv --source WHO --date 2026-01-31")
    click.echo(f"# {known.source}, {known.listed_on}, {len(known.agencies)} agencies")
    for agency in known.agencies:
        places = ", ".join(agency.countries)
        click.echo("\t".join((agency.name_en, agency.name_km, agency.licence, places, agency.status)))


@click.group()
def campaigns() -> None:
    """Campaigns that people join by texting the code on a banner: JOIN KYA12."""


@campaigns.command()
@click.argument("code")
@click.argument("name")
@click.pass_obj
def add(wiring: Wiring, code: str, name: str) -> None:
    """Begin the campaign CODE (such as KYA12), or give it another NAME. People see the name when they join."""
    from bot.services import campaigns as service

    opened = house(wiring)
    try:
        campaign = _kept(lambda: service.add(opened, code, name))
    except service.BadCampaign as error:
        raise click.UsageError(str(error)) from None
    click.echo(f"{campaign.code}: {campaign.name}. People join with: JOIN {campaign.code}")


@campaigns.command("list")
@click.pass_obj
def list_campaigns(wiring: Wiring) -> None:
    """Write every campaign: code, phase, people who joined, name, with tabs between."""
    from bot.services import campaigns as service

    opened = house(wiring)
    for campaign, people in _kept(lambda: service.listed(opened)):
        click.echo(f"{campaign.code}\t{campaign.phase}\t{people}\t{campaign.name}")


@campaigns.command()
@click.argument("code")
@click.argument("phase", metavar="before|after", type=click.Choice(["before", "after"]))
@click.pass_obj
def phase(wiring: Wiring, code: str, phase: Phase) -> None:
    """Say that the events of CODE are still to come (before) or over (after)."""
    from bot.services import campaigns as service

    opened = house(wiring)
    try:
        known = _kept(lambda: service.set_phase(opened, code, phase))
    except service.BadCampaign as error:
        raise click.UsageError(str(error)) from None
    if not known:
        fail(f"there is no campaign {code}; see them with: phlov campaigns list")
    click.echo(f"{code.upper()} is {phase} its events.")


@click.group(invoke_without_command=True)
@click.option("--days", type=click.IntRange(1, 365), default=7, show_default=True, help="How far back to look.")
@click.pass_context
def unmatched(context: click.Context, days: int) -> None:
    """Show the texts that found no answer, in groups of like ones, the newest first.

    Numbers are shown as #, addresses as @, what looks like a name as *.
    """
    if context.invoked_subcommand:
        return
    from bot.services import unmatched as service

    opened = house(context.obj)
    if days > service.KEPT_DAYS:
        click.echo(f"Texts are kept for {service.KEPT_DAYS} days; these are all there are, not those of {days} days.")
    found = _kept(partial(service.grouped, opened, days))
    for group in found:
        click.echo(f"{len(group)} {'text' if len(group) == 1 else 'texts'}, the last on {group[0].day}")
        for line in group[:SHOWN]:
            click.echo(f"  {line.id}  {line.text[:WIDE]}{'...' if len(line.text) > WIDE else ''}")
    click.echo(f"texts: {sum(map(len, found))}, groups: {len(found)}")
    if found:
        click.echo("To make one an example: phlov unmatched teach ID TOPIC")


@unmatched.command()
@click.argument("short_id", metavar="ID")
@click.argument("topic")
@click.pass_obj
def teach(wiring: Wiring, short_id: str, topic: str) -> None:
    """Make the text ID an example of TOPIC, and a test that it is understood from now on."""
    from bot.services import unmatched as service

    opened = house(wiring)
    try:
        taught = _kept(lambda: service.teach(opened, short_id, topic))
    except service.CannotTeach as error:
        raise click.UsageError(str(error)) from None
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}")
    click.echo(f"{taught.topic} {taught.country or ''}".rstrip() + f": {taught.text}")
    for file in taught.files:
        click.echo(f"  written to {file}")
    click.echo("Read it once more: no name may be left in it. Then run: make words")


@click.command()
@click.option("--repair", is_flag=True, help="Put right what can be put right.")
@click.pass_obj
def doctor(wiring: Wiring, repair: bool) -> None:
    """Look whether this house and its gateways can work; each thing that is wrong in a line."""
    from bot.channels import Mendable, Watched
    from bot.channels.kinds import wire
    from bot.services import health

    found: list[str] = []
    for channel in wire(settings()).values():
        if isinstance(channel, Mendable):
            found += channel.examine(repair=repair)
        if isinstance(channel, Watched) and (problem := channel.condition().problem) and problem not in found:
            found.append(problem)
    if problem := health.problem(house(wiring)):
        found.append(problem)
    for line in found:
        click.echo(line)
    if found:
        raise SystemExit(1)
    click.echo("All is well.")


def _kept(work: Callable[[], T]) -> T:
    """What needs the database; one line if it does not answer."""
    from bot.store.errors import StoreError

    try:
        return work()
    except StoreError as error:
        fail(f"not done: {error}")


COMMANDS: Final[tuple[click.Command, ...]] = (agencies, campaigns, unmatched, doctor)
