"""How far a broadcast has come, and what became of it: exact counts, for staff. What others see is in `reporting`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

from bot.services.disclosure import LEAST, SMALL
from bot.services.prices import Price, Prices, Total, total
from bot.services.service import Service
from bot.store import results as store
from bot.store.database import Tx
from bot.store.ids import RANDOM_BITS
from bot.store.results import OVERLAYS, PLANNED, Cell, Head
from bot.store.stages import OVER, STOPPED_AFTER, Left, Stage
from bot.store.state import WENT

LATELY: Final = 300_000
"""Milliseconds over which the speed is told."""

QUEUED: Final = ("queued", "claimed", "posting", "unsure")
WAITING: Final = frozenset((PLANNED, *QUEUED))
SENT: Final = frozenset(("accepted", "sent"))
DELIVERED: Final = frozenset(("delivered", "read"))
FAILED: Final = frozenset(("failed", "undelivered"))
PAID: Final = frozenset(state.name.lower() for state in WENT)
"""Outcomes of texts that a gateway took, as far as anybody knows."""
LEFT_OUT: Final = frozenset(left.name.lower() for left in Left)


class NoBroadcast(LookupError):
    """There is no such broadcast, or no broadcast of such a campaign."""


@dataclass(frozen=True, slots=True)
class Progress:
    """The people of a broadcast at one moment: all counts but `parts` add up to `total`, always (I6).

    `excluded`: who was left out when their turn came, by the rule. `rate`: texts a second lately; `seconds_left` is
    None where nobody can tell. `parts`: SMS parts of all the texts, also of those that did not go.
    """

    stage: Stage
    paused_why: str | None
    planned: int
    queued: int
    sent: int
    delivered: int
    failed: int
    unknown: int
    suppressed: int
    expired: int
    cancelled: int
    excluded: Mapping[str, int]
    total: int
    parts: int
    rate: float
    seconds_left: int | None


def progress(service: Service, broadcast: int) -> Progress:
    """How far a broadcast has come, on one unchanging view of the data. Raises `NoBroadcast` and `StoreError`."""
    now = service.now()

    def work(tx: Tx) -> tuple[Head, store.Sums, tuple[int, int | None]]:
        head = _known(store.head(tx, broadcast))
        lately = (0, None) if head.state >= OVER else store.lately(tx, broadcast, (now - LATELY) << RANDOM_BITS)
        return head, store.sums(tx, head), lately

    head, sums, (done, since) = service.database.read(work)
    found = sums.outcomes
    rate = done / max(1.0, (now - since) / 1000) if since is not None else 0.0
    planned, queued = found.get(PLANNED, 0), _sum(found, QUEUED)
    return Progress(
        stage=Stage(head.state),
        paused_why=head.paused_why,
        planned=planned,
        queued=queued,
        sent=_sum(found, SENT),
        delivered=_sum(found, DELIVERED),
        failed=_sum(found, FAILED),
        unknown=found.get("unknown", 0),
        suppressed=found.get("suppressed", 0),
        expired=found.get("expired", 0),
        cancelled=found.get("cancelled", 0),
        excluded={name: count for name, count in found.items() if name in LEFT_OUT},
        total=sum(found.values()),
        parts=sums.parts,
        rate=rate,
        seconds_left=_left(head, planned + queued, rate),
    )


def _left(head: Head, waiting: int, rate: float) -> int | None:
    """Not faster than lately, nor than the pace that staff gave."""
    if not waiting or head.state >= OVER:
        return 0
    if not rate or head.state == Stage.PAUSED:
        return None
    return round(max(waiting / rate, waiting * 3600 / head.pace if head.pace else 0))


def _sum(found: Mapping[str, int], names: Iterable[str]) -> int:
    return sum(found.get(name, 0) for name in names)


@dataclass(frozen=True, slots=True)
class Results:
    """What became of one broadcast, or of all of a campaign.

    `cells` count every recipient under one outcome, and beside it those who said STOP soon after (`OVERLAYS`).
    `excluded` is who was left out before, by the rule, as counted when the broadcast was handed in. `answers`: the
    answer, province, language and how often. `quiz`: see `quiz_of`, for the campaign. No answer is in both, or one
    might be taken from the other: what one broadcast asks is in `answers`, of a campaign in `quiz`. `hours`: texts by
    the beginning of the hour they were given to the gateway in. `each`: of a campaign those of each broadcast.
    """

    campaign: str
    heads: tuple[Head, ...]
    cells: tuple[Cell, ...]
    excluded: Mapping[str, int]
    answers: tuple[tuple[str, str, str, int], ...]
    quiz: Mapping[str, int]
    hours: Mapping[int, int]
    prices: Prices
    each: tuple[Results, ...] = ()

    @property
    def people(self) -> int:
        """Recipients, each once for each broadcast."""
        return store.people(self.cells)

    @property
    def stopped(self) -> int:
        """Who said STOP within 72 hours after the text."""
        return sum(cell.people for cell in self.cells if cell.outcome == STOPPED_AFTER)

    @property
    def open(self) -> bool:
        """Whether anything may change yet: reports and STOPs count for 72 hours after the end."""
        return any(head.closed_at is None for head in self.heads) or any(cell.outcome in WAITING for cell in self.cells)

    def by(self, *names: str) -> dict[tuple[str, ...], int]:
        """People by some of the columns of a `Cell`."""
        places = [Cell._fields.index(name) for name in names]
        found: dict[tuple[str, ...], int] = {}
        for cell in self.cells:
            if cell.outcome not in OVERLAYS:
                key = tuple(str(cell[place]) for place in places)
                found[key] = found.get(key, 0) + cell.people
        return found

    @property
    def delivery_rate(self) -> float | None:
        """How many of the texts that a gateway took are known to have arrived."""
        taken = sum(cell.people for cell in self.cells if cell.outcome in PAID)
        return sum(cell.people for cell in self.cells if cell.outcome in DELIVERED) / taken if taken else None

    @property
    def opt_out_rate(self) -> float | None:
        """How many of those whom a gateway was given a text for said STOP soon after."""
        taken = sum(cell.people for cell in self.cells if cell.outcome in PAID)
        return self.stopped / taken if taken else None

    @property
    def cost(self) -> Total:
        """What the texts cost that gateways took, at the prices of today."""
        return total((self._price(cell), cell.parts) for cell in self.cells if cell.outcome in PAID)

    def _price(self, cell: Cell) -> Price | None:
        return self.prices.cost(cell.country, cell.network or None, cell.parts)


def results(service: Service, broadcast: int) -> Results:
    """What became of a broadcast. Raises `NoBroadcast` and `StoreError`."""
    return service.database.read(lambda tx: _results(service, tx, _known(store.head(tx, broadcast))))


def of_campaign(service: Service, code: str) -> Results:
    """What became of all broadcasts of a campaign together. Raises `NoBroadcast` and `StoreError`."""

    def work(tx: Tx) -> Results:
        heads = [head for head in store.of_campaign(tx, code) if head.state >= Stage.CANARY]
        if not heads:
            raise NoBroadcast(f"nothing has been sent to the members of {code}")
        return _joined([_results(service, tx, head, alone=False) for head in heads])

    return service.database.read(work)


def _results(service: Service, tx: Tx, head: Head, *, alone: bool = True) -> Results:
    cells = list(store.kept(tx, head.id))
    hours: Mapping[int, int] = store.hours(head) if head.closed_at is not None else {}
    if head.closed_at is None:
        counted = store.tally(store.within(tx), head.id)
        cells += counted.cells
        hours = counted.hours
    excluded = json.loads(head.counts or "{}").get("excluded", {})
    today = service.clock().date().isoformat()
    answers, quiz = store.answers(tx, head.id), quiz_of(store.quiz(tx, head.campaign, today))
    known = _of_knowledge(service, store.asked(tx, head.id))
    if alone:
        quiz = {topic: count for topic, count in quiz.items() if topic.split("/")[1] not in known}
    elif known:
        answers = []
    told = dict(sorted(hours.items()))
    return Results(head.campaign, (head,), tuple(cells), excluded, tuple(answers), quiz, told, service.prices)


def _of_knowledge(service: Service, states: Iterable[str]) -> set[str]:
    """The questions that count for the quiz, as its topics name them."""
    found = (service.book.states.get(name) for name in states)
    return {state.id.rpartition(".")[2] for state in found if state is not None and state.asks == "quiz"}


def quiz_of(days: Iterable[tuple[str, str, int]]) -> dict[str, int]:
    """What is told of the quiz: `before/2/right` and how often.

    It grows by whole days, and of each question by 20 answers or more, five of them right and five wrong: who takes an
    older count from a newer one learns nothing of a few. What came since waits.
    """
    told: Counter[str] = Counter()
    since: dict[str, Counter[str]] = {}
    for _, day in groupby(days, key=lambda row: row[0]):
        for _, topic, count in day:
            since.setdefault(topic.rpartition("/")[0], Counter())[topic] += count
        for question, counts in since.items():
            if counts.total() >= LEAST and all(counts[f"{question}/{how}"] >= SMALL for how in ("right", "wrong")):
                told.update(counts)
                counts.clear()
    return dict(told)


def _joined(each: Sequence[Results]) -> Results:
    excluded: Counter[str] = Counter()
    hours: Counter[int] = Counter()
    for one in each:
        excluded.update(one.excluded)
        hours.update(one.hours)
    return replace(
        each[0],
        heads=tuple(head for one in each for head in one.heads),
        cells=tuple(cell for one in each for cell in one.cells),
        excluded=dict(excluded),
        answers=tuple(answer for one in each for answer in one.answers),
        hours=dict(sorted(hours.items())),
        each=tuple(each),
    )


def _known(head: Head | None) -> Head:
    if head is None:
        raise NoBroadcast("there is no such broadcast")
    return head


def recipients(results: Results) -> Iterable[Cell]:
    """The cells that count each recipient once."""
    return (cell for cell in results.cells if cell.outcome not in OVERLAYS)


def counted(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    """The sums by name, in the order in which the names come first."""
    found: dict[str, int] = {}
    for name, count in pairs:
        found[name] = found.get(name, 0) + count
    return found


def under_way(service: Service) -> dict[str, int]:
    """The texts of all open broadcasts in the outbox, by their states. Raises `StoreError`."""

    def work(tx: Tx) -> dict[str, int]:
        found: dict[str, int] = {}
        for head in store.still_open(tx):
            for outcome, count in store.texts(tx, head.id).items():
                found[outcome] = found.get(outcome, 0) + count
        return found

    return service.database.read(work)
