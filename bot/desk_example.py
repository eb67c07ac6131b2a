"""`phlov example`: a broadcast from a list of made-up people to its report, on made-up phones, in under a minute.

Everything happens in a directory that is thrown away; no setting is read and nothing leaves this machine.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import click

from bot.cli import Wiring, fail
from bot.desk_asked import Wanted, draft
from bot.desk_broadcasts import kept
from bot.desk_preview import LANGUAGES, WIDE, count, name_of, provinces, wrapped
from bot.desk_preview import lines as preview_lines
from bot.desk_send import overview
from bot.desk_watch import watch

if TYPE_CHECKING:
    from bot.channels.terminal import Phones
    from bot.config import Settings
    from bot.content.book import Language
    from bot.services.contacts_rows import Fault
    from bot.services.service import Service

PLACE: Final = Path(__file__).resolve().parents[1] / "examples"
MORNING: Final = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""Nine o'clock in Cambodia, on the day of the example: at night nobody would be texted, and consents grow old."""
CODE: Final = "ROAD26"
NAME: Final = "Road show of three provinces"
WORDING: Final = "May we send you news and advice on working abroad, at most 2 texts a week? STOP ends them."
STAFF: Final = "Sokha"
RATE: Final = 8.0
"""Texts a second: slow enough to see it go."""
BEGINNING: Final = 40
"""Characters of a text that are shown for each phone."""
STOPS: Final = ("+85588000002", "+85576000021")
CALLS: Final = "+85571000011"
OFF: Final = ("+85596000040",)


@click.group()
def example() -> None:
    """Try things out with made-up people, in a directory that is thrown away."""


@example.command("three-provinces")
@click.option("--keep", type=click.Path(file_okay=False, path_type=Path), help="Keep the database and report here.")
@click.option("--phones", is_flag=True, help="Show what every phone got.")
@click.pass_obj
def three_provinces(wiring: Wiring, keep: Path | None, phones: bool) -> None:
    """A broadcast to Siem Reap, Prey Veng and Kampong Cham, from the list of contacts to the report."""
    from bot.config import Settings

    with _directory(keep) as place:
        chosen = Settings(data_dir=place, budget_day=2000, prices_file=str(PLACE / "three-provinces" / "prices.csv"))
        try:
            service = _in_the_morning(wiring.service(chosen))
        except wiring.cannot_start as error:
            fail(str(error))
        _play(service, chosen, phones=phones)
        click.echo()
        if keep is None:
            click.echo("All of this is thrown away now. To keep it, with the report as a page to print:")
            click.echo("  phlov example three-provinces --keep DIRECTORY")
        else:
            click.echo(f"The report as a page to print: report-en.html, -km and -km_Latn in {keep}. Look around with:")
            click.echo(f"  PHLOV_DATA_DIR={keep} phlov broadcasts list")


