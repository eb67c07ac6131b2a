"""What became of broadcasts, counted: while they run from the rows of their people, afterwards from what was kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Final, NamedTuple, Protocol

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Integer,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    null,
    select,
    update,
)

from bot.store import stages
from bot.store.database import Row, T, Tx
from bot.store.outbox import number
from bot.store.recipients import countries
from bot.store.stages import NEAR, STOPPED_AFTER
from bot.store.state import SETTLED, WENT, State
from bot.store.statements import Insert, Statement
from bot.store.tables import (
    Broadcast,
    BroadcastAnswer,
    BroadcastResult,
    BroadcastText,
    Contact,
    DailyCount,
    Outbound,
    Recipient,
)
from bot.store.waves import WAVES

PLANNED: Final = "planned"
OVERLAYS: Final = frozenset({STOPPED_AFTER})
"""What `BroadcastResult` counts of people who are already counted under an outcome: left out of every sum (I6)."""
HOUR: Final = 3_600_000
HOURS: Final = "hours"
"""The key of `Broadcast.counts` under which the texts given to the outbox in each hour are kept at the end."""
GIVEN: Final = 1
PAGE: Final = 10_000
"""People counted in one look."""

_COLUMNS: Final = ("province", "language", "channel", "country", "network", "outcome", "recipients", "parts")


class Head(NamedTuple):
    """What a broadcast itself says."""

    id: int
    campaign: str
    title: str
    channel: str
    state: int
    counts: str
    pace: int | None
    starts_at: int
    ends_at: int
    paused_why: str | None
    closed_at: int | None


class Cell(NamedTuple):
    """People of one kind; `outcome` as `BroadcastResult` has it, or `planned`."""

    province: str
    language: str
    channel: str
    country: str
    network: str
    outcome: str
    people: int
    parts: int


class Tally(NamedTuple):
    """Every count of a broadcast at one moment. `erased`: how many of them had been erased before."""

    cells: list[Cell]
    hours: Mapping[int, int]
    erased: int


def _whole(value: ColumnElement[Any]) -> ColumnElement[int]:
    """Sums are decimals in PostgreSQL."""
    return cast(value, BigInteger)


_THIS: BindParameter[int] = bindparam("broadcast")
_OF_THIS = Recipient.broadcast_id == _THIS
_HEADS = select(*(getattr(Broadcast, name) for name in Head._fields))
_HEAD = Statement(lambda _: _HEADS.where(Broadcast.id == _THIS))
_OPEN = Statement(lambda _: _HEADS.where(Broadcast.closed_at.is_(None)).order_by(Broadcast.id))
_OF_CAMPAIGN = Statement(lambda _: _HEADS.where(Broadcast.campaign == bindparam("code")).order_by(Broadcast.starts_at))
_PEOPLE = Statement(
    lambda _: (
        select(Recipient.state, func.count(), _whole(func.sum(Recipient.parts)))
        .where(_OF_THIS)
        .group_by(Recipient.state)
    )
)
_ASKED = Statement(
    lambda _: (
        select(BroadcastText.opens)
        .where(BroadcastText.broadcast_id == _THIS, BroadcastText.opens.is_not(None))
        .distinct()
    )
)
_TEXT_IDS = Statement(lambda _: select(BroadcastText.id).where(BroadcastText.broadcast_id == _THIS))
_TEXTS = Statement(  # one text at a time: the index then has its states in order
    lambda _: (
        select(Outbound.state, func.count())
        .where(Outbound.broadcast_text_id == bindparam("words"))
        .group_by(Outbound.state)
    )
)
_LATELY = Statement(
    lambda _: select(func.count(), func.min(Outbound.created_at)).where(
        Outbound.id > bindparam("since"),
        Outbound.broadcast_text_id.in_(select(BroadcastText.id).where(BroadcastText.broadcast_id == _THIS)),
        Outbound.state >= number(SETTLED),
    )
)
_KINDS: tuple[Any, ...] = (
    func.coalesce(Recipient.province, literal_column("''")),
    Recipient.language,
    func.coalesce(Outbound.channel, Broadcast.channel),
    Recipient.country,
    func.coalesce(Recipient.network, literal_column("''")),
)
_STATE = func.coalesce(Outbound.state, Recipient.state)
_WENT = Outbound.state.in_([number(state) for state in WENT])
_HOUR = case((_WENT, Outbound.created_at - Outbound.created_at % literal_column(str(HOUR))), else_=null())
_STOPS = Contact.opted_out_at.between(Outbound.created_at, Outbound.created_at + literal_column(str(NEAR)))
_STOP = case((and_(_WENT, _STOPS), literal_column("1")), else_=literal_column("0"))
_PLACE = and_(
    _OF_THIS, Recipient.country == bindparam("of_country"), Recipient.wave == bindparam("of_wave", type_=Integer)
)
_AFTER = and_(_PLACE, Recipient.contact_id > bindparam("after", type_=BigInteger))


def _page_end(people: int) -> Any:
    first = select(Recipient.contact_id).where(_AFTER).order_by(Recipient.contact_id)
    return first.limit(literal_column("1")).offset(literal_column(str(people)))


_PAGE_END = Statement(lambda _: _page_end(PAGE))
_PAGE = Statement(
    lambda _: (
        select(*_KINDS, _STATE, _HOUR, _STOP, func.count(), _whole(func.sum(Recipient.parts)))
        .select_from(Recipient)
        .join(Broadcast, Broadcast.id == Recipient.broadcast_id)
        .outerjoin(Outbound, Outbound.id == Recipient.outbound_id)
        .outerjoin(Contact, Contact.id == Recipient.contact_id)
        .where(_AFTER, Recipient.contact_id <= bindparam("until", type_=BigInteger))
        .group_by(*_KINDS, _STATE, _HOUR, _STOP)
    )
)
_KEPT = Statement(
    lambda _: select(*(getattr(BroadcastResult, name) for name in _COLUMNS)).where(
        BroadcastResult.broadcast_id == _THIS
    )
)


def _keep(insert: Insert) -> Any:
    """Beside what is there already of those who were erased."""
    new = insert(BroadcastResult)
    return new.on_conflict_do_update(
        index_elements=list(BroadcastResult.__table__.primary_key),
        set_={
            "recipients": BroadcastResult.recipients + new.excluded.recipients,
            "parts": BroadcastResult.parts + new.excluded.parts,
        },
    )


_KEEP = Statement(_keep, columns=("broadcast_id", *_COLUMNS))
_COUNTS = Statement(  # held, so that nobody who is erased meanwhile counts themselves out
    lambda _: select(Broadcast.counts).where(Broadcast.id == _THIS).with_for_update()
)
_SET_COUNTS = Statement(lambda _: update(Broadcast).where(Broadcast.id == _THIS), columns=("counts",))
_ANSWERS = Statement(
    lambda _: select(
        BroadcastAnswer.answer, BroadcastAnswer.province, BroadcastAnswer.language, BroadcastAnswer.texts
    ).where(BroadcastAnswer.broadcast_id == _THIS)
)
_TOPICS = Statement(
    lambda _: (
        select(DailyCount.day, DailyCount.topic, _whole(func.sum(DailyCount.texts)))
        .where(
            and_(DailyCount.topic >= bindparam("first"), DailyCount.topic < bindparam("last")),
            DailyCount.day < bindparam("today"),
        )
        .group_by(DailyCount.day, DailyCount.topic)
        .order_by(DailyCount.day)
    )
)


def head(tx: Tx, broadcast: int) -> Head | None:
    """The broadcast itself."""
    row = tx.one(_HEAD, broadcast=broadcast)
    return Head._make(row) if row else None


def of_campaign(tx: Tx, code: str) -> list[Head]:
    """Every broadcast of a campaign, the oldest first."""
    return [Head._make(row) for row in tx.all(_OF_CAMPAIGN, code=code)]


def still_open(tx: Tx) -> list[Head]:
    """The broadcasts that are not closed."""
    return [Head._make(row) for row in tx.all(_OPEN)]


class Sums(NamedTuple):
    """People by outcome (a state in small letters, why they were left out, `planned`), and the parts of all texts."""

    outcomes: Mapping[str, int]
    parts: int


def sums(tx: Tx, broadcast: Head) -> Sums:
    """How far a broadcast has come; the sum is always its audience (I6). Reads an index, not the texts themselves."""
    found: dict[str, int] = {}
    parts = 0
    for cell in kept(tx, broadcast.id):
        if cell.outcome not in OVERLAYS:
            found[cell.outcome] = found.get(cell.outcome, 0) + cell.people
            parts += cell.parts
    if broadcast.closed_at is None:
        given = 0
        for state, people, more in tx.all(_PEOPLE, broadcast=broadcast.id):
            parts += more
            if state == GIVEN:
                given = people
            else:
                _add(found, state, people)
        _add(found, int(State.UNKNOWN), given - _add_texts(tx, broadcast.id, found))
    return Sums(found, parts)


def texts(tx: Tx, broadcast: int) -> Mapping[str, int]:
    """The texts of a broadcast in the outbox by their states, from the index alone."""
    found: dict[str, int] = {}
    _add_texts(tx, broadcast, found)
    return found


def _add_texts(tx: Tx, broadcast: int, found: dict[str, int]) -> int:
    counted = 0
    for (words,) in tx.all(_TEXT_IDS, broadcast=broadcast):
        for state, count in tx.all(_TEXTS, words=words):
            _add(found, state, count)
            counted += count
    return counted


def _add(found: dict[str, int], state: int, people: int) -> None:
    if people:
        word = outcome(state)
        found[word] = found.get(word, 0) + people


def outcome(state: int) -> str:
    """The word for a state of a recipient or of their text; of a text that is not there nobody knows what became."""
    if state == GIVEN:
        state = State.UNKNOWN
    return stages.outcome(state) if state else PLANNED


def lately(tx: Tx, broadcast: int, since: int) -> tuple[int, int | None]:
    """How many of the texts made since the id `since` are settled, and when the first of them was made."""
    row = tx.one(_LATELY, broadcast=broadcast, since=since)
    return (row[0], row[1]) if row else (0, None)


def kept(tx: Tx, broadcast: int) -> list[Cell]:
    """What was written down: everything once the broadcast is closed, before that those who were erased."""
    return [Cell._make(row) for row in tx.all(_KEPT, broadcast=broadcast)]


def live(tx: Tx, broadcast: int) -> list[Cell]:
    """The people of a broadcast as they are, and who of them said STOP soon after their text."""
    return tally(within(tx), broadcast).cells


def hours(broadcast: Head) -> Mapping[int, int]:
    """How many texts of a closed broadcast went in which hour, by its beginning."""
    return {int(hour): count for hour, count in json.loads(broadcast.counts or "{}").get(HOURS, {}).items()}


class Read(Protocol):
    """How `Database.read` is called."""

    def __call__(self, work: Callable[[Tx], T]) -> T: ...


def within(tx: Tx) -> Read:
    """Looks that are all the same look."""

    def read(work: Callable[[Tx], T]) -> T:
        return work(tx)

    return read


def tally(read: Read, broadcast: int) -> Tally:
    """Everything that is to be kept of a broadcast, counted in pages.

    With `Database.read` for `read` each page is a look of its own, so that nobody waits long behind it: then somebody
    may have been erased meanwhile, which `keep` sees.
    """
    erased = read(lambda tx: _erased(tx, broadcast))
    cells: dict[tuple[object, ...], tuple[int, int]] = {}
    times: dict[int, int] = {}
    for country in read(lambda tx: countries(tx, broadcast)):
        for wave in range(WAVES):
            place = {"broadcast": broadcast, "of_country": country, "of_wave": wave}
            after: int | None = 0
            while after is not None:
                rows, after = read(partial(_page, place, after))
                for row in rows:
                    _count(cells, times, row)
    found = [Cell._make((*kind, *counts)) for kind, counts in cells.items()]
    return Tally(found, dict(sorted(times.items())), erased)


def _page(place: Mapping[str, Any], after: int, tx: Tx) -> tuple[list[Row], int | None]:
    """The counts of some people, and after whom the next come."""
    end = tx.one(_PAGE_END, after=after, **place)
    until = end[0] if end else (1 << 63) - 1
    return tx.all(_PAGE, after=after, until=until, **place), until if end else None


def _count(cells: dict[tuple[object, ...], tuple[int, int]], times: dict[int, int], row: Row) -> None:
    *kind, state, hour, stopped, count, parts = row
    for word in (outcome(state), *([STOPPED_AFTER] if stopped else [])):
        before = cells.get((*kind, word), (0, 0))
        cells[(*kind, word)] = (before[0] + count, before[1] + parts)
    if hour is not None:
        times[hour] = times.get(hour, 0) + count


def keep(tx: Tx, broadcast: int, counted: Tally) -> bool:
    """Write the tally down; False if somebody was erased since it was begun: then take another.

    Short, for at most a few thousand rows: one for each kind of people, whatever their number. The caller closes the
    broadcast in the same transaction, or the next tally would count everybody twice.
    """
    known = tx.one(_COUNTS, broadcast=broadcast)
    if _erased(tx, broadcast) != counted.erased:
        return False
    rows = [{"broadcast_id": broadcast, **dict(zip(_COLUMNS, cell, strict=True))} for cell in counted.cells]
    tx.put_many(_KEEP, rows)
    told = json.loads((known and known[0]) or "{}")
    told[HOURS] = {str(hour): count for hour, count in counted.hours.items()}
    tx.run(_SET_COUNTS, broadcast=broadcast, counts=json.dumps(told))
    return True


def _erased(tx: Tx, broadcast: int) -> int:
    return people(kept(tx, broadcast))


def people(cells: Iterable[Cell]) -> int:
    """How many people, each once."""
    return sum(cell.people for cell in cells if cell.outcome not in OVERLAYS)


def answers(tx: Tx, broadcast: int) -> list[tuple[str, str, str, int]]:
    """Answer, province, language, and how often it was given."""
    return [(row[0], row[1], row[2], row[3]) for row in tx.all(_ANSWERS, broadcast=broadcast)]


def asked(tx: Tx, broadcast: int) -> list[str]:
    """The states of the questions that a broadcast asks."""
    return [state for (state,) in tx.all(_ASKED, broadcast=broadcast)]


def quiz(tx: Tx, code: str, today: str) -> list[tuple[str, str, int]]:
    """The answers to the quiz that count for a campaign, by the days before `today`, the oldest first: the day,
    `before/2/right`, and how often."""
    first = f"quiz/{code}/"
    found = tx.all(_TOPICS, first=first, last=f"quiz/{code}0", today=today)
    return [(day, topic.removeprefix(first), count) for day, topic, count in found]
