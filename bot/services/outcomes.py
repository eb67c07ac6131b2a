"""What became of the texts that went out, counted by day and channel in the commit in which it became known (H23).

A text may be counted for more than one thing: as given to its gateway, and later as arrived.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from bot.store import outbox, outcomes
from bot.store.database import Tx
from bot.store.state import State


class Outcome(StrEnum):
    """What is told of it."""

    WENT = "went"
    """The gateway took it; so did one that had it in our answer to its request."""
    AGAIN = "again"
    """Handing it over failed, and is tried again."""
    FAILED = "failed"
    """It was given up: the gateway refused it, or failed too often."""
    UNKNOWN = "unknown"
    """It will not be known whether it went."""
    LATE = "late"
    """Its time was over before it could go."""
    LEFT = "left"
    """Its person did not want it any more, or staff stopped it, before it went."""
    ARRIVED = "arrived"
    """The network says that it is on the phone."""
    LOST = "lost"
    """The network says that it could not be brought there."""


TROUBLE: Final = frozenset({Outcome.AGAIN, Outcome.FAILED, Outcome.UNKNOWN})
"""What a gateway did not do that it was asked to."""
_SETTLED: Final[Mapping[State, Outcome]] = {
    State.QUEUED: Outcome.AGAIN,
    State.UNKNOWN: Outcome.UNKNOWN,
    State.ACCEPTED: Outcome.WENT,
    State.FAILED: Outcome.FAILED,
    State.EXPIRED: Outcome.LATE,
    State.SUPPRESSED: Outcome.LEFT,
    State.CANCELLED: Outcome.LEFT,
}
_REPORTED: Final[Mapping[State, Outcome]] = {
    State.FAILED: Outcome.LOST,
    State.UNDELIVERED: Outcome.LOST,
    State.DELIVERED: Outcome.ARRIVED,
    State.READ: Outcome.ARRIVED,
}


class Spot(NamedTuple):
    """Where a count belongs: the moment, in milliseconds, and the channel of the texts."""

    now: int
    channel: str


Tally = Mapping[tuple[str, str], int]


def tally(settled: Iterable[tuple[str, State]]) -> Tally:
    """Texts that a worker has tried, by channel and the state they are in now, as they are counted."""
    return Counter((channel, str(_SETTLED[state])) for channel, state in settled if state in _SETTLED)


def count(tx: Tx, now: int, counted: Tally) -> None:
    """Count them with the commit."""
    outcomes.count(tx, now, counted)


def answered(tx: Tx, at: int, channel: str, row: int) -> None:
    """A text left with the response to a request. `row`: its id; those of one response follow each other."""
    outcomes.count(tx, at, {(channel, Outcome.WENT): 1}, spread=row)


def ended(tx: Tx, spot: Spot, state: State, texts: int = 1) -> None:
    """Texts of a channel came to this end otherwise."""
    outcomes.count_now(tx, *spot, _SETTLED[state], texts)


def end(tx: Tx, spot: Spot, rows: Sequence[int], state: State, why: str | None = None) -> None:
    """Rows of the outbox come to their end without having been handed over, and are counted."""
    outbox.end(tx, rows, state, why)
    ended(tx, spot, state, len(rows))


def reported(tx: Tx, spot: Spot, state: State, texts: int = 1) -> None:
    """Texts rose to this state by a report."""
    outcome = _REPORTED.get(state)
    if outcome is not None:
        outcomes.count_now(tx, *spot, outcome, texts)
