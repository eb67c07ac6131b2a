"""The commands of `phlov`. Each imports what it needs when it is called, so that small ones are quick."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, NoReturn, TypeVar

import click

if TYPE_CHECKING:
    from bot.channels.terminal import Terminal
    from bot.config import Settings
    from bot.content.book import Book, Language
    from bot.conversation.session import Reply
    from bot.services.service import Service

T = TypeVar("T")

NOBODY: Final = "+85510000001"
"""The number of `phlov chat`: of the right form, in a row that nobody is given."""
DIGITS_IN_A_NAME: Final = 6
WORDS: Final = {"km": "khmer", "km_Latn": "latin", "en": "english"}
"""What a person texts to change the language."""


class _StaffName(click.ParamType[str]):
    """The name somebody of staff goes by; the house's own is nobody's."""

    name = "name"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name as it was given."""
        from bot.services.broadcasts import staff

        if not staff(value):
            self.fail("phlov is what the house does by itself; give your own name", param, ctx)
        if sum(map(str.isdigit, value)) >= DIGITS_IN_A_NAME:
            self.fail("a name has no number of anybody in it", param, ctx)
        return value


STAFF_NAME: Final = _StaffName()


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the floor above puts together for the commands."""

    service: Callable[[Settings], Service]
    run: Callable[[Settings], None]
    work: Callable[[Settings], None]
    migrate: Callable[[Settings], None]
    cannot_start: type[Exception]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="phlov", prog_name="phlov")
def phlov() -> None:
    """Answer texts about working abroad safely, in Khmer and English, by SMS and USSD."""


@phlov.command()
@click.pass_obj
def run(wiring: Wiring) -> None:
    """Serve the webhooks and do the background work, until Ctrl-C."""
    settings = _settings()
    _or_line(wiring, lambda: wiring.run(settings))


@phlov.command()
@click.pass_obj
def migrate(wiring: Wiring) -> None:
    """Bring the database to this version's schema (`run` and `chat` do it too)."""
    settings = _settings()
    _or_line(wiring, lambda: wiring.migrate(settings))
    click.echo("The database is up to date.")


@phlov.command()
@click.pass_obj
def worker(wiring: Wiring) -> None:
    """Send and fetch texts and do the other background work, without serving, until Ctrl-C.

    `phlov run` does the same; this is for a house of several machines (docs/scaling.md).
    """
    settings = _settings()
    _or_line(wiring, lambda: wiring.work(settings))


@phlov.command()
@click.option("--confirm-clock", is_flag=True, help="The clock is right, although it jumped by more than a day.")
@click.pass_obj
def purge(wiring: Wiring, confirm_clock: bool) -> None:
    """Forget now what is too old, as the hourly purge does."""
    from bot.services import privacy

    service = _service(wiring, _settings())
    try:
        done = privacy.purge(service, confirmed=confirm_clock)
    except privacy.ClockDoubted as error:
        fail(f"{error}; to confirm: phlov purge --confirm-clock")
    click.echo(", ".join(f"{name} {count}" for name, count in asdict(done).items()))


@phlov.command()
@click.argument("number")
@click.option("--as", "by", type=STAFF_NAME, metavar="NAME", help="Who you are.")
@click.pass_obj
def erase(wiring: Wiring, number: str, by: str | None) -> None:
    """Forget everything of NUMBER (such as +85512345678) except that it wants no broadcasts."""
    from bot.phone import NotAPhone
    from bot.services import privacy

    service = _service(wiring, _settings())
    try:
        known = privacy.erase(service, number, by)
    except NotAPhone as error:
        raise click.UsageError(f"NUMBER is no phone number: {error}") from None
    click.echo("Forgotten." if known else "Nothing was known of this number.")
    click.echo("It gets no broadcasts, unless START is texted from it.")


