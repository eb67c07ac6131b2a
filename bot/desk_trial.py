"""A test of a broadcast: its words as they will be, on a few phones of staff."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from bot.cli import fail
from bot.desk_broadcasts import kept
from bot.desk_preview import count

if TYPE_CHECKING:
    from bot.services.compose import Composed
    from bot.services.service import Service


def try_out(service: Service, channel: str, composed: Composed, numbers: Sequence[str]) -> None:
    """Queue it for these numbers, and say how many got what."""
    from bot.services import trial

    try:
        sent = kept(lambda: trial.send(service, channel, composed, numbers))
    except trial.BadTrial as error:
        fail(f"{error}; nothing was sent")
    texts, phones = count(len(sent.rows), "text"), count(sent.phones, "phone")
    click.echo(f"{texts} for {phones} wait in the outbox; `phlov run` sends them within the hour.")
    click.echo("It is only a test: it counts in no report.")
    if sent.stopped:
        click.echo(f"{count(sent.stopped, 'number')} had said STOP and got nothing.")
