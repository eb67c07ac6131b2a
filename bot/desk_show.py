"""One broadcast as staff read it: its words, how far it has come, who was left out, and what was done with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from textwrap import wrap
from typing import TYPE_CHECKING

from bot.desk_preview import LANGUAGES, WIDE, clock, count, left_out, name_of, people, wrapped
from bot.desk_watch import look

if TYPE_CHECKING:
    from bot.services.service import Service
    from bot.store.broadcasts import Known

ACTS = {
    "create": "written",
    "submit": "handed in",
    "approve": "approved",
    "schedule": "given another time",
    "begin": "begun",
    "expand": "recipients written down",
    "grow": "for more people now than somebody agreed to",
    "run": "let go on to everybody",
    "pause": "paused",
    "resume": "resumed",
    "cancel": "stopped for good",
    "expire": "over before everybody had it",
    "done": "done",
    "close": "counted and closed",
    "ask": "an exception was asked for",
    "grant": "an exception was agreed to",
}


def lines(service: Service, known: Known) -> Iterator[str]:
    """Everything. Raises `StoreError`."""
    from bot.services import broadcasts
    from bot.store.times import moment

    seen = look(service, known.id)
    yield f"Broadcast {name_of(known.id)} ({known.id}): {known.title}"
    yield f"To the members of {known.campaign}, by {known.channel}; written by {known.author}" + _approved(known)
    yield from _filters(known)
    yield f"From {clock(moment(known.starts_at))} to {clock(moment(known.ends_at))} at the latest"
    if known.pace:
        yield f"At most {count(known.pace, 'text')} an hour"
    yield ""
    yield from _words(service, known)
    yield f"Now: {seen.stage_name}"
    if seen.all:
        yield f"  {seen.told()}"
    else:
        yield from _reach(known)
    yield from _excluded(known)
    yield ""
    for event in broadcasts.history(service, known.id):
        why = f": {event.detail}" if event.detail else ""
        yield f"{clock(moment(event.at))}  {event.who}: {ACTS.get(event.act, event.act)}{why}"


def _approved(known: Known) -> str:
    return f", approved by {known.approver}" if known.approver else ""


def _filters(known: Known) -> Iterator[str]:
    """What was asked of its recipients: whoever is to agree has to see whom it goes to."""
    from bot.content.provinces import load

    name = load().name
    for asked, values in json.loads(known.audience).items():
        places = asked in {"provinces", "districts"}
        each = values if isinstance(values, list) else [values]
        told = ", ".join(name(value) if places else str(value) for value in each)
        yield from wrap(f"Only {asked.replace('_', ' ')}: {told}", WIDE, subsequent_indent="  ")


def _reach(known: Known) -> Iterator[str]:
    """To how many it goes, as counted when it was handed in."""
    if (recipients := json.loads(known.counts or "{}").get("recipients")) is not None:
        yield f"Who gets it: {people(recipients)}"


def _words(service: Service, known: Known) -> Iterator[str]:
    from bot.store import broadcasts as store

    for text in service.database.read(lambda tx: store.texts(tx, known.id)):
        words = service.vault.open(text.text_sealed, "broadcast", text.id).decode()
        yield f"{LANGUAGES.get(text.language, text.language)}: {count(text.parts, 'SMS part')}"
        yield from (f"  | {line}" for part in words.split("\n") for line in wrapped(part, WIDE - 4))
    yield ""


def _excluded(known: Known) -> Iterator[str]:
    """Who was left out when it was handed in."""
    excluded = json.loads(known.counts or "{}").get("excluded")
    if excluded is not None:
        yield from left_out(excluded, known.campaign)
