"""The replies to one text, as they are kept: those that left with the response, and those the outbox is to send."""

from __future__ import annotations

from enum import Enum, auto
from functools import lru_cache
from typing import Any, Final, NamedTuple

from bot.conversation.session import Reply, Turn
from bot.services import outcomes, retry
from bot.services.service import Service
from bot.store import messages
from bot.store.database import Tx
from bot.store.state import State
from bot.store.tables import REPLIES
from bot.text.sms import segments

PASSING: Final = frozenset({"menu", "language"})
"""Topics that soon make no sense any more; so do the questions of tools."""
ONCE: Final = frozenset({"opt_out", "opt_in", "erase"})
"""Acts whose confirmation is never sent a second time on a doubt."""
SECOND: Final = REPLIES // 2
"""Ids between an emergency answer and its copy on another channel."""


class Way(Enum):
    """How a reply leaves."""

    RESPONSE = auto()
    """With the response to the webhook."""
    SCREEN = auto()
    """The same, on a USSD screen: that is no SMS."""
    WATCHED = auto()
    """The same, and its gateway reports: if nothing is heard of it within a minute, the outbox sends it."""
    OUTBOX = auto()
    """A worker sends it."""


class Asked(NamedTuple):
    """The text that was answered: its row and channel, who sent it, when, and what the conversation made of it."""

    service: Service
    inbound_id: int
    channel: str
    number: str
    at: int
    turn: Turn


def rows(replies: tuple[Reply, ...]) -> int:
    """How many ids to take for replies: an emergency answer may have to go a second time, by another channel."""
    return REPLIES if any(reply.emergency for reply in replies) else len(replies)


def keep(tx: Tx, asked: Asked, row: int, reply: Reply, way: Way) -> None:
    """Keep one reply in this transaction. Its row is one of the ids after `inbound_id`, so that it can be found."""
    kept = {
        "id": row,
        "inbound_id": asked.inbound_id,
        "contact_id": None,
        "channel": asked.channel,
        "text_sealed": asked.service.vault.seal(reply.text.encode(), "outbound", row),
        "parts": 0 if way is Way.SCREEN else parts(reply.text),
        "priority": 0 if reply.emergency else 1,
        "created_at": asked.at,
    }
    if way in (Way.RESPONSE, Way.SCREEN):
        tx.put(messages.ADD_OUTBOUND, **kept, state=State.ACCEPTED, provider_key=None)
    else:
        tx.put(messages.WAIT_OUTBOUND, **kept, **_waiting(asked, row, reply, way))
    if way in (Way.RESPONSE, Way.WATCHED):
        outcomes.answered(tx, asked.at, asked.channel, row)


def _waiting(asked: Asked, row: int, reply: Reply, way: Way) -> dict[str, Any]:
    """What the outbox needs to know. The number waits with the text, and goes when the text has gone."""
    watched = way is Way.WATCHED
    return {
        "state": State.POSTING if watched else State.QUEUED,
        "to_sealed": asked.service.vault.seal(asked.number.encode(), "to", row),
        "due_at": asked.at,
        "expires_at": asked.at + life(asked.turn, reply),
        "lease_until": asked.at + retry.LEASE if watched else None,
        "repeats": 0 if ONCE.intersection(asked.turn.acts) else 1,
    }


def life(turn: Turn, reply: Reply) -> int:
    """For how long a reply is worth sending, in milliseconds."""
    if reply.emergency:
        return retry.EMERGENCY
    return retry.PASSING if turn.session.tool or reply.topic in PASSING else retry.REPLY


@lru_cache(maxsize=512)
def parts(text: str) -> int:
    """How many parts a text is sent in. Answers are few and asked often."""
    return len(segments(text).parts)
