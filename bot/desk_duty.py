"""The commands for who is on duty: the phones that are told of emergencies, and the hours in which staff read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Final, TypeVar

import click

from bot.cli import STAFF_NAME, Wiring, fail, house, settings

if TYPE_CHECKING:
    from bot.services.duty import Phone
    from bot.services.service import Service

T = TypeVar("T")

LANGUAGES: Final = ("km", "km_Latn", "en")
REFUSALS: Final[Mapping[str, str]] = {
    "owner": "nobody of that name may answer cases; see phlov staff list",
    "number": "this is no phone number",
    "ours": "this is a number of the house itself",
    "taken": "this phone is on duty already",
    "many": "there are as many phones as there can be; remove one first",
    "channel": "there is no such gateway",
    "language": "there is no such language",
    "unknown": "this phone is not on duty any more",
}
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
STAFF: Final = click.option("--as", "by", type=STAFF_NAME, required=True, metavar="NAME", help="Your name; it is kept.")
PLACE: Final = click.argument("place", type=click.IntRange(min=1))


@click.group()
def duty() -> None:
    """Who is told by SMS that an emergency waits, and when staff read."""


@duty.command("list")
@click.pass_obj
def list_phones(wiring: Wiring) -> None:
    """Write the phones in the order in which they are told, with tabs between."""
    from bot.services import duty as service

    opened = house(wiring)
    for place, each in enumerate(_done(lambda: service.phones(opened)), 1):
        click.echo("\t".join((str(place), each.owner, each.masked, each.channel, each.language, _state(each))))


def _state(phone: Phone) -> str:
    if phone.calls:
        return "on duty"
    return "not now" if phone.off else "no alerts: its owner may not answer cases"


@duty.command()
@click.argument("owner")
@click.argument("number")
@click.option("--language", type=click.Choice(LANGUAGES), default="km", show_default=True, help="Of its texts.")
@click.option("--channel", metavar="NAME", help="The gateway; not needed if only one is set up.")
@STAFF
@click.pass_obj
def add(wiring: Wiring, /, owner: str, number: str, by: str, **how: str | None) -> None:
    """Tell the phone NUMBER of OWNER, who has an account and may answer cases, after all others. Then try it:
    phlov duty test"""
    from bot.channels.kinds import senders
    from bot.services import duty as service

    known = list(senders(settings()))
    chosen = how["channel"] or (known[0] if len(known) == 1 else "")
    if chosen not in known:
        fail(f"say which gateway with --channel: {', '.join(known)}" if known else "no gateway is set up that can send")
    opened = house(wiring)
    new = service.New(owner, number, chosen, how["language"] or LANGUAGES[0])
    _done(lambda: service.add(opened, new, by))
    click.echo(f"The phone of {owner} is told of emergencies now.")


@duty.command()
@PLACE
@STAFF
@click.pass_obj
def remove(wiring: Wiring, place: int, by: str) -> None:
    """Forget the phone at this PLACE of the list."""
    from bot.services import duty as service

    opened = house(wiring)
    one = _at(opened, place)
    _done(lambda: service.remove(opened, one.id, by))
    click.echo(f"The phone of {one.owner} is forgotten.")


@duty.command()
@PLACE
@STAFF
@click.pass_obj
def off(wiring: Wiring, place: int, by: str) -> None:
    """Leave the phone at this PLACE alone for now."""
    _switch(wiring, place, by, on=False)


@duty.command()
@PLACE
@STAFF
@click.pass_obj
def on(wiring: Wiring, place: int, by: str) -> None:
    """Tell the phone at this PLACE again."""
    _switch(wiring, place, by, on=True)


def _switch(wiring: Wiring, place: int, by: str, *, on: bool) -> None:
    from bot.services import duty as service

    opened = house(wiring)
    one = _at(opened, place)
    _done(lambda: service.switch(opened, one.id, by, on=on))
    click.echo(f"The phone of {one.owner} is {'told again' if on else 'left alone'}.")


@duty.command()
@PLACE
@STAFF
@click.pass_obj
def earlier(wiring: Wiring, place: int, by: str) -> None:
    """Tell the phone at this PLACE before the one that was before it."""
    from bot.services import duty as service

    opened = house(wiring)
    one = _at(opened, place)
    _done(lambda: service.earlier(opened, one.id, by))
    click.echo(f"The phone of {one.owner} is told earlier.")


@duty.command()
@PLACE
@STAFF
@click.pass_obj
def test(wiring: Wiring, place: int, by: str) -> None:
    """Send the phone at this PLACE a text that says what it is for. `phlov run` or `phlov worker` sends it."""
    from bot.services import duty as service

    opened, chosen = house(wiring), settings()
    one = _at(opened, place)
    address = f"{chosen.public_url.rstrip('/')}/console/" if chosen.console and chosen.public_url else None
    _done(lambda: service.test(opened, one.id, by, address))
    click.echo(f"A test for the phone of {one.owner} is on its way.")


@duty.command()
@click.argument("days", required=False)
@click.argument("times", nargs=-1)
@click.option("--as", "by", type=STAFF_NAME, metavar="NAME", help="Your name; it is kept.")
@click.pass_obj
def hours(wiring: Wiring, days: str | None, times: tuple[str, ...], by: str | None) -> None:
    """Write when staff read, by the clocks of Cambodia; or set it, such as: phlov duty hours mon-fri 8-12 13-17

    A day without times is one on which nobody reads. Holidays are set on the page.
    """
    from bot.services import content, opening
    from bot.services.content import Kind

    opened = house(wiring)
    week = dict(_done(lambda: content.current(opened, Kind.HOURS)).get(opening.WEEK, {}))
    if days is not None:
        if by is None:
            raise click.UsageError("say who you are: --as NAME")
        chosen, spans = _days(days), _spans(times)
        week = {day: spans if day in chosen else week.get(day, []) for day in DAYS}
        _done(lambda: content.save(opened, Kind.HOURS, opening.WEEK, week, by))
    for day in DAYS:
        click.echo(f"{day}\t{opening.written(week.get(day, [])) or '-'}")
    _write_holidays(sorted(_done(lambda: content.current(opened, Kind.HOLIDAY))))


def _write_holidays(days: list[str]) -> None:
    ahead = [day for day in days if day >= date.today().isoformat()]  # noqa: DTZ011 - the day here will do
    if ahead:
        click.echo(f"Nobody reads on {', '.join(ahead)}.")


def _days(written: str) -> set[str]:
    found: set[str] = set()
    for part in written.lower().split(","):
        first, _, last = part.partition("-")
        if first not in DAYS or (last or first) not in DAYS or DAYS.index(last or first) < DAYS.index(first):
            raise click.UsageError("write the days as mon, mon-fri or sat,sun")
        found.update(DAYS[DAYS.index(first) : DAYS.index(last or first) + 1])
    return found


def _spans(times: tuple[str, ...]) -> list[list[str]]:
    from bot.services import opening

    try:
        return opening.read(" ".join(times))
    except opening.BadHours:
        raise click.UsageError("write the times as 8:00-12:00 13:00-17:00, each later than the one before") from None


def _at(service: Service, place: int) -> Phone:
    from bot.services import duty as phones

    found = _done(lambda: phones.phones(service))
    if place > len(found):
        fail(f"there is no phone {place}; see them with: phlov duty list")
    return found[place - 1]


def _done(work: Callable[[], T]) -> T:
    """Do it; one line if it was refused."""
    from bot.services.content import BadContent
    from bot.services.duty import Refused
    from bot.store.errors import StoreError

    try:
        return work()
    except Refused as refused:
        fail(REFUSALS[refused.why])
    except BadContent:
        fail("not done: somebody else has just changed it; try again")
    except StoreError as error:
        fail(f"not done: {error}")


COMMANDS: Final = (duty,)
