"""Broadcasts that come again every so many days: each is a broadcast of its own, under the same rules."""

from __future__ import annotations

import json
from typing import Any, Final

from bot.log import failure
from bot.services import audience, broadcasts
from bot.services.audience import Audience
from bot.services.broadcasts import GROWTH, BadBroadcast, Draft, Repeat, Window, Words
from bot.services.service import Service
from bot.store import broadcasts as store
from bot.store.broadcasts import Known
from bot.store.stages import Stage
from bot.store.times import DAY

ORIGIN: Final = "repeat:"


def follow(service: Service, known: Known) -> None:
    """Make the one that follows when a repeated broadcast begins; once, however often it is asked. Raises `StoreError`.

    One that cannot be handed in, for its audience has become too small, stays a draft.
    """
    draft = _next(service, known) if known.repeats else None
    if draft is None:
        return
    try:
        made = broadcasts.create(service, draft)
        if broadcasts.get(service, made).state == Stage.DRAFT:
            broadcasts.submit(service, made, broadcasts.HOUSE)
    except BadBroadcast as error:
        failure("broadcast not repeated", error)


def _next(service: Service, known: Known) -> Draft | None:
    """None if it was the last."""
    repeat = Repeat(**json.loads(known.repeats or "{}"))
    starts = known.starts_at + repeat.days * DAY
    if starts > repeat.until:
        return None
    root, number = _place(known)
    words = service.database.read(lambda tx: store.texts(tx, known.id))
    texts: dict[Any, Words] = {
        each.language: Words(service.vault.open(each.text_sealed, "broadcast", each.id).decode(), each.opens)
        for each in words
    }
    counts = json.loads(known.counts)
    people = Audience.loads(known.audience)
    size = audience.preview(service, known.campaign, people, service.now()).recipients
    agreed = counts.get("approved_for")
    approved = known.approver is not None and agreed is not None and size <= GROWTH * agreed
    return Draft(
        request=f"{root}:{number + 1}",
        campaign=known.campaign,
        title=known.title,
        channel=known.channel,
        author=known.author,
        texts=texts,
        audience=people,
        window=Window(starts, known.ends_at + repeat.days * DAY),
        pace=known.pace,
        repeats=repeat,
        origin=ORIGIN + root,
        approver=known.approver if approved else None,
        approved_for=agreed if approved else None,
    )


def _place(known: Known) -> tuple[str, int]:
    """The request of the first one, and which of them this is."""
    if known.origin is None or not known.origin.startswith(ORIGIN):
        return known.request, 1
    root, _, number = known.request.rpartition(":")
    return root, int(number)
