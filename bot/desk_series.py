"""The commands for series: texts that come one after the other, timed to a day that matters to each person."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeVar

import click

from bot.cli import STAFF_NAME, Wiring, fail, house, settings

if TYPE_CHECKING:
    from bot.services.series import Shown

T = TypeVar("T")

STAFF: Final = click.option(
    "--as", "who", type=STAFF_NAME, required=True, metavar="NAME", help="Your name; it is kept."
)


@click.group()
def series() -> None:
    """Series of texts for a campaign, such as those before and after the day somebody leaves (docs/series.md)."""


@series.command()
@click.argument("name")
@click.argument("code")
@click.option("--channel", metavar="NAME", help="The gateway that sends; needed only where there are several.")
@STAFF
@click.pass_obj
def start(wiring: Wiring, name: str, code: str, channel: str | None, who: str) -> None:
    """Start the series NAME for the campaign CODE. Nothing goes before somebody else has approved it."""
    from bot.services import series as service

    opened, code = house(wiring), code.upper()
    running = _kept(lambda: service.start(opened, name, code, channel=_channel(channel), by=who))
    if running.approver:
        click.echo(f"{name} runs for {code} already.")
    else:
        click.echo(f"{name} waits for somebody else's approval: phlov series approve {name} {code} --as NAME")


@series.command()
@click.argument("name")
@click.argument("code")
@STAFF
@click.pass_obj
def approve(wiring: Wiring, name: str, code: str, who: str) -> None:
    """Let the series NAME run for CODE, with the texts as they are now. Who started it cannot."""
    from bot.services import series as service

    opened, code = house(wiring), code.upper()
    _kept(lambda: service.approve(opened, name, code, who))
    click.echo(f"{name} runs for {code}. Each text is a broadcast of its own: phlov broadcasts list")


@series.command()
@click.argument("name")
@click.argument("code")
@STAFF
@click.pass_obj
def end(wiring: Wiring, name: str, code: str, who: str) -> None:
    """End the series NAME for CODE; what of it has not gone yet is stopped."""
    from bot.services import series as service

    opened, code = house(wiring), code.upper()
    stopped = _kept(lambda: service.end(opened, name, code, who))
    click.echo(f"{name} has ended for {code}; broadcasts stopped with it: {stopped}")


@series.command("list")
@click.pass_obj
def list_series(wiring: Wiring) -> None:
    """Write every series that was started: name, campaign, state, author, approver; then all that can be started."""
    from bot.services import series as service

    opened = house(wiring)
    for each in _kept(lambda: service.listed(opened)):
        click.echo("\t".join(_line(each)))
    for name, written in sorted(opened.book.series.items()):
        click.echo(f"# {name}: {', '.join(step.name for step in written.steps)}")


def _line(shown: Shown) -> tuple[str, ...]:
    running = shown.running
    return running.name, running.campaign, shown.state, running.author, running.approver or "-"


def _channel(name: str | None) -> str:
    """The gateway that sends."""
    from bot.channels import Unset
    from bot.channels.kinds import wire

    names = [
        each for each, channel in wire(settings()).items() if channel.traits.sends and not isinstance(channel, Unset)
    ]
    if name is None and len(names) == 1:
        return names[0]
    if name not in names:
        known = ", ".join(names) or "none is set up"
        raise click.UsageError(f"--channel must name a gateway that sends: {known}")
    return name


def _kept(work: Callable[[], T]) -> T:
    """What needs the database, or may be refused; then one line and status 1."""
    from bot.services.broadcasts import BadBroadcast
    from bot.services.series import BadSeries
    from bot.store.errors import StoreError

    try:
        return work()
    except (BadBroadcast, BadSeries, StoreError) as error:
        fail(f"not done: {error}")


COMMANDS: Final[tuple[click.Command, ...]] = (series,)
