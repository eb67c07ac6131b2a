"""The commands of staff for lists of people: in, out, and what is known of them."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from bot.cli import STAFF_NAME, Wiring, fail, house, settings
from bot.desk_broadcasts import kept

if TYPE_CHECKING:
    from bot.services.contacts_pages import Counts, PeopleList
    from bot.services.contacts_rows import Asked, Fault
    from bot.services.service import Service

DAY: Final = click.DateTime(["%Y-%m-%d"])
FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE: Final = click.Path(dir_okay=False, path_type=Path)
STEP: Final = 50_000
"""Rows between two lines that tell how far an import has come."""
MOST_FAULTS: Final = 100_000
DIGITS_IN_A_REASON: Final = 6
LINES: Final = (
    ("new", "new"),
    ("changed", "known, with something new"),
    ("known", "known, nothing new"),
    ("repeated", "again in the file"),
    ("stopped", "said STOP or ERASE: not touched"),
    ("wrong", "without a number that can be texted: left out"),
)


@click.group()
def contacts() -> None:
    """People: lists that come in and go out, groups, blocking, tags."""


@contacts.command("import")
@click.argument("file", type=FILE)
@click.option("--as", "author", type=STAFF_NAME, required=True, metavar="NAME", help="Who you are.")
@click.option("--campaign", metavar="CODE", help="What people said yes to.")
@click.option("--how", type=click.Choice(["paper", "spoken", "web"]), help="How they said it.")
@click.option("--wording", metavar="TEXT|FILE", help="The words they said yes to, or a file with them.")
@click.option("--by", "given_by", metavar="NAME", help="Who wrote it down.")
@click.option("--on", type=DAY, help="The day they said it, as 2026-12-31.")
@click.option("--tag", "tags", multiple=True, help="A tag for everybody on the list; may be given again.")
@click.option("--sheet", help="The sheet of an XLSX; without it the first one.")
@click.option("--faults", type=NEW_FILE, help="Where to write what is wrong; without it FILE-faults.csv, here.")
@click.option("--again", is_flag=True, help="Take in a list that is in already.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def import_contacts(wiring: Wiring, /, file: Path, *, author: str, faults: Path | None, **options: object) -> None:
    """Take in the people of FILE, a CSV or XLSX with a heading such as `phone` or its Khmer name.

    First it is looked through, and you see what would become of it; nothing is written before you say yes. If it is
    interrupted, the same command goes on. Consent is told by the options, or by columns (docs/contacts.md): people
    without it are taken in, but nothing can be sent to them. STOP is never undone.
    """
    from bot.services import contacts as service
    from bot.services.contacts_cells import Unread
    from bot.services.contacts_file import BadFile

    opened = house(wiring)
    listed = faults or Path(f"{file.stem}-faults.csv")
    if listed.resolve() == file.resolve():
        raise click.UsageError("--faults: this is the list itself")
    try:
        asked = _asked(opened, options)
        people = service.open_list(opened, file, asked, options["sheet"])  # type: ignore[arg-type]
        if options["again"]:
            kept(lambda: service.forget(opened, people))
        _take_in(opened, people, author, listed, sure=bool(options["yes"]))
    except Unread as error:
        raise click.UsageError(f"the consent {error}") from None
    except BadFile as error:
        fail(f"{file.name}: {error}")
    except service.Elsewhere:
        fail("somebody takes in this same file at this moment; what is in stays")
    except OSError as error:
        fail(f"{error.filename or file}: {error.strerror}")


def _asked(opened: Service, options: Mapping[str, object]) -> Asked:
    """What the command says of consent. Raises `Unread`."""
    from bot.services import contacts as service
    from bot.services.contacts_cells import Unread, check_consent, line, read_tags
    from bot.services.contacts_rows import Asked
    from bot.text.khmer import has_khmer

    known, today = kept(lambda: service.campaigns(opened)), service.today(opened)
    campaign = str(options["campaign"]).upper() if options["campaign"] else None
    if campaign and campaign not in known:
        fail(f"there is no campaign {campaign}; begin it first: phlov campaigns add {campaign} NAME")
    words = _wording(options["wording"])
    if words and len(words.split()) == 1 and Path(words).suffix in {".txt", ".md"}:
        raise click.UsageError(f"--wording: there is no file {words}; write its name as it is, or the words themselves")
    day = options["on"].date() if isinstance(options["on"], datetime) else None
    by = line(str(options["given_by"])) if options["given_by"] else None
    check_consent(day or today, by or "", words or "", today)
    try:
        tags = read_tags(options["tags"])  # type: ignore[arg-type]
    except Unread as error:
        raise click.UsageError(f"the tags {error}") from None
    how = str(options["how"]) if options["how"] else None
    language = "km" if has_khmer(words or "") else "en"
    return Asked(known, today, campaign, how, words, language, by, day, tags)


def _wording(given: object) -> str | None:
    from bot.text.khmer import clean

    if not given:
        return None
    try:
        file = Path(str(given))
        words = file.read_text(encoding="utf-8-sig") if file.is_file() else str(given)
    except (OSError, UnicodeDecodeError):  # too long for a name, or no text
        words = str(given)
    return clean(words).strip() or None


def _take_in(opened: Service, people: PeopleList, author: str, listed: Path, *, sure: bool) -> None:
    from bot.services import contacts as service

    state = kept(lambda: service.begun(opened, people))
    if state is not None and state.finished_at is not None:
        click.echo("This list is in already, read this way; nothing was changed. To take it in once more: --again")
        return
    _tell_columns(people)
    if people.source.others:
        click.echo(f"Sheets that are not read (choose one with --sheet): {', '.join(people.source.others)}")
    if people.asked.wording:
        click.echo(f"What people said yes to, where no column tells it: {people.asked.wording}")
    if state is not None and state.done:
        click.echo(f"Rows up to {state.done} are in already; it goes on from there.")
    if not sure:
        with _fault_list(listed) as tell:
            counts = kept(lambda: service.preview(opened, people, tell))
        _tell_counts(counts, people.asked)
        _tell_faults(listed, tell.count)
        something = counts["new"] + counts["changed"] > 0
        if not something and state is None:
            _tell_nothing(counts)
            return
        if something and not click.confirm("Take them in?"):
            fail("nothing was written")
    with _fault_list(listed) as tell:
        counts = kept(lambda: service.take_in(opened, people, author, tell, _progress, served=_served))
    click.echo("Taken in:")
    _tell_counts(counts, people.asked)
    _tell_faults(listed, tell.count)


def _tell_nothing(counts: Counts) -> None:
    """Nobody is asked about a list that would change nothing. It is wrong if it has nobody who is known already."""
    if not counts["known"]:
        fail("nobody on this list can be taken in; nothing was written")
    click.echo("Everybody on this list is known as it says, or cannot be taken in; nothing was written.")


def _served() -> bool:
    """Whether `phlov run` serves this machine's SQLite at this moment."""
    from bot.store import sqlite_path
    from bot.store.errors import Unusable
    from bot.store.files import claim_run

    path = sqlite_path(settings().database)
    try:
        if path is not None and path.exists():
            claim_run(path).close()
    except Unusable:
        return True
    return False