@phlov.command()
@click.option("--from", "sender", default=NOBODY, show_default=True, metavar="NUMBER", help="The phone to play.")
@click.option("--medium", type=click.Choice(["sms", "ussd"]), default="sms", show_default=True)
@click.option("--lang", type=click.Choice(list(WORDS)), help="Ask for this language first.")
@click.pass_obj
def chat(wiring: Wiring, sender: str, medium: Literal["sms", "ussd"], lang: str | None) -> None:
    """Text Phlov from this terminal; works beside `phlov run` and without it."""
    from bot.channels.terminal import DIAL, Terminal
    from bot.phone import NotAPhone, parse

    try:
        number = parse(sender).e164
    except NotAPhone as error:
        raise click.UsageError(f"--from: {error}; write it as {NOBODY}") from None
    service = replace(_service(wiring, _settings()), paced=False)
    how = f"{DIAL} dials again." if medium == "ussd" else "Type a text, such as HELP or MENU."
    click.echo(f"You are {number}. {how} Ctrl-D ends.\n")
    phone = Terminal(number, medium)
    first = [DIAL] if medium == "ussd" else []
    for text in _typed([*first, WORDS[lang]] if lang else first):
        _exchange(service, phone, text, medium)


def _typed(first: list[str]) -> Iterator[str]:
    """The lines of a person, or of a file; those nobody sees being typed are shown, so that a transcript is whole."""
    for line in first:
        click.echo(f"> {line}")
        yield line
    if sys.stdin.isatty():
        while True:
            try:
                yield input("> ")
            except EOFError:
                click.echo()
                return
    for line in _lines():
        click.echo(f"> {line}")
        yield line


def _exchange(service: Service, phone: Terminal, text: str, medium: str) -> None:
    from bot.services import inbox
    from bot.store.errors import StoreError

    try:
        received = inbox.receive(service, phone.typed(text), phone.render)
    except StoreError as error:
        fail(f"the text was not taken: {error}")
    for reply in received.replies:
        click.echo(f"{reply.text}\n{_cost(reply.text) if medium == 'sms' else _size(reply)}\n")
    if not received.replies:
        click.echo("[no answer]\n")


def _cost(text: str) -> str:
    from bot.text.sms import segments

    found = segments(text)
    parts = "1 SMS part" if len(found.parts) == 1 else f"{len(found.parts)} SMS parts"
    return f"[{parts}, {found.encoding}, {found.units} units]"


def _size(screen: Reply) -> str:
    """How a gateway is told of a screen, and how much of it is used."""
    from bot.protocol import Display
    from bot.text.sms import measure

    encoding, ends = measure(screen.text)
    room = Display().gsm7 if encoding == "GSM-7" else Display().ucs2
    return f"[{'END' if screen.ends else 'CON'}, {encoding}, {ends[-1]} of {room} units]"


@phlov.command()
def understand() -> None:
    """Read texts, one a line; write what each is about, one JSON object a line."""
    from bot.conversation.understand import Reader

    reader = Reader(_book())
    for text in _lines():
        click.echo(json.dumps(asdict(reader.understand(text)), ensure_ascii=False))


@phlov.command()
def segments() -> None:
    """Read one text exactly as given; write what it costs as SMS, as JSON."""
    from bot.text.sms import describe

    try:
        text = sys.stdin.buffer.read().decode()
    except UnicodeDecodeError as error:
        raise click.UsageError(f"the text is not UTF-8 (at byte {error.start})") from None
    click.echo(json.dumps(describe(text), ensure_ascii=False))


@phlov.command()
@click.option("--strict", is_flag=True, help="Numbers that nobody has checked for 180 days are errors.")
def check(strict: bool) -> None:
    """Say what is wrong with the texts, and how far people have looked them over.

    Exit status 1 if anything must be mended.
    """
    from bot.check import check
    from bot.check.review import reviewed, summary
    from bot.check.spelling import spelling
    from bot.content.loader import MESSAGES
    from bot.content.review import load_reviews

    book, reviews = _book(), _sound(lambda: load_reviews(MESSAGES))
    today = datetime.now(UTC).date()
    problems = [*check(book, today=today, strict=strict), *spelling(), *reviewed(book, reviews, today)]
    for problem in problems:
        click.echo(f"{problem.level}: {problem.where}: {problem.what}")
    click.echo(summary(book, reviews))
    errors = sum(problem.level == "error" for problem in problems)
    click.echo(f"{errors} errors, {len(problems) - errors} warnings")
    if errors:
        raise SystemExit(1)


