"""Broadcasts as the pages of staff show them: a list, one with all that is known of it, and what sending it now means.

Counts under five are not told, nor can they be found by taking others away; who asked for help is not told apart where
few did.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from bot.channels import Traits
from bot.services import cost_rows, forecast, results
from bot.services.audience import Audience, preview
from bot.services.broadcasts import BadBroadcast
from bot.services.budgets import Budgets
from bot.services.cost_rows import Row
from bot.services.disclosure import SMALL, Figure, shown, summary
from bot.services.forecast import Schedule
from bot.services.planning import course
from bot.services.prices import Total
from bot.services.results import Progress
from bot.services.service import Service
from bot.store import broadcasts as store
from bot.store.audience import REASONS
from bot.store.broadcasts import Happened, Known
from bot.store.database import Tx
from bot.store.stages import OVER, Stage
from bot.store.times import moment
from bot.text.sms import segments

NEWEST: Final = (1 << 63) - 1
COUNTED: Final = 20_000
"""Of a broadcast to more people that is still open the cost is not added up each time somebody looks, and its people
are not counted each time."""
STOP: Final = "stopped"
ALARMING: Final = ("emergency", "case")
"""What nobody is to learn of one of a few."""

Reasons = tuple[str, ...]


class Line(NamedTuple):
    """A broadcast in a list. `people`: for how many it was handed in, None before. `progress`: once it has begun."""

    known: Known
    people: int | None
    progress: Progress | None

    @property
    def stage(self) -> str:
        """Its stage in a word."""
        return Stage(self.known.state).name.lower()

    @property
    def outcomes(self) -> Mapping[str, Figure]:
        """The people by what became of their text."""
        return outcomes(self.progress) if self.progress else {}


class Text(NamedTuple):
    """What is said in one language, as it is cut into SMS parts."""

    language: str
    parts: tuple[str, ...]


class Look(NamedTuple):
    """One broadcast. `excluded`: who was left out when it was handed in. `cost`: None where it is not added up yet."""

    line: Line
    texts: tuple[Text, ...]
    events: tuple[Happened, ...]
    excluded: Mapping[str, int]
    cost: Total | None


class Foreseen(NamedTuple):
    """What it would mean to send it now. `provinces`: recipients by the code of their province, "" if none is known."""

    recipients: int
    excluded: Mapping[str, int]
    provinces: Mapping[str, int]
    parts: int
    rows: tuple[Row, ...]
    cost: Total
    schedule: Schedule


def listed(service: Service, most: int, before: int | None = None, *, over: bool) -> list[Line]:
    """The newest of which nothing goes any more, or the others, made before an id. Raises `StoreError`."""
    found = service.database.read(lambda tx: store.page(tx, before or NEWEST, most, over=over))
    return [line(service, known) for known in found]


def line(service: Service, known: Known) -> Line:
    """How one stands. Raises `StoreError`."""
    people = json.loads(known.counts or "{}").get("recipients")
    return Line(known, people, _progress(service, known, people or 0) if known.state >= Stage.EXPANDING else None)


def _progress(service: Service, known: Known, people: int) -> Progress:
    """Of very many people it is counted now and then, and whenever staff or the house changed how it goes."""
    if people <= COUNTED or known.closed_at is not None:
        return results.progress(service, known.id)
    key = "progress", known.id, known.state, known.wave
    return service.counted.get(key, lambda: results.progress(service, known.id))


def look(service: Service, broadcast: int) -> Look:
    """Everything that is known of one. Raises `StoreError`, and `BadBroadcast` if there is none."""

    def work(tx: Tx) -> tuple[Known, list[store.Words], list[Happened]]:
        known = store.get(tx, broadcast)
        if known is None:
            raise BadBroadcast("there is no such broadcast")
        return known, store.texts(tx, broadcast), store.history(tx, broadcast)

    known, words, events = service.database.read(work)
    texts = []
    for each in words:
        said = service.vault.open(each.text_sealed, "broadcast", each.id).decode()
        texts.append(Text(each.language, segments(said).parts))
    seen = line(service, known)
    few = seen.progress is not None and seen.progress.total <= COUNTED
    cost = results.results(service, broadcast).cost if few or known.closed_at is not None else None
    excluded = json.loads(known.counts or "{}").get("excluded", {})
    return Look(seen, tuple(texts), tuple(events), excluded, cost)


def foresee(
    service: Service, known: Known, traits: Traits, budgets: Budgets, written: Mapping[str, int] | None = None
) -> Foreseen:
    """Whom it reaches, what it costs and how long it takes if it is sent now. `written`: the parts of its texts, by
    language, where they are not kept yet. Raises `StoreError`."""
    seen = preview(service, known.campaign, Audience.loads(known.audience), service.now(), known.id)
    parts = written or {
        text.language: text.parts for text in service.database.read(lambda tx: store.texts(tx, known.id))
    }
    cost = forecast.cost(service.prices, seen.groups, parts)
    window = moment(known.starts_at), moment(known.ends_at)
    plan = course(service, traits, budgets, window=window, pace=known.pace, cost=cost)
    provinces: Counter[str] = Counter()
    for group in seen.groups:
        provinces[group.province or ""] += group.people
    return Foreseen(
        recipients=seen.recipients,
        excluded=seen.excluded,
        provinces=dict(provinces.most_common()),
        parts=cost.parts,
        rows=tuple(cost_rows.rows(cost)),
        cost=cost.total,
        schedule=forecast.schedule(cost, plan),
    )


def outcomes(progress: Progress) -> Mapping[str, Figure]:
    """All people of a broadcast, each under one outcome. If a large count must be hidden it is one that still moves."""
    counts = {
        "queued": progress.planned + progress.queued,
        "delivered": progress.delivered,
        "sent": progress.sent,
        "failed": progress.failed,
        "unknown": progress.unknown,
        "excluded": sum(late(progress).values()),
    }
    return summary(counts).figures


def late(progress: Progress) -> dict[str, int]:
    """Who was left out when their turn came, or afterwards, by the reason."""
    ends = {"suppressed": progress.suppressed, "expired": progress.expired, "cancelled": progress.cancelled}
    return {**progress.excluded, **{name: count for name, count in ends.items() if count}}


def left_out(excluded: Mapping[str, int]) -> list[tuple[Reasons, Figure]]:
    """The reasons with how many people each. Nothing but their sum is told of so few that it would be their number."""
    groups = dict(grouped(excluded))
    if 0 < sum(groups.values()) < SMALL:
        return [(tuple(reason for reasons in groups for reason in reasons), Figure(1, SMALL - 1))]
    told = summary({" ".join(reasons): count for reasons, count in groups.items()}).figures
    return [(reasons, told[" ".join(reasons)]) for reasons in groups]


def everybody(count: int) -> Figure:
    """A sum as it may be told."""
    return shown(count) if count == 0 or count >= SMALL else Figure(1, SMALL - 1)


def grouped(excluded: Mapping[str, int]) -> Iterator[tuple[Reasons, int]]:
    """Help, open cases and STOP stand together unless many asked for help: also where nobody did, or the line itself
    would say that somebody did. Every other reason alone, in the order of the rules."""
    few = tuple(reason for reason in ALARMING if excluded.get(reason, 0) < SMALL)
    hidden = (STOP, *few) if few else ()
    if together := sum(excluded.get(reason, 0) for reason in hidden):
        yield hidden, together
    for reason in (*REASONS, *sorted(excluded.keys() - set(REASONS))):
        if excluded.get(reason) and reason not in hidden:
            yield (reason,), excluded[reason]


def over(known: Known) -> bool:
    """Whether nothing of it goes any more."""
    return known.state >= OVER