def _progress(row: int) -> None:
    if row % STEP < STEP // 100 and row > STEP:
        click.echo(f"  {row:,} rows", err=True)


def _tell_columns(people: PeopleList) -> None:
    read = ", ".join(f"{name} ({heading})" for name, heading in people.columns.read.items())
    click.echo(f"Columns that are read: {read}")
    if people.columns.unread:
        click.echo(f"Columns that are not read, and not kept: {', '.join(people.columns.unread)}")


def _tell_counts(counts: Counts, asked: Asked) -> None:
    for name, words in LINES:
        if counts[name] or name == "new":
            click.echo(f"{counts[name]:>9,}  {words}")
    click.echo(f"{counts['rows']:>9,}  rows in all")
    if counts["joined"]:
        click.echo(f"{counts['joined']:>9,}  new consents")
    if counts["withdrawn"]:
        click.echo(f"{counts['withdrawn']:>9,}  said no now, and yes before: that consent is taken back")
    if counts["blocked"]:
        click.echo(f"{counts['blocked']:>9,}  now blocked, because the list says so: no broadcast goes to them")
    if counts["silent"]:
        click.echo(f"{counts['silent']:>9,}  without consent: they are kept, and nothing can be sent to them")
        parts = {
            "--campaign": asked.campaign,
            "--how": asked.how,
            "--wording": asked.wording,
            "--by": asked.given_by,
            "--on": asked.on,
        }
        missing = [name for name, value in parts.items() if not value]
        if missing:
            click.echo(f"           not told by the command: {', '.join(missing)} (a column may tell it)")
    if counts["unread"]:
        click.echo(f"{counts['unread']:>9,}  cells were not understood and count as empty")


def _tell_faults(listed: Path, count: int) -> None:
    if count:
        click.echo(f"What is wrong, row by row: {listed}")


class _Faults:
    """Writes what is wrong into a file, a row for each fault; of a number only its last three digits."""

    def __init__(self, write: Callable[[list[str]], object]) -> None:
        self._write = write
        self.count = 0

    def __call__(self, fault: Fault) -> None:
        from bot.services.cells import safe

        self.count += 1
        if self.count == 1:
            self._write(["row", "column", "what is wrong", "number ends with", "row taken in"])
        if self.count <= MOST_FAULTS:
            told = (str(fault.row), fault.column, fault.why, fault.ending, "no" if fault.lost else "yes")
            self._write(list(map(safe, told)))
        elif self.count == MOST_FAULTS + 1:
            self._write(["", "", f"more than {MOST_FAULTS:,}; mend these first", "", ""])


