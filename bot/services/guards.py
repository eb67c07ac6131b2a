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
A_DAY = 120
"""At most 8 replies in any 10 minutes; beyond them an emergency answer a minute. Milliseconds.

A machine that never tires gets 120 replies in a day (UTC); from then on only emergency answers, one in 10 minutes.

The next question of a tool does not count among the 8 where its last one was answered: somebody reads and chooses, and
after twelve questions at most every tool has come to its end. To begin one counts. But a machine that always sends "1"
begins tool after tool: with such questions it gets 24 replies, room for every tool once and a few texts more.
"""

_ASKED = 1 << 62
"""Added to the time of a question that went on from an answer."""
_TALLY = 1 << 61
"""Added to the mark that counts the replies of a day; those who came before this mark was thought of drop it."""
_DAY = 86_400_000
_MOST_COUNTED = (1 << 20) - 1


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
        """Remember a person's times while they count, and let go of those kept longest that count no more."""
        with self._lock:
            self._replied[number_key] = replied
            self._replied.move_to_end(number_key)
            while self._replied and (len(self._replied) > MOST_FORGOTTEN or self._over(now)):
                self._replied.popitem(last=False)

    def _over(self, now: int) -> bool:
        """Whether the times kept longest count no more."""
        longest = unpack(next(iter(self._replied.values())))
        return _tally(longest, now) < A_DAY and all(abs(now - _time(mark)) >= WINDOW for mark in longest)


def admit(replies: Sequence[Reply], replied: bytes, now: int) -> tuple[tuple[Reply, ...], bytes]:
    """The replies that may go out now, and the packed times to remember. What the texts say plays no part."""
    before = unpack(replied)
    tally = _tally(before, now)
    marks = [mark for mark in before if 0 <= now - _time(mark) < WINDOW]
    admitted = []
    for reply in replies:
        if _may(reply, marks, tally, now):
            admitted.append(reply)
            marks = [*marks, _mark(reply, now)][-CEILING:]
            tally += 1
    return tuple(admitted), pack([*_tallied(tally, now), *marks])


def _may(reply: Reply, marks: Sequence[int], tally: int, now: int) -> bool:
    """Whether a reply may go out after those of the last 10 minutes and `tally` of this day."""
    counted = [mark for mark in marks if mark < _ASKED]
    if reply.emergency:
        room = len(counted) < MOST and tally < A_DAY
        return room or now - _last_emergency(counted) >= (EMERGENCY_PAUSE if tally < A_DAY else WINDOW)
    return tally < A_DAY and len(marks) < CEILING and (reply.asked or len(counted) < MOST)


def _tally(marks: Sequence[int], now: int) -> int:
    """How many replies of this day the marks count."""
    of_today = (mark - _TALLY for mark in marks if _TALLY <= mark < _ASKED)
    return next((each & _MOST_COUNTED for each in of_today if each >> 20 == now // _DAY), 0)


def _tallied(tally: int, now: int) -> list[int]:
    """The mark that counts the replies of this day."""
    return [_TALLY + (now // _DAY << 20) + min(tally, _MOST_COUNTED)] if tally else []


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


class Rescued:
    """Who was answered from memory because nothing could be kept, and when."""

    PAUSE = 600_000
    """Milliseconds between two such answers to one person."""
    MOST = 100
    """Of them in that time: machines that cry for help must not empty the account while nobody can count."""

    def __init__(self) -> None:
        self._times: OrderedDict[bytes, int] = OrderedDict()
        self._lock = Lock()

    def may(self, number_key: bytes, now: int) -> bool:
        """Whether this person gets such an answer now; it then counts."""
        with self._lock:
            while self._times and abs(now - next(iter(self._times.values()))) >= self.PAUSE:
                self._times.popitem(last=False)
            if number_key in self._times or len(self._times) >= self.MOST:
                return False
            self._times[number_key] = now
            return True