@phlov.command("print")
@click.argument("kind", type=click.Choice(["booklet", "poster", "script"]))
@click.option("--lang", type=click.Choice(list(WORDS)), default="km", show_default=True)
@click.option("--country", metavar="TH", help="The country people go to; without it, all of them.")
@click.option("--campaign", metavar="CODE", help="A campaign that readers may join.")
@click.option("--number", help="What people text; without it, a line to write on.")
@click.option("--out", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="The file to write.")
@click.pass_obj
def print_paper(
    wiring: Wiring,
    *,
    kind: str,
    lang: Language,
    country: str | None,
    campaign: str | None,
    number: str | None,
    out: Path | None,
) -> None:
    """Make a booklet or a poster to print, or a script to read aloud: one HTML file, to open in a browser."""
    from bot.content.ledger import DIGITS
    from bot.printing import KINDS, Edition

    book, today = _told(wiring), datetime.now(UTC).date()
    if country is not None and country not in book.countries:
        raise click.UsageError(f"--country: there is no help card of {country}; known: {', '.join(book.countries)}")
    if number is not None and not DIGITS.fullmatch(number):
        raise click.UsageError("--number: only digits, blanks, hyphens and a + in front")
    code = None if campaign is None else _campaign(wiring, campaign)
    read, day = _read(book, lang, today)
    page = KINDS[kind](Edition(book, lang, today, day, read, country, code, number))
    if out is None:
        click.echo(page)
        return
    try:
        out.write_text(page, encoding="utf-8")
    except OSError as error:
        fail(f"{out}: {error.strerror}")
    click.echo(f"{out}: open it in a browser and print it.")


def _told(wiring: Wiring) -> Book:
    """The texts as phones are told them, with what staff changed on pages; those of the files where no house is yet."""
    from bot.store.errors import Unusable
    from bot.store.schema import sqlite_path

    try:
        path = sqlite_path(_settings().database)
    except Unusable as error:
        fail(str(error))
    return _book() if path is not None and not path.exists() else house(wiring).book


def _campaign(wiring: Wiring, code: str) -> str:
    """The code of a campaign that is there: paper cannot be called back."""
    from bot.store.errors import StoreError

    wanted = code.upper()
    try:
        known = house(wiring).shelf.current().campaigns
    except StoreError as error:
        fail(f"the campaigns cannot be read: {error}")
    if wanted not in known:
        fail(f"there is no campaign {wanted}; begin it first: phlov campaigns add {wanted} NAME")
    return wanted


def _read(book: Book, language: Language, today: date) -> tuple[bool, date]:
    """Whether a native speaker has read the texts as they are, and since when they are so."""
    from bot.check.review import changed
    from bot.content.loader import MESSAGES
    from bot.content.review import load_reviews

    review = _sound(lambda: load_reviews(MESSAGES))[language]
    if changed(book, language, review):
        return False, today
    return review.state == "read", review.on


def _lines() -> Iterator[str]:
    """Lines of stdin, ended by line feeds only; bytes that are not UTF-8 become replacement characters."""
    for line in sys.stdin.buffer:
        yield line.removesuffix(b"\n").removesuffix(b"\r").decode(errors="replace")


def _settings() -> Settings:
    from bot.config import SettingsError
    from bot.config.environment import load

    try:
        return load()
    except SettingsError as error:
        for line in error.lines:
            click.echo(f"phlov: {line}", err=True)
        raise SystemExit(2) from None


def _book() -> Book:
    from bot.content.loader import load

    return _sound(load)


def _sound(read: Callable[[], T]) -> T:
    from bot.content.book import Unsound

    try:
        return read()
    except Unsound as error:
        fail(f"the texts cannot be used:\n{error}")


def settings() -> Settings:
    """The settings of this machine, for a command of staff."""
    return _settings()


def house(wiring: Wiring) -> Service:
    """The house of this machine's settings, for a command of staff."""
    found = _service(wiring, _settings())
    found.shelf.current()  # with what staff changed on pages
    return found


def _service(wiring: Wiring, settings: Settings) -> Service:
    return _or_line(wiring, lambda: wiring.service(settings))


def _or_line(wiring: Wiring, work: Callable[[], T]) -> T:
    try:
        return work()
    except wiring.cannot_start as error:
        fail(str(error))


def fail(line: str) -> NoReturn:
    """Say in one line why it was not done, and end."""
    if line:
        click.echo(f"phlov: {line}", err=True)
    raise SystemExit(1)
