"""`phlov report`: what became of a broadcast or a campaign, for people outside the house."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import click

from bot.cli import WORDS, Wiring, fail, house
from bot.desk_broadcasts import kept, sought

if TYPE_CHECKING:
    from bot.content.book import Language
    from bot.services.results import Results
    from bot.services.service import Service

Kind = Literal["html", "csv", "xlsx"]
KINDS: Final[tuple[Kind, ...]] = ("html", "csv", "xlsx")


@click.command()
@click.argument("broadcast", metavar="[ID]", required=False)
@click.option("--campaign", metavar="CODE", help="All broadcasts of a campaign together, instead of one.")
@click.option("--format", "kind", type=click.Choice(KINDS), help="Without it, as the name of FILE ends; else html.")
@click.option("--lang", type=click.Choice(list(WORDS)), default="km", show_default=True)
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, writable=True, path_type=Path), help="The file to write."
)
@click.pass_obj
def report(
    wiring: Wiring, *, broadcast: str | None, campaign: str | None, kind: Kind | None, lang: Language, out: Path
) -> None:
    """Write a report on the broadcast ID (see: phlov broadcasts list), or on all of a campaign, to give away.

    Counts only, of nobody in particular: under five is told as "<5", and nobody can find it from the rest. A page to
    print (html), or tables (csv, xlsx).
    """
    from bot.services import results as service

    if (broadcast is None) == (campaign is None):
        raise click.UsageError("name one broadcast, or a campaign with --campaign CODE")
    opened = house(wiring)
    try:
        if campaign is not None:
            code = campaign.upper()
            found = kept(lambda: service.of_campaign(opened, code))
        else:
            found = kept(lambda: service.results(opened, sought(opened, broadcast or "").id))
    except service.NoBroadcast as error:
        fail(f"{error}; see: phlov broadcasts list")
    write(opened, found, out, lang, kind)
    for currency, amount in sorted(found.cost.sums.items()):
        click.echo(f"For staff only: exactly {amount:,} {currency} were spent.")
    click.echo(f"{out}: " + ("open it in a browser and print it." if (kind or _ending(out)) == "html" else "written."))


def _ending(out: Path) -> Kind:
    return next((kind for kind in KINDS if out.suffix.lower() == f".{kind}"), "html")


def write(service: Service, results: Results, out: Path, language: Language, kind: Kind | None = None) -> None:
    """Write the report on some results to a file; one line and the end if that cannot be."""
    from bot.services import report_files
    from bot.services.reporting import TooFew

    try:
        raw = report_files.file(service, results, language, kind or _ending(out))
    except TooFew as error:
        fail(str(error))
    try:
        out.write_bytes(raw)
    except OSError as error:
        fail(f"{out}: {error.strerror}")


COMMANDS: Final[tuple[click.Command, ...]] = (report,)
