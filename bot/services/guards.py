"""How often one person is answered: two machines that answer each other must fall silent (threat T7, test F5)."""

from __future__ import annotations

import struct
from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

from bot.conversation.session import Reply

MOST = 8
CEILING = 24
WINDOW = 600_000
EMERGENCY_PAUSE = 60_000
"""At most 8 replies in any 10 minutes; beyond them an emergency answer a minute. Milliseconds.

The next question of a tool does not count among the 8 where its last one was answered: somebody reads and chooses, and
after twelve questions at most every tool has come to its end. To begin one counts. But a machine that always sends "1"
begins tool after tool: with such questions it gets 24 replies, room for every tool once and a few texts more.
"""

_ASKED = 1 << 62
"""Added to the time of a question that went on from an answer."""


MOST_FORGOTTEN = 10_000


class Forgotten:
    """The latest replies to people just forgotten, in memory only: or ERASE would be a way round the guard."""

    def __init__(self) -> None:
        self._replied: OrderedDict[bytes, bytes] = OrderedDict()
        self._lock = Lock()

    def recall(self, number_key: bytes) -> bytes:
        """The packed times; none for almost everybody."""
        return self._replied.get(number_key, b"")

    def keep(self, number_key: bytes, replied: bytes, now: int) -> None:
        """Remember a person's times while they count, and let go of all that count no more."""
        with self._lock:
            self._replied[number_key] = replied
            self._replied.move_to_end(number_key)
            while self._replied and (len(self._replied) > MOST_FORGOTTEN or self._over(now)):
                self._replied.popitem(last=False)

    def _over(self, now: int) -> bool:
        """Whether the times kept longest count no more."""
        longest = next(iter(self._replied.values()))
        return all(abs(now - _time(mark)) >= WINDOW for mark in unpack(longest))


def admit(replies: Sequence[Reply], replied: bytes, now: int) -> tuple[tuple[Reply, ...], bytes]:
    """The replies that may go out now, and the packed times to remember. What the texts say plays no part."""
    marks = [mark for mark in unpack(replied) if 0 <= now - _time(mark) < WINDOW]
    admitted = []
    for reply in replies:
        if _may(reply, marks, now):
            admitted.append(reply)
            marks = [*marks, _mark(reply, now)][-CEILING:]
    return tuple(admitted), pack(marks)


def _may(reply: Reply, marks: Sequence[int], now: int) -> bool:
    """Whether a reply may go out after those of the last 10 minutes."""
    counted = [mark for mark in marks if mark < _ASKED]
    if reply.emergency:
        return len(counted) < MOST or now - _last_emergency(counted) >= EMERGENCY_PAUSE
    return len(marks) < CEILING and (reply.asked or len(counted) < MOST)


def _mark(reply: Reply, now: int) -> int:
    """How a reply is remembered: an emergency answer as a negative time."""
    if reply.emergency:
        return -now
    return now + _ASKED if reply.asked else now


def _time(mark: int) -> int:
    """When the reply of a mark went out."""
    return abs(mark) % _ASKED


def _last_emergency(marks: Sequence[int]) -> int:
    return max((-mark for mark in marks if mark < 0), default=0)


def pack(marks: Sequence[int]) -> bytes:
    """Marks as 8 bytes each."""
    return struct.pack(f">{len(marks)}q", *marks)


def unpack(packed: bytes) -> tuple[int, ...]:
    """What `pack` made."""
    return struct.unpack(f">{len(packed) // 8}q", packed)
