"""The commands for accounts of staff, and for the audit of what they do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, TypeVar

import click

from bot.cli import STAFF_NAME, Wiring, fail, house, settings
from bot.desk_broadcasts import kept
from bot.store.times import moment

if TYPE_CHECKING:
    from bot.services.staff import Welcome

T = TypeVar("T")

ROLES: Final = ("viewer", "campaigner", "caseworker", "editor", "admin")
REFUSALS: Final[Mapping[str, str]] = {
    "bad_name": "a name has 1 to 40 characters and no number of anybody; phlov is the house's own",
    "taken": "there is somebody of that name; see phlov staff list",
    "unknown": "nobody of staff has that name, or they may not come in; see phlov staff list",
    "last_admin": "this is the only admin; make another first: phlov staff add NAME --role admin",
}

_BY: Final = click.option("--as", "by", type=STAFF_NAME, metavar="NAME", help="Who you are.")


@click.group()
def staff() -> None:
    """Accounts for the staff console: who may come in, and as what."""


@staff.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What they are there for.")
@_BY
@click.pass_obj
def add(wiring: Wiring, name: str, role: str, by: str | None) -> None:
    """Let NAME in, and write the code with which they choose a password themselves. It is good once, for 72 hours."""
    from bot.services import staff as service
    from bot.services.roles import Role

    opened = house(wiring)
    _tell(_done(lambda: service.add(opened, name, Role(role), by)))


@staff.command()
@click.argument("name")
@click.option("--new-phone", is_flag=True, help="Their second factor is lost, with its recovery codes: begin anew.")
@_BY
@click.pass_obj
def welcome(wiring: Wiring, name: str, new_phone: bool, by: str | None) -> None:
    """Write a new welcome code for NAME, who forgot the password or was closed out. They are out until they use it."""
    from bot.services import staff as service

    opened = house(wiring)
    closed = any(
        each.state == "disabled" and _same(each.name, name) for each in kept(lambda: service.everybody(opened))
    )
    if closed:
        _tell(_done(lambda: service.enable(opened, name, by, new_phone=new_phone)))
    else:
        _tell(_done(lambda: service.invite(opened, name, by, new_phone=new_phone)))


@staff.command("role")
@click.argument("name")
@click.argument("role", type=click.Choice(ROLES))
@_BY
@click.pass_obj
def set_role(wiring: Wiring, name: str, role: str, by: str | None) -> None:
    """Give NAME another ROLE. They are out, and come in again with what they may do now."""
    from bot.services import staff as service
    from bot.services.roles import Role

    opened = house(wiring)
    _done(lambda: service.set_role(opened, name, Role(role), by))
    click.echo(f"{name} is {role} now.")


@staff.command()
@click.argument("name")
@_BY
@click.pass_obj
def disable(wiring: Wiring, name: str, by: str | None) -> None:
    """Close NAME out, at once. To let them in again: phlov staff welcome NAME"""
    from bot.services import staff as service

    opened = house(wiring)
    _done(lambda: service.disable(opened, name, by))
    click.echo(f"{name} does not come in any more.")


@staff.command("list")
@click.pass_obj
def list_staff(wiring: Wiring) -> None:
    """Write all of staff: name, role, invited, active or disabled, second factor, with tabs between."""
    from bot.services import staff as service

    opened = house(wiring)
    for each in kept(lambda: service.everybody(opened)):
        click.echo(
            "\t".join((each.name, each.role, each.state, "second factor" if each.has_second else "password only"))
        )


@click.group()
def audit() -> None:
    """What staff did, saw and tried."""


@audit.command()
@click.option("--end", metavar="END", help="An end that was written down before: it must be there as it was.")
@click.pass_obj
def verify(wiring: Wiring, end: str | None) -> None:
    """Look whether anybody changed what was noted, or took something out. Exit status 1 if so.

    The last word of the line is the end of the chain: write it down now and then, away from this machine.
    """
    from bot.services import audit as service

    seq, _, told = (end or "").partition("-")
    if end and not (seq.isdecimal() and told):
        raise click.UsageError("--end: write it as it was told, such as 1042-9f3c0a11b2c3d4e5")
    written = service.End(int(seq), told.lower()) if end else None
    opened = house(wiring)
    found = kept(lambda: service.verify(opened, written))
    if found.broken is not None:
        fail(f"the audit is broken at row {found.broken}: it, or one before it, was changed or taken out")
    click.echo(f"{found.rows} rows, all as they were written. The end is {found.end or 'not begun'}")


@audit.command()
@click.argument("which", metavar="[YYYY-MM]", required=False)
@click.pass_obj
def month(wiring: Wiring, which: str | None) -> None:
    """Write what staff saw and took in a month, person by person, with tabs between: the last whole month, if none is
    named. For whoever looks after the privacy of those who text."""
    from bot.services import access_report as service

    asked = _month(which)
    opened = house(wiring)
    found = kept(lambda: service.report(opened, asked or service.before(service.month_of(opened))))
    click.echo(f"What staff did in {found.month:%Y-%m}; {len(found.looks)} numbers and lists are told at the end")
    click.echo("\t".join(("name", *service.Kind)))
    for person in found.people:
        name = (person.name or "not known") + ("" if person.known or person.name is None else " (at a shell)")
        click.echo("\t".join((name, *(str(person.counts[kind]) for kind in service.Kind))))
    click.echo("\t".join(("all", *(str(found.whole[kind]) for kind in service.Kind))))
    for row in found.looks:
        at = moment(row.at).astimezone(service.HERE)
        click.echo(f"{at:%Y-%m-%d %H:%M}\t{row.who or 'not known'}\t{row.event}\t{row.why or 'no reason is kept'}")


def _month(told: str | None) -> date | None:
    """A month by its first day."""
    if told is None:
        return None
    try:
        return date.fromisoformat(f"{told}-01")
    except ValueError:
        raise click.UsageError("write the month with year and number, such as 2026-11") from None


def _tell(given: Welcome) -> None:
    chosen = settings()
    address = (chosen.public_url or f"http://localhost:{chosen.port}").rstrip("/")
    until = moment(given.until) + timedelta(hours=7)
    click.echo(f"{given.name} comes in with this code, which is good once, until {until:%d.%m. %H:%M} in Cambodia:")
    click.echo(f"  {given.code}")
    click.echo(f"Give it to nobody else. It is typed at {address}/console/welcome")


def _same(one: str, other: str) -> bool:
    from bot.services.names import folded

    return folded(one) == folded(other)


def _done(work: Callable[[], T]) -> T:
    """Do it; one line if it was refused."""
    from bot.services.staff_rules import Refused

    def refused() -> T:
        try:
            return work()
        except Refused as error:
            fail(REFUSALS[error.why])

    return kept(refused)


COMMANDS: Final[tuple[click.Command, ...]] = (staff, audit)
