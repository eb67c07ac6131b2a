"""What is done about a text that was not taken, and how long a text is worth sending. Pure: no clock, no database."""

from __future__ import annotations

from typing import Final, NamedTuple

from bot.protocol import SendError
from bot.store.state import State

SECOND: Final = 1000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE

EMERGENCY: Final = 72 * HOUR
"""Numbers to call help someone in danger whenever they come: the texts name no time."""
REPLY: Final = 12 * HOUR
"""An answer is read the same day or the next morning; later it comes out of nowhere."""
PASSING: Final = 10 * MINUTE
"""A menu or the next question of a tool: by then the talk has gone on, and "1" would mean something else."""
BROADCAST: Final = 24 * HOUR
"""A text nobody asked for, if whoever sends it names no end."""

LADDER: Final = (SECOND, 5 * SECOND, 15 * SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE)
"""Longest pause after each failure of one text; the last holds for all that follow. Only its end stops a text."""
GATEWAY_LADDER: Final = (0, 0, 0, *LADDER[3:5])
"""The same where the whole gateway suffers: its own pause paces it, and whoever was first stays first. After the third
time the others are let pass, should it be this text after all; and when the gateway is back no text sleeps long."""

LONGEST: Final = LADDER[-1]
"""No text waits longer between two tries (unless the gateway asks for more)."""
MOST_ASKED: Final = HOUR
"""No gateway is believed that wants a longer pause."""
LEASE: Final = 30 * SECOND
"""So long a text is in a worker's hands, or left with a response of which nobody has said yet that it came."""
SECOND_TRY: Final = MINUTE
"""After an unknown outcome of a gateway that cannot be asked: time for a report to come."""
FRESH: Final = 10 * MINUTE
"""Only a reply younger than this is sent again when nobody knows whether it went."""

GATEWAYS: Final = frozenset({"throttled", "credit", "network", "config"})
"""Causes of which all texts of a gateway suffer: they are tried until their end, whatever `retry` says."""
OVER: Final = {"expired": State.EXPIRED}
NOBODY: Final = frozenset({"opted_out", "bad_number"})
"""Causes for which no other gateway would do better."""


class Next(NamedTuple):
    """What becomes of a text: its state, and when it is due if it is tried again."""

    state: State
    due_at: int = 0


class Tried(NamedTuple):
    """A text that was handed over `attempts` times."""

    attempts: int
    due_at: int
    expires_at: int | None


def after(error: SendError, tried: Tried, now: int, chance: float) -> Next:
    """What becomes of a text that failed with `error`.

    `chance` (0 to 1) is the jitter: texts that failed together do not come back together.
    """
    if error.sent == "unknown":
        return Next(State.UNSURE, now)
    if error.cause in OVER:
        return Next(OVER[error.cause])
    gateway = error.cause in GATEWAYS
    if error.cause in NOBODY or not (error.retry or gateway):
        return Next(State.FAILED)
    asked = round(min(max(error.after or 0, 0) * SECOND, MOST_ASKED))
    pause = asked + round(chance * _longest(GATEWAY_LADDER if gateway else LADDER, tried.attempts))
    due = now + pause if pause else min(tried.due_at, now)
    over = tried.expires_at is not None and due >= tried.expires_at
    return Next(State.EXPIRED) if over else Next(State.QUEUED, due)


def _longest(ladder: tuple[int, ...], attempts: int) -> int:
    return ladder[min(max(attempts, 1), len(ladder)) - 1]


def spell(attempts: int) -> int:
    """How long a text that its gateway will never take waits for another gateway to come back."""
    return max(_longest(LADDER, attempts), MINUTE)


def elsewhere(error: SendError, priority: int, repeats: int) -> bool:
    """Whether a text that its gateway will never take may go by another one: once, or two would play it to and fro."""
    return priority == 0 and repeats > 0 and error.cause not in NOBODY


def unanswered(priority: int, repeats: int, age: int, unsure_for: int) -> Next | None:
    """What becomes of a text whose outcome nobody can tell; None: wait, a report may still come.

    An emergency is sent again: twice is better than never. So is a fresh reply. Nothing else is.
    """
    if repeats < 1 or (priority > 0 and age >= FRESH):
        return Next(State.UNKNOWN)
    return Next(State.QUEUED) if unsure_for >= SECOND_TRY else None
