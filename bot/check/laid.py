"""Does what staff change leave every text as it should be? Only what the change can touch is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from bot.check.numbers import emergency, told
from bot.check.problem import Problem
from bot.check.readers import spots
from bot.check.sizes import TooLong, too_long
from bot.content.book import LANGUAGES, Book, Helpline, Notice, State
from bot.content.template import places


def laid(before: Book, after: Book, today: date) -> list[Problem | TooLong]:
    """What is wrong with the book `after` a change of its numbers or notices, and was not `before`."""
    found: list[Problem | TooLong] = []
    for states, where in _touched(before, after):
        long = list(too_long(after, today, states, where))
        known = {str(each) for each in too_long(before, today, [each.state for each in long], where)}
        found += [each for each in long if str(each) not in known]
    if before.helplines != after.helplines:
        known = {each.what for check in (emergency(before, today), told(before)) for each in check}
        found += [each for check in (emergency(after, today), told(after)) for each in check if each.what not in known]
    return found


def _touched(before: Book, after: Book) -> Iterator[tuple[list[State], list[str | None]]]:
    """The states whose words may be longer, with the places where they are read."""
    numbers = {line.id for line in after.helplines.values() if _grown(before.helplines.get(line.id), line)}
    if numbers:
        countries = {after.helplines[name].country for name in numbers}
        carded = {code for code, names in after.cards.items() if numbers & set(names)}
        yield [state for state in after.states.values() if _names(state, numbers)], spots(after)
        yield [state for state in after.states.values() if _calls(state)], [None, *sorted(countries | carded)]
    said = [_said(before, each) for each in before.notices]
    for notice in (each for each in after.notices if _said(after, each) not in said):
        states = [state for state in after.states.values() if state.notices and state.topic in notice.topics]
        yield states, [None, *sorted(notice.countries or after.countries)]


def _said(book: Book, notice: Notice) -> tuple[object, ...]:
    return notice, *(book.words(f"notice/{notice.id}", notice.say, language) for language in LANGUAGES)


def _grown(before: Helpline | None, after: Helpline) -> bool:
    """Whether texts can be longer with it than they were."""
    if before is None or before.enabled != after.enabled:
        return True
    return any(
        len(now or "") > len(then or "") for then, now in ((before.local, after.local), (before.e164, after.e164))
    )


def _names(state: State, numbers: set[str]) -> bool:
    """Whether it names one of these numbers itself."""
    return any(name in numbers for kind, name in _places(state) if kind in ("tel", "local"))


def _calls(state: State) -> bool:
    """Whether it names the best number of some kind."""
    return any(kind in ("call", "who") for kind, _ in _places(state))


def _places(state: State) -> Iterator[tuple[str, str]]:
    for pages in (state.pages, *state.by_country.values()):
        for page in pages:
            yield from places(page)
