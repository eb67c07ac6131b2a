"""What staff read before they send a broadcast: the words, who gets them, what they cost, and when they come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from textwrap import wrap
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bot.services.audience import Preview
    from bot.services.compose import Composed, Written
    from bot.services.disclosure import Figure
    from bot.services.forecast import Cost, Schedule
    from bot.services.prices import Total

WIDE: Final = 79
ZONE: Final = timezone(timedelta(hours=7), "Cambodian time")
"""Staff say and read times as clocks in Cambodia show them."""
SHORT: Final = 5
LETTERS: Final = "0123456789abcdefghjkmnpqrstvwxyz"
UNKNOWN: Final = "ZZ"
"""The country of numbers that are filed without one."""
COST_WIDE: Final = 20
LANGUAGES: Final = {"km": "Khmer", "km_Latn": "Khmer in Latin letters", "en": "English"}
REASONS: Final[Mapping[str, str]] = {
    "erased": "asked to be forgotten",
    "stopped": "said STOP",
    "blocked": "staff want nothing sent to them",
    "dead": "the network knows no such number any more",
    "no_consent": "never said yes to the texts of {campaign}",
    "emergency": "asked for urgent help in the last 30 days, or still need it",
    "case": "have an open case with staff",
    "silent": "not heard of for 180 days: the number may be somebody else's now",
    "cap": "had two broadcasts in the last 7 days",
}
"""Why people are left out, in the order in which they are counted."""


@dataclass(frozen=True, slots=True)
class Overview:
    """What is known of a broadcast before it is sent."""

    campaign: str
    channel: str
    composed: Composed
    recipients: int
    excluded: Mapping[str, int]
    cost: Cost
    schedule: Schedule
    starts: datetime
    ends: datetime


def lines(overview: Overview, provinces: Mapping[str, int]) -> Iterator[str]:
    """The whole preview. `provinces`: recipients by the name of their province."""
    yield f"A broadcast to the members of {overview.campaign}, by {overview.channel}"
    yield ""
    yield from words(overview.composed)
    yield from _people(overview, provinces)
    yield from cost_table(overview.cost)
    yield from times(overview.schedule, overview.ends)


def words(composed: Composed) -> Iterator[str]:
    """The texts with what each costs, and what is wrong with them."""
    for text in composed.texts:
        yield f"{LANGUAGES[text.language]}: {_size(text)}"
        yield from (f"  | {line}" for part in text.words.split("\n") for line in wrapped(part, WIDE - 4))
    for problem in composed.problems:
        mark = "Mend this" if problem.level == "error" else "Look at this"
        where = f" ({LANGUAGES[problem.where]})" if problem.where else ""
        yield from wrap(f"{mark}{where}: {problem.what}", WIDE, subsequent_indent="  ")
    yield ""


def wrapped(text: str, wide: int) -> list[str]:
    """Lines of whole words as far as that is possible; Khmer has few blanks and is cut between letters."""
    from bot.text.cluster import clusters

    done: list[str] = []
    line: list[str] = []
    for sign in clusters(text):
        line.append(sign)
        if len(line) > wide:
            end = next((place for place in range(len(line) - 1, wide // 2, -1) if line[place] == " "), wide)
            done.append("".join(line[:end]).rstrip())
            line = list("".join(line[end:]).lstrip())
            line = clusters("".join(line))
    return [*done, "".join(line)]


def _size(text: Written) -> str:
    from bot.text.sms import segments

    room = {"GSM-7": (160, 153), "UCS-2": (70, 67)}[text.encoding]
    whole = room[0] if text.parts == 1 else room[1] * text.parts
    letters = "" if text.encoding == "GSM-7" else ", Unicode"
    return f"{count(len(segments(text.words).parts), 'SMS part')}, {text.units} of {whole} places{letters}"


def _people(overview: Overview, provinces: Mapping[str, int]) -> Iterator[str]:
    yield f"Who gets it: {people(overview.recipients)}"
    told = ", ".join(f"{name} {number}" for name, number in figures(provinces).items())
    yield from wrap(told, WIDE, initial_indent="  ", subsequent_indent="  ")
    yield from left_out(overview.excluded, overview.campaign)
    yield ""


def figures(counts: Mapping[str, int]) -> dict[str, str]:
    """Counts of a whole, the largest first; those under five are not told, nor can they be found out (H17)."""
    from bot.services.disclosure import summary

    told = summary(counts).figures
    order = sorted((name for name, number in counts.items() if number), key=lambda name: -counts[name])
    return {name: _figure(told[name]) for name in order}


def _figure(figure: Figure) -> str:
    if figure.exact is not None:
        return f"{figure.exact:,}"
    return "under 5" if figure.small else "(not shown)"


def left_out(excluded: Mapping[str, int], campaign: str) -> Iterator[str]:
    """How many are left out, and why. Who asked for help is not told apart where few did, or nobody."""
    from bot.services.broadcast_look import grouped

    everybody = sum(excluded.values())
    if not everybody:
        yield "Nobody whom the filters fit is left out."
        return
    yield f"Left out: {people(everybody)}"
    for reasons, number in grouped(excluded):
        told = listing((REASONS.get(reason, reason).format(campaign=campaign) for reason in reasons), "or")
        yield from wrap(told, WIDE, initial_indent=f"  {number:>9,}  ", subsequent_indent=" " * 13)


def cost_table(cost: Cost) -> Iterator[str]:
    """What it costs by country and network, and in all. Of a few people only the cost together with others is told."""
    from bot.services import cost_rows

    yield f"  {'country':<12}{'network':<20}{'people':>12}{'parts':>12}{'cost':>{COST_WIDE}}"
    for row in cost_rows.rows(cost):
        if row.cost is None:
            yield f"  {_where(row.where[0]):<32}{_figure(row.people):>12}"
        else:
            names = {"rest": "all others", "together": f"these {len(row.where)} together"}
            yield _row(names.get(row.kind) or _where(row.where[0]), row.people.low, row.parts or 0, row.cost)
    yield f"Cost: {total(cost.parts, cost.total)}"
    yield ""


def _where(network: tuple[str, str]) -> str:
    country, name = network
    return f"{'not known' if country == UNKNOWN else country:<12}{name[:19] or '-':<20}"


def _row(where: str, number: int, parts: int, sums: Total) -> str:
    told = [money(amount, currency) for currency, amount in sums.sums.items()]
    price = ("from " if sums.unpriced else "") + " + ".join(told) if told else "no price"
    row = f"  {where:<32}{number:>12,}{parts:>12,}"
    return f"{row}{price:>{COST_WIDE}}" if len(price) < COST_WIDE else f"{row}\n{price:>{WIDE}}"


def total(parts: int, sums: Total) -> str:
    """The cost in a line: the parts, the money, and what has no price."""
    told = [money(amount, currency) for currency, amount in sorted(sums.sums.items())]
    if not parts:
        return "nothing"
    if not told:
        return f"{count(parts, 'SMS part')}; no price is known (PHLOV_PRICES_FILE)"
    if sums.unpriced:
        told.append(f"no price is known for {count(sums.unpriced, 'part')}")
    return f"{count(parts, 'SMS part')}, {', '.join(told)}"


def money(amount: Decimal, currency: str) -> str:
    """An amount with two decimals at least, and as many as it has."""
    exact = amount.normalize()
    places = max(2, -int(exact.as_tuple().exponent))
    return f"{exact:,.{places}f} {currency}"


def times(schedule: Schedule, ends: datetime) -> Iterator[str]:
    """When the first and the last text go, and what they have to wait for."""
    if schedule.first is None or schedule.last is None:
        yield f"Time: nobody would have it before it ends on {clock(ends)}."
    else:
        yield f"Time: from {clock(schedule.first)} to about {clock(schedule.last)} (Cambodian time)"
    if schedule.waits:
        yield from wrap(f"It has to wait for {listing(sorted(schedule.waits))}.", WIDE, initial_indent="  ")
    if schedule.late:
        late = f"Too late for {people(schedule.late)}: it ends on {clock(ends)}. Let it end later (--until),"
        yield from wrap(f"{late} or choose fewer.", WIDE, initial_indent="  ", subsequent_indent="  ")


def name_of(broadcast: int) -> str:
    """The short name of a broadcast: the last letters of its id."""
    name = ""
    while len(name) < SHORT:
        broadcast, digit = divmod(broadcast, len(LETTERS))
        name = LETTERS[digit] + name
    return name


def clock(at: datetime) -> str:
    """A time as it is in Cambodia."""
    return f"{at.astimezone(ZONE):%a %d %b %Y %H:%M}"


def people(number: int) -> str:
    """So many people."""
    return "1 person" if number == 1 else f"{number:,} people"


def count(number: int, what: str) -> str:
    """So many of something."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def listing(what: Iterable[str], link: str = "and") -> str:
    """Words with commas, and a word before the last."""
    *most, last = what
    return f"{', '.join(most)} {link} {last}" if most else last


def provinces(seen: Preview) -> dict[str, int]:
    """Recipients by the name of their province."""
    from bot.content.provinces import load

    places = load()
    found: dict[str, int] = {}
    for group in seen.groups:
        name = places.name(group.province, "en") if group.province else "elsewhere or not known"
        found[name] = found.get(name, 0) + group.people
    return dict(sorted(found.items(), key=lambda item: -item[1]))
