"""How far a broadcast has come, and why somebody is left out of it."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from bot.store.state import State


class Stage(IntEnum):
    """From `CANCELLED` on a broadcast is over: nothing of it is sent any more."""

    DRAFT = 10
    """Being written; nothing happens to it."""
    WAITING = 20
    """For a second person: it is larger than one alone may send."""
    SCHEDULED = 30
    """Waits for its time."""
    EXPANDING = 35
    """Its recipients are being written down."""
    CANARY = 40
    """A twentieth has it, and what they do is being watched."""
    RUNNING = 50
    PAUSED = 60
    """By staff, or because too many said STOP, failed or asked for help."""
    CANCELLED = 70
    EXPIRED = 75
    """Its end came before everybody had it."""
    DONE = 80


OVER: Final = Stage.CANCELLED
FIRST_LEFT: Final = 100


class Left(IntEnum):
    """Why somebody who was a recipient is left out when their turn comes; kept as `Recipient.state`.

    The names are those of the rules of `store.audience`; those that came later have the next numbers.
    """

    ERASED = 101
    STOPPED = 102
    BLOCKED = 103
    DEAD = 104
    NO_CONSENT = 105
    EMERGENCY = 106
    SILENT = 107
    CAP = 108
    CASE = 109


STOPPED_AFTER: Final = "stopped_after"
"""Said STOP within `NEAR` after the text: a count beside the outcomes."""
NEAR: Final = 72 * 3_600_000


def outcome(state: int) -> str:
    """The word that `BroadcastResult` has for what became of a recipient who was never given to the outbox, or for the
    state of their text."""
    return (Left(state) if state > FIRST_LEFT else State(state)).name.lower()
