"""USSD screens: a long text, and the lines to choose from, as pages with keys to go on and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from bot.text.cut import Rooms, cut
from bot.text.sms import measure

MOST_CHOICES = 8
"""Lines to choose from on one screen: the key 9 is for more, and there are no keys of two digits."""

SPARE = 2
"""Screens more than the fewest, where a word would be torn: a screen costs nothing but a key."""


class Sizes(NamedTuple):
    """Units that a screen holds: 160 octets of a USSD string (3GPP TS 24.080) in septets and in UTF-16 units."""

    gsm7: int = 182
    ucs2: int = 80


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines below a text. `more` and `back` stand on every screen that has such a neighbour, `before` also on the
    first; `last` stands on the last screen, instead of `back`."""

    more: str
    back: str
    before: bool = False
    last: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Screen:
    """One screen, and which of the choices it shows: `count` from `first` on, under the keys from 1."""

    text: str
    first: int = 0
    count: int = 0


@lru_cache(maxsize=1024)
def screens(text: str, choices: tuple[str, ...], lines: Lines, sizes: Sizes) -> tuple[Screen, ...]:
    """`text` and then the `choices`, in as few screens as can be.

    One alphabet for all: if any sign needs UCS-2, every screen keeps to that size. Cuts follow the rule of
    `bot.text.cut`, which tears no word if two screens more help; blanks and line ends at a cut are left out, nothing
    else. Where the last lines, or all choices, need a screen of their own anyway, nothing else stands on it; a text
    that fits on the first but for the way back then has it there, whole. Raises ValueError where lines leave no room.
    """
    said = "\n".join((text, lines.more, lines.back, *lines.last, *choices))
    limit = sizes.gsm7 if measure(said)[0] == "GSM-7" else sizes.ucs2
    sheet = _Sheet(text, choices, lines, limit)
    return sheet.menu() if choices else sheet.answer()


class _Sheet:
    """One text on its way to screens of `limit` units."""

    def __init__(self, text: str, choices: tuple[str, ...], lines: Lines, limit: int) -> None:
        self.text = text
        self.choices = choices
        self.lines = lines
        self.limit = limit
        first = (lines.more, lines.back) if lines.before else (lines.more,)
        self.rooms = Rooms(
            whole=limit - _units(lines.last),
            first=limit - _units(first),
            middle=limit - _units((lines.more, lines.back)),
            last=limit - _units(lines.last),
        )

    def answer(self) -> tuple[Screen, ...]:
        """A text alone."""
        shared = self._cut(self.rooms.whole, self.rooms.last)
        if len(shared) > 1 and self.lines.last:
            alone = self._cut(self.limit - _units((self.lines.more,)), self.rooms.middle)
            if len(alone) < len(shared):
                shared = [*alone, ""]
        return self._drawn([Screen(part) for part in shared])

    def menu(self) -> tuple[Screen, ...]:
        """A text with choices. Where they are torn apart but need not be, they have a screen of their own."""
        filled = self._filled(share=True)
        torn = sum(screen.count > 0 for screen in filled) > 1
        apart = self._filled(share=False) if torn else filled
        whole = sum(screen.count > 0 for screen in apart) == 1
        return self._drawn(apart if torn and whole and len(apart) <= len(filled) else filled)

    def _filled(self, *, share: bool) -> list[Screen]:
        """The text, then the choices, each screen as full as it can be; with `share` they begin below the text."""
        parts = self._cut(self.rooms.first, self.rooms.middle)
        found = [Screen(part) for part in parts[:-1]]
        body, taken = parts[-1], 0
        if not share or not self._fitting(body, 0, len(found)):
            found.append(Screen(body))
            body = ""
        while taken < len(self.choices):
            count = self._fitting(body, taken, len(found))
            if not count:
                raise ValueError("a line to choose has no room on a screen")
            found.append(Screen(body, taken, count))
            body, taken = "", taken + count
        return found

    def _fitting(self, body: str, taken: int, number: int) -> int:
        """How many of the choices have room below `body`: all that are left, or as many as leave room to go on."""
        rest = self.choices[taken:]
        used = _size(body) + 1 if body else 0
        if len(rest) <= MOST_CHOICES and used + _units(_numbered(rest)) - 1 <= self.rooms.last:
            return len(rest)
        room = self.rooms.middle if number else self.rooms.first
        count = min(len(rest) - 1, MOST_CHOICES)
        while count and used + _units(_numbered(rest[:count])) - 1 > room:
            count -= 1
        return count

    def _cut(self, whole: int, last: int) -> list[str]:
        _, ends = measure(self.text)
        parts = cut(self.text, ends, Rooms(whole, self.rooms.first, self.rooms.middle, last), spare=SPARE)
        stripped = [part.lstrip(" \n") if number else part for number, part in enumerate(parts)]
        return [part.rstrip(" \n") for part in stripped[:-1]] + stripped[-1:]

    def _drawn(self, found: Sequence[Screen]) -> tuple[Screen, ...]:
        """With their lines."""
        return tuple(self._with_lines(screen, number, len(found) - 1) for number, screen in enumerate(found))

    def _with_lines(self, screen: Screen, number: int, last: int) -> Screen:
        below = [*_numbered(self.choices[screen.first : screen.first + screen.count])]
        if number < last:
            below.append(self.lines.more)
            room = _size(screen.text) + _units([*below, self.lines.back]) <= self.limit
            below += [self.lines.back] if number or (self.lines.before and room) else []
        else:
            below += self.lines.last
        text = "\n".join([screen.text, *below] if screen.text or not below else below)
        return Screen(text, screen.first, screen.count)


def _numbered(choices: Sequence[str]) -> list[str]:
    return [f"{key} {label}" for key, label in enumerate(choices, 1)]


def _size(text: str) -> int:
    return measure(text)[1][-1]


def _units(lines: Sequence[str]) -> int:
    """Of lines, and of the line end before each."""
    return sum(_size(line) + 1 for line in lines)
