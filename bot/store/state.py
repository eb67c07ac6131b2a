"""How far a text has come on its way out."""

from __future__ import annotations

from enum import IntEnum


class State(IntEnum):
    """Below `SETTLED` a text is the outbox's; from there on its state only ever rises (W9, I5)."""

    QUEUED = 10
    """Waits for its time."""
    CLAIMED = 15
    """A worker holds it until its lease ends; nothing of it has left the house."""
    POSTING = 20
    """On its way: if the worker dies now, nobody knows whether it went."""
    UNSURE = 25
    """Nobody knows whether it went; the gateway is to be asked, or the rule for its kind decides."""
    UNKNOWN = 28
    """It will never be known, unless a report comes, and it is not sent again."""
    ACCEPTED = 30
    """The gateway has it; so have texts that left with a response."""
    SENT = 33
    """The network has it."""
    FAILED = 40
    UNDELIVERED = 41
    EXPIRED = 42
    """Its time was over before it could go."""
    SUPPRESSED = 43
    """The person said STOP before it went."""
    CANCELLED = 44
    """Staff stopped it before it went."""
    DELIVERED = 50
    READ = 60


SETTLED = State.UNKNOWN
WENT = (State.UNKNOWN, State.ACCEPTED, State.SENT, State.UNDELIVERED, State.DELIVERED, State.READ)
"""What a gateway was given, as far as anybody knows: what is paid for."""
