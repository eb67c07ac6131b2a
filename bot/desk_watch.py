"""How far a broadcast has come, second by second: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import click

if TYPE_CHECKING:
    from bot.services.service import Service

LOOK: Final = 1.0
"""Seconds between two looks."""
SAY: Final = 5.0
"""Seconds between two lines where there is no terminal."""
WIDE: Final = 72
LATELY: Final = 30.0
"""Seconds over which the speed is told."""
SENT: Final = frozenset({"accepted", "sent"})
DELIVERED: Final = frozenset({"delivered", "read"})
FAILED: Final = frozenset({"failed", "undelivered"})
QUEUED: Final = frozenset({"planned", "queued", "claimed", "posting", "unsure"})


class Seen(NamedTuple):
    """The people of a broadcast at one moment; the sum is always its audience."""

    stage: int
    why: str | None
    outcomes: Mapping[str, int]

    @property
    def all(self) -> int:
        """Everybody."""
        return sum(self.outcomes.values())

    def of(self, words: frozenset[str]) -> int:
        """Those with one of these outcomes."""
        return sum(self.outcomes.get(word, 0) for word in words)

    @property
    def queued(self) -> int:
        """Those whose text has still to go."""
        return self.of(QUEUED)

    @property
    def unknown(self) -> int:
        """Those whose text went or did not: nobody knows."""
        return self.outcomes.get("unknown", 0)

    @property
    def excluded(self) -> int:
        """Those who were left out after all: they said STOP, their time was over, it was cancelled ..."""
        return self.all - self.queued - self.of(SENT | DELIVERED | FAILED) - self.unknown

    @property
    def stage_name(self) -> str:
        """What is going on, and why if it was paused."""
        return _stage(self)

    def told(self) -> str:
        """All counts in a line, without those of nobody."""
        counts = (
            (self.queued, "queued"),
            (self.of(SENT), "sent"),
            (self.of(DELIVERED), "delivered"),
            (self.of(FAILED), "failed"),
            (self.unknown, "unknown"),
            (self.excluded, "left out"),
        )
        return ", ".join(f"{number:,} {word}" for number, word in counts if number or word == "queued")


def look(service: Service, broadcast: int) -> Seen:
    """How it stands now. Raises `StoreError`, and `BadBroadcast` if there is none."""
    from bot.services.broadcasts import BadBroadcast
    from bot.store import results
    from bot.store.database import Tx

    def work(tx: Tx) -> Seen:
        head = results.head(tx, broadcast)
        if head is None:
            raise BadBroadcast("there is no such broadcast")
        return Seen(head.state, head.paused_why, results.sums(tx, head).outcomes)

    return service.database.read(work)


@dataclass(slots=True)
class Speed:
    """How fast it goes, from what was seen lately."""

    seen: deque[tuple[float, int]] = field(default_factory=deque)

    def note(self, at: float, done: int) -> None:
        """So many were done at this time."""
        self.seen.append((at, done))
        while self.seen and at - self.seen[0][0] > LATELY:
            self.seen.popleft()

    @property
    def a_minute(self) -> float:
        """People done in a minute."""
        (first, before), (last, after) = self.seen[0], self.seen[-1]
        return 60 * (after - before) / (last - first) if last > first else 0.0

    def left(self, queued: int) -> str:
        """About how long it still takes."""
        rate = self.a_minute
        if not queued or rate <= 0:
            return ""
        minutes = queued / rate
        if minutes < 1:
            return f"{max(1, round(60 * minutes))} s left"
        return f"{round(minutes):,} min left" if minutes < 90 else f"{minutes / 60:,.0f} h left"


def finished(seen: Seen) -> bool:
    """Whether nothing of it will go any more."""
    from bot.store.stages import OVER

    return seen.stage >= OVER


def watch(service: Service, broadcast: int, name: str, *, settle: float = 0.0) -> Seen:
    """Show how it goes until it is done, and for `settle` seconds more while reports are still coming.

    Ctrl-C ends the watching, not the broadcast.
    """
    try:
        if sys.stdout.isatty():
            return _bar(service, broadcast, settle)
        return _said(service, broadcast, settle)
    except KeyboardInterrupt:
        click.echo()
        click.echo("You only stopped watching: the broadcast goes on.")
        click.echo(f"To stop it: phlov broadcasts pause {name} --as YOU   (or: cancel {name})")
        click.echo(f"To see it again: phlov broadcasts watch {name}")
        raise SystemExit(0) from None


def _looks(service: Service, broadcast: int, settle: float) -> Iterator[tuple[Seen, Speed]]:
    """Look after look, the last one when it is done."""
    speed = Speed()
    done: float | None = None
    while True:
        seen = look(service, broadcast)
        now = time.monotonic()
        speed.note(now, seen.all - seen.queued)
        yield seen, speed
        if finished(seen):
            done = done or now
            if not seen.of(SENT) or now - done >= settle:
                return
        time.sleep(LOOK)


def _bar(service: Service, broadcast: int, settle: float) -> Seen:
    from rich.console import Console
    from rich.live import Live
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    seen: Seen | None = None
    with Live(console=console, refresh_per_second=4) as live:
        for seen, speed in _looks(service, broadcast, settle):
            done = seen.all - seen.queued
            percent = f"{done:,} of {seen.all:,}" if seen.all else "nobody yet"
            bar = ProgressBar(total=seen.all or 1, completed=done, width=min(console.width, WIDE))
            head = f"{_stage(seen)}: {percent}"
            screen = Table.grid()
            for row in (Text(head), bar, Text(seen.told()), Text(_hurry(seen, speed))):
                screen.add_row(row)
            live.update(screen)
    return _end(seen)


def _said(service: Service, broadcast: int, settle: float) -> Seen:
    """Lines for a file, a pipe or a log: one when something has changed, at most every few seconds."""
    last: Seen | None = None
    spoken = -SAY
    seen: Seen | None = None
    for seen, speed in _looks(service, broadcast, settle):
        if seen != last and (time.monotonic() - spoken >= SAY or finished(seen)):
            last, spoken = seen, time.monotonic()
            click.echo("; ".join(filter(None, (f"{_stage(seen)}: {seen.told()}", _hurry(seen, speed)))))
    return _end(seen)


def _hurry(seen: Seen, speed: Speed) -> str:
    rate = speed.a_minute
    return ", ".join(filter(None, (f"{rate:,.0f}/min" if rate else "", speed.left(seen.queued))))


def _stage(seen: Seen | None) -> str:
    """What is going on, in a word or two."""
    from bot.store.stages import Stage

    names = {
        Stage.DRAFT: "draft",
        Stage.WAITING: "waits for a second person",
        Stage.SCHEDULED: "waits for its time",
        Stage.EXPANDING: "being prepared",
        Stage.CANARY: "first twentieth",
        Stage.RUNNING: "under way",
        Stage.PAUSED: "paused",
        Stage.CANCELLED: "cancelled",
        Stage.EXPIRED: "ended before everybody had it",
        Stage.DONE: "done",
    }
    if seen is None:
        return ""
    return names[Stage(seen.stage)] + (f" ({seen.why})" if seen.why else "")


def stage_name(stage: int) -> str:
    """What is going on with a broadcast in this stage."""
    return _stage(Seen(stage, None, {}))


def _end(seen: Seen | None) -> Seen:
    assert seen is not None  # noqa: S101 - at least one look was taken
    return seen