@contextmanager
def _directory(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        try:
            keep.mkdir(parents=True, exist_ok=True)
            if any(keep.iterdir()):
                fail(f"{keep} is not empty; name a new directory")
        except OSError as error:
            fail(f"{keep}: {error.strerror}")
        yield keep
        return
    with tempfile.TemporaryDirectory(prefix="phlov-example-") as place:
        yield Path(place)


def _in_the_morning(service: Service) -> Service:
    """The same house, where it is the morning of the example now."""
    late = service.clock() - MORNING
    return replace(service, clock=lambda: datetime.now(UTC) - late, paced=False)


def _play(service: Service, chosen: Settings, *, phones: bool) -> None:
    _say("1. A list of made-up people comes in: examples/three-provinces/contacts.csv")
    _import(service)
    _say("2. Before anything is sent, two of them text STOP, and one asks for help now")
    for number, words in (*((number, "STOP") for number in STOPS), (CALLS, "SOS")):
        _text(service, number, words)
    _say("3. The broadcast is written and looked at: phlov send")
    receivers = _receivers()
    wanted = _wanted(service, receivers)
    made = _handed_in(service, chosen, wanted)
    _say("4. It goes out, to phones that only exist on this screen: phlov broadcasts watch")
    with _working(service, receivers):
        kept(lambda: watch(service, made, name_of(made), settle=5.0))
    _say("5. What the phones show")
    _show(receivers, every=phones)
    _say("6. 72 hours later, by the clock of the example, it is closed: phlov report")
    _report(_closed(service, made), made, chosen.data_dir)


def _say(what: str) -> None:
    click.echo()
    click.secho(what, bold=True)
    click.echo()


def _import(service: Service) -> None:
    from bot.services import campaigns, contacts
    from bot.services.contacts_rows import Asked

    def told(fault: Fault) -> None:
        click.echo(f"  row {fault.row}: {fault.column}: {fault.why}")

    kept(lambda: campaigns.add(service, CODE, NAME))
    asked = Asked(contacts.campaigns(service), contacts.today(service), campaign=CODE, wording=WORDING)
    people = contacts.open_list(service, PLACE / "three-provinces" / "contacts.csv", asked)
    counts = kept(lambda: contacts.take_in(service, people, STAFF, told, lambda _: None))
    click.echo(f"  {count(counts['rows'], 'row')}: {counts['new']} new people, {counts['joined']} said yes to {CODE};")
    click.echo(f"  {counts['silent']} did not, so that no broadcast goes to them.")


def _text(service: Service, number: str, words: str) -> None:
    from bot.channels.terminal import Terminal
    from bot.services import inbox

    phone = Terminal(number)
    received = kept(lambda: inbox.receive(service, phone.typed(words), phone.render))
    click.echo(f"  {_masked(number)} > {words}")
    for reply in received.replies:
        for line in wrapped(reply.text.replace("\n", " / "), WIDE - 20):
            click.echo(f"  {'':<13} < {line}")


def _receivers() -> Phones:
    from bot.channels.terminal import Phones

    return Phones(broken=OFF, rate=RATE)


def _wanted(service: Service, receivers: Phones) -> Wanted:
    from bot.services.audience import Audience
    from bot.services.compose import Sender, free

    texts = {
        cast("Language", language): (PLACE / "three-provinces" / f"{language}.txt").read_text(encoding="utf-8")
        for language in LANGUAGES
    }
    starts = service.clock()
    return Wanted(
        campaign=CODE,
        composed=free(service.book, texts, Sender(CODE, NAME)),
        audience=Audience(provinces=("17", "14", "03")),
        channel=receivers,
        starts=starts,
        ends=starts + timedelta(days=3),
        pace=None,
        title="Papers first",
        who=STAFF,
        key="example",
    )


def _handed_in(service: Service, chosen: Settings, wanted: Wanted) -> int:
    """The broadcast, after everything was shown that staff would see."""
    from bot.services import broadcasts
    from bot.services.audience import preview

    seen = kept(lambda: preview(service, wanted.campaign, wanted.audience, service.now()))
    for line in preview_lines(overview(service, chosen, wanted, seen), provinces(seen)):
        click.echo(line)
    click.echo(f"To send it type the number of recipients ({seen.recipients}): {seen.recipients}")
    made = kept(lambda: broadcasts.create(service, draft(wanted)))
    kept(lambda: broadcasts.submit(service, made, STAFF))
    return made


@contextmanager
def _working(service: Service, receivers: Phones) -> Iterator[None]:
    """The background work of `phlov run`, with the made-up phones for a gateway."""

    from bot.log import set_up
    from bot.services.health import Pulse
    from bot.worker import Worker
    from bot.worker.house import Bells, House
    from bot.worker.jobs import own

    set_up("console", logging.WARNING)
    bells = Bells.of({receivers.name: receivers})
    house = House(
        replace(service, wake=bells.ring), {receivers.name: receivers}, _Uncounted(), Pulse(), bells, service.budgets
    )
    worker = Worker(house, own(), alone=True, uptime=lambda: service.clock().timestamp())
    worker.start()
    try:
        yield
    finally:
        worker.stop()


class _Uncounted:
    """Nobody reads the metrics of an example."""

    def outcome(self, channel: str, outcome: str, times: int = 1) -> None:
        """Not kept."""

    def fetched(self, channel: str, outcome: str, parts: int = 0) -> None:
        """Not kept."""


def _show(receivers: Phones, *, every: bool) -> None:
    """Each text once, with how many phones show it; or all phones."""
    shown = sorted(receivers.shown, key=lambda text: text.recipient)
    for words in sorted({text.text for text in shown}):
        phones = [_masked(text.recipient) for text in shown if text.text == words]
        click.echo(f"  {count(len(phones), 'phone')}, such as {phones[0]}:")
        for line in wrapped(words, WIDE - 6):
            click.echo(f"    | {line}")
    for text in shown if every else ():
        click.echo(f"  {_masked(text.recipient)}  {text.text[:BEGINNING]}...")


def _masked(number: str) -> str:
    """A number as staff see it: where it is from, and its last two digits."""
    from bot.phone import calling_code

    known = calling_code(number)
    code = known[0] if known else "+"
    return f"{code} {'*' * (len(number) - len(code) - 2)}{number[-2:]}"


def _closed(service: Service, made: int) -> Service:
    """The house when no more STOPs and reports count for the broadcast."""
    from bot.services import broadcasts
    from bot.services.closing import GRACE, Closing
    from bot.services.where import Where

    later = replace(service, clock=lambda: service.clock() + timedelta(milliseconds=GRACE, hours=1))
    kept(lambda: Closing(later, Where()).wind_up(broadcasts.get(later, made), later.now()))
    return later


def _report(service: Service, made: int, place: Path) -> None:
    """The tables of the report on the screen; the page itself, in each language, in the directory."""
    from bot.desk_reports import write
    from bot.printing import Edition
    from bot.services import results
    from bot.services.report_sheets import Words, sheets
    from bot.services.reporting import report

    found = kept(lambda: results.results(service, made))
    today = service.clock().date()
    for sheet in sheets(Words(Edition(service.book, "en", today, today, code=CODE)), report(found)):
        click.echo(f"  {sheet.title}")
        for first, *others in sheet.rows:
            cells = "".join(f"{cell!s:>16}" for cell in others)
            for line in wrapped(str(first), WIDE - 4 - len(cells)):
                click.echo(f"    {line:<{WIDE - 4 - len(cells)}}{cells}".rstrip())
                cells = " " * len(cells)
    for language in LANGUAGES:
        write(service, found, place / f"report-{language}.html", cast("Language", language))
