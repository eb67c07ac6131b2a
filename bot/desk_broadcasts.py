"""The commands for broadcasts: send one, and look after those there are."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

import click

from bot.cli import STAFF_NAME, Wiring, fail, house, settings
from bot.desk_preview import name_of
from bot.desk_watch import stage_name, watch

if TYPE_CHECKING:
    from bot.services.service import Service
    from bot.store.broadcasts import Known

T = TypeVar("T")

STAFF: Final = click.option(
    "--as", "who", type=STAFF_NAME, required=True, metavar="NAME", help="Your name; it is kept."
)


def kept(work: Callable[[], T]) -> T:
    """What needs the database, or may be refused; then one line and status 1."""
    from bot.services.broadcasts import BadBroadcast
    from bot.store.errors import StoreError

    try:
        return work()
    except StoreError as error:
        fail(f"not done: {error}")
    except BadBroadcast as error:
        fail(f"not done: {error}")


def sought(service: Service, name: str) -> Known:
    """The broadcast with this short name, or with this whole id."""
    from bot.store import broadcasts as store

    wanted = name.strip().lower()
    known = kept(lambda: service.database.read(store.latest))
    found = [each for each in known if wanted in (name_of(each.id), str(each.id))]
    if not found:
        fail(f"there is no broadcast {name}; see them with: phlov broadcasts list")
    if len(found) > 1:
        fail(f"several broadcasts are called so; write the whole id: {', '.join(str(each.id) for each in found)}")
    return found[0]


@click.group()
def broadcasts() -> None:
    """Look after broadcasts: see, approve, pause, stop them. A new one: phlov send."""


@broadcasts.command("list")
@click.pass_obj
def list_broadcasts(wiring: Wiring) -> None:
    """Show every broadcast, the newest first."""
    from bot.desk_preview import clock
    from bot.store import broadcasts as store
    from bot.store.times import moment

    service = house(wiring)
    known = kept(lambda: service.database.read(store.latest))
    for each in known:
        head = f"{name_of(each.id)}  {clock(moment(each.starts_at))}  {each.campaign:<8}"
        click.echo(f"{head}  {stage_name(each.state)}: {each.title}")
    if not known:
        click.echo("There are no broadcasts yet. To make one: phlov send --help")


@broadcasts.command()
@click.argument("name")
@click.pass_obj
def show(wiring: Wiring, name: str) -> None:
    """Show one broadcast: its words, its counts, and what was done with it."""
    from bot.desk_show import lines

    service = house(wiring)
    known = sought(service, name)
    for line in kept(lambda: list(lines(service, known))):
        click.echo(line)


@broadcasts.command()
@click.argument("name")
@STAFF
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def approve(wiring: Wiring, name: str, who: str, yes: bool) -> None:
    """Agree to a broadcast that somebody else wrote: it is sent then.

    First everything is shown: the words, who gets them, what it costs and how long it takes, as of now.
    """
    from bot import desk_overview, desk_show
    from bot.services import broadcasts as steps

    service, chosen = house(wiring), settings()
    known = sought(service, name)
    kept(lambda: steps.check_approval(known, who))
    for line in kept(lambda: [*desk_show.lines(service, known), "", *desk_overview.lines(service, chosen, known)]):
        click.echo(line)
    if not yes:
        click.confirm("Shall it be sent?", abort=True)
    kept(lambda: steps.approve(service, known.id, who))
    click.echo(f"Approved. Stop it with: phlov broadcasts pause {name_of(known.id)} --as NAME")


@broadcasts.command()
@click.argument("name")
@STAFF
@click.option("--why", required=True, help="The reason, for whoever looks at it later. No names, no numbers.")
@click.pass_obj
def pause(wiring: Wiring, name: str, who: str, why: str) -> None:
    """Hold a broadcast: nothing more of it goes until it is resumed."""
    from bot.services import broadcasts as steps

    service = house(wiring)
    known = sought(service, name)
    kept(lambda: steps.pause(service, known.id, who, why))
    click.echo(f"Paused. To go on: phlov broadcasts resume {name_of(known.id)} --as NAME")


@broadcasts.command()
@click.argument("name")
@STAFF
@click.pass_obj
def resume(wiring: Wiring, name: str, who: str) -> None:
    """Let a paused broadcast go on."""
    _step(wiring, name, who, "resume", "It goes on.")


@broadcasts.command()
@click.argument("name")
@STAFF
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def cancel(wiring: Wiring, name: str, who: str, yes: bool) -> None:
    """Stop a broadcast for good: who does not have it yet never gets it."""
    if not yes:
        click.confirm("It cannot be begun again. Stop it for good?", abort=True)
    _step(wiring, name, who, "cancel", "Stopped. What a gateway had already taken may still arrive.")


def _step(wiring: Wiring, name: str, who: str, step: str, done: str) -> None:
    from bot.services import broadcasts as steps

    service = house(wiring)
    known = sought(service, name)
    work: Callable[..., object] = getattr(steps, step)
    kept(partial(work, service, known.id, who))
    click.echo(done)


@broadcasts.command("watch")
@click.argument("name")
@click.pass_obj
def watch_one(wiring: Wiring, name: str) -> None:
    """Watch how a broadcast goes, until it is done or you press Ctrl-C (which does not stop it)."""
    service = house(wiring)
    known = sought(service, name)
    kept(lambda: watch(service, known.id, name_of(known.id)))


@broadcasts.command()
@click.argument("name")
@click.argument("number")
@STAFF
@click.option("--why", help="Why this person is to have it. Give it when you ask; leave it out when you agree.")
@click.pass_obj
def permit(wiring: Wiring, name: str, number: str, who: str, why: str | None) -> None:
    """Let NUMBER have this broadcast although they asked for urgent help lately: two of staff have to say so.

    The first one gives the reason (--why), the second one calls the same without it.
    """
    from bot.phone import NotAPhone
    from bot.services import permits

    service = house(wiring)
    known = sought(service, name)
    try:
        if why is None:
            kept(lambda: permits.grant(service, known.id, number, who))
            click.echo("Agreed: this person is not left out for that reason.")
        else:
            kept(lambda: permits.ask(service, known.id, number, who, why))
            click.echo(f"Asked. Somebody else agrees: phlov broadcasts permit {name_of(known.id)} NUMBER --as NAME")
    except NotAPhone as error:
        raise click.UsageError(f"NUMBER is no phone number: {error}") from None
