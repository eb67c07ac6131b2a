"""How often one person is answered: two machines that answer each other must fall silent (threat T7, test F5)."""

from __future__ import annotations

import struct
from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

from bot.conversation.session import Reply

MOST = 8
WINDOW = 600_000
EMERGENCY_PAUSE = 60_000
"""At most 8 replies in any 10 minutes; beyond them an emergency answer a minute. Milliseconds.

The next question of a tool is not counted where its last one was answered: somebody reads and chooses, and after
twelve questions at most every tool has come to its end. To begin one counts.
"""


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
        return all(abs(now - abs(time)) >= WINDOW for time in unpack(longest))


def admit(replies: Sequence[Reply], replied: bytes, now: int) -> tuple[tuple[Reply, ...], bytes]:
    """The replies that may go out now, and the packed times to remember. What the texts say plays no part."""
    times = [time for time in unpack(replied) if 0 <= now - abs(time) < WINDOW]
    admitted = []
    for reply in replies:
        if reply.asked:
            admitted.append(reply)
        elif len(times) < MOST or (reply.emergency and now - _last_emergency(times) >= EMERGENCY_PAUSE):
            admitted.append(reply)
            times.append(-now if reply.emergency else now)
            times = times[-MOST:]
    return tuple(admitted), pack(times)


def _last_emergency(times: Sequence[int]) -> int:
    """Emergency answers are remembered as negative times."""
    return max((-time for time in times if time < 0), default=0)


def pack(times: Sequence[int]) -> bytes:
    """Times as 8 bytes each."""
    return struct.pack(f">{len(times)}q", *times)


def unpack(packed: bytes) -> tuple[int, ...]:
    """What `pack` made."""
    return struct.unpack(f">{len(packed) // 8}q", packed)