@contextmanager
def _fault_list(path: Path) -> Iterator[_Faults]:
    """A list of faults that takes the place of an older one when it is whole, and only if there are any."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    draft = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8-sig", newline="") as file:
            faults = _Faults(csv.writer(file).writerow)
            yield faults
        if faults.count:
            draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


@contacts.command("export")
@click.argument("file", type=NEW_FILE)
@click.option("--as", "author", type=STAFF_NAME, required=True, metavar="NAME", help="Who you are.")
@click.option("--reason", required=True, help="What the list is for. It is written down, without any number.")
@click.option("--campaign", metavar="CODE", help="Only people who said yes to it, with their consent.")
@click.pass_obj
def export_contacts(wiring: Wiring, file: Path, author: str, reason: str, campaign: str | None) -> None:
    """Write the people who have not said STOP to FILE (.csv or .xlsx), which must not be there yet.

    `phlov contacts import` reads it again as it was. It holds whole numbers: keep it as you keep the master key.
    """
    from bot.log import log, set_up
    from bot.services import contacts as service
    from bot.services import contacts_export

    if file.suffix.lower() not in {".csv", ".xlsx"}:
        raise click.UsageError("FILE ends with .csv or .xlsx")
    if not reason.strip() or sum(map(str.isdigit, reason + author)) >= DIGITS_IN_A_REASON:
        raise click.UsageError("--reason: say what for, in words and without numbers of people")
    opened = house(wiring)
    code = campaign.upper() if campaign else None
    if code and code not in kept(lambda: service.campaigns(opened)):
        fail(f"there is no campaign {code}; see them with: phlov campaigns list")
    set_up(settings().log_format)
    try:
        count = kept(lambda: contacts_export.export(opened, file, code, author, reason))
    except contacts_export.TooMany:
        fail("these are more people than an XLSX can bring back; write them to a .csv")
    except FileExistsError:
        fail(f"{file} is there already; give the new list another name, or delete the old one")
    except OSError as error:
        fail(f"{file}: {error.strerror}")
    log.info("contacts exported", by=author, reason=reason, campaign=code, people=count)
    click.echo(f"{count} people written to {file}. It holds their numbers: delete it when it has done its work.")


@contacts.command()
@click.pass_obj
def groups(wiring: Wiring) -> None:
    """Say how many people are in each group: kind, name, people, with tabs between. STOP and ERASE are not counted.

    Fewer than 5 are shown as <5; * stands where such a group could be found by subtracting.
    """
    from bot.services import contacts_export

    opened = house(wiring)
    for group in kept(lambda: contacts_export.groups(opened)):
        click.echo("\t".join(group))


@contacts.command()
@click.argument("number")
@click.option("--as", "by", type=STAFF_NAME, metavar="NAME", help="Who you are.")
@click.pass_obj
def block(wiring: Wiring, number: str, by: str | None) -> None:
    """Send NUMBER nothing that it has not asked for itself."""
    _block(wiring, number, by, blocked=True)
    click.echo("Blocked: no broadcast goes to this number. Whoever texts from it is still answered.")


@contacts.command()
@click.argument("number")
@click.option("--as", "by", type=STAFF_NAME, metavar="NAME", help="Who you are.")
@click.pass_obj
def unblock(wiring: Wiring, number: str, by: str | None) -> None:
    """Take back `phlov contacts block NUMBER`."""
    _block(wiring, number, by, blocked=False)
    click.echo("Not blocked any more.")


def _block(wiring: Wiring, number: str, by: str | None, *, blocked: bool) -> None:
    from bot.phone import NotAPhone
    from bot.services import contacts as service

    opened = house(wiring)
    try:
        known = kept(lambda: service.block(opened, number, blocked=blocked, by=by))
    except NotAPhone as error:
        raise click.UsageError(f"NUMBER is no phone number: {error}") from None
    if not known:
        fail("nobody is known by this number")


@contacts.command("tag")
@click.argument("number")
@click.argument("tags", nargs=-1)
@click.option("--remove", multiple=True, help="A tag to take off; may be given again.")
@click.pass_obj
def tag_contact(wiring: Wiring, number: str, tags: tuple[str, ...], remove: tuple[str, ...]) -> None:
    """Put TAGS on the person with NUMBER, or take some off; says which there are then."""
    from bot.phone import NotAPhone
    from bot.services import contacts as service
    from bot.services.contacts_cells import Unread

    opened = house(wiring)
    try:
        found = kept(lambda: service.tag(opened, number, tags, remove))
    except NotAPhone as error:
        raise click.UsageError(f"NUMBER is no phone number: {error}") from None
    except Unread as error:
        raise click.UsageError(f"the tags {error}") from None
    if found is None:
        fail("nobody is known by this number")
    click.echo(", ".join(found) if found else "(no tags)")


COMMANDS: Final[tuple[click.Command, ...]] = (contacts,)
