"""Series of texts: steps that are sent some days before or after a day that matters to a person."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from bot.content.book import ASK_KINDS, LANGUAGES, Book, State

if TYPE_CHECKING:  # a server is handed a Book and loads no YAML
    from bot.content.ledger import Ledger
    from bot.content.nodes import Block

KINDS: Final = frozenset({"joined", "departure"}) | ASK_KINDS
"""From which days steps may count: when a person joined the campaign, when they leave, when they want to be asked."""

FARTHEST: Final = 366
"""Days between a step and its day."""

REMEMBERED: Final = 31
"""Days after which a day that somebody named is soon forgotten (`services.privacy`): no step may come later."""

UNASKED: Final = "broadcasts."
"""How the ids of texts begin that reach people unasked: they are checked for what a locked phone shows (H1)."""

END: Final = "broadcasts.end"
"""The text that is the last line of each of them: who it is from, and how to stop."""

DAYTIME: Final = (8, 20)

_DAYS = re.compile("[+-]?[0-9]{1,3}")

LATE: Final = ("0", "1", "2")
"""Days that a step may be late by: two unless it says another."""


@dataclass(frozen=True, slots=True)
class Step:
    """One text of a series: the state `say`, `day` days after (before, if negative) the day of the kind `since`.

    `hours`: between which hours of Cambodia it may come, if not in all of daytime. `late`: by how many days it may be
    late, where the house was off. `unless`: not to those who named a day of this kind.
    """

    name: str
    since: str
    day: int
    say: str
    hours: tuple[int, int] | None = None
    late: int = 0
    unless: str | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """A series by its name in `messages/series.yaml`."""

    name: str
    steps: tuple[Step, ...]

    @property
    def kinds(self) -> frozenset[str]:
        """The days it counts from."""
        return frozenset(step.since for step in self.steps)


def read(block: Block, states: Mapping[str, State], ledger: Ledger) -> Iterator[tuple[str, Series]]:
    """Every series of a file, checked: its states are there, are safe to be sent unasked, and ask only what may be."""
    for name, steps in block.named():
        ledger.need(steps.where, END)
        found = []
        for step, inner in steps.named():
            inner.only("since", "day", "say", "hours", "late", "unless")
            since, say = inner.choice("since", KINDS), inner.text("say")
            unless = inner.choice("unless", KINDS) if inner.has("unless") else None
            late = int(inner.choice("late", LATE, default="2" if since not in ASK_KINDS else "0") or 0)
            found.append(Step(step, since, _day(inner), say, _hours(inner), late, unless))
            reason = _fault(found[-1], states)
            if reason:
                ledger.faults.add(inner.where, reason)
        yield name, Series(name, tuple(found))


def _day(block: Block) -> int:
    text = block.text("day")
    if not _DAYS.fullmatch(text) or abs(int(text)) > FARTHEST:
        block.faults.add(block.at("day"), f"'day' must be a number of days, at most {FARTHEST}, as -14 or 7")
        return 0
    return int(text)


def _hours(block: Block) -> tuple[int, int] | None:
    found = tuple(int(text) if text.isdecimal() else -1 for text in block.texts("hours"))
    if not found:
        return None
    if len(found) != 2 or not DAYTIME[0] <= found[0] < found[1] <= DAYTIME[1]:
        block.faults.add(block.at("hours"), f"'hours' must be two hours of the day, from {DAYTIME[0]} to {DAYTIME[1]}")
        return DAYTIME
    return found[0], found[1]


def _fault(step: Step, states: Mapping[str, State]) -> str | None:
    """Why a step may not be, or None."""
    state = states.get(step.say)
    if state is None:
        return f"there is no state {step.say!r}"
    if not step.say.startswith(UNASKED) or state.fills or state.budget > 2 or len(state.pages) > 1:
        return f"{step.say} is no text to be sent unasked: an id that begins with {UNASKED}, at most 2 SMS, one page"
    if step.since == "joined" and step.day < 1:
        return "nobody knows when somebody will join: a day after it, from 1 on"
    if step.since != "joined" and step.day > REMEMBERED:
        return f"a day that somebody named is soon forgotten: at most {REMEMBERED} days after it"
    consented = step.since in ASK_KINDS
    if (state.asks == "check") != consented or (consented and (step.day or step.late or not step.hours)):
        return "how somebody is may only be asked who said yes to it, on that day and at those hours (H6)"
    return None


def fingerprint(book: Book, name: str) -> str:
    """What of a series is approved: another one as soon as a step, a text or a translation is another."""
    series = book.series[name]
    said: list[object] = [
        [book.words(END, page, language) for page in book.states[END].pages for language in LANGUAGES]
    ]
    for step in series.steps:
        state = book.states[step.say]
        texts = [(state.id, page) for pages in (state.pages, *state.by_country.values()) for page in pages]
        texts += [(choice.context, choice.label) for choice in state.choices]
        words = [(text, *(book.words(context, text, language) for language in LANGUAGES)) for context, text in texts]
        said.append((step, words, [choice.go for choice in state.choices]))
    return sha256(repr(said).encode()).hexdigest()[:16]
