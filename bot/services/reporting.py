"""What a report may say of a broadcast to people outside the house: counts, and never anybody in particular.

Every count in a `Report` may be shown together with all the others (`disclosure`), so that a page, a CSV and an XLSX
file made of the same report tell the same. What a report leaves out is in docs/reports.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from bot.services.disclosure import LEAST, OTHER, Figure, Key, certain, merged, protect, summary
from bot.services.prices import Price
from bot.services.report_money import Cost, costs_of, spent, unsent
from bot.services.results import DELIVERED, FAILED, PAID, SENT, WAITING, Results, counted, recipients
from bot.store.results import OVERLAYS
from bot.store.stages import STOPPED_AFTER

ARRIVED: Final = "arrived"
GONE: Final = "sent"
LOST: Final = "not_arrived"
LATER: Final = "waiting"
GROUPS: Final = (GONE, LOST, ARRIVED, LATER)
"""The order in which one of them is hidden to protect another."""
STOPPED: Final = "stopped"
MANY: Final = 100
"""Of fewer people it is not told when the texts went."""
AXES: Final = ("province", "language", "channel")
_REST: Final = "rest"
_OUTCOME: Final = 3


class Row(NamedTuple):
    """One line of a table: how many people, and how many of them by column. `name` may be `OTHER`."""

    name: str
    people: int
    figures: Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class Table:
    """People by one of the `AXES`. A column is a group, or several joined by `+`; what is not there is not told."""

    axis: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


class Quiz(NamedTuple):
    """One question before and after the events of the campaign: how many of how many answers were right."""

    question: str
    before: tuple[Figure, int] | None
    after: tuple[Figure, int] | None


@dataclass(frozen=True, slots=True)
class Report:
    """All that may be shown. `spent`: between which bounds it lies what was spent; they follow from the other counts.

    `open`: these are not the last counts. `titles`: with the time each broadcast began. `hours`: the share of the texts
    that went in each hour, in tenths. `answers_by`: those who answered, by province and by language.
    """

    campaign: str
    titles: tuple[tuple[str, int], ...]
    people: int
    open: bool
    outcomes: Mapping[str, Figure]
    details: Mapping[str, Figure]
    excluded: Mapping[str, Figure]
    stopped: Figure
    tables: tuple[Table, ...]
    crossed: Table | None
    answers: Mapping[str, Figure]
    answered: int
    answers_by: tuple[Table, ...]
    quiz: tuple[Quiz, ...]
    costs: tuple[Cost, ...]
    spent: tuple[Price, Price] | None
    hours: Mapping[int, int]


class TooFew(ValueError):
    """A report on fewer than 20 people would be one on each of them. One clear sentence."""


def report(results: Results) -> Report:
    """The report on some results. Raises `TooFew`."""
    people = results.people
    if people < LEAST:
        raise TooFew(f"a report needs {LEAST} recipients at least, or it would be one on each of them")
    groups = {group: 0 for group in GROUPS}
    for cell in recipients(results):
        groups[group_of(cell.outcome)] += cell.people
    if results.open:
        return _sums(results, groups)
    outcomes = summary(groups)
    details = _details(results) if outcomes.figures[LOST].exact else {}
    stopped = summary({_REST: people - results.stopped, STOPPED: results.stopped}).figures[STOPPED]
    tables, crossed = _tables(results, outcomes.together)
    answers, answered, answers_by = _answers(results)
    costs = costs_of(results) if results.prices.known else []
    return Report(
        campaign=results.campaign,
        titles=tuple((head.title, head.starts_at) for head in results.heads),
        people=people,
        open=False,
        outcomes=outcomes.figures,
        details=details,
        excluded=_excluded(results),
        stopped=stopped,
        tables=tables,
        crossed=crossed,
        answers=answers,
        answered=answered,
        answers_by=answers_by,
        quiz=_quiz(results.quiz),
        costs=tuple(line for line, _ in costs),
        spent=spent(results, costs, unsent(outcomes.figures[LOST], details)),
        hours=_shares(results.hours),
    )


def _sums(results: Results, groups: Mapping[str, int]) -> Report:
    """What may be told while counts change: sums of all, in tens. Two reports a moment apart would otherwise tell what
    became of the few in between."""
    outcomes = {name: _tens(count, results.people) for name, count in groups.items()}
    costs = costs_of(results) if results.prices.known else []
    return Report(
        campaign=results.campaign,
        titles=tuple((head.title, head.starts_at) for head in results.heads),
        people=results.people,
        open=True,
        outcomes=outcomes,
        details={},
        excluded=_excluded(results),
        stopped=_tens(results.stopped, results.people),
        tables=(),
        crossed=None,
        answers={},
        answered=0,
        answers_by=(),
        quiz=_quiz(results.quiz),
        costs=tuple(line for line, _ in costs),
        spent=spent(results, costs, outcomes[LOST]),
        hours={},
    )


def _tens(count: int, most: int) -> Figure:
    low = count - count % 10
    return Figure(low, min(low + 9, most))


def group_of(outcome: str) -> str:
    """What a reader is told of an outcome."""
    if outcome in DELIVERED:
        return ARRIVED
    if outcome in SENT:
        return GONE
    return LATER if outcome in WAITING else LOST


def _details(results: Results) -> dict[str, Figure]:
    """Why texts did not arrive, if it can be told without pointing at less than five."""
    lost = {"failed": 0, "unknown": 0, "left_out": 0}
    for cell in recipients(results):
        if group_of(cell.outcome) == LOST:
            named = "failed" if cell.outcome in FAILED else cell.outcome if cell.outcome == "unknown" else "left_out"
            lost[named] += cell.people
    return dict(summary(lost).figures) if certain(lost) else {}


def _excluded(results: Results) -> dict[str, Figure]:
    """Who was left out before, of one broadcast; of several the same people would be counted again and again."""
    known = {reason: count for reason, count in results.excluded.items() if count}
    if len(results.heads) > 1 or sum(known.values()) < LEAST:
        return {}
    return dict(summary(known).figures)


def _tables(results: Results, together: frozenset[str]) -> tuple[tuple[Table, ...], Table | None]:
    """By province, language and channel, each with outcomes and opt-outs; and provinces by languages."""
    names = [
        merged(counted((str(getattr(cell, axis)), cell.people) for cell in recipients(results)), LEAST) for axis in AXES
    ]
    joined = "+".join(group for group in (ARRIVED, GONE, LOST) if group in together)
    base, gone, stopped = _spread(results, names, lambda group: joined if group in together else group)
    several = [place for place in range(len(AXES)) if len(set(names[place].values())) > 1]
    columns = tuple(sorted({key[_OUTCOME] for key in base}, key=_rank))
    outcome_tables = [(place, _OUTCOME) for place in several] if len(columns) > 1 else []
    crossing = [(0, 1)] if 0 in several and 1 in several else []
    told = protect(base, [*outcome_tables, *crossing], pinned=stopped)
    stops = protect(gone, [(place, _OUTCOME) for place in several], free=frozenset({_REST})) if results.stopped else {}
    tables = tuple(
        _table(base, place, columns, told.get((place, _OUTCOME)) or {}, stops.get((place, _OUTCOME)) or {})
        for place in several
    )
    cross = told.get((0, 1))
    return tables, _crossed(base, cross) if cross else None


def _answers(results: Results) -> tuple[Mapping[str, Figure], int, tuple[Table, ...]]:
    """The answers, how many there are, and the same by province and by language: as rows those who answered, as
    columns the answers. Answers whose counts hide each other are one column, `OTHER`."""
    counts = counted((answer, count) for answer, _, _, count in results.answers)
    answered = sum(counts.values())
    if answered < LEAST:
        return {}, 0, ()
    found = summary(counts)
    names = [
        merged(counted((province, count) for _, province, _, count in results.answers), LEAST),
        merged(counted((language, count) for _, _, language, count in results.answers), LEAST),
    ]
    base: dict[Key, int] = {}
    for answer, province, language, count in results.answers:
        key = (names[0][province], names[1][language], OTHER if answer in found.together else answer)
        base[key] = base.get(key, 0) + count
    columns = tuple(sorted({key[2] for key in base}, key=lambda name: (name == OTHER, name)))
    several = [place for place in (0, 1) if len(columns) > 1 and len(set(names[place].values())) > 1]
    told = protect(base, [(place, 2) for place in several])
    tables = [_table(base, place, columns, figures, {}) for (place, _), figures in told.items() if figures]
    return found.figures, answered, tuple(tables)


def _rank(column: str) -> int:
    order = (ARRIVED, GONE, LOST)
    return min(order.index(group) for group in column.split("+"))


Spread = tuple[dict[Key, int], dict[Key, int], dict[Key, int]]


def _spread(results: Results, names: list[dict[str, str]], column: Callable[[str], str]) -> Spread:
    """People by province, language, channel and outcome; those a text went to by whether they stopped; and which of
    the first are known to have stopped, so that no other world may take their text from them."""
    base: dict[Key, int] = {}
    went: dict[Key, dict[str, int]] = {}
    stopped: dict[Key, int] = {}
    for cell in results.cells:
        place = tuple(called[str(getattr(cell, axis))] for axis, called in zip(AXES, names, strict=True))
        if cell.outcome == STOPPED_AFTER:
            stopped[place] = stopped.get(place, 0) + cell.people
        elif cell.outcome not in OVERLAYS:
            name = column(group_of(cell.outcome))
            base[(*place, name)] = base.get((*place, name), 0) + cell.people
            if cell.outcome in PAID:
                here = went.setdefault(place, {})
                here[name] = here.get(name, 0) + cell.people
    gone: dict[Key, int] = {}
    pinned: dict[Key, int] = {}
    for place, here in went.items():
        count = stopped.get(place, 0)
        gone[(*place, STOPPED)] = count
        gone[(*place, _REST)] = max(0, sum(here.values()) - count)
        for name in sorted(here, key=lambda name: (-here[name], name)):
            pinned[(*place, name)] = min(count, here[name])
            count -= pinned[(*place, name)]
    return base, gone, pinned


def _table(
    base: Mapping[Key, int],
    place: int,
    columns: tuple[str, ...],
    told: Mapping[tuple[str, str], Figure],
    stops: Mapping[tuple[str, str], Figure],
) -> Table:
    totals = counted((key[place], count) for key, count in base.items())
    rows = []
    for name in sorted(totals, key=lambda name: (name in (OTHER, ""), -totals[name], name)):
        figures = {column: told[name, column] for column in columns if (name, column) in told}
        if (name, STOPPED) in stops:
            figures[STOPPED] = stops[name, STOPPED]
        rows.append(Row(name, totals[name], figures))
    return Table(AXES[place], (*(columns if told else ()), *((STOPPED,) if stops else ())), tuple(rows))


def _crossed(base: Mapping[Key, int], told: Mapping[tuple[str, str], Figure]) -> Table:
    languages = tuple(sorted({column for _, column in told}))
    totals = counted((key[0], count) for key, count in base.items())
    order = sorted(totals, key=lambda name: (name in (OTHER, ""), -totals[name], name))
    rows = [Row(name, totals[name], {column: told[name, column] for column in languages}) for name in order]
    return Table("province", languages, tuple(rows))


def _quiz(counted: Mapping[str, int]) -> tuple[Quiz, ...]:
    """Each question by itself: no sum over questions is shown, from which one could be taken away."""
    sides: dict[tuple[str, str], dict[str, int]] = {}
    for topic, count in counted.items():
        phase, question, result = (*topic.split("/"), "", "")[:3]
        if result in ("right", "wrong"):
            sides.setdefault((phase, question), {"wrong": 0, "right": 0})[result] += count
    found = []
    for question in sorted({question for _, question in sides}):
        both = [_answered(sides.get((phase, question), {})) for phase in ("before", "after")]
        if any(both):
            found.append(Quiz(question, both[0], both[1]))
    return tuple(found)


def _answered(side: Mapping[str, int]) -> tuple[Figure, int] | None:
    total = sum(side.values())
    return (summary(side).figures["right"], total) if total >= LEAST else None


def _shares(hours: Mapping[int, int]) -> dict[int, int]:
    """Tenths of all, and only of many: they do not tell how many went."""
    total = sum(hours.values())
    return {hour: round(10 * count / total) for hour, count in hours.items()} if total >= MANY else {}
