"""USSD screens: a long text as pages with a line to go on and a line to go back."""

from __future__ import annotations

from functools import lru_cache

from bot.text.cut import Rooms, cut
from bot.text.sms import Encoding, measure

LIMITS: dict[Encoding, int] = {"GSM-7": 182, "UCS-2": 80}
"""160 octets of a USSD string (3GPP TS 24.080) in septets and in UTF-16 units."""


@lru_cache(maxsize=1024)
def pages(text: str, *, more: str, back: str) -> tuple[str, ...]:
    """`text` as screens, in order; one that needs no other has neither line. `more` and `back` are single lines.

    One alphabet for all: if any character of text or lines needs UCS-2, every page keeps to 80 units. Cuts follow the
    rule of `bot.text.cut`; blanks and line ends at a cut are left out, nothing else. Raises ValueError where the two
    lines leave no room.
    """
    encoding, _ = measure(text + more + back)
    limit = LIMITS[encoding]
    _, ends = measure(text)
    after, before = _units(more), _units(back)
    parts = cut(text, ends, Rooms(limit, limit - after, limit - after - before, limit - before))
    last = len(parts) - 1
    return tuple(_page(part, number, last, more, back) for number, part in enumerate(parts))


def _units(line: str) -> int:
    """Of a line and the line end before it."""
    _, ends = measure(line)
    return ends[-1] + 1


def _page(part: str, number: int, last: int, more: str, back: str) -> str:
    body = part.lstrip(" \n") if number else part
    lines = [body if number == last else body.rstrip(" \n")]
    if number < last:
        lines.append(more)
    if number:
        lines.append(back)
    return "\n".join(lines)
