"""Broadcasts that come again every so many days: each is a broadcast of its own, under the same rules."""

from __future__ import annotations

import json
from typing import Any

from bot.log import failure
from bot.services import audience, broadcasts, chain
from bot.services.audience import Audience
from bot.services.broadcasts import GROWTH, HOUSE, BadBroadcast, Draft, Repeat, Window, Words
from bot.services.service import Service
from bot.store import broadcasts as store
from bot.store.broadcasts import Happened, Known
from bot.store.database import Tx
from bot.store.stages import Stage
from bot.store.times import DAY


def held(service: Service, known: Known) -> bool:
    """Pause one whose time has come while the one before it is paused, or ended so; whether it was.

    What was wrong with that one may be wrong with this one: somebody has to let it go on. Raises `StoreError`.
    """

    def look(tx: Tx) -> bool:
        former, paused = chain.before(tx, known), store.last(tx, known.id, "pause")
        seen = paused is not None and paused[0] == HOUSE  # and somebody let it go on: its time would not have come
        return former is not None and chain.stopped(former) and not seen

    def halt(tx: Tx, fresh: Known) -> bool:
        if fresh.state != Stage.SCHEDULED or not look(tx):
            return fresh.state != Stage.SCHEDULED
        why = "the one before it was paused, and nobody has let that one go on"
        broadcasts.halt(service, tx, fresh, Happened(service.now(), HOUSE, "pause", why))
        return True

    return service.database.read(look) and broadcasts.step(service, known.id, halt)


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
            broadcasts.submit(service, made, HOUSE)
        if _called_off(service, known.id):  # meanwhile, by somebody who could not see this one yet
            broadcasts.cancel(service, made, HOUSE)
    except BadBroadcast as error:
        failure("broadcast not repeated", error)


def _next(service: Service, known: Known) -> Draft | None:
    """None if it was the last."""
    repeat = Repeat(**json.loads(known.repeats or "{}"))
    starts = known.starts_at + repeat.days * DAY
    if starts > repeat.until:
        return None
    root, number = chain.place(known)
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
        request=chain.request(root, number + 1),
        campaign=known.campaign,
        title=known.title,
        channel=known.channel,
        author=known.author,
        texts=texts,
        audience=people,
        window=Window(starts, known.ends_at + repeat.days * DAY),
        pace=known.pace,
        repeats=repeat,
        origin=chain.ORIGIN + root,
        approver=known.approver if approved else None,
        approved_for=agreed if approved else None,
    )


def _called_off(service: Service, broadcast: int) -> bool:
    """Whether staff have cancelled it; the house does for want of people, who may be there the next time."""
    by = service.database.read(lambda tx: store.last(tx, broadcast, "cancel"))
    return by is not None and by[0] != HOUSE
